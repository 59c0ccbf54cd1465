"""The tests: what each found, how it may be run, and the page on which one runs."""

from __future__ import annotations

from functools import partial

from kiosk import text
from kiosk.domain import proving
from kiosk.domain.proving import BY_NAME, Outcome, Proof, Verdict
from kiosk.flows.technician.state import State
from ui.present.scene import NO_NOTICE, Scene, View, button, notice
from ui.present.technician import queue, words

TONES = {Outcome.PASSED: "go", Outcome.FAILED: "stop", Outcome.NOT_THERE: "muted", Outcome.NOT_DONE: "wait"}
ICONS = {"go": "tick", "stop": "cross", "muted": "info", "wait": "alert"}
VERDICTS = {Verdict.READY: ("go", "tick"), Verdict.LIMITED: ("wait", "alert"), Verdict.NOT_READY: ("stop", "cross")}
ACROSS = 3
LIVE = ("printer_loop", "camera_code", "camera_focus", "thermal_register")
"""Tests during which somebody holds something before the camera."""


def body(scene: Scene, technician: State) -> View:
    """Every test of this terminal with what it found last."""
    bench = technician.bench
    proofs = proving.proofs_of(bench.fitted) if bench.parts else ()
    report = button("tech_report", scene.t("technician.board.report"), live=bool(bench.parts) and not bench.report)
    everything = button("tech_all", scene.t("technician.board.all"), tone="primary", live=bool(bench.parts))
    return {
        "title": scene.t("technician.tests.title"),
        "hint": queue.closes(scene),
        "notice": words.told(scene, technician.told) if technician.told else _last(scene, technician),
        "verdict": _verdict(scene, technician) if bench.parts else NO_NOTICE,
        "tests": [line(scene, technician, proof.name) for proof in sorted(proofs, key=partial(_urgency, technician))],
        "acts": [everything, report],
    }


def line(scene: Scene, technician: State, name: str) -> View:
    """One test: what it is, what it found, when, and the way to run it."""
    proof, result = BY_NAME[name], technician.bench.results.get(name)
    title = scene.t(f"technician.test.{name}")
    run = scene.t("technician.tests.again" if result else "technician.tests.run")
    sub = scene.t(f"technician.tests.{'must' if proof.mandatory else 'may'}")
    tone = TONES[result.finding.outcome] if result else "muted"
    word = result.finding.outcome.value if result else "open"
    return {
        "title": title,
        "sub": sub if result is None else f"{text.clock_time(scene.language, result.at)} · {sub}",
        "found": _found(scene, technician, name),
        "tone": tone,
        "chip": {"text": scene.t(f"technician.outcome.{word}"), "tone": tone, "icon": ICONS[tone]},
        "run": button("tech_test", run, payload=name),
        "says": f"{run} {title}",
    }


def running(scene: Scene, technician: State) -> View:
    """The page of the test that runs: what it wants, what it shows, what was found before it."""
    bench = technician.bench
    ask, behind = bench.ask, len(bench.waiting)
    hint = scene.t(ask.key, **ask.values) if ask else scene.t("technician.tests.wait")
    wanted = ask.answers if ask else ()
    answers = [button("tech_say", scene.t(f"technician.say.{one}"), payload=one, tone="primary") for one in wanted]
    return {
        "title": scene.t(f"technician.test.{bench.running}"),
        "hint": hint,
        "behind": scene.t("technician.tests.behind", count=behind) if behind else "",
        "code": scene.world.pictures.get("code", "") if ask and ask.code else "",
        "live": bench.running in LIVE and ask is not None,
        "thermal": bench.running.startswith("thermal"),
        "plot": _plot(scene, technician),
        "cells": _cells(scene, technician),
        "across": ACROSS,
        "acts": [*answers, button("tech_stop", scene.t("technician.tests.stop"))],
    }


def _found(scene: Scene, technician: State, name: str) -> str:
    """36.62 ℃ （限值 ≤ 0.8 ℃）, and why where it is no pass."""
    result = technician.bench.results.get(name)
    if result is None:
        return ""
    finding = result.finding
    why = reason(scene, finding.why)
    shown = finding.value
    if shown and finding.limit:
        shown = scene.t("technician.tests.value", value=finding.value, limit=finding.limit)
    return " · ".join(part for part in (why, shown) if part)


def reason(scene: Scene, why: str) -> str:
    """Why it is no pass; a word that this program has no sentence for stands as it is."""
    key = f"technician.why.{why}"
    known = key in scene.world.texts.keys(scene.language)
    return scene.t(key) if why and known else why


def _last(scene: Scene, technician: State) -> View:
    """What the test that came last has found."""
    name = technician.bench.last
    if not name:
        return NO_NOTICE
    shown = line(scene, technician, name)
    tone = "wait" if shown["tone"] == "muted" else str(shown["tone"])
    said = " · ".join(part for part in (shown["title"], shown["chip"]["text"], shown["found"]) if part)
    return notice(said, tone, ICONS[shown["tone"]])


def _urgency(technician: State, proof: Proof) -> bool:
    """What failed stands first."""
    result = technician.bench.results.get(proof.name)
    return result is None or result.finding.outcome not in (Outcome.FAILED, Outcome.NOT_DONE)


def _verdict(scene: Scene, technician: State) -> View:
    results, fitted = tuple(technician.bench.results.values()), technician.bench.fitted
    verdict = proving.verdict(results, fitted)
    missing = len(proving.failed(results, fitted))
    tone, icon = VERDICTS[verdict]
    return notice(scene.t(f"technician.verdict.{verdict}", count=missing), tone, icon)


def _plot(scene: Scene, technician: State) -> View:
    """Points in shares of the frame, the middle line being 0, with the scale's end written beside it."""
    ask = technician.bench.ask
    points = ask.plot if ask else ()
    if len(points) > 1 and technician.bench.running in ("camera_focus", "thermal_focus"):
        return _curve(points)
    if len(points) < 2 or technician.bench.running != "thermal_drift":
        return {"shown": False, "points": [], "most": "", "least": ""}
    most = max(0.5, *(abs(y) for _, y in points))
    last = max(x for x, _ in points)
    shares = [[x / max(last, 12.0), 0.5 - 0.45 * y / most] for x, y in points]
    return {"shown": True, "points": shares, "most": f"+{most:.1f}\u00a0℃", "least": f"−{most:.1f}\u00a0℃"}


def _curve(points: tuple[tuple[float, float], ...]) -> View:
    """How sharp it was: from the oldest to now, nought below."""
    first, last, most = points[0][0], points[-1][0], max(y for _, y in points) or 1.0
    shares = [[(x - first) / max(last - first, 1.0), 0.95 - 0.9 * y / most] for x, y in points]
    return {"shown": True, "points": shares, "most": f"{most:.1f}", "least": "0"}


def _cells(scene: Scene, technician: State) -> list[View]:
    ask = technician.bench.ask
    if technician.bench.running != "touch_grid" or ask is None:
        return []
    say = scene.t("technician.tests.cell")
    return [button("tech_cell", f"{say} {n + 1}", payload=str(n), live=n in ask.cells) for n in range(12)]
