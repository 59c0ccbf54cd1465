"""A terminal in fast time: its composition root, flows, journal, desk, spool and sync loops, over a wheel.

Stand-ins have the place of what has no part in it: glass for the window, a machine that prints at once; the sync
process' engine runs here, its turns taken by the wheel. What goes to the centre goes over a real socket.
"""

from __future__ import annotations

import functools
import json
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from kiosk import config as configs
from kiosk.app.terminal import Terminal
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.flows.core import Event
from printers.machine import Levels, Sent
from printers.pace import Pace as Delays
from printers.plan import Plan, plan
from printers.profiles import profile
from printers.spool import Job, JobEvent, JobState, Spool, StatusEvent
from printers.status import Status
from sync.beats import Said
from sync.loops import Engine
from sync.pace import Loop, Wait
from sync.wire import DocumentAsk, SpendAsk
from tests.faults.wheel import OnWheel, Wheel

HASTE = Delays(poll=0.5, look=0.02, retry=0.05)
PATIENCE_S = 30.0
"""Of the real time: what threads are waited for."""
GAP_S = 0.0005
ENDED = (JobState.PRINTED, JobState.UNKNOWN, JobState.FAILED)


class Glass:
    """In place of the window: events come from any thread and are taken by `drain`, timers stand on the wheel."""

    def __init__(self, wheel: Wheel, config: Config, _texts: Any, _items: Any, _clock: Clock, post: Any) -> None:
        self._wheel, self._post = wheel, post
        self._came: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.timers: dict[str, int] = {}
        self.pictures: dict[str, bytes] = {}
        self.ended: int | None = None

    def deliver(self, event: Event) -> None:
        self._came.put(event)

    def drain(self) -> bool:
        """Hand on what came; whether anything had."""
        came = False
        while not self._came.empty():
            self._post(self._came.get())
            came = True
        return came

    def timer(self, name: str, seconds: float, fire: Callable[[], None]) -> None:
        self.stop_timer(name)
        self.timers[name] = self._wheel.put(seconds, functools.partial(self._fire, name, fire))

    def stop_timer(self, name: str) -> None:
        if name in self.timers:
            self._wheel.give_up(self.timers.pop(name))

    def _fire(self, name: str, fire: Callable[[], None]) -> None:
        self.timers.pop(name, None)
        fire()

    def picture(self, name: str, data: bytes | None) -> None:
        if data is None:
            self.pictures.pop(name, None)
        else:
            self.pictures[name] = data

    def quit(self, code: int) -> None:
        self.ended = code

    def render(self, state: object) -> None:
        """Nobody looks."""

    def live(self, source: object) -> None:
        """There is no camera."""


class Turn(Loop):
    """A loop whose turns the wheel takes."""

    def __init__(self, wheel: Wheel, name: str, turn: Callable[[], Wait], noticed: Callable[[Exception], None]) -> None:
        super().__init__(name, turn, noticed)
        self._wheel = wheel
        self._number = -1
        self._over = self._firm = self._woken = False

    def start(self) -> None:
        self._number = self._wheel.put(0.0, self._go)

    def wake(self) -> None:
        self._woken = True
        if not self._over and not self._firm and self._number >= 0:
            self._wheel.give_up(self._number)
            self.start()

    def stop(self) -> None:
        self._over = True
        if self._number >= 0:
            self._wheel.give_up(self._number)

    def _go(self) -> None:
        self._woken, self._number = False, -1
        wait = self.take()
        self._firm = wait.firm
        if not self._over:
            self._number = self._wheel.put(0.0 if self._woken and not wait.firm else wait.seconds, self._go)


class Within:
    """In place of the sync process: its engine, in here. Orders of any thread wait for `drain`, as in its pipe."""

    def __init__(self, wheel: Wheel, config: Path, on_event: Callable[[dict[str, Any]], None], _on_fault: Any) -> None:
        self._wheel, self._config, self._on_event = wheel, configs.load(config), on_event
        self._orders: queue.SimpleQueue[Callable[[Engine], None]] = queue.SimpleQueue()
        self._engine: Engine | None = None
        self._status: tuple[Any, ...] = ()
        self.beat = 0.0

    def start(self) -> None:
        making: Any = functools.partial(Turn, self._wheel)
        self._engine = Engine(self._config, self._tell, OnWheel(wheel=self._wheel), making)
        self._engine.start()

    def stop(self, timeout: float = 3.0) -> None:
        if self._engine:
            self._engine.stop()
        self._engine = None

    def kill(self) -> None:
        """It is gone, and another one begins a moment later."""
        self.stop()
        self._on_event({"ev": "link", "state": "unknown"})
        self._wheel.put(1.0, self.start)

    def drain(self) -> bool:
        came = False
        while not self._orders.empty():
            order = self._orders.get()
            if self._engine:
                order(self._engine)
            came = True
        return came

    def nudge(self) -> None:
        self._orders.put(lambda engine: engine.nudge())

    def seal(self, ask: DocumentAsk) -> None:
        self._orders.put(lambda engine: engine.errands.seal(ask))

    def sheets(self, serial: str) -> None:
        self._orders.put(lambda engine: engine.errands.sheets(serial))

    def spend(self, ask: SpendAsk) -> None:
        self._orders.put(lambda engine: engine.errands.spend(ask))

    def provide(self, person: str) -> None:
        self._orders.put(lambda engine: engine.errands.provide(person))

    def forget(self, person: str) -> None:
        self._orders.put(lambda engine: engine.forget(person))

    def status(self, printer: str, faults: Any, sensors: Any, versions: Any) -> None:
        told = (printer, tuple(faults), dict(sensors), dict(versions))
        if told != self._status:
            self._status = told
            said = Said(printer=printer, faults=list(faults), sensors=dict(sensors), versions=dict(versions))
            self._orders.put(lambda engine: engine.status(said))

    def quiet(self, quiet: bool) -> None:
        """This terminal is not installed as a package: no release is fetched."""

    def _tell(self, ev: str, **fields: Any) -> None:
        self._on_event(json.loads(json.dumps({"ev": ev, **fields}, ensure_ascii=False)))


