"""The outcome: large enough for three metres, and below it every finding with its word and its badge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from kiosk import text
from kiosk.clock import CAMPUS_ZONE
from kiosk.domain.admission import Check, Finding, Result, degrees
from kiosk.domain.screening.reading import Basis, Cannot, Measured, NoReading, Reading
from kiosk.flows.gate.state import Case
from ui.present.frame import masked
from ui.present.gate import attend
from ui.present.gate.kinds import icon, kind, tone
from ui.present.gate.scene import GateScene
from ui.present.scene import View, breadth, clipped

TONES = {Result.GOOD: "go", Result.NOTED: "wait", Result.BAD: "stop"}
SIGNS = {Result.GOOD: "tick", Result.NOTED: "info", Result.BAD: "alert"}
ORDER = (Result.BAD, Result.NOTED, Result.GOOD)
SHORT = (Check.IDENTITY, Check.CHECK_IN)
"""Checks whose good word stands on the green screen."""
MOST_NOTES = 3
NOBODY = Case("", 0.0)
DASH = "—"


def body(scene: GateScene) -> View:
    """Everything of the outcome, whether green or not."""
    name, case = kind(scene.state), scene.state.case or NOBODY
    measured = case.measured
    value, found = number(measured), rows(scene, case)
    return {
        "kind": name,
        "tone": tone(name),
        "icon": icon(name),
        "title": _title(scene, name, case),
        "sub": _sub(scene, name, case),
        "person": who(case),
        "temperature": value or _cannot(scene, measured),
        "measured": bool(value),
        "line": _line(scene, case),
        "notes": _notes(scene, case),
        "rows": found,
        "ems": max((breadth(row["label"]) for row in found), default=0.0),
        "screening": scene.t("gate.screening") if value else "",
        "record": _record(scene, case, name),
    }


def number(measured: Measured | None) -> str:
    """36.4 ± 0.3 ℃; empty without a reading that may be told. Nothing stands in its place."""
    if isinstance(measured, Reading) and measured.basis is not Basis.NONE:
        return degrees(measured)
    return ""


def who(case: Case) -> str:
    """The masked name, empty for a stranger."""
    known = case.allowed
    return masked(known.visit.name if known.visit else known.name) if known else ""


def rows(scene: GateScene, case: Case) -> list[View]:
    """One row a finding, the worst first."""
    findings = case.decision.findings if case.decision else ()
    ordered = sorted(findings, key=lambda found: ORDER.index(found.result))
    return [_row(scene, case, found) for found in ordered]


def found_words(scene: GateScene, found: Finding) -> tuple[str, str]:
    """What is written bold (a number) and the rest of the sentence."""
    values = {name: _value(scene, name, value) for name, value in found.values.items()}
    strong = values.get("value", "")
    return strong, scene.t(f"gate.found.{found.word}", **{**values, "value": ""}).strip()


def _row(scene: GateScene, case: Case, found: Finding) -> View:
    strong, sentence = found_words(scene, found)
    if found.check is Check.IDENTITY:
        strong = who(case)
    return {
        "label": scene.t(f"gate.check.{found.check}"),
        "strong": strong,
        "text": clipped(sentence, 80),
        "chip": {"text": _chip(scene, found), "tone": TONES[found.result], "icon": SIGNS[found.result]},
    }


def _chip(scene: GateScene, found: Finding) -> str:
    own = f"gate.chip.{found.check}_{found.result}"
    if found.check is Check.TEMPERATURE and found.result is Result.NOTED and "value" in found.values:
        return scene.t("gate.chip.noted")
    return scene.t(own if scene.has(own) else f"gate.chip.{found.result}")


def _value(scene: GateScene, name: str, value: str) -> str:
    """Dates and gates as the campus writes them, a host masked; all else as it came, cut to what a row holds."""
    if name == "gates":
        return clipped("、".join(_gate(scene, one) for one in value.split("、")), 40)
    if name == "date":
        return _date(scene, value)
    if name == "host":
        return masked(value)
    return clipped(value, 40)


def _gate(scene: GateScene, name: str) -> str:
    key = f"gate.place.{name}"
    return scene.t(key) if scene.has(key) else name


def _date(scene: GateScene, iso: str) -> str:
    try:
        noon = datetime.fromisoformat(iso).replace(tzinfo=CAMPUS_ZONE) + timedelta(hours=12)
    except ValueError:
        return clipped(iso, 20)
    return text.date(scene.language, noon.timestamp())


def _title(scene: GateScene, name: str, case: Case) -> str:
    own = attend.title(scene, name, case) if scene.attends else ""
    shown = "refer" if name in ("failed", "followed") else name
    return own or scene.t(f"gate.show.{shown}")


def _sub(scene: GateScene, name: str, case: Case) -> str:
    if name == "unsure" and case.code:
        return scene.t("gate.sub.bad_code")
    if scene.attends:
        return attend.sub(scene, name, case)
    if name in ("failed", "followed"):
        return scene.t(f"gate.said.{scene.state.said}")
    if name == "allow":
        return ""
    hot = name == "refer" and any(
        found.check is Check.TEMPERATURE and found.result is Result.BAD for found in _findings(case)
    )
    return scene.t("gate.sub.temperature" if hot else f"gate.sub.{name}")


def _findings(case: Case) -> tuple[Finding, ...]:
    return case.decision.findings if case.decision else ()


def _cannot(scene: GateScene, measured: Measured | None) -> str:
    """Why there is no number, in words."""
    if measured is None:
        return ""
    why = measured.why if isinstance(measured, NoReading) else Cannot.UNCALIBRATED
    return scene.t(f"gate.cannot.{why}")


def _line(scene: GateScene, case: Case) -> str:
    """校园码 + 人脸 · 今日已打卡 · 第三批; the guard's reason where they opened."""
    if case.by_hand:
        return scene.t("gate.allow.by_hand", reason=reason(scene, case.by_hand))
    if scene.attends:
        return attend.line(scene)
    good = [found for found in _findings(case) if found.result is Result.GOOD]
    parts = [scene.t(f"gate.reason.{found.word}") for found in good if found.check in SHORT]
    return " · ".join([*parts, *(_batch(scene, found.values) for found in good if found.check is Check.BATCH)])


def reason(scene: GateScene, name: str) -> str:
    """The guard's reason in words; one that is not known as it came."""
    key = f"gate.by_hand.{name}"
    return scene.t(key) if scene.has(key) else clipped(name, 30)


def _batch(scene: GateScene, values: Mapping[str, str]) -> str:
    return scene.t("gate.allow.batch", batch=clipped(values.get("batch", DASH), 12))


def _notes(scene: GateScene, case: Case) -> list[str]:
    """What was noted and stopped nobody; what the guard overruled stays in the record, not on the screen."""
    if case.by_hand:
        return []
    noted = [found for found in _findings(case) if found.result is Result.NOTED and found.check is not Check.ROSTER]
    return [_note(scene, found) for found in noted if not _told(found)][:MOST_NOTES]


def _told(found: Finding) -> bool:
    """The temperature's own line says it already."""
    return found.check is Check.TEMPERATURE and found.word.startswith("cannot_")


def _note(scene: GateScene, found: Finding) -> str:
    strong, sentence = found_words(scene, found)
    return sentence if not strong else scene.t(f"gate.reason.{found.word}")


def _record(scene: GateScene, case: Case, name: str) -> str:
    """The number, and 已保存 only when the record is on the disk."""
    if name == "unrecorded":
        return scene.t("gate.unsaved")
    if not (case.noted and case.receipt):
        return ""
    return scene.t("gate.record", number=case.receipt) + " · " + scene.t("gate.saved")
