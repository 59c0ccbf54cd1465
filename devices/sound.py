"""Sounds of the gate: played by the system's own player in a process of its own; without one the gate is silent."""

from __future__ import annotations

import queue
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from kiosk import log
from kiosk.assets import ROOT

FOLDER = ROOT / "sounds"
PLAYERS: tuple[tuple[str, ...], ...] = (("aplay", "-q"), ("paplay",))
END_S = 0.5
LOOK_S = 0.2


def player() -> tuple[str, ...] | None:
    """The command that plays a file put behind it; None = there is none."""
    for program, *options in PLAYERS:
        if path := shutil.which(program):
            return (path, *options)
    return None


class Sounds:
    """`play(name)` plays `folder/name.wav`: it returns at once, never raises, and a newer sound ends an older one.

    `enabled`: false = silent. What cannot be played is silence, said once in the log. `command` replaces the player.
    """

    def __init__(self, enabled: bool, folder: Path = FOLDER, command: Sequence[str] | None = None) -> None:
        self._enabled, self._folder, self._command = enabled, folder, command
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._said = False
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def play(self, name: str) -> None:
        """allow, stop, recheck or prompt. The thread that plays begins with the first one."""
        if not self._enabled:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sound", daemon=True)
                self._thread.start()
        self._queue.put(name)

    def stop(self, timeout: float = 1.0) -> None:
        """Ends what plays; nothing is played afterwards."""
        self._enabled = False
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        command = self._command or player()
        while (name := self._newest()) is not None:
            self._end()
            path = self._folder / f"{name}.wav"
            if command is None or not path.is_file():
                self._silent("no player" if command is None else "no file")
            else:
                self._begin([*command, str(path)])
        self._end()

    def _newest(self) -> str | None:
        """Waits for a name, and for the player's end meanwhile; of several the last, None at the end."""
        while True:
            try:
                name = self._queue.get(timeout=LOOK_S) if self._process else self._queue.get()
                break
            except queue.Empty:
                self._reap()
        while name is not None and not self._queue.empty():
            name = self._queue.get()
        return name

    def _begin(self, command: Sequence[str]) -> None:
        nothing = subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing)
        except OSError as error:
            self._silent(type(error).__name__)

    def _reap(self) -> None:
        if self._process and (code := self._process.poll()) is not None:
            self._process = None
            if code:
                self._silent(f"exit {code}")

    def _end(self) -> None:
        """Ends a player that still plays, the hard way if it hangs on its device."""
        self._reap()
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _silent(self, why: str) -> None:
        if not self._said:
            self._said = True
            log.event("sound_silent", detail=why)
