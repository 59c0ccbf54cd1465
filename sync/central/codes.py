"""Personal codes: who proves themselves by number and PIN, or by a visit's token, gets one for the next minute."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kiosk.domain import codes
from kiosk.domain.people import DEMO_PINS
from sync.central import attempts, gates, people
from sync.central.centre import Centre, Refusal, Work
from sync.central.database import reading, writing
from sync.wire import CodeAnswer, CodeAsk

LIFE_S, UNIT_S = 60, 10
HASHER = PasswordHasher(time_cost=2, memory_cost=9_216, parallelism=1)
"""Some 20 ms: a demonstration's 200 people are hashed in seconds, a guess still costs."""


def code_for(centre: Centre, ask: CodeAsk) -> CodeAnswer | Refusal:
    """A code, or `wrong_pin` (also for a number that nobody has), or `too_many` after five wrong ones."""
    if ask.visit:
        return _for_visit(centre, ask.visit)
    limit = attempts.Limit(f"pin:{ask.number}", most=5, seconds=900.0)
    with writing(centre.engine) as connection:
        now = centre.clock.now()
        work = Work(centre, connection, now)
        if attempts.locked_until(work, limit):
            return Refusal("too_many")
        # counted before it is looked at: guesses that come at the same time are five as well
        attempts.count(work, limit)
        member = people.by_number(work, ask.number)
    right = _verify(member.verifier if member else _nobody(), ask.pin)
    if member is None or not right or (ask.pin in DEMO_PINS.values() and not centre.demo):
        return Refusal("wrong_pin")
    with writing(centre.engine) as connection:
        attempts.forgive(Work(centre, connection, now), limit)
    key = centre.keys["code"]
    code = codes.issue(member.id, centre.campus, key.kid, key.private, now, secrets.token_bytes(6), LIFE_S)
    return CodeAnswer(epoch=centre.epoch, code=code, expires=now + LIFE_S)


def _for_visit(centre: Centre, token: str) -> CodeAnswer | Refusal:
    """A code of the visit's id, which ends with the visit at the latest. A token has 96 bits: nobody guesses one."""
    now = centre.clock.now()
    with reading(centre.engine) as connection:
        found = gates.visit_of_token(Work(centre, connection, now), token)
    life = min(LIFE_S, int(found.ends - now) // UNIT_S * UNIT_S) if found else 0
    if found is None or life < UNIT_S:
        return Refusal("visit_unknown")
    key = centre.keys["code"]
    code = codes.issue(found.id, centre.campus, key.kid, key.private, now, secrets.token_bytes(6), life)
    return CodeAnswer(epoch=centre.epoch, code=code, expires=now + life)


def _verify(verifier: str, pin: str) -> bool:
    try:
        return HASHER.verify(verifier, pin)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A number nobody has costs as much time as one with a wrong PIN."""
    return HASHER.hash(secrets.token_hex(8))
