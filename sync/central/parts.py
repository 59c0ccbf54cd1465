"""Attachments that arrive in pieces: what has come lies in the state folder, by terminal, until it is whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sync.central import blobs
from sync.central.centre import Centre, Refusal

KEEP_S = 3 * 86400.0
"""After so long without another piece it is deleted."""
MOST_PARTS = 8
"""Of one terminal; a terminal sends one after the other, so older ones will hardly be gone on with."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a blob from `offset` on; `total`: how long all of it will be."""

    sha256: str
    offset: int
    total: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Arrived:
    """How much of it is here now, from its first byte on; `expected` is False when the piece was another."""

    offset: int
    expected: bool = True


def arrived(centre: Centre, terminal: str, sha256: str) -> int:
    """Bytes of it that have come from this terminal so far."""
    try:
        return (_folder(centre, terminal) / sha256).stat().st_size
    except FileNotFoundError:
        return 0


def take(centre: Centre, terminal: str, piece: Piece) -> Arrived | Refusal:
    """Add a piece; the last one makes it whole, or drops everything when it is not what its name says."""
    whole = blobs.size_of(centre, piece.sha256)
    if whole is not None:
        return Arrived(whole)
    if piece.total > blobs.MOST_BYTES:
        return Refusal("too_large")
    if not 0 < len(piece.data) <= piece.total - piece.offset:
        return Refusal("bad_body", detail="Upload-Offset, Upload-Length")
    with _locked(_folder(centre, terminal)) as folder:
        path = folder / piece.sha256
        here = path.stat().st_size if path.exists() else 0
        if here != piece.offset:
            return Arrived(here, expected=False)
        if not here:
            _make_room(folder)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab") as file:
            file.write(piece.data)
        return _finish(centre, terminal, piece, path)


def sweep(centre: Centre) -> None:
    """Delete what nobody goes on with."""
    for folder in (centre.state / "parts" / str(centre.campus)).glob("*"):
        with _locked(folder):
            _sweep(folder)


def _finish(centre: Centre, terminal: str, piece: Piece, path: Path) -> Arrived | Refusal:
    end = piece.offset + len(piece.data)
    if end < piece.total:
        return Arrived(end)
    refused = blobs.keep(centre, terminal, piece.sha256, path.read_bytes())
    path.unlink()
    return refused or Arrived(end)


def _sweep(folder: Path) -> None:
    for part in folder.iterdir():
        if time.time() - part.stat().st_mtime > KEEP_S:
            part.unlink()


def _make_room(folder: Path) -> None:
    _sweep(folder)
    parts = sorted(folder.iterdir(), key=lambda part: part.stat().st_mtime)
    for part in parts[: max(0, len(parts) - MOST_PARTS + 1)]:
        part.unlink()


def _folder(centre: Centre, terminal: str) -> Path:
    return centre.state / "parts" / str(centre.campus) / terminal


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """One request at a time in a terminal's folder, over all workers of this machine."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)
