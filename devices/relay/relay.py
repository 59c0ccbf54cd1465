"""The lane's relay: opened once a key, for so long, and closed whatever happens to whoever asked."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from devices.relay.boards import Board, LcusBoard, ModbusBoard
from devices.worker import LINE_ERRORS, OnState, Port, Worker
from kiosk import log
from kiosk.config import RelayConfig
from kiosk.domain.faults import Code, Fault

STALE_S = 1.0
MOST_OPEN_S = 10.0
PROBE_S = 0.5
MOST_KEYS = 10_000

Done = Callable[[str, bool], None]


@dataclass(frozen=True, slots=True)
class _Ask:
    key: str
    seconds: float
    done: Done
    at: float


class Relay:
    """`on_state`, `on_passage` and each `done(key, ok)` are called on one thread of the relay's own, in order.

    They may block or fail: the thread that talks to the board, and opens and closes, is another one. OFF is sent
    when the line opens, when it comes back, at the deadline of an opening, and at the end. Raises ValueError for
    kind "none".
    """

    def __init__(self, config: RelayConfig, on_state: OnState, on_passage: Callable[[], None]) -> None:
        if config.kind not in ("modbus", "lcus"):
            raise ValueError(f"no relay of kind {config.kind}")
        self._config, self._on_passage = config, on_passage
        self._asks: queue.SimpleQueue[_Ask | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._online = self._timed = False
        self._spent: OrderedDict[str, bool] = OrderedDict()
        self._said = _Said()
        self._worker = Worker(
            "relay",
            Code.RELAY_OFFLINE,
            lambda: Port(config.port, config.baud),
            self._talk,
            lambda online, fault: self._said.put(lambda: on_state(online, fault)),
        )

    def start(self) -> None:
        self._said.start()
        self._worker.start()

    def stop(self, timeout: float) -> None:
        """Closes the relay and the port; returns after `timeout` seconds at the latest."""
        began = time.monotonic()
        self._worker.stopping.set()
        self._asks.put(None)
        self._worker.stop(timeout)
        self._said.stop(max(0.0, timeout - (time.monotonic() - began)))

    @property
    def beat(self) -> float:
        """time.monotonic() of the thread's last sign of life."""
        return self._worker.beat

    def open(self, key: str, seconds: float, done: Done) -> None:
        """Open for `seconds`, at most MOST_OPEN_S; returns at once. ok = the board echoed it (LCUS: it was written).

        The same key never opens twice: it is answered as the first time. Nothing is kept for later: without a line, or
        when the thread comes to it more than STALE_S late, ok is False. Raises ValueError for a time of no length.
        """
        if not seconds > 0:
            raise ValueError(f"cannot open for {seconds} s")
        with self._lock:
            if self._online:
                self._asks.put(_Ask(key, min(seconds, MOST_OPEN_S), done, time.monotonic()))
                return
        self._said.put(lambda: done(key, False))

    # --- on the worker's thread ----------------------------------------------------------------------------------

    def _talk(self, port: Port) -> None:
        board = self._board(port)
        try:
            while not self._worker.stopping.is_set():
                self._worker.alive()
                if board.shut():
                    self._serve(board)
                else:
                    self._deaf()
                    self._worker.stopping.wait(PROBE_S)
        finally:
            self._turn_away()
            with contextlib.suppress(*LINE_ERRORS):
                board.shut()

    def _board(self, port: Port) -> Board:
        if self._config.kind == "lcus":
            return LcusBoard(self._config, port)
        return ModbusBoard(self._config, port, self._timed)

    def _serve(self, board: Board) -> None:
        """Until the end, or until the board is deaf."""
        with self._lock:
            self._online = True
        self._worker.say(True)
        while not self._worker.stopping.is_set():
            self._worker.alive()
            ask = self._next(board.due())
            heard = self._open(board, ask) if ask else board.look()
            if board.passed():
                self._said.put(self._on_passage)
            if not heard:
                self._deaf()
                return

    def _next(self, seconds: float) -> _Ask | None:
        try:
            return self._asks.get(timeout=seconds) if seconds > 0 else self._asks.get_nowait()
        except queue.Empty:
            return None

    def _open(self, board: Board, ask: _Ask) -> bool:
        """Whether the board heard; every ask is answered, also when the line breaks under it."""
        known = ask.key in self._spent
        if known or time.monotonic() - ask.at > STALE_S:
            if not known:
                log.event("relay_asked_too_late")
            self._tell(ask, self._spent.get(ask.key, False))
            return True
        self._spend(ask.key)
        try:
            self._spent[ask.key] = board.open_for(ask.seconds)
        finally:
            self._tell(ask, self._spent[ask.key])
        self._timed = isinstance(board, ModbusBoard) and board.timed
        return self._spent[ask.key]

    def _spend(self, key: str) -> None:
        self._spent[key] = False
        if len(self._spent) > MOST_KEYS:
            self._spent.popitem(last=False)

    def _tell(self, ask: _Ask, opened: bool) -> None:
        self._said.put(lambda: ask.done(ask.key, opened))

    def _deaf(self) -> None:
        self._turn_away()
        self._worker.say(False, Fault(Code.RELAY_DEAF, "relay", "no echo"))

    def _turn_away(self) -> None:
        """From here on nothing is taken in, and what waits will never open."""
        with self._lock:
            self._online = False
        while not self._asks.empty():
            if ask := self._asks.get():
                self._tell(ask, False)


class _Said:
    """Calls what it is given, one after the other, on a thread of its own."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="relay-said", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, call: Callable[[], None]) -> None:
        self._queue.put(call)

    def stop(self, timeout: float) -> None:
        self._queue.put(None)
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _run(self) -> None:
        while (call := self._queue.get()) is not None:
            try:
                call()
            except Exception as error:  # noqa: BLE001 - whoever listens may fail; the next one is told all the same
                log.bug(error)
