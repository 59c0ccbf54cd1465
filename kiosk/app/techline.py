"""The technician over a shell: the same flow, the same desks, the same audit; lines of text in place of the screen.

A Unix socket in the state folder, mode 0600. The terminal sends JSON lines {"say": …}, {"ask": "line" | "secret",
"text": …} and {"bye": true}; every "ask" is answered by {"text": …}.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from kiosk import log
from kiosk.app.techsession import Around, Session
from kiosk.flows.core import Event
from kiosk.flows.walkup.events import CodeSpent

NAME = "technician.sock"
FIRST_SESSION = -1000
"""Sessions of a shell count down from here: no session of the screen is below nought but the guard's −1."""


class TechLine:
    """Serves one shell at a time. `take` is handed every event; those of a shell's session are kept from the screen."""

    def __init__(self, state: Path, around: Callable[[], Around], deliver: Callable[[Event], None]) -> None:
        self._path, self._around, self._deliver = state / NAME, around, deliver
        self._socket: socket.socket | None = None
        self._session: Session | None = None
        self._numbers = itertools.count(FIRST_SESSION, -1)
        self._line: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen; a state folder whose name is too long for a socket has none."""
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._path.unlink(missing_ok=True)
            listening.bind(str(self._path))
            self._path.chmod(0o600)
            listening.listen(1)
        except OSError as error:
            listening.close()
            log.event("technician_line_shut", reason=type(error).__name__)
            return
        self._socket = listening
        self._thread = threading.Thread(target=self._serve, args=(listening,), name="technician-line", daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Whoever is signed in is signed out."""
        for each in (self._socket, self._line):
            if each:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
        if self._thread:
            self._thread.join(timeout)
        self._path.unlink(missing_ok=True)

    def take(self, event: Event) -> None:
        """To whom it belongs: by its session, or to both."""
        session = getattr(event, "session", None)
        shell = self._session
        if isinstance(session, int) and session <= FIRST_SESSION:
            if shell and shell.number == session:
                shell.put(event)
            return
        self._deliver(event)

    def told(self, event: Event) -> None:
        """What a shell has to hear as well."""
        if self._session:
            self._session.put(event)

    def spent(self, event: CodeSpent) -> None:
        """A code that was shown elsewhere before lets nobody in: a shell that was opened by it is shut."""
        shell = self._session
        if shell and not event.first and event.nonce == shell.state.nonce != "":
            shell.shut()

    def _serve(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._line, _ = listening.accept()
                with self._line as line, line.makefile("rw", encoding="utf-8") as stream:
                    self._talk(line, stream)

    def _talk(self, line: socket.socket, stream: TextIO) -> None:
        session = Session(next(self._numbers), self._around(), line, stream)
        self._session = session
        try:
            session.run()
        except (OSError, ValueError):
            log.event("technician_line_lost")
        finally:
            session.leave()
            self._session = None
