"""JSON as every database and every seal can take it: one text for one value, and nothing that only looks like JSON."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import orjson

_STRICT = json.JSONEncoder(allow_nan=False)
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def canonical(value: object) -> str:
    """Members sorted, no spaces, characters as they are, numbers in their shortest form.

    ValueError (or RecursionError) for NaN and infinity, lone surrogates, integers beyond 64 bits, NUL characters and
    towers of brackets.
    """
    try:
        text = orjson.dumps(value, option=_OPTIONS).decode()
    except TypeError as error:
        raise ValueError(str(error)) from None
    if "null" in text:
        # which may have been NaN
        _STRICT.encode(value)
    if "\\u0000" in text and _NUL.search(text):
        raise ValueError("NUL")
    return text


def parsed(text: bytes) -> Any:
    """What this JSON says, NaN and lone surrogates included. Raises ValueError, RecursionError."""
    with contextlib.suppress(ValueError):
        return orjson.loads(text)
    return json.loads(text)
