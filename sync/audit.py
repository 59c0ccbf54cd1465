"""The audit chain: what was done to this terminal, each entry bound to the one before by a SHA-256.

Details hold no person's data: words, numbers, digests and keys of records. Who can write the file can write the whole
chain anew; therefore the heartbeat carries its head, and the centre keeps what it was told.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import ValidationError

from kiosk.clock import CAMPUS_ZONE
from sync.store import transaction
from sync.wire import AuditHead

RUN = uuid.uuid4().hex[:16]
"""This run of the program, for entries of whoever has no name for it."""
LONGEST = 400
_KIND = re.compile(r"[a-z_]{2,20}\.[a-z_]{2,20}")
_KNOWN = "audit_known"
_FIRST = bytes(32)
ACCEPTED = "audit.accepted"

Plain = str | int | float | bool
Facts = Mapping[str, str]


class What(StrEnum):
    """What is wrong with an entry. One that was inserted or moved does not fit the entry before it: `changed`."""

    CHANGED = "changed"
    MISSING = "missing"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is not as it was written."""

    seq: int
    what: What

    def __str__(self) -> str:
        return f"entry {self.seq}: {self.what}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the chain; `at` in Unix seconds, `detail` as JSON."""

    seq: int
    at: float
    boot: str
    kind: str
    detail: str

    def __str__(self) -> str:
        when = datetime.fromtimestamp(self.at, CAMPUS_ZONE).isoformat(timespec="seconds")
        return f"{self.seq:>6}  {when}  {self.kind:<20}  {self.detail}"


def append(db: sqlite3.Connection, kind: str, at: float, boot: str = RUN, /, **detail: Plain) -> AuditHead:
    """One entry more, in the transaction that is open: the act and its entry are kept together, or neither.

    Raises sqlite3.Error, and ValueError for what is no entry: a bug.
    """
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    if not db.in_transaction or not _KIND.fullmatch(kind) or len(text) > LONGEST:
        raise ValueError(f"{kind}: outside a transaction, a bad name, or {len(text)} characters")
    last = head(db)
    # a number is never given twice, so that an end that was cut off leaves a gap
    given = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
    seq = max(last.seq, given[0] if given else 0) + 1
    entry = Entry(seq, float(at), boot, kind, text)
    mark = _hash(bytes.fromhex(last.hash) or _FIRST, entry)
    db.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)", (seq, entry.at, boot, kind, text, mark))
    return AuditHead(seq=seq, hash=mark.hex())


def note(db: sqlite3.Connection, kind: str, at: float, boot: str = RUN, /, **detail: Plain) -> None:
    """`append` in a transaction of its own."""
    with transaction(db):
        append(db, kind, at, boot, **detail)


def head(db: sqlite3.Connection) -> AuditHead:
    """The newest entry."""
    found = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return AuditHead(seq=found[0], hash=_hex(found[1])) if found else AuditHead()


def held(db: sqlite3.Connection, seq: int) -> AuditHead:
    """What the chain holds under this number; without a hash when there is nothing."""
    found = db.execute("SELECT hash FROM audit WHERE seq = ?", (seq,)).fetchone()
    return AuditHead(seq=seq, hash=_hex(found[0]) if found else "")


def entries(db: sqlite3.Connection) -> Iterator[Entry]:
    """All of them, oldest first."""
    for row in db.execute("SELECT seq, at, boot, kind, detail FROM audit ORDER BY seq"):
        yield Entry(*row)


def verify(db: sqlite3.Connection, known: AuditHead | None = None) -> Broken | None:
    """The first bad entry, None when every one is as it was written and where it was written.

    What was accepted counts as it stood then: whatever is changed before that entry breaks the chain again.
    `known`: a head that was seen before, by default the one the centre confirmed last. Raises sqlite3.Error.
    """
    known = known or confirmed(db)
    last, before = _accepted(db)
    rows = db.execute("SELECT seq, at, boot, kind, detail, hash FROM audit WHERE seq > ? ORDER BY seq", (last,))
    for *columns, stored in rows:
        entry = Entry(*columns)
        if entry.seq != last + 1:
            return Broken(last + 1, What.MISSING)
        if not _fits(before, entry, stored):
            return Broken(entry.seq, What.CHANGED)
        if entry.seq == known.seq and stored.hex() != known.hash:
            return Broken(entry.seq, What.REWRITTEN)
        last, before = entry.seq, stored
    given = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").fetchone()
    return Broken(last + 1, What.TRUNCATED) if last < max(known.seq, given[0] if given else 0) else None


