"""The IPP driver against whatever may answer at a printer's address; each answer is written here byte by byte."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.clock import Clock
from printers.ipp import IppPrinter
from printers.machine import Sent
from printers.pace import Pace
from printers.status import Status
from printers.transport import LineLost

PACE = Pace(connect=1.0, first=1.0, answer=0.5, busy=0.5, confirm=0.5, margin=0.01, watch=0.01, grace=0.02, look=0.01)
PDF = b"%PDF-1.7 /Type /Page " + bytes(200_000)
PRINT, CANCEL, JOB, JOBS, PRINTER = 2, 8, 9, 10, 11


def _attribute(tag: int, name: str, *values: object) -> bytes:
    out = b""
    for n, value in enumerate(values):
        data = value.encode() if isinstance(value, str) else struct.pack(">i", value)
        key = b"" if n else name.encode()
        out += bytes((tag,)) + struct.pack(">H", len(key)) + key + struct.pack(">H", len(data)) + data
    return out


def http(body: bytes, status: str = "200 OK", kind: str = "application/ipp", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n".encode() + body


def ipp(code: int, group: bytes = b"") -> bytes:
    return http(b"\x02\x00" + struct.pack(">HI", code, 1) + b"\x01" + group + b"\x03")


def printer(state: int = 3, *reasons: str) -> bytes:
    told = _attribute(0x23, "printer-state", state) + _attribute(0x44, "printer-state-reasons", *(reasons or ("none",)))
    return ipp(0, b"\x04" + told + _attribute(0x49, "document-format-supported", "image/jpeg", "application/pdf"))


def job(state: int, sheets: int | None = None, *reasons: str) -> bytes:
    told = _attribute(0x21, "job-id", 7) + _attribute(0x23, "job-state", state)
    counted = b"" if sheets is None else _attribute(0x21, "job-media-sheets-completed", sheets)
    return ipp(0, b"\x02" + told + counted + (_attribute(0x44, "job-state-reasons", *reasons) if reasons else b""))


def ours() -> bytes:
    own = _attribute(0x21, "job-id", 7) + _attribute(0x42, "job-name", "A-017")
    return ipp(0, b"\x02" + own + b"\x02" + _attribute(0x21, "job-id", 8) + _attribute(0x42, "job-name", "A-018"))


class Answering:
    """Answers each operation from its list, the last for ever; an empty answer drops the line, None keeps silent.

    `after_cancel`: how the job is once Cancel-Job was asked for.
    """

    def __init__(self, answers: dict[int, list[bytes | None]], tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.after_cancel = b""
        self.answers, self.asked, self.lines = answers, list[int](), list[socket.socket]()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"{'ipps' if tls else 'ipp'}://127.0.0.1:{self._listening.getsockname()[1]}/ipp/print"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line = self._listening.accept()[0]
            except OSError:
                return
            line.settimeout(5)
            try:
                line = self._tls.wrap_socket(line, server_side=True) if self._tls else line
            except OSError:
                line.close()
                continue
            self.lines.append(line)
            self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        try:
            operation = self._question(line)
        except (OSError, ValueError):
            line.close()
            return
        self.asked.append(operation)
        if operation == CANCEL and self.after_cancel:
            self.answers[JOB] = [self.after_cancel]
        waiting = self.answers.get(operation, [b""])
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if answer is not None:
            try:
                line.sendall(answer)
            except OSError:
                pass
            line.close()

    def _question(self, line: socket.socket) -> int:
        data = b""
        while b"\r\n\r\n" not in data:
            if not (got := line.recv(65536)):
                raise ValueError("closed")
            data += got
        head, _, body = data.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        while len(body) < length:
            if not (got := line.recv(65536)):
                raise ValueError("closed")
            body += got
        return struct.unpack_from(">H", body, 2)[0]

    def away(self) -> None:
        """Nobody listens there any more."""
        if self._listening.fileno() >= 0:
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()

    def close(self) -> None:
        self.away()
        self._thread.join(10)
        for line in self.lines:
            line.close()


Making = Callable[..., tuple[IppPrinter, Answering]]


@pytest.fixture
def made() -> Iterator[Making]:
    peers: list[Answering] = []

    def make(pace: Pace = PACE, **answers: list[bytes | None]) -> tuple[IppPrinter, Answering]:
        numbers = {"printer": PRINTER, "print": PRINT, "job": JOB, "jobs": JOBS, "cancel": CANCEL}
        peer = Answering({numbers[name]: list(each) for name, each in answers.items()})
        peers.append(peer)
        return IppPrinter(peer.address, "A-017", "", Clock(), pace, lambda: False), peer

    yield make
    for peer in peers:
        peer.close()


GOOD = printer()
BODY = GOOD.partition(b"\r\n\r\n")[2]
FIRMWARE = ("printer-firmware-string-version", "3.1.4")
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n"
ODD = {
    "a page of the web": http(b"<html></html>", kind="text/html"),
    "not found": http(b"", "404 Not Found"),
    "a login": http(b"", "401 Unauthorized"),
    "a way elsewhere": http(b"", "302 Found", more="Location: http://127.0.0.1:1/\r\n"),
    "no message": http(b"hello"),
    "nothing": http(b""),
    "a message cut off": http(BODY[:-9]),
    "a wrong length within": http(BODY.replace(b"\x00\x0dprinter", b"\xff\xffprinter")),
    "a refusal": ipp(0x0400),
    "no state": ipp(0, b"\x04"),
    "too much": http(BODY[:-1] + bytes(2_000_000)),
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "less than it says": GOOD[:-9],
    "another kind": http(BODY, kind="application/octet-stream"),
}
LOST = {
    "hangs up": b"",
    "no HTTP": b"SSH-2.0-printer\r\n",
    "a length that is none": CHUNKED + b"zz\r\n",
    "silent": None,
}


@pytest.mark.parametrize("answer", ODD.values(), ids=ODD)
def test_an_odd_answer_is_an_error(made: Making, answer: bytes) -> None:
    driver, peer = made(printer=[answer])
    assert driver.connect(lambda: False)
    assert driver.look() is Status.ERROR
    assert peer.asked == [PRINTER, PRINTER]


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST)
def test_no_whole_answer_is_a_lost_line(made: Making, answer: bytes | None) -> None:
    driver, _ = made(printer=[GOOD, answer])
    assert driver.connect(lambda: False)
    with pytest.raises(LineLost):
        driver.look()


def test_an_answer_that_trickles_ends_with_the_deadline(made: Making) -> None:
    driver, peer = made(printer=[GOOD, None])
    driver.connect(lambda: False)
    stop = threading.Event()

    def trickle() -> None:
        while not stop.wait(0.02):
            if len(peer.lines) > 1:
                peer.lines[1].send(b"H")

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        with pytest.raises(LineLost, match="silent"):
            driver.look()
        with pytest.raises(LineLost, match="silent"):
            driver.look()
        assert len(peer.lines) == 2, "one is left hanging, never more"
    finally:
        stop.set()
        thread.join()


def test_a_printer_of_the_old_version_is_spoken_to_in_it(made: Making) -> None:
    driver, peer = made(printer=[ipp(0x0503), GOOD])
    driver.connect(lambda: False)
    assert driver.look() is Status.IDLE
    assert peer.asked == [PRINTER] * 3


def test_make_model_and_firmware_are_as_its_attributes_say(made: Making) -> None:
    model, version = (_attribute(0x41, name, word) for name, word in (("printer-make-and-model", "Peer P-1"), FIRMWARE))
    told = http(BODY[:-1] + model + version + b"\x03")
    odd = http(BODY[:-1] + _attribute(0x41, "printer-make-and-model", "a\nb") + b"\x03")
    driver, _ = made(printer=[GOOD, GOOD, told, odd])
    driver.connect(lambda: False)
    said = [(driver.look(), driver.firmware) for _ in range(3)]
    assert said == [(Status.IDLE, ""), (Status.IDLE, "Peer P-1 3.1.4"), (Status.IDLE, "")]


FATES: dict[str, tuple[list[bytes | None], list[bytes | None], Sent]] = {
    "done": ([job(3)], [job(3), job(5), job(9, 1)], Sent(Status.IDLE, True)),
    "done, uncounted": ([job(3)], [job(9)], Sent(Status.IDLE, True)),
    "done with errors": ([job(3)], [job(9, 1, "job-completed-with-errors")], Sent(Status.ERROR, True)),
    "aborted": ([job(3)], [job(5, 0), job(8, 0)], Sent(Status.ERROR, False)),
    "aborted with the sheet out": ([job(3)], [job(5, 0), job(8, 1)], Sent(Status.ERROR, True)),
    "aborted before it was begun": ([job(3)], [job(3), job(8)], Sent(Status.ERROR, False)),
    "aborted, uncounted": ([job(3)], [job(5), job(8)], Sent(Status.ERROR, True)),
    "cancelled at the printer": ([job(3)], [job(7, 0)], Sent(Status.ERROR, False)),
    "forgotten": ([job(3)], [job(5), ipp(0x0406)], Sent(Status.ERROR, True)),
    "a lost answer in between": ([job(3)], [b"", job(5), b"", job(9)], Sent(Status.IDLE, True)),
    "refused": ([ipp(0x040A)], [], Sent(Status.ERROR, False)),
    "busy": ([ipp(0x0507)], [], Sent(Status.ERROR, False)),
    "its own error": ([ipp(0x0500)], [], Sent(Status.ERROR, True)),
    "a login": ([http(b"", "401 Unauthorized")], [], Sent(Status.ERROR, False)),
    "a server's error": ([http(b"", "500 Oh")], [], Sent(Status.ERROR, True)),
    "nonsense": ([http(b"hello")], [], Sent(Status.ERROR, True)),
    "no number": ([ipp(0)], [], Sent(Status.ERROR, True)),
}


@pytest.mark.parametrize(("printed", "jobs", "fate"), FATES.values(), ids=FATES)
def test_how_a_job_ended(made: Making, printed: list[bytes | None], jobs: list[bytes | None], fate: Sent) -> None:
    driver, peer = made(printer=[GOOD], print=printed, job=jobs or [b""])
    driver.connect(lambda: False)
    assert driver.prepare() is Status.IDLE
    assert driver.send(driver.plan(PDF)) == fate
    assert driver.sent == len(PDF)
    assert peer.asked.count(PRINT) == 1, "never a second time by itself"


@pytest.mark.parametrize("printed", [None, b"", b"no HTTP"])
def test_no_answer_to_a_job_is_a_lost_line_and_the_job_is_taken_back(made: Making, printed: bytes | None) -> None:
    """Of two jobs in its list the one of this terminal, by its name; that of another is let be."""
    driver, peer = made(printer=[GOOD], print=[printed], jobs=[ours(), ipp(0)], cancel=[ipp(0)])
    driver.connect(lambda: False)
    driver.prepare()
    with pytest.raises(LineLost):
        driver.send(driver.plan(PDF))
    assert driver.sent
    assert not driver.clean
    for line in peer.lines:
        line.close()
    assert driver.look() is Status.IDLE
    assert driver.clean
    assert (peer.asked.count(PRINT), peer.asked.count(CANCEL)) == (1, 1)


STOPS = {
    "stands still": (printer(5, "media-empty-error"), Status.NO_PAPER),
    "goes on, but not for long": (printer(4, "cover-open"), Status.COVER_OPEN),
    "warns until the time is over": (printer(4, "toner-empty-warning"), Status.NO_TONER),
    "says nothing until the time is over": (printer(4), Status.ERROR),
}


@pytest.mark.parametrize(("stopped", "status"), STOPS.values(), ids=STOPS)
@pytest.mark.parametrize(("ended", "whole"), [(job(7, 0), False), (job(7), True), (job(7, 1), True), (job(5), True)])
def test_a_stopped_job_is_taken_back(made: Making, stopped: bytes, status: Status, ended: bytes, whole: bool) -> None:
    """What it says of its sheets then is what is known."""
    pace = replace(PACE, busy=0.15, confirm=0.3)
    driver, peer = made(pace, printer=[GOOD, GOOD, stopped], print=[job(3)], job=[job(5, 0)], cancel=[ipp(0)])
    driver.connect(lambda: False)
    driver.prepare()
    peer.after_cancel = ended
    assert driver.send(driver.plan(PDF)) == Sent(status, whole)
    assert driver.clean is (ended != job(5))


def test_completed_in_the_last_moment_is_printed(made: Making) -> None:
    driver, peer = made(printer=[GOOD, GOOD, printer(5, "media-empty")], print=[job(3)], job=[job(5)], cancel=[ipp(0)])
    peer.after_cancel = job(9, 1)
    driver.connect(lambda: False)
    driver.prepare()
    assert driver.send(driver.plan(PDF)) == Sent(Status.IDLE, True)


def test_nothing_was_sent_to_a_printer_that_is_not_there(made: Making) -> None:
    driver, peer = made(printer=[GOOD])
    driver.connect(lambda: False)
    driver.prepare()
    peer.away()
    with pytest.raises(LineLost):
        driver.send(driver.plan(PDF))
    assert driver.sent == 0


def test_a_secure_printer_is_believed_by_its_certificate_alone(tmp_path: Path) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    ours, others = tmp_path / "ours.pem", tmp_path / "others.pem"
    authority.cert_pem.write_to_path(str(ours))
    trustme.CA().cert_pem.write_to_path(str(others))
    peer = Answering({PRINTER: [GOOD]}, tls)
    try:
        believed = IppPrinter(peer.address, "A-017", str(ours), Clock(), PACE, lambda: False)
        assert believed.connect(lambda: False)
        assert believed.look() is Status.IDLE
        for trusted in (str(others), ""):
            with pytest.raises(LineLost, match="SSLError"):
                IppPrinter(peer.address, "A-017", trusted, Clock(), PACE, lambda: False).connect(lambda: False)
        assert peer.asked == [PRINTER] * 2
    finally:
        peer.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=200).map(http),
        st.builds(lambda at, more: GOOD[:at] + more + GOOD[at:], st.integers(0, len(GOOD)), st.binary(max_size=5)),
    )
)
def test_any_bytes_are_a_status_or_a_lost_line(answering: tuple[IppPrinter, Answering], data: bytes) -> None:
    driver, peer = answering
    peer.answers[PRINTER] = [data]
    try:
        assert driver.look() in Status
    except LineLost:
        pass


@pytest.fixture
def answering(made: Making) -> tuple[IppPrinter, Answering]:
    return made(replace(PACE, answer=0.2), printer=[GOOD])
