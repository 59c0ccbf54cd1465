"""A terminal that issues without end, to be killed: `python -m tests.sync.ahead_child FOLDER`.

A line of `papers` is a paper that came out: seal key and serial, written after the record and never before.
"""

from __future__ import annotations

import os
import queue
import sys
import uuid
from pathlib import Path

from kiosk.clock import Clock
from kiosk.config import Config
from sync.ahead import AheadStore, Issued, NotIssued, Wanted
from sync.journal import Journal
from sync.vault import Vault
from tests.sync.helpers import PERSON, committed, submitted


def main(folder: Path) -> None:
    """Until it is killed, or there is none left."""
    vault = Vault.open(folder)
    journal = Journal(folder / "journal.db", vault, Clock(), "A-017", uuid.uuid4().hex, lambda _: None)
    journal.start()
    store = AheadStore(journal, folder / "cache.db", vault, Clock(), Config())
    papers = os.open(folder / "papers", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    while True:
        request = f"request-{uuid.uuid4().hex}"
        committed(journal, submitted(request))
        answers: queue.SimpleQueue[Issued | NotIssued] = queue.SimpleQueue()
        store.issue(Wanted(f"{request}:1:offline", request, PERSON, "enrolment", "zh", 1), answers.put)
        done = answers.get(timeout=10)
        if not isinstance(done, Issued):
            break
        os.write(papers, f"{done.key} {done.sealed.serial}\n".encode())
    journal.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
