"""What can be done to the world around the terminal, in words: `show code of 20230001`, `paper out`, `network down`."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable

import requests

from devices.sim import document, phone
from kiosk.demo import sheets
from kiosk.demo.gatepokes import gate_pokes
from kiosk.demo.processes import kill_sync
from kiosk.demo.stage import Stage
from kiosk.domain.people import DEMO_PINS, Role

SECONDS_SHOWN = 20.0
TURNING = (0.0, 0.45, 0.0, -0.45, 0.0)
"""To the left, and to the right, as the camera asks at an enrolment."""


class Pokes:
    """Turns a line into bad luck, or a phone held before the camera. Answers what it did."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._old_code = ""
        self._table: list[tuple[str, Callable[..., str]]] = [
            (r"show code of (\w+)", self._show_code),
            (r"show old code", self._show_old),
            (r"show two codes", self._show_two),
            (r"show text (.+)", self._show_text),
            (r"show document", self._show_document),
            (r"show page", self._show_page),
            (r"show nothing", self._show_nothing),
            (r"show person ([\w-]+)", self._show_person),
            (r"show person ([\w-]+) turning", lambda name: self._show_person(name, TURNING)),
            (r"scan code of (\w+)", self._scan_code),
            (r"scan text (.+)", self._scan_text),
            (r"scanner garbage", lambda: self._do(stage.scanner.garbage)),
            (r"unplug scanner", lambda: self._do(stage.scanner.unplug)),
            (r"plug scanner", lambda: self._do(stage.scanner.plug)),
            (r"unplug camera", lambda: self._do(stage.camera.unplug)),
            (r"plug camera", lambda: self._do(stage.camera.plug)),
            (r"paper low", lambda: self._print("paper_low")),
            (r"paper out", lambda: self._print("paper_out")),
            (r"paper out after (\d+)", lambda n: self._print("paper_out_after", int(n))),
            (r"refill", lambda: self._print("refill")),
            (r"open cover", lambda: self._print("cover_open")),
            (r"close cover", lambda: self._print("cover_closed")),
            (r"printer silent", lambda: self._print("silent")),
            (r"printer silent after (\d+)", lambda n: self._print("silent_after", int(n))),
            (r"printer talk", lambda: self._print("talk")),
            (r"unplug printer", lambda: self._print("unplug")),
            (r"plug printer", lambda: self._print("plug")),
            (r"kill sync", self._kill_sync),
            (r"network down", lambda: self._network(up=False)),
            (r"network up", lambda: self._network(up=True)),
            (r"plug stick", lambda: self._do(lambda: stage.stick.mkdir(exist_ok=True))),
            (r"unplug stick", lambda: self._do(lambda: shutil.rmtree(stage.stick, ignore_errors=True))),
            (r"leave college (\w+)", lambda number: self._do(lambda: stage.central("leave", "--number", number))),
            (r"back at college (\w+)", lambda n: self._do(lambda: stage.central("leave", "--number", n, "--restore"))),
            *sheets.pokes(lambda: stage.a4),
            *gate_pokes(stage, self.code_of, self.code_again, self.code_of_visit),
        ]

    def poke(self, line: str) -> str:
        """One line of words; "?" and the list when it is none of ours."""
        for pattern, act in self._table:
            found = re.fullmatch(pattern, line.strip())
            if found:
                return act(*found.groups())
        return "? " + " · ".join(re.sub(r"\(.+?\)", "…", pattern) for pattern, _ in self._table)

    @property
    def patterns(self) -> tuple[str, ...]:
        """Regular expressions of all lines."""
        return tuple(pattern for pattern, _ in self._table)

    def code_of(self, number: str) -> str:
        """What the person's phone gets from the centre, over its own network, not the terminal's."""
        pin = DEMO_PINS[Role.STAFF if number.startswith("T") else Role.STUDENT]
        return self._code({"number": number, "pin": pin})

    def code_of_visit(self, token: str) -> str:
        """What a visitor's phone gets by the link that holds this secret."""
        return self._code({"visit": token})

    def code_again(self) -> str:
        """The code that was fetched last."""
        return self._old_code

    def _code(self, ask: dict[str, str]) -> str:
        answer = requests.post(f"{self._stage.central_url}/v1/codes", json=ask, timeout=5)
        answer.raise_for_status()
        self._old_code = str(answer.json()["code"])
        return self._old_code

    def _show_code(self, number: str) -> str:
        self._stage.camera.show_code(self.code_of(number), SECONDS_SHOWN)
        return f"a phone with the code of {number} is held before the camera"

    def _show_old(self) -> str:
        self._stage.camera.show_code(self._old_code, SECONDS_SHOWN)
        return "the code shown last is held before the camera again"

    def _show_two(self) -> str:
        self._stage.camera.show(phone.qr_picture(self.code_of("20230001"), two=True))
        return "two codes are held before the camera"

    def _show_text(self, text: str) -> str:
        self._stage.camera.show_code(text, SECONDS_SHOWN)
        return "that text is held before the camera as a code"

    def _show_document(self) -> str:
        self._stage.camera.show(phone.document_picture())
        return "a paper lies before the camera"

    def _show_page(self) -> str:
        pages = self._stage.printer.pages
        if not pages:
            return "? no page has come out yet"
        self._stage.camera.show(document.page_picture(pages[-1]))
        return "the page that came out last is held before the camera"

    def _show_person(self, name: str, turns: tuple[float, ...] = (0.0,)) -> str:
        self._stage.camera.show_person(name, turns=turns)
        return f"{name} stands before the hall's camera"

    def _show_nothing(self) -> str:
        self._stage.camera.clear()
        return "nothing is before the camera"

    def _scan_code(self, number: str) -> str:
        self._stage.scanner.scan(self.code_of(number))
        return f"the scanner read the code of {number}"

    def _scan_text(self, text: str) -> str:
        self._stage.scanner.scan(text)
        return "the scanner read that text"

    def _print(self, name: str, argument: int | None = None) -> str:
        self._stage.printer.poke(name, argument)
        return f"printer: {name}"

    def _network(self, *, up: bool) -> str:
        assert self._stage.proxy is not None
        if up:
            self._stage.proxy.up()
        else:
            self._stage.proxy.down()
        return "the network is back" if up else "the network is cut"

    def _kill_sync(self) -> str:
        assert self._stage.running is not None
        killed = kill_sync(self._stage.running.pid)
        return "the sync process is killed" if killed else "? there is no sync process to kill"

    def _do(self, act: Callable[[], object]) -> str:
        act()
        return "done"
