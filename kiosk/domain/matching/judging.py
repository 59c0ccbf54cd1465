"""How well a model tells one's own people apart: trials from their pictures, true accepts and false matches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.matching.adapt import fit
from kiosk.domain.matching.gallery import Vectors
from kiosk.domain.matching.limits import Limits

Distances = NDArray[np.float64]

ROUNDS = 20
MOST_COMPARISONS = 2_000_000
FOLDS = 10
FEWEST_PEOPLE = 4
"""Half of them against the other half still leaves a second-best."""
FEWEST_MATCHES = 10
"""False matches below a threshold that it takes to call their share measured."""


@dataclass(frozen=True, eq=False)
class Trials:
    """Distances of many trials with `photos` enrolled and `frames` shown, in one scale.

    `genuine` (t,): to the own template; `rival` (t,): to the nearest other one in the same gallery of `people`.
    `impostor` (n,), rising: of people who are not in the gallery to each who is. `outsider` (u, 2): of the same to the
    nearest and second nearest.
    """

    photos: int
    frames: int
    adapted: bool
    people: int
    genuine: Distances
    rival: Distances
    impostor: Distances
    outsider: Distances

    def threshold(self, false_match: float) -> float | None:
        """The largest distance at which no larger share of impostors passes; None where there are too few of them."""
        passing = int(len(self.impostor) * false_match)
        return float(self.impostor[passing - 1]) if passing >= FEWEST_MATCHES else None

    def true_accept(self, limit: float) -> float:
        """Share of genuine trials within the limit."""
        return float(np.mean(self.genuine <= limit))

    def false_match(self, limit: float) -> float:
        """Share of impostor comparisons within the limit."""
        return float(np.searchsorted(self.impostor, limit, side="right") / max(1, len(self.impostor)))

    def identified(self, limit: float, margin: float) -> float:
        """Share of genuine trials in which the right one of all people is found."""
        return float(np.mean((self.genuine <= limit) & (self.rival - self.genuine >= margin)))

    def mistaken(self, limit: float, margin: float) -> float:
        """Share of genuine trials in which another person is found."""
        return float(np.mean((self.rival <= limit) & (self.genuine - self.rival >= margin)))

    def false_identified(self, limit: float, margin: float) -> float:
        """Share of trials of people who are not in the gallery in which somebody is found."""
        best, second = self.outsider[:, 0], self.outsider[:, 1]
        return float(np.mean((best <= limit) & (second - best >= margin)))

    def extrapolated_false_match(self, limit: float) -> float:
        """False match by a normal tail through what was measured between one in ten and the rarest that counts."""
        count = len(self.impostor)
        shares = np.geomspace(0.1, min(0.02, max(FEWEST_MATCHES / count, 1e-5)), 12)
        levels = [NormalDist().inv_cdf(float(share)) for share in shares]
        slope, start = np.polyfit(np.quantile(self.impostor, shares), levels, 1)
        return float(NormalDist().cdf(float(slope * limit + start)))


def enough(people: Mapping[str, Vectors], photos: int, frames: int) -> list[str]:
    """Who has pictures for such a trial."""
    return [person for person, vectors in people.items() if len(vectors) >= photos + frames]


def trials(
    people: Mapping[str, Vectors],
    strangers: Mapping[str, Vectors],
    photos: int,
    frames: int,
    adapted: bool,
    seed: int = 1,
    most_rounds: int = ROUNDS,
) -> Trials:
    """Draw photographs and frames of everybody who has enough of them, at least FEWEST_PEOPLE, again and again.

    Both scales draw the same for the same seed. A person is never their own gallery's stranger: impostors are the
    strangers with `frames` pictures, and each tenth of the people against a gallery, and its adaptation, of the others.
    Raises ValueError with too few people.
    """
    able = enough(people, photos, frames)
    if len(able) < FEWEST_PEOPLE:
        raise ValueError(f"{len(able)} people with {photos + frames} pictures are too few")
    rng = np.random.default_rng(seed)
    outside = [vectors for vectors in strangers.values() if len(vectors) >= frames]
    rounds = min(most_rounds, max(1, MOST_COMPARISONS // (len(able) * (len(able) + len(outside)))))
    drawn = [_round([people[person] for person in able], outside, photos, frames, adapted, rng) for _ in range(rounds)]
    genuine, rival, impostor, outsider = (np.concatenate(part) for part in zip(*drawn, strict=True))
    return Trials(photos, frames, adapted, len(able), genuine, rival, np.sort(impostor), outsider)


def _round(
    people: list[Vectors], outside: list[Vectors], photos: int, frames: int, adapted: bool, rng: np.random.Generator
) -> tuple[Distances, Distances, Distances, Distances]:
    picks = [vectors[rng.permutation(len(vectors))[: photos + frames]] for vectors in people]
    templates = np.array([pick[:photos].mean(axis=0) for pick in picks])
    probes = np.array([pick[photos:].mean(axis=0) for pick in picks])
    unknown = [vectors[rng.permutation(len(vectors))[:frames]].mean(axis=0) for vectors in outside]
    folds = rng.permutation(len(people)) % min(FOLDS, len(people) // 2)
    between = _distances(probes, templates, adapted)
    genuine = between.diagonal().copy()
    np.fill_diagonal(between, np.inf)
    tables = [_distances(np.array(unknown), templates, adapted)] if unknown else []
    for fold in range(int(folds.max()) + 1):
        tables.append(_distances(probes[folds == fold], templates[folds != fold], adapted))
    nearest = np.concatenate([np.sort(table, axis=1)[:, :2] for table in tables if table.size])
    return genuine, between.min(axis=1), np.concatenate([table.ravel() for table in tables]), nearest


def _distances(probes: Vectors, templates: Vectors, adapted: bool) -> Distances:
    if adapted:
        scale = fit(templates)
        probes, templates = scale.apply(probes), scale.apply(templates)
    rows = [np.sqrt(((templates - probe) ** 2).sum(axis=1)) for probe in probes.astype(np.float64)]
    return np.array(rows).reshape(len(probes), len(templates))


@dataclass(frozen=True, slots=True)
class OneOfMany:
    """What to expect of a search among so many people, at the limit and margin that the terminal uses there.

    `extrapolated`: only smaller galleries could be tried; `found` then leaves the margin out of account and
    `false_found` follows from the tail of the false matches.
    """

    people: int
    limit: float
    found: float
    mistaken: float | None
    false_found: float
    extrapolated: bool


def one_of_many(trials: Trials, limits: Limits, people: int) -> OneOfMany:
    """Measured for the number of people in the trials, extrapolated for every other."""
    limit = limits.limit(people, trials.adapted, trials.photos, trials.frames)
    margin = limits.margin(trials.adapted)
    if people == trials.people:
        found, mistaken = trials.identified(limit, margin), trials.mistaken(limit, margin)
        return OneOfMany(people, limit, found, mistaken, trials.false_identified(limit, margin), False)
    false_found = 1 - (1 - trials.extrapolated_false_match(limit)) ** people
    return OneOfMany(people, limit, trials.true_accept(limit), None, false_found, True)
