"""The looks that are open: whose face it is, whether the head turns, a portrait; each answered once, in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from devices.face import wire
from devices.face.liveness import HeadTurn
from devices.face.network import Vectors
from devices.face.pipeline import Step
from devices.face.portrait import Portrait
from kiosk.domain.faces import Liveness
from kiosk.domain.matching import Doubt, Match, Matcher

FRESH_S = 1.0
"""A face that was embedded so lately is still the same without another embedding."""


class Source(Protocol):
    """What looks need of the pipeline."""

    @property
    def probes(self) -> Vectors: ...

    @property
    def doubted(self) -> bool: ...

    def again(self) -> None: ...

    def decided(self) -> None: ...

    def portrait(self, step: Step) -> Portrait | None: ...


@dataclass(slots=True)
class _Comparison:
    ask: wire.Verify | wire.Identify
    until: float
    best: Match | None = None


class Looks:
    """`answer(kind, look, value)` is called from within `ask` and `see`. Times: the clock of the pictures."""

    def __init__(self, source: Source, answer: Callable[[str, int, Match | Liveness | Portrait | None], None]) -> None:
        self._source, self._answer = source, answer
        self._matcher: Matcher | None = None
        self._comparisons: dict[int, _Comparison] = {}
        self._turns: dict[int, HeadTurn] = {}
        self._portraits: dict[int, float] = {}
        self._track, self._embedded = 0, float("-inf")

    @property
    def open(self) -> bool:
        """Whether anything is asked."""
        return bool(self._comparisons or self._turns or self._portraits)

    def load(self, matcher: Matcher | None) -> None:
        """The people from now on; None: nobody can be told."""
        self._matcher = matcher

    def ask(self, look: wire.Look, at: float) -> None:
        """Open a look; one of the same kind and number is replaced."""
        until = at + look.seconds
        match look:
            case wire.Turn(look=number, side=side):
                self._turns[number] = HeadTurn(side, until)
            case wire.TakePortrait(look=number):
                self._portraits[number] = until
            case wire.Verify() | wire.Identify():
                self._comparisons[look.look] = comparison = _Comparison(look, until)
                self._source.again()
                self._compare(comparison, self._source.probes if self._fresh(at) else self._source.probes[:0], at)

    def drop(self, look: int) -> None:
        """Forget it, whatever its kind; it is not answered."""
        for open_looks in (self._comparisons, self._turns, self._portraits):
            open_looks.pop(look, None)

    def see(self, step: Step, at: float) -> None:
        """After each picture, and now and then without one."""
        if step.gone:
            self._ended(step.gone)
        if step.sight is not None:
            self._track = step.sight.track
        if step.probe is not None:
            self._embedded = at
        for comparison in list(self._comparisons.values()):
            self._compare(comparison, self._source.probes if step.probe is not None else self._source.probes[:0], at)
        self._watch_turns(step, at)
        self._take_portraits(step, at)

    def _ended(self, track: int) -> None:
        self._track, self._embedded = 0, float("-inf")
        for comparison in self._comparisons.values():
            comparison.best = None
        for number, turn in list(self._turns.items()):
            verdict = turn.gone(track)
            if verdict is not None:
                self._tell_turn(number, verdict)

    def _fresh(self, at: float) -> bool:
        return at - self._embedded <= FRESH_S and not self._source.doubted

    def _compare(self, comparison: _Comparison, probes: Vectors, at: float) -> None:
        match = self._match(comparison.ask, probes)
        if match.person:
            self._source.decided()
        elif match.doubt in (Doubt.TOO_FAR, Doubt.TWO_ALIKE):
            match = comparison.best = _nearer(comparison.best, match)
            self._source.again()
        if match.person or match.doubt in (Doubt.NO_TEMPLATE, Doubt.NOT_ENROLLED):
            self._tell(comparison, match)
        elif at >= comparison.until:
            self._tell(comparison, comparison.best or match)

    def _match(self, ask: wire.Verify | wire.Identify, probes: Vectors) -> Match:
        if self._matcher is None:
            return Match(self._track, doubt=Doubt.NO_TEMPLATE if isinstance(ask, wire.Verify) else Doubt.NOT_ENROLLED)
        if isinstance(ask, wire.Verify):
            return self._matcher.verify(ask.person, probes, self._track)
        return self._matcher.identify(probes, self._track, ask.among)

    def _tell(self, comparison: _Comparison, match: Match) -> None:
        self._comparisons.pop(comparison.ask.look, None)
        self._answer(wire.MATCH, comparison.ask.look, match)

    def _watch_turns(self, step: Step, at: float) -> None:
        for number, turn in list(self._turns.items()):
            verdict = turn.see(step.sight, at, sure=not self._source.doubted)
            if verdict is not None:
                self._tell_turn(number, verdict)

    def _tell_turn(self, number: int, verdict: Liveness) -> None:
        del self._turns[number]
        self._answer(wire.TURN, number, verdict)

    def _take_portraits(self, step: Step, at: float) -> None:
        if not self._portraits:
            return
        portrait = None if self._source.doubted else self._source.portrait(step)
        for number, until in list(self._portraits.items()):
            if portrait is not None or at >= until:
                del self._portraits[number]
                self._answer(wire.PORTRAIT, number, portrait)


def _nearer(one: Match | None, other: Match) -> Match:
    """Of two doubts the one that was nearer to being none; the newer one of equals."""
    return one if one is not None and one.score - one.limit < other.score - other.limit else other