class Paper:
    """A printer that prints at once. `out`: after so many jobs there is no paper for one; 0 = never."""

    def __init__(self) -> None:
        self.sent, self.out, self.pages = 0, 0, 0
        self.open, self.clean, self.levels, self.firmware = False, True, Levels(), ""

    def __call__(self, *_: object) -> Paper:
        return self

    def close(self) -> None:
        self.open = False

    def suspect(self) -> None:
        self.clean = True

    def connect(self, impatient: Callable[[], bool]) -> bool:
        self.open = True
        return True

    def heard(self) -> bool:
        return False

    def look(self) -> Status:
        return Status.IDLE

    def prepare(self) -> Status:
        self.sent = 0
        return Status.IDLE

    def plan(self, data: bytes, copies: int = 1) -> Plan:
        return plan(data * copies, profile("generic-80mm"))

    def send(self, job: Plan) -> Sent:
        self.sent = sum(map(len, (*job.body, *job.tail)))
        self.out -= 1
        if self.out == 0:
            return Sent(Status.NO_PAPER, whole=False)
        self.pages += 1
        return Sent(Status.IDLE, whole=True)


class Known(Spool):
    """A spool of which one can ask whether it has anything to do. It keeps the machine's own time."""

    def __init__(self, machine: Paper, config: Any, jobs: Any, on_event: Any, _clock: Clock) -> None:
        self._under_way: set[str] = set()
        self._tell_on = on_event
        super().__init__(config, jobs, self._hear, Clock(), HASTE, machine)

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    def submit(self, job: Job) -> None:
        self._under_way.add(job.id)
        super().submit(job)

    def _hear(self, event: JobEvent | StatusEvent) -> None:
        self._tell_on(event)
        if isinstance(event, JobEvent) and event.state in ENDED:
            self._under_way.discard(event.id)


class Counted(ThreadPoolExecutor):
    """Knows how much of what it was handed is not done."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._left, self._lock = 0, threading.Lock()

    @property
    def busy(self) -> bool:
        return self._left > 0

    def submit(self, *args: Any, **more: Any) -> Future[Any]:  # type: ignore[override]
        with self._lock:
            self._left += 1
        made = super().submit(*args, **more)
        made.add_done_callback(self._done)
        return made

    def _done(self, _: object) -> None:
        with self._lock:
            self._left -= 1


@contextmanager
def hurried(wheel: Wheel, paper: Paper) -> Iterator[None]:
    """Terminals that are made inside live in the wheel's time."""
    parts: Mapping[str, Any] = {
        "Shell": functools.partial(Glass, wheel),
        "SyncProcess": functools.partial(Within, wheel),
        "Spool": functools.partial(Known, paper),
        "ThreadPoolExecutor": Counted,
        "Clock": lambda _offset: OnWheel(wheel=wheel),
    }
    with ExitStack() as stack:
        for name, part in parts.items():
            stack.enter_context(patch(f"kiosk.app.terminal.{name}", part))
        yield


class Quick:
    """One terminal that runs over the wheel: `settle` lets its threads come to rest, time stands still meanwhile."""

    def __init__(self, config: Config, path: Path, wheel: Wheel) -> None:
        self.wheel = wheel
        self.terminal = Terminal(config, path)
        self.glass: Any = self.terminal.shell
        self.terminal.start()

    @property
    def state(self) -> Any:
        return self.terminal.runner.state

    def drain(self) -> bool:
        """Whether anything had come from a thread."""
        ordered = self.terminal.sync.drain()  # type: ignore[attr-defined]
        return self.glass.drain() or ordered

    def settle(self) -> None:
        """All threads have done what they were asked, and so has this one."""
        end = time.monotonic() + PATIENCE_S
        while self._stirs():
            assert time.monotonic() < end, "the terminal's threads do not come to rest"
        # what is due now belongs to now
        while self.wheel.next <= self.wheel.mono:
            self.wheel.turn()
            self._stirs()

    def until(self, true: Callable[[], object], what: str, within: float = 30.0) -> None:
        """Let time pass from one thing that is due to the next; an assertion when it takes more than `within` of it."""
        end = self.wheel.mono + within
        self.settle()
        while not true():
            assert self.wheel.next <= end, f"not within {within:.0f} s: {what}; on the screen: {self.state.screen}"
            self.wheel.turn()
            self.settle()

    def stop(self) -> None:
        self.settle()
        self.terminal.stop()
        for name in list(self.glass.timers):
            self.glass.stop_timer(name)

    def _stirs(self) -> bool:
        """Wait for journal and desk, and look at the others; whether anything came of it."""
        asked = [threading.Event(), threading.Event()]
        self.terminal.journal.act(lambda *_: asked[0].set(), lambda _: asked[0].set())
        self.terminal.desk.notices(lambda _: asked[1].set())
        for each in asked:
            assert each.wait(PATIENCE_S), "journal or desk does not answer"
        busy = self.terminal.spool.busy or self.terminal.work.busy  # type: ignore[attr-defined]
        if busy:
            asked[0].clear()
            asked[0].wait(GAP_S)
        return self.drain() or busy
