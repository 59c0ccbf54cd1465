"""What a lane asks: who may pass, by which rules, whose faces; answered from this terminal alone."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk import log
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain.admission import BUILT_IN, Check, Lesson, Pass, Rule, Rules, Visit, Window
from kiosk.domain.people import Role
from sync import cache, owntemplates
from sync.lookup import Lookup, Mirror
from sync.store import transaction
from sync.vault import Vault
from sync.vectors import Halves, Vectors, unpack_all
from sync.wire import PersonRow
from sync.wire_gate import LessonRow, PassRow, RulesRow, TemplateRow, VisitRow

EARLY_S = 20 * 60.0
"""So long before its beginning a lesson may be signed in to."""
PASSAGE_S = 12 * 3600.0
"""Where somebody was last seen to go counts for so long: later they may have left where nobody counts."""
EVERY_GATE = "*"

Ids = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Face:
    model: str
    at: float
    vectors: Halves


@dataclass(frozen=True, slots=True)
class _Times:
    revoked: bool
    windows: tuple[tuple[float, float], ...]


class GateDesk:
    """Two threads: one answers about single people, the other about everybody at once. Each `done` runs on its thread.

    Of `config` it uses gate.gate, gate.room and face.embedder.
    """

    def __init__(self, cache_path: Path, journal_path: Path, vault: Vault, clock: Clock, config: Config) -> None:
        self._vault, self._clock, self._config = vault, clock, config
        self._one = Lookup("gate-desk", cache_path, journal_path)
        self._all = Lookup("gallery", cache_path, journal_path)
        self._rules, self._ahead = BUILT_IN, False
        self._faces = Mirror(vault, "templates", TemplateRow, _faces)
        self._times = Mirror(vault, "passes", PassRow, _times)
        self._numbers = Mirror(vault, "persons", PersonRow, lambda some: {person: row.number for person, row in some})

    def start(self) -> None:
        self._one.start()
        self._all.start()

    def stop(self, timeout: float = 3.0) -> None:
        """What was asked before is answered first."""
        self._one.stop(timeout)
        self._all.stop(timeout)

    @property
    def beat(self) -> float:
        """time.monotonic() of the last sign of life of both."""
        return min(self._one.beat, self._all.beat)

    def pass_of(self, person: str, done: Callable[[Pass | None], None]) -> None:
        """What the campus knows of a person or a visit (its id); None = nobody of this id, or no data at all."""
        self._one.ask(lambda: self._pass(person), lambda: None, done)

    def rules(self, done: Callable[[Rules], None]) -> None:
        """The row of this gate, else the one for every gate, else the built-in ones.

        When they cannot be read, those that were answered last.
        """
        self._one.ask(self._rules_now, lambda: self._rules, done)

    def lesson(self, room: str, done: Callable[[Lesson | None, frozenset[str]], None]) -> None:
        """The lesson in this room now, or within 20 minutes, and who has signed in to it here."""
        nothing: tuple[Lesson | None, frozenset[str]] = (None, frozenset())
        self._one.ask(lambda: self._lesson(room), lambda: nothing, lambda answer: done(*answer))

    def note_passage(self, person: str, inside: bool, at: float) -> None:
        """Remember which way a person, or a visitor, went. `at`: Unix seconds."""
        self._one.ask(lambda: self._note(person, inside, at), lambda: None, lambda _: None)

    def gallery(self, model: str, done: Callable[[Ids | None, Vectors], None]) -> None:
        """Whose face may be recognised: a person id for each row, and the rows, float32 of shape (rows, length).

        Templates of this model out of the feed and of this terminal's own enrolments, without those of people who
        withdrew or whose pass is revoked. Shape (0, 0) when there are none, and with None when they cannot be read.
        """

        def told(found: tuple[Ids, Vectors] | None) -> None:
            done(*(found or (None, np.empty((0, 0), np.float32))))
            if found and found[0]:
                # whoever types the end of their number finds it read already
                self._all.ask(lambda: self._ending(""), frozenset, lambda _: None)

        self._all.ask(lambda: self._gallery(model), lambda: None, told)

    def look_ahead(self) -> None:
        """Templates came and others follow: those are read meanwhile, so that few are left once all are here."""
        if not self._ahead:
            self._ahead = True
            self._all.ask(self._look_ahead, lambda: None, lambda _: None)

    def among(self, room: str, done: Callable[[frozenset[str]], None]) -> None:
        """Who may be looked for by face alone: the class in this room, or without a room whose batch's time is now."""
        self._all.ask(lambda: self._among(room), frozenset, done)

    def numbers_ending(self, tail: str, done: Callable[[frozenset[str]], None]) -> None:
        """The people whose student or staff number ends so; nobody for ""."""
        self._all.ask(lambda: self._ending(tail), frozenset, done)

    # --- on the thread for single people ------------------------------------------------------------------------

    def _pass(self, person: str) -> Pass | None:
        db = self._one.cache()
        row = cache.row_of(db, self._vault, "persons", person, PersonRow)
        if row is None:
            visit = cache.row_of(db, self._vault, "visits", person, VisitRow)
            return self._visitor(db, person, visit) if visit else None
        known = cache.row_of(db, self._vault, "passes", person, PassRow)
        as_of = max(known.as_of if known else 0.0, cache.confirmed(db, "passes"))
        plain = Pass(person, row.name, Role(row.role), as_of, enrolled=self._enrolled(db, person))
        return self._filled(plain, known) if known else self._filled(plain, PassRow(role=row.role, as_of=0.0))

    def _filled(self, plain: Pass, row: PassRow) -> Pass:
        now = self._clock.now()
        return Pass(
            plain.person,
            plain.name,
            plain.role,
            plain.as_of,
            row.revoked,
            _window(row, now),
            row.declared,
            row.checked_in,
            row.healthy,
            self._inside(plain.person, row.inside, row.moved, now),
            plain.enrolled,
        )

    def _visitor(self, db: sqlite3.Connection, visit: str, row: VisitRow) -> Pass:
        now = self._clock.now()
        errand = Visit(visit, row.name, row.host, tuple(row.gates), row.begins, row.ends)
        inside = self._inside(visit, True if row.used else None, 1.0, now, always=True)
        as_of = cache.confirmed(db, "visits")
        return Pass(visit, row.name, None, as_of, row.revoked, inside=inside, visit=errand)

    def _inside(self, who: str, told: bool | None, moved: float, now: float, *, always: bool = False) -> bool | None:
        """The newer word of this lane and of all lanes, unless it is too old to rely on (`always`: the centre's)."""
        query = "SELECT inside, at FROM passages WHERE owner = ?"
        here = self._one.journal().execute(query, (self._tag(who),)).fetchone()
        words = [(here[1], bool(here[0]))] if here and _recent(here[1], now) else []
        if told is not None and (always or _recent(moved, now)):
            words.append((moved, told))
        return max(words)[1] if words else None

    def _enrolled(self, db: sqlite3.Connection, person: str) -> bool:
        model, owner, journal = self._config.face.embedder, self._vault.tag("person", person), self._one.journal()
        ended = owntemplates.withdrawn_at(journal, owner)
        row = cache.row_of(db, self._vault, "templates", person, TemplateRow)
        if row is not None and row.model == model and row.enrolled_at > ended:
            return True
        told = cache.confirmed(db, "templates")
        mine = owntemplates.rows(journal, self._vault, owner)
        return any(own.counts(ended, told) and own.body.model == model for own in mine)

    def _rules_now(self) -> Rules:
        db = self._one.cache()
        for gate in (self._config.gate.gate, EVERY_GATE):
            row = cache.row_of(db, self._vault, "rules", gate, RulesRow)
            if row is not None:
                self._rules = _rules(row, cache.rev_of(db, "rules", gate), cache.confirmed(db, "rules"))
                return self._rules
        self._rules = BUILT_IN
        return self._rules

    def _lesson(self, room: str) -> tuple[Lesson | None, frozenset[str]]:
        lesson = self._lesson_now(self._one.cache(), room)
        if lesson is None:
            return None, frozenset()
        # the key of a sign-in names lesson and person
        start = f"att:{lesson.id}:"
        query = "SELECT key FROM outbox WHERE key >= ? AND key < ? AND state != 'dead'"
        found = self._one.journal().execute(query, (start, start[:-1] + ";")).fetchall()
        return lesson, frozenset(key.removeprefix(start) for (key,) in found)

    def _lesson_now(self, db: sqlite3.Connection, room: str) -> Lesson | None:
        """The one that began last; else the one that begins next."""
        now = self._clock.now()
        rows = cache.rows_by_id(db, self._vault, "lessons", LessonRow)
        near = [(lid, row) for lid, row in rows if row.room == room and row.begins - EARLY_S <= now < row.ends]
        near.sort(key=lambda each: (each[1].begins > now, abs(each[1].begins - now), each[0]))
        if not near:
            return None
        lid, row = near[0]
        return Lesson(lid, row.zh, row.room, row.begins, row.ends, frozenset(row.members))

    def _note(self, person: str, inside: bool, at: float) -> None:
        with transaction(self._one.journal()) as db:
            db.execute("DELETE FROM passages WHERE at < ?", (at - 2 * PASSAGE_S,))
            db.execute("INSERT OR REPLACE INTO passages VALUES (?, ?, ?)", (self._tag(person), inside, at))

    # --- on the thread for everybody ----------------------------------------------------------------------------

    def _gallery(self, model: str) -> tuple[Ids, Vectors]:
        db, journal = self._all.cache(), self._all.journal()
        ended = owntemplates.withdrawn(journal)
        faces = {person: face for person, face in self._faces.rows(db).items() if face.model == model}
        mine, told = list(owntemplates.rows(journal, self._vault)), cache.confirmed(db, "templates")
        known = self._numbers.rows(db) if mine else {}
        for own in mine:
            person, at = own.body.person, own.body.consent.at
            if own.body.model != model or person not in known or not own.counts(0.0, told):
                continue
            if person not in faces or faces[person].at < at:
                faces[person] = _face(model, at, unpack_all([(own.body.vectors, own.body.rows)])[0])
        revoked = {person for person, times in self._times.rows(db).items() if times.revoked}
        return _stacked({p: f for p, f in faces.items() if p not in revoked and not self._over(p, f, ended)})

    def _look_ahead(self) -> None:
        self._ahead = False
        self._faces.rows(self._all.cache())

    def _over(self, person: str, face: _Face, ended: dict[bytes, float]) -> bool:
        return bool(ended) and face.at <= ended.get(self._tag(person), 0.0)

    def _among(self, room: str) -> frozenset[str]:
        db, now = self._all.cache(), self._clock.now()
        if room:
            lesson = self._lesson_now(db, room)
            return lesson.members if lesson else frozenset()
        times = self._times.rows(db).items()
        return frozenset(p for p, t in times if not t.revoked and any(b <= now <= e for b, e in t.windows))

    def _ending(self, tail: str) -> frozenset[str]:
        numbers = self._numbers.rows(self._all.cache())
        return frozenset(person for person, number in numbers.items() if tail and number.endswith(tail))

    def _tag(self, person: str) -> bytes:
        return self._vault.tag("person", person)


