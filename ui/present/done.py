"""The last screen of a request: the paper or the number, and the stars."""

from __future__ import annotations

from kiosk.flows.walkup.state import Job, Rating
from ui.present.scene import NO_NOTICE, Scene, View, button, clipped, notice


def body(scene: Scene) -> View:
    """What to take, what to remember, how it was."""
    job, rating = scene.state.job, scene.state.rating or Rating()
    if job is None:
        return {"title": "", "line": "", "stars": [], "acts": []}
    return {
        "title": scene.t(f"done.title_{_outcome(job)}"),
        "line": _line(scene, job),
        "icon": "tick" if not job.note or job.purpose == "receipt" else "clock",
        "tone": "go" if not job.note or job.purpose == "receipt" else "brand",
        "number_title": scene.t("done.receipt"),
        "number": "" if _outcome(job) == "certificate" else job.receipt,
        "preview": scene.world.pictures.get("preview", "") if _outcome(job) == "certificate" else "",
        "notice": _notice(scene, job),
        "rate_title": scene.t("done.rate"),
        "stars": [_star(scene, n, rating.stars) for n in range(1, 6)],
        "said": scene.t(f"done.stars_{rating.stars}") if rating.stars else "",
        "remark": _remark(scene, rating),
        "rest": _rest(scene, rating),
        "acts": [button("finish", scene.t("done.finish"), tone="primary"), button("again", scene.t("done.again"))],
    }


def _outcome(job: Job) -> str:
    """certificate | prepared | receipt | recorded | later."""
    if job.note:
        return "recorded" if job.purpose == "receipt" else "later"
    if job.purpose == "certificate":
        return "certificate"
    return "prepared" if job.prepare else "receipt"


def _notice(scene: Scene, job: Job) -> View:
    if job.note:
        return notice(scene.t(job.note), "wait")
    if job.offline:
        return notice(scene.t("done.ahead"), "brand")
    return notice(scene.t("done.own_sheets")) if job.own else NO_NOTICE


def _line(scene: Scene, job: Job) -> str:
    item = scene.item
    title = clipped(item.title.of(scene.language), 60) if item else ""
    if _outcome(job) == "certificate" and job.sealed:
        line = scene.t("done.line_certificate", item=title, serial=job.sealed.serial, copies=job.copies)
        return line + "\n" + scene.t("done.line_receipt", number=job.receipt)
    return scene.t("done.line", item=title)


def _star(scene: Scene, n: int, given: int) -> View:
    return {"act": "stars", "payload": str(n), "text": scene.t("done.star", n=n), "on": n <= given}


def _remark(scene: Scene, rating: Rating) -> View:
    return button("edit_remark", clipped(rating.remark, 60) or scene.t("done.remark"), icon="pen")


def _rest(scene: Scene, rating: Rating) -> str:
    left = round(scene.world.left.get("rate", 0.0))
    said = scene.t("done.thanks") if rating.stars else scene.t("done.silent")
    return scene.t("done.countdown", said=said, seconds=left) if left > 0 else said
