"""A centre with thousands of made-up people for the bench: their feeds as they stand after a day, really served."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from kiosk.config import Config
from kiosk.domain import consent
from sync.central import feeds
from sync.central.database import migrate, open_engine, writing
from sync.central.tables import feed_head, feed_row
from sync.vectors import pack
from sync.wire import PersonRow
from sync.wire_gate import PassRow, TemplateRow

MODEL = Config().face.embedder
LENGTH, NOISE = 128, 0.01
NOON = 1_772_424_000.0
REVOKED_EVERY = 1_000
"""The pass of every thousandth is revoked: nobody may be recognised as them."""
_MAJORS = ("园林技术", "软件技术", "护理", "机电一体化技术", "学前教育", "会计信息管理")
_VERIFIER = "$argon2id$v=19$m=19456,t=2,p=1$c29tZSBzYWx0IGhlcmU$" + "q" * 43

Vectors = NDArray[np.float32]


def identity(number: int) -> str:
    """16 hex digits in no order, as real ones are."""
    return f"{(number + 1) * 0x9E3779B97F4A7C15 % 2**64:016x}"


def revoked(number: int) -> bool:
    return number % REVOKED_EVERY == REVOKED_EVERY - 1


def templates(number: int, rows: int, version: int = 0) -> Vectors:
    """Shape (rows, 128): pictures of one face, the same for the same number and version."""
    draw = np.random.default_rng((number, version))
    face = draw.normal(0, 0.1, LENGTH)
    return np.asarray(face + draw.normal(0, NOISE, (rows, LENGTH)), np.float32)


def fill(state: Path, people: int, rows: int) -> None:
    """Tables, and the feeds `persons`, `passes` and `templates`, each with a row for everybody."""
    state.mkdir(parents=True, exist_ok=True)
    engine = open_engine(database(state))
    migrate(engine)
    with writing(engine) as connection:
        for feed in ("persons", "passes", "templates"):
            told = [_row(feed, number, rows) for number in range(people)]
            connection.execute(sa.insert(feed_row), [{**row, "rev": n} for n, row in enumerate(told, 1)])
            connection.execute(sa.insert(feed_head), {"campus_id": 1, "feed": feed, "rev": people})
    engine.dispose()


def change(engine: sa.Engine, number: int, rows: int, version: int) -> None:
    """Another face for one person, in the feed when this returns."""
    with writing(engine) as connection:
        feeds.publish(connection, 1, "templates", identity(number), _template(number, rows, version))


def database(state: Path) -> str:
    return f"sqlite:///{state / 'central.db'}"


@contextmanager
def serving(state: Path) -> Iterator[tuple[str, int]]:
    """`python -m sync.central serve`; its address and its process id."""
    serve = [sys.executable, "-m", "sync.central", "serve", "--port", "0", "--state", str(state)]
    process = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().rsplit(" ", 1)[1].strip(), process.pid
    finally:
        process.terminate()
        process.communicate(timeout=30)


def enrolment_code(state: Path) -> str:
    issue = [sys.executable, "-m", "sync.central", "issue-enrolment-code"]
    command = [*issue, "--terminal", Config().terminal.id, "--state", str(state)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _row(feed: str, number: int, rows: int) -> dict[str, Any]:
    data = {"persons": _person, "passes": _pass, "templates": lambda n: _template(n, rows)}[feed](number)
    return {"campus_id": 1, "feed": feed, "id": identity(number), "data": data}


def _person(number: int) -> dict[str, Any]:
    known = {"college": "信息工程学院", "major": _MAJORS[number % 6], "class": f"{_MAJORS[number % 6]}2301班"}
    known |= {"grade": "2023", "campus": "江城校区", "graduates": "2026-06-30", "dormitory": f"{number % 12 + 1} 号楼"}
    names = {"name": f"测试{number:05d}", "name_en": f"Test Person {number:05d}"}
    row = {"number": f"2023{number:05d}", **names, "role": "student", "known": known, "verifier": _VERIFIER}
    return PersonRow.model_validate(row).model_dump()


def _pass(number: int) -> dict[str, Any]:
    windows = [{"begins": NOON + day * 86400, "ends": NOON + day * 86400 + 3600} for day in (0, 1)]
    row = {"role": "student", "revoked": revoked(number), "batch": f"第{number % 9 + 1}批", "windows": windows}
    return PassRow.model_validate({**row, "declared": "2026-03-01", "as_of": NOON}).model_dump(mode="json")


def _template(number: int, rows: int, version: int = 0) -> dict[str, Any]:
    row = {"model": MODEL, "rows": rows, "vectors": pack(templates(number, rows, version))}
    times = {"enrolled_at": NOON - 86400 + version, "as_of": NOON}
    return TemplateRow.model_validate({**row, "consent": consent.CURRENT, **times}).model_dump()
