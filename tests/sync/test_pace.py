"""How long a loop stays away, after what."""

from __future__ import annotations

import pytest

from sync import outbox, pace
from sync.client import LONGEST_WAIT_S, Failure, Trouble
from sync.pace import Pace


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The dice always fall on the longest wait."""
    monkeypatch.setattr(pace, "jittered", lambda tries, most: outbox.jittered(tries, most, lambda: 1.0))


def test_an_hour_without_a_network_does_not_lengthen_the_wait_after_one_odd_answer(longest: None) -> None:
    made = Pace(5.0)
    waits = [made.after(Failure(Trouble.UNREACHABLE)) for _ in range(700)]
    assert max(wait.seconds for wait in waits) == 5.0
    assert not any(wait.firm for wait in waits)
    first = made.after(Failure(Trouble.ODD, 200, word="epoch"))
    assert (first.seconds, first.firm) == (1.0, True)


def test_what_the_centre_cannot_do_is_tried_less_and_less_often_until_it_works(longest: None) -> None:
    made = Pace(5.0)
    waits = [made.after(Failure(Trouble.SERVER, 500)).seconds for _ in range(12)]
    assert waits[:5] == [1.0, 2.0, 4.0, 8.0, 16.0]
    assert waits[-1] == LONGEST_WAIT_S
    made.after(Failure(Trouble.UNREACHABLE))
    assert made.after(Failure(Trouble.SERVER, 500)).seconds == LONGEST_WAIT_S, "a line that flaps forgives nothing"
    made.worked()
    assert made.after(Failure(Trouble.SERVER, 500)).seconds == 1.0


@pytest.mark.parametrize("asked", [1.0, 60.0, 900.0, 10_000_000.0])
def test_what_the_centre_asks_for_is_kept_to_with_some_jitter_and_never_beyond_the_cap(asked: float) -> None:
    waits = [Pace(5.0).after(Failure(Trouble.BUSY, 503, asked)) for _ in range(50)]
    assert all(min(asked, LONGEST_WAIT_S) <= wait.seconds <= min(asked * 1.1, LONGEST_WAIT_S) for wait in waits)
    assert all(wait.firm for wait in waits)
