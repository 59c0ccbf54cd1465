"""What is printed, as blocks: definitions come from `assets/documents/*.toml`, values from the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the centre answered for one certificate: it counts from here on, until voided.

    `code` is the text of the QR (COSE_Sign1 in base45), `url` the short check page, `fields` the canonical
    content the centre vouches for. Times are Unix seconds.
    """

    key: str
    serial: str
    issued: float
    expires: float
    code: str
    url: str
    fields: Mapping[str, str]
