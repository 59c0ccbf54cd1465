"""Filling a form, page by page, and looking it over before it is handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kiosk.domain import forms
from kiosk.domain.catalogue import Field, FieldType, Item
from kiosk.flows.core import Effect, Event, Intent
from kiosk.flows.walkup import pad, submit
from kiosk.flows.walkup.common import Result, day_of, item_of, load_drafts, say
from kiosk.flows.walkup.events import DropPhoto, KeepPhoto, PhotoStored, PhotoTaken, SaveDraft, TakePhoto
from kiosk.flows.walkup.state import Filling, Pad, Photo, Policy, Screen, State

DATES = (FieldType.DATE, FieldType.DATETIME)
DIGITS = (FieldType.NUMBER, FieldType.MONEY, FieldType.PHONE)


def form(state: State, event: Event, policy: Policy) -> Result:
    """The form's questions, with the keyboard, calendar or camera over them when one is open."""
    opened, filling = item_of(state, policy), state.filling
    if opened is None or filling is None:
        return state, ()
    if filling.photo:
        return _photo(state, filling, filling.photo, event, policy)
    match event:
        case Intent(name=name) if filling.pad and name.startswith("pad_"):
            return _pad(state, filling, filling.pad, event, opened)
        case Intent(name="set", payload=payload):
            field, _, value = payload.partition("=")
            return _with(state, _set(filling, opened, field, value, event.at)), ()
        case Intent(name="edit", payload=field):
            return _with(state, _edit(filling, opened, field, event.at)), ()
        case Intent(name="next", at=at):
            return _next(state, _committed(filling, opened, at), opened, at)
        case Intent(name="previous"):
            return previous(state, policy)
    return state, ()


def review(state: State, event: Event, policy: Policy) -> Result:
    """Everything once more; the certificate's copies and language; handing in."""
    opened, filling = item_of(state, policy), state.filling
    if opened is None or filling is None:
        return state, ()
    match event:
        case Intent(name="copies", payload=payload) if _small(payload):
            copies = min(max(int(payload), 1), opened.copies)
            return _with(state, replace(filling, copies=copies)), ()
        case Intent(name="paper_language", payload=language) if language in opened.languages:
            return _with(state, replace(filling, language=language)), ()
        case Intent(name="edit_page", payload=payload) if _small(payload):
            page = within(opened, filling, int(payload))
            return _with(replace(state, screen=Screen.FORM), replace(filling, page=page)), ()
        case Intent(name="previous"):
            return previous(state, policy)
        case Intent(name="submit", at=at):
            errors = forms.check(opened, filling.values, day_of(at))
            if errors:
                page = _page_of(opened, filling, next(iter(errors)))
                return _with(replace(state, screen=Screen.FORM), replace(filling, page=page, errors=errors)), ()
            return submit.submit(state, opened, filling, at)
    return state, ()


def previous(state: State, policy: Policy) -> Result:
    """One page back; before the first page is the item's guide, and the draft is kept."""
    opened, filling = item_of(state, policy), state.filling
    assert opened is not None
    assert filling is not None
    if state.screen is Screen.REVIEW:
        last = len(forms.pages(opened, filling.values)) - 1
        return _with(replace(state, screen=Screen.FORM), replace(filling, page=last)), ()
    closed = replace(filling, values=_typed(filling), pad=None)
    if filling.page > first_page(opened, filling.values):
        return _with(state, replace(closed, page=filling.page - 1, errors={})), ()
    after = _with(replace(state, screen=Screen.ITEM, back=state.back[:-1]), closed)
    return after, (*save(after), *load_drafts(after))


def first_page(item: Item, values: Mapping[str, str]) -> int:
    """Page 0 shows what the campus knows; a form that needs nothing of it begins with its questions."""
    pages = forms.pages(item, values)
    return 0 if pages[0] or len(pages) == 1 else 1


def within(item: Item, filling: Filling, page: int) -> int:
    """The nearest page that this form has, as it is filled now."""
    last = len(forms.pages(item, filling.values)) - 1
    return min(max(page, first_page(item, filling.values)), last)


def save(state: State) -> tuple[Effect, ...]:
    """Keep the half-filled form for this person alone."""
    if state.filling is None or state.visit is None:
        return ()
    filling = state.filling
    return (SaveDraft(state.visit.person.id, filling.item, filling.key, dict(_typed(filling))),)


def _typed(filling: Filling) -> Mapping[str, str]:
    """The values, with what stands on an open keyboard."""
    if filling.pad is None:
        return filling.values
    return {**filling.values, filling.pad.target: pad.result(filling.pad)}


