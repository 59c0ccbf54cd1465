"""The seam at which a PDF gets the college's seal: PAdES here, a licensed service in its place where one is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from sync.central.pades import Pades


class Sealer(Protocol):
    """Safe for several threads."""

    def seal(self, pdf: bytes, reason: str) -> bytes:
        """The same file with a seal over all of it. Raises OSError when the seal cannot be had now."""


def open_sealer(keys: Path) -> Sealer:
    """Who seals for this centre; `keys`: its folder of keys. Another one takes its place here: docs/certificates.md."""
    return Pades(keys)
