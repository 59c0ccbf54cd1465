"""Printer models as data of `profiles.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("profiles.toml")

NO_CHINESE = "none"
"""The encoding of a model without Chinese: its pages are pictures, line by line."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One model; the keys are explained at the head of profiles.toml."""

    name: str
    dots: int
    columns: int
    encoding: str
    unit: float
    cut: str
    qr: str
    gs_r: bool
    dle_eot: bool
    automatic: bool
    gs_i: bool
    clear: bytes
    mm_per_s: float

    @property
    def cutting(self) -> bytes:
        """Feed to the knife and cut; without a knife, feed so far that the page can be torn off."""
        return {"full": b"\x1dVA\x00", "partial": b"\x1dVB\x00", "none": b"\x1bd\x04"}[self.cut]

    @property
    def answers(self) -> bool:
        """Whether it ever says anything."""
        return self.gs_r or self.dle_eot or self.automatic

    def units(self, dots: int) -> int:
        """Steps of the paper feed for so many dots."""
        return max(1, round(dots / self.unit))


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """Every profile by name."""
    data = tomllib.loads(FILE.read_text("utf-8"))
    return {
        name: Profile(name=name, **{**table, "clear": bytes.fromhex(table["clear"])}) for name, table in data.items()
    }


def profile(name: str) -> Profile:
    """The profile of this name; KeyError names the ones there are."""
    try:
        return profiles()[name]
    except KeyError:
        raise KeyError(f"no printer profile {name!r}; there are {', '.join(profiles())}") from None
