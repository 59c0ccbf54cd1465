"""The code reader: what it reads, how often it says so, and what it makes of pictures meant to fool it."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import qrcode
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from qrcode import base, util

from devices.camera import Camera
from devices.codereader import CodeReader, Several, View, read
from devices.ring import Frame
from devices.sim import hall, phone
from devices.sim.camera import CameraPeer
from kiosk.config import CameraConfig
from kiosk.domain import codes

SOON = 20.0
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CODE = codes.issue("00112233aabbccdd", 1, 1, KEY, 1_772_412_120, b"nonce1")


@pytest.mark.parametrize("blur", [0, 1])
@pytest.mark.parametrize("tilt", [-15, 0, 15])
@pytest.mark.parametrize("width", [150, 220, 320])
def test_code_is_read_small_tilted_and_blurred(width: int, tilt: int, blur: int) -> None:
    assert read(phone.qr_picture(CODE, width, tilt, blur)) == [CODE]


def test_both_of_two_phones_are_seen() -> None:
    assert len(read(phone.qr_picture(CODE, 220, tilt=10, two=True))) == 2


def test_hall_paper_and_noise_hold_no_code() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    for frame in (hall.picture(20), phone.document_picture(), noise, np.zeros((720, 1280, 3), np.uint8)):
        assert read(frame) == []


def symbol(modules: list[list[bool]]) -> Frame:
    """A bare symbol in the middle of a white picture."""
    dark = np.kron(np.array(modules), np.ones((6, 6)))
    frame = np.full((720, 1280, 3), 255, np.uint8)
    frame[60 : 60 + dark.shape[0], 90 : 90 + dark.shape[1]][dark > 0] = 0
    return frame


def with_designator(text: bytes, designator: int) -> Frame:
    """A symbol that names its character set (ECI) before the text."""
    bits = util.BitBuffer()
    for value, size in ((7, 4), (designator, 8), (4, 4), (len(text), 8), *((byte, 8) for byte in text), (0, 4)):
        bits.put(value, size)
    blocks = base.rs_blocks(9, qrcode.constants.ERROR_CORRECT_M)
    room = sum(block.data_count for block in blocks)
    bits.put(0, -len(bits) % 8)
    for filler in itertools.islice(itertools.cycle((util.PAD0, util.PAD1)), room - len(bits) // 8):
        bits.put(filler, 8)
    code = qrcode.QRCode(9, qrcode.constants.ERROR_CORRECT_M, border=0)
    code.data_cache = util.create_bytes(bits, blocks)
    code.makeImpl(False, 3)
    return symbol(code.get_matrix())


def plain(text: bytes) -> Frame:
    code = qrcode.QRCode(border=0)
    code.add_data(text, optimize=0)
    code.make()
    return symbol(code.get_matrix())


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"K1:AB\0CD", "K1:AB\0CD"),
        (b"<NUL>", "<NUL>"),
        (b"1" * 400, "1" * 400),
        ("学号20230001".encode(), "学号20230001"),
        (b"\xff\xfe", "ÿþ"),
        (b"HTTPS://EXAMPLE.COM/", "HTTPS://EXAMPLE.COM/"),
    ],
)
def test_text_is_exactly_what_the_code_holds(data: bytes, text: str) -> None:
    assert read(plain(data)) == [text]


@pytest.mark.parametrize("designator", [3, 26])
def test_character_set_designator_is_kept_and_refused(designator: int) -> None:
    (text,) = read(with_designator(CODE.encode(), designator))
    assert text.endswith(CODE)
    assert text != CODE
    keys = {1: KEY.public_key().public_bytes_raw()}
    verdict = codes.check(text, keys, 1, 1_772_412_120, lambda nonce: False)
    assert verdict == codes.CodeRefused(codes.Reason.ALPHABET)


def test_four_thousand_digits_are_handed_on_whole() -> None:
    code = qrcode.QRCode(border=4, box_size=6)
    code.add_data("7" * 4000)
    code.make()
    large = np.where(np.kron(np.array(code.get_matrix()), np.ones((6, 6))), 0, 255).astype(np.uint8)
    assert read(np.repeat(large[:, :, None], 3, axis=2)) == ["7" * 4000]


class TestView:
    """Times are seconds; the pictures come every tenth."""

    def test_code_is_said_once_until_it_was_gone_for_a_second(self) -> None:
        view = View()
        said = [view.see(["A"], at / 10) for at in range(100)]
        assert said == ["A"] + [None] * 99
        assert view.see([], 10.5) is None
        assert view.see(["A"], 10.8) is None
        assert view.see([], 11.9) is None
        assert view.see(["A"], 12.0) == "A"

    def test_another_code_is_said_at_once(self) -> None:
        view = View()
        assert [view.see([text], at / 10) for at, text in enumerate("AABBA")] == ["A", None, "B", None, None]

    def test_code_that_is_still_there_after_a_rest_is_not_said_again(self) -> None:
        view = View()
        assert view.see(["A"], 0.0) == "A"
        view.rested(60.0)
        assert view.see(["A"], 60.1) is None
        assert view.see(["B"], 60.2) == "B"
        view.rested(60.0)
        assert view.see([], 121.5) is None
        assert view.see(["A"], 122.0) == "A"

    def test_several_are_said_once_and_nothing_is_read_until_a_second_later(self) -> None:
        view = View()
        assert view.see(["A", "B"], 0.0) is Several
        assert view.see(["A"], 0.1) is None
        assert view.see(["B", "A"], 0.2) is None
        assert view.see(["A"], 1.1) is None
        assert view.see(["A"], 1.3) == "A"
        assert view.see(["A", "B"], 1.4) is Several

    def test_code_that_stayed_while_another_came_and_went_is_not_said_again(self) -> None:
        view = View()
        assert view.see(["A"], 0.0) == "A"
        assert view.see(["A", "B"], 0.1) is Several
        assert [view.see(["A"], at / 10) for at in range(2, 30)] == [None] * 28


class Pictures:
    """Hands out what was put in, and says when all of it was taken and looked at."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[Frame] = queue.SimpleQueue()
        self.asked_after: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._number = 0

    def latest(self, after: int = 0) -> tuple[int, Frame] | None:
        assert after == self._number
        if self.waiting.empty():
            self.asked_after.put(after)
            return None
        self._number += 1
        return self._number, self.waiting.get()

    def show(self, *frames: Frame) -> None:
        """Returns once the last of them was looked at."""
        for frame in frames:
            self.waiting.put(frame)
        last = self._number + self.waiting.qsize()
        while self.asked_after.get(timeout=SOON) < last:
            continue


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


