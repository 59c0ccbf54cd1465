"""The on-screen keyboard: letters with pinyin candidates, digits, signs."""

from __future__ import annotations

from kiosk.domain import pinyin
from kiosk.domain.catalogue import Field, FieldType
from kiosk.flows.walkup.state import Pad
from ui.present.scene import Scene, View, button, clipped

LETTERS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SIGNS = ("1234567890", "-/:;()@#%&", "，。？！、“”.,?")
DIGITS = ("123", "456", "789")
SHOWN_TEXT = 200


def keyboard(scene: Scene, pad: Pad, field: Field | None, title: str, hint: str) -> View:
    """Everything the sheet shows: title, what stands, candidates, keys, the two acts."""
    digits = _digits_only(field)
    return {
        "title": title,
        "hint": hint,
        "text": _tail(pad.text),
        "letters": pad.letters,
        "empty": scene.t("pad.empty"),
        "count": _count(scene, pad, field),
        "candidates": [] if digits else candidates(pad),
        "rows": digit_rows(scene, field) if digits else text_rows(scene, pad),
        "digits": digits,
        "strip": pad.mode == "zh" and not digits,
        "acts": [
            button("pad_commit", scene.t("pad.commit"), tone="primary"),
            button("pad_cancel", scene.t("pad.cancel")),
        ],
    }


def candidates(pad: Pad) -> list[View]:
    """What the letters may mean; one touch takes it."""
    if pad.mode != "zh" or not pad.letters:
        return []
    found = pinyin.candidates(pad.letters)
    return [button("pad_pick", one.text, payload=f"{one.text}|{one.used}") for one in found]


def text_rows(scene: Scene, pad: Pad) -> list[View]:
    """Four rows for words in Chinese, English, or digits and signs."""
    if pad.mode == "digits":
        first, second, third = (_keys(line) for line in SIGNS)
        third = [*third, _erase(scene)]
    else:
        first, second, third = (_keys(line, pad.shift) for line in LETTERS)
        shift = key("pad_shift", scene.t("pad.shift"), width=1.4, chosen=pad.shift, icon="shift")
        third = [shift if pad.mode == "en" else key("pad_key", "'", "'", width=1.4), *third, _erase(scene)]
    return [_row(first), _row(second), _row(third), _row(_last(scene, pad))]


def search_rows(scene: Scene) -> list[View]:
    """Letters alone: pinyin, initials, English."""
    first, second, third = (_keys(line) for line in LETTERS)
    clear = key("pad_clear", scene.t("pad.clear"), width=1.5)
    return [_row(first), _row(second), _row([clear, *third, _erase(scene)])]


def digit_rows(scene: Scene, field: Field | None) -> list[View]:
    """A telephone's pad, with a point or a dash where the answer may have one."""
    extra = _extra(field)
    left = key("pad_key", extra, extra) if extra else key("pad_clear", scene.t("pad.clear"))
    rows = [_row(_keys(line)) for line in DIGITS]
    return [*rows, _row([left, key("pad_key", "0", "0"), key("pad_erase", scene.t("pad.erase"), icon="erase")])]


def key(act: str, text: str, payload: str = "", width: float = 1.0, chosen: bool = False, icon: str = "") -> View:
    """One key; `width` in ordinary keys."""
    return {**button(act, text, payload=payload, chosen=chosen, icon=icon), "width": width}


def _last(scene: Scene, pad: Pad) -> list[View]:
    modes = {"zh": "pad.mode_zh", "en": "pad.mode_en", "digits": "pad.mode_digits"}
    others = [mode for mode in modes if mode != pad.mode]
    switches = [key("pad_mode", scene.t(modes[mode]), payload=mode, width=1.6) for mode in others]
    comma, stop = ("，", "。") if pad.mode == "zh" else (",", ".")
    signs = [] if pad.mode == "digits" else [key("pad_key", comma, comma), key("pad_key", stop, stop)]
    clear = key("pad_clear", scene.t("pad.clear"), width=1.6)
    return [*switches, *signs[:1], key("pad_space", scene.t("pad.space"), width=2.6), *signs[1:], clear]


def _keys(line: str, shift: bool = False) -> list[View]:
    return [key("pad_key", c.upper() if shift else c, c) for c in line]


def _erase(scene: Scene) -> View:
    return key("pad_erase", scene.t("pad.erase"), width=1.5, icon="erase")


def _row(keys: list[View]) -> View:
    return {"keys": keys, "total": sum(one["width"] for one in keys)}


def _digits_only(field: Field | None) -> bool:
    return field is not None and field.type in (FieldType.NUMBER, FieldType.MONEY, FieldType.PHONE)


def _extra(field: Field | None) -> str:
    if field is None:
        return ""
    if field.type is FieldType.PHONE:
        return "-"
    return "." if field.type is FieldType.MONEY or field.decimals else ""


def _count(scene: Scene, pad: Pad, field: Field | None) -> str:
    if field is None or field.type is not FieldType.TEXT or field.most is None:
        return ""
    return scene.t("pad.count", n=len(pad.text), most=int(field.most))


def _tail(text: str) -> str:
    """The end of a long text: that is where one types."""
    return text if len(text) <= SHOWN_TEXT else "…" + clipped(text[-SHOWN_TEXT:], SHOWN_TEXT)
