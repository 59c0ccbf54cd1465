"""Attachments: kept under their own hash, and only what they claim to be."""

from __future__ import annotations

import hashlib
import stat
import threading

from sync.central.blobs import MOST_BYTES
from tests.sync.central_kit import JPEG, Api

PNG = b"\x89PNG\r\n\x1a\n" + b"a made-up picture"
PDF = b"%PDF-1.7 a made-up paper"


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_kept_found_again_and_readable_by_nobody_else(central_api: Api) -> None:
    for data, kind in [(JPEG, "image/jpeg"), (PNG, "image/png"), (PDF, "application/pdf")]:
        assert central_api.call("HEAD", f"/v1/blobs/{name_of(data)}").status_code == 404
        assert central_api.upload(data).json()["size"] == len(data)
        head = central_api.call("HEAD", f"/v1/blobs/{name_of(data)}")
        assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(data)))
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
    for data in (b"<html>", b"MZ\x90", b"", b"\x89PN", b"GIF89a"):
        answer = central_api.call("PUT", f"/v1/blobs/{name_of(data)}", data=data, headers={"Content-Type": "image/png"})
        assert (answer.status_code, answer.json()["type"]) == (415, "blob_type")
    assert central_api.sql("select count(*) from blob") == [(0,)]


def test_eight_megabytes_and_not_a_byte_more(central_api: Api) -> None:
    most = JPEG + b"x" * (MOST_BYTES - len(JPEG))
    assert central_api.upload(most).status_code == 200
    assert central_api.upload(most + b"x").status_code == 413
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
