"""`python -m kiosk outbox …` and `audit …`: what waits or was refused, and what was done to this terminal."""

from __future__ import annotations

import argparse
import getpass
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from kiosk import config as configs
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.text import shipped_texts
from sync import acceptance, audit, listing, retention
from sync.deadletters import why
from sync.export import STATES, NotExported, export
from sync.records import Stamp
from sync.store import connect, reader
from sync.tables import JOURNAL
from sync.vault import UnreadableError, Vault

DONE, NOT_DONE, MISUSED = 0, 1, 2
LANGUAGES = ("zh", "en")


class Queue:
    """One run over a terminal's state folder; the terminal may be running meanwhile."""

    def __init__(self, config: Config) -> None:
        self._config, self._texts = config, shipped_texts()
        self._state = config.paths.state
        self._journal, self._vault = self._state / "journal.db", Vault.open(self._state)
        self._clock = Clock(config.demo.clock_offset)

    def listed(self, state: str | None) -> int:
        """A line a row, with the reason in the terminal's language."""
        for row in listing.rows(self._journal, self._vault, state):
            reason = why(row.verdict, self._texts, self._config.terminal.language)
            print(f"{replace(row, verdict='')}  {reason}".rstrip())
        return DONE

    def show(self, seq: int) -> int:
        """One row with the reason in both languages; of its body the names of its members, which tell of nobody."""
        row = next((each for each in listing.rows(self._journal, self._vault) if each.seq == seq), None)
        if row is None:
            print(f"no row {seq}", file=sys.stderr)
            return NOT_DONE
        print(row)
        print(f"stream    {row.stream}")
        print(f"members   {', '.join(sorted(row.body)) if row.body is not None else '(cannot be decrypted)'}")
        for language in LANGUAGES:
            print(f"{language}        {why(row.verdict, self._texts, language)}")
        return DONE

    def retry(self, seqs: list[int] | None) -> int:
        """Dead rows go again; all for None."""
        with closing(connect(self._journal, JOURNAL)) as db:
            count = retention.retry(db, seqs, self._clock.now(), by=_who())
        print(f"{count} queued again")
        return DONE if count or seqs is None else NOT_DONE

    def export(self, folder: Path, states: tuple[str, ...]) -> int:
        """A sealed file for the information centre."""
        done = export(
            self._journal,
            self._vault,
            self._state / "cache.db",
            folder,
            self._clock.now(),
            states,
            terminal=self._config.terminal,
            by=_who(),
        )
        if isinstance(done, NotExported):
            sentences = (self._texts.get(language, f"queue.export.{done.why}") for language in LANGUAGES)
            print("\n".join(sentences) + (f"\n({done.detail})" if done.detail else ""), file=sys.stderr)
            return NOT_DONE
        print(f"{done.path}: {done.rows} rows" + (f", {done.left_out} cannot be read any more" * bool(done.left_out)))
        print("They stay in the queue here. The centre takes them in by: python -m sync.central take-in FILE")
        return DONE

    def export_plain(self, file: Path) -> int:
        """Everything as readable text."""
        print(f"{file} will hold people's data as plain text: delete it as soon as it has served", file=sys.stderr)
        count = listing.export(self._journal, self._vault, file)
        with closing(connect(self._journal, JOURNAL)) as db:
            audit.note(db, "outbox.exported", self._clock.now(), rows=count, states="plain", by=_who())
        return DONE


def run_outbox(options: argparse.Namespace) -> int:
    """The exit code: 0 done, 1 not done and why, 2 asked for wrongly."""
    config = configs.load(options.config)
    wrong = _misused(options)
    if wrong:
        print(wrong, file=sys.stderr)
        return MISUSED
    try:
        return _verb(Queue(config), options)
    except (UnreadableError, sqlite3.Error, OSError) as error:
        print(f"not done: {error}", file=sys.stderr)
        return NOT_DONE


def run_audit(options: argparse.Namespace) -> int:
    """List the chain, verify it, or accept a break in it on record; 1 = it is not as it was written, or not done."""
    config = configs.load(options.config)
    journal = config.paths.state / "journal.db"
    try:
        if options.verb == "accept":
            return _accept(config, options.reason.strip())
        with closing(reader(journal)) as db:
            if options.verb == "list":
                for entry in audit.entries(db):
                    print(entry)
                return DONE
            broken, head = audit.verify(db), audit.head(db)
    except (UnreadableError, sqlite3.Error, OSError) as error:
        print(f"{journal}: {error}", file=sys.stderr)
        return NOT_DONE
    print(f"not as it was written: {broken}" if broken else f"{head.seq} entries, all as written; head {head.hash}")
    return NOT_DONE if broken else DONE


def _accept(config: Config, reason: str) -> int:
    """Act, entry and the centre's copy are one transaction; the terminal that runs notices within a minute."""
    if not 4 <= len(reason) <= 200:
        print("audit accept takes --reason of 4 to 200 characters", file=sys.stderr)
        return MISUSED
    state, clock = config.paths.state, Clock(config.demo.clock_offset)
    stamp = Stamp(config.terminal.id, audit.RUN, clock.now(), clock.mono())
    with closing(connect(state / "journal.db", JOURNAL)) as db:
        done = acceptance.accept(db, Vault.open(state), stamp, _who(), reason)
    print(f"accepted: {done.broken}; goes on at entry {done.head.seq}" if done else "nothing to accept: it is whole")
    return DONE


def _verb(queue: Queue, options: argparse.Namespace) -> int:
    match options.verb:
        case "show":
            return queue.show(int(options.what[0]))
        case "retry":
            return queue.retry(None if options.all else [int(each) for each in options.what])
        case "export" if options.plain:
            return queue.export_plain(Path(options.what[0]))
        case "export":
            return queue.export(Path(options.what[0]), (options.state,) if options.state else STATES)
    return queue.listed(options.state)


def _misused(options: argparse.Namespace) -> str:
    what = options.what
    match options.verb:
        case "show" if len(what) != 1 or not what[0].isdecimal():
            return "outbox show takes one SEQ"
        case "retry" if bool(what) == options.all or not all(each.isdecimal() for each in what):
            return "outbox retry takes SEQ… or --all"
        case "export" if len(what) != 1:
            return "outbox export takes a FOLDER, with --plain a FILE"
        case "list" if what:
            return "outbox list takes no SEQ: see show"
    return ""


def _who() -> str:
    """The account of this machine that runs the command."""
    try:
        return f"shell:{getpass.getuser()}"[:60]
    except (KeyError, OSError):
        return "shell"
