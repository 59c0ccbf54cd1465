"""Sums of money in Chinese capitals, as certificates write them so that nobody can change them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_GROUPS = ("", "万", "亿", "万亿")
MOST = Decimal(10) ** 16


def in_capitals(yuan: Decimal) -> str:
    """8650 → 捌仟陆佰伍拾元整; 1002.30 → 壹仟零贰元叁角; 0.05 → 伍分. ValueError: negative or above 10^16."""
    if not 0 <= yuan < MOST:
        raise ValueError("a sum from 0 to below 10^16")
    fen_total = int((yuan * 100).quantize(Decimal(1), ROUND_HALF_UP))
    whole, small = divmod(fen_total, 100)
    jiao, fen = divmod(small, 10)
    text = _whole(whole) + "元" if whole or not small else ""
    if not small:
        return text + "整"
    text += f"{_DIGITS[jiao]}角" if jiao else ("零" if whole else "")
    return text + (f"{_DIGITS[fen]}分" if fen else "")


def _whole(number: int) -> str:
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    text = ""
    for n in range(len(groups) - 1, -1, -1):
        if text and groups[n] and (groups[n] < 1000 or not groups[n + 1]):
            text += "零"
        if groups[n]:
            text += _group(groups[n]) + _GROUPS[n]
    return text or "零"


def _group(number: int) -> str:
    text, gap = "", False
    for digit, place in zip(f"{number:04d}", _PLACES, strict=True):
        if digit == "0":
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[int(digit)] + place
        gap = False
    return text
