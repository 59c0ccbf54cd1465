"""How a fault is planted."""

from __future__ import annotations

from typing import Any


def replace(where: Any, name: str, what: Any) -> None:
    """Change the code in place; AssertionError when there is nothing of that name to change."""
    assert hasattr(where, name), f"{where} has no {name} any more: the fault is not planted"
    setattr(where, name, what)
