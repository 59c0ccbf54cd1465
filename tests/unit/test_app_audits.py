"""What a terminal's program writes into the audit chain at its start and its end."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path

from kiosk import __version__
from kiosk.app import audits
from kiosk.clock import Clock
from kiosk.config import CentreConfig, Config, TerminalConfig
from sync import audit
from sync.journal import Journal
from sync.store import reader
from sync.vault import Vault


def run(folder: Path, config: Config) -> None:
    vault = Vault.open(folder, {})
    journal = Journal(folder / "journal.db", vault, Clock(), "A-017", "boot-1", lambda fault: None)
    journal.start()
    audits.started(journal, config, vault, "gate")
    audits.stopped(journal, "gate")
    journal.stop()


def test_a_run_is_written_down_with_what_has_changed_since_the_last(tmp_path: Path) -> None:
    first = Config(centre=CentreConfig(enrolment_code="CODE-123456"))
    for config in (first, first, replace(first, terminal=TerminalConfig(id="B-002"))):
        run(tmp_path, config)
    with contextlib.closing(reader(tmp_path / "journal.db")) as db:
        found = list(audit.entries(db))
        assert audit.verify(db) is None
    start = ["program.started", "program.stopped"]
    assert [entry.kind for entry in found] == [
        "program.started",
        "config.changed",
        "custody.changed",
        "program.stopped",
        *start,
        "program.started",
        "config.changed",
        "program.stopped",
    ]
    assert json.loads(found[0].detail) == {"program": "gate", "version": __version__}
    assert json.loads(found[2].detail)["now"].startswith("file:")
    assert json.loads(found[-2].detail) == {"before": audits.digest(first), "now": audits.digest(config)}


def test_the_one_time_code_is_not_in_the_digest() -> None:
    plain = Config()
    assert audits.digest(plain) == audits.digest(replace(plain, centre=CentreConfig(enrolment_code="CODE-123456")))
    assert audits.digest(plain) != audits.digest(replace(plain, centre=CentreConfig(url="https://centre.example")))
