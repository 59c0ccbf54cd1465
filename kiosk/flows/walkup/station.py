"""What the adapters report about the terminal itself; true on every screen."""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.faults import Fault
from kiosk.flows.core import Elapsed, Event
from kiosk.flows.service import ServiceChanged
from kiosk.flows.walkup import ahead
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.common import Result, load_face, reload, told, watch_codes
from kiosk.flows.walkup.state import State, Station


def report(state: State, event: Event) -> Result | None:
    """The state with the report in it, or None when the event is no report."""
    station = _station(state.station, event)
    if station is not None:
        after = replace(state, station=station)
        provided = ahead.provide(after) if station.online and not state.station.online else ()
        return after, (*provided, *watch_codes(state, after))
    match event:
        case ev.FeedChanged(name="requests"):
            return state, reload(state)
        case ev.FeedChanged(name="notices"):
            return state, (ev.LoadNotices(),)
        case ev.FeedChanged(name="ahead"):
            return state, ahead.load(state)
        case ev.AheadLoaded(session=n, ahead=found) if n == state.session and state.visit:
            return replace(state, visit=replace(state.visit, ahead=found)), ()
        case ev.FeedChanged(name="templates"):
            return state, load_face(state)
        case fe.FaceLoaded(session=n, found=found) if n == state.session and state.visit:
            return replace(state, visit=replace(state.visit, face=found, face_known=True)), ()
        case ev.RequestsLoaded(session=n, requests=requests) if n == state.session and state.visit:
            return replace(state, visit=told(replace(state.visit, requests=requests))), ()
        case ev.DraftsLoaded(session=n, drafts=drafts) if n == state.session and state.visit:
            return replace(state, visit=told(replace(state.visit, drafts=drafts))), ()
    return None


def _station(station: Station, event: Event) -> Station | None:
    match event:
        case ev.LinkChanged(link=link):
            return replace(station, link=link)
        case ev.BacklogChanged(queued=queued, dead=dead):
            return replace(station, queued=queued, dead=dead)
        case ev.SpaceChanged(space=space):
            return replace(station, keeps=space != "full")
        case ev.PrinterChanged(printer=printer, paper=paper):
            return replace(station, printer=printer, paper=paper)
        case ev.A4Changed(printer=printer, sheets=sheets, toner=toner):
            return replace(station, a4=printer, sheets=sheets, toner=toner)
        case ev.PapersLeft(papers=papers):
            return replace(station, left=papers)
        case ev.DeviceChanged(device="scanner", online=online):
            return replace(station, scanner=online)
        case ev.DeviceChanged(device="camera", online=online):
            return replace(station, camera=online)
        case ev.DeviceChanged(device="face", online=online):
            return replace(station, face=online)
        case fe.GalleryChanged(people=people):
            return replace(station, gallery=people)
        case Elapsed(timer="face_rest"):
            return replace(station, doubts=0)
        case ev.FaultRaised(fault=fault):
            return replace(station, faults=(*_others(station.faults, fault.device), fault))
        case ev.FaultCleared(device=device):
            return replace(station, faults=_others(station.faults, device))
        case ev.NoticesLoaded(notices=notices):
            return replace(station, notices=notices)
        case ServiceChanged(service=service):
            return replace(station, service=service)
    return None


def _others(faults: tuple[Fault, ...], device: str) -> tuple[Fault, ...]:
    return tuple(fault for fault in faults if fault.device != device)