@dataclass(frozen=True, slots=True)
class Accepted:
    """What somebody took on record: the break, and the head of the chain that goes on from there."""

    broken: Broken
    head: AuditHead


def accept(db: sqlite3.Connection, at: float, by: str, reason: str) -> Accepted | None:
    """Go on from here, with everything before as it stands now; None when the chain is whole.

    In the transaction that is open. Raises sqlite3.Error, and ValueError for a reason that is too long.
    """
    broken = verify(db)
    if broken is None:
        return None
    # beyond every number that was ever seen, also where the count was turned back
    last = max(head(db).seq, confirmed(db).seq)
    counted = db.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'audit'", (last,)).rowcount
    if not counted:
        db.execute("INSERT INTO sqlite_sequence VALUES ('audit', ?)", (last,))
    told = {"seq": broken.seq, "what": broken.what.value, "by": by, "reason": reason}
    accepted = append(db, ACCEPTED, at, RUN, **told, before=_digest(db, last + 1))
    return Accepted(broken, accepted)


def _accepted(db: sqlite3.Connection) -> tuple[int, bytes]:
    """Where verifying begins: the newest acceptance that still says what stands before it, else the beginning."""
    query = "SELECT seq, at, boot, kind, detail, hash FROM audit WHERE kind = ? ORDER BY seq DESC LIMIT 1"
    found = db.execute(query, (ACCEPTED,)).fetchone()
    if found is None:
        return 0, _FIRST
    *columns, stored = found
    entry = Entry(*columns)
    last = db.execute("SELECT hash FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT 1", (entry.seq,)).fetchone()
    follows = bytes.fromhex(_hex(last[0])) if last else _FIRST
    try:
        says = json.loads(entry.detail)["before"]
    except (ValueError, TypeError, KeyError):
        return 0, _FIRST
    stands = _fits(follows or _FIRST, entry, stored) and says == _digest(db, entry.seq)
    return (entry.seq, stored) if stands else (0, _FIRST)


def _digest(db: sqlite3.Connection, until: int) -> str:
    """Of all entries below this number, as they stand."""
    found = hashlib.sha256()
    for row in db.execute("SELECT seq, at, boot, kind, detail, hash FROM audit WHERE seq < ? ORDER BY seq", (until,)):
        found.update(repr(row).encode())
    return found.hexdigest()


def confirmed(db: sqlite3.Connection) -> AuditHead:
    """The head that the centre has kept, as it said last."""
    row = db.execute("SELECT value FROM meta WHERE name = ?", (_KNOWN,)).fetchone()
    try:
        return AuditHead.model_validate_json(row[0]) if row else AuditHead()
    except ValidationError:
        return AuditHead()


def confirm(db: sqlite3.Connection, told: AuditHead) -> None:
    """Keep what the centre says it has kept; in the transaction that is open."""
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KNOWN, told.model_dump_json()))


def begin(db: sqlite3.Connection, at: float, boot: str, facts: Facts, /, **detail: Plain) -> Broken | None:
    """The program starts: whether the chain was whole, an entry, and one for each fact that has changed since.

    In the transaction that is open.
    """
    broken = verify(db)
    append(db, "program.started", at, boot, **detail)
    if broken:
        append(db, "audit.broken", at, boot, seq=broken.seq, what=broken.what.value)
    for name, now in facts.items():
        found = db.execute("SELECT value FROM meta WHERE name = ?", (f"fact_{name}",)).fetchone()
        before = found[0] if found else ""
        if now != before:
            append(db, f"{name}.changed", at, boot, before=before, now=now)
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"fact_{name}", now))
    return broken


def _fits(before: bytes, entry: Entry, stored: object) -> bool:
    try:
        return _hash(before, entry) == stored
    except (TypeError, ValueError):
        # somebody wrote bytes where text was
        return False


def _hex(stored: object) -> str:
    return stored.hex() if isinstance(stored, bytes) and len(stored) == len(_FIRST) else ""


def _hash(before: bytes, entry: Entry) -> bytes:
    text = json.dumps([entry.seq, entry.at, entry.boot, entry.kind, entry.detail], ensure_ascii=False)
    return hashlib.sha256(before + text.encode()).digest()
