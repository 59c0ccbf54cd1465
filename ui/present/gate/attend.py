"""Attendance: the class, how many have signed in, who was last; and what becomes of the one who stands there."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.admission import Check, Finding, Lesson, Outcome
from kiosk.flows.gate.state import Case
from ui.present.gate import watch
from ui.present.gate.scene import GateScene
from ui.present.scene import View, clipped

MOST_NAMES = 8


def body(scene: GateScene) -> View:
    """The rate large, the last names, and the same sentence and sign as at a gate."""
    lesson = scene.state.attendance.lesson
    assert lesson is not None
    signed, all_, share = counted(scene, lesson)
    return {
        "title": clipped(lesson.title, 30),
        "times": times(scene, lesson),
        "rate": scene.t("gate.attend.rate", signed=signed, all=all_),
        "percent": scene.t("gate.attend.percent", share=round(100 * share)),
        "share": share,
        "last": scene.t("gate.attend.last"),
        "names": names(scene),
        "nobody": scene.t("gate.attend.nobody"),
        "ask": watch.body(scene),
    }


def counted(scene: GateScene, lesson: Lesson) -> tuple[int, int, float]:
    """Signed in, on the list, and the share; strangers to the class do not count."""
    signed = len(scene.state.attendance.signed & lesson.members)
    return signed, len(lesson.members), signed / len(lesson.members) if lesson.members else 0.0


def times(scene: GateScene, lesson: Lesson) -> str:
    """08:00–09:40."""
    begins, ends = (text.clock_time(scene.language, at) for at in (lesson.begins, lesson.ends))
    return scene.t("gate.attend.times", begins=begins, ends=ends)


def names(scene: GateScene) -> list[str]:
    """The last to sign in, masked as the list has them; who comes a second time is not named twice."""
    good = [
        line for line in scene.state.lines if line.outcome is Outcome.ALLOW and "already_signed" not in line.reasons
    ]
    return [line.person for line in good if line.person][:MOST_NAMES]


def line(scene: GateScene) -> str:
    """高等数学 · 已签到 23 / 30."""
    lesson = scene.state.attendance.lesson
    if lesson is None:
        return ""
    signed, all_, _ = counted(scene, lesson)
    rate = scene.t("gate.attend.rate", signed=signed, all=all_)
    return scene.t("gate.attend.line", title=clipped(lesson.title, 24), rate=rate)


def title(scene: GateScene, name: str, case: Case) -> str:
    """已签到, 已签过, 不在本班名单, 现在没有课; "" = as at a gate."""
    found = _roster(case)
    if name == "allow":
        return scene.t("gate.attend.already" if found and found.word == "already_signed" else "gate.attend.signed")
    if name == "refuse" and found and found.word in ("not_on_roster", "no_lesson"):
        return scene.t(f"gate.attend.{found.word}")
    return ""


def sub(scene: GateScene, name: str, case: Case) -> str:
    """迟到 n 分钟; whom to ask."""
    found = _roster(case)
    if name == "allow":
        late = found is not None and found.word == "late"
        return scene.t("gate.attend.late", minutes=found.values.get("minutes", "")) if found and late else ""
    return scene.t("gate.sub.unsure" if name == "unsure" else "gate.attend.sub")


def _roster(case: Case) -> Finding | None:
    findings = case.decision.findings if case.decision else ()
    return next((found for found in findings if found.check is Check.ROSTER), None)
