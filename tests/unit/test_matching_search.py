"""The search in stages finds exactly what looking at everything finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.matching.adapt import fit
from kiosk.domain.matching.search import BLOCK, COLUMNS, Index, Near
from tests.unit.matching_kit import Vectors, faces, pictures

CROWD = faces(6_000, seed=4)
SCALE = fit(CROWD)
ADAPTED = SCALE.apply(CROWD)
WHOLE, STAGED = Index(ADAPTED, above=10**9), Index(ADAPTED, above=100)


def brute(rows: Vectors, probe: Vectors) -> list[Near]:
    squares = ((rows.astype(np.float64) - probe.astype(np.float64)) ** 2).sum(axis=1)
    return [Near(int(row), float(np.sqrt(squares[row]))) for row in np.argsort(squares, kind="stable")]


def assert_same(found: list[Near], expected: list[Near]) -> None:
    assert [near.row for near in found] == [near.row for near in expected]
    assert [near.distance for near in found] == pytest.approx([near.distance for near in expected], abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 0.1), st.booleans())
def test_stages_equal_brute_force_on_faces(seed: int, noise: float, enrolled: bool) -> None:
    face = CROWD[seed % len(CROWD)] if enrolled else faces(1, seed)[0]
    probe = SCALE.apply(pictures(face, 1, seed, noise))[0]
    expected = brute(ADAPTED, probe)
    assert_same(WHOLE.nearest(probe), expected[:2])
    assert_same(STAGED.nearest(probe), expected[:2])


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_stages_equal_brute_force_on_anything(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    count, length = data.draw(st.integers(1, 3 * BLOCK)), data.draw(st.integers(1, 24))
    columns = tuple(sorted(data.draw(st.sets(st.integers(1, 23), max_size=3))))
    scale = 10.0 ** data.draw(st.integers(-3, 3))
    rows = np.asarray(rng.normal(data.draw(st.sampled_from([0, 5])), 1, (count, length)) * scale, np.float32)
    if data.draw(st.booleans()):  # many ties
        rows = np.round(rows / scale).astype(np.float32)
    probe = np.asarray(rng.normal(0, 1, length) * scale, np.float32)
    expected = brute(rows, probe)
    for index in (Index(rows, above=0, columns=columns), Index(rows, above=count)):
        assert_same(index.nearest(probe), expected[:2])
        distance = expected[min(count - 1, 20)].distance * (1 + 1e-9)
        assert_same(index.within(probe, distance), [near for near in expected if near.distance <= distance])


@pytest.mark.parametrize("index", [WHOLE, STAGED])
def test_rows_come_back_as_they_were_given(index: Index) -> None:
    assert (index.vectors([5, 3]) == ADAPTED[[5, 3]]).all()
    assert len(index) == len(ADAPTED)


@pytest.mark.parametrize("index", [WHOLE, STAGED])
def test_distance_to_one_row_is_the_plain_one(index: Index) -> None:
    assert index.distance(77, ADAPTED[3]) == pytest.approx(float(np.linalg.norm(ADAPTED[77] - ADAPTED[3])), abs=1e-6)
    assert index.distance(77, ADAPTED[77]) == 0


def test_equal_rows_come_in_their_order() -> None:
    rows = np.tile(ADAPTED[:1], (200, 1))
    assert [near.row for near in Index(rows, above=10).nearest(ADAPTED[0])] == [0, 1]


def test_first_columns_rule_most_faces_out() -> None:
    probe = SCALE.apply(pictures(CROWD[5], 3, seed=1))[0]
    second = brute(ADAPTED, probe)[1].distance
    first = probe[: COLUMNS[0]]
    known = ADAPTED[:, : COLUMNS[0]] @ first + np.linalg.norm(ADAPTED[:, COLUMNS[0] :], axis=1) * np.sqrt(
        1 - first @ first
    )
    assert (known >= 1 - second**2 / 2).mean() < 0.25


def test_adapted_scores_are_unit_vectors_around_the_mean() -> None:
    assert np.linalg.norm(ADAPTED, axis=1) == pytest.approx(np.ones(len(CROWD)), abs=1e-5)
    assert float(np.linalg.norm(ADAPTED.mean(axis=0))) < 0.05


def test_whitening_shrinks_strong_axes_and_leaves_the_rest_in_order() -> None:
    spread = ((CROWD - SCALE.mean) @ SCALE.axes).std(axis=0)
    plain = np.sqrt(np.linalg.eigvalsh(np.cov(CROWD.T))[::-1])
    assert spread[0] / spread[-1] < plain[0] / plain[-1]
    assert (np.diff(spread) < 1e-3).all()