class Heard:
    def __init__(self, camera: Pictures | Camera) -> None:
        self.codes: queue.Queue[str] = queue.Queue()
        self.several = threading.Event()
        self.reader = CodeReader(camera, self.codes.put, self.several.set)


@pytest.fixture
def heard(pictures: Pictures) -> Iterator[Heard]:
    made = Heard(pictures)
    made.reader.start()
    yield made
    made.reader.stop(SOON)


def test_codes_are_read_only_while_watching(pictures: Pictures, heard: Heard) -> None:
    pictures.waiting.put(phone.qr_picture(CODE))
    heard.reader.watch(True)
    assert heard.codes.get(timeout=SOON) == CODE
    heard.reader.watch(False)
    heard.reader.watch(True)
    pictures.show(phone.qr_picture(CODE), hall.picture(0))
    assert heard.codes.empty()


def test_two_codes_are_refused_and_neither_is_read(pictures: Pictures, heard: Heard) -> None:
    heard.reader.watch(True)
    pictures.show(phone.qr_picture(CODE, 220, two=True), phone.qr_picture(CODE, 220))
    assert heard.several.is_set()
    assert heard.codes.empty()


def test_stopping_is_prompt_watching_or_at_rest(pictures: Pictures) -> None:
    for watching in (True, False):
        reader = Heard(pictures).reader
        reader.start()
        reader.watch(watching)
        reader.stop(SOON)
        assert "code-reader" not in [thread.name for thread in threading.enumerate()]


def test_phone_before_the_camera_is_read_through_the_capture_process() -> None:
    peer = CameraPeer()
    peer.start()
    camera = Camera(CameraConfig(source=peer.url), lambda online, fault: None)
    heard = Heard(camera)
    try:
        camera.start()
        heard.reader.start()
        heard.reader.watch(True)
        peer.show_code(CODE)
        assert heard.codes.get(timeout=SOON) == CODE
        peer.show(phone.qr_picture(CODE, 220, two=True))
        assert heard.several.wait(SOON)
        assert heard.codes.empty()
    finally:
        heard.reader.stop(SOON)
        camera.stop(SOON)
        peer.stop()
