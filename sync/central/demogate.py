"""What the gate is shown with: batches of today, declarations, rules, two lessons, a visitor, and made-up faces."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.config import FaceConfig
from kiosk.domain import consent
from kiosk.domain.admission import Check, Hardness, Order
from kiosk.domain.people import Role
from sync.central import faces, gates, people
from sync.central.centre import Work, local
from sync.central.people import Member
from sync.vectors import Vectors, pack, unpack
from sync.wire_gate import CheckRow, ConsentBody, FaceEnrolled, LessonRow, RulesRow

LENGTH, RANK, TEMPLATES = 128, 96, 3
PERSON_NORM, PICTURE_NORM = 0.57, 0.16
"""Like a trained network's: two strangers 0.8 apart, two pictures of one 0.2."""
LATE_IN, FACELESS = 0.1, 1 / 15

CHECKS = (
    (Check.IDENTITY, Order.BEFORE, Hardness.DENY),
    (Check.REVOKED, Order.BEFORE, Hardness.DENY),
    (Check.VISIT, Order.BEFORE, Hardness.DENY),
    (Check.ROLE, Order.BEFORE, Hardness.DENY),
    (Check.ROSTER, Order.BEFORE, Hardness.DENY),
    (Check.LIVENESS, Order.AFTER, Hardness.DENY),
    (Check.TEMPERATURE, Order.AFTER, Hardness.DENY),
    (Check.DECLARATION, Order.AFTER, Hardness.LOG),
    (Check.CHECK_IN, Order.AFTER, Hardness.LOG),
    (Check.BATCH, Order.AFTER, Hardness.DENY),
    (Check.DIRECTION, Order.AFTER, Hardness.LOG),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody's real face for a demonstration: templates of shape (1…5, length)."""

    number: str
    model: str
    vectors: Vectors


def read(path: Path) -> list[Shown]:
    """A JSON list of {number, model, vectors}. Raises OSError, and ValueError for anything else."""
    try:
        entries = json.loads(path.read_text("utf-8"))
        found = [Shown(str(e["number"]), str(e["model"]), np.array(e["vectors"], np.float32)) for e in entries]
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a list of number, model, vectors: {error}") from None
    for shown in found:
        pack(shown.vectors)
    return found


def fill(work: Work, lists: Mapping[str, Any], members: Sequence[Member], shown: Sequence[Shown]) -> None:
    """Everything a lane needs, for these people."""
    plan, today = lists["gate"], local(work.now).date()
    gates.keep_rules(work, "*", _rules(work.now))
    for member in members:
        gates.change_pass(work, member.id, partial(_pass, plan, member, today, lists["seed"]))
    numbers = {member.number: member.id for member in members}
    for entry in plan["lesson"]:
        gates.keep_lesson(work, f"{today:%Y%m%d}-{entry['id']}", _lesson(entry, numbers, today))
    for entry in plan["visitor"]:
        _visitor(work, entry, today, lists["seed"])
    enrol(work, shown)
    _make_up(work, lists, members, shown)


def enrol(work: Work, shown: Sequence[Shown]) -> None:
    """These faces, with consent; numbers that nobody has are passed over."""
    for each in shown:
        member = people.by_number(work, each.number)
        if member is not None:
            _keep(work, member, each.model, each.vectors)


def made_up(seed: str, number: str, middle: Vectors) -> Vectors:
    """Templates of shape (3, 128) of a face that nobody has, always the same for one number."""
    draw = _generator(f"{seed}:face:{number}")
    person = _axes(seed) @ draw.standard_normal(RANK)
    person *= PERSON_NORM * draw.normal(1.0, 0.06) / np.linalg.norm(person)
    pictures = draw.standard_normal((TEMPLATES, LENGTH)) * PICTURE_NORM / np.sqrt(LENGTH)
    return np.asarray(middle + person + pictures, np.float32)


@cache
def _axes(seed: str) -> Vectors:
    """Shape (128, 96): the directions in which people differ, the first ones most."""
    shape = _generator(f"{seed}:faces").standard_normal((LENGTH, RANK))
    return np.asarray(np.linalg.qr(shape)[0] * np.exp(-np.arange(RANK) / 40), np.float32)


def _make_up(work: Work, lists: Mapping[str, Any], members: Sequence[Member], shown: Sequence[Shown]) -> None:
    """Around the real faces, where there are some: a gallery with two middles would fit nobody."""
    real = {each.number for each in shown}
    model = shown[0].model if shown else FaceConfig().embedder
    middle = _middle(lists, [each for each in shown if each.model == model])
    for member in members:
        without = member.number in lists["gate"]["faceless"] or _chance(lists["seed"], member, "face") < FACELESS
        if member.number not in real and not without and len(middle) == LENGTH:
            _keep(work, member, model, made_up(lists["seed"], member.number, middle))


def _middle(lists: Mapping[str, Any], shown: Sequence[Shown]) -> Vectors:
    if shown:
        return np.asarray(np.mean([each.vectors.mean(axis=0) for each in shown], axis=0), np.float32)
    return np.asarray(unpack(lists["gate"]["middle"], 1)[0], np.float32)


def _keep(work: Work, member: Member, model: str, vectors: Vectors) -> None:
    agreed = ConsentBody(version=consent.CURRENT, at=work.now - 86400.0)
    body = {"person": member.id, "model": model, "consent": agreed, "rows": len(vectors), "vectors": pack(vectors)}
    faces.keep(work, FaceEnrolled.model_validate(body), "", 0)


def _rules(now: float) -> RulesRow:
    checks = [CheckRow(check=check.value, order=order, hardness=hardness) for check, order, hardness in CHECKS]
    return RulesRow(checks=checks, issued=now)


def _pass(plan: Mapping[str, Any], member: Member, today: date, seed: str, known: Mapping[str, Any]) -> dict[str, Any]:
    late = _chance(seed, member, "check-in") < LATE_IN
    checked, declared = today - timedelta(days=int(late)), today - timedelta(days=3)
    batch = next((each for each in plan["batch"] if each["name"] == member.private.get("batch")), None)
    here = member.role is Role.STUDENT and member.known["graduates"] > today.isoformat()
    values: dict[str, Any] = {"revoked": member.number == plan["revoked"], "healthy": member.number != plan["unwell"]}
    values["checked_in"] = max(known["checked_in"], checked.isoformat())
    if member.number not in plan["undeclared"]:
        values["declared"] = max(known["declared"], declared.isoformat())
    if here and batch:
        windows = [*known["windows"], gates.between(today, batch["begins"], batch["ends"])]
        values |= {"batch": batch["name"], "windows": windows}
    return values


def _lesson(entry: Mapping[str, Any], numbers: Mapping[str, str], today: date) -> LessonRow:
    first, year = int(entry["first"][4:]), entry["first"][:4]
    wanted = [f"{year}{n:04d}" for n in range(first, first + entry["members"])]
    members = [numbers[number] for number in wanted if number in numbers]
    times = gates.between(today, entry["begins"], entry["ends"])
    return LessonRow(zh=entry["zh"], en=entry["en"], room=entry["room"], members=members, **times)


def _visitor(work: Work, entry: Mapping[str, Any], today: date, seed: str) -> None:
    host = people.by_number(work, entry["host"])
    if host is None:
        return
    identity = hashlib.sha256(f"{seed}:visit:{entry['name']}".encode()).hexdigest()[:16]
    times = gates.between(today, entry["begins"], entry["ends"])
    gates.keep_visit(
        work,
        gates.Booking(
            identity, "", entry["name"], host, tuple(entry["gates"]), times["begins"], times["ends"], entry["token"]
        ),
    )


def _chance(seed: str, member: Member, what: str) -> float:
    return random.Random(f"{seed}:{what}:{member.number}").random()


def _generator(text: str) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
