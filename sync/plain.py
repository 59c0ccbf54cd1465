"""JSON as every database and every seal can take it: one text for one value, and nothing that only looks like JSON."""

from __future__ import annotations

import json
import re

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def canonical(value: object) -> str:
    """Members sorted, no spaces, characters as they are.

    ValueError (or RecursionError) for NaN and infinity, lone surrogates, NUL characters and towers of brackets.
    """
    text = _ENCODER.encode(value)
    text.encode()
    if "\\u0000" in text and _NUL.search(text):
        raise ValueError("NUL")
    return text
