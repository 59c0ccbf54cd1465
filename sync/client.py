"""HTTP to the centre, believing nothing: an answer counts only with the exact status, type and form."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import json
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import requests
import urllib3
from pydantic import ValidationError
from urllib3.util.ssl_match_hostname import CertificateError

from kiosk.config import CentreConfig
from sync.signing import Signer
from sync.wire import Message

CONNECT_S, READ_S, WHOLE_S = 3.0, 10.0, 30.0
MOST_BYTES = 50_000_000
LONGEST_WAIT_S = 900.0
A = TypeVar("A", bound=Message)
B = TypeVar("B")


class Trouble(StrEnum):
    """Why a call brought no answer that counts."""

    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    LOGIN = "login"
    ODD = "odd"
    SERVER = "server"
    BUSY = "busy"
    REFUSED = "refused"
    UPDATE = "update"
    TOO_LARGE = "too_large"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Failure:
    """`wait`: seconds the centre asked for. `word`: its reason, one word, where it gave one."""

    trouble: Trouble
    status: int = 0
    wait: float = 0.0
    word: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What the centre has of something: `whole`, and so many bytes."""

    whole: bool
    size: int


def nothing() -> None:
    """Nobody has anything to do meanwhile."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A request that has only to go out, and who signed it."""

    request: requests.PreparedRequest
    signer: Signer | None


@dataclass(frozen=True, slots=True)
class _Ask:
    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ready: Ready | None = None
    under_way: Callable[[], None] = nothing


class Client:
    """One connection pool; one thread at a time. `signer()` is asked before each call; None = nobody signs.

    `busy_since`: monotonic time at which the call under way began. `said`: the centre's time by its last answer, Unix
    seconds, 0 = it told none.
    """

    def __init__(self, centre: CentreConfig, signer: Callable[[], Signer | None]) -> None:
        self._base, self._signer = centre.url.rstrip("/"), signer
        self.busy_since: float | None = None
        self.said = 0.0
        self._session = requests.Session()
        # a .netrc or a proxy of the system would add headers of its own
        self._session.trust_env = False
        self._session.verify = centre.ca_file or True
        self._session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity"})

    def close(self) -> None:
        self._session.close()

    def call(
        self,
        method: str,
        path: str,
        answer: type[A],
        body: bytes | None = None,
        content: str = "application/json",
        good: tuple[int, ...] = (200,),
        headers: Mapping[str, str] | None = None,
        rather: type[A] | None = None,
        ready: Ready | None = None,
        under_way: Callable[[], None] = nothing,
    ) -> A | Failure:
        """The centre's answer, or why there is none. Never raises for what the network does.

        `rather`: a narrower form of `answer`, given where the body has it. `ready`: the same, signed already.
        `under_way` is called each time the request goes out: from then on this thread mostly waits.
        A clock that the centre finds too far from its own is corrected for signing, and asked once more.
        """
        told = {**({"Content-Type": content} if body is not None else {}), **(headers or {})}
        ask = _Ask(method, path, body, told, ready, under_way)
        forms = (rather, answer) if rather else (answer,)
        return self._twice(ask, lambda response, read: _judge(response, read, forms, good), "signature_time")

    def ready(self, method: str, path: str, body: bytes, content: str = "application/json") -> Ready | None:
        """A request for `call`, to go out at once or as the next; any thread may make it. None: it cannot be made."""
        try:
            return self._ready(self._signer(), _Ask(method, path, body, {"Content-Type": content}))
        except requests.RequestException:
            return None

    def file(self, path: str, kind: str) -> bytes | Failure:
        """A file of this media type, as it came; it counts by the centre's own headers."""
        ask = _Ask("GET", path, headers={"Accept": kind})
        return self._twice(ask, lambda response, read: _judge_file(response, read, kind), "signature_time")

    def held(self, path: str) -> Held | Failure:
        """What of this the centre has, by HEAD: an answer without a body, which counts by the centre's own headers."""
        return self._twice(_Ask("HEAD", path), lambda response, _: _judge_head(response), "unsaid")

    def _twice(self, ask: _Ask, judge: Callable[[requests.Response, bytes], B | Failure], late: str) -> B | Failure:
        """`late`: the word by which a signature's time is refused."""
        signer = self._signer()
        found, now = self._once(signer, ask, judge)
        if signer and now and isinstance(found, Failure) and found.word == late:
            signer.meet(now)
            found, _ = self._once(signer, replace(ask, ready=None), judge)
        return found

    def _once(
        self, signer: Signer | None, ask: _Ask, judge: Callable[[requests.Response, bytes], B | Failure]
    ) -> tuple[B | Failure, float]:
        """The answer, and the centre's time as it says (Unix seconds; 0 = it does not)."""
        self.busy_since = time.monotonic()
        try:
            # a key that was changed meanwhile signs anew
            there = ask.ready if ask.ready and ask.ready.signer is signer else self._ready(signer, ask)
            ask.under_way()
            timeout = (CONNECT_S, READ_S)
            with self._session.send(there.request, timeout=timeout, stream=True, allow_redirects=False) as response:
                self.said = _said_now(response)
                return judge(response, _read(response)), self.said
        except requests.exceptions.SSLError as error:
            return Failure(Trouble.UNTRUSTED if _unproven(error) else Trouble.UNREACHABLE), 0.0
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError):
            return Failure(Trouble.UNREACHABLE if self._can_prove() else Trouble.UNTRUSTED), 0.0
        finally:
            self.busy_since = None

    def _ready(self, signer: Signer | None, ask: _Ask) -> Ready:
        made = requests.Request(
            ask.method, self._base + ask.path, data=ask.body, headers=dict(ask.headers), auth=signer
        )
        return Ready(self._session.prepare_request(made), signer)

    def _can_prove(self) -> bool:
        """Whether the authority that vouches for the centre is there at all."""
        authority = self._session.verify
        return not isinstance(authority, str) or Path(authority).is_file()