def _small(payload: str) -> bool:
    return payload.isdecimal() and len(payload) <= 2


def _with(state: State, filling: Filling) -> State:
    return replace(state, filling=filling)


def _next(state: State, filling: Filling, opened: Item, at: float) -> Result:
    pages = forms.pages(opened, filling.values)
    asked = {field.name for field in pages[filling.page]} if filling.page < len(pages) else set()
    found = forms.check(opened, filling.values, day_of(at))
    errors = {name: error for name, error in found.items() if name in asked}
    if errors:
        return _with(state, replace(filling, errors=errors)), ()
    if filling.page + 1 < len(pages):
        after = _with(state, replace(filling, page=filling.page + 1, errors={}))
    else:
        after = _with(replace(state, screen=Screen.REVIEW), replace(filling, errors={}))
    return after, save(after)


def _set(filling: Filling, opened: Item, name: str, value: str, at: float) -> Filling:
    field = _asked(filling, opened, name)
    if field is None or field.type is FieldType.PHOTO:
        return filling
    values = {**filling.values, name: value}
    wrong = forms.check(opened, values, day_of(at))
    errors = {key: wrong[key] for key in (*filling.errors, name) if key in wrong}
    changed = replace(filling, values=values, errors=errors)
    return replace(changed, page=within(opened, changed, changed.page))


def _committed(filling: Filling, opened: Item, at: float) -> Filling:
    if filling.pad is None:
        return filling
    changed = _set(filling, opened, filling.pad.target, pad.result(filling.pad), at)
    return replace(changed, pad=None)


def _edit(filling: Filling, opened: Item, name: str, at: float) -> Filling:
    field = _asked(filling, opened, name)
    if field is None or field.type is FieldType.CHOICE:
        return filling
    if field.type is FieldType.PHOTO:
        return replace(filling, photo=Photo(name))
    text = filling.values.get(name, "")
    if field.type in DATES:
        month = text[:7] or day_of(at).isoformat()[:7]
        return replace(filling, pad=Pad(name, text, mode="digits", month=month))
    return replace(filling, pad=Pad(name, text, mode="digits" if field.type in DIGITS else "zh"))


def _asked(filling: Filling, opened: Item, name: str) -> Field | None:
    fields = forms.visible(opened, filling.values)
    return next((field for field in fields if field.name == name and not field.locked), None)


def _page_of(opened: Item, filling: Filling, name: str) -> int:
    pages = forms.pages(opened, filling.values)
    return next((n for n, page in enumerate(pages) if any(field.name == name for field in page)), 0)


def _pad(state: State, filling: Filling, open_pad: Pad, event: Intent, opened: Item) -> Result:
    match event.name:
        case "pad_cancel":
            return _with(state, replace(filling, pad=None)), ()
        case "pad_commit":
            return _with(state, _committed(filling, opened, event.at)), ()
    return _with(state, replace(filling, pad=pad.typed(open_pad, event) or open_pad)), ()


def _photo(state: State, filling: Filling, photo: Photo, event: Event, policy: Policy) -> Result:
    n = state.session
    match photo.phase, event:
        case "framing", Intent(name="photo_take"):
            return state, (TakePhoto(n),)
        case "framing", PhotoTaken(session=s, ok=True) if s == n:
            return _with(state, replace(filling, photo=replace(photo, phase="looking"))), ()
        case "framing", PhotoTaken(session=s, ok=False) if s == n:
            return say(state, policy, "photo.no_picture", "stop")
        case "looking", Intent(name="photo_again"):
            return _with(state, replace(filling, photo=replace(photo, phase="framing"))), (DropPhoto(),)
        case "looking", Intent(name="photo_keep"):
            storing = replace(filling, photo=replace(photo, phase="storing"))
            return _with(state, storing), (KeepPhoto(n, photo.field),)
        case "storing", PhotoStored(session=s, field=field, sha256=sha) if s == n and field == photo.field:
            return _photo_stored(state, filling, field, sha, policy)
        case _, Intent(name="photo_cancel" | "back"):
            return _with(state, replace(filling, photo=None)), (DropPhoto(),)
    return state, ()


def _photo_stored(state: State, filling: Filling, field: str, sha: str, policy: Policy) -> Result:
    if not sha:
        framing = replace(filling, photo=Photo(field))
        return say(_with(state, framing), policy, "photo.not_kept", "stop")
    errors = {key: error for key, error in filling.errors.items() if key != field}
    kept = replace(filling, photo=None, values={**filling.values, field: sha}, errors=errors)
    return _with(state, kept), (DropPhoto(),)
