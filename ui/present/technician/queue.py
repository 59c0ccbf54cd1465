"""How the queue stands, what is dead and why, and what can be done about it."""

from __future__ import annotations

from kiosk import text
from kiosk.domain.backlog import DeadRow, Standing
from kiosk.domain.faults import Fault
from kiosk.flows.technician.queue import PER_PAGE
from kiosk.flows.technician.state import Doing, State
from kiosk.flows.walkup.state import Link
from ui.present.scene import NO_BUTTON, Scene, View, button
from ui.present.technician import words

LITTLE_ROOM = 500_000_000
LONG_WAIT_S = 3600.0
ICONS = {"go": "tick", "wait": "alert", "stop": "cross"}


def body(scene: Scene, technician: State) -> View:
    """Three numbers, the state of line, disk and journal, one page of dead letters."""
    queue, standing = technician.queue, technician.queue.standing
    return {
        "title": scene.t("technician.queue.title"),
        "hint": closes(scene),
        "stats": _stats(scene, standing) if standing else [],
        "rows": _rows(scene, standing) if standing else [],
        "notice": words.told(scene, technician.told),
        "letters_title": _letters_title(scene, standing),
        "letters": [_letter(scene, row, queue.doing) for row in queue.rows],
        "pager": _pager(scene, queue.first, standing),
        "acts": _acts(scene, queue.doing, standing),
    }


def closes(scene: Scene) -> str:
    """4:32 后自动退出."""
    left = scene.world.left.get("idle")
    if left is None:
        return ""
    minutes, seconds = divmod(round(left), 60)
    return scene.t("technician.closes", left=f"{minutes}:{seconds:02d}")


def _stats(scene: Scene, now: Standing) -> list[View]:
    oldest = scene.t("technician.queue.oldest", age=words.age(scene, now.oldest)) if now.oldest else ""
    waiting = oldest or scene.t("technician.queue.nothing_waits")
    refused = scene.t("technician.queue.look_below" if now.dead else "technician.queue.nothing_dead")
    sent = scene.t("technician.queue.kept")
    return [
        _stat(scene, "waiting", now.waiting, waiting, "ink"),
        _stat(scene, "dead", now.dead, refused, "stop" if now.dead else "ink"),
        _stat(scene, "sent", now.sent, sent, "ink"),
    ]


def _stat(scene: Scene, name: str, count: int, sub: str, tone: str) -> View:
    return {"label": scene.t(f"technician.queue.{name}"), "number": f"{count:,}", "sub": sub, "tone": tone}


def _rows(scene: Scene, now: Standing) -> list[View]:
    """State, fault and remedy of each part in one row."""
    return [_line(scene, now), _waits(scene, now), _disk(scene, now)]


def _line(scene: Scene, now: Standing) -> View:
    link = scene.state.station.link
    heard = scene.t("technician.queue.heard", age=words.age(scene, now.heard)) if now.heard else ""
    said = heard or scene.t("technician.queue.never_heard")
    state = scene.t(f"technician.link.{link}")
    tone = "go" if link is Link.ONLINE else "wait" if link is Link.UNKNOWN else "stop"
    return _row(scene, "line", f"{state} · {said}", tone, _remedy(scene, "centre") if tone != "go" else "")


def _waits(scene: Scene, now: Standing) -> View:
    stuck = now.oldest > 0 and scene.world.now.timestamp() - now.oldest > LONG_WAIT_S
    remedy = _remedy(scene, "journal") or (scene.t("technician.queue.stuck") if stuck else "")
    broken = any(fault.device == "journal" for fault in scene.state.station.faults)
    tone = "stop" if broken else "wait" if stuck else "go"
    return _row(scene, "records", scene.t("technician.queue.size", size=words.size(now.size)), tone, remedy)


def _disk(scene: Scene, now: Standing) -> View:
    little = now.free < LITTLE_ROOM
    remedy = scene.t("technician.queue.little_room") if little else ""
    free = scene.t("technician.queue.free", size=words.size(now.free))
    return _row(scene, "disk", free, "wait" if little else "go", remedy)


def _row(scene: Scene, name: str, said: str, tone: str, remedy: str) -> View:
    badge = {"text": scene.t(f"technician.state.{tone}"), "tone": tone, "icon": ICONS[tone]}
    return {"label": scene.t(f"technician.queue.row_{name}"), "text": said, "remedy": remedy, "chip": badge}


def _remedy(scene: Scene, device: str) -> str:
    """F-NET-01 检查网线 …: of the fault that this part reports now."""
    found: Fault | None = next((fault for fault in scene.state.station.faults if fault.device == device), None)
    return f"{found.code} {scene.t(f'fault.{found.code}.remedy')}" if found else ""


def _letters_title(scene: Scene, now: Standing | None) -> str:
    if now is None:
        return scene.t("technician.queue.looking")
    return scene.t("technician.queue.letters" if now.dead else "technician.queue.no_letters", count=f"{now.dead:,}")


def _letter(scene: Scene, row: DeadRow, doing: Doing | None) -> View:
    made = text.day_time(scene.language, row.at)
    parts = [made, scene.t("technician.queue.tries", count=row.tries), words.size(row.size)]
    again = button("tech_retry", scene.t("technician.queue.again"), payload=str(row.seq), live=doing is None)
    title = words.kind(scene, row.kind)
    return {
        "title": title,
        "receipt": scene.t("technician.queue.receipt", receipt=row.receipt) if row.receipt else "",
        "sub": " · ".join(parts),
        "reason": words.reason(scene, row.reason),
        "again": again,
        "says": f"{again['text']} {title} {row.receipt or made}",
    }


def _pager(scene: Scene, first: int, now: Standing | None) -> View:
    dead = now.dead if now else 0
    last = min(first + PER_PAGE, dead)
    buttons = [
        button("tech_rows", scene.t("technician.queue.previous"), payload="previous", live=first > 0),
        button("tech_rows", scene.t("technician.queue.next"), payload="next", live=last < dead),
    ]
    span = scene.t("technician.queue.span", first=first + 1, last=last, count=f"{dead:,}")
    return {"shown": dead > PER_PAGE, "text": span, "buttons": buttons if dead > PER_PAGE else [NO_BUTTON] * 2}


def _acts(scene: Scene, doing: Doing | None, now: Standing | None) -> list[View]:
    busy = doing is not None or now is None
    again = scene.t("technician.queue.sending" if doing is Doing.RETRY else "technician.queue.all_again")
    out = scene.t("technician.queue.exporting" if doing in (Doing.EXPORT, Doing.STICKS) else "technician.queue.export")
    dead = now is not None and now.dead > 0
    first = button("tech_retry_all", again, tone="primary", live=not busy and dead)
    return [first, button("tech_sticks", out, live=not busy)]
