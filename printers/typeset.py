"""Widths and line breaks of mixed Chinese and Latin text, in columns of one ASCII letter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

NOT_FIRST = frozenset("，。、；：？！）》」』】〕〉”’…—～·％‰℃,.;:?!)]}%")
"""Never begin a line."""
NOT_LAST = frozenset("（《「『【〔〈“‘([{￥")
"""Never end a line."""
MOST_LINES = 40
"""A paragraph longer than this is cut: only a broken text is."""

Measure = Callable[[str], float]
"""How wide a text is; a sum over its characters."""

_TOKENS = re.compile(r"\d+(?:[.,:/-]\d+)*[年月日元级份届号学]?|[!-~]+| +|.", re.DOTALL)


@lru_cache(maxsize=4096)
def _cells(character: str) -> int:
    if unicodedata.category(character) == "Mn":
        return 0
    width = unicodedata.east_asian_width(character)
    if width in "WF":
        return 2
    return 2 if width == "A" and _double_byte(character) else 1


def _double_byte(character: str) -> bool:
    try:
        return len(character.encode("gbk")) == 2
    except UnicodeEncodeError:
        return False


def cells(text: str) -> int:
    """Columns that a text takes: 1 for a narrow character, 2 for a wide one, 0 for a mark on the one before."""
    return sum(map(_cells, text))


def cut(text: str, columns: int) -> str:
    """The text, shortened to the width with an ellipsis where it is longer."""
    if cells(text) <= columns:
        return text
    used, kept = 2, ""
    for character in text:
        used += _cells(character)
        if used > columns:
            break
        kept += character
    return (kept + "…") if columns >= 2 else ""


def pad(text: str, columns: int, align: str = "left") -> str:
    """The text in exactly so many columns: cut or filled with spaces."""
    text = cut(text, columns)
    room = columns - cells(text)
    before = {"left": 0, "right": room, "centre": room // 2}[align]
    return " " * before + text + " " * (room - before)


def spread(label: str, columns: int) -> str:
    """姓名 over the width of 学生编号: 姓　　名. Only for labels of wide characters alone."""
    gaps = len(label) - 1
    room = columns - cells(label)
    if room <= 0 or gaps < 1 or cells(label) != 2 * len(label):
        return pad(label, columns)
    each, more = divmod(room, gaps)
    parts = [c + " " * (each + (n < more)) for n, c in enumerate(label[:-1])]
    return "".join(parts) + label[-1]


def _tokens(text: str, width: float, measure: Measure) -> Iterator[str]:
    """What is never broken inside: a word, a number with its unit; longer than a line, it is cut up."""
    for token in _TOKENS.findall(text):
        while measure(token) > width:
            head = _head(token, width, measure)
            yield head
            token = token[len(head) :]
        if token:
            yield token


def _head(text: str, width: float, measure: Measure) -> str:
    used = 0.0
    for n, character in enumerate(text):
        used += measure(character)
        if used > width:
            return text[: max(n, 1)]
    return text


def wrap(text: str, columns: int, indent: int = 0) -> list[str]:
    """Lines no wider than `columns`; the first begins with `indent` blanks."""
    first, *rest = broken(text, columns, indent)
    return [(" " * indent + first).rstrip(" "), *rest]


def broken(text: str, width: float, indent: float = 0, measure: Measure = cells) -> list[str]:
    """Lines no wider than `width` in the units of `measure`; the first leaves room for an indent.

    No line begins with closing punctuation or ends with an opening bracket, as long as a line holds a few tokens,
    and no paragraph ends in a line of a single Hanzi. There is always at least one line.
    """
    lines: list[list[str]] = []
    line: list[str] = []
    used: float = indent
    for token in _tokens(text, width, measure):
        if used + measure(token) <= width:
            line.append(token)
            used += measure(token)
            continue
        if token.isspace():
            continue
        carried = _carry(line, token)
        lines.append(line)
        line = [*carried, token]
        used = measure("".join(line))
        if len(lines) == MOST_LINES:
            return limited([*map(_joined, lines), "…"], MOST_LINES, width, measure)
    if "".join(line).strip(" ") or not lines:
        lines.append(line)
    if len(lines) > 1:
        _accompany(lines[-2], lines[-1], width, measure)
    return [_joined(each) for each in lines]


def limited(lines: list[str], most: int, width: float, measure: Measure = cells) -> list[str]:
    """At most so many lines; what is left out shows as an ellipsis at the end of the last one."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], _shortened(lines[most - 1], width, measure)]


def _joined(tokens: list[str]) -> str:
    return "".join(tokens).rstrip(" ")


def _shortened(text: str, width: float, measure: Measure) -> str:
    while text and measure(text + "…") > width:
        text = text[:-1]
    return text + "…" if measure("…") <= width else ""


def _accompany(before: list[str], last: list[str], width: float, measure: Measure) -> None:
    """A single Hanzi does not stand on the last line alone, with its full stop or without."""
    alone = "".join(last).rstrip("".join(NOT_FIRST))
    if len(alone) != 1 or cells(alone) != 2 or len(before) < 4 or before[-1].isspace():
        return
    kept = [*before]
    taken = [kept.pop()]
    taken = [*_carry(kept, taken[0]), *taken]
    if measure("".join([*taken, *last])) <= width and "".join(kept).strip(" "):
        before[:], last[:] = kept, [*taken, *last]


def _carry(line: list[str], token: str) -> list[str]:
    """Takes off the end of `line` what must stand on the next one before `token`."""
    carried: list[str] = []
    while (
        len(line) > 1 and len(carried) < 4 and (_clings(carried[0] if carried else token) or line[-1][-1] in NOT_LAST)
    ):
        if line[-1].isspace() and not carried:
            break
        carried.insert(0, line.pop())
    return carried


def _clings(token: str) -> bool:
    return token[0] in NOT_FIRST
