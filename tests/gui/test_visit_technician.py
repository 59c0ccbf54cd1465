"""The technician at the window: the hidden corner, the sign-in, the queue, what a touch does, and the way out."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyrage import x25519
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from pytestqt.qtbot import QtBot

from kiosk.assets import ROOT
from kiosk.config import PathsConfig, Timing
from kiosk.domain.faults import Code
from kiosk.domain.people import Factor
from kiosk.flows.technician.queue import PER_PAGE
from sync import membership, outbox
from sync.cache import Cache
from sync.desk import Admitted, Answer, NotAdmitted, Reason
from sync.journal import NewEvent
from sync.store import connect
from sync.tables import JOURNAL
from sync.wire import FeedAnswer, FeedRow, ItemResult, Verdict
from tests.gui import fixtures, visit_kit
from tests.gui.scenes import STAFF, STUDENT
from tests.gui.visit_kit import PIN, Visit, standing

WORKER = replace(
    STAFF, id="00000000000000e5", number="T2019004", name="诸葛明亮", name_en="Zhuge", known={"duty": "technician"}
)
GONE = "查无此人，或已离校 / No such person, or gone from the campus"
LOCKED = "T2000000"
TELLS = ("诸葛", "Zhuge", "00000000000000e5", "T2019004", PIN, STUDENT.name, STUDENT.number, "13812342046")


@pytest.fixture
def sticks(tmp_path: Path) -> Path:
    return tmp_path / "U 盘"


@pytest.fixture(params=["upright", "wide"])
def visit(
    request: pytest.FixtureRequest, tmp_path: Path, sticks: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Visit]:
    yield from _standing(request.param == "wide", tmp_path, sticks, qtbot, monkeypatch)


@pytest.fixture
def upright_visit(tmp_path: Path, sticks: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    yield from _standing(False, tmp_path, sticks, qtbot, monkeypatch)


def _standing(
    wide: bool, tmp_path: Path, sticks: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Visit]:
    def check_pin(_door: object, number: str, pin: str, done: Callable[[Answer], None]) -> None:
        if number == LOCKED:
            done(NotAdmitted(Reason.LOCKED, 0, fixtures.NOW + 900))
        else:
            known = {**visit_kit.PEOPLE, WORKER.number: WORKER}
            found = known.get(number) if pin == PIN else None
            done(Admitted(found, Factor.PIN) if found else NotAdmitted(Reason.WRONG, 4))

    monkeypatch.setattr(visit_kit.Door, "check_pin", check_pin)
    monkeypatch.setitem(visit_kit.CODES, "code-of-the-technician", WORKER)
    paths = PathsConfig(state=tmp_path / "state", sticks=str(sticks))
    with standing(tmp_path, qtbot, monkeypatch, wide, paths=paths, timing=Timing(still=5.0, message=60.0)) as terminal:
        terminal.shell.hurry = {}
        yield terminal


# --- the finger


def hold(visit: Visit, *, slips: bool = False, seconds: float = 0.0) -> None:
    """Press the upper left corner and keep the finger there until something comes of it, or for so long."""
    at = QPointF(24, 24)
    there = QPointF(visit.view.mapToGlobal(at.toPoint()))
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton

    def send(kind: QEvent.Type, held: Qt.MouseButton, where: QPointF = at) -> None:
        button = none if kind is QEvent.Type.MouseMove else left
        event = QMouseEvent(kind, where, there + where - at, button, held, Qt.KeyboardModifier.NoModifier)
        QCoreApplication.sendEvent(visit.view, event)

    visit.on("attract")
    visit.view.grabWindow()
    send(QEvent.Type.MouseButtonPress, left)
    if seconds:
        wait(visit, seconds)
    elif slips:
        for step in range(1, 9):
            send(QEvent.Type.MouseMove, left, at + QPointF(step * 20, step * 20))
    else:
        visit.on("technician")
    send(QEvent.Type.MouseButtonRelease, none, at + QPointF(160, 160) if slips else at)


def wait(visit: Visit, seconds: float) -> None:
    late: list[bool] = []
    visit.shell.timer("late", seconds, lambda: late.append(True))
    visit.until(lambda: late == [True], f"{seconds} s")


def number(visit: Visit, who: str = WORKER.number, pin: str = PIN) -> None:
    """The rest of the tests need not hold for three seconds."""
    visit.shell.bridge.intent("technician", "")
    visit.on("technician.pin")
    visit.type(who, "digit")
    visit.press("confirm")
    visit.pin(pin)


def go_in(visit: Visit) -> None:
    number(visit)
    visit.on("technician.factor")
    visit.scanner.scan("code-of-the-technician")
    visit.on("technician.techboard")
    visit.press("tech_page.queue")
    visit.on("technician.techqueue")


# --- what there is to see


def dead(visit: Visit, count: int) -> None:
    """So many requests of a student, refused by the centre."""
    done: list[Any] = []
    body = {"person": STUDENT.id, "values": {"name": STUDENT.name, "number": STUDENT.number, "phone": "13812342046"}}
    for n in range(count):
        event = NewEvent(f"key-{n:06d}", f"s{n}", "request.submitted", 1, body, True)
        visit.terminal.journal.put(event, done.append)
    visit.until(lambda: len(done) == count, "the rows")
    vault = visit.terminal.vault
    db = connect(visit.terminal.config.paths.state / "journal.db", JOURNAL)
    while items := outbox.due(db, vault, fixtures.NOW + 60):
        results = [ItemResult(key=item.key, verdict=Verdict.REJECTED, reason=GONE) for item in items]
        outbox.settle(db, items, results, fixtures.NOW)
    db.close()


def enrolled(visit: Visit) -> x25519.Identity:
    """The centre knows this terminal now, and has told for whom exports are sealed; whoever opens them."""
    state, vault = visit.terminal.config.paths.state, visit.terminal.vault
    key = vault.seal(*membership._PLACE, Ed25519PrivateKey.generate().private_bytes_raw())
    kept = {"used": "", "known": True, "key": base64.b64encode(key).decode()}
    (state / membership.KEY_FILE).write_text(json.dumps(kept), "utf-8")
    identity = x25519.Identity.generate()
    row = {"use": "export", "kid": 1, "public": str(identity.to_public())}
    with contextlib.closing(Cache(state / "cache.db", vault)) as cache:
        cache.restart("e1")
        told = [FeedRow(id="export-1", rev=1, data=row)]
        cache.apply(FeedAnswer(epoch="e1", feed="keys", rows=told, next=1, more=False))
    return identity


def noted(visit: Visit) -> list[str]:
    """What the audit chain says of the technician and the queue."""
    with contextlib.closing(connect(visit.terminal.config.paths.state / "journal.db", JOURNAL)) as db:
        query = "SELECT kind FROM audit WHERE kind LIKE 'technician.%' OR kind LIKE 'outbox.%' ORDER BY seq"
        return [kind for (kind,) in db.execute(query)]


def counts(visit: Visit) -> dict[str, int]:
    return {state: count for state, count in visit.terminal.journal.counts().items() if count}


def tells(visit: Visit) -> list[str]:
    shown = json.dumps(visit.shell.bridge._get_view(), ensure_ascii=False) + " ".join(visit.texts())
    return [tell for tell in TELLS if tell in shown]


def test_corner_pin_code_queue_again_export_and_out(visit: Visit, sticks: Path) -> None:
    dead(visit, 2)
    hold(visit)
    visit.type(WORKER.number, "digit")
    visit.press("confirm")
    visit.pin()
    visit.see("请出示您本人的校园码")
    visit.scanner.scan("code-of-the-technician")
    visit.press("tech_page.queue")
    visit.see("被退回的记录 · 2 条")
    visit.see("查无此人，或已离校")
    visit.see("回执 A-017-20260302-0002")
    assert tells(visit) == []
    visit.press("tech_retry.2")
    visit.see("1 条已重新排队")
    visit.see("被退回的记录 · 1 条")
    assert counts(visit) == {"dead": 1, "queued": 1}
    visit.press("tech_retry_all")
    visit.see("没有被退回的记录")
    assert counts(visit) == {"queued": 2}
    visit.press("tech_sticks")
    visit.see("没有找到 U 盘")
    sticks.mkdir()
    visit.press("tech_sticks", f"tech_stick.{sticks}")
    visit.see("还没有收到信息中心的公钥")
    visit.press("language.en")
    visit.see("key has not arrived yet")
    recipient = enrolled(visit)
    visit.press("tech_sticks", f"tech_stick.{sticks}")
    visit.see("2 exported: A-017-20260302-")
    (file,) = sticks.iterdir()
    assert STUDENT.name.encode() not in file.read_bytes()
    assert pyrage.decrypt(file.read_bytes(), [recipient]).count(STUDENT.name.encode()) == 2
    visit.press("out")
    visit.on("attract")
    assert visit.state.technician is None
    assert tells(visit) == []
    acts = ["technician.in", "outbox.retried", "outbox.retried", "outbox.exported", "technician.out"]
    visit.until(lambda: noted(visit) == acts, "the notes")


def test_a_corner_that_is_let_go_or_slipped_from_opens_nothing(upright_visit: Visit) -> None:
    visit = upright_visit
    hold(visit, slips=True)
    hold(visit, seconds=1.5)
    visit.press("low_reach")
    wait(visit, 1.8)
    visit.on("attract")
    hold(visit)


def test_silence_closes_the_pages_and_leaves_nothing(upright_visit: Visit) -> None:
    visit = upright_visit
    dead(visit, 1)
    go_in(visit)
    visit.see("无操作 5:00 后自动退出")
    visit.shell.hurry = {"idle": 0.002}
    visit.press("language.en")
    visit.on("attract")
    assert visit.state.technician is None
    assert tells(visit) == []
    assert counts(visit) == {"dead": 1}


def test_strangers_and_locked_numbers_are_refused_in_the_same_words(upright_visit: Visit) -> None:
    visit = upright_visit
    number(visit, STUDENT.number)
    visit.see("不能进入：工号或密码不对，或没有维护权限。")
    visit.press("dismiss")
    visit.see_no("不能进入")
    visit.pin("000000")
    visit.see("不能进入：工号或密码不对，或没有维护权限。")
    visit.press("out")
    number(visit, LOCKED)
    visit.see("输错次数过多，08:57 之后可以再试。")
    visit.press("out")
    number(visit)
    visit.on("technician.factor")
    visit.scanner.scan("code-of-zhang")
    visit.see("不能进入")
    assert visit.state.technician is not None
    assert not visit.state.technician.inside
    visit.press("out")
    visit.on("attract")
    assert tells(visit) == []


def test_five_hundred_letters_are_shown_by_pages(upright_visit: Visit) -> None:
    visit = upright_visit
    dead(visit, 501)
    go_in(visit)
    visit.see("被退回的记录 · 501 条")
    assert len([text for text in visit.texts() if text == "再次发送"]) == PER_PAGE
    visit.press("tech_rows.next")
    visit.see("第 7–12 条，共 501 条")
    assert visit.can("tech_retry.495")
    assert not visit.can("tech_retry.501")
    visit.press("tech_retry_all")
    visit.see("501 条已重新排队")
    visit.see("没有被退回的记录")


def test_an_item_whose_file_is_wrong_is_told_of_at_the_start(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(ROOT / "items", tmp_path / "items")
    (folder / "leave.toml").write_text("[item", "utf-8")
    paths = PathsConfig(state=tmp_path / "state", items=str(folder))
    with standing(tmp_path, qtbot, monkeypatch, paths=paths) as visit:
        visit.until(lambda: Code.ITEM_BROKEN in {fault.code for fault in visit.state.station.faults}, "the fault")
        assert "leave" not in visit.terminal.catalogue.items
