"""Releases at the centre: taken in only as signed, offered to some first, fetched by who is offered them alone."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path
from typing import Any

import pytest

from sync.central import releases
from sync.central.releases import Whom
from sync.wire_release import MOST_BYTES, PIECE
from tests.sync.central_kit import Api
from tests.sync.release_kit import SOMEBODY_ELSE, laid, package, public, signed

DATA = package(2 * PIECE + 17)
SHA = hashlib.sha256(DATA).hexdigest()
BEAT = {"version": "0.1.0", "queued": 0, "dead": 0, "oldest_s": 0.0}


def beat(api: Api, architecture: str = "amd64", **update: Any) -> dict[str, Any]:
    """A heartbeat that says `update`; the answer."""
    told = {"at": api.centre.clock.now(), "update": {"architecture": architecture, **update}}
    answer = api.post("/v1/heartbeat", {**BEAT, **told})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def fetched(api: Api, offset: int = 0, sha: str = SHA) -> tuple[int, bytes | str]:
    answer = api.get(f"/v1/releases/{sha}?offset={offset}")
    return answer.status_code, answer.content if answer.status_code == 200 else answer.json()["type"]


@pytest.fixture
def offered(central_api: Api, tmp_path: Path) -> Api:
    """9.0.0 is here, and on offer to every terminal."""
    assert central_api.operate("release", "add", str(laid(tmp_path / "out", DATA, signed(DATA)))) == 0
    assert central_api.operate("release", "offer", "9.0.0", "--share", "100") == 0
    return central_api


def test_offered_fetched_in_pieces_and_withdrawn(offered: Api, capsys: pytest.CaptureFixture[str]) -> None:
    offer = beat(offered)["offer"]
    assert offer == {"sha256": SHA, "signed": signed(DATA).decode()}
    pieces = [fetched(offered, at)[1] for at in (0, PIECE, 2 * PIECE)]
    assert b"".join(bytes(each) for each in pieces if isinstance(each, bytes)) == DATA
    assert fetched(offered, len(DATA)) == (422, "bad_body")
    assert fetched(offered, sha="0" * 64) == (404, "not_found")
    assert "offer" not in beat(offered, "arm64")
    answer = offered.post("/v1/heartbeat", {**BEAT, "at": offered.centre.clock.now()})
    assert set(answer.json()) == {"epoch", "now", "audit"}, "an older terminal knows no other member"
    assert offered.operate("release", "withdraw", "9.0.0") == 0
    assert "offer" not in beat(offered)
    assert fetched(offered) == (410, "release_withdrawn")
    capsys.readouterr()
    assert offered.operate("release", "list") == 0
    assert "9.0.0  amd64  0.5 MB" in (said := capsys.readouterr().out)
    assert "withdrawn 2026-03-02" in said
    assert offered.operate("release", "offer", "9.0.0", "--share", "1") == 1
    assert not releases.path_of(offered.centre, SHA).exists()


def test_to_some_first(offered: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was offered last counts; a terminal that is not meant has the earlier one, and none of the newer."""
    data = package(500, "2")
    offered.operate("release", "add", str(laid(tmp_path / "out", data, signed(data, "9.1.0"), "9.1.0")))
    sha = hashlib.sha256(data).hexdigest()
    assert offered.operate("release", "offer", "9.1.0", "--group", "B1-*") == 0
    assert beat(offered)["offer"]["sha256"] == SHA
    assert fetched(offered, sha=sha) == (404, "not_found")
    assert offered.operate("release", "offer", "9.1.0", "--device", "A-999") == 1
    assert "no terminal A-999" in capsys.readouterr().err
    assert offered.operate("release", "offer", "9.1.0", "--device", "A-017") == 0
    assert "offered to 1 of today's terminals: A-017" in capsys.readouterr().out
    assert beat(offered)["offer"]["sha256"] == sha
    assert fetched(offered, sha=sha) == (200, data)


def test_a_greater_share_adds_to_a_smaller_one() -> None:
    names = [f"A-{n:03}" for n in range(1000)]
    shares = [{name for name in names if Whom("share", percent).has(SHA, name)} for percent in ("10", "50", "100")]
    assert shares[0] < shares[1] < shares[2] == set(names)
    assert 60 < len(shares[0]) < 140
    assert {name for name in names if Whom("share", "10").has("0" * 64, name)} != shares[0]


def test_kept_for_nobody_else_and_once(offered: Api, tmp_path: Path) -> None:
    path = releases.path_of(offered.centre, SHA)
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert offered.operate("release", "add", str(tmp_path / "out" / "campus-terminal_9.0.0_amd64.deb")) == 0
    assert offered.sql("select count(*) from release") == [(1,)]
    assert [each.name for each in path.parent.iterdir()] == [SHA]


OTHER = package(1000, "other")
REFUSED = [
    (DATA, b"", "not signed by"),
    (DATA, signed(DATA, key=SOMEBODY_ELSE), "not signed by"),
    (DATA, signed(DATA).replace(b'"9.0.0"', b'"9.0.1"'), "not signed by"),
    (DATA, signed(DATA) + b"more\n", "not signed by"),
    (DATA, signed(DATA, journal="x"), "not signed by"),
    (DATA, signed(DATA, file="../../x.deb"), "not signed by"),
    (DATA[:-1] + b"?", signed(DATA), "not the one that was signed"),
    (DATA + b"?", signed(DATA), "not the one that was signed"),
    (DATA, signed(DATA, size=MOST_BYTES + 1), "at most are taken"),
    (b"#!/bin/sh\n", signed(b"#!/bin/sh\n"), "no Debian package"),
]


@pytest.mark.parametrize(("data", "proof", "why"), REFUSED)
def test_what_is_not_taken_in(
    central_api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, proof: bytes, why: str
) -> None:
    (central_api.centre.state / "keys" / releases.KEY).write_bytes(public())
    assert central_api.operate("release", "add", str(laid(tmp_path / "out", data, proof))) == 1
    assert why in capsys.readouterr().err
    assert central_api.sql("select * from release") == []
    assert list((central_api.centre.state / "releases").rglob("*.part")) == []


def test_a_version_is_never_two_packages(offered: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = laid(tmp_path / "other", OTHER, signed(OTHER))
    assert offered.operate("release", "add", str(again)) == 1
    assert "another package already" in capsys.readouterr().err
    assert offered.operate("release", "add", str(again), "--key", str(again)) == 1
    assert "no public Ed25519 key" in capsys.readouterr().err


def test_what_terminals_make_of_it_is_seen(offered: Api, capsys: pytest.CaptureFixture[str]) -> None:
    told = {"version": "9.0.0", "here": 34, "size": 100}
    for update, shown in (
        ({**told, "state": "fetching"}, "9.0.0 fetching 34 %"),
        ({**told, "state": "refused", "reason": "older than 9.1.0"}, "9.0.0 refused (older than 9.1.0)"),
        ({"state": "idle"}, "0.1.0    -"),
    ):
        beat(offered, **update)
        capsys.readouterr()
        assert offered.operate("devices") == 0
        assert shown in capsys.readouterr().out
