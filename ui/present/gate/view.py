"""The whole view of the lane: bar, picture, decision, and the guard's pane or help over it."""

from __future__ import annotations

from kiosk.flows.gate.state import Ask, Phase, State
from ui.present.gate import attend, guard, lane, result, watch
from ui.present.gate.kinds import GOOD, kind
from ui.present.gate.scene import GateScene, GateWorld
from ui.present.gate.service import Desk, pages
from ui.present.scene import View

SHARES = {"GateWatch": 0.5, "GateDigits": 0.3, "GateAllow": 0.46, "GateStop": 0.4, "GateAttend": 0.38}
ACROSS = {"GateStop": 0.4, "GateAttend": 0.4}
LESS = ((6, 0.26), (4, 0.34))
"""The picture's share of an upright screen when there are more rows than this to say."""
LESS_GREEN = ((3, 0.26), (1, 0.36))
"""The same beside a green screen: its notes, and the strips of what does not work."""


def present_gate(state: State, world: GateWorld, desk: Desk = Desk()) -> View:
    """One screen. `key` is the same as long as phase and outcome are: a moving face changes bindings alone.

    `pages`: the technician's screen over all of it; `corner`: whether the way in to it is open.
    """
    scene = GateScene(state, world)
    screen = _screen(scene)
    body = _body(scene, screen)
    troubles = lane.troubles(scene)
    share = _share(screen, body, len(troubles))
    return {
        "screen": screen,
        "key": _key(scene, screen),
        "bar": lane.bar(scene),
        "lane": lane.picture(scene, share, ACROSS.get(screen, 0.5)),
        "troubles": troubles,
        "body": body,
        "overlay": guard.overlay(scene),
        "dark": state.service.dark if state.quiet else 0.0,
        "pages": pages(state, world, desk),
        "corner": state.phase is Phase.WATCHING and not state.guard.pane and not state.help,
    }


def _screen(scene: GateScene) -> str:
    state = scene.state
    if state.phase is Phase.SHOWING:
        return "GateAllow" if kind(state) in GOOD else "GateStop"
    if state.ask is Ask.DIGITS:
        return "GateDigits"
    return "GateAttend" if state.attendance.lesson else "GateWatch"


def _body(scene: GateScene, screen: str) -> View:
    if screen in ("GateAllow", "GateStop"):
        return result.body(scene)
    if screen == "GateDigits":
        return watch.digits(scene)
    return attend.body(scene) if screen == "GateAttend" else watch.body(scene)


def _share(screen: str, body: View, troubles: int) -> float:
    """How high the picture may be, so that every word has its place."""
    less: tuple[tuple[int, float], ...] = ()
    rows = 0
    if screen == "GateStop":
        less, rows = LESS, len(body["rows"])
    elif screen == "GateAllow":
        less, rows = LESS_GREEN, len(body["notes"]) + troubles
    return next((share for many, share in less if rows > many), SHARES[screen])


def _key(scene: GateScene, screen: str) -> str:
    state = scene.state
    if state.phase is Phase.SHOWING:
        return f"showing.{kind(state)}.{state.session}"
    return "digits" if screen == "GateDigits" else state.phase.value
