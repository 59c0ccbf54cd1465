"""Terminals: a one-time code becomes a token, the token says who is asking, and can be taken away."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import sqlalchemy as sa

from sync.central import attempts
from sync.central.centre import Centre, Refusal, Work
from sync.central.database import reading, upsert, writing
from sync.central.tables import device, enrolment_code
from sync.wire import Enrol, Enrolled, Heartbeat

CODE_LIFE_S = 600.0
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_SEEN_EVERY_S = 60.0


def issue_code(centre: Centre, terminal: str) -> str:
    """A code for one terminal, good for ten minutes; older ones of it end."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(12))
    now = centre.clock.now()
    with writing(centre.engine) as connection:
        older = (enrolment_code.c.campus_id == centre.campus, enrolment_code.c.terminal == terminal)
        connection.execute(sa.delete(enrolment_code).where(*older))
        row = {"campus_id": centre.campus, "code_hash": _hash(code), "terminal": terminal}
        connection.execute(sa.insert(enrolment_code).values(**row, expires=now + CODE_LIFE_S))
    return code


def enrol(centre: Centre, ask: Enrol) -> Enrolled | Refusal:
    """The terminal's token, told once and kept here as a hash.

    Until the token is first used the same code gives a new one, because the answer may have been lost.
    """
    with writing(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        tries = attempts.Limit(f"enrol:{ask.terminal}", most=5, seconds=CODE_LIFE_S)
        if attempts.locked_until(work, tries):
            return Refusal("too_many")
        found = connection.execute(_usable(work, ask)).one_or_none()
        if found is None:
            attempts.count(work, tries)
            return Refusal("enrolment_refused")
        token = secrets.token_urlsafe(32)
        row = {"campus_id": centre.campus, "terminal": ask.terminal, "token_hash": _hash(token)}
        unused = {"seen_at": None, "revoked_at": None, "heartbeat": None}
        upsert(connection, device, {**row, **unused, "code_hash": _hash(ask.code), "enrolled_at": work.now})
        return Enrolled(epoch=centre.epoch, campus=centre.campus, token=token)


def authenticate(centre: Centre, token: str) -> str | Refusal:
    """The terminal that this token belongs to."""
    with reading(centre.engine) as connection:
        wanted = (device.c.campus_id == centre.campus, device.c.token_hash == _hash(token))
        found = connection.execute(sa.select(device).where(*wanted)).one_or_none()
    if found is None:
        return Refusal("not_enrolled")
    if found.revoked_at is not None:
        return Refusal("revoked")
    now = centre.clock.now()
    if found.seen_at is None or abs(now - found.seen_at) > _SEEN_EVERY_S:
        _seen(centre, found, now)
    return str(found.terminal)


def heartbeat(centre: Centre, terminal: str, beat: Heartbeat) -> None:
    """Keep the newest one."""
    values: dict[str, Any] = {"heartbeat": beat.model_dump(), "seen_at": centre.clock.now()}
    with writing(centre.engine) as connection:
        connection.execute(sa.update(device).where(*_this(centre, terminal)).values(**values))


def revoke(centre: Centre, terminal: str) -> bool:
    """Whether there was such a terminal; from now on its token opens nothing."""
    with writing(centre.engine) as connection:
        values = {"revoked_at": centre.clock.now()}
        return connection.execute(sa.update(device).where(*_this(centre, terminal)).values(**values)).rowcount == 1


def _this(centre: Centre, terminal: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (device.c.campus_id == centre.campus, device.c.terminal == terminal)


def _usable(work: Work, ask: Enrol) -> sa.Select[Any]:
    return sa.select(enrolment_code.c.terminal).where(
        enrolment_code.c.campus_id == work.campus,
        enrolment_code.c.code_hash == _hash(ask.code),
        enrolment_code.c.terminal == ask.terminal,
        enrolment_code.c.expires > work.now,
        enrolment_code.c.used_at.is_(None),
    )


def _seen(centre: Centre, found: Any, now: float) -> None:
    """The first use of a token ends the code it came from."""
    with writing(centre.engine) as connection:
        connection.execute(sa.update(device).where(*_this(centre, found.terminal)).values(seen_at=now))
        if found.seen_at is None:
            code = (enrolment_code.c.campus_id == centre.campus, enrolment_code.c.code_hash == found.code_hash)
            connection.execute(sa.update(enrolment_code).where(*code).values(used_at=now))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
