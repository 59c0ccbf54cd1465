"""The terminal's end of the sync process: starts it, listens to it, starts it again when it dies or stops beating."""

from __future__ import annotations

import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kiosk import log
from kiosk.domain.faults import Code, Fault
from sync.wire import DocumentAsk, SpendAsk

BEAT_S, FIRST_BEAT_S = 10.0, 30.0
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0
ASK_S = 10.0


class SyncProcess:
    """`on_event` gets every line but `alive`, on a thread of ours; link states are told once per change.

    An ask for a seal, or for sheets, is answered once, over restarts of the process too. `command` replaces the engine
    in tests. `beat` is the time.monotonic() of our thread's last sign of life.
    """

    def __init__(
        self,
        config_path: Path,
        on_event: Callable[[dict[str, Any]], None],
        on_fault: Callable[[Fault], None],
        command: Sequence[str] | None = None,
        beat_s: float = BEAT_S,
    ) -> None:
        self._command = command or (sys.executable, "-m", "sync.engine", "--config", str(config_path))
        self._on_event, self._on_fault, self._beat_s = on_event, on_fault, beat_s
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self.beat = time.monotonic()
        self._link = "unknown"
        self._asks: dict[str, tuple[DocumentAsk, float]] = {}
        self._sheets: dict[str, float] = {}
        self._spends: dict[str, tuple[SpendAsk, float]] = {}
        self._status: dict[str, Any] | None = None
        self._quiet = False
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """Ask it to end, by word and by closing its standard input, then insist."""
        self._stop.set()
        self._order({"op": "stop"})
        with self._lock:
            if self._process and self._process.stdin:
                self._process.stdin.close()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        process = self._process
        if process and process.poll() is None:
            process.kill()
            process.wait()

    def nudge(self) -> None:
        """There is something new in the journal. Lost while the process restarts: it looks by itself."""
        self._order({"op": "nudge"})

    def seal(self, ask: DocumentAsk) -> None:
        """Have a certificate sealed; `sealed` or `not_sealed` comes once."""
        with self._lock:
            self._asks[ask.key] = (ask, time.monotonic())
        self._order({"op": "seal", "ask": ask.model_dump()})

    def sheets(self, serial: str) -> None:
        """Have the sealed file of this certificate; `sheets` (its PDF in base64) or `no_sheets` comes once."""
        with self._lock:
            self._sheets[serial] = time.monotonic()
        self._order({"op": "sheets", "serial": serial})

    def spend(self, ask: SpendAsk) -> None:
        """A code was taken here: is it the first time anywhere? `spent` comes at once, later, or after a restart."""
        now = time.monotonic()
        with self._lock:
            fresh = {nonce: kept for nonce, kept in self._spends.items() if now - kept[1] < ASK_S}
            self._spends = {**fresh, ask.nonce: (ask, now)}
        self._order({"op": "spend", **ask.model_dump()})

    def provide(self, person: str) -> None:
        """This person is here: have the centre seal in advance for them. Lost while the process restarts."""
        self._order({"op": "provide", "person": person})

    def status(
        self, printer: str, faults: Sequence[str], sensors: Mapping[str, str], versions: Mapping[str, str]
    ) -> None:
        """How the terminal is, for the next heartbeat. Every process that is started anew hears it again."""
        told = {"printer": printer, "faults": list(faults), "sensors": dict(sensors), "versions": dict(versions)}
        with self._lock:
            if told == self._status:
                return
            self._status = told
        self._order({"op": "status", **told})

    def quiet(self, quiet: bool) -> None:
        """Whether nobody is there: then updates may be fetched. Every process that is started anew hears it again."""
        with self._lock:
            if quiet == self._quiet:
                return
            self._quiet = quiet
        self._order({"op": "quiet", "quiet": quiet})

    def forget(self, person: str) -> None:
        """Their face was withdrawn here: drop it from the cache at once. Lost while the process restarts: it looks."""
        self._order({"op": "forget", "person": person})

    def _order(self, order: dict[str, Any]) -> None:
        """Never blocks: a process that does not read is about to be ended, and asks are told again to the next."""
        line = json.dumps(order, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            if self._process is None or self._process.stdin is None or self._process.stdin.closed:
                return
            try:
                os.write(self._process.stdin.fileno(), line)
            except (OSError, ValueError):
                return

    def _run(self) -> None:
        pause, said = 0.5, False
        while not self._stop.is_set():
            self.beat = began = time.monotonic()
            why = self._life()
            if self._stop.is_set():
                return
            if self._link != "unknown":
                self._link = "unknown"
                self._on_event({"ev": "link", "state": "unknown"})
            steady = time.monotonic() - began > STEADY_S
            pause, said = (0.5, False) if steady else (pause, said)
            log.event("sync_stopped", reason=why)
            if not said:
                # over as soon as the line to the centre is said to be online again
                self._on_fault(Fault(Code.SYNC_STOPPED, "centre", why))
                said = True
            self._stop.wait(pause * random.uniform(0.5, 1.0))
            pause = min(LONGEST_PAUSE_S, pause * 2)

    def _life(self) -> str:
        """One process from start to end; why it ended."""
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            return type(error).__name__
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        with self._lock:
            self._process = process
        self._ask_again()
        try:
            return self._listen(process)
        finally:
            with self._lock:
                self._process = None
            _end(process)

    def _listen(self, process: subprocess.Popen[bytes]) -> str:
        lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        reader = threading.Thread(target=_read, args=(process, lines), name="sync-out", daemon=True)
        reader.start()
        patience = max(FIRST_BEAT_S, self._beat_s) if self._beat_s >= BEAT_S else self._beat_s
        while True:
            self.beat = time.monotonic()
            try:
                line = lines.get(timeout=patience)
            except queue.Empty:
                return "silent"
            if not line:
                return f"ended {process.wait()}"
            patience = self._beat_s
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            event = json.loads(line)
            name = event["ev"]
        except (ValueError, KeyError, TypeError):
            log.event("sync_said_something_odd")
            return
        if name == "alive":
            return
        if name == "link":
            self._link = event["state"]
        if name == "spent":
            with self._lock:
                self._spends.pop(event["nonce"], None)
        if name in ("sheets", "no_sheets"):
            with self._lock:
                if self._sheets.pop(event["serial"], None) is None:
                    return
        if name in ("sealed", "not_sealed"):
            key = event["answer"]["key"] if name == "sealed" else event["key"]
            with self._lock:
                if self._asks.pop(key, None) is None:
                    return
        self._on_event(event)

    def _ask_again(self) -> None:
        """Asks are idempotent by their key; one that is too old is answered here.

        Codes that were taken longer ago are in the journal, where the process finds them.
        """
        with self._lock:
            waiting, spends = list(self._asks.items()), list(self._spends.values())
            sheets, self._sheets = self._sheets, {}
            status, quiet = self._status, self._quiet
        if status is not None:
            self._order({"op": "status", **status})
        if quiet:
            self._order({"op": "quiet", "quiet": quiet})
        for spend, since in spends:
            if time.monotonic() - since < ASK_S:
                self._order({"op": "spend", **spend.model_dump()})
        for serial, since in sheets.items():
            if time.monotonic() - since < ASK_S:
                with self._lock:
                    self._sheets.setdefault(serial, since)
                self._order({"op": "sheets", "serial": serial})
            else:
                self._on_event({"ev": "no_sheets", "serial": serial, "reason": "offline", "detail": "sync_stopped"})
        for key, (ask, since) in waiting:
            if time.monotonic() - since < ASK_S:
                self._order({"op": "seal", "ask": ask.model_dump()})
                continue
            with self._lock:
                self._asks.pop(key, None)
            self._on_event({"ev": "not_sealed", "key": key, "reason": "offline", "detail": "sync_stopped"})


def _read(process: subprocess.Popen[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(b"")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Killing it is safe at any point."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            try:
                pipe.close()
            except OSError:
                pass
