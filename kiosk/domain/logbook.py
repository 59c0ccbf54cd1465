"""The program's own log and its settings as a technician sees them; nothing in either tells of a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TROUBLE = "trouble"
"""The filter that leaves what went wrong; every other is the name of a program, an event or a device."""
QUIET = frozenset(
    {"started", "stopped", "starting", "self_test", "gallery_loaded", "print_job", "link", "enrolled", "space"}
    | {"part_beats", "test_began", "test_ended", "thermal_found", "clock", "sent_rows_made_room", "relay_without_pulse"}
)
"""What happens on a good day as well."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line. `at`: Unix seconds, 0 = it cannot be read; `component`: the program; `detail`: its fields, redacted."""

    at: float
    component: str
    event: str
    detail: str = ""
    code: str = ""
    device: str = ""

    @property
    def trouble(self) -> bool:
        """Something went wrong."""
        return self.event not in QUIET

    def is_of(self, only: str) -> bool:
        """Whether this filter leaves it, "" = all."""
        if only == TROUBLE:
            return self.trouble
        return only in ("", self.component, self.event, self.device, self.code)


@dataclass(frozen=True, slots=True)
class Change:
    """A key of the settings, `table.name`, and its value before and after, as TOML writes them."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Settings that the terminal was started with. `at`: for the first time, Unix seconds; `now`: it runs with them."""

    name: str
    at: float
    now: bool = False


def page(lines: Iterable[LogLine], only: str, first: int, most: int) -> tuple[tuple[LogLine, ...], bool]:
    """`most` lines that the filter leaves, newest first, from the `first` on; whether there are more."""
    found = sorted((line for line in lines if line.is_of(only)), key=lambda line: -line.at)
    return tuple(found[first : first + most]), len(found) > first + most
