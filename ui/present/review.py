"""Everything once more before it is handed in."""

from __future__ import annotations

from kiosk.domain import forms
from kiosk.domain.catalogue import Item
from kiosk.flows.walkup import ahead
from kiosk.flows.walkup.state import Filling
from ui.present import flow
from ui.present.form import answer
from ui.present.scene import NO_NOTICE, Scene, View, button, notice

MOST_CHOICES = 4


def body(scene: Scene) -> View:
    """What is handed in, the certificate's preview, copies and language."""
    item, filling = scene.item, scene.state.filling
    if item is None or filling is None:
        return {"title": "", "groups": [], "acts": [], "preview": "", "copies": [], "languages": []}
    paper = item.printable and not filling.prepare
    purpose = _purpose(scene, item, filling)
    hint = "ahead" if _narrowed(scene, item, filling) and purpose == "certificate" else purpose
    return {
        "title": scene.t("review.title"),
        "hint": scene.t(f"review.hint_{hint}"),
        "groups": _groups(scene, item, filling),
        "preview": scene.world.pictures.get("preview", "") if item.printable else "",
        "preview_title": scene.t("review.preview"),
        "copies_title": scene.t("review.copies"),
        "copies": _copies(scene, item, filling) if item.printable and item.copies > 1 else [],
        "language_title": scene.t("review.paper_language"),
        "languages": _languages(scene, item, filling) if len(item.languages) > 1 else [],
        "chart": flow.chart(scene, []) if item.printable else flow.route(scene, item, dict(filling.values)),
        "chart_title": "" if item.printable else scene.t("review.then"),
        "notice": _notice(scene, item, filling),
        "acts": [
            button(
                "submit",
                scene.t(f"review.submit_{purpose}"),
                tone="primary",
                live=not paper or scene.state.station.prints_on(item.outlets),
            ),
            button("previous", scene.t("review.change")),
        ],
    }


def _purpose(scene: Scene, item: Item, filling: Filling) -> str:
    if not item.printable:
        return "request"
    out_of_reach = scene.state.station.away and not ahead.offered(scene.state, item, filling.language)
    return "prepare" if filling.prepare or out_of_reach else "certificate"


def _groups(scene: Scene, item: Item, filling: Filling) -> list[View]:
    pages = forms.pages(item, filling.values)
    groups = []
    for number, fields in enumerate(pages):
        rows = [
            {"label": field.label.of(scene.language), "text": answer(scene, field, filling.values.get(field.name, ""))}
            for field in fields
        ]
        shown = [row if row["text"] else {**row, "text": scene.t("review.empty")} for row in rows]
        if shown:
            edit = _edit(scene, number, fields)
            groups.append({"rows": shown, "edit": edit})
    return groups


def _edit(scene: Scene, number: int, fields: tuple[object, ...]) -> View:
    live = number > 0 or _open(fields)
    return button("edit_page", scene.t("review.edit"), payload=str(number), live=live, icon="forward")


def _open(fields: tuple[object, ...]) -> bool:
    return any(not getattr(field, "locked", True) for field in fields)


def _copies(scene: Scene, item: Item, filling: Filling) -> list[View]:
    if item.copies > MOST_CHOICES:
        fewer = button("copies", "−", payload=str(filling.copies - 1), live=filling.copies > 1)
        more = button("copies", "+", payload=str(filling.copies + 1), live=filling.copies < item.copies)
        count = button("none", scene.t("review.n_copies", n=filling.copies), tone="primary", live=False)
        return [fewer, count, more]
    return [
        button(
            "copies",
            scene.t("review.n_copies", n=n),
            payload=str(n),
            tone="primary" if n == filling.copies else "outline",
            chosen=n == filling.copies,
        )
        for n in range(1, item.copies + 1)
    ]


def _languages(scene: Scene, item: Item, filling: Filling) -> list[View]:
    return [
        button(
            "paper_language",
            scene.t(f"review.paper_{language}"),
            payload=language,
            tone="primary" if language == filling.language else "outline",
            chosen=language == filling.language,
            live=language == filling.language
            or not _narrowed(scene, item, filling)
            or ahead.offered(scene.state, item, language),
        )
        for language in item.languages
    ]


def _narrowed(scene: Scene, item: Item, filling: Filling) -> bool:
    """Only what was sealed in advance comes out now, which is not in every language."""
    return not filling.prepare and ahead.offered(scene.state, item)


def _notice(scene: Scene, item: Item, filling: Filling) -> View:
    station = scene.state.station
    if item.printable and not filling.prepare and not station.prints_on(item.outlets):
        why = scene.t(station.says(station.outlet(item.outlets)))
        return notice(scene.t("review.no_printer", why=why))
    if item.printable and not filling.prepare and station.detour(item.outlets):
        return notice(scene.t("review.no_a4", why=scene.t(station.says(item.outlets[0]))))
    if filling.prepare:
        return notice(scene.t("review.prepare"), "brand")
    if item.printable and station.away:
        offered = ahead.offered(scene.state, item, filling.language)
        return notice(scene.t("review.ahead"), "go", "tick") if offered else notice(scene.t("item.offline_certificate"))
    if not item.printable and not station.online:
        return notice(scene.t("item.offline"))
    return NO_NOTICE
