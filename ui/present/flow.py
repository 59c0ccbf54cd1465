"""Flow charts and timelines, drawn from the item's own steps."""

from __future__ import annotations

from kiosk import text
from kiosk.domain import forms
from kiosk.domain.catalogue import Item, Step
from kiosk.domain.requests import Request, Status, finished
from ui.present.scene import Scene, View, breadth, clipped

CHART_PIXELS, WIDE_PIXELS = 880.0, 740.0
MOST_ACROSS = 5


def guide(scene: Scene, item: Item) -> View:
    """What happens with this item, for whoever may ask: every step, the conditional ones marked so."""
    nodes = [_node(1, scene.t("flow.fill"), scene.t("flow.fill_time"))]
    nodes += [_step(scene, n, step) for n, step in enumerate(item.steps, 2)]
    return chart(scene, [*nodes, *_ends(scene, item, len(nodes) + 1)])


def route(scene: Scene, item: Item, values: dict[str, str]) -> View:
    """The steps these answers will take."""
    taken = [_step(scene, n, step, plain=True) for n, step in enumerate(forms.steps(item, values), 2)]
    nodes = [_node(1, scene.t("flow.submit"), "", "now"), *taken]
    return chart(scene, [*nodes, *_ends(scene, item, len(nodes) + 1)])


def progress(scene: Scene, request: Request, item: Item) -> View:
    """How far a request has come."""
    steps = forms.steps(item, request.values)
    nodes = [_node(1, scene.t("flow.submit"), "", "done", "tick")]
    for index, step in enumerate(steps):
        nodes.append(_node(index + 2, step.name.of(scene.language), "", *_reached(request, index)))
    over = finished(request)
    good = request.status in (Status.APPROVED, Status.ISSUED)
    word = scene.t("flow.issued" if item.printable else "flow.finished")
    last = ("done", "tick") if good else ("bad", "cross") if over else ("next", "")
    return chart(scene, [*nodes, _node(len(nodes) + 1, word, "", *last)])


def chart(scene: Scene, nodes: list[View]) -> View:
    """Side by side while every word fits under its circle, else one below the other."""
    pixels = WIDE_PIXELS if scene.world.wide else CHART_PIXELS
    room = pixels / max(1, len(nodes)) / (30 * (1.35 if scene.state.look.large else 1.0))
    words = (word for node in nodes for text in (node["label"], node["sub"]) for word in text.split())
    narrow = max(map(breadth, words), default=0)
    return {"nodes": nodes, "upright": len(nodes) > MOST_ACROSS or narrow > room}


def _ends(scene: Scene, item: Item, number: int) -> list[View]:
    if item.printable:
        seal = _node(number, scene.t("flow.seal"), scene.t("flow.seal_time"))
        return [seal, _node(number + 1, scene.t("flow.print"), scene.t("flow.print_time"))]
    if item.result:
        return [_node(number, scene.t("flow.result"), scene.t("flow.result_time"))]
    return [_node(number, scene.t("flow.finished"), "")]


def _step(scene: Scene, number: int, step: Step, plain: bool = False) -> View:
    time = text.duration(scene.language, step.minutes)
    sub = time if plain or step.when is None else scene.t("flow.maybe", time=time)
    return _node(number, step.name.of(scene.language), sub)


def _reached(request: Request, index: int) -> tuple[str, str]:
    marks = {mark.step: mark.what for mark in request.marks if mark.step >= 0}
    if marks.get(index) == "step_refused":
        return "bad", "cross"
    if marks.get(index) == "step_approved" or request.status in (Status.APPROVED, Status.ISSUED):
        return "done", "tick"
    return ("now", "") if request.status is Status.IN_APPROVAL and request.step == index else ("next", "")


def _node(number: int, label: str, sub: str, state: str = "next", icon: str = "") -> View:
    return {"mark": str(number), "label": clipped(label, 40), "sub": sub, "state": state, "icon": icon}
