"""Number and PIN as they are typed on the digit pad; every way in that asks for them has one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.flows.core import Intent

MOST = {"number": 12, "pin": 8}


@dataclass(frozen=True, slots=True)
class Entry:
    """Number and PIN being typed; `field` is number or pin. The PIN is shown as dots only.

    `shown`: the person whose code was read by a clock that cannot be trusted, and its `nonce`: it counts with a PIN.
    """

    number: str = ""
    pin: str = ""
    field: str = "number"
    checking: bool = False
    shown: str = ""
    nonce: str = ""


def typed(entry: Entry, intent: Intent) -> Entry:
    """The entry after a key of the pad; unchanged by anything else."""
    text = entry.number if entry.field == "number" else entry.pin
    match intent:
        case Intent(name="digit", payload=one) if len(one) == 1 and one.isalnum() and one.isascii():
            return _with(entry, text + one.upper())
        case Intent(name="erase"):
            return _with(entry, text[:-1])
        case Intent(name="clear"):
            return _with(entry, "")
    return entry


def unfinished(entry: Entry) -> Entry | None:
    """What "confirm" leads to while a box is empty; None = both are filled."""
    if entry.number and entry.pin:
        return None
    return replace(entry, field="pin" if entry.number else "number")


def again(entry: Entry) -> Entry:
    """After a refusal: the PIN is typed anew, the number may stay."""
    return replace(entry, pin="", field="pin" if entry.number else "number", checking=False)


def _with(entry: Entry, text: str) -> Entry:
    text = text[: MOST[entry.field]]
    return replace(entry, number=text) if entry.field == "number" else replace(entry, pin=text)
