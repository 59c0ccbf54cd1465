"""The gate as it runs: how long from a good picture to the relay, and how many people a minute get their decision.

The terminal is a process of its own with its peers; the crowd has the two bundled faces, everybody else made-up ones.
GATE_ROUNDS and GATE_RUSH_SECONDS make it shorter or longer.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from devices.sim import faces
from tests.bench.rush import DECISION_S, Decided, Lane, Walker, crowd, lane

ROUNDS, RUSH_S = 40, 150.0
WARM_UP = 2
GAP_S, STANDS_S, READING_S = 2.0, 0.7, 1.2
"""Nobody, until the one before is forgotten, or else the temperature is taken anew for the new face; somebody
unrecognisable; from the code to the good picture, of which the temperature takes a third."""
PER_MINUTE, STRANGERS, FEVERS = 60, 0.20, 0.05
CODE_AFTER_S, WALKS_S, ASIDE_S = 0.5, 0.5, 1.5
"""From stepping up to the code; from the opening to the sensor; to read the red screen and step aside."""


def run() -> dict[str, float]:
    """`gate.decision_ms` is the 95th percentile from a good picture sent by the camera to the relay's contact.

    `decision_seen_ms` and `decision_open_ms` are its medians up to the record's request and from there on: capture,
    recogniser and the decision; commit, window thread and line. `people_per_minute` counts decisions at the centre.
    """
    with tempfile.TemporaryDirectory() as folder, lane(Path(folder)) as there:
        return _decisions(there) | _rush(there)


def _decisions(there: Lane) -> dict[str, float]:
    rounds = int(os.environ.get("GATE_ROUNDS", ROUNDS))
    draw = random.Random(3)
    numbers = {name: itertools.cycle(group) for name, group in there.people.real.items()}
    began, shown, opened = time.monotonic(), [], []
    for n in range(WARM_UP + rounds):
        name = faces.PEOPLE[n % 2]
        times = _round(there, name, next(numbers[name]), draw.uniform(0, 1 / there.post.camera.fps))
        if n >= WARM_UP:
            shown.append(times[0])
            opened.append(times[1])
    there.delivered()
    asked = [_of(there.decided(began), t0, t1).mono for t0, t1 in zip(shown, opened, strict=True)]
    whole, seen = 1000 * (np.array(opened) - shown), 1000 * (np.array(asked) - shown)
    parts = [f"{total:.0f} = {first:.0f} + {total - first:.0f}" for total, first in zip(whole, seen, strict=True)]
    print("decisions, ms:", ", ".join(parts), file=sys.stderr)
    return {
        "gate.decision_ms": float(np.percentile(whole, 95)),
        "gate.decision_p50_ms": float(np.median(whole)),
        "gate.decision_max_ms": float(whole.max()),
        "gate.decision_seen_ms": float(np.median(seen)),
        "gate.decision_open_ms": float(np.median(whole - seen)),
        "gate.decision_rounds": float(len(whole)),
    }


def _round(there: Lane, name: str, number: str, wait: float) -> tuple[float, float]:
    """When the first good picture was sent, and when the relay closed: everything else was there before."""
    there.nobody(GAP_S)
    code = there.code_of(number)
    there.stands(itertools.repeat(there.pictures.blurred[name]))
    time.sleep(STANDS_S)
    before = len(there.openings())
    there.post.scanner.scan(code)
    time.sleep(READING_S + wait)
    if len(there.openings()) > before:
        raise RuntimeError("the gate opened without a good picture")
    there.stands(itertools.cycle(there.pictures.sharp[name]))
    opened = there.opened(before, time.monotonic() + DECISION_S)
    shown = there.post.camera.shown_at
    if opened is None or shown is None:
        raise RuntimeError(f"{name} with the code of {number} was not let in")
    there.post.walk_through()
    return shown, opened


def _of(decisions: list[Decided], t0: float, t1: float) -> Decided:
    """The one between good picture and opening: an earlier one would have been made without the picture."""
    found = [each for each in decisions if t0 <= each.mono <= t1]
    if len(found) != 1:
        raise RuntimeError(f"{len(found)} decisions between a good picture and its opening")
    return found[0]


def _rush(there: Lane) -> dict[str, float]:
    seconds = float(os.environ.get("GATE_RUSH_SECONDS", RUSH_S))
    queue = iter(crowd(there.people, round(seconds / 60 * PER_MINUTE), STRANGERS, FEVERS))
    there.nobody(GAP_S)
    began, came = time.monotonic(), list[Walker]()
    before, decided = "", began
    while time.monotonic() - began < seconds and (walker := next(queue, None)):
        decided = _comes(there, walker, before, decided)
        came.append(walker)
        before = walker.face
    took = came[-1].over - began
    there.nobody(0.0)
    there.delivered()
    return _counted(there, came, took)


def _comes(there: Lane, walker: Walker, before: str, decided: float) -> float:
    """From stepping up to the end of it; when the newest decision was made."""
    walker.shown = time.monotonic()
    text = walker.text or there.code_of(walker.number)
    openings = len(there.openings())
    there.walks_up(walker, before)
    _sleep_until(walker.shown + CODE_AFTER_S)
    there.post.scanner.scan(text)
    opened = None
    deadline = time.monotonic() + DECISION_S
    made = list[Decided]()
    while opened is None and not made and time.monotonic() < deadline:
        opened = there.opened(openings, time.monotonic() + 0.05)
        made = [] if opened else there.decided(decided)
    if opened is None:
        opened = there.opened(openings, time.monotonic())
    _sleep_until((opened + WALKS_S) if opened else time.monotonic() + ASIDE_S)
    if opened:
        there.post.walk_through()
    walker.over = time.monotonic()
    return made[-1].mono if made else max(decided, opened or 0.0)


def _counted(there: Lane, came: list[Walker], took: float) -> dict[str, float]:
    decisions = there.decided(came[0].shown)
    strays = [at for at in there.openings() if at >= came[0].shown and not _whose(came, at)]
    for at in there.openings():
        if walker := _whose(came, at):
            walker.opened.append(at)
    allowed = [each for each in decisions if each.outcome == "allow"]
    wrong = len(strays) + sum(len(walker.opened) - walker.passes for walker in came if walker.opened)
    wrong += sum(_another(there, _whose(came, each.mono), each) for each in allowed)
    refused = [walker for walker in came if walker.passes and not walker.opened]
    for walker in refused:
        told = [each.body for each in decisions if _whose(came, each.mono) is walker]
        print("not let in:", walker, told, file=sys.stderr)
    passed = [walker.opened[0] - walker.shown for walker in came if walker.opened]
    stopped = [walker.over - walker.shown - ASIDE_S for walker in came if not walker.opened]
    return {
        "gate.people_per_minute": 60 * len(decisions) / took,
        "gate.rush_decisions": float(len(decisions)),
        "gate.rush_people": float(len(came)),
        "gate.rush_strangers": sum(not walker.passes and walker.celsius < 36 for walker in came) / len(came),
        "gate.rush_fevers": sum(walker.celsius > 36 for walker in came) / len(came),
        "gate.rush_until_open_s": float(np.median(passed)),
        "gate.rush_until_stop_s": float(np.median(stopped)),
        "gate.rush_openings": float(sum(len(walker.opened) for walker in came)),
        "gate.wrong_openings": float(wrong),
        "gate.false_refusals": float(len(refused)),
    }


def _whose(came: list[Walker], at: float) -> Walker | None:
    """Who stood there at that moment."""
    return next((walker for walker in came if walker.shown <= at < walker.over), None)


def _another(there: Lane, walker: Walker | None, decision: Decided) -> bool:
    """Whether somebody was let in as who they are not."""
    return walker is None or there.people.ids.get(walker.number) != decision.person


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.monotonic()))
