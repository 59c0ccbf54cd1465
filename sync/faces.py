"""Faces on record: enrolled and withdrawn in one transaction each, here at once and at the centre when it is heard."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kiosk import log
from kiosk.clock import Clock
from kiosk.domain.faults import Fault
from sync import cache, outbox, owntemplates
from sync.records import Committed, NewEvent, Refused, Stamp, checked
from sync.store import reader, transaction, truncate_log
from sync.vault import Vault
from sync.vectors import Vectors, pack
from sync.wire_gate import FaceEnrolled, FaceWithdrawn, TemplateRow


@dataclass(frozen=True, slots=True)
class Consent:
    """What was agreed to: version of the text, when (Unix seconds), its language, how the person was identified."""

    version: str
    at: float
    language: str = "zh"
    factors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A face is on record. `since`: Unix seconds of the consent, `consent` its version, `model` the network's name."""

    consent: str
    since: float
    model: str


class Writer(Protocol):
    """The journal: one thread that writes."""

    def act(
        self, work: Callable[[sqlite3.Connection, Stamp], None], failed: Callable[[Fault], None], kind: str = ""
    ) -> None: ...
    def leave_no_traces(self) -> None: ...


class FaceStore:
    """Every method returns at once; each `done` is called on the journal's thread.

    `forget(person)` orders the sync process to drop the person's templates from cache.db.
    """

    def __init__(
        self, journal: Writer, cache_path: Path, vault: Vault, clock: Clock, forget: Callable[[str], None]
    ) -> None:
        self._journal, self._cache_path, self._vault, self._clock = journal, cache_path, vault, clock
        self._forget = forget

    def enrol(
        self,
        person: str,
        model: str,
        consent: Consent,
        vectors: Vectors,
        key: str,
        done: Callable[[Committed | Refused], None],
        poses: tuple[str, ...] = (),
    ) -> None:
        """Commit templates of shape (1…5, length), float32; they count here from then on.

        The same key again answers with what is stored. Raises ValueError for what no centre would take.
        """
        body = _enrolled(person, model, consent, vectors, poses)
        event = checked(NewEvent(key, _stream(person), owntemplates.KIND, 1, body))

        def work(db: sqlite3.Connection, stamp: Stamp) -> None:
            with transaction(db):
                answer = outbox.add(db, self._vault, event, stamp)
                if not answer.existed:
                    owntemplates.keep(db, self._vault, event, consent.at)
            done(answer)

        self._journal.act(work, lambda fault: done(Refused(key, fault)), owntemplates.KIND)

    def withdraw(self, person: str, key: str, done: Callable[[Committed | Refused], None]) -> None:
        """Delete everything of this person's face here, and have it deleted elsewhere.

        An enrolment that was not sent yet is settled without its templates. Raises ValueError for a bad key or id.
        """
        FaceWithdrawn(person=person)
        checked(NewEvent(key, _stream(person), "face.withdrawn", 1, {}))

        def work(db: sqlite3.Connection, stamp: Stamp) -> None:
            found = self._enrolment(db, person)
            body = FaceWithdrawn(person=person, consent=found.consent if found else "").model_dump()
            with transaction(db):
                answer = outbox.add(db, self._vault, NewEvent(key, _stream(person), "face.withdrawn", 1, body), stamp)
                if not answer.existed:
                    owntemplates.withdraw(db, self._vault.tag("person", person), stamp.at)
            if not truncate_log(db):
                self._journal.leave_no_traces()
            done(answer)
            self._forget(person)

        self._journal.act(work, lambda fault: done(Refused(key, fault)), "face.withdrawn")

    def status(self, person: str, done: Callable[[Enrolment | None], None]) -> None:
        """Whether a face is on record; None also when the journal cannot be read."""
        self._journal.act(lambda db, _: done(self._enrolment(db, person)), lambda _: done(None))

    def _enrolment(self, db: sqlite3.Connection, person: str) -> Enrolment | None:
        owner = self._vault.tag("person", person)
        copy, told = self._copy(person)
        ended = owntemplates.withdrawn_at(db, owner)
        found = [
            Enrolment(own.body.consent.version, own.body.consent.at, own.body.model)
            for own in owntemplates.rows(db, self._vault, owner)
            if own.counts(ended, told)
        ]
        if copy is not None and copy.enrolled_at > ended:
            found.append(Enrolment(copy.consent, copy.enrolled_at, copy.model))
        return max(found, key=lambda each: each.since, default=None)

    def _copy(self, person: str) -> tuple[TemplateRow | None, float]:
        """The centre's row and the moment up to which its feed is known."""
        try:
            db = reader(self._cache_path)
            try:
                found = cache.row_of(db, self._vault, "templates", person, TemplateRow)
                return found, cache.confirmed(db, "templates")
            finally:
                db.close()
        except sqlite3.Error as error:
            log.event("desk_cannot_look", reason=getattr(error, "sqlite_errorname", type(error).__name__))
            return None, 0.0


def _stream(person: str) -> str:
    """Enrolments and withdrawals of one person go out in their order."""
    return f"face:{person}"


def _enrolled(person: str, model: str, consent: Consent, vectors: Vectors, poses: tuple[str, ...]) -> dict[str, Any]:
    agreed = {"version": consent.version, "language": consent.language, "at": consent.at}
    body: dict[str, Any] = {"person": person, "model": model, "consent": {**agreed, "factors": list(consent.factors)}}
    body |= {"rows": len(vectors), "vectors": pack(vectors), "poses": list(poses)}
    return FaceEnrolled.model_validate(body).model_dump(mode="json")
