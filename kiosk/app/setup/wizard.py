"""The questions of kiosk-setup in their order, and what follows from the answers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from devices.probing import Found as Seen
from devices.probing import probe
from kiosk import config as configs
from kiosk.app.setup.answers import NOTHING, settings, shown, words
from kiosk.app.setup.asking import Ask
from kiosk.app.setup.found import Found
from kiosk.config import Config, ConfigError

ROLES = ("walkup", "gate", "attendance", "centre")
TURNS = ("0", "90", "180", "270")
PLACE = ("terminal.id", "terminal.campus", "terminal.campus_zh", "terminal.campus_en")
WHERE = ("terminal.place_zh", "terminal.place_en", "terminal.help_phone")
CENTRE = ("centre.url", "centre.check_url", "centre.ca_file", "centre.enrolment_code")
LANE = ("gate.gate", "gate.lane_zh", "gate.lane_en", "gate.direction")
KEYBOARD = "keyboard"
"""A scanner that types."""
PROFILES = ("generic-80mm", "generic-58mm", "raster-80mm", "raster-58mm")


def before(ask: Ask, base: Config, folder: Path | None) -> tuple[Config, str]:
    """The settings and role of the machine that this one replaces, from what it handed over; else `base` and "".

    Raises ConfigError, OSError.
    """
    if folder is None and not ask.yes("replaces", default=False):
        return base, ""
    folder = folder or Path(ask.text("handed", "/media"))
    found = sorted(folder.glob("*-settings.toml"))
    if len(found) != 1:
        raise FileNotFoundError(ask.texts.get(ask.language, "setup.not_handed", folder=folder, count=len(found)))
    role = found[0].with_name(found[0].name.replace("-settings.toml", "-role"))
    ask.say("take_in_first")
    return configs.load(found[0]), role.read_text("utf-8").strip().removeprefix("ROLE=") if role.exists() else ""


def terminal(ask: Ask, base: Config, role: str, found: Found, *, again: bool) -> Config:
    """Everything a terminal must know. `again`: `base` was this or another machine's, so its devices are defaults.

    Raises ConfigError.
    """
    start = base if again else settings(base, NOTHING)
    answers = dict(ask.given)
    questions = (*PLACE, *WHERE, *CENTRE, *(LANE if role == "gate" else ()))
    questions += ("gate.room",) if role == "attendance" else ()
    for name in questions:
        answers[name] = ask.text(name, shown(start, name), partial(_wrong, start, name))
    count = {"serial": len(found.serial), "cameras": len(found.cameras), "printers": len(found.printers)}
    ask.say("found", **count)
    start = _probed(ask, start, found)
    answers |= _devices(ask, start, role, found)
    answers |= _screen(start, found, ask.given.get("turn", "0"))
    return settings(start, {name: text for name, text in answers.items() if "." in name})


def _devices(ask: Ask, start: Config, role: str, found: Found) -> dict[str, str]:
    """Each device as one of those that were found, or none."""
    chosen = {"camera.source": _one(ask, "camera.source", found.cameras, start.camera.source)}
    scanner = ask.choice("scanner.kind", words("scanner.kind"), start.scanner.kind)
    chosen["scanner.kind"] = scanner
    if scanner != "none":
        lines = found.keyboards if scanner == KEYBOARD else found.serial
        chosen["scanner.port"] = _one(ask, "scanner.port", lines, start.scanner.port)
    return chosen | (_hall(ask, start, found) if role == "walkup" else _lane(ask, start, found, role))


def _probed(ask: Ask, start: Config, found: Found) -> Config:
    """What answers at the serial lines becomes the default of its question, and is said."""
    if not found.serial or not ask.yes("probe", default=not ask.silent):
        return start
    answers: dict[str, str] = {}
    for line in found.serial:
        ask.say("probing", line=line)
        seen = probe(line)
        ask.say("probed" if seen else "not_probed", part=seen.part if seen else "", kind=seen.kind if seen else "")
        answers |= _answers_of(line, seen) if seen else {}
    return settings(start, answers)


def _answers_of(line: str, seen: Seen) -> dict[str, str]:
    if seen.part == "printer":
        return {"printer.address": f"serial://{line}?baud={seen.baud}"}
    return {f"{seen.part}.kind": seen.kind, f"{seen.part}.port": line, f"{seen.part}.baud": str(seen.baud)}


def lines_of(config: Config) -> dict[str, str]:
    """Name of the device → its serial line, for those that have one."""
    kinds = {"scanner": config.scanner.kind, "thermal": config.thermal.kind, "relay": config.relay.kind}
    ports = {"scanner": config.scanner.port, "thermal": config.thermal.port, "relay": config.relay.port}
    return {name: port for name, port in ports.items() if kinds[name] not in ("none", KEYBOARD)}


def _hall(ask: Ask, start: Config, found: Found) -> dict[str, str]:
    serial = tuple(f"serial://{name}?baud=115200" for name in found.serial)
    chosen = {"printer.address": _one(ask, "printer.address", (*found.printers, *serial), start.printer.address)}
    if chosen["printer.address"]:
        chosen["printer.profile"] = ask.choice("printer.profile", PROFILES, start.printer.profile)
    return chosen | {"a4.address": ask.text("a4.address", start.a4.address)}


def _lane(ask: Ask, start: Config, found: Found, role: str) -> dict[str, str]:
    chosen = {"face.enabled": "true" if ask.yes("face.enabled", default=True) else "false"}
    if role == "gate":
        for name in ("thermal", "relay"):
            kind = ask.choice(f"{name}.kind", words(f"{name}.kind"), getattr(start, name).kind)
            chosen[f"{name}.kind"] = kind
            if kind != "none":
                chosen[f"{name}.port"] = _one(ask, f"{name}.port", found.serial, getattr(start, name).port)
    return chosen


def _one(ask: Ask, name: str, options: tuple[str, ...], now: str) -> str:
    """A device of those that were found; one that is set already stays possible, plugged in or not."""
    every = tuple(dict.fromkeys((*options, *((now,) if now else ()), "none")))
    chosen = ask.choice(name, every, now or every[0])
    return "" if chosen == "none" else chosen


def _screen(start: Config, found: Found, turn: str) -> dict[str, str]:
    """The size of the only screen there is, as people see it."""
    width, height = found.screens[0] if found.screens else (start.screen.width, start.screen.height)
    if found.screens and turn in ("90", "270"):
        width, height = height, width
    return {"screen.width": str(width), "screen.height": str(height)}


def _wrong(start: Config, name: str, text: str) -> str:
    """What is wrong with one answer; a file that is checked as a whole says the rest."""
    try:
        settings(start, {name: text})
    except ConfigError as error:
        return str(error.problems[0].allowed)
    return ""
