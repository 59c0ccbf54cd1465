"""What every terminal's program does around its own parts: timers of the flow, and a run from start to stop."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.core import Effect, Elapsed, StartTimer, StopTimer
from kiosk.turns import share
from ui.window import Window


class Terminal(Protocol):
    """A composition root: parts that start in order and stop in reverse, and a window."""

    @property
    def window(self) -> Window[Any]: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


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


def serve(component: str, config: Config, make: Callable[[], Terminal]) -> int:
    """Until it is told to stop; the exit code, not 0 after a bug in any thread."""
    log.setup(component, config.paths.state / "log", Clock(config.demo.clock_offset))
    terminal = make()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: terminal.window.quit(0))
    threading.excepthook = lambda bug: sys.excepthook(bug.exc_type, bug.exc_value or Exception(), bug.exc_traceback)
    terminal.start()
    share()
    try:
        return terminal.window.exec()
    finally:
        terminal.stop()
        terminal.window.close()
