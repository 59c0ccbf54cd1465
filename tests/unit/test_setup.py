"""Set-up on machines that lack something: each says in words what, and what to do."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from kiosk.assets import ROOT

APT, PIP = "apt-get", "pip install"

STUBS = {
    "id": 'echo "${FAKE_UID:-0}"',
    "sudo": "exit 1",
    "df": 'echo "header"; echo "- - - ${FAKE_FREE:-90000} - -"',
    "dpkg-query": 'case " $FAKE_MISSING " in *" ${@: -1} "*) exit 1;; esac; echo installed',
    "apt-get": 'echo "apt-get $*" >>"$CALLS"; exit "${FAKE_APT:-0}"',
    "npm": 'echo "npm $*" >>"$CALLS"; exit "${FAKE_NPM:-0}"',
    "python3": "exit 1",
    "python3.11": """
if [ "$1" = -c ]; then case "$2" in *"$FAKE_NO_MODULE"*) exit 1;; esac; exit 0; fi
if [ "$2" = venv ]; then mkdir -p .venv/bin; cp "$0" .venv/bin/python; echo venv >>"$CALLS"; exit; fi
case "$*" in *--version*) exit 0;; esac
echo "pip install $*" >>"$CALLS"
if [ -n "$FAKE_WAIT" ] && [[ "$*" != *build.txt ]]; then echo "Downloading something large"; read -r _ <"$FAKE_WAIT"; fi
echo "$FAKE_SAYS"; exit "${FAKE_PIP:-0}"
""",
}


class Machine:
    """A checkout with stand-ins for the programs that set-up calls; `calls` is what it did."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.programs, self.log = folder / "checkout", folder / "bin", folder / "calls"
        for part in ("packaging", "tests/receiptio"):
            shutil.copytree(ROOT.parent / part, self.checkout / part, ignore=shutil.ignore_patterns("node_modules"))
        self.programs.mkdir()
        self.log.touch()
        for name, body in STUBS.items():
            (self.programs / name).write_text(f"#!/bin/bash\n{body}\n", "utf-8")
            (self.programs / name).chmod(0o755)

    def begin(self, kind: str = "run", **fakes: str) -> subprocess.Popen[str]:
        env = {"PATH": f"{self.programs}:/usr/bin:/bin", "CALLS": str(self.log), "TMPDIR": str(self.log.parent)}
        env |= {"FAKE_NO_MODULE": "nothing"} | {f"FAKE_{name.upper()}": value for name, value in fakes.items()}
        env |= {"SET_UP_BEAT": "0.05" if "wait" in fakes else "60"}
        # who runs the tests in the background of a shell hands down SIGINT as ignored
        command = ["env", "--default-signal=INT", str(self.checkout / "packaging" / "setup.sh"), kind]
        return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)

    def run(self, kind: str = "run", **fakes: str) -> tuple[int, str]:
        process = self.begin(kind, **fakes)
        said = process.communicate(timeout=30)[1]
        return process.returncode, said

    def calls(self, which: str) -> list[str]:
        return [line for line in self.log.read_text("utf-8").splitlines() if line.startswith(which)]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_everything_is_installed_once(machine: Machine) -> None:
    code, said = machine.run(missing="libgl1 zbar-tools")
    assert code == 0, said
    assert "set-up done" in said
    assert [line.split()[-1] for line in machine.calls(APT)] == ["-q", "libgl1"]
    tools, call = machine.calls(PIP)
    assert tools.endswith("packaging/lock/build.txt")
    assert call.endswith("packaging/lock/run.txt")
    assert all("--require-hashes" in each and "--only-binary :all:" in each for each in (tools, call))
    assert machine.run() == (0, "")
    assert len(machine.calls(PIP)) == 2


def test_a_changed_lock_is_installed(machine: Machine) -> None:
    machine.run()
    with (machine.checkout / "packaging" / "lock" / "run.txt").open("a") as lock:
        lock.write("# changed\n")
    assert machine.run()[0] == 0
    assert len(machine.calls(PIP)) == 4
    assert len(machine.calls("venv")) == 1


def test_the_set_up_of_the_tests_serves_the_program_too(machine: Machine) -> None:
    assert machine.run("test")[0] == 0
    assert machine.run("run") == (0, "")


def test_a_moved_checkout_gets_a_new_environment(machine: Machine) -> None:
    machine.run()
    machine.checkout = machine.checkout.rename(machine.checkout.with_name("elsewhere"))
    made_for_elsewhere = machine.checkout / ".venv" / "bin" / "lint-imports"
    made_for_elsewhere.touch()
    assert machine.run()[0] == 0
    assert not made_for_elsewhere.exists()
    assert len(machine.calls("venv")) == 2


