"""What somebody knows who checks a certificate: keys, and a list of what ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk.domain.certificates import Claims, Ended, Outcome, PublicKey, Register, judge

FOREVER = 4_102_444_800.0


def register(
    keys: Mapping[int, PublicKey],
    ended: Mapping[str, Ended] | None = None,
    keys_at: float = FOREVER,
    ended_at: float = FOREVER,
) -> Register:
    return Register(1, keys, keys_at, (ended or {}).get, ended_at)


def keys_of(rows: Mapping[str, Any]) -> dict[int, PublicKey]:
    """Public certificate keys as a feed tells them."""
    found = [row for row in rows.values() if row["use"] == "certificate"]
    return {row["kid"]: PublicKey(bytes.fromhex(row["public"]), row["revoked"]) for row in found}


def ended_of(rows: Mapping[str, Any]) -> dict[str, Ended]:
    """What does not count any more, as a feed tells it."""
    return {serial: Ended(Outcome(row["state"]), row["at"]) for serial, row in rows.items()}


def claimed(code: str, keys: Mapping[int, PublicKey]) -> Claims:
    """What a code says whose seal is right."""
    found = judge(code, register(keys), 0.0)
    assert found.outcome is Outcome.VALID
    assert found.claims is not None
    return found.claims
