"""A terminal's key for tests that speak to a centre without the terminal's own client."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync.signing import Signer


class Key:
    """An Ed25519 key and how its owner signs. `now()`: Unix seconds."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        private = Ed25519PrivateKey.generate()
        self.public = private.public_key().public_bytes_raw()
        self.signer = Signer(private, now)

    def ask(self, code: str, terminal: str = "A-017") -> dict[str, Any]:
        """The body of POST /v1/enrol."""
        return {"code": code, "terminal": terminal, "public_key": self.public.hex()}

    def enrol(self, url: str, code: str, terminal: str = "A-017") -> requests.Response:
        return requests.post(f"{url}/v1/enrol", json=self.ask(code, terminal), timeout=30)
