"""Looking for a service, opening it, and what became of earlier requests."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain import forms
from kiosk.domain.catalogue import Item, allowed_for, factors_missing
from kiosk.domain.requests import Request, collectable, finished
from kiosk.flows.core import Event, Intent
from kiosk.flows.walkup import ahead, form, pad, submit
from kiosk.flows.walkup.common import Result, item_of, reload, say, show
from kiosk.flows.walkup.events import DropDraft
from kiosk.flows.walkup.identify import ask_factor
from kiosk.flows.walkup.state import Draft, Filling, LeftPaper, Pad, Policy, Screen, State


def home(state: State, event: Event, policy: Policy) -> Result:
    """Home, a category, or the search."""
    match event:
        case Intent(name="open_item", payload=item_id):
            return _open_item(state, item_id, policy)
        case Intent(name="open_category", payload=category):
            return replace(show(state, Screen.CATEGORY), category=category), ()
        case Intent(name="open_search"):
            return replace(show(state, Screen.SEARCH), query=Pad("search", mode="zh")), ()
        case Intent(name="open_requests"):
            return show(state, Screen.REQUESTS), reload(state)
        case Intent(name="open_request", payload=key):
            return replace(show(state, Screen.REQUEST), request=key), reload(state)
        case Intent() if state.screen is Screen.SEARCH:
            return replace(state, query=pad.typed(state.query, event) or state.query), ()
    return state, ()


def item(state: State, event: Event, policy: Policy) -> Result:
    """The guide of one item; starting, resuming or discarding its form."""
    opened = item_of(state, policy)
    match event:
        case Intent(name="start" | "prepare" | "resume") if not state.station.keeps:
            return say(state, policy, "item.full_short", "stop")
        case Intent(name="start" | "prepare" as how, fresh=fresh) if opened:
            return _start(state, opened, fresh, how == "prepare"), ()
        case Intent(name="resume") if opened and (draft := draft_of(state)):
            return _resume(state, opened, draft), ()
        case Intent(name="discard") if opened and state.visit and draft_of(state):
            rest = tuple(draft for draft in state.visit.drafts if draft.item != opened.id)
            gone = replace(state, visit=replace(state.visit, drafts=rest), filling=None)
            return gone, (DropDraft(state.visit.person.id, opened.id),)
    return state, ()


def request(state: State, event: Event, policy: Policy) -> Result:
    """One earlier request: its timeline, its list, its result."""
    shown, items = request_of(state), policy.catalogue.items
    match event:
        case Intent(name="print_list", fresh=fresh) if shown and finished(shown) and shown.item in items:
            return submit.print_list(state, shown, fresh, policy)
        case Intent(name="print_result") if shown and collectable(shown) and (left := left_of(state, shown)):
            opened = items.get(shown.item)
            return submit.ask_about(state, shown, opened, left, event) if opened else (state, ())
        case Intent(name="print_result") if shown and collectable(shown):
            return _collect(state, shown, event, policy)
    return state, ()


def request_of(state: State) -> Request | None:
    """The request that is open."""
    requests = state.visit.requests if state.visit else ()
    return next((one for one in requests if one.key == state.request), None)


def left_of(state: State, shown: Request) -> LeftPaper | None:
    """Its paper that was in the printer when the program ended, if nobody has been asked about it since."""
    return next((left for left in state.station.left if left.request == shown.key), None)


def draft_of(state: State) -> Draft | None:
    """The half-filled form of the open item, if there is one."""
    drafts = state.visit.drafts if state.visit else ()
    return next((draft for draft in drafts if draft.item == state.item), None)


def _open_item(state: State, item_id: str, policy: Policy) -> Result:
    opened = policy.catalogue.items.get(item_id)
    visit = state.visit
    if opened is None or visit is None:
        return state, ()
    if not allowed_for(opened, visit.person.role):
        return say(state, policy, "item.not_for_you", "stop")
    state = replace(state, item=item_id, filling=None)
    if factors_missing(opened, visit.factors):
        return ask_factor(state), ()
    return show(state, Screen.ITEM), ()


def _start(state: State, opened: Item, fresh: str, prepare: bool) -> State:
    assert state.visit is not None
    kept = state.filling
    if kept and kept.item == opened.id:
        return replace(show(state, Screen.FORM), filling=replace(kept, prepare=prepare))
    values = forms.prefill(opened, state.visit.person)
    filling = Filling(opened.id, fresh, values, language=ahead.language(state, opened), prepare=prepare)
    return replace(show(state, Screen.FORM), filling=replace(filling, page=form.first_page(opened, values)))


def _resume(state: State, opened: Item, draft: Draft) -> State:
    """What was typed stays; what the campus knows for sure is taken as it is today."""
    assert state.visit is not None
    locked = {field.name for field in opened.fields if field.locked}
    typed = {name: value for name, value in draft.values.items() if name not in locked}
    values = {**forms.prefill(opened, state.visit.person), **typed}
    sealable = state.station.online or ahead.offered(state, opened)
    later = opened.printable and not (sealable and state.station.prints_on(opened.outlets))
    filling = Filling(opened.id, draft.key, values, language=ahead.language(state, opened), prepare=later)
    return replace(show(state, Screen.FORM), filling=replace(filling, page=form.first_page(opened, values)))


def _collect(state: State, shown: Request, touch: Intent, policy: Policy) -> Result:
    opened = policy.catalogue.items.get(shown.item)
    if opened is None or not (opened.document or opened.result):
        return state, ()
    if not state.station.prints_on(opened.outlets):
        return say(state, policy, state.station.says(state.station.outlet(opened.outlets)), "stop")
    if not state.station.online:
        return say(state, policy, "request.needs_centre", "stop")
    if state.visit and factors_missing(opened, state.visit.factors):
        return ask_factor(replace(state, item=opened.id)), ()
    return submit.collect(state, shown, opened, touch, policy)
