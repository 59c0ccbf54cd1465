"""One question to a printer and its answer, over HTTP; nothing that a printer does outlasts the deadline."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
import urllib3

from kiosk.clock import Clock
from printers.ipp.wire import MOST_BYTES, Message, MessageError, decode
from printers.pace import Pace
from printers.transport import LineLost

MEDIA = "application/ipp"
PORT = 631
SLICE = 16_384
"""Bytes of a document handed over between two looks at whether to go on."""
_UNREACHED = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Odd:
    """An answer that is none of IPP. `status`: that of HTTP."""

    status: int


Answer = Message | Odd


class GivenUpError(OSError):
    """Nobody waits for this exchange any more."""


class Posted:
    """What is being sent: a message and the document behind it. `sent`: bytes of the document handed over."""

    def __init__(self, message: bytes, document: bytes = b"") -> None:
        self._message, self._document = message, document
        self.sent = 0
        self.given_up = threading.Event()

    def __len__(self) -> int:
        return len(self._message) + len(self._document)

    def __iter__(self) -> Iterator[bytes]:
        yield self._message
        for start in range(0, len(self._document), SLICE):
            if self.given_up.is_set():
                raise GivenUpError
            piece = self._document[start : start + SLICE]
            self.sent += len(piece)
            yield piece


class Exchange:
    """All exchanges with one printer, one at a time, each on a thread of its own that can be left behind.

    Only one ever is: while it hangs the printer counts as away.
    """

    def __init__(self, address: str, trusted: str, clock: Clock, pace: Pace, stopping: Callable[[], bool]) -> None:
        self._url, self._verify = url_of(address), trusted or True
        self._clock, self._pace, self._stopping = clock, pace, stopping
        self._hanging: threading.Thread | None = None

    def ask(self, posted: Posted, wait: float, give_up: Callable[[], bool] | None = None) -> Answer:
        """The answer within `wait` seconds. Raises LineLost: no printer, no answer, or `give_up` said so."""
        end = self._clock.mono() + wait
        enough = give_up or self._stopping
        self._until(lambda: self._hanging is None or not self._hanging.is_alive(), end, enough)
        found: list[Answer | LineLost] = []
        done = threading.Event()
        thread = threading.Thread(target=self._work, args=(posted, wait, found, done), name="ipp", daemon=True)
        self._hanging = thread
        thread.start()
        try:
            self._until(lambda: done.wait(self._pace.look), end, enough)
        except LineLost:
            posted.given_up.set()
            raise
        thread.join()
        self._hanging = None
        if isinstance(found[0], LineLost):
            raise found[0]
        return found[0]

    def _until(self, done: Callable[[], bool], end: float, enough: Callable[[], bool]) -> None:
        while not done():
            if self._stopping() or enough():
                raise LineLost("stopping")
            if self._clock.mono() > end:
                raise LineLost("silent")

    def _work(self, posted: Posted, wait: float, found: list[Answer | LineLost], done: threading.Event) -> None:
        try:
            found.append(self._post(posted, wait))
        except _UNREACHED as error:
            found.append(LineLost(f"{type(error).__name__}"))
        finally:
            done.set()

    def _post(self, posted: Posted, wait: float) -> Answer:
        headers = {"Content-Type": MEDIA, "Accept": MEDIA, "Accept-Encoding": "identity", "Connection": "close"}
        with requests.Session() as session:
            session.trust_env = False
            with session.post(
                self._url,
                data=posted,
                headers=headers,
                timeout=(self._pace.connect, wait),
                verify=self._verify,
                allow_redirects=False,
                stream=True,
            ) as response:
                return _read(response)


def url_of(address: str) -> str:
    """ipp and ipps are HTTP and HTTPS at a port of their own."""
    parts = urlsplit(address)
    scheme = {"ipp": "http", "ipps": "https"}[parts.scheme]
    place = parts.netloc if parts.port else f"{parts.netloc}:{PORT}"
    return f"{scheme}://{place}{parts.path or '/'}"


def _read(response: requests.Response) -> Answer:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if response.status_code != requests.codes.ok or kind != MEDIA:
        return Odd(response.status_code)
    try:
        return decode(response.raw.read(MOST_BYTES + 1, decode_content=False))
    except MessageError:
        return Odd(response.status_code)
