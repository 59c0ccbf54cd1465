"""How the C library keeps what threads let go of: in few places, and what is large goes back to the machine at once.

Otherwise each of two dozen threads has a heap of its own, and a block as large as a picture may lie in any of them:
what is in use stays the same, what is kept for nothing grows from visit to visit.
"""

from __future__ import annotations

import ctypes

# malloc.h of glibc
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
ARENAS = 2
LARGE, SPARE = 3_000_000, 4_000_000
"""Bytes: blocks from here on are the machine's own pages; so much may lie free at the end of a heap.

A camera's picture, 2.8 MB at 1280 × 720, is smaller and there are four of them at a time: getting its pages anew each
time takes longer than copying it.
Said once they stay: by itself the library raises both after the first large block, up to 32 and 64 MB.
"""


def bound() -> bool:
    """For this process from now on, before its threads begin; False where the C library is another one."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    said = {M_ARENA_MAX: ARENAS, M_MMAP_THRESHOLD: LARGE, M_TRIM_THRESHOLD: SPARE}
    return all(mallopt(name, value) for name, value in said.items())
