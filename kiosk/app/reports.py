"""What devices, printer, journal and sync say, turned into events of the flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk import log
from kiosk.app.health import Health
from kiosk.domain.documents import Sealed
from kiosk.domain.faults import Code, Fault
from kiosk.domain.printer import PrinterState
from kiosk.flows.core import Event
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Link
from printers.spool import JobEvent, StatusEvent
from sync.space import Space
from sync.wire import DocumentAnswer

Deliver = Callable[[Event], None]

PRINTER_FAULTS = {
    PrinterState.PAPER_LOW: Code.PRINTER_PAPER_LOW,
    PrinterState.NO_PAPER: Code.PRINTER_NO_PAPER,
    PrinterState.COVER_OPEN: Code.PRINTER_COVER,
    PrinterState.DISCONNECTED: Code.PRINTER_OFFLINE,
    PrinterState.ERROR: Code.PRINTER_ERROR,
}
A4_FAULTS = {
    PrinterState.PAPER_LOW: Code.A4_PAPER_LOW,
    PrinterState.NO_PAPER: Code.A4_NO_PAPER,
    PrinterState.COVER_OPEN: Code.A4_COVER,
    PrinterState.DISCONNECTED: Code.A4_OFFLINE,
    PrinterState.ERROR: Code.A4_ERROR,
    PrinterState.NO_TONER: Code.A4_NO_TONER,
    PrinterState.TONER_LOW: Code.A4_TONER_LOW,
}
LINK_FAULTS = {
    Link.OFFLINE: Code.CENTRE_UNREACHABLE,
    Link.LOGIN: Code.CENTRE_ODD_ANSWER,
    Link.UNTRUSTED: Code.CENTRE_UNPROVEN,
    Link.REFUSED: Code.CENTRE_REFUSES,
    Link.UPDATE: Code.CENTRE_REFUSES,
}


class Reports:
    """Callbacks for the adapters; each is called on its adapter's own thread. `health` hears of every device.

    `on_job`: hears what becomes of every print job, `on_spent` of every code that let somebody in, beside the flow.
    """

    def __init__(self, deliver: Deliver, now: Callable[[], float], health: Health | None = None) -> None:
        self._deliver, self._now = deliver, now
        self.health = health or Health(now)
        self.on_job: Callable[[JobEvent], None] = lambda _: None
        self.on_spent: Callable[[ev.CodeSpent], None] = lambda _: None

    def fault(self, fault: Fault) -> None:
        """Something in the environment went wrong."""
        log.event("fault", code=fault.code.value, device=fault.device, detail=fault.detail)
        self.health.fault(fault)
        self._deliver(ev.FaultRaised(fault))

    def space(self, now: Space) -> None:
        """The journal's callback: what can be kept, and with it what is well again."""
        self._deliver(ev.SpaceChanged(now.value))
        if now is not Space.FULL:
            self.clear("journal")
        if now is Space.PLENTY:
            self.clear("disk")

    def ready(self, fault: Fault | None) -> None:
        """What the last readiness report said of the terminal; None = nothing against it."""
        if fault is None:
            self.clear("readiness")
        else:
            self.fault(fault)

    def device(self, name: str) -> Callable[[bool, Fault | None], None]:
        """The on_state callback of one device."""

        def changed(online: bool, fault: Fault | None) -> None:
            self.health.online(name, online)
            self._deliver(ev.DeviceChanged(name, online))
            if fault is not None:
                self.fault(fault)
            elif online:
                self.clear(name)

        return changed

    def printer(self, event: JobEvent | StatusEvent) -> None:
        """The callback of the receipt printer's spool."""
        if isinstance(event, JobEvent):
            self._job(event)
            return
        self.health.online("printer", event.status is not PrinterState.DISCONNECTED)
        self._deliver(ev.PrinterChanged(event.status, event.paper))
        self._printer("printer", PRINTER_FAULTS.get(event.status))

    def a4(self, event: JobEvent | StatusEvent) -> None:
        """The callback of the spool for A4."""
        if isinstance(event, JobEvent):
            self._job(event)
            return
        self.health.online("a4", event.status is not PrinterState.DISCONNECTED)
        self._deliver(ev.A4Changed(event.status, event.paper, event.toner))
        self._printer("a4", A4_FAULTS.get(event.status))

    def _job(self, event: JobEvent) -> None:
        log.event("print_job", job=event.id, state=event.state, reason=event.reason)
        self.on_job(event)
        self._deliver(ev.JobChanged(event.id, event.state, event.reason, self._now()))

    def _printer(self, device: str, code: Code | None) -> None:
        if code is None:
            self.clear(device)
        else:
            self.fault(Fault(code, device))

    def sync(self, message: Mapping[str, Any]) -> None:
        """One line of the sync process."""
        match message:
            case {"ev": "link", "state": str(state)}:
                self._link(Link(state))
            case {"ev": "backlog", "queued": int(queued), "dead": int(dead)}:
                self._deliver(ev.BacklogChanged(queued, dead))
            case {"ev": "feed", "name": str(name)}:
                self._deliver(ev.FeedChanged(name))
            case {"ev": "sealed", "answer": dict(answer)}:
                sealed = sealed_of(DocumentAnswer.model_validate(answer))
                self._deliver(ev.DocumentSealed(sealed.key, sealed))
            case {"ev": "spent", "nonce": str(nonce), "first": bool(first)}:
                self._spent(nonce, first)
            case {"ev": "clock", "doubt": str(doubt)}:
                self._clock(doubt)
            case {"ev": "update", "version": str(version), "state": str(state), "reason": str(reason)}:
                self._update(state, f"{version} {state}: {reason}".strip())
            case {"ev": "not_sealed", "key": str(key), "reason": str(reason)}:
                self._deliver(ev.NotSealed(key, reason))

    def _spent(self, nonce: str, first: bool) -> None:
        if not first:
            log.event("code_taken_elsewhere")
        spent = ev.CodeSpent(nonce, first, self._now())
        self.on_spent(spent)
        self._deliver(spent)

    def _update(self, state: str, told: str) -> None:
        if state in ("refused", "failed", "returned"):
            self.fault(Fault(Code.UPDATE_NOT_TAKEN, "update", told))
        else:
            self.clear("update")

    def _clock(self, doubt: str) -> None:
        if doubt:
            self.fault(Fault(Code.CLOCK_DOUBTFUL, "clock", doubt))
        else:
            self.clear("clock")

    def _link(self, link: Link) -> None:
        if link is not Link.UNKNOWN:
            self.health.online("centre", link is Link.ONLINE)
        self._deliver(ev.LinkChanged(link))
        if link in LINK_FAULTS:
            self.fault(Fault(LINK_FAULTS[link], "centre"))
        elif link is Link.ONLINE:
            self.clear("centre")

    def clear(self, device: str) -> None:
        """All is well again with this device."""
        self.health.clear(device)
        self._deliver(ev.FaultCleared(device))


def sealed_of(answer: DocumentAnswer) -> Sealed:
    """The centre's answer as the flow keeps it."""
    return Sealed(
        answer.key, answer.serial, answer.issued, answer.expires, answer.code, answer.url, dict(answer.fields)
    )
