"""`kiosk-setup`: asks, or takes what was said; then changes the machine, and says each thing it did."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from kiosk import config as configs
from kiosk.app.setup import found as finding
from kiosk.app.setup import proof, wizard
from kiosk.app.setup.answers import settings
from kiosk.app.setup.asking import Ask, StoppedError
from kiosk.app.setup.machine import CENTRE, SCREEN, UNIT, Machine
from kiosk.clock import Clock
from kiosk.config import Config, ConfigError
from kiosk.text import shipped_texts
from printers.spool import JobState

DONE, NOT_DONE, MISUSED = 0, 1, 2
SHORT = {"id": "terminal.id", "centre": "centre.url", "code": "centre.enrolment_code", "printer": "printer.address"}


def options(parser: argparse.ArgumentParser) -> None:
    """What may be said beforehand."""
    add = parser.add_argument
    add("--language", choices=("zh", "en"), help="of the questions; else the first one asks")
    add("--role", choices=wizard.ROLES)
    add("--id", help="number of this terminal, such as A-017")
    add("--centre", metavar="URL", help="where the central API is")
    add("--code", help="one-time enrolment code")
    add("--printer", metavar="ADDRESS", help="such as usb://04b8:0202")
    add("--turn", choices=wizard.TURNS, help="how the panel hangs, in degrees clockwise")
    add("--set", action="append", default=[], metavar="TABLE.KEY=VALUE", help="any key of docs/config.md")
    add("--from", dest="handed", type=Path, metavar="FOLDER", help="take over what --hand-over left there")
    add("--hand-over", type=Path, metavar="FOLDER", help="this machine is replaced: queue and settings go there")
    add("--yes", action="store_true", help="ask nothing: what was not said is as before, or the default")
    add("--no-start", action="store_true", help="write everything, start nothing")
    add("--probe", action=argparse.BooleanOptionalAction, help="ask each serial line what is there")
    add("--lock", action=argparse.BooleanOptionalAction, help="close every way past the program")
    add("--unlock", action="store_true", help="only open them again, to work with a keyboard")
    add("--test-print", action="store_true", help="only print the test page once more")
    add("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    """0 done, 1 not done, 2 misused; says why."""
    given = {name: getattr(options, short) for short, name in SHORT.items() if getattr(options, short)}
    given |= dict(pair.partition("=")[::2] for pair in options.set)
    given |= {"turn": options.turn} if options.turn else {}
    given |= {} if options.probe is None else {"probe": "yes" if options.probe else "no"}
    ask = Ask(shipped_texts(), options.language or "zh", sys.stdin, sys.stdout, given, options.yes)
    try:
        return _run(options, ask, Machine(options.root))
    except StoppedError:
        print(file=ask.sink)
        ask.say("stopped")
        return NOT_DONE
    except ConfigError as error:
        print(error, file=sys.stderr)
        return MISUSED
    except OSError as error:
        print(error.args[0] if len(error.args) == 1 else f"{error.filename}: {error.strerror}", file=sys.stderr)
        return NOT_DONE


def _run(options: argparse.Namespace, ask: Ask, machine: Machine) -> int:
    own = machine.etc / "terminal.toml"
    if options.unlock:
        machine.unlock()
        ask.say("unlocked")
        return DONE
    if options.test_print:
        return _proof(ask, configs.load(own))
    if options.hand_over:
        return _hand_over(ask, machine, configs.load(own), options.hand_over)
    if options.language is None and not options.yes:
        ask.language = ask.choice("language", ("zh", "en"), "zh")
    base = configs.load(own if own.exists() else machine.etc / "kiosk.toml")
    base, role = wizard.before(ask, base, options.handed) if not options.yes or options.handed else (base, "")
    role = options.role or ask.choice("role", wizard.ROLES, role or _role(machine))
    if role == "centre":
        return _centre(ask, machine, start=not options.no_start)
    again = own.exists() or options.handed is not None
    there = finding.look(machine.root)
    ask.given["turn"] = ask.choice("turn", wizard.TURNS, "0")
    config = wizard.terminal(ask, base, role, there, again=again)
    allowed = [panel.id for panel in there.panels if _heard(ask, panel)]
    lock = options.lock if options.lock is not None else ask.yes("lock", default=True)
    _write(ask, machine, config, role, allowed)
    if lock:
        machine.lock()
        ask.say("locked")
    return DONE if options.no_start else _start(ask, machine)


def _write(ask: Ask, machine: Machine, config: Config, role: str, allowed: list[str]) -> None:
    named = machine.name(wizard.lines_of(config))
    config = settings(config, {f"{name}.port": path for name, path in named.items()})
    machine.keep(config, role)
    machine.turn(int(ask.given["turn"]))
    types = config.scanner.kind == wizard.KEYBOARD
    machine.allow(allowed, finding.id_of(config.scanner.port, machine.root) if types else "")
    ask.say(f"key.{machine.seal() or 'none'}".replace("+", "_"))
    if config.printer.address and not ask.silent and ask.yes("proof", default=True):
        _proof(ask, config)


def _start(ask: Ask, machine: Machine) -> int:
    good = machine.start(SCREEN, UNIT)
    ask.say("started" if good else "not_started")
    return DONE if good else NOT_DONE


def _heard(ask: Ask, panel: finding.Panel) -> bool:
    """A touch screen is heard unless somebody says no; anything else only where somebody says yes."""
    if ask.silent:
        return panel.touch
    ask.say("panel", name=panel.name, id=panel.id)
    return ask.yes("hear", default=panel.touch)


def _proof(ask: Ask, config: Config) -> int:
    ask.say("printing")
    state, reason = proof.print_page(config, ask.texts, Clock())
    ask.say(f"proof_{state.value}", reason=reason or "-")
    return DONE if state is JobState.PRINTED else NOT_DONE


def _hand_over(ask: Ask, machine: Machine, config: Config, folder: Path) -> int:
    machine.stop(UNIT)
    bare = replace(config, centre=replace(config.centre, enrolment_code=""))
    good = machine.hand_over(bare, folder)
    ask.say("handed_over" if good else "not_handed_over", id=config.terminal.id, folder=folder)
    return DONE if good else NOT_DONE


def _centre(ask: Ask, machine: Machine, *, start: bool) -> int:
    names = {"CENTRAL_DATABASE": "", "CAMPUS": "1", "CHECK_URL": "https://v.example.com/", "WORKERS": "2"}
    values = {name: ask.text(f"centre_{name.lower()}", default) for name, default in names.items()}
    machine.centre({name: value for name, value in values.items() if value})
    good = not start or machine.start(CENTRE)
    ask.say("centre_started" if good else "not_started")
    return DONE if good else NOT_DONE


def _role(machine: Machine) -> str:
    path = machine.etc / "role"
    return path.read_text("utf-8").strip().removeprefix("ROLE=") if path.exists() else wizard.ROLES[0]
