"""The operator's word on gates: the rules of one or of all, changed by name, and a pass taken back or given again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from kiosk.domain.admission import BUILT_IN, Check
from sync.central import gates, people
from sync.central.centre import Work
from sync.central.gatetables import gate_rules
from sync.wire_gate import CheckRow, RulesRow

EVERY_GATE = "*"
OFF = "off"


def change(work: Work, gate: str, changes: Sequence[str]) -> RulesRow:
    """Change the rules of a gate, or of `*`, and issue them anew; without changes only say them.

    `no_face=log` sets a value of the rules, `batch.hardness=log` one of a check, `batch=off` drops a check. Raises
    ValueError (pydantic's included) for anything else.
    """
    rules = _in_force(work, gate)
    if not changes:
        return rules
    row = {**rules.model_dump(mode="json"), "issued": work.now}
    for line in changes:
        _set(row, line)
    rules = RulesRow.model_validate(row)
    gates.keep_rules(work, gate, rules)
    return rules


def revoke(work: Work, number: str, *, revoked: bool) -> bool:
    """Take back the pass of the person with this number, or give it again; False = nobody has it."""
    member = people.by_number(work, number)
    if member is not None:
        gates.change_pass(work, member.id, revoked=revoked)
    return member is not None


def _in_force(work: Work, gate: str) -> RulesRow:
    """Of this gate, else of all gates, else what a terminal goes by as long as it has heard nothing."""
    for name in (gate, EVERY_GATE):
        here = (gate_rules.c.campus_id == work.campus, gate_rules.c.gate == name)
        data = work.connection.execute(sa.select(gate_rules.c.data).where(*here)).scalar_one_or_none()
        if data is not None:
            return RulesRow.model_validate(data)
    known = BUILT_IN.checks.items()
    checks = [CheckRow(check=check.value, order=rule.order, hardness=rule.hardness) for check, rule in known]
    return RulesRow(checks=checks, issued=work.now)


def _set(row: dict[str, Any], line: str) -> None:
    name, equals, value = line.partition("=")
    check, dot, part = name.partition(".")
    if not (equals and value):
        raise ValueError(f"not name=value: {line}")
    if not dot and name in row and name not in ("checks", "issued"):
        row[name] = {"true": True, "false": False}.get(value, value)
        return
    found = next((each for each in row["checks"] if each["check"] == check), None)
    if not dot and value == OFF and found:
        row["checks"].remove(found)
    elif part in ("order", "hardness") and check in set(Check):
        row["checks"] += [] if found else [{"check": check}]
        (found or row["checks"][-1])[part] = value
    else:
        raise ValueError(f"the rules have no {name}")
