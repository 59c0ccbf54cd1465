"""What a disk may hold after the power went: a record is played up to the cut; what was not synchronised is in doubt.

What an fsync covered when it began is safe once it has ended. A file's name is safe after an fsync of its folder;
names change in the order in which they were changed, as a file system with a journal keeps it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath

from tests.faults.recorder import Op

SECTOR = 512
Pending = list[tuple[int, Op]]
Dice = random.Random


@dataclass(slots=True)
class File:
    """`safe`: what is synchronised. `pending`: what was done since, by number. `done`: how many are in `safe`."""

    safe: bytearray = field(default_factory=bytearray)
    pending: Pending = field(default_factory=list)
    done: int = 0


class Disk:
    """Fed operation by operation; `image` at any time."""

    def __init__(self) -> None:
        self._n = 0
        self._files: list[File] = []
        self._by_inode: dict[int, int] = {}
        self._names: list[tuple[str, int | None]] = []
        self._safe_names = 0
        self._syncs: dict[tuple[int, int], int] = {}

    def feed(self, op: Op) -> None:
        self._n += 1
        match op.kind:
            case "w" | "t":
                self._file(op.inode).pending.append((self._n, op))
            case "c":
                self._files.append(File())
                self._by_inode[op.inode] = len(self._files) - 1
                self._names.append((_name(op.paths[0]), len(self._files) - 1))
            case "u":
                self._names.append((_name(op.paths[0]), None))
            case "r":
                old, new = (_name(path) for path in op.paths)
                self._names += [(new, dict(self._names)[old]), (old, None)]
            case "b":
                self._syncs[op.thread, op.inode] = self._begun(op.inode)
            case "s":
                self._synced(op.inode, self._syncs.pop((op.thread, op.inode)))

    def image(self, model: str, dice: Dice) -> dict[str, bytes]:
        """Name → content of each file that is there after a cut now."""
        least = self._safe_names
        names = dict(self._names[: {"synced": least, "all": len(self._names)}.get(model, self._some_names(dice))])
        chosen = MODELS[model]([each for file in self._files for each in file.pending], dice)
        return {name: self._content(at, chosen) for name, at in names.items() if at is not None}

    def _content(self, at: int, chosen: dict[int, list[Op]]) -> bytes:
        file = self._files[at]
        content = bytearray(file.safe)
        for n, _ in file.pending:
            for op in chosen.get(n, ()):
                _apply(content, op)
        return bytes(content)

    def _some_names(self, dice: Dice) -> int:
        return dice.randint(self._safe_names, len(self._names))

    def _file(self, inode: int) -> File:
        return self._files[self._by_inode[inode]]

    def _begun(self, inode: int) -> int:
        """How much a sync that begins now will cover."""
        if inode == 0:
            return len(self._names)
        file = self._file(inode)
        return file.done + len(file.pending)

    def _synced(self, inode: int, covered: int) -> None:
        if inode == 0:
            self._safe_names = max(self._safe_names, covered)
            return
        file = self._file(inode)
        now, file.pending = file.pending[: max(0, covered - file.done)], file.pending[max(0, covered - file.done) :]
        for _, op in now:
            _apply(file.safe, op)
        file.done += len(now)


def _name(path: str) -> str:
    return PurePath(path).name


def _apply(content: bytearray, op: Op) -> None:
    if op.kind == "t":
        content[:] = content[: op.offset].ljust(op.offset, b"\0")
        return
    end = op.offset + len(op.data)
    content.extend(b"\0" * (end - len(content)))
    content[op.offset : end] = op.data


# --- which of the operations in doubt came through: number → what of it -------------------------------------------


def _none(pending: Pending, _dice: Dice) -> dict[int, list[Op]]:
    return {}


def _every(pending: Pending, _dice: Dice) -> dict[int, list[Op]]:
    return {n: [op] for n, op in pending}


def _in_order(pending: Pending, dice: Dice) -> dict[int, list[Op]]:
    """The first so many over all files."""
    numbers = sorted(n for n, _ in pending)
    most = dice.choice([0, *numbers])
    return {n: [op] for n, op in pending if n <= most}


def _any(pending: Pending, dice: Dice) -> dict[int, list[Op]]:
    """Each for itself: later ones may be there and earlier ones not."""
    return {n: [op] for n, op in pending if dice.random() < 0.5}


def _torn(pending: Pending, dice: Dice) -> dict[int, list[Op]]:
    """Sector by sector."""
    return {n: [part for part in _sectors(op) if dice.random() < 0.5] for n, op in pending}


def _sectors(op: Op) -> list[Op]:
    if op.kind == "t":
        return [op]
    starts = [op.offset, *range((op.offset // SECTOR + 1) * SECTOR, op.offset + len(op.data), SECTOR)]
    ends = [*starts[1:], op.offset + len(op.data)]
    pieces = zip(starts, ends, strict=True)
    return [Op("w", 0, op.inode, at, op.data[at - op.offset : end - op.offset]) for at, end in pieces]


MODELS: dict[str, Callable[[Pending, Dice], dict[int, list[Op]]]] = {
    "synced": _none,
    "all": _every,
    "in order": _in_order,
    "any": _any,
    "torn": _torn,
}
