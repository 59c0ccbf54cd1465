"""Templates as text: float16 in base64. Distances change by at most 0.00007; no other format is worth it."""

from __future__ import annotations

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

MOST = 5
"""Templates a person may have."""
LEAST_LENGTH, MOST_LENGTH = 32, 1024
"""Numbers in one template."""
LONGEST = 4 * ((MOST * MOST_LENGTH * 2 + 2) // 3)

Vectors = NDArray[np.float32]


def pack(templates: Vectors) -> str:
    """`templates`: shape (rows, length), 1 to 5 rows. Raises ValueError for others, and what float16 cannot hold."""
    if templates.ndim != 2:
        raise ValueError(f"templates of shape {templates.shape}")
    with np.errstate(over="ignore"):
        small = templates.astype("<f2")
    text = base64.b64encode(small.tobytes()).decode("ascii")
    unpack(text, len(templates))
    return text


def unpack(text: str, rows: int) -> Vectors:
    """Shape (rows, length), float32. Raises ValueError for anything that `pack` does not make."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("templates are no base64") from None
    if not 1 <= rows <= MOST or len(raw) % (2 * rows):
        raise ValueError(f"{len(raw)} bytes in {rows} rows")
    found = np.frombuffer(raw, "<f2").reshape(rows, -1).astype(np.float32)
    if not LEAST_LENGTH <= found.shape[1] <= MOST_LENGTH:
        raise ValueError(f"templates of {found.shape[1]} numbers")
    if not np.isfinite(found).all() or not found.any(axis=1).all():
        raise ValueError("a template is not finite or all zero")
    return found
