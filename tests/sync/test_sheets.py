"""The centre's sealed file on its way to a sheet of A4: over the wire, checked by the keys, out of a real printer."""

from __future__ import annotations

import base64
import contextlib
import io
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from kiosk.app.papers import Papers
from kiosk.app.reports import sealed_of
from kiosk.app.sheets import Sheets as Files
from kiosk.app.terminal import load_catalogue
from kiosk.clock import Clock
from kiosk.config import A4Config, CentreConfig, Config, PrinterConfig
from kiosk.domain.documents import Sealed
from kiosk.domain.faults import Code, Fault
from kiosk.domain.printer import Outlet
from kiosk.flows.core import Event
from kiosk.flows.walkup import events as ev
from kiosk.text import shipped_texts
from printers.ipp import IppPrinter
from printers.sim.ipp_printer import MISSING, IppPeer, there
from printers.spool import JobState
from sync.cache import Cache
from sync.client import Client, Failure, Trouble
from sync.feeds import pull
from sync.sheets import BUSY_S, Sheets
from sync.sim.proxy import FaultProxy, Mode
from sync.vault import Vault
from sync.wire import DocumentAnswer
from tests.contract.spool_kit import QUICK, Bench
from tests.sync.central_kit import Api
from tests.sync.test_central_documents import handed_in, said
from tests.sync.test_central_pdf import Terminal


@pytest.fixture
def central_kind() -> str:
    """The file is made of one row by its key: the same in both databases."""
    return "sqlite"


