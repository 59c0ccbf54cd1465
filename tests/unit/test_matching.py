"""Whose face it is: never a guess, never nearer than the limit allows, never by a broken vector."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.matching import Doubt, Gallery, Limits, Match, Matcher
from kiosk.domain.matching.adapt import fit
from tests.unit.matching_kit import LENGTH, Vectors, faces, gallery, name, pictures

PEOPLE = faces(60, seed=1)
MATCHER = Matcher(gallery(PEOPLE))
NOBODY = Matcher(Gallery((), PEOPLE[:0], "synthetic"))
FEW = Matcher(gallery(PEOPLE[:19]))


def probes(row: int, frames: int = 3) -> Vectors:
    return pictures(PEOPLE[row], frames, seed=row)


# --- verify and identify -----------------------------------------------------------------------------------------


def test_right_person_is_verified_and_another_is_not() -> None:
    right, wrong = MATCHER.verify(name(7), probes(7), track=4), MATCHER.verify(name(8), probes(7), track=4)
    assert (right.person, right.doubt, right.track, right.gallery, right.frames) == (name(7), Doubt.NONE, 4, 1, 3)
    assert right.score <= right.limit == pytest.approx(1.013)
    assert (wrong.person, wrong.doubt) == ("", Doubt.TOO_FAR)
    assert wrong.score > wrong.limit


def test_person_without_a_template_is_not_verified() -> None:
    assert MATCHER.verify("somebody", probes(7)).doubt is Doubt.NO_TEMPLATE
    assert NOBODY.verify(name(7), probes(7)).doubt is Doubt.NO_TEMPLATE


def test_right_person_is_found_among_all() -> None:
    for row in range(len(PEOPLE)):
        match = MATCHER.identify(probes(row))
        assert match.person == name(row)
        assert match.second - match.score >= 0.10
        assert (match.gallery, match.adapted) == (60, True)


def test_strangers_are_not_found() -> None:
    for face in faces(100, seed=2):
        match = MATCHER.identify(pictures(face, 3, seed=5))
        assert (match.person, match.doubt) == ("", Doubt.TOO_FAR)


def test_nobody_is_found_where_nobody_is_enrolled() -> None:
    match = NOBODY.identify(probes(7))
    assert (match.person, match.doubt, match.gallery) == ("", Doubt.NOT_ENROLLED, 0)


def test_twins_are_told_apart_by_nobody() -> None:
    people = PEOPLE.copy()
    people[8] = people[7]
    match = Matcher(gallery(people)).identify(probes(7))
    assert (match.person, match.doubt) == ("", Doubt.TWO_ALIKE)
    assert match.score <= match.limit


def test_own_second_template_is_no_second_person() -> None:
    same = Matcher(gallery(PEOPLE, photos=3, noise=1e-6)).identify(probes(7))
    assert same.person == name(7)
    assert same.second > same.limit


@pytest.mark.parametrize("matcher", [MATCHER, FEW])
def test_score_and_second_are_what_plain_arithmetic_gives(matcher: Matcher) -> None:
    means, _ = matcher.gallery.means()
    probe = probes(7).mean(axis=0, keepdims=True)
    if matcher.adapted:
        means, probe = fit(means).apply(means), fit(means).apply(probe)
    best, second = np.sort(np.linalg.norm(means.astype(float) - probe, axis=1))[:2]
    match = matcher.identify(probes(7))
    assert (match.score, match.second) == (pytest.approx(best, abs=1e-6), pytest.approx(second, abs=1e-6))
    assert matcher.verify(name(7), probes(7)).score == match.score


def test_scores_are_raw_below_twenty_people() -> None:
    match = FEW.identify(probes(7))
    assert not match.adapted
    assert match.score == pytest.approx(float(np.linalg.norm(FEW.gallery.means()[0][7] - probes(7).mean(axis=0))))
    assert Matcher(gallery(PEOPLE[:20])).adapted


# --- among some --------------------------------------------------------------------------------------------------


def test_only_those_asked_for_are_searched_at_their_own_limit() -> None:
    among = frozenset({name(7), name(9), "unknown"})
    match = MATCHER.identify(probes(7), among=among)
    assert (match.person, match.gallery) == (name(7), 2)
    assert match.limit == pytest.approx(Limits().limit(2, adapted=True))
    assert match.adapted
    assert match.second == pytest.approx(MATCHER.verify(name(9), probes(7)).score)
    other = MATCHER.identify(probes(8), among=among)
    assert (other.person, other.doubt) == ("", Doubt.TOO_FAR)


def test_second_best_outside_those_asked_for_does_not_count() -> None:
    people = PEOPLE.copy()
    people[8] = people[7]
    match = Matcher(gallery(people)).identify(probes(7), among=frozenset({name(7), name(9)}))
    assert match.person == name(7)


@pytest.mark.parametrize("among", [frozenset(), frozenset({"unknown"})])
def test_nobody_among_nobody(among: frozenset[str]) -> None:
    assert MATCHER.identify(probes(7), among=among).doubt is Doubt.NOT_ENROLLED


def test_one_person_asked_for_is_a_claim() -> None:
    match = MATCHER.identify(probes(7), among=frozenset({name(7)}))
    assert (match.person, match.gallery, match.second) == (name(7), 1, math.inf)
    assert match.limit == MATCHER.verify(name(7), probes(7)).limit


def test_many_selections_in_turn_stay_right() -> None:
    for turn in range(30):
        row = turn % 10
        assert MATCHER.identify(probes(row), among=frozenset({name(row), name(row + 1)})).person == name(row)
        assert not MATCHER.identify(probes(row + 5), among=frozenset({name(row), name(row + 1)})).person


# --- probes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("matcher", [MATCHER, FEW])
@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf, -np.inf])
def test_broken_probe_confirms_nobody(matcher: Matcher, bad: float) -> None:
    broken = probes(7)
    broken[1] = bad
    for match in (matcher.identify(broken), matcher.verify(name(7), broken)):
        assert (match.person, match.doubt) == ("", Doubt.NO_GOOD_FRAME)
    assert matcher.alike(broken) == []


def test_no_probe_confirms_nobody() -> None:
    assert MATCHER.identify(np.empty((0, LENGTH), np.float32)).doubt is Doubt.NO_GOOD_FRAME


def test_probes_that_cancel_out_confirm_nobody() -> None:
    both = np.stack([probes(7)[0], -probes(7)[0]])
    assert FEW.identify(both).doubt is Doubt.NO_GOOD_FRAME


def test_probe_in_the_gallery_s_mean_confirms_nobody() -> None:
    mean = MATCHER.gallery.means()[0].mean(axis=0)
    assert MATCHER.verify(name(7), mean).doubt is Doubt.NO_GOOD_FRAME


def test_gallery_of_one_and_the_same_face_confirms_nobody() -> None:
    matcher = Matcher(gallery(np.repeat(PEOPLE[:1], 25, axis=0), noise=0.0))
    for probe in (probes(0), probes(3), PEOPLE[0]):
        assert not matcher.verify(name(4), probe).person
        assert not matcher.identify(probe).person


def test_probe_of_another_length_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="probes of shape"):
        MATCHER.identify(np.ones((2, 64), np.float32))


def test_last_five_probes_count() -> None:
    seven = np.concatenate([probes(8, 2), probes(7, 5)])
    assert MATCHER.identify(seven) == MATCHER.identify(seven[2:])
    assert MATCHER.identify(seven).frames == 5


def test_one_probe_may_come_without_its_axis() -> None:
    assert MATCHER.identify(probes(7)[0]) == MATCHER.identify(probes(7)[:1])


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_whoever_is_confirmed_is_within_limit_and_margin(data: st.DataObject) -> None:
    matcher = data.draw(st.sampled_from([MATCHER, FEW]))
    a, b = (data.draw(st.integers(0, 18)) for _ in range(2))
    share, noise = data.draw(st.floats(0, 1)), data.draw(st.floats(0, 0.05))
    face = np.asarray(PEOPLE[a] * share + PEOPLE[b] * (1 - share), np.float32)
    shown = pictures(face, data.draw(st.integers(1, 5)), data.draw(st.integers(0, 99)), noise)
    among = data.draw(st.none() | st.frozensets(st.sampled_from(matcher.persons)))
    for match in (matcher.identify(shown, among=among), matcher.verify(name(a), shown)):
        assert _lawful(match, matcher)


def _lawful(match: Match, matcher: Matcher) -> bool:
    margin = matcher.limits.margin(matcher.adapted)
    near = match.score <= match.limit and match.second - match.score >= margin
    return bool(match.person) == (match.doubt is Doubt.NONE) == near


# --- the same face under another name ----------------------------------------------------------------------------


def test_same_face_under_another_name_is_noticed() -> None:
    found = MATCHER.alike(probes(7))
    assert [person for person, _ in found] == [name(7)]
    assert MATCHER.alike(pictures(faces(1, seed=3)[0], 3, seed=1)) == []


def test_all_alike_are_named_nearest_first() -> None:
    people = PEOPLE.copy()
    people[8] = pictures(people[7], 1, seed=9, noise=0.01)[0]
    found = Matcher(gallery(people)).alike(probes(7))
    assert [person for person, _ in found] == [name(7), name(8)]
    assert found[0][1] < found[1][1]
