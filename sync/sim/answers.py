"""What a bad network answers in the centre's place, or makes of the centre's own answer."""

from __future__ import annotations

import email.utils
import gzip
import json
import re
import time
from collections.abc import Callable
from functools import cache
from typing import Any

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"
BUSY_S = 1
_LOGIN = b"<!doctype html><title>Network login</title><p>Please sign in to use this network.</p>"
_GATEWAY = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_FORBIDDEN = b"<html><body><h1>403 Forbidden</h1></body></html>"
_ODD = b'{"status": "ok", "results": [], "data": {"items": null}}'
_PAGE, _JSON = "text/html", "application/json"
BOMB_BYTES = 100_000_000


def canned(mode: str) -> bytes | None:
    """The whole answer that comes in place of the centre's; None for a mode that has none."""
    made = CANNED.get(mode)
    return made() if made else None


def answer(status: str, kind: str, body: bytes, *fields: str) -> bytes:
    """An HTTP answer after which the connection is closed."""
    head = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *fields)
    return f"HTTP/1.1 {status}\r\n".encode() + "\r\n".join(head).encode() + HEAD_END + body


def _redirect() -> bytes:
    return answer("302 Found", _PAGE, _LOGIN, "Location: /v1/login")


def _busy_date() -> bytes:
    """Until a date, by the sender's own clock, which is an hour ahead."""
    now = time.time() + 3600
    date, until = (email.utils.formatdate(each, usegmt=True) for each in (now, now + BUSY_S))
    return answer("503 Service Unavailable", _PAGE, _GATEWAY, f"Date: {date}", f"Retry-After: {until}")


def _busy_absurd() -> bytes:
    return answer("503 Service Unavailable", _PAGE, _GATEWAY, "Retry-After: 99999999999")


@cache
def _bomb() -> bytes:
    """100 MB of blanks in 100 kB."""
    packed = gzip.compress(b" " * BOMB_BYTES, 1)
    return answer("200 OK", _JSON, packed, "Content-Encoding: gzip")


CANNED: dict[str, Callable[[], bytes]] = {
    "portal": lambda: answer("200 OK", _PAGE, _LOGIN),
    "redirect": _redirect,
    "forbidden": lambda: answer("403 Forbidden", _PAGE, _FORBIDDEN),
    "bad_gateway": lambda: answer("502 Bad Gateway", _PAGE, _GATEWAY),
    "busy": lambda: answer("429 Too Many Requests", _PAGE, _GATEWAY, f"Retry-After: {BUSY_S}"),
    "busy_date": _busy_date,
    "busy_absurd": _busy_absurd,
    "wrong_json": lambda: answer("200 OK", _JSON, _ODD),
    "gzip_bomb": _bomb,
}


def _shorter(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "results": found["results"][:-1]} if "results" in found else found


def _restored(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "epoch": "00000000deadbeef"} if "epoch" in found else found


BENT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"short_results": _shorter, "wrong_epoch": _restored}


def whole(data: bytes) -> bool | None:
    """Whether this is one complete answer with a length; None when it does not begin like one."""
    if not data.startswith(b"HTTP/1."):
        return None
    head, end, body = data.partition(HEAD_END)
    found = LENGTH.search(head)
    return bool(end) and (found is None or len(body) >= int(found[1]))


def bent(mode: str, data: bytes) -> bytes:
    """The centre's complete answer, changed; what is no JSON object stays as it is."""
    head, _, body = data.partition(HEAD_END)
    try:
        changed = BENT[mode](json.loads(body))
    except (ValueError, AttributeError, TypeError):
        return data
    body = json.dumps(changed).encode()
    return LENGTH.sub(b"\r\ncontent-length: %d" % len(body), head) + HEAD_END + body
