"""Personal codes are good once on the whole campus: where each was shown first, and where again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from kiosk import log
from sync.central.centre import Centre, Work
from sync.central.database import in_transaction, insert_new, reading
from sync.central.tables import code_reuse, spent_code
from sync.wire import SpendAnswer, SpendAsk

KEEP_S = 90 * 86400.0
"""How long a dead code is still remembered: a terminal may be offline over a long holiday."""


def spend(centre: Centre, terminal: str, ask: SpendAsk) -> SpendAnswer:
    """Whether this terminal is the first where the code was shown. The same terminal again is told the same."""

    def act(connection: sa.Connection) -> Any:
        work = Work(centre, connection, centre.clock.now())
        _sweep(work)
        return shown(work, ask.nonce, terminal, ask.at, ask.until)

    first = in_transaction(centre.engine, act)
    if first is None:
        return SpendAnswer(epoch=centre.epoch, nonce=ask.nonce, first=True)
    return SpendAnswer(epoch=centre.epoch, nonce=ask.nonce, first=False, terminal=first.terminal, at=first.at)


def shown(work: Work, nonce: str, terminal: str, at: float, until: float = 0.0, event: str = "") -> Any:
    """Keep that the code was shown there; the row of another terminal that had shown it before, else None.

    `event`: the record that tells of it, "" = the terminal asked. Whichever is heard of first counts as the first.
    """
    row = {"campus_id": work.campus, "nonce": nonce, "terminal": terminal, "at": at, "until": max(until, work.now)}
    if insert_new(work.connection, spent_code, row):
        return None
    here = (spent_code.c.campus_id == work.campus, spent_code.c.nonce == nonce)
    first = work.connection.execute(sa.select(spent_code).where(*here)).one()
    if first.terminal == terminal:
        return None
    _again(work, first, terminal, at, event)
    return first


def reused(centre: Centre) -> list[Any]:
    """Every code that was shown at more than one terminal, the newest first."""
    query = sa.select(code_reuse).where(code_reuse.c.campus_id == centre.campus)
    with reading(centre.engine) as connection:
        return list(connection.execute(query.order_by(code_reuse.c.received_at.desc(), code_reuse.c.nonce)))


def _again(work: Work, first: Any, terminal: str, at: float, event: str) -> None:
    row = {"campus_id": work.campus, "nonce": first.nonce, "terminal": terminal, "at": at, "event": event}
    row |= {"first_terminal": first.terminal, "first_at": first.at, "received_at": work.now}
    if insert_new(work.connection, code_reuse, row):
        log.event("code_reused", terminal=terminal, first=first.terminal)
    elif event:
        here = (code_reuse.c.campus_id == work.campus, code_reuse.c.nonce == first.nonce)
        mine = (*here, code_reuse.c.terminal == terminal, code_reuse.c.event == "")
        work.connection.execute(sa.update(code_reuse).where(*mine).values(event=event))


def _sweep(work: Work) -> None:
    old = (spent_code.c.campus_id == work.campus, spent_code.c.until < work.now - KEEP_S)
    work.connection.execute(sa.delete(spent_code).where(*old))
