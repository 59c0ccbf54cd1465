"""The technician's pages as lines of text: the same views as on the screen, for a shell."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.domain import proving
from kiosk.domain.board import Part
from kiosk.flows.technician.state import State
from ui.present.scene import Scene, View
from ui.present.technician import board, logs, queue, results, settings

WIDTH = 78
SHADES = " ▁▂▃▄▅▆▇█"


def devices(scene: Scene, technician: State) -> Iterator[str]:
    """A line a part, its name for the command in front; below it what to do, and the firmware that it tells."""
    for part in technician.bench.parts:
        yield from _part(board.row(scene, part), part)
        if part.firmware:
            yield f"          {scene.t('technician.board.firmware')}  {part.firmware}"


def device(scene: Scene, technician: State) -> Iterator[str]:
    """One part with all that is known of it."""
    view = board.part(scene, technician)
    part = next(one for one in technician.bench.parts if one.name == technician.bench.part)
    yield from _part(view["row"], part)
    for fact in view["facts"]:
        yield f"    {fact['label']}  {fact['text']}"
    yield f"    {view['chart_title']}"
    yield from proofs(scene, technician, part.name)


def proofs(scene: Scene, technician: State, part: str = "") -> Iterator[str]:
    """A line a test, of one part or of all; then what all of them together say."""
    for proof in proving.proofs_of(technician.bench.fitted):
        if part in ("", proof.part):
            line = results.line(scene, technician, proof.name)
            yield f"{proof.name:<18} {line['chip']['text']}  {line['title']}  {line['found']}".rstrip()
    if not part:
        yield results.body(scene, technician)["verdict"]["text"]


def result(scene: Scene, technician: State, name: str) -> str:
    """What one test has found."""
    line = results.line(scene, technician, name)
    return f"{line['title']}: {line['chip']['text']}  {line['found']}".rstrip()


def records(scene: Scene, technician: State) -> Iterator[str]:
    """How the queue stands, and its newest dead letters."""
    view = queue.body(scene, technician)
    for stat in view["stats"]:
        yield f"{stat['label']}  {stat['number']}  {stat['sub']}"
    for row in view["rows"]:
        yield f"{row['label']}  {row['chip']['text']}  {row['text']}  {row['remedy']}".rstrip()
    for letter in view["letters"]:
        yield f"{letter['title']}  {letter['receipt']}  {letter['sub']}  {letter['reason']}"


def log(scene: Scene, technician: State) -> Iterator[str]:
    """One page of the log, through its filter."""
    view = logs.body(scene, technician)
    for row in view["rows"]:
        yield f"{row['sub']}  {row['title']}  {row['text']}".rstrip()
    if view["subtitle"]:
        yield view["subtitle"]


def changed(scene: Scene, technician: State) -> Iterator[str]:
    """The settings there were, by the number that `settings NUMBER` and `back NUMBER` take, and the differences."""
    for number, one in enumerate(technician.settings.kept, 1):
        mark = "*" if one.name == technician.settings.against else " "
        yield f"{mark} {number}  {settings.name(scene, one)}"
    view = settings.body(scene, technician)
    yield view["subtitle"]
    for row in view["rows"]:
        yield f"    {row['title']}  {row['text']}"


def _part(row: View, part: Part) -> Iterator[str]:
    curve = "".join(SHADES[round(share * (len(SHADES) - 1))] for share in row["chart"])
    yield f"{part.name:<9} {row['chip']['text']}  {row['label']}  {row['text']}  |{curve}|"
    if row["remedy"]:
        yield f"          {row['remedy']}"
