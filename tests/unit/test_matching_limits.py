"""Galleries take only sound templates; limits get stricter with more people and never looser with fewer pictures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.matching import Gallery, Limits
from tests.unit.matching_kit import LENGTH, Vectors, faces, gallery, name

PEOPLE = faces(60, seed=1)


# --- gallery -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "vectors", "why"),
    [
        (("a",), np.ones((2, 4), np.float32), "1 ids"),
        (("a",), np.ones(4, np.float32), "shape"),
        (("a",), np.ones((1, 4)), "float64"),
        (("",), np.ones((1, 4), np.float32), "without a person"),
        (("a", "b"), np.array([[1, 1], [1, np.nan]], np.float32), "template of b"),
        (("a",), np.array([[1, np.inf]], np.float32), "template of a"),
        (("a",), np.zeros((1, 4), np.float32), "template of a"),
    ],
)
def test_gallery_refuses_what_is_no_template(ids: tuple[str, ...], vectors: Vectors, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Gallery(ids, vectors, "m")


def test_gallery_without_people_has_neither_name_nor_template_of_them() -> None:
    rest = gallery(PEOPLE[:3], photos=2).without({name(1), "nobody"})
    assert rest.ids == (name(0), name(0), name(2), name(2))
    assert rest.vectors.shape == (4, LENGTH)
    assert rest.persons == (name(0), name(2))


def test_templates_of_a_person_are_averaged_wherever_they_stand() -> None:
    vectors = np.array([[1, 0], [5, 5], [3, 0], [2, 0]], np.float32)
    means, count = Gallery(("a", "b", "a", "a"), vectors, "m").means()
    assert means.tolist() == [[2, 0], [5, 5]]
    assert count.tolist() == [3, 1]


# --- limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "limit"), [(1, 1.013), (200, 0.88), (2_000, 0.82), (20_000, 0.76), (200_000, 0.70)])
def test_adapted_limits_are_the_measured_ones_and_go_on(size: int, limit: float) -> None:
    assert Limits().limit(size, adapted=True) == pytest.approx(limit)


@settings(deadline=None)
@given(st.integers(1, 10**9), st.integers(1, 10**9), st.booleans(), st.integers(1, 5), st.integers(1, 5))
def test_limit_never_gets_looser_with_more_people(a: int, b: int, adapted: bool, photos: int, frames: int) -> None:
    small, big = sorted((a, b))
    assert Limits().limit(big, adapted, photos, frames) <= Limits().limit(small, adapted, photos, frames) + 1e-12


@settings(deadline=None)
@given(st.integers(1, 10**7), st.integers(1, 5), st.integers(1, 5))
def test_adapted_limit_is_no_looser_with_fewer_pictures(size: int, photos: int, frames: int) -> None:
    assert Limits().limit(size, True, photos, frames) <= Limits().limit(size, True)


def test_raw_limits_stay_far_below_the_unsafe_default() -> None:
    assert Limits().limit(1, adapted=False, photos=1, frames=1) == pytest.approx(0.39)
    assert Limits().limit(1, adapted=False) < 0.34
    assert Limits().limit(19, adapted=False) < 0.27


@pytest.mark.parametrize(
    "wrong",
    [
        {"adapted": ()},
        {"adapted": ((2, 1.0),)},
        {"adapted": ((1, 1.0), (1, 0.9))},
        {"adapted": ((1, 0.9), (200, 1.0))},
        {"raw": ((1, 0.0),)},
        {"raw": ((1, math.nan),)},
        {"raw_margin": -0.1},
        {"least": 1},
    ],
)
def test_limits_of_a_card_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"limits|margins"):
        Limits(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("nothing", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_no_limit_for_nobody_or_nothing(nothing: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="nobody"):
        Limits().limit(nothing[0], True, nothing[1], nothing[2])


def test_single_limit_holds_for_every_size() -> None:
    assert Limits(adapted=((1, 0.9),)).limit(5_000, adapted=True) == 0.9