def test_without_root_the_one_line_to_type_is_said(machine: Machine) -> None:
    code, said = machine.run(uid="1000", missing="libgl1 fonts-noto-cjk")
    assert code == 1
    assert "apt-get install -y --no-install-recommends fonts-noto-cjk libgl1" in said
    assert machine.calls(APT) == []


def test_without_root_the_demonstration_goes_without_its_printer_of_sheets(machine: Machine) -> None:
    code, said = machine.run("run", uid="1000", missing="cups-ipp-utils")
    assert code == 0
    assert "cups-ipp-utils" in said
    assert "what needs them is left out" in said


def test_without_root_what_only_tests_need_is_left_out(machine: Machine) -> None:
    code, said = machine.run("test", uid="1000", missing="zbar-tools")
    assert code == 0
    assert "zbar-tools" in said
    assert "what needs them is left out" in said


def test_without_the_foreign_host_its_tests_alone_are_left_out(machine: Machine) -> None:
    code, said = machine.run("test", npm="1")
    assert code == 0, said
    assert "receiptio could not be fetched" in said
    assert "set-up done" in said
    assert machine.calls("npm") == [
        "npm ci --prefix tests/receiptio --ignore-scripts --no-audit --no-fund --no-update-notifier --fetch-retries 1"
    ]


def test_debian_packages_that_cannot_be_had(machine: Machine) -> None:
    code, said = machine.run(missing="libgl1", apt="100")
    assert code == 1
    assert "Set-up stopped at: 1/3 Debian packages: libgl1 (exit 100)" in said


@pytest.mark.parametrize(
    ("pip_says", "told"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full: 90000 MB free here"),
        ("NewConnectionError: Failed to establish a new connection: [Errno 101] Network is unreachable", "The network"),
        ("NameResolutionError: Temporary failure in name resolution", "The network"),
        (
            "THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE",
            "is not the one that",
        ),
    ],
)
def test_what_stopped_the_packages_is_said_in_words(machine: Machine, pip_says: str, told: str) -> None:
    code, said = machine.run(says=pip_says, pip="2")
    assert code == 1
    assert pip_says in said
    assert told in said
    assert "Set-up stopped at: 3/3" in said
    assert machine.run()[0] == 0, "it goes on from there"


def test_a_disk_that_is_nearly_full_is_noticed_before(machine: Machine) -> None:
    code, said = machine.run(free="300")
    assert code == 1
    assert "The disk is nearly full: 300 MB free here" in said
    assert machine.calls(PIP) == []


def test_an_old_python_is_named(machine: Machine) -> None:
    code, said = machine.run(no_module="version_info")
    assert code == 1
    assert "Python 3.11 or newer is needed" in said


def test_a_python_without_venv_is_named(machine: Machine) -> None:
    code, said = machine.run(no_module="ensurepip")
    assert code == 1
    assert "apt-get install -y python3-venv" in said


def test_a_long_step_shows_that_it_lives_and_a_second_set_up_waits(machine: Machine) -> None:
    fifo = machine.log.with_name("fifo")
    os.mkfifo(fifo)
    first = machine.begin(wait=str(fifo))
    assert first.stderr is not None
    while "…" not in (line := first.stderr.readline()):
        assert line, "it ended without a sign of life"
    assert "Downloading something large" in line
    second = machine.begin()
    assert second.stderr is not None
    assert "another set-up" in second.stderr.readline()
    fifo.write_text("go on\n", "utf-8")
    assert "set-up done" in first.communicate(timeout=30)[1]
    assert second.communicate(timeout=30)[1] == ""
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(machine.calls(PIP)) == 2


def test_an_interrupted_set_up_falls_silent_and_begins_anew(machine: Machine) -> None:
    fifo = machine.log.with_name("fifo")
    os.mkfifo(fifo)
    first = machine.begin(wait=str(fifo))
    assert first.stderr is not None
    while "…" not in first.stderr.readline():
        assert first.poll() is None
    os.killpg(first.pid, signal.SIGINT)
    first.communicate(timeout=30)
    assert first.returncode != 0
    code, said = machine.run()
    assert (code, "set-up done" in said) == (0, True)


def test_an_unknown_kind_is_refused(machine: Machine) -> None:
    code, said = machine.run("everything")
    assert code == 1
    assert "usage" in said
