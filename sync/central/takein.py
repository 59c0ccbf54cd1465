"""A terminal's queue from a USB stick: checked to its end first, then taken in as batches of that terminal."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyrage
import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from sync.central import blobs, intake
from sync.central.centre import Centre, Refusal
from sync.central.database import reading
from sync.central.tables import device
from sync.wire import MOST_ITEMS, Verdict
from sync.wire_export import LONGEST_LINE, End, ExportRow, Header, signed


class NotTakenError(Exception):
    """Why nothing of a file was taken in."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Whose queue it was and what became of its rows. `refused`: key → the reason in words."""

    terminal: str
    counts: Counter[Verdict]
    refused: dict[str, str] = field(repr=False)


def take(centre: Centre, file: BinaryIO) -> Taken:
    """All of a file, or nothing: each row goes the way of a batch, so one that is here already is a duplicate.

    `file` is read twice. Raises NotTakenError, OSError.
    """
    header = _check(centre, file)
    file.seek(0)
    rows = _Rows(centre, header.terminal)
    _read(centre, file, rows.line)
    rows.flush()
    return Taken(header.terminal, rows.counts, rows.refused)


class _Check:
    """Nothing is stored: every line has its form, and the end fits what came before it."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.end: End | None = None
        self._hash, self._rows = hashlib.sha256(), 0

    def line(self, text: bytes) -> None:
        if self.end is not None:
            raise NotTakenError("there is something behind the end line")
        try:
            self._one(text)
        except ValidationError as error:
            raise NotTakenError(f"line {self._rows + 1}: {intake.told(error)}") from None
        self._hash.update(text + b"\n")

    def _one(self, text: bytes) -> None:
        if self.header is None:
            self.header = Header.model_validate_json(text)
        elif text.startswith(b'{"item"'):
            ExportRow.model_validate_json(text)
            self._rows += 1
        else:
            self.end = End.model_validate_json(text)
            if (self.end.rows, self.end.sha256) != (self._rows, self._hash.hexdigest()):
                raise NotTakenError(f"{self._rows} rows came, and they are not the {self.end.rows} that were written")


class _Rows:
    """Blobs first, then the rows in batches."""

    def __init__(self, centre: Centre, terminal: str) -> None:
        self._centre, self._terminal = centre, terminal
        self._waiting: list[dict[str, Any]] = []
        self.counts: Counter[Verdict] = Counter()
        self.refused: dict[str, str] = {}

    def line(self, text: bytes) -> None:
        if not text.startswith(b'{"item"'):
            return
        row = ExportRow.model_validate_json(text)
        for sha, body in row.blobs.items():
            self._blob(sha, body)
        self._waiting.append(row.item.model_dump())
        if len(self._waiting) == MOST_ITEMS:
            self.flush()

    def flush(self) -> None:
        """Take in what was read so far."""
        waiting, self._waiting = self._waiting, []
        results = intake.take(self._centre, self._terminal, waiting)
        if isinstance(results, Refusal):
            raise NotTakenError(f"the rows have no keys ({results.code})")
        self.counts.update(result.verdict for result in results)
        good = (Verdict.CREATED, Verdict.DUPLICATE)
        self.refused |= {result.key: result.reason for result in results if result.verdict not in good}

    def _blob(self, sha: str, text: str) -> None:
        """One that is not what its name says is left out; the row that names it then waits for it."""
        try:
            data = base64.b64decode(text, validate=True)
        except binascii.Error:
            return
        if len(data) <= blobs.MOST_BYTES:
            blobs.keep(self._centre, self._terminal, sha, data)


class _Lines:
    """What decryption writes to: whole lines go on, and the first error is kept, which pyrage would only quote."""

    def __init__(self, line: Callable[[bytes], None]) -> None:
        self._line, self._rest = line, bytearray()
        self.error: Exception | None = None

    def write(self, chunk: bytes) -> int:
        self._rest += chunk
        try:
            if b"\n" in chunk:
                *whole, self._rest = self._rest.split(b"\n")
                for text in whole:
                    self._line(bytes(text))
            if len(self._rest) > LONGEST_LINE:
                raise NotTakenError("a line is too long")
        except Exception as error:
            self.error = error
            raise
        return len(chunk)

    def flush(self) -> None:
        """Nothing is held back but the line that is not whole."""

    @property
    def rest(self) -> bytes:
        return bytes(self._rest)


def _read(centre: Centre, file: BinaryIO, line: Callable[[bytes], None]) -> None:
    sink = _Lines(line)
    try:
        pyrage.decrypt_io(file, sink, list(centre.identities.values()))
    except (pyrage.DecryptError, OSError) as error:
        if sink.error is not None:
            raise sink.error from None
        raise NotTakenError(f"it is no whole file that was sealed for this centre ({error})") from None
    if sink.rest:
        raise NotTakenError("the last line is not whole")


def _check(centre: Centre, file: BinaryIO) -> Header:
    check = _Check()
    _read(centre, file, check.line)
    header, end = check.header, check.end
    if header is None or end is None:
        raise NotTakenError("the end line is missing: the file is not whole")
    if header.campus != centre.campus:
        raise NotTakenError(f"it is of campus {header.campus}, and this is campus {centre.campus}")
    _known(centre, header.terminal, end)
    return header


def _known(centre: Centre, terminal: str, end: End) -> None:
    """Signed by the terminal's own key: as over the network, nobody else speaks for it."""
    with reading(centre.engine) as connection:
        here = (device.c.campus_id == centre.campus, device.c.terminal == terminal)
        row = connection.execute(sa.select(device).where(*here)).one_or_none()
    if row is None:
        raise NotTakenError(f"there is no terminal {terminal}")
    if row.revoked_at is not None or row.quarantined_at is not None:
        raise NotTakenError(f"terminal {terminal} is revoked or in quarantine")
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(row.public_key))
    try:
        key.verify(bytes.fromhex(end.signature), signed(end.sha256))
    except InvalidSignature:
        raise NotTakenError(f"it is not signed by the key that terminal {terminal} has now") from None
