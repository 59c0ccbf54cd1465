"""The process that prints: flow, journal, print log and spool as in the terminal, without a window around them.

`python -m tests.faults.printing --folder STATE --address ADDRESS`, until its standard input closes. An order is a line
of JSON: `collect` (somebody signs in and asks for the paper of a request) or `press` (a touch). What the screen shows
and what the printer is said to be are lines of JSON on its standard output.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import queue
import sys
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.app.papers import look_back
from kiosk.clock import Clock
from kiosk.config import PrinterConfig
from kiosk.domain.documents import Sealed
from kiosk.domain.people import Factor
from kiosk.domain.printer import PrinterState
from kiosk.flows.core import Effect, Event, Intent
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Link, Look, Screen, State
from kiosk.flows.walkup.step import step
from kiosk.runner import Runner
from printers.pace import Pace
from printers.spool import Job, JobEvent, Spool, StatusEvent
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.vault import Vault
from sync.wire import NEWEST
from tests.faults.register import Register
from tests.unit.walkup_kit import POLICY, STUDENT, approved

QUICK = Pace(
    connect=1.0,
    first=1.5,
    again=0.3,
    answer=0.3,
    busy=0.4,
    confirm=0.4,
    margin=0.2,
    watch=0.05,
    grace=0.06,
    poll=0.05,
    retry=0.05,
    look=0.02,
)
ISSUED = "issued.jsonl"


def paper(serial: str) -> bytes:
    """A page of a few kilobytes that tells where it begins and where it ends."""
    lines = "".join(f"line {n} of {serial}\n" for n in range(20)).encode()
    band = b"\x1dv0\x00\x20\x00\x18\x00" + b"\x3c" * 32 * 24
    return b"\x1b@" + f"BEGIN {serial}\n".encode() + lines + band * 3 + f"END {serial}\n".encode() + b"\x1dVB\x00"


class Printing:
    """One life of it. The main thread is the flow's; everybody else posts to it."""

    def __init__(self, folder: Path, address: str) -> None:
        self._orders: queue.SimpleQueue[Event | dict[str, str] | None] = queue.SimpleQueue()
        vault, self._clock = Vault.open(folder), Clock()
        self._journal = Journal(folder / "journal.db", vault, self._clock, "A-017", uuid.uuid4().hex, lambda _: None)
        self._register = Register(folder / ISSUED)
        jobs = self._journal.job_store(address)
        self._left = look_back(jobs.left())
        self._spool = Spool(PrinterConfig(address=address), jobs, self._printer, self._clock, QUICK)
        self._runner: Runner[State] = Runner(
            functools.partial(step, policy=POLICY), State(look=Look("zh")), _Handlers(self._effects()), self._show
        )

    def run(self) -> None:
        records, asks = self._left
        self._journal.start()
        self._spool.start()
        for record in records:
            self._record(record)
        self._runner.post(asks)
        self._runner.post(ev.LinkChanged(Link.ONLINE))
        threading.Thread(target=self._listen, daemon=True).start()
        while (order := self._orders.get()) is not None:
            if isinstance(order, Event):
                self._runner.post(order)
            elif order["op"] == "collect":
                self._collect(order["request"])
            else:
                self._press(order["touch"])
        self._spool.stop()
        self._journal.stop()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._orders.put(json.loads(line))
        self._orders.put(None)

    def _collect(self, request: str) -> None:
        """Whoever was here has left; the next signs in and wants a paper."""
        if self._runner.state.visit:
            self._press("out")
        self._runner.post(ev.CodeRead("K1:…", self._clock.now()))
        self._runner.post(ev.Admitted(self._runner.state.session, STUDENT, Factor.CODE, self._clock.now()))
        self._runner.post(ev.RequestsLoaded(self._runner.state.session, (approved(request),)))
        self._press(f"open_request {request}")
        self._press("print_result")

    def _press(self, touch: str) -> None:
        name, _, payload = touch.partition(" ")
        self._runner.post(Intent(name, payload, self._clock.now(), os.urandom(16).hex()))

    # --- the world ----------------------------------------------------------------------------------------

    def _effects(self) -> dict[type[Effect], Callable[[Any], None]]:
        return {ev.Seal: self._seal, ev.Print: self._print, ev.Record: self._record}

    def _seal(self, effect: ev.Seal) -> None:
        issued = self._register.issue(effect.key, effect.request)
        sealed = Sealed(effect.key, issued.serial, 0.0, 0.0, "", "", {})
        self._orders.put(ev.DocumentSealed(effect.key, sealed))

    def _print(self, effect: ev.Print) -> None:
        assert effect.sealed
        serial = effect.sealed.serial
        self._spool.submit(Job(effect.job, f"{serial} ×1", paper(serial)))

    def _record(self, effect: ev.Record) -> None:
        event = NewEvent(effect.key, effect.stream, effect.kind, NEWEST[effect.kind], dict(effect.body), effect.receipt)
        self._journal.put(event, self._recorded)

    def _recorded(self, answer: Committed | Refused) -> None:
        if isinstance(answer, Committed):
            self._orders.put(ev.Recorded(answer.key, answer.receipt, self._clock.now()))

    def _printer(self, event: JobEvent | StatusEvent) -> None:
        if isinstance(event, JobEvent):
            self._orders.put(ev.JobChanged(event.id, event.state, event.reason, self._clock.now()))
        else:
            _say(status=event.status.value)
            self._orders.put(ev.PrinterChanged(PrinterState(event.status.value), event.paper))

    def _show(self, state: State) -> None:
        job = state.job
        trouble = job.trouble.value if job and job.trouble and state.screen is Screen.TROUBLE else ""
        serial = job.sealed.serial if job and job.sealed else ""
        message = state.message.key if state.message else ""
        request = job.key if job else state.request
        _say(screen=state.screen.value, trouble=trouble, serial=serial, message=message, request=request)


class _Handlers(dict[type[Effect], Callable[[Any], None]]):
    """What no paper depends on, such as timers and drafts, is left undone."""

    def __missing__(self, _kind: type[Effect]) -> Callable[[Any], None]:
        return lambda _effect: None


def _say(**what: object) -> None:
    """In one piece, from any thread."""
    os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--address", required=True)
    options = parser.parse_args(arguments)
    Printing(options.folder, options.address).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