class Now(Executor):
    """Whatever is handed to it is done at once."""

    def submit(self, work: Any, /, *args: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(work(*args, **more))
        return future


class Watch(Clock):
    """A clock that stands where it is put."""

    at = 0.0

    def mono(self) -> float:
        return self.at


class Hall:
    """Both ends of a terminal's ask, without the process between them. `files`: what came over the wire."""

    def __init__(self, api: Api, proxy: FaultProxy, folder: Path) -> None:
        assert api.key is not None
        signer = api.key.signer
        folder.mkdir()
        self.terminal, self.clock = Terminal(folder), Watch()
        self.client = Client(CentreConfig(url=f"http://127.0.0.1:{proxy.port}"), lambda: signer)
        self.cache = Cache(folder / "cache.db", Vault.open(folder), api.centre.clock.now)
        self.files, self.events, self.faults = list[bytes](), list[Event](), list[Fault]()
        self.ask = Sheets(self.client, self.cache, self.clock, self._tell)
        self.kept = Files(self, folder, 1, Now(), self.events.append, self.faults.append)

    def sheets(self, serial: str) -> None:
        self.ask.add(serial)

    def _tell(self, ev: str, **fields: Any) -> None:
        if ev == "sheets":
            self.files.append(base64.b64decode(fields["pdf"]))
        self.kept.heard({"ev": ev, **fields})

    def fetch(self, sealed: Sealed, turns: int = 1) -> list[Failure | None]:
        """Somebody waits for it."""
        self.kept.fetch(ev.FetchSheets(sealed))
        return [each for _ in range(turns) for each in self.ask.turn()]

    def close(self) -> None:
        self.client.close()
        self.cache.close()


@pytest.fixture
def proxy(central_api: Api) -> Iterator[FaultProxy]:
    made = FaultProxy(int(central_api.url.rpartition(":")[2]))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def hall(central_api: Api, proxy: FaultProxy, tmp_path: Path) -> Iterator[Hall]:
    made = Hall(central_api, proxy, tmp_path / "terminal")
    yield made
    made.close()


def transcript(api: Api) -> Sealed:
    """What the centre answers to a seal."""
    answer = api.ask(
        handed_in(api, item="transcript", values={"terms": "all", "transcript_for": "award"}), "transcript"
    )
    assert answer.status_code == 200, answer.text
    return sealed_of(DocumentAnswer.model_validate(answer.json()))


@pytest.mark.skipif(not there(), reason=MISSING)
def test_what_a_real_printer_is_given_is_the_centres_file_and_anybody_calls_it_valid(
    hall: Hall, central_api: Api, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed = transcript(central_api)
    assert hall.fetch(sealed) == [None]
    assert hall.events[-1] == ev.SheetsReady(sealed.serial)
    printer = IppPeer(tmp_path / "a4")
    address = printer.address
    bench = Bench(PrinterConfig(address, roll=0.0), QUICK, None, partial(IppPrinter, address, "A-017", ""))
    try:
        config = Config(a4=A4Config(address))
        papers = Papers(config, shipped_texts(), load_catalogue(config), bench.spool, Clock(), bench.spool, hall.kept)
        papers.submit(ev.Print("r:1:p", "transcript", "zh", {}, 1, sealed, outlet=Outlet.A4, file=True))
        assert bench.outcome("r:1:p") == (JobState.PRINTED, "")
        (printed,) = printer.got
    finally:
        bench.spool.stop()
        printer.stop()
    assert [printed] == hall.files, "byte for byte"
    (signature,) = PdfFileReader(io.BytesIO(printed)).embedded_regular_signatures
    trusted = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    assert validate_pdf_signature(signature, trusted).bottom_line
    hall.terminal.follow(central_api)
    assert hall.terminal.verify(printed) == 0
    assert sealed.serial in capsys.readouterr().out
    words = subprocess.run(["pdftotext", "-layout", "-", "-"], input=printed, capture_output=True, check=True)
    written = words.stdout.decode()
    assert all(sealed.fields[name] in written for name in ("name", "number", "gpa", "credits_total")), written
    assert sealed.serial in written
    assert sealed.url in written


def test_a_certificate_of_pdfs_that_is_newer_than_the_terminals_list_is_fetched_with_the_file(
    hall: Hall, central_api: Api
) -> None:
    assert pull(hall.client, hall.cache, "keys") is True
    assert central_api.operate("new-key", "--use", "pdf") == 0
    sealed = transcript(central_api)
    hall.fetch(sealed)
    assert hall.events[-1] == ev.SheetsReady(sealed.serial)
    assert hall.faults == []
    assert central_api.operate("revoke-key", "--use", "pdf", "--kid", "2") == 0
    assert central_api.operate("new-key", "--use", "pdf") == 0
    hall.fetch(sealed)
    assert hall.kept.take(sealed.serial) == hall.files[-1] != hall.files[0]


@pytest.mark.proves(Code.SHEETS_FORGED)
def test_somebody_elses_file_is_as_bad_as_a_forged_one(hall: Hall, central_api: Api) -> None:
    mine, other = transcript(central_api), transcript(central_api)
    hall.fetch(mine)
    hall.kept.fetch(ev.FetchSheets(other))
    hall.kept.heard({"ev": "sheets", "serial": other.serial, "pdf": base64.b64encode(hall.files[0]).decode()})
    assert hall.events[-1] == ev.NoSheets(other.serial, "forged")
    assert [fault.code for fault in hall.faults] == [Code.SHEETS_FORGED]
    with pytest.raises(ValueError, match="no_file"):
        hall.kept.take(other.serial)
    hall.fetch(other)
    assert hall.events[-2:] == [ev.FaultCleared("sheets"), ev.SheetsReady(other.serial)]
    assert len(hall.faults) == 1


def test_what_comes_for_somebody_who_has_left_is_let_go_of(hall: Hall, central_api: Api) -> None:
    sealed = transcript(central_api)
    hall.kept.fetch(ev.FetchSheets(sealed))
    hall.kept.wipe()
    hall.kept.heard({"ev": "sheets", "serial": sealed.serial, "pdf": "JVBERi0="})
    assert hall.events == []
    assert hall.faults == []
    with pytest.raises(ValueError, match="no_file"):
        hall.kept.take(sealed.serial)


def voided(api: Api, sealed: Sealed) -> Sealed:
    request = sealed.key.split(":")[0]
    api.send(said(request, "voided", sealed.serial, reason="spoiled"))
    return sealed


def unknown(_: Api, sealed: Sealed) -> Sealed:
    return Sealed(sealed.key, "CJ-2026-0302-9999", 0.0, 0.0, "", "", {})


@pytest.mark.parametrize(("made", "reason"), [(voided, "voided"), (unknown, "refused")])
def test_a_paper_that_counts_no_more_has_no_file(
    hall: Hall, central_api: Api, made: Callable[[Api, Sealed], Sealed], reason: str
) -> None:
    sealed = made(central_api, transcript(central_api))
    assert hall.fetch(sealed) == [None]
    assert hall.events == [ev.NoSheets(sealed.serial, reason)]
    assert not hall.ask.busy


@pytest.mark.parametrize("mode", [Mode.DOWN, Mode.PORTAL, Mode.TRUNCATE])
def test_a_line_that_fails_twice_is_down_and_that_is_said_once(
    hall: Hall, central_api: Api, proxy: FaultProxy, mode: Mode
) -> None:
    sealed = transcript(central_api)
    proxy.mode = mode
    first, second = hall.fetch(sealed, turns=2)
    assert first is not None
    assert second is not None
    assert hall.events == [ev.NoSheets(sealed.serial, "offline")]
    proxy.up()
    assert hall.fetch(sealed) == [None]
    assert hall.events[-1] == ev.SheetsReady(sealed.serial)


def test_a_centre_that_is_busy_is_asked_again_as_long_as_somebody_may_wait(
    hall: Hall, central_api: Api, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = transcript(central_api)
    proxy.mode = Mode.BAD_GATEWAY
    (failure,) = hall.fetch(sealed)
    assert failure is not None
    assert failure.trouble is Trouble.SERVER
    assert hall.events == []
    monkeypatch.setattr(Watch, "at", BUSY_S + 0.1)
    hall.ask.turn()
    assert hall.events == [ev.NoSheets(sealed.serial, "offline")]


def test_without_the_keys_nothing_can_be_said_of_a_seal(hall: Hall, central_api: Api, tmp_path: Path) -> None:
    sealed = transcript(central_api)
    hall.fetch(sealed)
    with contextlib.closing(Cache(tmp_path / "other.db", Vault.open(tmp_path))):
        said: list[Event] = []
        bare = Files(hall, tmp_path, 1, Now(), said.append, hall.faults.append)
        bare.fetch(ev.FetchSheets(sealed))
        bare.heard({"ev": "sheets", "serial": sealed.serial, "pdf": base64.b64encode(hall.files[0]).decode()})
    assert said == [ev.NoSheets(sealed.serial, "unchecked")]
    assert hall.faults == []
