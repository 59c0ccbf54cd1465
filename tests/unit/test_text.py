"""Sentences and the way the campus writes dates, durations and sums."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kiosk import text
from kiosk.clock import CAMPUS_ZONE
from kiosk.text import Texts, TextsError

MONDAY = datetime(2026, 3, 2, 8, 42, tzinfo=CAMPUS_ZONE).timestamp()


def write(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, "utf-8")


def test_tables_are_joined_by_dots_and_files_of_a_language_are_merged(tmp_path: Path) -> None:
    write(tmp_path, "zh.toml", '[home]\nhello = "你好，{name}"')
    write(tmp_path, "zh-more.toml", '[home.deep]\nword = "好"')
    write(tmp_path, "en.toml", '[home]\nhello = "Hello, {name}"')
    texts = Texts.load(tmp_path)
    assert texts.get("zh", "home.hello", name="李雷") == "你好，李雷"
    assert texts.get("en", "home.hello", name="Li Lei") == "Hello, Li Lei"
    assert texts.get("zh", "home.deep.word") == "好"
    assert texts.keys("zh") == {"home.hello", "home.deep.word"}


@pytest.mark.parametrize(("language", "key"), [("zh", "home.none"), ("fr", "home.hello"), ("zh", "home.hello")])
def test_what_is_missing_is_a_key_error(tmp_path: Path, language: str, key: str) -> None:
    write(tmp_path, "zh.toml", '[home]\nhello = "你好，{name}"')
    with pytest.raises(KeyError):
        Texts.load(tmp_path).get(language, key)


def test_braces_in_a_value_stay_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, "zh.toml", 'hello = "你好，{name}"')
    assert Texts.load(tmp_path).get("zh", "hello", name="{0}{name.__class__}") == "你好，{0}{name.__class__}"


def test_the_same_key_in_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "zh.toml", '[home]\nhello = "甲"')
    write(tmp_path, "zh-b.toml", '[home]\nhello = "乙"')
    with pytest.raises(TextsError, match=r"zh\.toml: home\.hello stands in zh-b\.toml"):
        Texts.load(tmp_path)


@pytest.mark.parametrize("content", ["a = 1", "a = ['x']", "a = ", 'a = "\ud800"'])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "zh.toml").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(TextsError, match=r"^zh\.toml: "):
        Texts.load(tmp_path)


def test_both_languages_have_the_same_keys() -> None:
    texts = Texts.load()
    assert set(texts.by_language) == {"zh", "en"}
    assert texts.keys("zh") ^ texts.keys("en") == frozenset()


def test_both_languages_have_the_same_places() -> None:
    """`label_zh` and `label_en` are the same place; dates may differ, for each language has its own order and parts."""
    texts = Texts.load()

    def places(language: str, key: str) -> set[str]:
        return {re.sub(r"_(zh|en)$", "", name) for name in texts.places(language, key)}

    different = {
        key: (places("zh", key), places("en", key))
        for key in texts.keys("zh") & texts.keys("en")
        if places("zh", key) != places("en", key) and key not in ("time.date", "time.day_time", "calendar.month")
    }
    assert different == {}


def test_places_are_plain_names() -> None:
    texts = Texts.load()
    odd = {
        (language, key, name)
        for language in ("zh", "en")
        for key in texts.keys(language)
        for name in texts.places(language, key)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name)
    }
    assert odd == set()


@pytest.mark.parametrize(
    ("function", "zh", "en"),
    [
        (text.date, "2026年3月2日", "2 March 2026"),
        (text.day_time, "3月2日 08:42", "2 Mar 08:42"),
        (text.clock_time, "08:42", "08:42"),
        (text.weekday, "星期一", "Monday"),
        (text.greeting, "上午好", "Good morning"),
    ],
)
def test_a_moment_as_the_campus_writes_it(function: object, zh: str, en: str) -> None:
    assert callable(function)
    assert (function("zh", MONDAY), function("en", MONDAY)) == (zh, en)


def test_the_day_is_the_day_of_the_campus() -> None:
    last_minute = datetime(2026, 12, 31, 23, 59, tzinfo=CAMPUS_ZONE).timestamp()
    assert text.day_time("en", last_minute) == "31 Dec 23:59"
    assert text.date("zh", last_minute + 60) == "2027年1月1日"


@pytest.mark.parametrize(
    ("hour", "zh", "en"),
    [
        (0, "晚上好", "Good evening"),
        (4, "晚上好", "Good evening"),
        (5, "早上好", "Good morning"),
        (8, "上午好", "Good morning"),
        (11, "中午好", "Good afternoon"),
        (13, "下午好", "Good afternoon"),
        (18, "晚上好", "Good evening"),
    ],
)
def test_the_greeting_follows_the_hour(hour: int, zh: str, en: str) -> None:
    unix = datetime(2026, 3, 2, hour, tzinfo=CAMPUS_ZONE).timestamp()
    assert (text.greeting("zh", unix), text.greeting("en", unix)) == (zh, en)


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (0, "立等可取", "at once"),
        (0.2, "1 分钟", "1 minute"),
        (15, "15 分钟", "15 minutes"),
        (60, "1 小时", "1 hour"),
        (90, "1 小时 30 分钟", "1 hour 30 minutes"),
        (120, "2 小时", "2 hours"),
        (240, "半天", "half a day"),
        (300, "5 小时", "5 hours"),
        (480, "1 个工作日", "1 working day"),
        (481, "1.5 个工作日", "1.5 working days"),
        (1440, "3 个工作日", "3 working days"),
    ],
)
def test_durations_are_office_time(minutes: float, zh: str, en: str) -> None:
    assert (text.duration("zh", minutes), text.duration("en", minutes)) == (zh, en)


@pytest.mark.parametrize(
    ("yuan", "zh", "en"),
    [
        (1234, "￥1,234.00", "CNY 1,234.00"),
        ("12.5", "￥12.50", "CNY 12.50"),
        (0.005, "￥0.01", "CNY 0.01"),
        (Decimal("-3"), "-￥3.00", "-CNY 3.00"),
    ],
)
def test_sums_have_two_decimals(yuan: Decimal | float | str, zh: str, en: str) -> None:
    assert (text.money("zh", yuan), text.money("en", yuan)) == (zh, en)
