"""The API's description as YAML, made from the application itself: `python -m sync.central openapi`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from sync.central.app import make_app
from sync.central.centre import open_centre
from sync.central.database import migrate, open_engine


def document() -> str:
    """What `sync/openapi.yaml` must hold."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/empty.db")
        migrate(engine)
        schema = make_app(open_centre(engine, Path(folder))).openapi()
        engine.dispose()
    return str(yaml.safe_dump(schema, allow_unicode=True, sort_keys=False, width=110))
