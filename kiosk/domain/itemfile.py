"""Reads item files and categories.toml: every problem of a file is named, not the first (docs/items.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from kiosk.domain.items import (
    KNOWN,
    MOST_STEPS,
    Band,
    Category,
    Choice,
    Computed,
    Field,
    FieldType,
    Item,
    Shared,
    Step,
)
from kiosk.domain.people import Role
from kiosk.domain.reading import NAME, Problem, Reader, Words, listed, repeated, shown

MOST_MINUTES = 14 * 24 * 60
MOST_COPIES = 20
MOST_DAYS = 36500
LANGUAGES = ("zh", "en")
DATES = (FieldType.DATE, FieldType.DATETIME)
BOUNDED = (*DATES, FieldType.NUMBER, FieldType.MONEY, FieldType.TEXT)
NUMBERS = (FieldType.NUMBER, FieldType.MONEY)


def parse_categories(file: str, data: Mapping[str, Any]) -> Shared | tuple[Problem, ...]:
    """`[[category]]`, `[departments]` and `[known]` of categories.toml; every problem, not the first."""
    top = Reader(file, data)
    categories = tuple(_category(table) for table in top.tables("category", "id"))
    if not categories:
        top.note("category", None, "at least one [[category]]")
    for name in repeated(category.id for category in categories):
        top.note("category", name, "each id once")
    departments = _departments(top.table("departments"))
    known = _known_fields(top.table("known"))
    top.close()
    return tuple(top.problems) or Shared(categories, departments, known)


def _category(table: Reader) -> Category:
    category = Category(table.name("id"), table.need_words("title"), table.text("icon"))
    table.close()
    return category


def _departments(table: Reader | None) -> dict[str, Words]:
    return {name: table.need_words(name) for name in table.every()} if table else {}


def _known_fields(table: Reader | None) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for name in table.every() if table else ():
        entry = table.table(name) if table else None
        if entry is None:
            continue
        if name not in KNOWN:
            entry.note("", name, "one of " + listed(KNOWN))
        kind = FieldType(entry.one_of("type", [FieldType.TEXT, FieldType.PHONE], FieldType.TEXT))
        locked = entry.flag("locked", True)
        fields[name] = Field(name, kind, entry.need_words("label"), known=name, locked=locked, required=not locked)
        entry.close()
    return fields


def parse_item(file: str, data: Mapping[str, Any], shared: Shared) -> Item | tuple[Problem, ...]:
    """One item file, its id the file's name; every problem of it, not the first."""
    top = Reader(file, data)
    identity = PurePath(file).stem
    if not NAME.fullmatch(identity):
        top.note("(file name)", identity, "small letters, digits and underscores, a letter first")
    fields = _fields(top, shared)
    computed = tuple(_computed(table, fields) for table in top.tables("computed", "name"))
    steps = tuple(_step(table, shared) for table in top.tables("step"))
    item = Item(
        id=identity,
        title=top.need_words("title"),
        category=top.one_of("category", [category.id for category in shared.categories]),
        icon=_icon(top),
        summary=top.need_words("summary"),
        who=tuple(Role(role) for role in top.some_of("who", list(Role))),
        who_words=top.need_words("who_words"),
        bring=tuple(_bring(table) for table in top.tables("bring")),
        minutes=top.whole("minutes", 1, MOST_MINUTES),
        fields=fields,
        steps=steps,
        document=top.name("document", ""),
        result=top.name("result", ""),
        factors=top.whole("factors", 1, 2, 1),
        copies=top.whole("copies", 1, MOST_COPIES, 1),
        languages=top.some_of("languages", LANGUAGES, ("zh",)),
        order=top.whole("order", 0, 9999, 100),
        offline=top.flag("offline", False),
        computed=computed,
    )
    top.close()
    _check_fields(top, item)
    _check_route(top, item)
    if item.offline:
        _check_offline(top, item)
    return tuple(top.problems) or item


def _icon(top: Reader) -> str:
    icon = top.text("icon")
    if len(icon) > 1:
        top.note("icon", icon, "one character")
    return icon


def _bring(table: Reader) -> Words:
    words = Words(table.text("zh"), table.text("en"))
    table.close()
    return words


def _fields(top: Reader, shared: Shared) -> tuple[Field, ...]:
    names = top.some_of("known", tuple(shared.known)) if top.has("known") else ()
    return (*(shared.known[name] for name in names), *(_field(table) for table in top.tables("field", "name")))


def _field(table: Reader) -> Field:
    kind = table.one_of("type", [kind.value for kind in FieldType], None)
    made = Field(
        name=table.name("name"),
        type=FieldType(kind) if kind else FieldType.TEXT,
        label=table.need_words("label"),
        hint=table.words("hint", required=False),
        required=table.flag("required", True),
        known=table.one_of("known", KNOWN, ""),
        locked=table.flag("locked", False),
        choices=tuple(_choice(choice) for choice in table.tables("choices", "value")),
        least=table.number("least"),
        most=table.number("most"),
        after=table.text("after", ""),
        unit=table.words("unit", required=False),
        when=_when(table),
        page=table.whole("page", 1, 9, 1),
        decimals=table.whole("decimals", 0, 3, 0),
        decides=table.flag("decides", False),
    )
    table.close()
    if kind:
        _check_kind(table, made)
    return made


def _choice(table: Reader) -> Choice:
    choice = Choice(table.text("value"), Words(table.text("zh"), table.text("en")))
    table.close()
    return choice


def _when(table: Reader) -> tuple[str, tuple[str, ...]] | None:
    inner = table.table("when")
    if inner is None:
        return None
    condition = (inner.text("field"), inner.names("is", 1, 20))
    inner.close()
    return condition


