"""`make run`: with a display the terminal's window and a panel for bad luck, without one the scripted visits."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from kiosk.assets import ROOT
from kiosk.clock import starting_at
from kiosk.demo.centre import waiting_rows
from kiosk.demo.hand import FIRST_FRAME_SECONDS, Hand
from kiosk.demo.pokes import Pokes
from kiosk.demo.pokeserver import PokeServer
from kiosk.demo.processes import end
from kiosk.demo.stage import Running, Stage
from kiosk.demo.visit import LeftOutError, Visit
from kiosk.demo.waiting import StageError, wait_until
from kiosk.domain.people import DEMO_PINS

SCRIPTS = ROOT / "visits"
MORNING = datetime(2026, 3, 2, 8, 42)
EMPTY_SECONDS = 40.0
WALKUP = "walkup"


def has_display() -> bool:
    """Whether a window can be opened here."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def play(state: Path, out: Path, *, headless: bool, role: str = WALKUP) -> int:
    """The demonstration; the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    if headless or not has_display():
        scripts = sorted(SCRIPTS.glob("*.visit"))
        return visit(scripts, state / "visits", out)
    return _alone(state, lambda: _window(state / "demo", out, role))


def visit(scripts: Iterable[Path], state: Path, out: Path, idle: float = 60.0) -> int:
    """Play scripts offscreen on a fresh state; screens, pages, journal and summary go to `out`.

    0 = all happened. 2 = not begun: another demonstration has this state, or `out` holds what is not ours to remove.
    """
    if _left_in(out) and not (out / "pages").is_dir():
        print(f"what is in {out} is not of an earlier run and would be removed: take another --out", file=sys.stderr)
        return 2
    return _alone(state.parent, lambda: _visit(scripts, state, out, idle))


def _left_in(out: Path) -> list[Path]:
    """What a run leaves there, with its pages; packages and figures lie beside it and stay."""
    return [path for kind in ("*.png", "*.jsonl", "summary.txt", "pages") for path in out.glob(kind)]


def clear(out: Path) -> None:
    """Nothing of an earlier run, and room for this one's."""
    shutil.rmtree(out / "pages", ignore_errors=True)
    for path in _left_in(out):
        path.unlink()
    (out / "pages").mkdir(parents=True)


def _alone(folder: Path, act: Callable[[], int]) -> int:
    """One demonstration a state folder; a second one would pull its files from under the first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"a demonstration runs in {folder} already: take another --state", file=sys.stderr)
            return 2
        return act()


def _visit(scripts: Iterable[Path], state: Path, out: Path, idle: float) -> int:
    shutil.rmtree(state, ignore_errors=True)
    clear(out)
    began, lines, failed = time.monotonic(), [], ""
    try:
        with _stage(state, out, starting_at(MORNING).offset, idle) as (stage, pokes):
            stage.terminal(window=False)
            hand = Hand(stage.touch_socket)
            hand.connect(FIRST_FRAME_SECONDS)
            lines.append(f"first frame after {time.monotonic() - began:.1f} s, set-up of the demonstration included")
            for script in scripts:
                print(f"== {script.name}", flush=True)
                lines += _played(Visit(script, stage, hand, pokes, out), script.name)
            hand.close()
            for terminal in stage.terminals():
                _leave(terminal, out)
    except StageError as error:
        failed = str(error)
    _summary(out, lines, failed, time.monotonic() - began)
    return 1 if failed else 0


def _played(visit: Visit, name: str) -> list[str]:
    """What the summary says of it."""
    try:
        done = visit.play()
    except LeftOutError as why:
        return [f"== {name}: left out, {why}"]
    return [f"== {name}: all {len(done)} acts happened", *(f"   {each}" for each in (*done, *visit.remarks))]


def _window(state: Path, out: Path, role: str) -> int:
    from ui import panel

    out.mkdir(parents=True, exist_ok=True)
    with _stage(state, out, 0.0) as (stage, pokes):
        terminal = _shown(stage, role)
        _pins(sys.stdout.write)
        try:
            return panel.open(pokes.poke, role, ended=lambda: terminal.poll() is not None)
        finally:
            end(terminal)


def _shown(stage: Stage, role: str) -> subprocess.Popen[str]:
    if role == WALKUP:
        return stage.terminal(window=True)
    stage.lane(role, window=True)
    return stage.lane_process()


@contextmanager
def _stage(state: Path, out: Path, offset: float, idle: float = 60.0) -> Iterator[tuple[Stage, Pokes]]:
    stage = Stage(state, out, offset, idle)
    try:
        stage.start()
        pokes = Pokes(stage)
        server = PokeServer(state.parent / "poke.sock", pokes.poke)
        server.start()
        try:
            yield stage, pokes
        finally:
            server.stop()
    finally:
        stage.stop()


def _leave(terminal: Running, out: Path) -> None:
    """Everything of it delivered, ended by itself, its journal exported."""
    journal = terminal.config_path.parent / "journal.db"
    wait_until(lambda: not waiting_rows(journal), EMPTY_SECONDS, f"an empty outbox of the {terminal.name}")
    end(terminal.process)
    if terminal.process.returncode != 0:
        raise StageError(f"the {terminal.name} terminal ended with {terminal.process.returncode}")
    command = [sys.executable, "-m", "kiosk", "outbox", "export", str(out / terminal.journal), "--plain"]
    subprocess.run([*command, "--config", str(terminal.config_path)], check=True, timeout=60)


def _pins(write: Callable[[str], object]) -> None:
    for role, pin in DEMO_PINS.items():
        write(f"demo PIN of every {role}: {pin}\n")


def _summary(out: Path, lines: list[str], failed: str, seconds: float) -> None:
    with (out / "summary.txt").open("w", encoding="utf-8") as file:
        _pins(file.write)
        file.writelines(line + "\n" for line in lines)
        file.write(f"{'FAILED: ' + failed if failed else 'everything happened'} ({seconds:.0f} s)\n")
    print((out / "summary.txt").read_text("utf-8").splitlines()[-1])
