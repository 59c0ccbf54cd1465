"""Which version of the terminal is started: a new one is on trial, and goes after three starts that failed.

Called by systemd as root before each start. It uses nothing of the versions themselves: one of them may be broken.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_STARTS = 3
CANNOT_TELL = 1 << 30
READ = """import sqlite3, sys
file = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
print(file.execute("PRAGMA user_version").fetchone()[0])"""


@dataclass(frozen=True, slots=True)
class Place:
    """`library`: folders `versions` and `kept`, and the link `current`. `notes`: `trial` and `returned`."""

    library: Path = Path("/usr/lib/campus-terminal")
    notes: Path = Path("/var/lib/campus-terminal-update")
    config: Path = Path("/etc/campus-terminal/terminal.toml")

    @property
    def current(self) -> Path:
        return (self.library / "current").resolve()

    @property
    def kept(self) -> Path | None:
        """The version before, put aside by the upgrade; None where there is none, or it is in use."""
        found = [each for each in sorted((self.library / "kept").glob("*")) if (each / "release.json").exists()]
        return found[0].resolve() if found and found[0].resolve() != self.current else None


def starting(place: Place) -> str:
    """Before a start. What was done, in a sentence for the journal; "" when there is nothing to say."""
    trial = place.notes / "trial"
    if not trial.exists():
        return ""
    starts = _number(trial)
    if starts < MOST_STARTS:
        _write(trial, f"{starts + 1}\n")
        return f"version {release(place.current)['version']} is on trial: start {starts + 1} of {MOST_STARTS}"
    said = back(place)
    trial.unlink(missing_ok=True)
    return said


def proven(place: Place) -> str:
    """The new version has run long enough."""
    (place.notes / "trial").unlink(missing_ok=True)
    return f"version {release(place.current)['version']} stays"


def back(place: Place) -> str:
    """To the version before, unless it could not read what the newer one has written."""
    kept = place.kept
    new = release(place.current)["version"]
    if kept is None:
        return f"version {new} does not start, and none is kept to go back to"
    old = release(kept)
    if why := unfit(place, int(old["journal"])):
        return f"version {new} does not start; version {old['version']} cannot take over: {why}"
    link = place.library / "current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(kept.relative_to(place.library.resolve()))
    link.replace(place.library / "current")
    # the program's own count of quick ends is the other version's
    (state(place) / "starts").unlink(missing_ok=True)
    _write(place.notes / "returned", f"{new} {old['version']}\n")
    return f"version {new} did not start {MOST_STARTS} times: back to version {old['version']}"


def unfit(place: Place, knows: int) -> str:
    """Why a program that knows journals up to this number may not have ours; "" when it may."""
    found = journal_number(place)
    if found == CANNOT_TELL:
        return "the journal's number cannot be read"
    return f"the journal has number {found}, and it knows {knows} at most" if found > knows else ""


def journal_number(place: Place) -> int:
    """`user_version` of the journal; 0 without one. Read as its owner: root would leave files beside it."""
    journal = state(place) / "journal.db"
    try:
        owner = journal.stat()
    except FileNotFoundError:
        return 0
    command = [sys.executable, "-I", "-c", READ, str(journal)]
    who: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **who)
    return int(done.stdout) if done.returncode == 0 else CANNOT_TELL


def state(place: Place) -> Path:
    """The terminal's own folder. Raises OSError, ValueError for a configuration that cannot be read."""
    try:
        paths = tomllib.loads(place.config.read_text("utf-8")).get("paths", {})
    except FileNotFoundError:
        paths = {}
    return Path(paths.get("state", "/var/lib/campus-terminal"))


def release(folder: Path) -> dict[str, str | int]:
    """Version, and the numbers of journal and cache it knows. Raises OSError, ValueError."""
    found: dict[str, str | int] = json.loads((folder / "release.json").read_text("ascii"))
    return found


def note(path: Path, text: str) -> None:
    """For everybody to read; whole or not at all, and on the disk."""
    _write(path, text)


def _number(path: Path) -> int:
    try:
        return int(path.read_text("ascii"))
    except ValueError:
        return 0


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and on the disk: the machine may go down with the start that is counted."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="ascii") as sink:
        # the terminal tells the centre what became of an update; units hand on a mask that would keep it from reading
        os.fchmod(sink.fileno(), 0o644)
        sink.write(text)
        sink.flush()
        os.fsync(sink.fileno())
    part.replace(path)


def main(arguments: list[str]) -> int:
    """`starting` and `proven` never keep the terminal from starting; `fits N` and `back` say no by 1."""
    place = Place()
    match arguments:
        case ["starting"] | ["proven"]:
            try:
                said = (starting if arguments == ["starting"] else proven)(place)
            except (OSError, ValueError) as error:
                said = f"the version on trial cannot be judged: {error}"
            if said:
                print(said)
            return 0
        case ["fits", number]:
            why = unfit(place, int(number))
            if why:
                print(f"campus-terminal: not installed: {why}", file=sys.stderr)
            return 1 if why else 0
        case _:
            print("guard.py starting | proven | fits NUMBER", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
