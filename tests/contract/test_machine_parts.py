"""What the machine has or has not: plug, disk, security chip, power supply, sound; peers on ptys, sockets and files."""

from __future__ import annotations

import functools
import os
import socket
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from devices import disk, soundloop, tpm, ups
from devices.identity import firmware
from kiosk.app.bench import machine

GET_RANDOM = bytes.fromhex("8001 0000000c 0000017b 0008")
"""TPM2_GetRandom for eight bytes, as part 3 of the specification writes it."""
EIGHT = bytes(range(8))
NOBODY = ("127.0.0.1", 9)


def plug(sys: Path, kind: str, name: str, *, product: str = "CP2102 USB to UART", release: str = "0264") -> None:
    """A device of this kind on a USB plug, as Linux lays it out."""
    usb = sys / "devices" / "usb1" / "1-2"
    inner = usb / "1-2:1.0" / name
    inner.mkdir(parents=True)
    for file, text in (("idVendor", "10c4"), ("idProduct", "ea60"), ("product", product), ("bcdDevice", release)):
        (usb / file).write_text(text + "\n")
    place = sys / "class" / kind / name
    place.mkdir(parents=True)
    (place / "device").symlink_to(inner)
    bus = sys / "bus" / "usb" / "devices"
    bus.mkdir(parents=True)
    (bus / "1-2").symlink_to(usb)


@pytest.mark.parametrize("port", ["/dev/ttyUSB7", "serial:///dev/ttyUSB7?baud=115200", "usb://10C4:ea60"])
def test_a_plug_tells_product_and_release(tmp_path: Path, port: str) -> None:
    plug(tmp_path, "tty", "ttyUSB7")
    assert firmware(port, tmp_path) == "CP2102 USB to UART 2.64"


@pytest.mark.parametrize("port", ["", "/dev/ttyUSB0", "tcp://192.0.2.1:9100", "usb://ffff:0000", "rtsp://x/y"])
def test_what_has_no_plug_here_tells_nothing(tmp_path: Path, port: str) -> None:
    plug(tmp_path, "video4linux", "video0", release="odd")
    assert firmware(port, tmp_path) == ""
    assert firmware("/dev/video0", tmp_path) == "CP2102 USB to UART odd"


def test_a_megabyte_is_written_and_nothing_of_it_is_left(tmp_path: Path) -> None:
    assert 0 < disk.write_time(tmp_path, 10_000) < 30
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        disk.write_time(tmp_path / "gone")


@pytest.fixture
def chip() -> Iterator[tuple[Path, list[bytes], list[bytes]]]:
    """(where it is, what it answers, what it heard)."""
    master, slave = os.openpty()
    tty.setraw(slave)
    answers: list[bytes] = []
    heard: list[bytes] = []

    def live() -> None:
        while data := os.read(master, 100):
            if data == b"end":
                return
            heard.append(data)
            if answers:
                os.write(master, answers[0])

    thread = threading.Thread(target=live)
    thread.start()
    yield Path(os.ttyname(slave)), answers, heard
    os.write(slave, b"end")
    thread.join()
    os.close(master)
    os.close(slave)


def answer(body: bytes = b"\x00\x08" + EIGHT, code: int = 0) -> bytes:
    return b"\x80\x01" + (10 + len(body)).to_bytes(4, "big") + code.to_bytes(4, "big") + body


def test_the_chip_gives_its_bytes(chip: tuple[Path, list[bytes], list[bytes]]) -> None:
    where, answers, heard = chip
    answers.append(answer())
    assert tpm.random_bytes(where) == EIGHT
    assert heard == [GET_RANDOM]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(b"", 0x922), "refused"),
        (answer()[:-1], "odd"),
        (answer(b"\x00\x00"), "odd"),
        (b"\x00\xc4" + answer()[2:], "odd"),
        (b"noise", "odd"),
    ],
)
def test_a_chip_that_does_not_work_says_why(chip: tuple[Path, list[bytes], list[bytes]], said: bytes, why: str) -> None:
    where, answers, _ = chip
    answers.append(said)
    with pytest.raises(tpm.TpmError, match=why):
        tpm.random_bytes(where)


def test_a_silent_chip_and_one_that_is_shut(chip: tuple[Path, list[bytes], list[bytes]], tmp_path: Path) -> None:
    with pytest.raises(tpm.TpmError, match="silent"):
        tpm.random_bytes(chip[0], 0.05)
    with pytest.raises(tpm.TpmError, match="shut"):
        tpm.random_bytes(tmp_path / "tpm0")
    assert tpm.device((tmp_path / "tpm0",)) is None


