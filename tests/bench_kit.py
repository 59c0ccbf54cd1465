"""What the technician's bench is built with in tests."""

from __future__ import annotations

from typing import Any

from kiosk.app.bench import Fittings
from kiosk.app.bench.hands import Hands
from kiosk.app.health import Health
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.text import shipped_texts


def fittings(config: Config | None = None, **parts: Any) -> Fittings:
    clock = Clock()
    return Fittings(config or Config(), clock, shipped_texts(), Health(clock.now), lambda: "", **parts)


def hands() -> Hands:
    return Hands(lambda _: None, lambda _: None)
