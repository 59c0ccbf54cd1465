"""A face on record: what stands there, the consent, the photographs, and how it ended."""

from __future__ import annotations

from kiosk import text
from kiosk.domain import consent as consents
from kiosk.domain.portraits import POSES, Hint, Pose
from kiosk.flows.walkup import enrol
from kiosk.flows.walkup.glance import may_enter, may_verify
from kiosk.flows.walkup.state import Errand, Outcome, Saving
from ui.present.flow import chart
from ui.present.scene import NO_NOTICE, Scene, View, button, full, notice

PARTS = ("free", "what", "use", "where", "long", "end")
ARROWS = {Hint.LEFT: "left", Hint.RIGHT: "right"}
SIGNS = {
    Outcome.ENROLLED: ("tick", "go"),
    Outcome.WITHDRAWN: ("tick", "go"),
    Outcome.DOUBLED: ("info", "brand"),
    Outcome.NOT_CHECKED: ("alert", "wait"),
    Outcome.NOT_SAVED: ("alert", "wait"),
    Outcome.UNSURE: ("question", "brand"),
}


def drawer(scene: Scene) -> list[View]:
    """The way to it from home, where there is one."""
    if not enrol.offered(scene.state):
        return []
    visit = scene.state.visit
    known = visit is not None and visit.face_known
    word = ("on" if enrol.enrolled(scene.state) else "off") if known else "unknown"
    return [{**button("open_face", scene.t("face.drawer")), "count": scene.t(f"face.drawer_{word}")}]


def login(scene: Scene) -> list[View]:
    """The button of the attract screen, where somebody can be recognised."""
    return [button("face_login", scene.t("face.login"), icon="face")] if may_enter(scene.state) else []


def instead(scene: Scene) -> list[View]:
    """The button of the second factor, where a look can be it."""
    return [button("face_look", scene.t("face.look"), icon="face")] if may_verify(scene.state) else []


def face(scene: Scene) -> View:
    """What is on record, and the two things to do about it."""
    record, works = enrol.enrolled(scene.state), scene.state.station.face
    if record is None:
        return _note(scene, "face", "brand", scene.t("face.none"), "", [])
    older = not consents.current(record.consent)
    rows = [
        {"label": scene.t("face.since"), "text": text.date(scene.language, record.since)},
        {"label": scene.t("face.consent"), "text": record.consent},
        {"label": scene.t("face.used"), "text": scene.t("face.used_for")},
    ]
    acts = [
        button("face_renew", scene.t("face.renew"), live=works),
        button("face_withdraw", scene.t("face.withdraw")),
    ]
    told = scene.t("face.older") if older else "" if works else scene.t("face.away")
    body = _note(scene, "face", "go", scene.t("face.title"), scene.t("face.hint"), acts)
    return {**body, "rows": rows, "notice": notice(told, "brand")}


def consent(scene: Scene) -> View:
    """The text, and the two answers; both are as easy to give."""
    works, keeps = scene.state.station.face, scene.state.station.keeps
    return {
        "title": scene.t("consent.title"),
        "hint": scene.t("consent.version", version=consents.CURRENT),
        "parts": [
            {
                "title": scene.t(f"consent.{part}_title"),
                "text": scene.t(f"consent.{part}", count=consents.PHOTOGRAPHS),
            }
            for part in PARTS
        ],
        "notice": notice(scene.t("face.away")) if not works else full(scene),
        "acts": [
            button("face_agree", scene.t("consent.agree"), tone="primary", live=works and keeps),
            button("face_decline", scene.t("consent.decline")),
        ],
    }


