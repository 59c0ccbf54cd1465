"""The settings a terminal was started with before: kept, compared, and gone back to until somebody writes new ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk import config as configs
from kiosk.config import Config, ConfigError, PrinterConfig, history, toml_of

MARCH = 1_772_412_120.0


def written(folder: Path, printer: str = "") -> Config:
    """The file of this terminal, as somebody writes it, and what stands in it."""
    usual = Config()
    paths, centre = replace(usual.paths, state=folder / "state"), replace(usual.centre, enrolment_code="K7QX-2M9P")
    (folder / "kiosk.toml").write_text(
        toml_of(replace(usual, paths=paths, centre=centre, printer=PrinterConfig(printer)))
    )
    return configs.load(folder / "kiosk.toml")


def test_each_is_kept_once_for_its_owner_alone_and_without_the_one_time_code(tmp_path: Path) -> None:
    first = written(tmp_path)
    for at in (MARCH, MARCH + 60):
        history.keep(first, at)
    second = written(tmp_path, "usb://04b8:0202")
    history.keep(second, MARCH + 90)
    history.keep(first, MARCH + 120)
    assert [path.stem for path in history.kept(first)] == [f"{MARCH + 90:.0f}", f"{MARCH:.0f}"]
    for path in history.kept(first):
        assert path.stat().st_mode & 0o777 == 0o600
        assert "K7QX" not in path.read_text()
    assert [history.same(second, path) for path in history.kept(first)] == [True, False]
    assert list(history.changes(first, second)) == [("printer.address", '""', '"usb://04b8:0202"')]


def test_only_so_many_are_kept_and_the_oldest_go(tmp_path: Path) -> None:
    for n in range(history.MOST + 3):
        config = written(tmp_path, f"tcp://192.0.2.1:{9100 + n}")
        history.keep(config, MARCH + n)
    names = [path.stem for path in history.kept(config)]
    assert (len(names), names[-1]) == (history.MOST, f"{MARCH + 3:.0f}")


def test_what_was_gone_back_to_counts_until_the_file_is_written_anew(tmp_path: Path) -> None:
    source = tmp_path / "kiosk.toml"
    good = written(tmp_path, "usb://04b8:0202")
    history.keep(good, MARCH)
    bad = written(tmp_path, "usb://0000:0000")
    history.keep(bad, MARCH + 60)
    assert history.effective(source) == source
    history.put_back(bad, f"{MARCH:.0f}", source)
    chosen = history.effective(source)
    assert configs.load(chosen).printer.address == "usb://04b8:0202"
    assert configs.load(chosen).paths.state == good.paths.state
    written(tmp_path, "usb://0519:0003")
    assert history.effective(source) == source, "whoever writes the file has the last word"


def test_what_cannot_be_used_is_not_gone_back_to(tmp_path: Path) -> None:
    source, config = tmp_path / "kiosk.toml", written(tmp_path)
    history.keep(config, MARCH)
    (path,) = history.kept(config)
    history.put_back(config, path.stem, source)
    path.write_text("[terminal]\nnumber_of_an_older_program = 3\n")
    assert history.effective(source) == source
    with pytest.raises(ConfigError):
        history.put_back(config, path.stem, source)
    (path.parent / history.INSTEAD).write_text('{"use": "../../etc/passwd", "of": ""}')
    assert history.effective(source) == source
