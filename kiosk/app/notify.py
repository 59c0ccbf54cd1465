"""What the service manager is told: sd_notify(3) over the socket that it names, nothing where it names none."""

from __future__ import annotations

import contextlib
import os
import socket

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"


def tell(word: str) -> bool:
    """Send one state; whether anybody was there to be told. Never blocks, never raises."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as end:
        end.sendto(word.encode(), "\0" + path[1:] if path.startswith("@") else path)
        return True
    return False


def patience() -> float:
    """Seconds within which a sign of life is expected (WATCHDOG_USEC), 0 = none is."""
    ours = os.environ.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
    usec = os.environ.get("WATCHDOG_USEC", "")
    return int(usec) / 1e6 if ours and usec.isdecimal() else 0.0
