"""Whether the kernel's clock is kept right over the network: adjtimex(2), which every time service sets.

It proves nothing to others: whoever answers as a time server moves the clock. What the centre says is what counts for
ages and codes (sync.clockwatch, sync.upkeep); this is for the technician.
"""

from __future__ import annotations

import ctypes
import sys

_ERROR, _UNSYNC = 5, 0x40
_SIZE = 512
"""More room than struct timex takes, which is 208 bytes."""
_STATUS_AT = 5 * ctypes.sizeof(ctypes.c_long)


def synchronised() -> bool | None:
    """None where it cannot be asked."""
    room = ctypes.create_string_buffer(_SIZE)
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(room)
    except (OSError, AttributeError):
        return None
    return kept(state, room.raw) if state >= 0 else None


def kept(state: int, timex: bytes) -> bool:
    """What adjtimex(2) returned and filled in: a clock that nobody sets has STA_UNSYNC, or TIME_ERROR."""
    status = int.from_bytes(timex[_STATUS_AT : _STATUS_AT + 4], sys.byteorder)
    return state != _ERROR and not status & _UNSYNC
