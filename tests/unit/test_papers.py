"""From flow to paper: what is on its way when the power goes, and what a preview may show."""

from __future__ import annotations

from kiosk.app.papers import void_unfinished


def test_a_certificate_left_on_its_way_to_paper_does_not_count() -> None:
    left = [("k1:1:p", "ZD-2026-0302-0001", "printing"), ("k2:2:abc:p", "CJ-2026-0302-0002", "queued")]
    first, second = void_unfinished(left)
    assert (first.key, first.stream, first.kind) == ("k1:1:voided", "k1", "document.voided")
    assert first.body == {"request": "k1", "serial": "ZD-2026-0302-0001", "reason": "unknown"}
    assert (second.key, second.body["request"]) == ("k2:2:abc:voided", "k2")


def test_receipts_and_lists_left_over_void_nothing() -> None:
    assert list(void_unfinished([("k1:r", "receipt", "printing"), ("k1:list:ab12", "request_list", "queued")])) == []
