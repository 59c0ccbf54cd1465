"""What `face evaluate` tells: tables for the screen, figures as JSON, the DET plot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from devices.face.evaluate import FolderError, People
from kiosk.app.det_plot import Curve, draw
from kiosk.domain.matching import Limits
from kiosk.domain.matching.judging import FEWEST_PEOPLE, ROUNDS, OneOfMany, Trials, enough, one_of_many, trials

AVERAGED = ((1, 1), (1, 3), (3, 1), (2, 2), (3, 3))
"""Photographs enrolled and frames shown."""
SHARES = (0.01, 0.001, 0.0001)
SIZES = (200, 2_000, 20_000)
AT_RAW = (0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
AT_ADAPTED = (0.7, 0.76, 0.82, 0.88, 0.95, 1.013, 1.1)
NAMED = 20


@dataclass(frozen=True, slots=True)
class Run:
    """One kind of trial and what follows from it; `limit` is the terminal's for a claim of one person."""

    trials: Trials
    limit: float
    searches: tuple[OneOfMany, ...]


def judge(people: People, strangers: People, limits: Limits, most_rounds: int = ROUNDS) -> list[Run]:
    """Every kind of trial there are pictures for, raw and (from `limits.least` people on) adapted.

    Each drawn up to `most_rounds` times. Raises FolderError where there are too few people or pictures for any.
    """
    runs = []
    for photos, frames in AVERAGED:
        able = len(enough(people.vectors, photos, frames))
        for adapted in (False, True):
            if able >= (limits.least if adapted else FEWEST_PEOPLE):
                found = trials(people.vectors, strangers.vectors, photos, frames, adapted, most_rounds=most_rounds)
                runs.append(_run(found, limits))
    if not runs:
        able = len(enough(people.vectors, 1, 1))
        raise FolderError(f"{able} people with 2 usable pictures; it takes {FEWEST_PEOPLE} to judge anything")
    return runs


def _run(found: Trials, limits: Limits) -> Run:
    sizes = (found.people, *(size for size in SIZES if size > found.people))
    limit = limits.limit(1, found.adapted, found.photos, found.frames)
    return Run(found, limit, tuple(one_of_many(found, limits, size) for size in sizes))


def report(people: People, strangers: People, runs: Sequence[Run]) -> Iterator[str]:
    """The lines for the screen."""
    yield f"enrolled:  {len(people.vectors)} people, {people.usable} pictures with a usable face"
    yield f"strangers: {len(strangers.vectors)} people, {strangers.usable} pictures with a usable face"
    unusable = people.unusable + strangers.unusable
    yield f"left out:  {len(unusable)} pictures"
    for path, why in unusable:
        yield f"  {path.parent.name}/{path.name}: {why}"
    if not any(run.trials.adapted for run in runs):
        yield "Too few people to adapt the scores to them: raw scores only, as on the terminal."
    yield from _claims(runs)
    yield from _thresholds(runs)
    yield from _searches(runs)


def _claims(runs: Sequence[Run]) -> Iterator[str]:
    yield ""
    yield "1:1, one claim checked: true accept where so many comparisons with others match falsely (distance)"
    shares = "".join(f"{f'{share * 100:g} %':>16}" for share in SHARES)
    yield f"photos+frames  score    comparisons{shares}   at the terminal's limit: true accept, false match"
    for run in runs:
        found = run.trials
        cells = "".join(f"{_accept(found, share):>16}" for share in SHARES)
        own = f"{run.limit:.3f}: {found.true_accept(run.limit):.3f}, {found.false_match(run.limit):.5f}"
        yield f"{_kind(found)}{len(found.impostor):>13,}{cells}   {own}"


def _thresholds(runs: Sequence[Run]) -> Iterator[str]:
    most = runs[-1].trials.photos, runs[-1].trials.frames
    for run in runs:
        found = run.trials
        if (found.photos, found.frames) not in ((1, 1), most):
            continue
        at = AT_ADAPTED if found.adapted else AT_RAW
        yield ""
        yield f"{_kind(found)}  distance     " + "".join(f"{limit:>9g}" for limit in at)
        yield f"{'':22}  true accept  " + "".join(f"{found.true_accept(limit):>9.3f}" for limit in at)
        yield f"{'':22}  false match  " + "".join(f"{found.false_match(limit):>9.5f}" for limit in at)


def _searches(runs: Sequence[Run]) -> Iterator[str]:
    yield ""
    yield "1:N, one of many found, at the terminal's limit for N people"
    yield "photos+frames  score         N   limit   found  wrong person  stranger found"
    for run in runs:
        for search in run.searches:
            wrong = "-" if search.mistaken is None else f"{search.mistaken:.4f}"
            how = "extrapolated" if search.extrapolated else "measured"
            figures = f"{search.people:>9,}{search.limit:>8.3f}{search.found:>8.3f}{wrong:>14}"
            yield f"{_kind(run.trials)}{figures}{search.false_found:>16.5f}  {how}"
    yield "Extrapolated: found leaves the margin to the second-best out of account; stranger found follows from a"
    yield "normal tail of the false matches measured. It holds for people and pictures like these, not for others."


def _kind(found: Trials) -> str:
    return f"{found.photos} + {found.frames}          {'adapted' if found.adapted else 'raw':<7}"


def _accept(found: Trials, share: float) -> str:
    threshold = found.threshold(share)
    return "too few" if threshold is None else f"{found.true_accept(threshold):.3f} ({threshold:.3f})"


def write(out: Path, model: str, people: People, strangers: People, runs: Sequence[Run]) -> None:
    """`evaluation.json` and `det.png` into `out`. Raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    unusable = [{"picture": str(path), "why": why} for path, why in people.unusable + strangers.unusable]
    figures = {
        "model": model,
        "people": len(people.vectors),
        "pictures": people.usable,
        "strangers": len(strangers.vectors),
        "strangers_pictures": strangers.usable,
        "left_out": unusable,
        "runs": [_figures(run) for run in runs],
    }
    (out / "evaluation.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")
    most = runs[-1].trials.photos, runs[-1].trials.frames
    shown = [run for run in runs if (run.trials.photos, run.trials.frames) in ((1, 1), most)]
    draw([_curve(run, most) for run in shown], f"{model}: {len(people.vectors)} people enrolled", out / "det.png")


def _curve(run: Run, most: tuple[int, int]) -> Curve:
    found = run.trials
    name = f"{'adapted' if found.adapted else 'raw'}, {found.photos} photo{'s' if found.photos > 1 else ''}"
    name += f" + {found.frames} frame{'s' if found.frames > 1 else ''}"
    return Curve(name, found, run.limit, dashed=(found.photos, found.frames) != most)


def _figures(run: Run) -> dict[str, Any]:
    found, at = run.trials, AT_ADAPTED if run.trials.adapted else AT_RAW
    shares = {share: found.threshold(share) for share in SHARES}
    accepts = {share: None if limit is None else found.true_accept(limit) for share, limit in shares.items()}
    return {
        "photos": found.photos,
        "frames": found.frames,
        "adapted": found.adapted,
        "people": found.people,
        "genuine": len(found.genuine),
        "impostor": len(found.impostor),
        "at_false_match": [
            {"false_match": share, "distance": shares[share], "true_accept": accepts[share]} for share in SHARES
        ],
        "at_distance": [
            {"distance": limit, "true_accept": found.true_accept(limit), "false_match": found.false_match(limit)}
            for limit in sorted({*at, run.limit})
        ],
        "limit": run.limit,
        "searches": [asdict(search) for search in run.searches],
    }
