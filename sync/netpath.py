"""The way to the centre, one stretch at a time: name, certificate, API, clock. Each says what it took."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from kiosk.config import CentreConfig
from sync.client import CONNECT_S

WORD_S = 5.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch: `good`, seconds it took, and `why` not: no_name | refused | silent | untrusted | odd | no_tls.

    `days`: how long the certificate is still good for; `skew`: the centre's clock against ours, seconds.
    """

    good: bool
    seconds: float = 0.0
    why: str = ""
    days: int = 0
    skew: float = 0.0


def name(centre: CentreConfig) -> Stretch:
    """The host's name is found."""
    host, port, _ = _parts(centre)
    began = time.monotonic()
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return Stretch(False, time.monotonic() - began, "no_name")
    return Stretch(True, time.monotonic() - began)


def tls(centre: CentreConfig, now: Callable[[], float]) -> Stretch:
    """Somebody answers there, and proves that they are the centre. An address on this machine needs no proof."""
    host, port, secure = _parts(centre)
    began = time.monotonic()
    try:
        with socket.create_connection((host, port), CONNECT_S) as line:
            if not secure:
                return Stretch(False, time.monotonic() - began, "no_tls")
            context = ssl.create_default_context(cafile=centre.ca_file or None)
            with context.wrap_socket(line, server_hostname=host) as proven:
                ends = ssl.cert_time_to_seconds(str((proven.getpeercert() or {}).get("notAfter", "")))
                return Stretch(True, time.monotonic() - began, days=int((ends - now()) // 86400))
    except ssl.SSLError:
        return Stretch(False, time.monotonic() - began, "untrusted")
    except TimeoutError:
        return Stretch(False, time.monotonic() - began, "silent")
    except (OSError, ValueError):
        return Stretch(False, time.monotonic() - began, "refused")


def api(centre: CentreConfig, now: Callable[[], float]) -> Stretch:
    """The centre's program says that it works, and what time it is there (halfway through the call)."""
    began, ours = time.monotonic(), now()
    with contextlib.closing(requests.Session()) as session:
        session.trust_env = False
        session.verify = centre.ca_file or True
        try:
            answer = session.get(
                f"{centre.url.rstrip('/')}/healthz", timeout=(CONNECT_S, WORD_S), allow_redirects=False
            )
        except requests.exceptions.SSLError:
            return Stretch(False, time.monotonic() - began, "untrusted")
        except requests.Timeout:
            return Stretch(False, time.monotonic() - began, "silent")
        except (requests.RequestException, ValueError):
            return Stretch(False, time.monotonic() - began, "refused")
    took = time.monotonic() - began
    try:
        skew = float(answer.headers.get("X-Now", "")) - (ours + took / 2)
    except ValueError:
        return Stretch(False, took, "odd")
    return Stretch(answer.status_code == 200, took, "" if answer.status_code == 200 else "odd", skew=skew)


def _parts(centre: CentreConfig) -> tuple[str, int, bool]:
    found = urlsplit(centre.url)
    secure = found.scheme == "https"
    return found.hostname or "", found.port or (443 if secure else 80), secure
