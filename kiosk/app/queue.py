"""What a technician's pages ask of journal and disk, done on a thread of its own; answers come back as events."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kiosk.app.doer import Doer
from kiosk.domain.backlog import Stick
from kiosk.domain.faults import Fault
from kiosk.flows.core import Effect, Event
from kiosk.flows.technician import events as te
from sync import overview
from sync.records import Stamp
from sync.vault import Vault

EXPORT_S = 10.0
"""How long the program's end waits for a file that is being written."""


class Writer(Protocol):
    """The journal: acts on its own thread, and the audit chain."""

    def act(self, work: Callable[[sqlite3.Connection, Stamp], None], failed: Callable[[Fault], None]) -> None: ...


class SendAgain(Protocol):
    """Dead rows become queued again, None = all, and the audit chain says so; how many. Raises sqlite3.Error."""

    def __call__(self, db: sqlite3.Connection, seqs: Sequence[int] | None, now: float, by: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Sealed:
    """An export that is on the stick: the file's name, how many rows it holds, how many could not be read any more."""

    file: str
    rows: int
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class NotSealed:
    """There is no file. `reason`: as in `NotExported`."""

    reason: str


class Export(Protocol):
    """Seal the queue into a file in this folder, and say so in the audit chain. Raises nothing of the environment's."""

    def __call__(self, folder: Path, by: str) -> Sealed | NotSealed: ...


class Note(Protocol):
    """One line of the audit chain; from any thread."""

    def __call__(self, kind: str, /, **detail: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Acts:
    """Whatever is done to the queue, as others do it."""

    send_again: SendAgain
    export: Export
    note: Note
    sticks: Callable[[], tuple[Stick, ...]]
    nudge: Callable[[], None]


class QueueDesk:
    """Handlers of the technician's effects. `deliver` is for any thread."""

    def __init__(self, state: Path, vault: Vault, writer: Writer, acts: Acts, deliver: Callable[[Event], None]) -> None:
        self._journal, self._cache, self._vault = state / "journal.db", state / "cache.db", vault
        self._writer, self._acts, self._deliver = writer, acts, deliver
        self.work = Doer("queue", self._hung)
        self._exporting: te.ExportQueue | None = None

    def handlers(self) -> dict[type[Effect], Callable[..., None]]:
        """Kind of effect → its one handler; none of them blocks."""
        return {
            te.LookAtQueue: self._off_main(self._look),
            te.SendAgain: self._send_again,
            te.LookForSticks: self._off_main(self._sticks),
            te.ExportQueue: self._off_main(self._export),
            te.Note: self._note,
        }

    def start(self) -> None:
        self.work.start()

    def stop(self, timeout: float) -> None:
        """An export that is being written is ended first, unless the stick takes longer than that."""
        self.work.stop(max(timeout, EXPORT_S))

    def _off_main(self, work: Callable[[Any], None]) -> Callable[[Any], None]:
        return lambda effect: self.work.put(lambda: work(effect))

    def _look(self, effect: te.LookAtQueue) -> None:
        try:
            standing = overview.standing(self._journal, self._cache)
            rows = overview.dead(self._journal, self._vault, effect.first, effect.most)
        except (sqlite3.Error, OSError) as error:
            self._deliver(te.QueueTrouble(effect.session, getattr(error, "sqlite_errorname", type(error).__name__)))
        else:
            self._deliver(te.QueueLooked(effect.session, effect.ask, standing, rows))

    def _send_again(self, effect: te.SendAgain) -> None:
        """On the journal's own thread: nobody else writes there."""

        def work(db: sqlite3.Connection, stamp: Stamp) -> None:
            count = self._acts.send_again(db, effect.seqs, stamp.at, self._tag(effect.who))
            self._acts.nudge()
            self._deliver(te.SentAgain(effect.session, count))

        self._writer.act(work, lambda fault: self._deliver(te.QueueTrouble(effect.session, fault.detail)))

    def _note(self, effect: te.Note) -> None:
        who = effect.detail.get("who")
        self._acts.note(effect.kind, **{**effect.detail, **({"who": self._tag(who)} if who else {})})

    def _tag(self, who: str) -> str:
        """Whom the campus can find by their id, and nobody else by the tag."""
        return self._vault.tag("person", who).hex()

    def _sticks(self, effect: te.LookForSticks) -> None:
        self._deliver(te.SticksFound(effect.session, self._acts.sticks()))

    def _export(self, effect: te.ExportQueue) -> None:
        self._exporting = effect
        done = self._acts.export(Path(effect.folder), self._tag(effect.who))
        if self._exporting is not effect:
            # it was said to have failed meanwhile
            return
        self._exporting = None
        if isinstance(done, Sealed):
            self._deliver(te.Exported(effect.session, done.file, done.rows, done.left_out))
        else:
            self._deliver(te.NotExported(effect.session, done.reason))

    def _hung(self) -> None:
        """The stick does not answer any more; another thread is at work."""
        effect, self._exporting = self._exporting, None
        if effect:
            self._deliver(te.NotExported(effect.session, "failed"))
