"""How every command of the centre comes to its database: options, one open centre, and why there is none."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kiosk.clock import Clock
from sync.central.centre import CHECK_URL, Ahead, Centre, open_centre
from sync.central.database import migrate, open_engine, outdated, word
from sync.central.sealcert import UnusableError


class UnfitError(Exception):
    """The database cannot be worked with; the text says why."""


def options() -> argparse.ArgumentParser:
    """What all commands take."""
    common = argparse.ArgumentParser(add_help=False)
    where = "sqlite:///FILE or postgresql://…; else CENTRAL_DATABASE, else central.db in the state folder"
    common.add_argument("--database", default="", help=where)
    common.add_argument("--state", type=Path, default=Path(".state/central"), help="folder of keys and attachments")
    common.add_argument("--campus", type=int, default=1, help="campus_id that is served")
    common.add_argument("--clock-offset", type=float, default=0.0, help="seconds added to the time of day")
    return common


@contextlib.contextmanager
def centre(
    options: argparse.Namespace, *, demo: bool = False, check_url: str = CHECK_URL, ahead: Ahead = Ahead()
) -> Iterator[Centre]:
    """The centre of these options, closed afterwards. SQLite is brought to the newest tables. Raises UnfitError."""
    found = _opened(options, demo=demo, check_url=check_url, ahead=ahead)
    try:
        yield found
    finally:
        found.engine.dispose()


@contextlib.contextmanager
def database(options: argparse.Namespace) -> Iterator[sa.Engine]:
    """The engine, which stays open. Raises UnfitError inside the block when there is nobody at the other end."""
    options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    default = os.environ.get("CENTRAL_DATABASE") or f"sqlite:///{options.state / 'central.db'}"
    try:
        engine = open_engine(options.database or default)
    except sa.exc.ArgumentError:
        raise UnfitError("--database is no address of a database") from None
    try:
        yield engine
    except UnusableError as error:
        engine.dispose()
        raise UnfitError(str(error)) from None
    except (UnfitError, sa.exc.OperationalError) as error:
        engine.dispose()
        if isinstance(error, UnfitError):
            raise
        raise UnfitError(f"the database does not answer ({word(error)})") from None


def _opened(options: argparse.Namespace, **more: Any) -> Centre:
    clock = Clock(options.clock_offset)
    with database(options) as engine:
        if engine.dialect.name == "sqlite":
            migrate(engine)
        elif found := outdated(engine):
            raise UnfitError(f"the database is not as this program needs it: {found}; run `migrate` first")
        return open_centre(engine, options.state, campus=options.campus, clock=clock, **more)
