"""The rules of the house that no tool checks: what may stand in the repository and how tests behave."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QGuiApplication, QRawFont

import kiosk
from kiosk import log
from kiosk.assets import ROOT

REPOSITORY = ROOT.parent
PROGRAM = ("kiosk", "devices", "printers", "sync", "ui")
FONT = "Noto Sans CJK SC"

MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|tmp/w)(?=[/\s\"'`)]|$)")
REGISTRY = re.compile(
    r"https?://[^\s/]*(?:pypi|pythonhosted|debian|ubuntu|npmjs|crates|mirror|artifact)|--(?:extra-)?index.url[ =]h"
)
SLEEP = re.compile(r"\b(?:time\.sleep|qtbot\.wait|asyncio\.sleep|\w*qWait)\(|from time import .*\bsleep\b")
BANNED_QML = re.compile(
    r"\blayer\.|MultiEffect|ShaderEffect|Particle|GraphicalEffects|QtQuick\.Effects|VideoOutput|DropShadow"
)


@cache
def tracked() -> tuple[Path, ...]:
    """Files under version control; without it (an unpacked archive) all files beside .venv and what runs leave."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    try:
        listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout.decode()
        paths = [REPOSITORY / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        left = {".venv", ".state", "out", "__pycache__"}
        paths = [path for path in REPOSITORY.rglob("*") if not left & set(path.relative_to(REPOSITORY).parts)]
    return tuple(path for path in paths if path.is_file())


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of a text file; none of a binary one."""
    data = path.read_bytes()
    if b"\0" not in data[:4096]:
        yield from enumerate(data.decode("utf-8").splitlines(), 1)


def found(pattern: re.Pattern[str], paths: Iterator[Path] | tuple[Path, ...]) -> list[str]:
    """`file:line text` of each line that has the pattern."""
    return [
        f"{path.relative_to(REPOSITORY)}:{number} {line.strip()[:100]}"
        for path in paths
        for number, line in lines(path)
        if pattern.search(line)
    ]


def python_files(*folders: str) -> Iterator[Path]:
    """The Python files below some folders of the repository."""
    for folder in folders:
        yield from sorted((REPOSITORY / folder).rglob("*.py"))


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert found(MACHINE_PATH, tracked()) == []


def test_no_file_names_a_package_registry() -> None:
    assert found(REGISTRY, tracked()) == []


@pytest.mark.parametrize("kind", ["run", "test"])
def test_the_lock_names_versions_and_hashes_and_no_address(kind: str) -> None:
    lock = (REPOSITORY / "packaging" / "lock" / f"{kind}.txt").read_text("utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", lock.replace("\\\n", " ")) if entry and entry[0] != "#"]
    assert len(entries) > 30
    assert [entry for entry in entries if not re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert "://" not in lock


def test_what_the_lock_is_made_from_is_in_it() -> None:
    folder = REPOSITORY / "packaging" / "lock"
    for kind in ("run", "test"):
        named = re.findall(r"^([A-Za-z][\w.-]*)", (folder / f"{kind}.in").read_text("utf-8"), re.MULTILINE)
        locked = set(re.findall(r"^([a-z0-9._-]+)==", (folder / f"{kind}.txt").read_text("utf-8"), re.MULTILINE))
        assert {re.sub(r"[-_.]+", "-", name).lower() for name in named} - locked == set()


def test_no_test_sleeps() -> None:
    """Benches may: a crowd walks at its own pace."""
    bench = REPOSITORY / "tests" / "bench"
    assert found(SLEEP, tuple(path for path in python_files("tests") if bench not in path.parents)) == []


def test_no_screen_uses_what_the_software_renderer_cannot_draw() -> None:
    screens = tuple((REPOSITORY / "ui" / "qml").rglob("*.qml"))
    assert screens
    assert found(BANNED_QML, screens) == []


def test_the_layers_hold() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_the_centre_takes_nothing_of_the_terminals_sync_but_the_wire() -> None:
    """The layers close the rest of the terminal to it; `sync` is shared, so this is looked at by name."""
    shared = r"central\b|wire(?:_gate|_ahead|_bench|_base|_export|_release)?\b|vectors\b|signing\b|plain\b"
    other = re.compile(rf"^\s*(?:from|import) sync\.(?!{shared})|^\s*from sync import (?!(?:{shared})$)")
    assert found(other, python_files("sync/central")) == []


def logged() -> Iterator[tuple[str, str, set[str]]]:
    """Place, event and fields of every `log.event(…)` call in the program."""
    for path in python_files(*PROGRAM):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "log.event":
                name = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
                place = f"{path.relative_to(REPOSITORY)}:{node.lineno}"
                yield place, str(name), {keyword.arg or "**" for keyword in node.keywords}


def test_every_line_of_the_log_is_described() -> None:
    known = tomllib.loads(log.EVENTS.read_text("utf-8"))
    calls = list(logged())
    assert calls
    assert [(place, name) for place, name, _ in calls if name not in known["events"]] == []
    assert [
        (place, names - known["fields"].keys()) for place, _, names in calls if names - known["fields"].keys()
    ] == []


def characters() -> set[str]:
    """Every character of the texts, the service items and the documents, and the sign of the thermometer."""
    files = [path for folder in ("i18n", "items", "documents") for path in (ROOT / folder).glob("*.toml")]
    return {"℃", *(character for path in files for character in path.read_text("utf-8") if character > " ")}


def test_the_font_draws_every_character(qapp: QGuiApplication) -> None:
    font = QRawFont.fromFont(QFont(FONT, 20))
    assert font.familyName() == FONT
    assert sorted(character for character in characters() if not font.supportsCharacter(ord(character))) == []
    assert not font.supportsCharacter(0x10FFFD)


SAMPLE = """
import pytest
def test_skips(): pytest.skip("no such program")
@pytest.mark.skip(reason="marked")
def test_marked(): pass
@pytest.mark.xfail
def test_expected(): assert False
def test_elsewhere(): pytest.skip("a model is not beside this repository")
"""


@pytest.mark.parametrize(
    ("ci", "outcome"), [("true", "1 failed, 1 skipped, 1 xfailed, 1 error"), ("", "3 skipped, 1 xfailed")]
)
def test_a_skip_is_a_failure_where_everything_must_be_covered(tmp_path: Path, ci: str, outcome: str) -> None:
    (tmp_path / "test_sample.py").write_text(SAMPLE, "utf-8")
    (tmp_path / "conftest.py").write_text((REPOSITORY / "tests" / "conftest.py").read_text("utf-8"), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", str(tmp_path)]
    env = {**os.environ, "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert outcome in done.stdout, done.stdout + done.stderr


def test_the_version_stands_in_one_place_and_in_the_project_file() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["version"] == kiosk.__version__
