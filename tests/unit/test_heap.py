"""What two dozen threads let go of does not stay with the process for nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kiosk import heap

WORK = """
import ctypes, sys, threading
from kiosk import heap

class Info(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Info
bound = heap.bound() if sys.argv[1:] else None
del [bytes(30_000_000)][0]  # from here on the library by itself keeps blocks of this size in its heaps
together = threading.Barrier(8)

def work():
    kept = [bytes(100_000) for _ in range(40)]
    pictures = [bytes(3_500_000) for _ in range(2)]
    together.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
print(bound, library.mallinfo2().arena // 1_000_000, flush=True)
"""
PARTS = """
own = library.mallinfo2().hblks
picture = bytes(2_800_000)
print(library.mallinfo2().hblks - own)
del picture
print(library.mallinfo2().keepcost)
sheet = bytes(3_500_000)
print(library.mallinfo2().hblks - own, flush=True)
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
"""


def kept(*arguments: str) -> tuple[str, int]:
    """What `bound` said, and the megabytes of its heaps, most of them free, after eight threads held 90 MB."""
    done = subprocess.run([sys.executable, "-c", WORK, *arguments], capture_output=True, text=True, check=True)
    said, megabytes = done.stdout.split()
    return said, int(megabytes)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library of Linux is meant")
def test_what_threads_let_go_of_goes_back() -> None:
    _, by_itself = kept()
    said, megabytes = kept("bound")
    assert said == "True"
    assert megabytes < 0.6 * by_itself


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the C library of Linux is meant")
def test_each_of_the_three_bounds_holds() -> None:
    """A picture lies in a heap and its room stays there, a larger block is the machine's own, and heaps are few."""
    done = subprocess.run([sys.executable, "-c", WORK + PARTS, "bound"], capture_output=True, text=True, check=True)
    _, picture, spare, sheet, *heaps = done.stdout.splitlines()
    assert (picture, sheet) == ("0", "1")
    assert 2_000_000 < int(spare) <= heap.SPARE + 1_000_000
    assert 1 <= sum(line.startswith("<heap nr=") for line in heaps) <= heap.ARENAS
