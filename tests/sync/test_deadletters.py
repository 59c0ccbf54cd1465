"""What was refused: why, in words, and how it goes again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.__main__ import main
from kiosk.clock import Clock
from kiosk.config import Config, PathsConfig, TerminalConfig, toml_of
from kiosk.text import shipped_texts
from sync import audit, outbox
from sync.deadletters import why
from sync.faces import FaceStore
from sync.journal import Journal
from sync.store import connect
from sync.tables import JOURNAL
from sync.vault import Vault
from sync.wire import ItemResult, Verdict
from tests.sync.gate_kit import enrol
from tests.sync.helpers import committed, rated, submitted

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    path = tmp_path / "kiosk.toml"
    path.write_text(toml_of(Config(paths=PathsConfig(state=tmp_path), terminal=TerminalConfig(id="A-017"))), "utf-8")

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--config", str(path)])
        said: Any = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.mark.parametrize(
    ("verdict", "zh", "en"),
    [
        ("", "", ""),
        (
            "rejected: 份数超出 / too many copies",
            "中心没有接受：份数超出",
            "the centre did not take it: too many copies",
        ),
        (
            "rejected: 有误：a / b / wrong: a / b",
            "中心没有接受：有误：a / b",
            "the centre did not take it: wrong: a / b",
        ),
        ("rejected: one word", "中心没有接受：one word", "the centre did not take it: one word"),
        ("rejected", "中心没有接受", "the centre did not take it"),
        ("unreadable: UnreadableError", "本机已无法解密这条记录", "this terminal cannot decrypt it any more"),
        ("strange: word", "strange: word", "strange: word"),
    ],
)
def test_the_reason_is_a_sentence_in_either_language(verdict: str, zh: str, en: str) -> None:
    texts = shipped_texts()
    assert (why(verdict, texts, "zh"), why(verdict, texts, "en")) == (zh, en)


def refuse(tmp_path: Path, vault: Vault, reason: str = "份数超出限制 / too many copies") -> None:
    """The centre's word on everything that is due."""
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        items = outbox.due(db, vault, Clock().now())
        results = [ItemResult(key=item.key, verdict=Verdict.REJECTED, reason=reason) for item in items]
        outbox.settle(db, items, results, Clock().now())


def test_refused_rows_are_listed_shown_and_tried_again(
    tmp_path: Path, journal: Journal, vault: Vault, command: Command
) -> None:
    for event in (submitted("request-0001"), rated("request-0001"), submitted("request-0002")):
        committed(journal, event)
    refuse(tmp_path, vault)
    code, out, _ = command("outbox", "list", "--state", "dead")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["1", "2", "3"]
    assert all(line.endswith("中心没有接受：份数超出限制") for line in out.splitlines())
    code, out, _ = command("outbox", "show", "1")
    assert code == 0
    assert "the centre did not take it: too many copies" in out
    assert "家里有事" not in out
    assert command("outbox", "retry", "3", "77")[:2] == (0, "1 queued again\n")
    assert command("outbox", "retry", "3")[:2] == (1, "0 queued again\n")
    assert command("outbox", "retry", "--all")[:2] == (0, "2 queued again\n")
    with closing(connect(tmp_path / "journal.db", JOURNAL)) as db:
        assert [item.key for item in outbox.due(db, vault, 0.0)] == [
            "request-0001",
            "request-0001:rating",
            "request-0002",
        ]
        found = [entry.detail for entry in audit.entries(db)]
    assert ['"rows":"3,77"' in found[0], '"rows":"all"' in found[1], '"by":"shell' in found[0]] == [True, True, True]


@pytest.mark.parametrize(
    "words",
    [("show",), ("show", "x"), ("retry",), ("retry", "1", "--all"), ("retry", "x"), ("export",), ("list", "1")],
)
def test_what_is_asked_for_wrongly_is_said(command: Command, words: tuple[str, ...]) -> None:
    code, out, err = command("outbox", *words)
    assert (code, out) == (2, "")
    assert "outbox" in err
    assert command("outbox", "show", "99")[0] == 1


def test_an_enrolment_whose_template_is_gone_is_not_tried_again(
    tmp_path: Path, journal: Journal, vault: Vault, command: Command
) -> None:
    enrol(FaceStore(journal, tmp_path / "cache.db", vault, Clock(), lambda _: None), "face-0001", 1)
    refuse(tmp_path, vault)
    assert command("outbox", "retry", "--all")[:2] == (0, "0 queued again\n")


def test_plain_text_is_for_those_who_ask_for_it(tmp_path: Path, journal: Journal, command: Command) -> None:
    committed(journal, submitted("request-0001"))
    code, _, err = command("outbox", "export", str(tmp_path / "rows.jsonl"), "--plain")
    assert code == 0
    assert "plain text" in err
    assert "家里有事" in (tmp_path / "rows.jsonl").read_text("utf-8")
    assert command("outbox", "export", str(tmp_path / "no" / "rows.jsonl"), "--plain")[0] == 1
