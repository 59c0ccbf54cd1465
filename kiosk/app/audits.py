"""What a terminal's program writes into the audit chain when it starts and when it ends."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from kiosk import __version__
from kiosk.config import Config, toml_of
from sync.journal import Journal
from sync.vault import Vault


def started(journal: Journal, config: Config, vault: Vault, program: str) -> None:
    """The chain is looked over; another configuration or another key than last time is written down."""
    journal.begin({"config": digest(config), "custody": vault.custody}, program=program, version=__version__)


def stopped(journal: Journal, program: str) -> None:
    """It ended as asked. A start without this before it was a crash, a kill or a power cut."""
    journal.note("program.stopped", program=program)


def digest(config: Config) -> str:
    """SHA-256 in hex over every key but the one-time code."""
    plain = replace(config, centre=replace(config.centre, enrolment_code=""))
    return hashlib.sha256(toml_of(plain).encode()).hexdigest()
