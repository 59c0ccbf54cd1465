"""Between the touch and the paper, and what stands in the way."""

from __future__ import annotations

from kiosk.domain.printer import READY, Outlet
from kiosk.flows.walkup.state import Job, Phase, Trouble
from ui.present.flow import chart
from ui.present.scene import NO_NOTICE, Scene, View, button, notice

STAGES = {
    "certificate": (Phase.RECORDING, Phase.SEALING, Phase.PRINTING),
    "receipt": (Phase.RECORDING, Phase.PRINTING),
    "list": (Phase.PRINTING,),
}


def working(scene: Scene) -> View:
    """Which part is being done; nothing to press, nothing to fear."""
    job = scene.state.job
    if job is None:
        return {"title": "", "hint": "", "chart": chart(scene, []), "receipt": "", "notice": NO_NOTICE}
    stages = STAGES[job.purpose]
    # to have the file that was sealed is a part of sealing
    phase = Phase.SEALING if job.phase is Phase.FETCHING else job.phase
    now = stages.index(phase) if phase in stages else len(stages)
    station = scene.state.station
    waits = job.phase is Phase.PRINTING and station.state_of(job.outlet) not in READY
    return {
        "title": scene.t("working.sealing_ahead" if _ahead(job) else f"working.{phase}_{job.purpose}"),
        "hint": scene.t("working.hint"),
        "chart": chart(scene, [_stage(scene, stage, n, now) for n, stage in enumerate(stages)]),
        "receipt": scene.t("working.receipt", number=job.receipt) if job.receipt else "",
        "notice": notice(scene.t(station.says(job.outlet))) if waits else NO_NOTICE,
    }


def _ahead(job: Job) -> bool:
    return job.offline and job.phase is Phase.SEALING


def _stage(scene: Scene, stage: Phase, n: int, now: int) -> View:
    state = "done" if n < now else "now" if n == now else "next"
    return {
        "mark": str(n + 1),
        "label": scene.t(f"working.stage_{stage}"),
        "sub": "",
        "state": state,
        "icon": "tick" if state == "done" else "",
    }


def trouble(scene: Scene) -> View:
    """What happened, what stands nevertheless, and what the person can do."""
    job = scene.state.job
    if job is None or job.trouble is None:
        return {"title": "", "text": "", "tone": "wait", "icon": "alert", "receipt": "", "why": NO_NOTICE, "acts": []}
    kind = job.trouble
    return {
        "title": scene.t(f"trouble.{kind}_title"),
        "text": scene.t(f"trouble.{kind}_text"),
        "tone": "brand" if kind is Trouble.UNKNOWN else "wait",
        "icon": "question" if kind is Trouble.UNKNOWN else "alert",
        "receipt": scene.t("trouble.receipt", number=job.receipt) if job.receipt else "",
        "why": _why(scene, kind),
        "acts": _acts(scene, kind),
    }


def _why(scene: Scene, kind: Trouble) -> View:
    """What the device says now: that is what the person can do something about."""
    station = scene.state.station
    if kind in (Trouble.SPOILED, Trouble.NOT_PRINTED):
        ready, outlets = notice(scene.t("trouble.printer_ready"), "go", "tick"), _outlets(scene)
        why = scene.t(station.says(station.outlet(outlets)))
        return ready if station.prints_on(outlets) else notice(why, "wait", "printer")
    return NO_NOTICE


def _outlets(scene: Scene) -> tuple[Outlet, ...]:
    """Where what could not be printed may come out."""
    assert scene.state.job is not None
    return scene.world.catalogue.items[scene.state.job.item].outlets


def _acts(scene: Scene, kind: Trouble) -> list[View]:
    leave = button("leave_it", scene.t(f"trouble.{kind}_leave")) if kind is not Trouble.UNKNOWN else None
    match kind:
        case Trouble.UNKNOWN:
            yes = button("came_out", scene.t("trouble.came_out"), tone="primary")
            return [yes, button("not_out", scene.t("trouble.not_out"))]
        case Trouble.SPOILED | Trouble.NOT_PRINTED:
            live = scene.state.station.prints_on(_outlets(scene))
            again = button("reprint", scene.t("trouble.reprint"), tone="primary", live=live)
            return [again, leave] if leave else [again]
        case Trouble.SEAL_REFUSED:
            return [button("leave_it", scene.t("trouble.seal_refused_leave"), tone="primary")]
        case Trouble.NOT_RECORDED | Trouble.NOT_SEALED:
            again = button("try_again", scene.t("trouble.try_again"), tone="primary")
            return [again, leave] if leave else [again]
