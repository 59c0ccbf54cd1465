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
    """The last screen of a request."""
    rating = state.rating or Rating()
    match event:
        case Intent(name=name) if rating.pad and name.startswith("pad_"):
            return replace(state, rating=_remark(rating, rating.pad, event)), ()
        case Intent(name="stars", payload="1" | "2" | "3" | "4" | "5" as stars):
            return replace(state, rating=replace(rating, stars=int(stars))), ()
        case Intent(name="edit_remark"):
            return replace(state, rating=replace(rating, pad=Pad("remark", rating.remark))), ()
        case Intent(name="again"):
            said = record(state)
            home, effects = go_home(state)
            return home, (*said, *effects)
    return state, ()


def record(state: State) -> tuple[Effect, ...]:
    """The rating's record, once a request is finished; empty elsewhere."""
    job, rating = state.job, state.rating
    if job is None or rating is None or job.purpose == "list":
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
    """The time for rating is over."""
    return isinstance(event, Elapsed) and event.timer == "rate" and event.session == state.session


def _remark(rating: Rating, open_pad: Pad, event: Intent) -> Rating:
    match event.name:
        case "pad_cancel":
            return replace(rating, pad=None)
        case "pad_commit":
            return replace(rating, remark=pad.result(open_pad), pad=None)
    return replace(rating, pad=pad.typed(open_pad, event) or open_pad)
