"""The queue on a USB stick, sealed for the information centre alone; what is exported stays in the queue."""

from __future__ import annotations

import base64
import contextlib
import errno
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from pyrage import x25519

from kiosk import log
from kiosk.clock import CAMPUS_ZONE
from kiosk.config import TerminalConfig
from sync import audit, cache, retention
from sync.membership import device_key
from sync.store import connect, reader
from sync.tables import JOURNAL
from sync.vault import UnreadableError, Vault
from sync.wire import EventItem, KeyRow
from sync.wire_export import SUFFIX, End, ExportRow, Header, signed

STATES = ("queued", "dead")
_NAMES = ("key", "seq", "stream", "kind", "v", "at", "boot", "mono")


class WhyNot(StrEnum):
    """Why there is no file; `queue.export.<word>` in the texts."""

    NO_RECIPIENT = "no_recipient"
    NOT_ENROLLED = "not_enrolled"
    FULL = "full"
    NOT_WRITTEN = "not_written"
    NOT_READ = "not_read"


@dataclass(frozen=True, slots=True)
class Exported:
    """On the stick, whole. `left_out`: rows that cannot be read any more."""

    path: Path
    rows: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class NotExported:
    """Nothing is left on the stick. `detail` is for the technician."""

    why: WhyNot
    detail: str = ""


def export(
    journal: Path,
    vault: Vault,
    copies: Path,
    folder: Path,
    now: float,
    states: Sequence[str] = STATES,
    *,
    terminal: TerminalConfig,
    by: str = "",
) -> Exported | NotExported:
    """Seal the rows of these states, with their photographs, into a file in `folder`; the terminal may be running.

    `journal`, `copies`: paths of journal.db and cache.db; `by`: who asked, for the audit. On the caller's thread.
    """
    try:
        recipient, key = _recipient(copies, vault), device_key(journal.parent, vault)
        if recipient is None:
            return NotExported(WhyNot.NO_RECIPIENT)
        if key is None:
            return NotExported(WhyNot.NOT_ENROLLED)
        done = _written(journal, vault, folder, now, tuple(states), terminal, recipient, key)
        if isinstance(done, Exported):
            _note(journal, now, done, states, by)
    except sqlite3.Error as error:
        return NotExported(WhyNot.NOT_READ, getattr(error, "sqlite_errorname", type(error).__name__))
    return done


class _Source:
    """The lines, read piece by piece as pyrage asks for them; it would only quote an error, so it is kept here."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._rest = lines, b""
        self.error: sqlite3.Error | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._rest and (line := next(self._lines, b"")):
                self._rest = line
        except sqlite3.Error as error:
            self.error = error
            raise
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


class _Queue:
    """The file's lines over one state of the journal, and how many rows they were."""

    def __init__(self, db: sqlite3.Connection, vault: Vault, states: tuple[str, ...]) -> None:
        self._db, self._vault = db, vault
        self._where = f"state IN ({', '.join('?' * len(states))})"
        self._states = states
        self._told: set[str] = set()
        self.rows = 0
        self.selected = int(db.execute(f"SELECT count(*) FROM outbox WHERE {self._where}", states).fetchone()[0])  # noqa: S608

    def lines(self, terminal: TerminalConfig, now: float, key: Ed25519PrivateKey) -> Iterator[bytes]:
        """Header, rows, end."""
        told, about = hashlib.sha256(), {"terminal": terminal.id, "campus": terminal.campus}
        more = {"epoch": retention.epoch(self._db), "created": now, "rows": self.selected}
        head = Header.model_validate({**about, **more})
        yield _line(told, head)
        for row in self._items():
            self.rows += 1
            yield _line(told, row)
        mark = told.hexdigest()
        yield _line(told, End(rows=self.rows, sha256=mark, signature=key.sign(signed(mark)).hex()))

    def _items(self) -> Iterator[ExportRow]:
        query = f"SELECT {', '.join(_NAMES)}, body FROM outbox WHERE {self._where} ORDER BY seq"  # noqa: S608
        for *columns, sealed in self._db.execute(query, self._states):
            item = self._item(dict(zip(_NAMES, columns, strict=True)), sealed)
            if item is not None:
                yield ExportRow(item=item, blobs=dict(self._blobs(item.seq)))

    def _item(self, row: dict[str, object], sealed: bytes) -> EventItem | None:
        try:
            body = json.loads(self._vault.open_("outbox", str(row["key"]), sealed))
            return EventItem.model_validate({**row, "body": body})
        except (UnreadableError, ValidationError, ValueError):
            return None

    def _blobs(self, seq: int) -> Iterator[tuple[str, str]]:
        query = "SELECT sha256, body FROM attachments JOIN blobs USING (sha256) WHERE seq = ?"
        for sha, sealed in self._db.execute(query, (seq,)).fetchall():
            if sha not in self._told:
                self._told.add(sha)
                with contextlib.suppress(UnreadableError):
                    yield sha, base64.b64encode(self._vault.open_("blobs", sha, sealed)).decode()