def nobody() -> None:
    """The signer of whoever has no key yet."""


def retry_after(value: str | None, date: str | None) -> float:
    """Seconds a Retry-After asks for, given as seconds or as a date; between 0 and 15 minutes."""
    if not value:
        return 0.0
    if re.fullmatch(r" *\d{1,18} *", value):
        return min(float(value), LONGEST_WAIT_S)
    until, now = _unix(value), _unix(date or "")
    if until is None:
        return 0.0
    return min(max(0.0, until - (time.time() if now is None else now)), LONGEST_WAIT_S)


def _unproven(error: BaseException) -> bool:
    """Whoever answers does not prove to be the centre. A line that is cut in the middle of TLS says nothing of that."""
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError):
        return False
    if isinstance(error, ssl.SSLError | CertificateError):
        return True
    # requests and urllib3 hand the first error on as an argument
    return any(_unproven(each) for each in (error.__cause__, *error.args) if isinstance(each, BaseException))


def _said_now(response: requests.Response) -> float:
    text = response.headers.get("X-Now", "")
    return float(text) if re.fullmatch(r"\d{1,10}(\.\d{1,3})?", text) else 0.0


def _read(response: requests.Response) -> bytes:
    """The body within its caps. `timeout=` alone would wait for ever on a server that trickles."""
    deadline = time.monotonic() + WHOLE_S
    parts, size = [], 0
    while chunk := response.raw.read1(65536, decode_content=False):
        parts.append(chunk)
        size += len(chunk)
        if size > MOST_BYTES or time.monotonic() > deadline:
            raise urllib3.exceptions.HTTPError("the answer takes too many bytes or too much time")
    return b"".join(parts)


def _judge(response: requests.Response, body: bytes, forms: tuple[type[A], ...], good: tuple[int, ...]) -> A | Failure:
    status = response.status_code
    if status in good and _kind(response) == "application/json" and "Content-Encoding" not in response.headers:
        for form in forms:
            with contextlib.suppress(ValidationError):
                return form.model_validate_json(body)
        return Failure(Trouble.ODD, status)
    return _refusal(response, body)


def _judge_file(response: requests.Response, body: bytes, kind: str) -> bytes | Failure:
    ours = "X-Epoch" in response.headers and "Content-Encoding" not in response.headers
    if response.status_code == requests.codes.ok and ours and _kind(response) == kind:
        return body
    return _refusal(response, body)


def _kind(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "").split(";")[0].strip().lower()


def _refusal(response: requests.Response, body: bytes) -> Failure:
    status = response.status_code
    word = _word(body) if "json" in _kind(response) else None
    wait = retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
    trouble = PASSING_WORDS.get(word or "") or _trouble(status, word is not None)
    return Failure(trouble, status, wait, word or "")


def _judge_head(response: requests.Response) -> Held | Failure:
    """200 = all of it, 204 = a part, 404 = nothing. A 401 does not say why: the time is met before it is believed."""
    status, ours = response.status_code, "X-Epoch" in response.headers
    length = response.headers.get({200: "Content-Length", 204: "Upload-Offset"}.get(status, ""), "")
    if ours and status in (200, 204) and re.fullmatch(r"\d{1,9}", length):
        return Held(status == 200, int(length))
    if ours and status == 404:
        return Held(whole=False, size=0)
    wait = retry_after(response.headers.get("Retry-After"), response.headers.get("Date"))
    return Failure(_trouble(status, ours), status, wait, "unsaid" if ours and status == 401 else "")


# a signature that is still too old after the correction is the line's doing: nobody is refused for it;
# nor for a body that came too slowly
PASSING_WORDS = {"signature_time": Trouble.SERVER, "too_slow": Trouble.SERVER}
NAMED = {401: Trouble.REFUSED, 403: Trouble.REFUSED, 413: Trouble.TOO_LARGE, 426: Trouble.UPDATE}


def _trouble(status: int, ours: bool) -> Trouble:
    """A login page answers 200, 302 or 403 to everything; what the centre refuses carries its epoch."""
    if status in (429, 503):
        return Trouble.BUSY
    if status in (413, 426):
        return NAMED[status]
    if status >= 500 and status != 511:
        return Trouble.SERVER
    if not ours:
        return Trouble.LOGIN
    return NAMED.get(status, Trouble.REJECTED if status >= 400 else Trouble.ODD)


def _word(body: bytes) -> str | None:
    """The reason out of the centre's problem+json; None when it is not the centre that speaks."""
    try:
        problem: Any = json.loads(body[:20_000])
    except (ValueError, RecursionError):
        return None
    if not isinstance(problem, dict) or not isinstance(problem.get("epoch"), str):
        return None
    word = problem.get("type")
    return word if isinstance(word, str) and re.fullmatch(r"[a-z_]{3,40}", word) else ""


def _unix(date: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
