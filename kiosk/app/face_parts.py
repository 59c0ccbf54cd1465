"""What the handlers for faces need of the adapters around them, and what they keep of a photograph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sync.desk import Admitted, NotAdmitted
from sync.faces import Consent, Enrolment
from sync.journal import Committed, Refused

Vectors = NDArray[np.float32]
People = frozenset[str]
Done = Callable[[Committed | Refused], None]


class Portrait(Protocol):
    """One photograph as the recogniser hands it over; of it only the template is kept."""

    @property
    def track(self) -> int: ...
    @property
    def turn(self) -> float: ...
    @property
    def template(self) -> Vectors: ...
    @property
    def model(self) -> str: ...


class Recogniser(Protocol):
    """`look` numbers what is asked; each is answered once, on the recogniser's thread."""

    def verify(self, look: int, person: str, seconds: float) -> None: ...
    def identify(self, look: int, among: People | None, seconds: float) -> None: ...
    def portrait(self, look: int, seconds: float) -> None: ...
    def drop(self, look: int) -> None: ...


class Store(Protocol):
    """Faces on record."""

    def enrol(
        self,
        person: str,
        model: str,
        consent: Consent,
        vectors: Vectors,
        key: str,
        done: Done,
        poses: tuple[str, ...] = (),
    ) -> None: ...
    def withdraw(self, person: str, key: str, done: Done) -> None: ...
    def status(self, person: str, done: Callable[[Enrolment | None], None]) -> None: ...


class Known(Protocol):
    """Who could be meant, and everybody's templates."""

    def numbers_ending(self, tail: str, done: Callable[[People], None]) -> None: ...
    def gallery(self, model: str, done: Callable[[tuple[str, ...] | None, Vectors], None]) -> None: ...


class Desk(Protocol):
    """Who somebody is that was recognised."""

    def recognised(self, person_id: str, done: Callable[[Admitted | NotAdmitted], None]) -> None: ...


@dataclass(frozen=True, slots=True)
class Template:
    """What is left of a photograph."""

    model: str
    vector: Vectors
