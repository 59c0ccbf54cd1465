"""The journal of a terminal's program: looked over and mended before anything opens it, watched while it runs."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.app.reports import Reports
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain.faults import Code
from sync.journal import Journal
from sync.readying import make_ready, open_vault
from sync.vault import Vault

MEND = 71
"""Exit code: the journal is damaged, and the next start mends it."""


def open_records(
    config: Config, clock: Clock, boot: str, reports: Reports, end: Callable[[int], None]
) -> tuple[Vault, Journal]:
    """Vault and journal. `end(MEND)` is called when the journal turns out to be damaged while the program runs.

    What could not be mended at this start would not be at the next: then the program stays, and takes nothing.
    """
    path = config.paths.state / "journal.db"
    vault, lost = open_vault(config.paths.state)
    found = [*lost, *make_ready(path, vault, clock)]
    for fault in found:
        reports.fault(fault)
    hopeless = any(fault.code is Code.JOURNAL_DAMAGED for fault in found)
    journal = Journal(
        path,
        vault,
        clock,
        config.terminal.id,
        boot,
        reports.fault,
        config.timing.draft_days,
        config.queue,
        reports.space,
        (lambda: None) if hopeless else lambda: end(MEND),
        on_whole=lambda: reports.clear("audit"),
    )
    return vault, journal
