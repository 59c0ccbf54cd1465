"""The disk, as records need it: how long a megabyte takes until it is certainly there."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

SIZE = 1_000_000


def write_time(folder: Path, size: int = SIZE) -> float:
    """Seconds to write so many bytes and have them on the disk; they are read back, and gone afterwards.

    Raises OSError, also when what comes back is not what was written.
    """
    data = os.urandom(4096) * (size // 4096 + 1)
    began = time.monotonic()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".test-") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        took = time.monotonic() - began
        file.seek(0)
        if file.read() != data:
            raise OSError("what was read is not what was written")
    return took