def _check_kind(table: Reader, made: Field) -> None:
    """Keys that only some types have, and bounds the right way round."""
    if made.type is FieldType.CHOICE:
        if not 2 <= len(made.choices) <= 9:
            table.note("choices", [choice.value for choice in made.choices], "2 to 9 choices")
        for value in repeated(choice.value for choice in made.choices):
            table.note("choices", value, "each value once")
    elif made.choices:
        table.note("choices", f"on type {made.type}", "only on type choice")
    if made.type not in BOUNDED and (made.least is not None or made.most is not None):
        table.note("least, most", f"on type {made.type}", "only on types " + listed(BOUNDED))
    if made.least is not None and made.most is not None and made.least > made.most:
        table.note("least, most", f"{made.least} and {made.most}", "least not above most")
    if made.type in DATES and max(abs(made.least or 0), abs(made.most or 0)) > MOST_DAYS:
        table.note("least, most", f"{made.least} and {made.most}", f"days from today, at most {MOST_DAYS} away")
    if made.type is FieldType.TEXT and min(made.least or 0, made.most or 0) < 0:
        table.note("least, most", f"{made.least} and {made.most}", "a length, 0 or more")
    if made.decimals and made.type is not FieldType.NUMBER:
        table.note("decimals", f"on type {made.type}", "only on type number")
    if made.after and made.type not in DATES:
        table.note("after", f"on type {made.type}", "only on types " + listed(DATES))
    if made.locked and not made.known:
        table.note("locked", True, "only together with known")


def _computed(table: Reader, fields: tuple[Field, ...]) -> Computed:
    days = table.has("days")
    of = table.names("days", 2, 2) if days else (table.text("value"),)
    kinds = DATES if days else NUMBERS
    for name in of:
        if name not in [f.name for f in fields if f.type in kinds]:
            table.note("days" if days else "value", name, "the name of a field of type " + listed(kinds))
    bands = tuple(_band(band) for band in table.tables("bands"))
    limits = [band.most for band in bands]
    inner = [limit for limit in limits[:-1] if limit is not None]
    if len(bands) < 2 or limits[-1] is not None or len(inner) != len(limits) - 1 or inner != sorted(set(inner)):
        table.note("bands", limits, "2 or more, `most` rising, the last without")
    made = Computed(table.name("name"), of, bands)
    table.close()
    return made


def _band(table: Reader) -> Band:
    band = Band(table.name("name"), table.number("most"))
    table.close()
    return band


def _step(table: Reader, shared: Shared) -> Step:
    step = Step(
        table.need_words("name"),
        table.one_of("by", tuple(shared.departments)),
        table.whole("minutes", 1, MOST_MINUTES),
        _when(table),
    )
    table.close()
    return step


def _check_fields(top: Reader, item: Item) -> None:
    """What can only be seen with all fields together: names, `when`, `after`."""
    for name in repeated([f.name for f in item.fields] + [computed.name for computed in item.computed]):
        top.note("field", name, "each name once")
    for number, made in enumerate(item.fields):
        above = item.fields[:number]
        if made.when:
            _check_when(top, f"field.{made.name}.when", made.when, _askable(item, above))
        earlier = [f.name for f in above if f.type is made.type]
        if made.after and made.after not in earlier:
            top.note(f"field.{made.name}.after", made.after, f"a {made.type} field above: {listed(earlier) or 'none'}")


def _askable(item: Item, fields: tuple[Field, ...]) -> dict[str, tuple[str, ...]]:
    """What a condition may name, given these fields, with the values each can have."""
    names = {f.name for f in fields}
    choices = {f.name: tuple(choice.value for choice in f.choices) for f in fields if f.choices}
    bands = {c.name: tuple(band.name for band in c.bands) for c in item.computed if names.issuperset(c.of)}
    return choices | bands


def _check_when(top: Reader, key: str, when: tuple[str, tuple[str, ...]], askable: dict[str, tuple[str, ...]]) -> None:
    name, values = when
    if name not in askable:
        top.note(key, name, f"a choice field above or a computed name: {listed(askable) or 'none'}")
        return
    for value in values:
        if value not in askable[name]:
            top.note(key, value, f"one of {listed(askable[name])}")


def _check_route(top: Reader, item: Item) -> None:
    """Approval steps: how many, on what condition, in what time."""
    if len(item.steps) > MOST_STEPS:
        top.note("step", f"{len(item.steps)} steps", f"at most {MOST_STEPS} approval steps")
    askable = _askable(item, item.fields)
    for number, step in enumerate(item.steps, 1):
        if step.when:
            _check_when(top, f"step[{number}].when", step.when, askable)
    if item.document and item.steps:
        top.note("step", f"{len(item.steps)} steps", "none where `document` is printed at once")
    if item.document and item.result:
        top.note("result", item.result, "only without `document`")
    if not item.document and all(step.when for step in item.steps):
        top.note("step", shown([s.name.zh for s in item.steps]), "at least one step that always applies, or `document`")
    needed = sum(step.minutes for step in item.steps)
    if needed > item.minutes:
        top.note("minutes", item.minutes, f"at least the steps' own minutes together, {needed}")


def _check_offline(top: Reader, item: Item) -> None:
    """What is sealed in advance must be right for whatever will be answered, and must not take the second factor."""
    if not item.printable:
        top.note("offline", True, "only with `document`: nothing else is sealed")
    if item.factors > 1:
        top.note("offline", True, "only with factors = 1: private data takes two factors and the network")
    for made in item.fields:
        if made.decides and not made.locked:
            allowed = "no question with `decides`: its answer is not known when the certificate is sealed in advance"
            top.note("offline", f"field {made.name}", allowed)
