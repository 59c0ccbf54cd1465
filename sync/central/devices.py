"""Terminals: a one-time code makes a terminal's own key known; the key says who is asking, and can be taken away."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from sync import signing
from sync.central import aheads, attempts
from sync.central.centre import Centre, Refusal, Work
from sync.central.database import glancing, in_transaction, reading, upsert, writing
from sync.central.tables import device, device_boot, enrolment_code, event
from sync.signing import NotFreshError, NotSignedError, Received
from sync.wire import AuditAccepted, AuditHead, Enrol, Enrolled, EventItem, Heartbeat

CODE_LIFE_S = 600.0
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_SEEN_EVERY_S = 60.0
MOST_BOOTS = 1000
MOST_RETURNS = 2
"""An earlier run's last heartbeat may be late once; a second one from it means two machines with one key."""


def hold(connection: sa.Connection, campus: int, terminal: str) -> None:
    """Until this transaction ends no other one takes in what this terminal sends. SQLite has one writer as it is."""
    if connection.dialect.name != "sqlite":
        connection.execute(_HELD, {"campus": campus, "by": terminal})


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
    """From now on the terminal is whoever has the private half of this key.

    The same code with the same key is answered again, because the answer may have been lost; with another key only
    until the first was used.
    """
    return in_transaction(centre.engine, lambda connection: _enrol(Work(centre, connection, centre.clock.now()), ask))


def _enrol(work: Work, ask: Enrol) -> Enrolled | Refusal:
    tries = attempts.Limit(f"enrol:{ask.terminal}", most=5, seconds=CODE_LIFE_S)
    if attempts.locked_until(work, tries):
        return Refusal("too_many")
    key_id = signing.key_id(bytes.fromhex(ask.public_key))
    answer = Enrolled(epoch=work.centre.epoch, campus=work.campus, key_id=key_id)
    if _enrolled_so(work, ask):
        return answer
    if work.connection.execute(_usable(work, ask)).one_or_none() is None:
        attempts.count(work, tries)
        return Refusal("enrolment_refused")
    _take_in(work, ask, key_id)
    return answer


def authenticate(centre: Centre, request: Received, body: bytes) -> str | Refusal:
    """The terminal whose key signed this request."""
    found: list[Any] = []

    def key_of(key_id: str) -> bytes | None:
        found.extend(_of_key(centre, key_id))
        return bytes.fromhex(found[0].public_key) if found else None

    now = centre.clock.now()
    try:
        signing.verify(request, body, now, key_of)
    except NotFreshError:
        return Refusal("signature_time")
    except NotSignedError:
        return Refusal("not_enrolled")
    (row,) = found
    if row.revoked_at is not None or row.quarantined_at is not None:
        return Refusal("revoked" if row.revoked_at is not None else "quarantined")
    if row.seen_at is None or abs(now - row.seen_at) > _SEEN_EVERY_S:
        _seen(centre, row, now)
    return str(row.terminal)


def heartbeat(centre: Centre, terminal: str, beat: Heartbeat) -> AuditHead:
    """Keep the newest one; the head of the terminal's audit chain as it is kept here."""
    now = centre.clock.now()
    values: dict[str, Any] = {"heartbeat": beat.model_dump(), "seen_at": now, "skew": beat.at - now}
    with writing(centre.engine) as connection:
        work = Work(centre, connection, now)
        row = connection.execute(sa.select(device).where(*_this(centre, terminal)).with_for_update()).one()
        if beat.boot and _returned(work, terminal, beat.boot):
            values["quarantined_at"] = now
        head = AuditHead(seq=row.audit_seq, hash=row.audit_hash)
        if _fits(head, beat):
            head = beat.audit
            values |= {"audit_seq": head.seq, "audit_hash": head.hash}
        elif row.audit_broken_at is None:
            values["audit_broken_at"] = now
        connection.execute(sa.update(device).where(*_this(centre, terminal)).values(**values))
    return head


def accepted(work: Work, _item: EventItem, terminal: str, body: AuditAccepted) -> Callable[[], None]:
    """Somebody at the terminal took the break in its chain on record: it goes on from there. The event stays."""
    news = sa.or_(device.c.audit_broken_at.is_not(None), device.c.audit_seq < body.head.seq)
    goes_on = {"audit_seq": body.head.seq, "audit_hash": body.head.hash, "audit_broken_at": None}
    change = sa.update(device).where(*_this(work.centre, terminal), news).values(**goes_on)

    def apply() -> None:
        work.connection.execute(change)

    return apply


def acceptances(centre: Centre) -> Sequence[Any]:
    """The events `audit.accepted`, oldest first."""
    wanted = sa.select(event).where(event.c.campus_id == centre.campus, event.c.kind == "audit.accepted")
    with reading(centre.engine) as connection:
        return connection.execute(wanted.order_by(event.c.at)).all()


