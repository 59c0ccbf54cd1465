"""`python -m kiosk technician`: the technician's mode in a window, or as text beside a running terminal."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from kiosk import config as configs
from kiosk.app.techline import NAME
from kiosk.config import Config

DONE, NOT_DONE = 0, 1
COMES_UP_S = 60.0
LOOK_S = 0.1
ENDS_S = 15.0


def run(options: argparse.Namespace) -> int:
    """The exit code: 0 as asked, 1 not let in or no terminal that answers."""
    config = configs.load(options.config)
    if options.window:
        return _window(config, options.config)
    path = config.paths.state / NAME
    with contextlib.ExitStack() as stack:
        line = _connected(path)
        if line is None:
            print("no terminal runs here: it is started without a screen", file=sys.stderr)
            line = _patiently(path, stack.enter_context(_terminal(config, options.config)))
        if line is None:
            print("the terminal does not answer", file=sys.stderr)
            return NOT_DONE
        with line, line.makefile("rw", encoding="utf-8") as stream:
            return talk(stream, _asker(options.command))


def talk(stream: TextIO, answer: Callable[[str, str], str]) -> int:
    """Say what the terminal says, answer what it asks, until it says goodbye: 0 = after having been let in."""
    inside = False
    for line in stream:
        match json.loads(line):
            case {"say": str(text)}:
                print(text)
            case {"ask": str(how), "text": str(text)}:
                inside = inside or text == "> "
                stream.write(json.dumps({"text": answer(how, text)}, ensure_ascii=False) + "\n")
                stream.flush()
            case {"bye": True}:
                return DONE if inside else NOT_DONE
    print("the terminal has ended the conversation", file=sys.stderr)
    return NOT_DONE


def role_of(config: Config) -> str:
    """Which terminal this is, by what it is fitted with."""
    if config.relay.kind != "none" or config.thermal.kind != "none":
        return "gate"
    return "attendance" if config.gate.room else "walkup"


def _asker(commands: list[str]) -> Callable[[str, str], str]:
    """Asks whoever sits there; what stands on the command line is the only command, `quit` follows it."""
    given = [" ".join(commands), "quit"] if commands else []

    def ask(how: str, text: str) -> str:
        if text == "> " and given:
            return given.pop(0)
        try:
            return getpass.getpass(text) if how == "secret" else input(text)
        except EOFError:
            return "quit"

    return ask


def _window(config: Config, path: Path) -> int:
    """The terminal with its window, the technician's sign-in first."""
    from kiosk.app import gate, terminal

    role = role_of(config)
    counts = configs.history.effective(path)
    config = configs.load(counts)
    if role == "walkup":
        return terminal.run(config, counts, served=True, source=path)
    return gate.run(config, counts, attendance=role == "attendance", served=True, source=path)


def _connected(path: Path) -> socket.socket | None:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        line.connect(str(path))
    except OSError:
        line.close()
        return None
    return line


def _patiently(path: Path, terminal: subprocess.Popen[bytes]) -> socket.socket | None:
    """As soon as it listens; None when it does not in time, or has ended."""
    until = time.monotonic() + COMES_UP_S
    while time.monotonic() < until:
        if line := _connected(path):
            return line
        with contextlib.suppress(subprocess.TimeoutExpired):
            terminal.wait(LOOK_S)
            return None
    return None


@contextlib.contextmanager
def _terminal(config: Config, path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The terminal's own program, with its real drivers and no screen, as long as the technician needs it."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
    command = [sys.executable, "-m", "kiosk", role_of(config), "--config", str(path)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
