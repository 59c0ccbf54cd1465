"""The centre's sealed files on their way to the printer of A4: asked for, their seal checked, kept until printed."""

from __future__ import annotations

import base64
import binascii
import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Protocol

from kiosk import log
from kiosk.app.paper_files import code_of, pictures
from kiosk.app.pdf_seal import Seal
from kiosk.app.running import no_bug_is_swallowed
from kiosk.domain.documents import Sealed
from kiosk.domain.faults import Code, Fault
from kiosk.flows.core import Event
from kiosk.flows.walkup import events as ev
from sync import register
from sync.vault import UnreadableError

DEVICE = "sheets"
"""Whose fault it is when a file's seal does not check."""


class Asking(Protocol):
    """The sync process, as far as it is needed here."""

    def sheets(self, serial: str) -> None:
        """Ask for the file of a certificate."""


class Sheets:
    """One file at a time: that of the person who stands here. Safe for several threads.

    `state`: the terminal's state folder, whose cache says which seals are good. `work`: where files are checked, which
    takes a tenth of a second.
    """

    def __init__(
        self,
        asking: Asking,
        state: Path,
        campus: int,
        work: Executor,
        deliver: Callable[[Event], None],
        fault: Callable[[Fault], None],
    ) -> None:
        self._asking, self._state, self._campus, self._work = asking, state, campus, work
        self._deliver, self._fault = deliver, fault
        self._lock = threading.Lock()
        self._wanted: Sealed | None = None
        self._pdf = b""

    def start(self) -> None:
        """Have the library for PDFs loaded before somebody waits for it: that takes a second or more."""
        self._off_main(_warm)

    def fetch(self, effect: ev.FetchSheets) -> None:
        """`SheetsReady` or `NoSheets` comes."""
        with self._lock:
            self._wanted, self._pdf = effect.sealed, b""
        self._asking.sheets(effect.sealed.serial)

    def heard(self, message: Mapping[str, Any]) -> None:
        """One line of the sync process."""
        match message:
            case {"ev": "sheets", "serial": str(serial), "pdf": str(text)}:
                self._off_main(lambda: self._came(serial, text))
            case {"ev": "no_sheets", "serial": str(serial), "reason": str(reason)}:
                self._none(serial, reason)

    def take(self, serial: str) -> bytes:
        """The file that was announced by `SheetsReady`. Raises ValueError when it is not here any more."""
        with self._lock:
            if self._wanted is None or self._wanted.serial != serial or not self._pdf:
                raise ValueError("no_file")
            return self._pdf

    def wipe(self) -> None:
        """The person has left."""
        with self._lock:
            self._wanted, self._pdf = None, b""

    def _came(self, serial: str, text: str) -> None:
        with self._lock:
            wanted = self._wanted
        if wanted is None or wanted.serial != serial:
            return
        reason = self._judged(wanted, text)
        if reason:
            self._none(serial, reason)
            return
        with self._lock:
            if self._wanted is not wanted:
                return
            self._pdf = base64.b64decode(text)
        self._deliver(ev.FaultCleared(DEVICE))
        self._deliver(ev.SheetsReady(serial))

    def _judged(self, wanted: Sealed, text: str) -> str:
        """Why this file is not to be printed, "" when it is."""
        from kiosk.app import pdf_files

        try:
            pdf = base64.b64decode(text, validate=True)
            with register.opened(self._state, self._campus) as known:
                seal = pdf_files.seal_of(pdf, known.seals)
        except binascii.Error:
            seal = Seal.NONE
        except (OSError, sqlite3.Error, UnreadableError):
            seal = Seal.UNKNOWN
        if seal is Seal.UNKNOWN:
            return "unchecked"
        # a good seal on somebody else's paper is no better than a bad one
        good = seal is Seal.SEALED and code_of(pictures(pdf)) == wanted.code
        if not good:
            self._fault(Fault(Code.SHEETS_FORGED, DEVICE, seal.value))
        return "" if good else "forged"

    def _none(self, serial: str, reason: str) -> None:
        log.event("no_sheets", reason=reason)
        self._deliver(ev.NoSheets(serial, reason))

    def _off_main(self, work: Callable[[], None]) -> None:
        self._work.submit(work).add_done_callback(no_bug_is_swallowed)


def _warm() -> None:
    from kiosk.app import pdf_files

    del pdf_files
