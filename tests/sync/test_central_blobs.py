"""Attachments: kept under their own hash, whole or in pieces, and only what they claim to be."""

from __future__ import annotations

import hashlib
import os
import random
import stat
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import pytest
import requests

from kiosk.assets import ROOT
from sync.central import parts, scan
from sync.central.blobs import MOST_BYTES
from tests.sync.attachments import JPEG, PDF, PNG, paper, picture
from tests.sync.central_kit import Api

KINDS = [(JPEG, "image/jpeg"), (PNG, "image/png"), (PDF, "application/pdf")]


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def whole_of(size: int) -> bytes:
    """A sound PDF of exactly so many bytes."""
    return paper(size - len(paper()))


def send(api: Api, data: bytes, offset: int, end: int, name: str = "", **more: object) -> requests.Response:
    """PATCH the bytes from `offset` to `end`."""
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(more.get("total", len(data)))}
    return api.call("PATCH", f"/v1/blobs/{name or name_of(data)}", data=data[offset:end], headers=headers)


def head(api: Api, data: bytes) -> tuple[int, str]:
    """Status, and how much is here."""
    answer = api.call("HEAD", f"/v1/blobs/{name_of(data)}")
    return answer.status_code, answer.headers["Upload-Offset" if answer.status_code == 204 else "Content-Length"]


def test_kept_found_again_and_readable_by_nobody_else(central_api: Api) -> None:
    for data, kind in KINDS:
        assert central_api.call("HEAD", f"/v1/blobs/{name_of(data)}").status_code == 404
        assert central_api.upload(data).json()["size"] == len(data)
        assert head(central_api, data) == (200, str(len(data)))
        file = central_api.centre.state / "blobs" / "1" / name_of(data)
        assert file.read_bytes() == data
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert central_api.sql("select type, terminal from blob where sha256 = ?", name_of(data)) == [(kind, "A-017")]


def test_another_name_than_its_hash_is_refused(central_api: Api) -> None:
    answer = central_api.call("PUT", f"/v1/blobs/{name_of(PNG)}", data=JPEG)
    assert (answer.status_code, answer.json()["type"]) == (422, "blob_hash")
    assert central_api.call("PUT", "/v1/blobs/../../x", data=JPEG).status_code in (404, 422)
    assert central_api.call("PUT", f"/v1/blobs/{'G' * 64}", data=JPEG).status_code == 422


def test_what_is_no_picture_or_paper_is_refused_whatever_it_is_called(central_api: Api) -> None:
    for data in (b"<html>", b"MZ\x90", b"", b"\x89PN", b"GIF89a", JPEG[:3] + b"x" * 40):
        answer = central_api.call("PUT", f"/v1/blobs/{name_of(data)}", data=data, headers={"Content-Type": "image/png"})
        assert (answer.status_code, answer.json()["type"]) == (415, "blob_type")
    assert central_api.sql("select count(*) from blob") == [(0,)]


def test_eight_megabytes_and_not_a_byte_more(central_api: Api) -> None:
    most = whole_of(MOST_BYTES)
    assert central_api.upload(most).status_code == 200
    assert central_api.upload(whole_of(MOST_BYTES + 1)).status_code == 413
    chunks = (most[n : n + 65536] for n in range(0, len(most), 65536))
    endless = (part for source in (chunks, [b"x" * 65536]) for part in source)
    answer = central_api.call("PUT", f"/v1/blobs/{name_of(most + b'x' * 65536)}", data=endless)
    assert answer.status_code == 413


