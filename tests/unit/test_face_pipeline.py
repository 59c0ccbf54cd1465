"""From pictures to sights, embeddings and answers: two real faces before a drawn hall, and the clock in our hands."""

from __future__ import annotations

import numpy as np
import pytest

from devices.face.network import Embedder
from devices.face.pipeline import MOST_PROBES, PROBE_EVERY_S
from devices.sim import faces
from kiosk.config import FaceConfig
from kiosk.domain.faces import Quality
from tests.unit import face_kit as kit
from tests.unit.face_bench import bench, embedder
from tests.unit.face_kit import COLLINS, FPS, HOPPER, Bench

__all__ = ["bench", "embedder"]


@pytest.mark.parametrize("name", faces.PEOPLE)
def test_a_face_is_found_where_it_is_and_followed_under_one_number(bench: Bench, name: str) -> None:
    steps = bench.see(kit.clip(name))
    seen = kit.sights(steps)
    assert len(seen) >= len(steps) - 2
    assert {sight.track for sight in seen} == {1}
    assert {sight.quality for sight in seen} == {Quality.GOOD}
    assert not any(step.gone for step in steps)
    last = seen[-1]
    across = 0.5 + 22 * np.sin(2 * np.pi * 23 / faces.MOMENTS) / 1280
    assert last.box.x + last.box.w / 2 == pytest.approx(across, abs=0.02)
    assert last.box.w == pytest.approx(faces.SHARE, abs=0.04)
    assert (last.frame, last.at, last.others) == (24, 24 / FPS, 0)


def test_somebody_further_away_is_found_too_at_the_third_try(bench: Bench) -> None:
    steps = bench.see(kit.clip(HOPPER, 6, 0.14))
    assert steps[2].sight is not None
    assert kit.sights(steps)[-1].box.w == pytest.approx(0.14, abs=0.03)


def test_following_a_face_takes_the_detector_every_sixth_picture(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:3])
    before = bench.detector.calls
    bench.see(kit.clip(COLLINS)[3:])
    assert bench.detector.calls - before <= len(kit.clip(COLLINS)) // 6 * 2


def test_embeddings_are_at_most_five_and_a_tenth_of_a_second_apart(bench: Bench) -> None:
    steps = bench.see(kit.clip(COLLINS))
    times = [number / FPS for number, step in enumerate(steps) if step.probe is not None]
    assert len(times) == MOST_PROBES
    assert np.diff(times).min() >= PROBE_EVERY_S
    assert bench.pipeline.probes.shape == (4, 128)


def test_nothing_more_is_embedded_once_it_is_decided_and_again_for_a_new_look(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:3])
    bench.pipeline.decided()
    assert not any(step.probe is not None for step in bench.see(kit.clip(COLLINS)[3:12]))
    bench.pipeline.again()
    assert any(step.probe is not None for step in bench.see(kit.clip(COLLINS)[12:15]))


def test_the_first_embedding_is_a_quick_one_that_the_second_takes_the_place_of(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:2])
    first = bench.pipeline.probes
    bench.see(kit.clip(COLLINS)[2:4])
    second = bench.pipeline.probes
    assert len(first) == len(second) == 1
    assert 0 < np.linalg.norm(first[0] - second[0]) < 0.3


def test_every_other_picture_of_a_decided_track_is_passed_over_while_nothing_is_asked(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:12])
    steps = [bench.pipeline.see(frame, 99, bench.now, closely=False) for frame in kit.clip(COLLINS)[12:]]
    assert len(kit.sights(steps)) == len(steps) // 2
    bench.pipeline.again()
    assert len(kit.sights(bench.see(kit.clip(COLLINS)[:4]))) == 4


def test_an_empty_scene_costs_no_detection(bench: Bench) -> None:
    bench.see(kit.empty())
    before = bench.detector.calls
    assert not kit.sights(bench.see(kit.empty() * 3))
    assert bench.detector.calls == before


def test_who_steps_into_an_empty_scene_is_seen_within_three_pictures(bench: Bench) -> None:
    bench.see(kit.empty() * 2)
    assert kit.sights(bench.see(kit.clip(HOPPER)[:3]))


def test_who_leaves_is_gone_within_a_second_and_who_comes_next_has_another_number(bench: Bench) -> None:
    bench.see(kit.clip(HOPPER)[:8])
    steps = bench.see(kit.empty()[:FPS])
    assert [step.gone for step in steps if step.gone] == [1]
    assert not any(step.swapped for step in steps)
    assert len(bench.pipeline.probes) == 0
    assert {sight.track for sight in kit.sights(bench.see(kit.clip(COLLINS)[:8]))} == {2}


def test_without_pictures_nobody_is_there(bench: Bench) -> None:
    bench.see(kit.clip(HOPPER)[:4])
    assert bench.pipeline.rest(bench.now + 0.5).gone == 0
    assert bench.pipeline.rest(bench.now + 1.5).gone == 1
    assert bench.pipeline.rest(bench.now + 1.6).gone == 0


def test_a_face_of_suddenly_another_size_has_another_number(bench: Bench) -> None:
    bench.see(kit.clip(HOPPER)[:8])
    steps = bench.see(faces.clip(HOPPER, 12, share=0.42))
    assert [step.gone for step in steps if step.gone] == [1]
    assert kit.sights(steps)[-1].track == 2


def test_another_person_in_the_same_place_is_noticed_and_has_another_number(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS)[:12])
    bench.pipeline.again()
    steps = bench.see(kit.clip(HOPPER)[12:])
    ends = [step for step in steps if step.gone]
    assert [(step.gone, step.swapped) for step in ends] == [(1, True)]
    assert {step.sight.track for step in steps[steps.index(ends[0]) :] if step.sight} == {2}
    told = [step for step in steps[: steps.index(ends[0])] if step.probe is not None]
    assert told == []


def test_another_person_is_noticed_even_when_nobody_asks(bench: Bench) -> None:
    bench.see(kit.clip(COLLINS))
    steps = bench.see([*kit.clip(HOPPER), *kit.clip(HOPPER)])
    assert [step.swapped for step in steps if step.gone] == [True]


def test_further_faces_are_counted(bench: Bench) -> None:
    steps = bench.see(faces.two_people(moment) for moment in range(6))
    assert kit.sights(steps)[-1].others == 1


def test_a_picture_that_is_not_good_is_seen_and_not_embedded(bench: Bench) -> None:
    steps = bench.see(faces.person_frame(HOPPER, moment, light=0.2) for moment in range(5))
    assert {sight.quality for sight in kit.sights(steps)} == {Quality.DARK}
    assert not any(step.probe is not None for step in steps)


def test_too_far_is_what_the_configuration_says(embedder: Embedder) -> None:
    bench = Bench(embedder, FaceConfig(enabled=True, engine="dnn", nearest=0.3))
    assert {sight.quality for sight in kit.sights(bench.see(kit.clip(HOPPER)[:4]))} == {Quality.FAR}