def _recent(at: float, now: float) -> bool:
    """Neither too old nor from a clock that was wrong."""
    return now - PASSAGE_S <= at <= now + 900.0


def _window(row: PassRow, now: float) -> Window | None:
    """The one that is now, else the next to come, else the last that was."""
    windows = sorted((window.begins, window.ends) for window in row.windows)
    if not windows:
        return None
    running = [each for each in windows if each[0] <= now <= each[1]]
    coming = [each for each in windows if each[0] > now]
    begins, ends = (running or coming or windows[-1:])[0]
    return Window(row.batch, begins, ends)


def _rules(row: RulesRow, rev: int, confirmed: float) -> Rules:
    """`issued` is when the centre last said that they hold, not when somebody wrote them."""
    known = {check.value: check for check in Check}
    if strange := [each.check for each in row.checks if each.check not in known]:
        log.event("rules_not_known_here", count=len(strange))
    checks = {known[each.check]: Rule(each.order, each.hardness) for each in row.checks if each.check in known}
    return Rules(
        row.way,
        checks,
        row.limit,
        row.between,
        row.no_reading,
        row.no_face,
        row.head_turn,
        max(row.issued, confirmed),
        row.max_age_s,
        row.data_age_s,
        rev,
    )


def _times(some: Sequence[tuple[str, PassRow]]) -> dict[str, _Times]:
    return {
        person: _Times(row.revoked, tuple((window.begins, window.ends) for window in row.windows))
        for person, row in some
    }