def test_the_same_from_many_at_once_is_one(central_api: Api) -> None:
    statuses: list[int] = []
    senders = [threading.Thread(target=lambda: statuses.append(central_api.upload(PNG).status_code)) for _ in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert statuses == [200] * 8
    assert central_api.sql("select count(*) from blob") == [(1,)]
    assert [path.name for path in (central_api.centre.state / "blobs" / "1").iterdir()] == [name_of(PNG)]


def test_pieces_go_on_where_they_were_cut_and_are_one_blob(central_api: Api) -> None:
    data = whole_of(1000)
    assert send(central_api, data, 0, 400).json()["offset"] == 400
    assert head(central_api, data) == (204, "400")
    for begin, end in ((0, 400), (500, 600), (399, 700)):
        answer = send(central_api, data, begin, end)
        assert (answer.status_code, answer.json()["type"]) == (409, "blob_offset")
        assert answer.headers["Upload-Offset"] == "400"
    assert send(central_api, data, 400, 990).json()["offset"] == 990
    assert send(central_api, data, 990, 1000).json() == {
        "epoch": central_api.centre.epoch,
        "sha256": name_of(data),
        "offset": 1000,
        "size": 1000,
    }
    assert head(central_api, data) == (200, "1000")
    assert send(central_api, data, 990, 1000).status_code == 200, "whoever lost the answer is told the same"
    assert not list((central_api.centre.state / "parts").glob("*/*/*"))


def test_pieces_that_are_not_what_they_are_called_are_dropped(central_api: Api) -> None:
    data = whole_of(1000)
    for wrong, status, word in ((data[:900] + b"y" * 100, 422, "blob_hash"), (b"GIF89a" * 100, 415, "blob_type")):
        name = name_of(data if status == 422 else wrong)
        assert send(central_api, wrong, 0, 500, name).status_code == 200
        answer = send(central_api, wrong, 500, len(wrong), name)
        assert (answer.status_code, answer.json()["type"]) == (status, word)
        assert central_api.call("HEAD", f"/v1/blobs/{name}").status_code == 404
    assert send(central_api, data, 0, 500, total=MOST_BYTES + 1).status_code == 413
    assert send(central_api, data, 0, 500, total=499).status_code == 422
    assert send(central_api, data, 0, 0).status_code == 422
    assert central_api.sql("select count(*) from blob") == [(0,)]


def test_the_same_piece_twice_at_once_is_added_once(central_api: Api) -> None:
    data, statuses = whole_of(1000), list[int]()
    senders = [
        threading.Thread(target=lambda: statuses.append(send(central_api, data, 0, 600).status_code)) for _ in range(6)
    ]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(statuses) == [200, 409, 409, 409, 409, 409]
    assert send(central_api, data, 600, 1000).status_code == 200


def test_what_nobody_goes_on_with_is_swept(central_api: Api) -> None:
    old, new = whole_of(1000), whole_of(1001)
    for data in (old, new):
        send(central_api, data, 0, 500)
    folder = central_api.centre.state / "parts" / "1" / "A-017"
    long_ago = folder.stat().st_mtime - parts.KEEP_S - 1
    os.utime(folder / name_of(old), (long_ago, long_ago))
    parts.sweep(central_api.centre)
    assert [part.name for part in folder.iterdir()] == [name_of(new)]
    assert stat.S_IMODE((folder / name_of(new)).stat().st_mode) == 0o600
    for size in range(1002, 1002 + parts.MOST_PARTS):
        send(central_api, whole_of(size), 0, 500)
    assert len(list(folder.iterdir())) == parts.MOST_PARTS
    assert not (folder / name_of(new)).exists()


@pytest.mark.parametrize(("data", "kind"), KINDS, ids=lambda each: each if isinstance(each, str) else "")
def test_nothing_hides_behind_the_end_or_is_missing_before_it(data: bytes, kind: str) -> None:
    assert scan.kind_of(data) == kind
    assert scan.kind_of(data + (b"\n" if kind == "application/pdf" else b"\0") * 30) == kind
    for tail in (b"PK\x03\x04" + b"x" * 100, JPEG, PNG, b"\0" * 100):
        assert scan.kind_of(data + tail) is None
    for missing in (1 if kind != "application/pdf" else 2, 10, len(data) // 2):
        assert scan.kind_of(data[:-missing]) is None


def test_cameras_make_more_than_one_kind_of_jpeg() -> None:
    for more in ({}, {"progressive": True}, {"comment": b"\xff\xd9\xff\xda"}, {"restart_marker_blocks": 1}):
        assert scan.kind_of(picture("JPEG", 120, 80, **more)) == "image/jpeg"


def test_a_picture_damaged_anywhere_is_refused_or_shown_and_never_an_error() -> None:
    dice = random.Random(5)
    for sound in (JPEG, PNG, PDF, picture("JPEG", 64, 64, progressive=True)):
        for _ in range(120):
            broken = bytearray(sound)
            for _ in range(dice.randrange(1, 4)):
                broken[dice.randrange(3, len(broken))] = dice.randrange(256)
            assert scan.kind_of(bytes(broken)) in (None, "image/jpeg", "image/png", "application/pdf")


BOMB = """
import pathlib, sys
from sync.central import scan
def used():
    return int(next(l for l in pathlib.Path("/proc/self/status").read_text().splitlines() if "VmHWM" in l).split()[1])
before = used()
assert scan.kind_of(pathlib.Path(sys.argv[1]).read_bytes()) is None
print((used() - before) // 1024)
"""


def bomb() -> bytes:
    """A PNG of 169 million black pixels in 20 kB, just below where the library itself gives up."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    size = 13_000
    rows = zlib.compress(bytes((size // 8 + 1) * size), 6)
    head = struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0)
    return PNG[:8] + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "bomb.png"
    file.write_bytes(bomb())
    command = [sys.executable, "-W", "ignore", "-c", BOMB, str(file)]
    done = subprocess.run(command, cwd=ROOT.parent, capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) < 20, "megabytes"
    passes = picture("JPEG", 64, 64, progressive=True)
    begin = passes.index(b"\xff\xda")
    many = passes[:begin] + passes[begin : passes.index(b"\xff\xc4", begin)] * 100 + passes[begin:]
    assert scan.kind_of(many) is None
