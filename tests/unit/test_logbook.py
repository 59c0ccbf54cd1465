"""The log as the technician's page reads it: newest first, filtered, and with nothing in it that may not be there."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from kiosk import log
from kiosk.app import logbook
from kiosk.clock import starting_at
from kiosk.domain.logbook import TROUBLE, LogLine, page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What two programs wrote in a minute, and a line that an older program wrote before names were kept out."""
    where = tmp_path / "log"
    for component, second in (("terminal", 0), ("sync", 30)):
        log.setup(component, where, starting_at(datetime(2026, 3, 2, 8, 42, second)))
        log.event("link", state="offline")
        log.event("fault", code="F-PRN-02", device="printer", detail="cover")
    log.close()
    older = {"at": "2026-03-01T08:42:00.000+08:00", "component": "sync", "event": "sent", "name_of": "张伟", "count": 3}
    (where / "sync.jsonl.1").write_text(json.dumps(older, ensure_ascii=False) + "\nhalf a li")
    return where


def events(folder: Path, only: str = "", first: int = 0, most: int = 10) -> list[str]:
    shown, _ = page(logbook.lines(folder), only, first, most)
    return [f"{line.component} {line.event}" for line in shown]


def test_newest_first_from_all_files_and_through_filters(folder: Path) -> None:
    assert logbook.components(folder) == ("sync", "terminal")
    every = ["sync link", "sync fault", "terminal link", "terminal fault", "sync sent", "sync unreadable"]
    assert sorted(events(folder)[:2]) == sorted(every[:2])
    assert events(folder)[4:] == every[4:]
    assert set(events(folder, "terminal")) == {"terminal link", "terminal fault"}
    assert set(events(folder, TROUBLE)) == {"sync fault", "terminal fault", "sync sent", "sync unreadable"}
    for only in ("F-PRN-02", "printer", "fault"):
        assert set(events(folder, only)) == {"sync fault", "terminal fault"}


def test_pages_end_where_the_lines_do(folder: Path) -> None:
    found = list(logbook.lines(folder))
    first, more = page(found, "", 0, 4)
    rest, none = page(found, "", 4, 4)
    assert (len(first), more, len(rest), none) == (4, True, 2, False)


def test_what_may_not_be_read_keeps_its_name_alone(folder: Path) -> None:
    (line,) = [line for line in logbook.lines(folder) if line.event == "sent"]
    assert line.detail == "name_of=(redacted)  count=3"


@pytest.mark.parametrize("line", [b"", b"[]", b"3", b'{"at": 5}', b'{"at": "x", "component": 1}', b"\xff\xfe"])
def test_a_line_that_is_none_ends_nothing(line: bytes) -> None:
    assert logbook.line_of("sync", line) == LogLine(0.0, "sync", "unreadable")


def test_of_a_long_file_the_end_is_read_in_whole_lines(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "MOST_BYTES", 200)
    assert events(folder, "terminal") == ["terminal fault"]
