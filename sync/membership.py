"""This terminal's standing with the centre: a key of its own, made known by a one-time code, kept sealed, mode 0600."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk import log
from kiosk.config import CentreConfig
from sync.client import Client, Failure, Trouble
from sync.signing import Signer
from sync.vault import UnreadableError, Vault
from sync.wire import Enrol, Enrolled

KEY_FILE = "device.key"
_PLACE = ("membership", KEY_FILE)


@dataclass(frozen=True, slots=True)
class _Kept:
    """`used`: mark of the code that this key is, or is to be, made known by; `known`: the centre has said yes."""

    key: Ed25519PrivateKey
    used: str
    known: bool


class Membership:
    """Key and standing, for every loop. `now()`: Unix seconds."""

    def __init__(
        self, folder: Path, vault: Vault, centre: CentreConfig, terminal: str, now: Callable[[], float]
    ) -> None:
        self._path, self._vault, self._centre, self._terminal = folder / KEY_FILE, vault, centre, terminal
        self._now = now
        self._lock = threading.Lock()
        self._kept = _load(self._path, vault)
        self._signer = Signer(self._kept.key, now) if self._kept and self._kept.known else None
        self.open = threading.Event()
        if self._signer:
            self.open.set()

    def signer(self) -> Signer | None:
        """What signs our requests; None until a code has made the key known."""
        return self._signer

    def refused(self) -> None:
        """The centre does not take this key: nobody sends until it does again, or another code is given."""
        self.open.clear()

    def accepted(self) -> None:
        """The centre took the key."""
        self.open.set()

    @property
    def may_enrol(self) -> bool:
        """A code is configured that has not made a key known yet."""
        code = self._centre.enrolment_code
        done = self._kept is not None and self._kept.known and self._kept.used == _mark(code)
        return bool(code) and not done and not self.open.is_set()

    def enrol(self, client: Client) -> Enrolled | Failure:
        """Give the one-time code with the public half. Raises OSError when the key cannot be kept.

        A key is kept before it is told: an answer that is lost is asked for again with the same one.
        """
        mark = _mark(self._centre.enrolment_code)
        if self._kept is None or self._kept.used != mark:
            new = _Kept(Ed25519PrivateKey.generate(), mark, known=False)
            self._keep(new)
        assert self._kept is not None
        public = self._kept.key.public_key().public_bytes_raw().hex()
        try:
            ask = Enrol(code=self._centre.enrolment_code, terminal=self._terminal, public_key=public)
        except ValueError:
            return Failure(Trouble.REFUSED, word="enrolment_code")
        answer = client.call("POST", "/v1/enrol", Enrolled, ask.model_dump_json().encode(), good=(200, 201))
        if isinstance(answer, Enrolled):
            self._keep(_Kept(self._kept.key, mark, known=True))
            self._signer = Signer(self._kept.key, self._now)
            self.open.set()
        return answer

    def reseal(self) -> int:
        """The key goes from under an older key of the vault; how many that were. Raises OSError."""
        with self._lock:
            if self._kept is None or not self._vault.stale(_sealed(self._path)[1]):
                return 0
            _store(self._path, self._vault, self._kept)
        return 1

    def _keep(self, kept: _Kept) -> None:
        with self._lock:
            _store(self._path, self._vault, kept)
            self._kept = kept


def device_key(folder: Path, vault: Vault) -> Ed25519PrivateKey | None:
    """The key by which the centre knows the terminal of this state folder; None before its enrolment."""
    kept = _load(folder / KEY_FILE, vault)
    return kept.key if kept and kept.known else None


def _mark(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def _load(path: Path, vault: Vault) -> _Kept | None:
    try:
        found, sealed = _sealed(path)
        raw = vault.open_(*_PLACE, sealed)
        return _Kept(Ed25519PrivateKey.from_private_bytes(raw), str(found["used"]), bool(found["known"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, UnreadableError) as error:
        log.event("device_key_unreadable", reason=type(error).__name__)
        return None


def _sealed(path: Path) -> tuple[dict[str, Any], bytes]:
    found = json.loads(path.read_text("utf-8"))
    return found, base64.b64decode(found["key"])


def _store(path: Path, vault: Vault, kept: _Kept) -> None:
    sealed = base64.b64encode(vault.seal(*_PLACE, kept.key.private_bytes_raw())).decode()
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        json.dump({"key": sealed, "used": kept.used, "known": kept.known}, sink)
        sink.flush()
        os.fsync(sink.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
