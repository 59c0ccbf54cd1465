"""`python -m kiosk verify`: what a certificate is worth, by what the feeds brought to this machine; no network.

The exit code is the outcome: see `EXIT`.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kiosk import config as configs
from kiosk import shipped, text
from kiosk.app import paper_files, pdf_seal
from kiosk.app.paper_files import Given
from kiosk.app.pdf_seal import BAD, Seal
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain.certificates import Finding, Outcome, Register, judge
from kiosk.text import Texts
from sync import register
from sync.register import Known
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


@dataclass(frozen=True, slots=True)
class Told:
    """What comes of both: `code` by the code alone, `seal` of a PDF. The sentence is `verify.<outcome>.<key>`."""

    outcome: Outcome
    key: str
    code: Finding
    seal: Seal | None = None


def run(options: argparse.Namespace) -> int:
    """The exit code of the outcome; 1 for a file or a terminal's folder that is not there."""
    texts, config = text.shipped_texts(), _config(options)
    campus, now = config.terminal.campus, Clock(config.demo.clock_offset).now()
    state = options.state or config.paths.state
    try:
        given = paper_files.take(options.what)
        if given is None:
            return _not_done(texts, "missing", options.what)
        trusted = pdf_seal.fingerprints(options.certificate) if options.certificate else {}
        if (state / "cache.db").exists():
            with register.opened(state, campus) as known:
                return _say(texts, _judged(given, known, trusted, now), known.register, now)
        if options.state:
            return _not_done(texts, "state", state)
        known = register.nothing(campus)
        return _say(texts, _judged(given, known, trusted, now), known.register, now)
    except (OSError, ValueError, sqlite3.Error, UnreadableError) as error:
        print(f"{options.what}: {error}", file=sys.stderr)
        return NOT_DONE


def _judged(given: Given, known: Known, trusted: Mapping[str, bool], now: float) -> Told:
    """A file that is not as it was sealed is forged, whatever its code says: words around a code can be changed."""
    found = judge(given.code, known.register, now)
    if given.pdf is None:
        return Told(found.outcome, found.why or "text", found)
    from kiosk.app import pdf_files

    seal = pdf_files.seal_of(given.pdf, {**known.seals, **trusted})
    if seal in BAD:
        return Told(Outcome.FORGED, "pdf", found, seal)
    if seal is not Seal.SEALED and found.outcome is Outcome.VALID:
        return Told(Outcome.UNKNOWN, "pdf" if seal is Seal.UNKNOWN else "unsealed", found, seal)
    return Told(found.outcome, found.why or "text", found, seal)


def _config(options: argparse.Namespace) -> Config:
    """The terminal's own file, also when only its state folder is named; without one the defaults."""
    beside = options.state / "kiosk.toml" if options.state else None
    found = next((path for path in (beside, options.config) if path and path.exists()), None)
    return configs.load(found) if found else Config()


def _not_done(texts: Texts, key: str, what: object) -> int:
    sentences = (texts.get(language, f"verify.input.{key}") for language in LANGUAGES)
    print(f"{what}: {' / '.join(sentences)}", file=sys.stderr)
    return NOT_DONE


def _say(texts: Texts, told: Told, known: Register, now: float) -> int:
    print("\n\n".join("\n".join(_lines(texts, language, told, known, now)) for language in LANGUAGES))
    return EXIT[told.outcome]


def _lines(texts: Texts, language: str, told: Told, known: Register, now: float) -> Iterator[str]:
    day = text.date(language, told.code.since) if told.code.since else ""
    yield texts.get(language, f"verify.{told.outcome}.title")
    yield texts.get(language, f"verify.{told.outcome}.{told.key}", day=day)
    for key, value in _rows(texts, language, told, known, now):
        yield f"  {texts.get(language, f'verify.{key}')}{BETWEEN[language]}{value}"


def _rows(texts: Texts, language: str, told: Told, known: Register, now: float) -> Iterator[tuple[str, str]]:
    if told.seal:
        yield "pdf.title", texts.get(language, f"verify.pdf.{told.seal}")
        yield "code", texts.get(language, f"verify.{told.code.outcome}.title")
    if claims := told.code.claims:
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
    known = shipped.documents().get(document)
    return known.title.of(language) if known else document
