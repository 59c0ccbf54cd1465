"""The on-screen keyboard and calendar, for whatever is being typed."""

from __future__ import annotations

from dataclasses import replace

from kiosk.flows.core import Intent
from kiosk.flows.walkup.state import Pad

MOST_TEXT = 500
MOST_LETTERS = 40


def typed(pad: Pad, intent: Intent) -> Pad | None:
    """The pad after this touch, or None when the touch is none of its keys."""
    match intent.name:
        case "pad_key":
            return _key(pad, intent.payload)
        case "pad_erase":
            return replace(pad, letters=pad.letters[:-1]) if pad.letters else replace(pad, text=pad.text[:-1])
        case "pad_clear":
            return replace(pad, text="", letters="")
        case "pad_shift":
            return replace(pad, shift=not pad.shift)
        case "pad_mode" if intent.payload in ("zh", "en", "digits"):
            return replace(_plain(pad, ""), mode=intent.payload)
        case "pad_space":
            return _plain(pad, "" if pad.letters else " ")
        case "pad_pick":
            word, _, used = intent.payload.rpartition("|")
            count = int(used) if used.isdecimal() else 0
            return replace(pad, text=(pad.text + word)[:MOST_TEXT], letters=pad.letters[count:])
        case "pad_month":
            return replace(pad, month=intent.payload[:7])
        case "pad_day":
            return replace(pad, text=intent.payload[:10] + pad.text[10:])
        case "pad_time":
            return replace(pad, text=pad.text[:10] + "T" + intent.payload[:5]) if pad.text else pad
    return None


def result(pad: Pad) -> str:
    """What stands on the pad when it is closed."""
    return (pad.text + pad.letters)[:MOST_TEXT].strip()


def _key(pad: Pad, character: str) -> Pad:
    if len(character) != 1 or not character.isprintable():
        return pad
    if pad.mode == "zh" and character.isascii() and character.isalpha():
        return replace(pad, letters=(pad.letters + character.lower())[:MOST_LETTERS])
    shown = character.upper() if pad.shift else character
    return replace(_plain(pad, shown), shift=False)


def _plain(pad: Pad, more: str) -> Pad:
    """Letters that became no character stand before whatever comes next."""
    return replace(pad, text=(pad.text + pad.letters + more)[:MOST_TEXT], letters="")