def test_a_chip_that_is_the_kernels_alone_is_asked_through_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def shut(_path: Path) -> bytes:
        raise tpm.TpmError("shut")

    monkeypatch.setattr(tpm, "device", lambda: tmp_path / "tpmrm0")
    monkeypatch.setattr(tpm, "random_bytes", shut)
    there: Any = None
    assert machine.tpm(there, there).why == "shut", "no register either"
    (tmp_path / "0").write_text("3D458CFE55CC03EA1F443F1562BEEC8DF51C75E14A9FCF9A7234A13F198E7969\n")
    monkeypatch.setattr(tpm, "register", functools.partial(tpm.register, tmp_path / "0"))
    assert machine.tpm(there, there).value == "PCR 3D458CFE"


def supply(folder: Path, **told: str) -> Path:
    place = folder / "ups0"
    place.mkdir(parents=True)
    for name, text in told.items():
        (place / name).write_text(text + "\n")
    return folder


def test_the_kernels_word_on_a_power_supply(tmp_path: Path) -> None:
    well = supply(tmp_path / "a", type="UPS", capacity="97", status="Full")
    assert ups.look(well, NOBODY) == ups.Ups("ups0", 97, True, False)
    bad = supply(tmp_path / "b", type="UPS", capacity="7", status="Discharging", capacity_level="Low")
    assert ups.look(bad, NOBODY) == ups.Ups("ups0", 7, False, True)
    laptop = supply(tmp_path / "c", type="Battery", capacity="50", status="Full")
    assert ups.look(laptop, NOBODY) is None


def serve(*said: str) -> tuple[tuple[str, int], threading.Thread]:
    """Network UPS Tools, for one visitor: the answers in their order."""
    server = socket.create_server(("127.0.0.1", 0))

    def live() -> None:
        with server, server.accept()[0] as line, line.makefile("rw", newline="\n") as talk:
            for text in said:
                if not talk.readline():
                    return
                talk.write(text)
                talk.flush()

    thread = threading.Thread(target=live)
    thread.start()
    return server.getsockname()[:2], thread


LISTED = 'BEGIN LIST UPS\nUPS eaton "Cabinet"\nEND LIST UPS\n'
TOLD = "BEGIN LIST VAR eaton\nVAR eaton battery.charge {charge}\nVAR eaton ups.status {status}\nEND LIST VAR eaton\n"


@pytest.mark.parametrize(
    ("charge", "status", "found"),
    [
        ('"100"', '"OL CHRG"', ups.Ups("eaton", 100, True, False)),
        ('"31.5"', '"OB DISCHRG"', ups.Ups("eaton", 31, False, False)),
        ('"9"', '"OB LB"', ups.Ups("eaton", 9, False, True)),
        ('"80"', '"OL RB"', ups.Ups("eaton", 80, True, True)),
    ],
)
def test_the_word_of_network_ups_tools(tmp_path: Path, charge: str, status: str, found: ups.Ups) -> None:
    address, thread = serve(LISTED, TOLD.format(charge=charge, status=status))
    assert ups.look(tmp_path, address) == found
    thread.join()


@pytest.mark.parametrize("said", ["ERR UNKNOWN-COMMAND\n", "", "BEGIN LIST UPS\nEND LIST UPS\n"])
def test_network_ups_tools_that_know_of_none(tmp_path: Path, said: str) -> None:
    address, thread = serve(said)
    assert ups.look(tmp_path, address) is None
    thread.join()


def test_a_tone_is_told_from_noise_and_from_silence() -> None:
    at = np.arange(2 * soundloop.RATE) / soundloop.RATE
    noise = np.random.default_rng(7).normal(0, 300, len(at))
    assert soundloop.clearness(noise) < 100
    assert soundloop.clearness(noise + 400 * np.sin(2 * np.pi * 1000 * at)) > 1000
    assert soundloop.clearness(noise + 4000 * np.sin(2 * np.pi * 3000 * at)) < 100, "another tone is not ours"
    assert soundloop.clearness(np.zeros(len(at))) == 0.0
    assert soundloop.clearness(np.zeros(10)) == 0.0


def test_the_loop_plays_what_is_recorded(tmp_path: Path) -> None:
    """A cable from the loudspeaker to the microphone: a player that leaves its file where the recorder takes it."""
    wire = tmp_path / "wire.wav"
    play, record = tmp_path / "play", tmp_path / "record"
    play.write_text(f'#!/bin/sh\ncp "$1" {wire}.part && mv {wire}.part {wire}\n')
    record.write_text(f'#!/bin/sh\nwhile [ ! -f {wire} ]; do sleep 0.01; done\ncp {wire} "$1"\n')
    deaf = tmp_path / "deaf"
    deaf.write_text("#!/bin/sh\nexit 1\n")
    for program in (play, record, deaf):
        program.chmod(0o700)
    assert soundloop.heard([str(play)], [str(record)]) > 1000
    with pytest.raises(OSError, match="recorded"):
        soundloop.heard([str(play)], [str(deaf)])
