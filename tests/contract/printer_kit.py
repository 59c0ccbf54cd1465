"""What tests say to the simulated printer over its line."""

from __future__ import annotations

import socket

GS_R = b"\x1dr\x01"


def ask(line: socket.socket, request: bytes, count: int = 1) -> bytes:
    line.sendall(request)
    answer = b""
    while len(answer) < count:
        answer += line.recv(count - len(answer))
    return answer


def gone(line: socket.socket) -> bool:
    """Whether the other side has ended the connection."""
    try:
        return not line.recv(1)
    except ConnectionError:
        return True
