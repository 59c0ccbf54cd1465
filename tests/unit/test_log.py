"""The log: JSON lines that a technician may read and nobody can be found in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk import log
from kiosk.clock import starting_at


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    log.setup("terminal", tmp_path / "log", starting_at(datetime(2026, 3, 2, 8, 42)))
    yield tmp_path / "log"
    log.close()


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "terminal.jsonl").read_text("utf-8").splitlines()]


def test_a_line_says_when_who_and_what(folder: Path) -> None:
    log.event("fault", code="F-PRN-02", device="printer", count=3)
    (line,) = lines(folder)
    assert line["at"].startswith("2026-03-02T08:42:0")
    assert line["at"].endswith("+08:00")
    del line["at"]
    assert line == {"component": "terminal", "event": "fault", "code": "F-PRN-02", "device": "printer", "count": 3}


def test_folders_that_the_log_makes_are_nobody_elses(tmp_path: Path) -> None:
    log.setup("terminal", tmp_path / "state" / "log", starting_at(datetime(2026, 3, 2, 8, 42)))
    log.close()
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("state", "state/log")] == [0o700, 0o700]


def test_fields_that_are_not_allowed_are_redacted(folder: Path) -> None:
    log.event("fault", code="F-CAM-01", person="20230001", surname="张")
    text = (folder / "terminal.jsonl").read_text("utf-8")
    assert "20230001" not in text
    assert "张" not in text
    assert lines(folder)[0]["person"] == log.REDACTED


def test_the_frame_of_a_line_cannot_be_overwritten(folder: Path) -> None:
    log.event("fault", at="never", component="somebody", event="other")
    assert lines(folder)[0]["event"] == "fault"
    assert lines(folder)[0]["component"] == "terminal"


def test_objects_and_long_texts_do_not_get_in(folder: Path) -> None:
    log.event("fault", detail=["王芳"], reason="x" * 5000)
    (line,) = lines(folder)
    assert line["detail"] == "<list>"
    assert len(line["reason"]) == log.MOST_CHARACTERS + 1


def test_a_line_break_in_a_value_does_not_make_a_line(folder: Path) -> None:
    log.event("fault", detail='a\n{"event": "forged"}\u2028b')
    assert len((folder / "terminal.jsonl").read_bytes().split(b"\n")) == 2


def test_a_bug_is_logged_without_its_message(folder: Path) -> None:
    try:
        int("张伟")
    except ValueError as error:
        log.bug(error)
    (line,) = lines(folder)
    assert (line["event"], line["error"]) == ("bug", "ValueError")
    assert "test_log.py:" in line["where"]
    assert "张伟" not in json.dumps(line, ensure_ascii=False)


def test_threads_write_whole_lines(folder: Path) -> None:
    def write() -> None:
        for number in range(50):
            log.event("fault", count=number, detail="x" * 300)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(folder)) == 200


def test_old_files_are_few_and_small(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "FILE_BYTES", 2_000)
    log.setup("terminal", folder, starting_at(datetime(2026, 3, 2, 8, 42)))
    for _ in range(200):
        log.event("fault", detail="x" * 100)
    files = sorted(folder.iterdir())
    assert len(files) == 1 + log.OLD_FILES
    assert all(file.stat().st_size <= 2_000 for file in files)


def test_without_a_folder_the_log_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("tool", None, starting_at(datetime(2026, 3, 2, 8, 42)))
    log.event("started", version="0.1.0")
    assert json.loads(capsys.readouterr().err)["version"] == "0.1.0"


def test_a_full_disk_does_not_stop_the_program(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.setup("terminal", folder, starting_at(datetime(2026, 3, 2, 8, 42)))
    (folder / "terminal.jsonl").unlink()
    (folder / "terminal.jsonl").symlink_to("/dev/full")
    log.setup("terminal", folder, starting_at(datetime(2026, 3, 2, 8, 42)))
    log.event("fault", detail="x")
    assert capsys.readouterr().err == ""
