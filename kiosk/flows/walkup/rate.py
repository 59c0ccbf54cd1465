"""Stars: given, or counted as three and stored as defaulted when nothing is said."""

from __future__ import annotations

from dataclasses import replace

from kiosk.flows.core import Effect, Elapsed, Event, Intent
from kiosk.flows.walkup import pad
from kiosk.flows.walkup.common import Result, go_home
from kiosk.flows.walkup.events import Record
from kiosk.flows.walkup.state import Pad, Policy, Rating, State

SILENT_STARS = 3


def done(state: State, event: Event, policy: Policy) -> Result:
    """The last screen of a request; a paper collected later was rated when it was handed in."""
    rating = state.rating
    match event:
        case Intent(name="again"):
            said = record(state)
            home, effects = go_home(state)
            return home, (*said, *effects)
        case Intent() if rating:
            return replace(state, rating=_said(rating, event)), ()
    return state, ()


def _said(rating: Rating, event: Intent) -> Rating:
    match event:
        case Intent(name=name) if rating.pad and name.startswith("pad_"):
            return _remark(rating, rating.pad, event)
        case Intent(name="stars", payload="1" | "2" | "3" | "4" | "5" as stars):
            return replace(rating, stars=int(stars))
        case Intent(name="edit_remark"):
            return replace(rating, pad=Pad("remark", rating.remark))
    return rating


def record(state: State) -> tuple[Effect, ...]:
    """The rating's record, once a request is finished; empty elsewhere."""
    job, rating = state.job, state.rating
    if job is None or rating is None:
        return ()
    body: dict[str, object] = {
        "request": job.key,
        "item": job.item,
        "stars": rating.stars or SILENT_STARS,
        "how": "given" if rating.stars else "defaulted",
        "remark": rating.remark,
    }
    return (Record(f"{job.key}:rating", job.key, "rating.given", body),)


def silent(event: Event, state: State) -> bool:
    """The time for rating is over; never while a remark is being typed."""
    typing = state.rating is not None and state.rating.pad is not None
    return isinstance(event, Elapsed) and event.timer == "rate" and event.session == state.session and not typing


def _remark(rating: Rating, open_pad: Pad, event: Intent) -> Rating:
    match event.name:
        case "pad_cancel":
            return replace(rating, pad=None)
        case "pad_commit":
            return replace(rating, remark=pad.result(open_pad), pad=None)
    return replace(rating, pad=pad.typed(open_pad, event) or open_pad)