def _faces(some: Sequence[tuple[str, TemplateRow]]) -> dict[str, _Face]:
    """Templates that are none leave the person without a face."""
    found = unpack_all([(row.vectors, row.rows) for _, row in some])
    return {person: _face(row.model, row.enrolled_at, each) for (person, row), each in zip(some, found, strict=True)}


def _face(model: str, at: float, found: Halves | ValueError) -> _Face:
    if isinstance(found, ValueError):
        log.event("template_unreadable")
        return _Face("", at, np.empty((0, 0), np.float16))
    return _Face(model, at, found)


def _stacked(faces: dict[str, _Face]) -> tuple[Ids, Vectors]:
    """One length for all: the commonest; a row of another length cannot be of this network."""
    lengths = Counter(face.vectors.shape[1] for face in faces.values())
    if not lengths:
        return (), np.empty((0, 0), np.float32)
    length = lengths.most_common(1)[0][0]
    good = sorted(person for person, face in faces.items() if face.vectors.shape[1] == length)
    ids = _repeated((person, len(faces[person].vectors)) for person in good)
    rows, at = np.empty((len(ids), length), np.float32), 0
    # row by row: all at once would keep the interpreter from every other thread meanwhile
    for person in good:
        vectors = faces[person].vectors
        rows[at : at + len(vectors)] = vectors
        at += len(vectors)
    return ids, rows


def _repeated(counted: Iterable[tuple[str, int]]) -> Ids:
    return tuple(person for person, times in counted for _ in range(times))