def shots(scene: Scene) -> View:
    """What to do for the next photograph, the live picture, and which are taken."""
    errand = scene.state.errand or Errand("")
    pose, hint = enrol.instruction(scene.state)
    works, taken = scene.state.station.face, len(errand.shots)
    title = "shots.all" if pose is None else f"shots.hint_{hint}" if works else "shots.away"
    return {
        "title": scene.t(title),
        "hint": scene.t("shots.all_hint" if pose is None else "shots.stay"),
        "live": True,
        "box": box(scene, hint is Hint.GOOD),
        "arrow": ARROWS.get(hint, "") if pose else "",
        "chart": chart(scene, [_pose(scene, one, n, taken) for n, one in enumerate(POSES)]),
        "notice": NO_NOTICE if works else notice(scene.t("face.away")),
        "acts": _shot_acts(scene, errand),
    }


def box(scene: Scene, good: bool) -> View:
    """Where the face is, as shares of the picture, mirrored like the picture."""
    sight = scene.state.sight
    if sight is None:
        return {"shown": False, "x": 0.0, "y": 0.0, "w": 0.0, "h": 0.0, "good": False}
    found = sight.box
    return {"shown": True, "x": 1 - found.x - found.w, "y": found.y, "w": found.w, "h": found.h, "good": good}


def saving(scene: Scene) -> View:
    """Which part is being done; nothing to press."""
    errand = scene.state.errand
    now = errand.saving if errand and errand.saving else Saving.CHECKING
    stages = [Saving.WITHDRAWING] if now is Saving.WITHDRAWING else [Saving.CHECKING, Saving.ENROLLING]
    nodes = [_node(n, scene.t(f"saving.{stage}"), n - stages.index(now)) for n, stage in enumerate(stages)]
    return {
        "title": scene.t(f"saving.{now}_title"),
        "hint": scene.t("working.hint"),
        "chart": chart(scene, nodes),
        "receipt": "",
        "notice": NO_NOTICE,
    }


def withdraw(scene: Scene) -> View:
    """What is deleted where; one touch."""
    acts = [button("face_withdraw_yes", scene.t("withdraw.yes"), tone="stop")]
    body = _note(scene, "erase", "wait", scene.t("withdraw.title"), scene.t("withdraw.here"), acts)
    return {**body, "notice": notice(scene.t("withdraw.after"), "brand")}


def done(scene: Scene) -> View:
    """How it ended, and what that means."""
    errand = scene.state.errand
    outcome = errand.outcome if errand and errand.outcome else Outcome.NOT_SAVED
    icon, tone = SIGNS[outcome]
    what = "withdraw" if errand and errand.saving is Saving.WITHDRAWING and outcome is Outcome.NOT_SAVED else outcome
    acts = [button("face_home", scene.t("face.home"), tone="primary")]
    body = _note(scene, icon, tone, scene.t(f"face_done.{what}"), scene.t(f"face_done.{what}_text"), acts)
    later = outcome in (Outcome.ENROLLED, Outcome.WITHDRAWN) and not scene.state.station.online
    return {**body, "notice": notice(scene.t(f"face_done.{outcome}_later")) if later else NO_NOTICE}


def _note(scene: Scene, icon: str, tone: str, title: str, hint: str, acts: list[View]) -> View:
    return {"icon": icon, "tone": tone, "title": title, "hint": hint, "rows": [], "notice": NO_NOTICE, "acts": acts}


def _shot_acts(scene: Scene, errand: Errand) -> list[View]:
    if errand.pose is None:
        keep = button("face_keep", scene.t("shots.keep"), tone="primary")
        return [keep, button("face_again", scene.t("shots.again"))]
    word = scene.t("shots.taking" if errand.asked else "shots.take")
    take = button("face_take", word, tone="primary", live=enrol.ready(scene.state), icon="camera")
    return [take, button("face_again", scene.t("shots.again"), live=bool(errand.shots))]


def _pose(scene: Scene, pose: Pose, number: int, taken: int) -> View:
    return _node(number, scene.t(f"shots.pose_{pose}"), number - taken)


def _node(number: int, label: str, ahead: int) -> View:
    """`ahead`: how many steps from the one that is being done."""
    state = "done" if ahead < 0 else "now" if ahead == 0 else "next"
    icon = "tick" if ahead < 0 else ""
    return {"mark": str(number + 1), "label": label, "sub": "", "state": state, "icon": icon}
