"""PINs at the desk: five wrong ones lock a number, over a restart too, and every answer costs the same time."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import argon2

from kiosk import log
from kiosk.domain.people import DEMO_PINS
from sync.store import transaction

MOST_WRONG = 5


@dataclass(frozen=True, slots=True)
class Attempt:
    """`left`: tries that remain if this one is wrong. `until`: end of the lock that holds already, 0 = none."""

    left: int
    until: float = 0.0


def begin(db: sqlite3.Connection, owner: bytes, now: float, lockout: float) -> Attempt:
    """Count an attempt before its PIN is looked at: pulling the plug gives none back. Raises sqlite3.Error."""
    with transaction(db):
        # far in the future is a clock that was wrong then: such a row counts as over
        db.execute("DELETE FROM pin_failures WHERE last_at <= ? OR last_at > ?", (now - lockout, now + lockout))
        found = db.execute("SELECT count, last_at FROM pin_failures WHERE owner = ?", (owner,)).fetchone()
        count, last_at = found or (0, now)
        if count >= MOST_WRONG:
            return Attempt(0, last_at + lockout)
        db.execute("INSERT OR REPLACE INTO pin_failures VALUES (?, ?, ?)", (owner, count + 1, now))
    return Attempt(MOST_WRONG - count - 1)


def right(db: sqlite3.Connection, owner: bytes) -> None:
    """The PIN was right: nothing is held against this number any more. Raises sqlite3.Error."""
    with transaction(db):
        db.execute("DELETE FROM pin_failures WHERE owner = ?", (owner,))


class Verifier:
    """Argon2id. `demo`: whether the demonstration's PINs may open anything."""

    def __init__(self, demo: bool) -> None:
        self._demo = demo
        self._dummies: dict[str, str] = {}

    def check(self, verifier: str | None, pin: str, like: str) -> bool:
        """Whether the PIN is the one behind `verifier`; None = nobody's, at the same cost as `like`, a real one."""
        known = verifier is not None
        try:
            hashed = verifier if verifier is not None else self._dummy(like)
            same = argon2.PasswordHasher().verify(hashed, pin)
        except argon2.exceptions.VerifyMismatchError:
            return False
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError) as error:
            log.event("verifier_unreadable", error=type(error).__name__)
            return False
        return bool(same) and known and (self._demo or pin not in DEMO_PINS.values())

    def _dummy(self, like: str) -> str:
        parameters = argon2.extract_parameters(like)
        name = repr(parameters)
        if name not in self._dummies:
            self._dummies[name] = argon2.PasswordHasher.from_parameters(parameters).hash("nobody's")
        return self._dummies[name]
