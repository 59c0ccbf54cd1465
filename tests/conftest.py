"""What holds for every test: no window, no home folder, no network beyond this machine, nothing left running."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

HOME = Path(tempfile.mkdtemp(prefix="campus-tests-"))

# Before anything imports Qt. The time zone is one where the campus' time is never right by chance.
os.environ.update(QT_QPA_PLATFORM="offscreen", QT_QUICK_BACKEND="software", TZ="America/St_Johns")
os.environ.update(HOME=str(HOME), XDG_RUNTIME_DIR=str(HOME / "run"))
for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "DISPLAY", "WAYLAND_DISPLAY"):
    os.environ.pop(name, None)
(HOME / "run").mkdir(mode=0o700)
time.tzset()


class OutsideError(AssertionError):
    """A test wanted to leave this machine."""


def _refuse_outside(address: Any) -> None:
    if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost")):
        raise OutsideError(f"tests stay on this machine: {address!r}")


class _Socket(socket.socket):
    def connect(self, address: Any) -> None:
        _refuse_outside(address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        _refuse_outside(address)
        return super().connect_ex(address)


socket.socket = _Socket  # type: ignore[misc]


ELSEWHERE = "is not beside this repository"
"""Why a test may be skipped anywhere: what it needs must not be in the repository, and CI has that alone."""


def _not_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    """A skip is a failure where everything must be covered; an expected failure stays one."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if reason.endswith(ELSEWHERE):
            return
        report.outcome = "failed"
        report.longrepr = f"skipped although CI=true: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """See `_not_in_ci`."""
    report = yield
    _not_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """See `_not_in_ci`; this one is for modules that skip themselves."""
    report = yield
    _not_in_ci(report)
    return report


def children(pid: int) -> list[str]:
    """Command lines of the living processes whose parent is `pid`, Python's own helpers aside."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if int(parent) == pid and state != "Z" and "resource_tracker" not in command:
            found.append(f"{folder.name} {command}")
    return found


LEFT = pytest.StashKey[list[str]]()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """One of several workers has ended; what it left running is the whole run's matter."""
    node.config.stash.setdefault(LEFT, []).extend(getattr(node, "workeroutput", {}).get("left", []))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a test started, it ends."""
    shutil.rmtree(HOME, ignore_errors=True)
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left"] = children(os.getpid())
        return
    left = session.config.stash.get(LEFT, None)
    if left is None:
        left = children(os.getpid())
    if left:
        print("\nleft running by a test: " + "; ".join(left))
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
