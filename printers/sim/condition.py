"""How the simulated printer is, and the bytes in which it says so."""

from __future__ import annotations

from dataclasses import dataclass, field

LATER = ("paper_out", "cover_open", "silent", "mute", "unplug", "power_off")
"""What may also happen in the middle of a job: `paper_out_after 500` and so on."""
POKES = (
    *("paper_low", "paper_out", "refill", "cover_open", "cover_closed", "cutter", "cutter_ok"),
    *("silent", "mute", "talk", "unplug", "plug", "power_off", "power_on"),
    *(f"{name}_after" for name in LATER),
)


@dataclass
class Condition:
    """What a person or bad luck has done to it. `later`: what happens once so many bytes more are printed."""

    low: bool = False
    out: bool = False
    cover: bool = False
    cutter: bool = False
    silent: bool = False
    mute: bool = False
    plugged: bool = True
    later: dict[str, int] = field(default_factory=dict)

    def happen(self, name: str) -> None:
        """One of POKES, now. Raises ValueError for anything else."""
        match name:
            case "paper_low":
                self.low = True
            case "paper_out":
                self.out = self.low = True
            case "refill":
                self.out = self.low = False
            case "cover_open" | "cover_closed":
                self.cover = name == "cover_open"
            case "cutter" | "cutter_ok":
                self.cutter = name == "cutter"
            case "silent" | "mute":
                self.silent, self.mute = name == "silent", True
            case "talk":
                self._talk()
            case "unplug" | "plug" | "power_off" | "power_on":
                self.plugged = name in ("plug", "power_on")
                self.silent, self.mute = (self.silent, self.mute) if "plug" in name else (False, False)
            case _:
                raise ValueError(f"unknown poke {name!r}; there are {', '.join(POKES)}")

    def _talk(self) -> None:
        """Whoever was to fall silent later, and has not yet, does not any more."""
        self.silent = self.mute = False
        self.later = {name: left for name, left in self.later.items() if name not in ("silent", "mute")}

    def printed_one(self) -> list[str]:
        """One byte more is printed; what happens with it."""
        self.later = {name: left - 1 for name, left in self.later.items()}
        due = [name for name, left in self.later.items() if left <= 0]
        for name in due:
            del self.later[name]
        return due

    @property
    def works(self) -> bool:
        return self.ready and not self.silent

    @property
    def ready(self) -> bool:
        return not (self.out or self.cover or self.cutter)

    def real_time(self, n: int) -> int:
        """The answer to DLE EOT n."""
        offline = 0 if self.ready else 0x08
        cause = (0x04 if self.cover else 0) | (0x20 if self.out else 0) | (0x40 if self.cutter else 0)
        error = 0x08 if self.cutter else 0
        roll = (0x0C if self.low else 0) | (0x60 if self.out else 0)
        return 0x12 | {1: offline, 2: cause, 3: error, 4: roll}.get(n, 0)

    def roll(self, n: int) -> int:
        """The answer to GS r n."""
        return 0 if n not in (1, 49) else self._roll()

    def automatic(self) -> bytes:
        """The four bytes that GS a asks for."""
        first = 0x14 | (0 if self.ready else 0x08) | (0x20 if self.cover else 0)
        return bytes((first, 0x08 if self.cutter else 0, self._roll(), 0x0F))

    def _roll(self) -> int:
        return (0x03 if self.low else 0) | (0x0C if self.out else 0)
