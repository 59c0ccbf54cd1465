"""The uninterruptible power supply, as the kernel or Network UPS Tools (RFC 9271) on this machine tells of it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

SUPPLIES = Path("/sys/class/power_supply")
NUT = ("127.0.0.1", 3493)
ANSWER_S = 2.0
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class Ups:
    """`charge`: percent, −1 = not told; `mains`: the mains feed it; `bad`: it asks for a new battery or is low."""

    name: str
    charge: int
    mains: bool
    bad: bool


def look(supplies: Path = SUPPLIES, nut: tuple[str, int] = NUT) -> Ups | None:
    """The first one that is found; None = this machine knows of none. Never raises for what the environment does."""
    return _of_kernel(supplies) or _of_nut(nut)


def _of_kernel(supplies: Path) -> Ups | None:
    for place in sorted(supplies.glob("*")):
        if _read(place / "type").upper() == "UPS":
            charge, status = _read(place / "capacity"), _read(place / "status")
            health = _read(place / "health")
            bad = health not in ("", "Good", "Unknown") or _read(place / "capacity_level") in ("Low", "Critical")
            return Ups(place.name, int(charge) if charge.isdecimal() else -1, status != "Discharging", bad)
    return None


def _of_nut(address: tuple[str, int]) -> Ups | None:
    try:
        with socket.create_connection(address, ANSWER_S) as line:
            line.settimeout(ANSWER_S)
            with line.makefile("rw", encoding="utf-8", newline="\n") as talk:
                name = _names(_say(talk, "LIST UPS"))
                return _told(name, _variables(_say(talk, f"LIST VAR {name}"), name)) if name else None
    except (OSError, ValueError):
        return None


def _told(name: str, variables: dict[str, str]) -> Ups:
    flags, charge = set(variables.get("ups.status", "").split()), variables.get("battery.charge", "")
    percent = int(float(charge)) if charge else -1
    return Ups(name, percent, "OL" in flags, bool({"LB", "RB", "OFF"} & flags))


def _say(talk: TextIO, words: str) -> list[str]:
    """The lines between BEGIN and END of a list; none when it is refused."""
    talk.write(words + "\n")
    talk.flush()
    lines: list[str] = []
    while len(lines) < MOST_LINES:
        line = str(talk.readline()).strip()
        if not line or line.startswith(("ERR", "END")):
            break
        lines.append(line)
    return lines[1:]


def _names(lines: list[str]) -> str:
    return next((line.split(" ")[1] for line in lines if line.startswith("UPS ")), "")


def _variables(lines: list[str], name: str) -> dict[str, str]:
    head = f"VAR {name} "
    pairs = (line.removeprefix(head).partition(" ") for line in lines if line.startswith(head))
    return {key: value.strip('"') for key, _, value in pairs}


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""
