"""This terminal's standing with the centre: the token it was given when it enrolled, kept in a 0600 file."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path

from kiosk.config import CentreConfig
from sync.client import Client, Failure, Trouble
from sync.wire import Enrol, Enrolled

TOKEN_FILE = "centre.token"  # noqa: S105 - the name of a file


class Membership:
    """Token and standing, for every loop."""

    def __init__(self, folder: Path, centre: CentreConfig, terminal: str) -> None:
        self._path, self._centre, self._terminal = folder / TOKEN_FILE, centre, terminal
        self._token, self._used = _load(self._path)
        self.open = threading.Event()
        if self._token:
            self.open.set()

    def token(self) -> str:
        return self._token

    def refused(self) -> None:
        """The centre does not take this token: nobody sends until it does again, or another one is given."""
        self.open.clear()

    def accepted(self) -> None:
        """The centre took the token."""
        self.open.set()

    @property
    def may_enrol(self) -> bool:
        """A code is configured that was not used for the token we hold."""
        code = self._centre.enrolment_code
        return bool(code) and _mark(code) != self._used and not self.open.is_set()

    def enrol(self, client: Client) -> Enrolled | Failure:
        """Give the one-time code, keep the token. Raises OSError when it cannot be kept."""
        try:
            ask = Enrol(code=self._centre.enrolment_code, terminal=self._terminal)
        except ValueError:
            return Failure(Trouble.REFUSED, word="enrolment_code")
        answer = client.call("POST", "/v1/enrol", Enrolled, ask.model_dump_json().encode(), good=(200, 201))
        if isinstance(answer, Enrolled):
            used = _mark(self._centre.enrolment_code)
            # kept before it is used: the first use ends the code, and a token that is nowhere would end with the run
            _store(self._path, answer.token, used)
            self._token, self._used = answer.token, used
            self.open.set()
        return answer


def _mark(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def _load(path: Path) -> tuple[str, str]:
    try:
        kept = json.loads(path.read_text("utf-8"))
        return str(kept["token"]), str(kept["used"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def _store(path: Path, token: str, used: str) -> None:
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        json.dump({"token": token, "used": used}, sink)
        sink.flush()
        os.fsync(sink.fileno())
    new.replace(path)
