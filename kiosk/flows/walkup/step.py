"""One event at a time: (state, event, policy) → (state', effects). Unknown pairs leave the state alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kiosk.flows.core import Elapsed, Event, Intent
from kiosk.flows.entry import Entry
from kiosk.flows.walkup import browse, enrol, form, glance, identify, leaving, rate, service, station, submit
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.common import LOOKS_AT_FACES, Result, watch_codes, watch_faces
from kiosk.flows.walkup.state import BUSY, Policy, Screen, State

Handler = Callable[[State, Event, Policy], Result]

SCREENS: dict[Screen, Handler] = {
    Screen.ATTRACT: service.attract,
    Screen.PIN: identify.pin,
    Screen.FACTOR: glance.factor,
    Screen.HOME: enrol.home,
    Screen.CATEGORY: browse.home,
    Screen.SEARCH: browse.home,
    Screen.ITEM: browse.item,
    Screen.FORM: form.form,
    Screen.REVIEW: form.review,
    Screen.WORKING: submit.working,
    Screen.TROUBLE: submit.trouble,
    Screen.DONE: rate.done,
    Screen.REQUESTS: browse.home,
    Screen.REQUEST: browse.request,
    Screen.FACE: enrol.face,
    Screen.CONSENT: enrol.consent,
    Screen.SHOTS: enrol.shots,
    Screen.SAVING: enrol.saving,
    Screen.WITHDRAW: enrol.withdraw,
    Screen.FACE_DONE: enrol.done,
    Screen.DIGITS: glance.digits,
    Screen.LOOK: glance.look,
    Screen.TECHNICIAN: service.pages,
}


def step(state: State, event: Event, policy: Policy) -> Result:
    """Advance the visit by one event; answers of another session change nothing."""
    reported = station.report(state, event)
    if reported is not None:
        return reported
    waited = leaving.countdown(state, event, policy)
    if waited is not None:
        return waited
    after, effects = _everywhere(state, event, policy) or SCREENS[state.screen](state, event, policy)
    if after.session != state.session:
        return after, effects
    idle = leaving.watch_idle(after, policy) if _matters(state, after, event) else ()
    if after.screen not in LOOKS_AT_FACES and after.sight:
        after = replace(after, sight=None)
    return after, (*effects, *idle, *watch_codes(state, after), *watch_faces(state, after))


def _matters(before: State, after: State, event: Event) -> bool:
    onward = enrol.went_on(before, after) or service.went_on(before, after)
    return isinstance(event, Intent) or before.screen is not after.screen or onward


def _everywhere(state: State, event: Event, policy: Policy) -> Result | None:
    """What can be pressed on every screen."""
    match event:
        case Elapsed(timer="message", session=n) if n == state.session:
            return replace(state, message=None), ()
        case Elapsed() if rate.silent(event, state) and state.screen is Screen.DONE:
            return leaving.end(state, policy)
        case ev.IssuedOffline(again=False) if not submit.expects(state, event):
            return submit.stray(state, event)
        case ev.CodeSpent(nonce=nonce, first=False) if nonce:
            return leaving.taken_elsewhere(state, nonce, policy)
        case Intent(name="dismiss") if state.technician is None:
            return replace(state, message=None), ()
        case Intent(name="help"):
            return replace(state, help=True), ()
        case Intent(name="help_close"):
            return replace(state, help=False), ()
        case Intent(name="language", payload="zh" | "en" as language):
            return replace(state, look=replace(state.look, language=language)), ()
        case Intent(name="large"):
            return replace(state, look=replace(state.look, large=not state.look.large)), ()
        case Intent(name="contrast"):
            return replace(state, look=replace(state.look, contrast=not state.look.contrast)), ()
        case Intent(name="low_reach"):
            return replace(state, look=replace(state.look, low_reach=not state.look.low_reach)), ()
        case Intent(name="out" | "finish") if state.screen not in BUSY:
            return leaving.end(state, policy) if state.screen is not Screen.ATTRACT else (state, ())
        case Intent(name="back"):
            return _back(state, policy)
    return None


def _back(state: State, policy: Policy) -> Result | None:
    if state.filling and state.filling.photo:
        return None
    match state.screen:
        case Screen.PIN | Screen.DIGITS | Screen.TECHNICIAN:
            return leaving.end(state, policy)
        case Screen.LOOK:
            return glance.give_up(state, policy)
        case Screen.FORM | Screen.REVIEW if state.filling:
            if state.filling.pad:
                return replace(state, filling=replace(state.filling, pad=None)), ()
            return form.previous(state, policy)
        case Screen.ATTRACT | Screen.HOME | Screen.WORKING | Screen.TROUBLE | Screen.DONE:
            return state, ()
        case Screen.SAVING | Screen.FACE_DONE:
            return state, ()
    behind = state.back[-1] if state.back else Screen.HOME
    return replace(state, screen=behind, back=state.back[:-1], entry=Entry(), errand=None, message=None), ()
