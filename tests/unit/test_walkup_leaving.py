"""Walking away from every screen: the terminal notices, asks, keeps what is theirs, and forgets the person."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.domain.people import Factor
from kiosk.flows.core import StartTimer
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Look, Screen, State
from sync.wire import Rated
from tests.unit.walkup_kit import FULL, LEAVE, NOW, STUDENT, TIMING, Walk, approved, tells


def pin(walk: Walk) -> None:
    walk.press("open_pin", *(f"digit {digit}" for digit in "20230017"), "confirm", "digit 1")


def home(walk: Walk) -> None:
    walk.enter()
    walk.post(ev.RequestsLoaded(walk.state.session, (approved(),)))


def search(walk: Walk) -> None:
    walk.enter().press("open_search", "pad_key z", "pad_pick 回家|1")


def factor(walk: Walk) -> None:
    walk.enter().press("open_item income", "digit 1", "digit 3")


def typing(walk: Walk) -> None:
    walk.enter().press("open_item leave", "start", "edit phone")


def photo(walk: Walk) -> None:
    walk.enter().press("open_item leave", "start", "next", "set kind=sick", "set starts=2026-03-03")
    walk.press("set ends=2026-03-03", "next", "set reason=回家", "next", "edit paper", "photo_take")


def recording(walk: Walk) -> None:
    walk.enter().review().press("submit")


def sealing(walk: Walk) -> None:
    recording(walk)
    walk.record()


def printing(walk: Walk) -> None:
    walk.printing()


def receipt(walk: Walk) -> None:
    walk.enter().review(LEAVE).press("submit")
    walk.record()


def listing(walk: Walk) -> None:
    home(walk)
    walk.press(f"open_request {'f' * 32}", "print_list")


def not_recorded(walk: Walk) -> None:
    recording(walk)
    walk.post(ev.NotRecorded(walk.key, FULL))


def spoiled(walk: Walk) -> None:
    walk.printing().job("failed")


def unknown(walk: Walk) -> None:
    walk.printing().job("unknown")


def done(walk: Walk) -> None:
    walk.printing().job("printed")


def remark(walk: Walk) -> None:
    done(walk)
    walk.press("stars 4", "edit_remark", "pad_pick 回家|0")


def request(walk: Walk) -> None:
    home(walk)
    walk.press("open_requests", f"open_request {'f' * 32}")


def guide(walk: Walk) -> None:
    walk.enter().press("open_category certificates", "open_item leave")


def review(walk: Walk) -> None:
    walk.enter().review(LEAVE)


PLACES: list[Callable[[Walk], None]] = [
    *(pin, home, search, factor, guide, typing, photo, review, recording, sealing, printing, receipt, listing),
    *(not_recorded, spoiled, unknown, done, remark, request),
]
AT_WORK = (recording, sealing, printing, receipt, listing)
places = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)


@places
def test_by_time_outs_alone_it_ends_in_attract_with_nothing_left(place: Callable[[Walk], None]) -> None:
    walk = Walk()
    place(walk)
    assert walk.screen is not Screen.ATTRACT
    walk.press("language en", "large", "contrast", "low_reach", "help")
    left = walk.state.session
    walk.run_out()
    assert walk.state == State(session=left + 1, station=walk.state.station), "a terminal like new"
    assert not tells(walk.state)
    assert walk.of(ev.Wipe) == [ev.Wipe(left)]
    assert walk.of(ev.WatchCodes)[-1] == ev.WatchCodes(True)


@places
def test_out_leaves_at_once_but_never_in_the_middle_of_the_work(place: Callable[[Walk], None]) -> None:
    walk = Walk()
    place(walk)
    walk.press("out")
    if place in AT_WORK:
        assert walk.screen is Screen.WORKING
        return
    assert walk.screen is Screen.ATTRACT
    assert not tells(walk.state)
    assert not walk.timers


@places
def test_the_look_changes_on_every_screen_and_nothing_else(place: Callable[[Walk], None]) -> None:
    walk = Walk()
    place(walk)
    screen, filling, job = walk.screen, walk.state.filling, walk.state.job
    walk.press("language en", "large", "contrast", "low_reach", "help", "language fr")
    assert walk.state.look == Look("en", True, True, True)
    assert walk.state.help
    walk.press("language zh", "large", "contrast", "low_reach", "help_close")
    assert (walk.state.look, walk.state.help) == (Look(), False)
    assert (walk.screen, walk.state.filling, walk.state.job) == (screen, filling, job)


@places
def test_a_timer_runs_on_every_screen(place: Callable[[Walk], None]) -> None:
    walk = Walk()
    place(walk)
    running = {"record", "seal", "print"} if place in AT_WORK else {"idle", "rate"}
    assert running & set(walk.timers)


@places
def test_back_never_leaves_the_person_without_a_way_on(place: Callable[[Walk], None]) -> None:
    walk = Walk()
    place(walk)
    for _ in range(12):
        walk.press("back")
    stays = {Screen.ATTRACT, Screen.HOME, Screen.WORKING, Screen.TROUBLE, Screen.DONE}
    assert walk.screen in stays
    assert walk.screen in (Screen.HOME, Screen.ATTRACT) or place in (
        *AT_WORK,
        not_recorded,
        spoiled,
        unknown,
        done,
        remark,
    )


def test_still_there_counts_down_and_one_tap_goes_on_where_it_was() -> None:
    walk = Walk()
    review(walk)
    before = walk.state
    assert walk.elapse("idle") == (StartTimer("still", walk.state.session, 1.0),)
    assert walk.state.still == round(TIMING.still)
    for left in (19, 18, 17):
        walk.elapse("still")
        assert walk.state.still == left
    walk.press("submit")
    assert walk.state.still is None
    assert (walk.screen, walk.state.filling) == (before.screen, before.filling), "the tap does nothing else"
    assert set(walk.timers) == {"idle"}


def test_ten_extensions_then_the_end_with_the_draft_saved() -> None:
    walk = Walk()
    review(walk)
    for extension in range(1, TIMING.extensions + 1):
        walk.elapse("idle")
        walk.press("stay")
        assert walk.state.visit
        assert walk.state.visit.extensions == extension
    walk.effects.clear()
    walk.elapse("idle")
    walk.press("stay")
    assert walk.screen is Screen.ATTRACT
    (draft,) = walk.of(ev.SaveDraft)
    assert (draft.person, draft.values["reason"]) == (STUDENT.id, "回家")


def test_out_during_the_countdown_leaves() -> None:
    walk = Walk()
    review(walk)
    walk.elapse("idle")
    walk.press("out")
    assert walk.screen is Screen.ATTRACT


def test_a_half_typed_number_is_not_asked_about_but_forgotten() -> None:
    walk = Walk()
    pin(walk)
    walk.elapse("idle")
    assert walk.screen is Screen.ATTRACT
    assert not tells(walk.state)


def test_a_look_chosen_before_anybody_came_is_forgotten_too() -> None:
    walk = Walk()
    walk.press("language en", "contrast", "help")
    walk.run_out()
    assert walk.state.look == Look()
    assert not walk.state.help


def test_out_on_the_attract_screen_is_nothing() -> None:
    walk = Walk()
    before = walk.state
    walk.press("out", "back", "finish", "stay")
    assert walk.state == before


def test_a_message_goes_by_itself_or_by_a_touch() -> None:
    walk = Walk()
    walk.enter().press("open_item employment")
    assert walk.state.message
    walk.elapse("message")
    assert walk.state.message is None
    walk.press("open_item employment", "dismiss")
    assert walk.state.message is None


@pytest.mark.parametrize(
    ("touches", "stars", "how", "said"), [((), 3, "defaulted", ""), (("stars 2",), 2, "given", "")]
)
def test_stars_and_silence(touches: tuple[str, ...], stars: int, how: str, said: str) -> None:
    walk = Walk()
    done(walk)
    walk.press(*touches, "stars 9", "stars 0")
    walk.elapse("rate")
    (rated,) = walk.records("rating.given")
    assert (rated.body["stars"], rated.body["how"], rated.body["remark"]) == (stars, how, said)


def test_a_remark_is_typed_in_peace_and_stored() -> None:
    walk = Walk()
    done(walk)
    walk.press("edit_remark", "pad_key h", "pad_pick 回家|1")
    assert "rate" not in walk.timers
    assert "idle" in walk.timers
    walk.press("pad_cancel", "edit_remark", "pad_pick 很快|0", "pad_commit", "stars 5")
    assert "idle" not in walk.timers
    walk.press("again")
    (rated,) = walk.records("rating.given")
    assert (rated.body["stars"], rated.body["remark"]) == (5, "很快")
    assert walk.screen is Screen.HOME
    walk.press("out")
    assert len(walk.records("rating.given")) == 1


def test_a_next_person_within_two_seconds_finds_nothing() -> None:
    walk = Walk()
    done(walk)
    walk.press("language en", "large", "finish")
    walk.post(ev.CodeRead("K1:…"), ev.Admitted(walk.state.session, STUDENT, Factor.CODE, NOW))
    assert walk.state.look == Look()
    assert walk.state.visit
    assert not walk.state.visit.requests
    assert (walk.state.job, walk.state.filling, walk.state.rating, walk.state.back) == (None, None, None, ())


def test_a_remark_is_never_longer_than_the_centre_takes() -> None:
    walk = Walk()
    done(walk)
    walk.press("edit_remark", f"pad_pick {'很' * 600}|0", "pad_key h", "pad_key a", "pad_commit", "finish")
    (rated,) = [record for record in walk.of(ev.Record) if record.kind == "rating.given"]
    assert Rated.model_validate(rated.body).remark == "很" * 500
