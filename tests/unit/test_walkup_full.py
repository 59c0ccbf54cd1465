"""Nothing new can be kept: it is said before anybody begins, and what needs no record still works."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.domain.faults import Code, Fault
from kiosk.flows.gate import State as Lane
from kiosk.flows.gate.station import report
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup import face_events as fe
from kiosk.flows.walkup.state import Draft, FaceRecord, Link, Screen
from tests.gui.scenes import FULL, with_look
from tests.unit.test_present import acts, named, view
from tests.unit.walkup_kit import LEAVE, Walk

SAID = ("home", "item", "attract")


def full(walk: Walk) -> Walk:
    walk.post(ev.SpaceChanged("full"))
    return walk


@pytest.mark.parametrize("how", ["start", "prepare"])
def test_nothing_can_be_started_and_that_is_said(how: str) -> None:
    walk = full(Walk().enter())
    walk.press("open_item leave", how)
    assert walk.screen is Screen.ITEM
    assert walk.state.message
    assert walk.state.message.key == "item.full_short"
    walk.post(ev.SpaceChanged("low"))
    walk.press(how)
    assert walk.screen is Screen.FORM


def test_guides_and_requests_still_work() -> None:
    walk = full(Walk().enter())
    walk.press("open_item leave")
    assert walk.screen is Screen.ITEM
    walk.press("back", "open_requests")
    assert walk.screen is Screen.REQUESTS
    assert walk.of(ev.LoadRequests)


def test_a_draft_waits_until_there_is_room() -> None:
    walk = Walk().enter()
    walk.press("open_item leave", "start", "next", "set kind=personal", "out")
    kept = walk.of(ev.SaveDraft)[-1]
    full(walk).enter()
    walk.post(ev.DraftsLoaded(walk.state.session, (draft_of(kept),)))
    walk.press("open_item leave", "resume")
    assert walk.screen is Screen.ITEM
    walk.post(ev.SpaceChanged("plenty"))
    walk.press("resume")
    assert walk.screen is Screen.FORM


def draft_of(kept: ev.SaveDraft) -> Draft:
    return Draft(kept.item, kept.key, kept.values, 0.0)


def test_what_was_begun_before_keeps_its_form() -> None:
    walk = Walk().enter().review(LEAVE)
    full(walk).press("submit")
    walk.post(ev.NotRecorded(walk.key, Fault(Code.JOURNAL_FULL, "disk", "full")))
    assert walk.screen is Screen.TROUBLE
    walk.press("leave_it")
    assert walk.screen is Screen.REVIEW
    assert walk.state.filling


def test_a_face_can_be_withdrawn_and_not_enrolled() -> None:
    walk = full(Walk())
    walk.post(ev.DeviceChanged("face", True))
    walk.enter()
    walk.press("open_face")
    assert walk.screen is Screen.CONSENT
    walk.press("face_agree")
    assert (walk.screen, walk.state.errand) == (Screen.CONSENT, None)
    walk.press("back")
    walk.post(fe.FaceLoaded(walk.state.session, FaceRecord("v1", 0.0)))
    walk.press("open_face", "face_withdraw")
    assert walk.screen in (Screen.FACTOR, Screen.WITHDRAW)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_screens_say_so_and_whom_to_call(language: str) -> None:
    home, guide, asked = (view(with_look(named(f"{name}_full"), language=language)) for name in SAID)
    for shown in (home, guide):
        assert shown["body"]["notice"]["shown"]
        assert "027-8888 1234" in shown["body"]["notice"]["text"]
    assert acts(guide) == ["(start)"]
    assert asked["body"]["notices"][0]
    assert asked["bar"]["link"]["text"] in ("离线 · 暂不受理", "Offline, not serving")
    online = replace(named("home_full"), station=replace(FULL, link=Link.ONLINE))
    assert view(online)["bar"]["link"]["online"]


def test_a_lane_knows_it_too() -> None:
    told = report(Lane(), ev.SpaceChanged("full"))
    assert told
    assert not told[0].keeps
    again = report(told[0], ev.SpaceChanged("low"))
    assert again
    assert again[0].keeps
