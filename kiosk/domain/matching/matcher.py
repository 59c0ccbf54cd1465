"""Whose face it is: one person's claim checked, or one of several found; or why nobody."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from kiosk.domain.matching.adapt import Adaptation, fit
from kiosk.domain.matching.gallery import Gallery, Vectors, usable
from kiosk.domain.matching.limits import Limits
from kiosk.domain.matching.match import Doubt, Match
from kiosk.domain.matching.search import Index

MOST_PROBES = 5
SELECTIONS = 4
"""Sets of people whose rows are kept ready: the batch of the hour, a class."""
OUT_OF_REACH = 4.0
"""At least 3 from any unit vector; adapted distances end at 2."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of the people: `rows[i]` is where row i of the index is among all."""

    index: Index
    rows: tuple[int, ...] | range


class Matcher:
    """Compares probes with a gallery; one instance a gallery. Not for several threads at once.

    A person is the mean of their templates: measured, that is better than the nearest template. With `limits.least`
    people or more the scores are adapted to them, below that raw. Probes are embeddings of one face in good frames,
    each the mean of picture and mirror image, shape (k, length) or (length,), float32; of more than 5 the last 5 count.
    Another length raises ValueError; a probe that is not finite or all zero confirms nobody.
    """

    def __init__(self, gallery: Gallery, limits: Limits | None = None) -> None:
        self.gallery, self.limits = gallery, limits or Limits()
        self.persons = gallery.persons
        self._row = {person: row for row, person in enumerate(self.persons)}
        means, self._photos = gallery.means()
        self.adaptation: Adaptation | None = fit(means) if len(means) >= self.limits.least else None
        rows = _placed(self.adaptation.apply(means)) if self.adaptation else means
        self._all = _Part(Index(rows), range(len(rows))) if len(rows) else None
        self._parts: OrderedDict[frozenset[str], _Part | None] = OrderedDict()

    @property
    def adapted(self) -> bool:
        """In which of the two scales the scores are."""
        return self.adaptation is not None

    def verify(self, person: str, probes: Vectors, track: int = 0) -> Match:
        """Whether it is this person, who came with a code or a card; nobody else is looked at."""
        row = self._row.get(person)
        if row is None or self._all is None:
            return Match(track, doubt=Doubt.NO_TEMPLATE, adapted=self.adapted)
        probe, frames = self._probe(probes)
        if probe is None:
            return Match(track, doubt=Doubt.NO_GOOD_FRAME, gallery=1, adapted=self.adapted)
        return self._judge(track, [(row, self._all.index.distance(row, probe))], 1, frames)

    def identify(self, probes: Vectors, track: int = 0, among: frozenset[str] | None = None) -> Match:
        """Who of all, or of `among` (names without a template are passed over), it is.

        The limit goes by the number of people searched. NOT_ENROLLED: there was nobody to search.
        """
        part = self._all if among is None else self._select(among)
        if part is None:
            return Match(track, doubt=Doubt.NOT_ENROLLED, adapted=self.adapted)
        probe, frames = self._probe(probes)
        if probe is None:
            return Match(track, doubt=Doubt.NO_GOOD_FRAME, gallery=len(part.rows), adapted=self.adapted)
        near = [(part.rows[found.row], found.distance) for found in part.index.nearest(probe)]
        return self._judge(track, near, len(part.rows), frames)

    def alike(self, probes: Vectors) -> list[tuple[str, float]]:
        """Everybody whose face may be this one, (person, distance), nearest first: the check before an enrolment.

        The limit is that of the whole gallery without caution for few pictures. Empty for an unusable probe, too.
        """
        probe, _ = self._probe(probes)
        if probe is None or self._all is None:
            return []
        limit = self.limits.limit(len(self.persons), self.adapted)
        return [(self.persons[near.row], near.distance) for near in self._all.index.within(probe, limit)]

    def _judge(self, track: int, near: list[tuple[int, float]], searched: int, frames: int) -> Match:
        (row, score), second = near[0], near[1][1] if len(near) > 1 else float("inf")
        limit = self.limits.limit(searched, self.adapted, int(self._photos[row]), frames)
        doubt = Doubt.NONE
        if not score <= limit:
            doubt = Doubt.TOO_FAR
        elif not second - score >= self.limits.margin(self.adapted):
            doubt = Doubt.TWO_ALIKE
        person = "" if doubt else self.persons[row]
        return Match(track, person, doubt, score, limit, second, frames, searched, self.adapted)

    def _probe(self, probes: Vectors) -> tuple[Vectors | None, int]:
        """The fingerprint of the frames in the scale of the rows, and of how many frames it is."""
        rows = np.atleast_2d(np.asarray(probes, np.float32))[-MOST_PROBES:]
        if rows.ndim != 2 or (rows.size and rows.shape[1] != self.gallery.vectors.shape[1]):
            raise ValueError(f"probes of shape {np.shape(probes)} for templates of {self.gallery.vectors.shape[1]}")
        if not rows.size or not usable(rows).all():
            return None, 0
        mean = rows.mean(axis=0, keepdims=True)
        probe = self.adaptation.apply(mean) if self.adaptation else mean
        return (probe[0], len(rows)) if usable(probe).all() else (None, 0)

    def _select(self, among: frozenset[str]) -> _Part | None:
        """These people's rows, kept for the next face that is looked for among the same."""
        if among in self._parts:
            self._parts.move_to_end(among)
            return self._parts[among]
        rows = tuple(sorted(self._row[person] for person in among if person in self._row))
        part = _Part(Index(self._all.index.vectors(list(rows))), rows) if rows and self._all else None
        self._parts[among] = part
        if len(self._parts) > SELECTIONS:
            self._parts.popitem(last=False)
        return part


def _placed(rows: Vectors) -> Vectors:
    """Rows without a direction out of everybody's reach: all zero they would be 1.0 from any face, which is near."""
    lost = ~rows.any(axis=1)
    rows[lost, 0] = OUT_OF_REACH
    return rows
