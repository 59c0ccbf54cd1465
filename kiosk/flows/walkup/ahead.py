"""Without the network: what the centre sealed in advance for this person, and issuing one of it."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.catalogue import Item
from kiosk.flows.core import Effect
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Job, Phase, Screen, State, Trouble


def has(state: State, item: Item, language: str) -> bool:
    """Whether one of this item and language is here for the person."""
    return item.offline and state.visit is not None and (item.document, language) in state.visit.ahead


def offered(state: State, item: Item, language: str = "") -> bool:
    """Whether it is what comes out now: the centre is away, and one is here (in any language, unless one is named)."""
    languages = (language,) if language else item.languages
    return state.station.away and any(has(state, item, each) for each in languages)


def language(state: State, item: Item) -> str:
    """The item's first language, or the first in which it can be issued now."""
    return next((each for each in item.languages if offered(state, item, each)), item.languages[0])


def provide(state: State) -> tuple[Effect, ...]:
    """The person is here and so may be the centre: have it seal in advance, for the next time."""
    return (ev.Provide(state.visit.person.id),) if state.visit and not state.station.away else ()


def load(state: State) -> tuple[Effect, ...]:
    """Ask anew what is here for the person."""
    return (ev.LoadAhead(state.session, state.visit.person.id),) if state.visit else ()


def ask(state: State, job: Job, key: str) -> ev.IssueOffline:
    """Have one used up for this job, under the key of its seal."""
    assert state.visit is not None
    return ev.IssueOffline(key, job.key, state.visit.person.id, job.document, job.language, job.copies, job.replaces)


def gone(state: State, job: Job) -> State:
    """There was none after all."""
    assert state.visit is not None
    rest = state.visit.ahead - {(job.document, job.language)}
    return replace(state, visit=replace(state.visit, ahead=rest))


def awaits(state: State) -> Job | None:
    """The job that waits for one to be issued, None when nobody does."""
    job = state.job
    if job is None or not job.offline or job.sealed is not None:
        return None
    working = state.screen is Screen.WORKING and job.phase is Phase.SEALING
    asked = state.screen is Screen.TROUBLE and job.trouble is Trouble.NOT_SEALED and state.still is None
    return job if working or asked else None
