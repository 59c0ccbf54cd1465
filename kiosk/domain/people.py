"""People as the campus knows them, and what of them strangers may read over a shoulder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    STUDENT = "student"
    STAFF = "staff"


class Factor(StrEnum):
    """One way a person showed who they are."""

    CODE = "code"
    FACE = "face"
    NUMBER = "number"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the campus.

    `id` is 16 hex digits, opaque; `number` the student or staff number. `known` holds whatever the campus
    already knows, by the field names that forms use (college, major, class_name, phone, dormitory, …).
    """

    id: str
    number: str
    name: str
    name_en: str
    role: Role
    known: Mapping[str, str] = field(default_factory=dict)


def mask_name(name: str) -> str:
    """张伟 → 张*, 欧阳娜娜 → 欧***: the first character and a star for each other one."""
    return name[:1] + "*" * (len(name) - 1)


def mask_number(number: str) -> str:
    """20230017 → 2023**17: the year and the last two stay."""
    return number if len(number) < 7 else number[:4] + "*" * (len(number) - 6) + number[-2:]


def mask_phone(phone: str) -> str:
    """13812342046 → 138****2046."""
    return phone if len(phone) < 8 else phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


DEMO_PINS = {Role.STUDENT: "135790", Role.STAFF: "246802"}
"""The PINs of the demonstration's made-up people; refused wherever demo mode is off."""
