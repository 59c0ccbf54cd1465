"""`python -m kiosk verify`: what a certificate is worth, by what the feeds brought to this machine; no network.

The exit code is the outcome: see `EXIT`.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator

from kiosk import config as configs
from kiosk import text
from kiosk.app import paper_files
from kiosk.app.paper_files import Given
from kiosk.assets import ROOT, toml_files
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain.certificates import Finding, Outcome, Register, judge
from kiosk.text import Texts
from sync import register
from sync.vault import UnreadableError

NOT_DONE = 1
EXIT = {
    Outcome.VALID: 0,
    Outcome.REVOKED: 3,
    Outcome.SUPERSEDED: 4,
    Outcome.EXPIRED: 5,
    Outcome.FORGED: 6,
    Outcome.UNREADABLE: 7,
    Outcome.UNKNOWN: 8,
}
"""1 is for what could not be done, 2 for a wrong command line."""
LANGUAGES = ("zh", "en")
BETWEEN = {"zh": "：", "en": ": "}


def run(options: argparse.Namespace) -> int:
    """The exit code of the outcome; 1 for a file or a terminal's folder that is not there."""
    texts, config = Texts.load(), _config(options)
    state = options.state or config.paths.state
    try:
        given = paper_files.take(options.what)
        if given is None:
            return _not_done(texts, "missing", options.what)
        if (state / "cache.db").exists():
            with register.opened(state, config.terminal.campus) as known:
                return _told(texts, given, known, Clock(config.demo.clock_offset).now())
    except (OSError, sqlite3.Error, UnreadableError) as error:
        print(f"{options.what}: {error}", file=sys.stderr)
        return NOT_DONE
    if options.state:
        return _not_done(texts, "state", state)
    return _told(texts, given, register.empty(config.terminal.campus), Clock(config.demo.clock_offset).now())


def _config(options: argparse.Namespace) -> Config:
    """The terminal's own file, also when only its state folder is named; without one the defaults."""
    beside = options.state / "kiosk.toml" if options.state else None
    found = next((path for path in (beside, options.config) if path and path.exists()), None)
    return configs.load(found) if found else Config()


def _not_done(texts: Texts, key: str, what: object) -> int:
    sentences = (texts.get(language, f"verify.input.{key}") for language in LANGUAGES)
    print(f"{what}: {' / '.join(sentences)}", file=sys.stderr)
    return NOT_DONE


def _told(texts: Texts, given: Given, known: Register, now: float) -> int:
    finding = judge(given.code, known, now)
    for language in LANGUAGES:
        print("\n".join(_lines(texts, language, finding, known, now)))
        print(end="" if language == LANGUAGES[-1] else "\n")
    return EXIT[finding.outcome]


def _lines(texts: Texts, language: str, finding: Finding, known: Register, now: float) -> Iterator[str]:
    outcome, why = finding.outcome, finding.why or "text"
    day = text.date(language, finding.since) if finding.since else ""
    yield texts.get(language, f"verify.{outcome}.title")
    yield texts.get(language, f"verify.{outcome}.{why}", day=day)
    for key, value in _rows(texts, language, finding, known, now):
        yield f"  {texts.get(language, f'verify.{key}')}{BETWEEN[language]}{value}"


def _rows(texts: Texts, language: str, finding: Finding, known: Register, now: float) -> Iterator[tuple[str, str]]:
    if claims := finding.claims:
        yield "document", _title(claims.document, language)
        yield "serial", claims.serial
        yield "name", claims.masked_name
        yield "issued", text.date(language, claims.issued)
        yield "expires", text.date(language, claims.expires)
    yield "checked", _moment(language, now)
    yield "known", _moment(language, known.ended_at) if known.ended_at else texts.get(language, "verify.never")


def _moment(language: str, unix: float) -> str:
    return f"{text.date(language, unix)} {text.clock_time(language, unix)}"


def _title(document: str, language: str) -> str:
    for name, data in toml_files(ROOT / "documents"):
        if name == f"{document}.toml" and not isinstance(data, Exception):
            return str(data["title"][language])
    return document
