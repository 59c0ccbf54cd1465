"""What every terminal's program does around its own parts: timers of the flow, and a run from start to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from kiosk import heap, log
from kiosk.app.caretaker import AGAIN, Caretaker, Senses, resident_of
from kiosk.app.notify import READY, STOPPING, tell
from kiosk.app.reports import Reports
from kiosk.app.starts import Starts
from kiosk.app.watchdog import Pulse
from kiosk.clock import Clock
from kiosk.config import Config, history
from kiosk.domain.faults import Code, Fault
from kiosk.flows.core import Effect, Elapsed, StartTimer, StopTimer
from kiosk.turns import share
from sync.staging import Staging
from ui.window import Window

ORDERLY = (0, AGAIN)


class Terminal(Protocol):
    """A composition root: parts that start in order and stop in reverse, and a window.

    `quiet`: nobody is there and nothing is being done for anybody; `anew`: why to begin
    anew then; `pulses`: what must beat.
    """

    clock: Clock

    @property
    def window(self) -> Window[Any]: ...
    @property
    def reports(self) -> Reports: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def quiet(self) -> bool: ...
    def anew(self) -> str: ...
    def pulses(self) -> list[Pulse]: ...


Make = Callable[[Fault | None], Terminal]
"""A terminal, or with a fault one that is out of service for it."""


def timers(window: Window[Any], clock: Clock) -> dict[type[Effect], Callable[..., None]]:
    """The handlers of StartTimer and StopTimer: each timer fires once, unless it is started again or stopped."""

    def start(effect: StartTimer) -> None:
        def fire() -> None:
            window.deliver(Elapsed(effect.timer, effect.session, clock.now()))

        window.timer(effect.timer, effect.seconds, fire)

    return {StartTimer: start, StopTimer: lambda effect: window.stop_timer(effect.timer)}


def no_bug_is_swallowed(future: Future[None]) -> None:
    """A done-callback of work that is handed to threads: what nobody expected ends the program, as on the main one."""
    error = None if future.cancelled() else future.exception()
    if error is not None:
        sys.excepthook(type(error), error, error.__traceback__)


class _Hands:
    """What a caretaker does to a terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self.deliver, self.quit = terminal.window.deliver, terminal.window.quit
        self.fault, self.well = terminal.reports.fault, terminal.reports.clear
        self.quiet, self.anew = terminal.quiet, terminal.anew


def serve(component: str, config: Config, make: Make, bare: Make) -> int:
    """Until it is told to stop; the exit code, not 0 after a bug in any thread.

    After too many quick ends in a row `make` is handed the fault; if that does not hold either, `bare` is.
    """
    heap.bound()
    clock = Clock(config.demo.clock_offset)
    log.setup(component, config.paths.state / "log", clock)
    with contextlib.suppress(OSError, UnicodeDecodeError):
        history.keep(config, clock.now())
    starts = Starts(config.paths.state, config.service.quick_ends)
    fault = _too_many(starts)
    code = -1
    try:
        code = _serve(config, (bare if starts.hopeless else make)(fault), starts)
    finally:
        if code == 0:
            starts.ended()
        elif code == AGAIN and not starts.too_many:
            starts.healthy()
    return code


def _too_many(starts: Starts) -> Fault | None:
    before = starts.begin()
    log.event("starting", count=before)
    return Fault(Code.PROGRAM_ENDS, "program", f"{before} quick ends") if starts.too_many else None


def _serve(config: Config, terminal: Terminal, starts: Starts) -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: terminal.window.quit(0))
    threading.excepthook = lambda bug: sys.excepthook(bug.exc_type, bug.exc_value or Exception(), bug.exc_traceback)
    staging = Staging(config.paths.state, config.updates.notes)
    senses = Senses(resident_of(os.getpid()), update=staging.ask)
    care = Caretaker(config.service, terminal.clock, _Hands(terminal), terminal.pulses(), starts, senses)
    terminal.window.on_first_frame = lambda: _shown(terminal.window, care)
    terminal.start()
    share()
    try:
        return terminal.window.exec()
    finally:
        tell(STOPPING)
        terminal.stop()
        terminal.window.close()


def _shown(window: Window[Any], care: Caretaker) -> None:
    """The first screen stands: that is what being ready means."""
    tell(READY)
    _tend(window, care)


def _tend(window: Window[Any], care: Caretaker) -> None:
    care.tick()
    window.timer("caretaker", care.every, lambda: _tend(window, care))
