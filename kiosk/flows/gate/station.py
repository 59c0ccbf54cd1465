"""What devices, centre and catalogue say, whoever stands at the lane."""

from __future__ import annotations

from dataclasses import replace

from kiosk.flows.core import Effect, Event, Intent
from kiosk.flows.gate import events as ev
from kiosk.flows.gate.common import Result
from kiosk.flows.gate.state import Attendance, Devices, Phase, State
from kiosk.flows.service import ServiceChanged
from kiosk.flows.walkup.events import (
    BacklogChanged,
    DeviceChanged,
    FaultCleared,
    FaultRaised,
    FeedChanged,
    LinkChanged,
    Recorded,
    SpaceChanged,
)

FEEDS: dict[str, Effect] = {"rules": ev.LoadRules(), "lessons": ev.LoadLesson()}


def report(state: State, event: Event) -> Result | None:
    """The state with this news; None = no news of that kind."""
    match event:
        case DeviceChanged(device=name, online=online):
            there = state.devices.online | {name} if online else state.devices.online - {name}
            return _devices(state, replace(state.devices, online=there)), ()
        case FaultRaised(fault=fault):
            faults = {**state.devices.faults, fault.device: fault.code.value}
            return _devices(state, replace(state.devices, faults=faults)), ()
        case FaultCleared(device=name):
            faults = {key: code for key, code in state.devices.faults.items() if key != name}
            return _devices(state, replace(state.devices, faults=faults)), ()
        case LinkChanged(link=link):
            return replace(state, link=link), ()
        case BacklogChanged(queued=queued):
            return replace(state, queued=queued), ()
        case SpaceChanged(space=space):
            return replace(state, keeps=space != "full"), ()
        case ServiceChanged(service=service):
            return replace(state, service=service), ()
        case FeedChanged(name=name):
            return state, (FEEDS[name],) if name in FEEDS else ()
        case ev.RulesLoaded(rules=rules) if state.phase in (Phase.READING, Phase.RECHECK):
            return replace(state, coming=rules), ()
        case ev.RulesLoaded(rules=rules):
            return replace(state, rules=rules, coming=None), ()
        case ev.LessonLoaded(lesson=lesson, signed=signed):
            return replace(state, attendance=Attendance(lesson, signed)), ()
    return None


def sighted(state: State, event: Event) -> State:
    """The face in view, and whether it is still there."""
    match event:
        case ev.FaceSeen(sight=sight):
            return replace(state, sight=sight)
        case ev.FaceGone(track=track) if state.sight and state.sight.track == track:
            return replace(state, sight=None)
        case DeviceChanged(device="face" | "camera", online=False):
            return replace(state, sight=None)
    return state


def look(state: State, event: Event) -> State | None:
    """Language and help."""
    match event:
        case Intent(name="language", payload="zh" | "en" as language):
            return replace(state, language=language)
        case Intent(name="help"):
            return replace(state, help=True)
        case Intent(name="help_close"):
            return replace(state, help=False)
    return None


def count(state: State, event: Event) -> State:
    """How many records this run has committed."""
    return replace(state, recorded=state.recorded + 1) if isinstance(event, Recorded) else state


def _devices(state: State, devices: Devices) -> State:
    return replace(state, devices=devices)
