"""The technician's part of the wire: what each test found, and the report that they add up to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sync.wire_base import Message, Moment, PersonId

Name = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
Measured = Annotated[str, Field(max_length=60)]


class Proved(Message):
    """Body of `test.done` v1. `value` was measured, `limit` is what it must keep; `why`: one word for what is no pass.

    `not_there`: the terminal has no such part. `operator`: id of the technician.
    """

    test: Name
    outcome: Literal["passed", "failed", "not_there", "not_done"]
    value: Measured = ""
    limit: Measured = ""
    why: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,40}$")] = ""
    at: Moment
    operator: PersonId


class Readiness(Message):
    """Body of `readiness.reported` v1: every test of the terminal; `failed`: the mandatory ones that did not pass."""

    report: Annotated[str, Field(pattern=r"^[A-Z0-9-]{1,40}$")]
    verdict: Literal["ready", "limited", "not_ready"]
    failed: Annotated[list[Name], Field(max_length=60)]
    tests: Annotated[list[Proved], Field(max_length=60)]
    at: Moment
    operator: PersonId


BODIES: dict[tuple[str, int], type[Message]] = {
    ("test.done", 1): Proved,
    ("readiness.reported", 1): Readiness,
}
