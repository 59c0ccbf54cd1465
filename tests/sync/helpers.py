"""What the tests of the terminal's sync have in common."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any

from sync.journal import Committed, Journal, NewEvent, Refused

QUIET_DISK = Path("/dev/shm")
"""For files of which only the content matters: there an fsync costs nothing."""
PERSON = "00000000000000a1"
OTHER = "00000000000000b2"


def submitted(key: str, person: str = PERSON, **more: Any) -> NewEvent:
    """A request of this person with a receipt number to come."""
    body: dict[str, Any] = {"item": "leave", "person": person, "receipt": "", "values": {"reason": "家里有事"}}
    body |= {"attachments": {}, "factors": ["code"], "language": "zh", "copies": 1, "prepare": False, **more}
    return NewEvent(key, key, "request.submitted", 1, body, receipt=True)


def rated(request: str, key: str = "") -> NewEvent:
    """The rating of a request, in its stream."""
    body = {"request": request, "item": "leave", "stars": 3, "how": "defaulted", "remark": ""}
    return NewEvent(key or f"{request}:rating", request, "rating.given", 1, body)


def put(journal: Journal, event: NewEvent) -> Committed | Refused:
    """Put and wait for the answer."""
    answers: queue.SimpleQueue[Committed | Refused] = queue.SimpleQueue()
    journal.put(event, answers.put)
    return answers.get(timeout=10)


def committed(journal: Journal, event: NewEvent) -> Committed:
    answer = put(journal, event)
    assert isinstance(answer, Committed), answer
    return answer


def quiet_disk() -> str | None:
    """As `dir` of tempfile; None where there is no such place."""
    return str(QUIET_DISK) if QUIET_DISK.is_dir() else None
