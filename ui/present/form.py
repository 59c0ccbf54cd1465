"""One page of a form: what the campus knows, or up to three questions."""

from __future__ import annotations

from kiosk.domain import forms
from kiosk.domain.catalogue import Field, FieldType, Item
from kiosk.domain.people import mask_number, mask_phone
from kiosk.flows.walkup.state import Filling
from ui.present.frame import masked
from ui.present.scene import Scene, View, breadth, button, clipped

ICONS = {
    FieldType.DATE: "calendar",
    FieldType.DATETIME: "calendar",
    FieldType.PHOTO: "camera",
}
MASKED = {"number": mask_number, "phone": mask_phone, "name": masked, "name_en": masked}
CHOICE_EMS = {3: 5.5, 2: 9.0}


def body(scene: Scene) -> View:
    """The rows of this page and the two acts below."""
    item, filling = scene.item, scene.state.filling
    if item is None or filling is None:
        return {"title": "", "step": "", "hint": "", "rows": [], "acts": []}
    pages = forms.pages(item, filling.values)
    page = min(filling.page, len(pages) - 1)
    first = 0 if pages[0] else 1
    known = page == 0
    return {
        "title": scene.t("form.known") if known else "",
        "name": clipped(item.title.of(scene.language), 60),
        "step": scene.t("form.step", step=page - first + 1, steps=len(pages) - first + 1),
        "share": (page - first + 1) / (len(pages) - first + 1),
        "hint": scene.t("form.known_hint") if known else "",
        "known": known,
        "rows": [row(scene, filling, field) for field in pages[page]],
        "acts": [
            button("next", scene.t("form.next" if page + 1 < len(pages) else "form.to_review"), tone="primary"),
            button("previous", scene.t("form.previous" if page > first else "form.to_guide")),
        ],
    }


def row(scene: Scene, filling: Filling, field: Field) -> View:
    """One question or one known value; the error stands with it, in words."""
    value = filling.values.get(field.name, "")
    error = filling.errors.get(field.name)
    return {
        "kind": _kind(field),
        "name": field.name,
        "label": field.label.of(scene.language),
        "optional": "" if field.required or field.locked else scene.t("form.optional"),
        "hint": field.hint.of(scene.language) if field.hint else "",
        "text": answer(scene, field, value),
        "placeholder": scene.t(f"form.tap_{field.type}") if field.type is not FieldType.CHOICE else "",
        "badge": scene.t("form.filled") if field.known and value else "",
        "edit": button("edit", scene.t("form.edit"), payload=field.name, live=not field.locked),
        "locked": field.locked,
        "icon": ICONS.get(field.type, "pen"),
        "choices": _choices(scene, field, value),
        "columns": _columns(field, scene),
        "error": scene.t(f"form.error.{error.code}", **error.values) if error else "",
    }


def answer(scene: Scene, field: Field, value: str) -> str:
    """An answer as it is shown: masked where others could look over a shoulder."""
    if field.type is FieldType.PHOTO:
        return scene.t("form.photo_there") if value else ""
    shown = forms.show(field, value, scene.language)
    mask = MASKED.get(field.known)
    return clipped(mask(shown) if mask else shown, 120)


def _kind(field: Field) -> str:
    if field.known:
        return "known"
    return "choice" if field.type is FieldType.CHOICE else "value"


def _choices(scene: Scene, field: Field, value: str) -> list[View]:
    return [
        button(
            "set",
            choice.label.of(scene.language),
            payload=f"{field.name}={choice.value}",
            tone="primary" if choice.value == value else "outline",
            chosen=choice.value == value,
        )
        for choice in field.choices
    ]


def _columns(field: Field, scene: Scene) -> int:
    widest = max((breadth(choice.label.of(scene.language)) for choice in field.choices), default=0.0)
    scale = 1.35 if scene.state.look.large else 1.0
    fits = [n for n, ems in CHOICE_EMS.items() if widest * scale <= ems]
    return max(fits, default=1) if len(field.choices) != 4 else min(max(fits, default=1), 2)


def steps_of(item: Item, filling: Filling) -> tuple[int, int]:
    """First page and number of pages."""
    pages = forms.pages(item, filling.values)
    return (0 if pages[0] else 1), len(pages)