def _fits(kept: AuditHead, beat: Heartbeat) -> bool:
    """Whether the chain goes on from where we last saw it: what it held then it still holds, and nothing is missing."""
    if beat.audit.seq == kept.seq:
        return beat.audit.hash == kept.hash
    known = beat.known.seq != kept.seq or beat.known.hash == kept.hash
    return beat.audit.seq > kept.seq and known


def _returned(work: Work, terminal: str, boot: str) -> bool:
    """Count this run; whether an earlier one has come back once too often."""
    here = (device_boot.c.campus_id == work.campus, device_boot.c.terminal == terminal)
    runs = {row.boot: row for row in work.connection.execute(sa.select(device_boot).where(*here))}
    newest = max((row.n for row in runs.values()), default=0)
    row = runs.get(boot)
    if row is None:
        new = {"campus_id": work.campus, "terminal": terminal, "boot": boot, "n": newest + 1}
        upsert(work.connection, device_boot, {**new, "first_at": work.now, "last_at": work.now, "returns": 0})
        old = (*here, device_boot.c.n < newest - MOST_BOOTS)
        work.connection.execute(sa.delete(device_boot).where(*old))
        return False
    returns = row.returns + (row.n < newest)
    values = {"last_at": work.now, "returns": returns}
    work.connection.execute(sa.update(device_boot).where(*here, device_boot.c.boot == boot).values(**values))
    return bool(returns >= MOST_RETURNS)


def revoke(centre: Centre, terminal: str) -> bool:
    """Whether there was such a terminal; from now on its key opens nothing, and what it holds sealed does not count."""
    now = centre.clock.now()
    with writing(centre.engine) as connection:
        revoked = sa.update(device).where(*_this(centre, terminal)).values(revoked_at=now)
        there = connection.execute(revoked).rowcount == 1
        aheads.withdraw(Work(centre, connection, now), terminal=terminal)
    return there


def _this(centre: Centre, terminal: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (device.c.campus_id == centre.campus, device.c.terminal == terminal)


def _of_key(centre: Centre, key_id: str) -> Sequence[Any]:
    with glancing(centre.engine) as connection:
        return connection.execute(_OF_KEY, {"campus": centre.campus, "key": key_id}).all()


def _enrolled_so(work: Work, ask: Enrol) -> bool:
    """Whether this code has made this very key known already, and nothing was taken back since."""
    known = (device.c.public_key == ask.public_key, device.c.code_hash == _hash(ask.code))
    whole = (device.c.revoked_at.is_(None), device.c.quarantined_at.is_(None))
    wanted = sa.select(device.c.terminal).where(*_this(work.centre, ask.terminal), *known, *whole)
    return work.connection.execute(wanted).first() is not None


def _take_in(work: Work, ask: Enrol, key_id: str) -> None:
    row = {"campus_id": work.campus, "terminal": ask.terminal, "key_id": key_id, "public_key": ask.public_key}
    unused = {"seen_at": None, "revoked_at": None, "quarantined_at": None, "heartbeat": None, "skew": None}
    chain = {"audit_seq": 0, "audit_hash": "", "audit_broken_at": None}
    enrolled = {"code_hash": _hash(ask.code), "enrolled_at": work.now}
    upsert(work.connection, device, {**row, **unused, **chain, **enrolled})
    here = (device_boot.c.campus_id == work.campus, device_boot.c.terminal == ask.terminal)
    work.connection.execute(sa.delete(device_boot).where(*here))


def _usable(work: Work, ask: Enrol) -> sa.Select[Any]:
    return sa.select(enrolment_code.c.terminal).where(
        enrolment_code.c.campus_id == work.campus,
        enrolment_code.c.code_hash == _hash(ask.code),
        enrolment_code.c.terminal == ask.terminal,
        enrolment_code.c.expires > work.now,
        enrolment_code.c.used_at.is_(None),
    )


def _seen(centre: Centre, found: Any, now: float) -> None:
    """The first use of a key ends the code that made it known."""
    with writing(centre.engine) as connection:
        connection.execute(sa.update(device).where(*_this(centre, found.terminal)).values(seen_at=now))
        if found.seen_at is None:
            code = (enrolment_code.c.campus_id == centre.campus, enrolment_code.c.code_hash == found.code_hash)
            connection.execute(sa.update(enrolment_code).where(*code).values(used_at=now))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


_OF_KEY = sa.select(device).where(device.c.campus_id == sa.bindparam("campus"), device.c.key_id == sa.bindparam("key"))
_HELD = (
    sa.select(device.c.terminal)
    .where(device.c.campus_id == sa.bindparam("campus"), device.c.terminal == sa.bindparam("by"))
    .with_for_update()
)
