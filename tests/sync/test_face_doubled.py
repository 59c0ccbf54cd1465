"""A face under two names: the centre keeps who tried and whom it resembles; nobody's templates change."""

from __future__ import annotations

from kiosk.domain.consent import CURRENT
from tests.sync.central_kit import OTHER, STUDENT, Api, event


def test_a_face_under_two_names_is_kept_for_a_clerk(central_api: Api) -> None:
    body = {"person": central_api.person(OTHER), "like": central_api.person(STUDENT), "consent": CURRENT}
    told = event("d" * 32 + ":doubled", "face.doubled", body, stream="d" * 32)
    before = central_api.feed("templates")
    assert central_api.send(told, told) == ["created", "duplicate"]
    assert central_api.sql("select kind from event") == [("face.doubled",)]
    assert central_api.feed("templates") == before
    assert central_api.reason(event("e" * 32, "face.doubled", {**body, "like": "nobody"}))
