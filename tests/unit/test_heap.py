"""What two dozen threads let go of does not stay with the process for nothing."""

from __future__ import annotations

import subprocess
import sys

from kiosk import heap

INFO = """
import ctypes, sys, threading
from kiosk import heap

class Info(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]

library = ctypes.CDLL(None)
library.mallinfo2.restype = Info
bound = heap.bound() if sys.argv[1:] else None
del [bytes(30_000_000)][0]  # from here on the library by itself keeps blocks of this size in its heaps
"""
THREADS = """
together = threading.Barrier(8)

def work():
    kept = [bytes(100_000) for _ in range(40)]
    pictures = [bytes(3_500_000) for _ in range(2)]
    together.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
print(bound, library.mallinfo2().arena // 1_000_000, flush=True)
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
"""
BLOCKS = """
own = library.mallinfo2().hblks
pictures = [bytes(2_800_000) for _ in range(4)]
sheets = [bytes(3_500_000) for _ in range(8)]
print(library.mallinfo2().hblks - own)
del sheets, pictures
print(library.mallinfo2().keepcost)
del [bytes(2_800_000)][0]
print(library.mallinfo2().keepcost)
"""


def printed(program: str, *arguments: str) -> list[str]:
    called = [sys.executable, "-c", INFO + program, *arguments]
    return subprocess.run(called, capture_output=True, text=True, check=True).stdout.splitlines()


def kept(*arguments: str) -> tuple[str, int, int]:
    """What `bound` said; after eight threads held 90 MB, the megabytes of all heaps, most free, and their number."""
    first, *heaps = printed(THREADS, *arguments)
    said, megabytes = first.split()
    return said, int(megabytes), sum(line.startswith("<heap nr=") for line in heaps)


def test_what_threads_let_go_of_goes_back() -> None:
    _, by_itself, many = kept()
    said, megabytes, heaps = kept("bound")
    assert said == "True"
    assert megabytes < 0.6 * by_itself
    assert 1 <= heaps <= heap.ARENAS < many


def test_a_picture_lies_in_a_heap_and_a_larger_block_is_the_machines_own() -> None:
    """Eight blocks over the bound, and no more beside them than there were: of four pictures none is apart."""
    apart, after_four, after_one = map(int, printed(BLOCKS, "bound"))
    assert apart == 8
    assert max(after_four, after_one) < 5_000_000
    assert after_one > 2_000_000
