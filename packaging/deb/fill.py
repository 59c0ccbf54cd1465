"""For `make test-deb`, inside the box: so many records that wait in the journal, as the terminal itself keeps them."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from kiosk.clock import Clock
from sync.journal import Committed, Journal, NewEvent, Refused
from sync.vault import Vault

state, count = Path("/var/lib/campus-terminal"), int(sys.argv[1])
over = threading.Semaphore(0)
kept = []


def done(answer: Committed | Refused) -> None:
    kept.append(answer)
    over.release()


journal = Journal(state / "journal.db", Vault.open(state), Clock(), "T-1", "boot", print)
journal.start()
for number in range(count):
    key = f"request-filled-{number:04}"
    body = {"request": key, "item": "leave", "stars": 5, "how": "given", "remark": ""}
    journal.put(NewEvent(f"{key}:rating", key, "rating.given", 1, body), done)
for _ in range(count):
    over.acquire(timeout=60)
journal.stop(10)
print(sum(isinstance(answer, Committed) for answer in kept))
