"""The technician's screens: sign in, then one page at a time. A further page is a module and a line in each table."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.flows.technician.state import Page, Phase, State
from kiosk.flows.walkup.state import State as Visit
from ui.present.scene import Scene, View, button
from ui.present.technician import board, logs, queue, results, settings, signin, sticks

Body = Callable[[Scene, State], View]
PAGES: dict[Page, tuple[str, Body]] = {
    Page.BOARD: ("TechBoard", board.body),
    Page.TESTS: ("TechTests", results.body),
    Page.QUEUE: ("TechQueue", queue.body),
    Page.LOG: ("TechLines", logs.body),
    Page.SETTINGS: ("TechLines", settings.body),
}
"""Page → its QML file and its view."""
DEPTHS = {"Pin": 1, "Factor": 2, "TechSticks": 4, "TechPart": 4, "TechRun": 5}


def body(scene: Scene) -> View:
    """What stands on the screen now."""
    technician = scene.state.technician
    assert technician is not None
    return {**_shown(technician)[1](scene, technician), "tabs": tabs(scene, technician)}


def file(state: Visit) -> str:
    """The QML file of the screen."""
    assert state.technician is not None
    return _shown(state.technician)[0]


def key(state: Visit) -> str:
    """Another key is another page."""
    assert state.technician is not None
    bench = state.technician.bench
    return f"technician.{file(state).lower()}.{state.session}.{bench.running or bench.part}"


def depth(state: Visit) -> int:
    """Forward is to the right."""
    return DEPTHS.get(file(state), 3)


def tabs(scene: Scene, technician: State) -> list[View]:
    """The way from page to page; none while there is one page only."""
    names = [(page, scene.t(f"technician.page.{page}")) for page in PAGES] if len(PAGES) > 1 else []
    return [button("tech_page", name, payload=page, chosen=page is technician.page) for page, name in names]


def _shown(technician: State) -> tuple[str, Body]:
    match technician.phase:
        case Phase.PIN:
            return "Pin", signin.pin
        case Phase.CODE:
            return "Factor", signin.code
    if technician.bench.running:
        return "TechRun", results.running
    if technician.page is Page.BOARD and technician.bench.part in technician.bench.fitted:
        return "TechPart", board.part
    if technician.page is Page.QUEUE and technician.queue.sticks is not None:
        return "TechSticks", sticks.body
    return PAGES[technician.page]