def _written(
    journal: Path,
    vault: Vault,
    folder: Path,
    now: float,
    states: tuple[str, ...],
    terminal: TerminalConfig,
    recipient: x25519.Recipient,
    key: Ed25519PrivateKey,
) -> Exported | NotExported:
    when = datetime.fromtimestamp(now, CAMPUS_ZONE).strftime("%Y%m%d-%H%M%S")
    target = folder / f"{terminal.id}-{when}{SUFFIX}"
    part = target.with_name(f".{target.name}.part")
    with contextlib.closing(reader(journal)) as db:
        # one state of the file for all of it, whoever writes meanwhile
        db.execute("BEGIN")
        queue = _Queue(db, vault, states)
        try:
            _seal(_Source(queue.lines(terminal, now, key)), part, recipient)
            part.replace(target)
            _sync(folder)
        except OSError as error:
            return NotExported(WhyNot.FULL if error.errno == errno.ENOSPC else WhyNot.NOT_WRITTEN, str(error.strerror))
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return Exported(target, queue.rows, queue.selected - queue.rows)


def _seal(source: _Source, part: Path, recipient: x25519.Recipient) -> None:
    """Encrypt into a new file, on the disk when this returns. Raises OSError, sqlite3.Error."""
    sink = _Sink(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        pyrage.encrypt_io(source, sink, [recipient])
        os.fsync(sink.descriptor)
    except (pyrage.EncryptError, OSError):
        if error := source.error or sink.error:
            raise error from None
        raise
    finally:
        os.close(sink.descriptor)


class _Sink:
    """An open file; its first error is kept, as that of `_Source`."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return os.write(self.descriptor, data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        """Every write went to the file."""


def _recipient(copies: Path, vault: Vault) -> x25519.Recipient | None:
    """The newest of the feed `keys`; None when the centre never told one."""
    if not copies.exists():
        return None
    with contextlib.closing(reader(copies)) as db:
        found = [row for row in cache.rows(db, vault, "keys", KeyRow) if row.use == "export" and not row.revoked]
    newest = max(found, key=lambda row: row.kid, default=None)
    try:
        return x25519.Recipient.from_str(newest.public) if newest else None
    except pyrage.RecipientError:
        return None


def _note(journal: Path, now: float, done: Exported, states: Sequence[str], by: str) -> None:
    """A full disk is when this is needed most: what cannot be written down does not undo the file."""
    try:
        with contextlib.closing(connect(journal, JOURNAL)) as db:
            audit.note(db, "outbox.exported", now, rows=done.rows, states=",".join(states), by=by)
    except sqlite3.Error as error:
        log.event("audit_not_kept", reason=str(getattr(error, "sqlite_errorname", type(error).__name__)))


def _line(told: hashlib._Hash, line: Header | ExportRow | End) -> bytes:
    text = line.model_dump_json().encode() + b"\n"
    told.update(text)
    return text


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
