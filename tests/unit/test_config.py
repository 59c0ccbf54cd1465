"""The configuration file: what is wrong in it is said, all at once, and what is right is read back the same."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import config as configs
from kiosk.assets import ROOT
from kiosk.config import Config, ConfigError, DemoConfig, PathsConfig, Problem, TerminalConfig

REPOSITORY = ROOT.parent


def load(folder: Path, content: str | bytes) -> Config:
    path = folder / "kiosk.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return configs.load(path)


def problems(folder: Path, content: str | bytes) -> dict[str, Problem]:
    with pytest.raises(ConfigError) as caught:
        load(folder, content)
    return {problem.key: problem for problem in caught.value.problems}


def test_an_empty_file_is_the_defaults_beside_the_file(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Config(paths=PathsConfig(state=tmp_path / ".state"))


def test_values_are_read(tmp_path: Path) -> None:
    config = load(tmp_path, '[terminal]\nid = "B-2"\n[timing]\nidle = 30\n[screen]\nfullscreen = false')
    assert (config.terminal.id, config.timing.idle, config.screen.fullscreen) == ("B-2", 30.0, False)
    assert isinstance(config.timing.idle, float)


def test_relative_paths_are_meant_from_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "etc").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "etc" / "kiosk.toml").write_text(
        '[paths]\nstate = "data"\n[camera]\nsource = "http://127.0.0.1:1/x"\n[centre]\nca_file = "/etc/ca.pem"', "utf-8"
    )
    config = configs.load(Path("etc/kiosk.toml"))
    assert config.paths.state == tmp_path / "etc" / "data"
    assert config.paths.items == ""
    assert config.camera.source == "http://127.0.0.1:1/x"
    assert config.centre.ca_file == "/etc/ca.pem"


@pytest.mark.parametrize(
    ("content", "key", "found", "allowed"),
    [
        ("id = 'x'", "id", "a key outside every table", "did you mean terminal.id?"),
        ("[scren]", "scren", "unknown table", "did you mean screen?"),
        ("[terminal]\ncampu = 1", "terminal.campu", "unknown key", "did you mean campus?"),
        ("[screen]\ncheck_url = 'x'", "screen.check_url", "unknown key", "did you mean centre.check_url?"),
        ("[screen]\nzzzzz = 'x'", "screen.zzzzz", "unknown key", "known in [screen]: width, height, fullscreen"),
        ("screen = 3", "screen", "3", "a table: [screen]"),
        ("[[screen]]\nwidth = 700", "screen", "[{'width': 700}]", "a table: [screen]"),
        ("[screen]\nwidth = '1080'", "screen.width", '"1080"', "whole number from 640 to 7680"),
        ("[screen]\nwidth = 1080.0", "screen.width", "1080.0", "whole number from 640 to 7680"),
        ("[screen]\nwidth = true", "screen.width", "True", "whole number from 640 to 7680"),
        ("[terminal]\ncampus = true", "terminal.campus", "True", "whole number from 1 to 65535"),
        ("[screen]\nwidth = 639", "screen.width", "639", "whole number from 640 to 7680"),
        ("[screen]\nwidth = 7681", "screen.width", "7681", "whole number from 640 to 7680"),
        ("[screen]\nfullscreen = 1", "screen.fullscreen", "1", "true or false"),
        ("[timing]\nidle = nan", "timing.idle", "nan", "number from 5 to 600"),
        ("[timing]\nidle = inf", "timing.idle", "inf", "number from 5 to 600"),
        ("[timing]\nidle = true", "timing.idle", "True", "number from 5 to 600"),
        ("[timing]\nidle = 2026-03-02", "timing.idle", "datetime.date(2026, 3, 2)", "number from 5 to 600"),
        ("[terminal]\nlanguage = 'fr'", "terminal.language", '"fr"', 'one of "zh", "en"'),
        ("[terminal]\nid = 'a 17'", "terminal.id", '"a 17"', "A-Z, 0-9 and -"),
        ("[terminal]\nplace_zh = \"a\\u0000b\"", "terminal.place_zh", '"a\\u0000b"', "text"),
        ("[terminal]\ncampus_zh = 5", "terminal.campus_zh", "5", "text"),
        ("[paths]\nstate = 5", "paths.state", "5", "text"),
        ("[scanner]\nbaud = 9601", "scanner.baud", "9601", "one of 9600, 19200"),
        ("[centre]\nurl = 'http://192.0.2.1/'", "centre.url", '"http://192.0.2.1/"', "https://HOST"),
        ("[centre]\ncheck_url = 'https://v'", "centre.check_url", '"https://v"', "with / at its end"),
        ("[printer]\naddress = '192.0.2.1'", "printer.address", '"192.0.2.1"', "tcp://HOST:PORT"),
        ("[printer]\naddress = 'usb://04b8:0202/1'", "printer.address", '"usb://04b8:0202/1"', "tcp://HOST:PORT"),
        ("[printer]\naddress = 'tcp://@:9100'", "printer.address", '"tcp://@:9100"', "tcp://HOST:PORT"),
        ("[demo]\ntouch_socket = '/run/t'", "demo.touch_socket", '"/run/t"', "unless demo.enabled = true"),
        ("[demo]\nclock_offset = 5.0", "demo.clock_offset", "5.0", "unless demo.enabled = true"),
        ("[demo]\nenabled = true\nclock_offset = " + "9" * 400, "demo.clock_offset", "999", "number from -1000000000"),
    ],
)  # fmt: skip
def test_what_is_wrong_names_file_key_found_and_allowed(
    tmp_path: Path, content: str, key: str, found: str, allowed: str
) -> None:
    problem = problems(tmp_path, content)[key]
    assert problem.file == str(tmp_path / "kiosk.toml")
    assert problem.found.startswith(found)
    assert allowed in problem.allowed
    assert str(problem).startswith(f"{tmp_path / 'kiosk.toml'}: {key}: found {found}")


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    content = "[terminal]\ncampus = 0\nlanguag = 'zh'\n[screen]\nwidth = 1\nheight = 1\n[timming]\nidle = 1"
    assert set(problems(tmp_path, content)) == {
        *("terminal.campus", "terminal.languag", "screen.width", "screen.height", "timming")
    }


def test_a_long_value_is_cut_in_the_message(tmp_path: Path) -> None:
    assert len(problems(tmp_path, f"[terminal]\nid = '{'x' * 5000}'")["terminal.id"].found) == 80


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"[terminal", "(syntax)"),
        (b"a = " + b"9" * 5000, "(syntax)"),
        (b"[screen]\nwidth = 700\nwidth = 800", "(syntax)"),
        ("[terminal]\ncampus_zh = '江'".encode("gbk"), "(file)"),
    ],
)
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes, key: str) -> None:
    assert set(problems(tmp_path, content)) == {key}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: \(file\): found No such file or directory"):
        configs.load(tmp_path / "none.toml")


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)


@given(place=TEXT, idle=st.floats(5, 600), campus=st.integers(1, 65535), offset=st.floats(-1e9, 1e9))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, place: str, idle: float, campus: int, offset: float
) -> None:
    folder = tmp_path_factory.getbasetemp()
    config = Config(
        terminal=TerminalConfig(place_zh=place, campus=campus),
        paths=PathsConfig(state=folder / "带空格 \" ' \\ 的文件夹"),
        timing=replace(Config().timing, idle=idle),
        demo=DemoConfig(enabled=True, clock_offset=offset, touch_socket=str(folder / "t.sock")),
    )
    for notes in (False, True):
        assert load(folder, configs.toml_of(config, notes)) == config


def test_every_default_is_itself_allowed(tmp_path: Path) -> None:
    load(tmp_path, configs.toml_of(Config()))


def every_key() -> set[tuple[str, str]]:
    return {(table, each.name) for table, cls in get_type_hints(Config).items() for each in fields(cls)}


def test_every_number_has_bounds() -> None:
    """Without them nan, inf and numbers of 400 digits would get in."""
    kinds: dict[tuple[str, str], Any] = {}
    for table, cls in get_type_hints(Config).items():
        for each in fields(cls):
            numeric = get_type_hints(cls)[each.name] in (int, float)
            bounded = each.metadata["least"] is not None and each.metadata["most"] is not None
            kinds[table, each.name] = not numeric or bounded or bool(each.metadata["allowed"])
    assert [key for key, good in kinds.items() if not good] == []


def test_the_documentation_names_every_key_and_is_fresh() -> None:
    written = (REPOSITORY / "docs" / "config.md").read_text("utf-8")
    assert written == configs.document(), "run `make docs`"
    for table, key in every_key():
        section = written.split(f"\n## [{table}]\n")[1].split("\n## ")[0]
        assert f"| `{key}` | " in section


def test_the_example_is_good_and_complete() -> None:
    path = REPOSITORY / "packaging" / "kiosk.toml"
    config = configs.load(path)
    assert not config.demo.enabled
    written = path.read_text("utf-8")
    for table, key in every_key():
        if table != "demo":
            section = written.split(f"[{table}]\n")[1].split("\n[")[0]
            assert re.search(rf"^{key} = ", section, re.MULTILINE), f"{table}.{key}"
