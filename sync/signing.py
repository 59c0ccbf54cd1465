"""Who speaks: every request of a terminal carries a signature of its own key over method, path and body (RFC 9421)."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)

TAG = "campus-terminal"
COVERED = ("@method", "@path", "@query")
FRESH_S = 300.0
"""How far the signature's time may lie from the centre's; a terminal learns the centre's time from its answers."""


class NotSignedError(Exception):
    """No signature, or one that does not hold."""


class NotFreshError(NotSignedError):
    """It was made too long ago, or by a clock that is ahead."""


def key_id(public: bytes) -> str:
    """16 hex digits by which both ends name a raw Ed25519 public key."""
    return hashlib.sha256(public).hexdigest()[:16]


class Signer:
    """A terminal's key at work. `now()`: Unix seconds; `skew` is added to it, so that the centre's time is met."""

    def __init__(self, key: Ed25519PrivateKey, now: Callable[[], float]) -> None:
        self._now = now
        self.skew = 0.0
        self.id = key_id(key.public_key().public_bytes_raw())
        self._signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Private(key))

    def meet(self, centre_now: float) -> None:
        """The centre said what time it is."""
        self.skew = centre_now - self._now()

    def __call__(self, request: Any) -> Any:
        """As the `auth` of requests: signs the prepared request in place."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        body = body if isinstance(body, bytes) else None
        created = datetime.datetime.fromtimestamp(self._now() + self.skew, datetime.UTC)
        self._signer.sign(
            request, key_id=self.id, created=created, tag=TAG, covered_component_ids=COVERED, body=body or None
        )
        return request


@dataclass(frozen=True, slots=True)
class Received:
    """What arrived, as the verifier wants to see it; header names in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]


def verify(request: Received, body: bytes, now: float, key_of: Callable[[str], bytes | None]) -> str:
    """The key id under which this request was signed. Raises NotFreshError, NotSignedError, and what `key_of` raises.

    `key_of`: the raw public key of a key id, None when there is none.
    """
    keys = _Public(key_of)
    verifier = _Verifier(now, keys)
    try:
        (result,) = verifier.verify(request, max_age=None, expect_tag=TAG, require_components=COVERED, body=body)
    except InvalidSignature as error:
        if keys.trouble is not None:
            raise keys.trouble from None
        raise NotSignedError(str(error)) from None
    return str(result.parameters["keyid"])


class _Verifier(HTTPMessageVerifier):
    """The library's own, with the centre's clock in place of the machine's."""

    def __init__(self, now: float, keys: _Public) -> None:
        super().__init__(signature_algorithm=algorithms.ED25519, key_resolver=keys)
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: object = None) -> None:
        created = sig_input.params.get("created")
        if type(created) is not int:
            raise InvalidSignature("no time")
        if abs(created - self._now) > FRESH_S:
            raise NotFreshError(str(created))


class _Private(HTTPSignatureKeyResolver):
    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:
        return self._key

    def resolve_public_key(self, key_id: str) -> Any:
        raise NotImplementedError


class _Public(HTTPSignatureKeyResolver):
    """`trouble`: why nobody could look for the key. The library would call that a signature which does not hold."""

    def __init__(self, key_of: Callable[[str], bytes | None]) -> None:
        self._key_of = key_of
        self.trouble: Exception | None = None

    def resolve_public_key(self, key_id: str) -> Any:
        try:
            raw = self._key_of(key_id)
        except Exception as error:
            self.trouble = error
            raise
        return None if raw is None else Ed25519PublicKey.from_public_bytes(raw)

    def resolve_private_key(self, key_id: str) -> Any:
        raise NotImplementedError
