"""One technician in a shell, from signing in to the end: the flow of the screen, spoken in lines."""

from __future__ import annotations

import json
import queue
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO
from uuid import uuid4

from kiosk.app.bench.looks import code_lines
from kiosk.app.recorder import Recorder
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain import proving
from kiosk.flows.core import Effect, Elapsed, Event, Intent, StartTimer
from kiosk.flows.technician import step as technician
from kiosk.flows.technician.state import Page, Phase, Reader, State
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Look, Screen, Station
from kiosk.flows.walkup.state import State as Visit
from kiosk.runner import Runner
from kiosk.text import Texts
from sync.desk import Admitted, Answer, Desk
from ui.present.gate.service import NOTHING, no_index
from ui.present.scene import Scene, World
from ui.present.technician import plain, words

SIGN_IN_S = 60.0
CODES = 3
"""So many times the code is asked for; then number and PIN begin anew, with another shell."""
TEST_S = 600.0
ON_THE_GLASS = frozenset({"touch_grid"})
"""Tests that need the terminal's own screen."""

Handlers = dict[type[Effect], Callable[..., None]]


@dataclass(frozen=True, slots=True)
class Around:
    """What a session needs of the terminal. `handlers`: of the desks; `station`: how the terminal is now."""

    config: Config
    clock: Clock
    texts: Texts
    desk: Desk
    handlers: Handlers
    record: Callable[[Callable[[Event], None]], Recorder]
    station: Callable[[], Station]


class Session:
    """One shell from sign-in to the end, on the line's own thread."""

    def __init__(self, number: int, around: Around, line: socket.socket, stream: TextIO) -> None:
        self.number, self._around, self._line, self._stream = number, around, line, stream
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._recorder = around.record(self.put)
        self._shut = False
        self._runner: Runner[State] = Runner(
            lambda state, event: technician.step(state, event, Reader.SHELL),
            State(number),
            {**around.handlers, **self._own()},
            lambda _: None,
        )

    @property
    def state(self) -> State:
        return self._runner.state

    def put(self, event: Event) -> None:
        """From any thread."""
        self._events.put(event)

    def run(self) -> None:
        """Sign in, then one command after the other. Raises OSError when the line is lost or silent."""
        if not self._sign_in():
            self._send(bye=True)
            return
        self._line.settimeout(self._around.config.timing.technician)
        self._say(self._t("line.help"))
        self._show(plain.devices)
        while (words_ := self._ask("line", "> ").split()) != ["quit"]:
            if words_:
                self._obey(words_[0], words_[1] if len(words_) > 1 else "")
        self._send(bye=True)

    def shut(self) -> None:
        """From any thread: what is typed next is not obeyed any more, and its answer says so."""
        self._shut = True

    def leave(self) -> None:
        """A test that runs is given up, and the audit says who went."""
        for effect in technician.left(self.state):
            self._runner_effect(effect)

    # --- signing in ----------------------------------------------------------------------------------------------

    def _sign_in(self) -> bool:
        self._line.settimeout(SIGN_IN_S)
        number = self._ask("line", self._t("line.number"))
        pin = self._ask("secret", self._t("line.pin"))
        self._type(number.upper())
        self._type(pin)
        self._wait(lambda: not self.state.entry.checking, SIGN_IN_S)
        self._tell()
        for _ in range(CODES):
            if self.state.phase is not Phase.CODE:
                break
            self._show_code(self._ask("secret", self._t("line.code")))
        return self.state.inside

    def _show_code(self, text: str) -> None:
        """As if a reader had read it; whatever was said before is wiped, so that a refusal is heard each time."""
        self._post(Intent("dismiss"))
        self._post(ev.CodeRead(text, self._around.clock.now()))
        self._wait(lambda: self.state.inside or self.state.told is not None, SIGN_IN_S)
        self._tell()

    def _tell(self) -> None:
        """What came of it, where there is anything to say."""
        if self.state.told:
            self._say(words.sentence(self._scene(), self.state.told))

    def _type(self, text: str) -> None:
        for one in text:
            self._post(Intent("digit", one))
        self._post(Intent("confirm"))

    # --- commands ------------------------------------------------------------------------------------------------

    def _obey(self, command: str, what: str) -> None:
        match command:
            case "board":
                self._look(Page.BOARD)
                self._show(plain.devices)
            case "part" if what in self.state.bench.fitted:
                self._look(Page.BOARD)
                self._touch("tech_part", what)
                self._show(plain.device)
            case "tests":
                self._show(plain.proofs)
            case "test" if any(what == proof.name for proof in proving.proofs_of(self.state.bench.fitted)):
                self._test("tech_test", what)
            case "all":
                self._test("tech_all", "")
            case "report":
                self._report()
            case "queue":
                self._look(Page.QUEUE)
                self._show(plain.records)
                self._look(Page.BOARD)
            case "log":
                self._log(what)
            case "settings" | "back":
                self._settings(what, back=command == "back")
            case _:
                self._say(self._t("line.help"))

    def _look(self, page: Page) -> None:
        """Open the page, or look at it again, and wait for what is seen."""
        bench, standing = self.state.bench.parts, self.state.queue.standing
        if self.state.page is page:
            self._post(Elapsed("technician", self.number))
        else:
            self._touch("tech_page", page)
        fresh = self.state
        self._wait(lambda: self._seen(page, bench, standing) or self.state.told is not fresh.told, SIGN_IN_S)

    def _seen(self, page: Page, parts: object, standing: object) -> bool:
        if page is Page.BOARD:
            return self.state.bench.parts is not parts
        return self.state.queue.standing is not standing

    def _log(self, only: str) -> None:
        """A page through this filter, "" = what went wrong."""
        self._touch("tech_page", Page.LOG)
        if only:
            self._touch("tech_log", "" if only == "all" else only)
        self._wait(lambda: self.state.log.answered == self.state.log.asked, SIGN_IN_S)
        self._show(plain.log)
        self._look(Page.BOARD)

    def _settings(self, number: str, *, back: bool) -> None:
        """The kept settings, and how the one with this number differs; `back`: and from now on it counts."""
        self._touch("tech_page", Page.SETTINGS)
        self._wait(lambda: self.state.settings.answered > 0, SIGN_IN_S)
        kept = self.state.settings.kept
        found = number.isdecimal() and 1 <= int(number) <= len(kept) and not kept[int(number) - 1].now
        if found:
            self._touch("tech_settings", kept[int(number) - 1].name)
            self._wait(lambda: self.state.settings.answered == self.state.settings.asked, SIGN_IN_S)
        self._show(plain.changed)
        if found and back:
            self._put_back()
        self._look(Page.BOARD)

    def _put_back(self) -> None:
        """The screen asks twice; whoever types the number has thought about it."""
        for _ in range(2):
            self._touch("tech_put_back")
        self._wait(lambda: not self.state.settings.doing, SIGN_IN_S)
        self._tell()

    def _test(self, act: str, what: str) -> None:
        if what in ON_THE_GLASS:
            self._say(self._t("line.on_the_glass"))
            return
        self._touch(act, what)
        asked, seen = None, dict(self.state.bench.results)
        while self.state.bench.running:
            self._wait_one(TEST_S)
            ask = self.state.bench.ask
            if ask and ask != asked:
                asked = ask
                self._asked()
            for name, result in self.state.bench.results.items():
                if seen.get(name) is not result:
                    seen[name] = result
                    self._say(plain.result(self._scene(), self.state, name))

    def _asked(self) -> None:
        """What the test wants: said, its code drawn, its answer asked for where it takes one."""
        ask = self.state.bench.ask
        assert ask is not None
        self._say(self._scene().t(ask.key, **ask.values))
        if ask.code:
            self._say("\n".join(code_lines(ask.code)))
        if ask.answers:
            answer = self._ask("line", self._t("line.answer", words=" / ".join(ask.answers))) or ask.answers[0]
            self._touch("tech_say", answer) if answer in ask.answers else self._touch("tech_stop")

    def _report(self) -> None:
        self._touch("tech_report")
        self._wait(lambda: self.state.bench.report is None, TEST_S)
        self._tell()

    # --- the flow ------------------------------------------------------------------------------------------------

    def _touch(self, name: str, payload: str = "") -> None:
        self._post(Intent(name, payload, self._around.clock.now(), uuid4().hex))

    def _post(self, event: Event) -> None:
        self._runner.post(event)

    def _wait(self, holds: Callable[[], bool], seconds: float) -> None:
        while not holds():
            if not self._wait_one(seconds):
                return

    def _wait_one(self, seconds: float) -> bool:
        try:
            self._post(self._events.get(timeout=seconds))
        except queue.Empty:
            return False
        return True

    def _own(self) -> Handlers:
        """The rest of the handlers: who it is, what goes on record, and no clock of the board's own."""
        return {
            ev.CheckPin: lambda e: self._around.desk.check_pin(e.number, e.pin, self._checked),
            ev.CheckCode: lambda e: self._around.desk.check_code(e.text, self._checked),
            ev.Record: self._recorder.record,
            StartTimer: lambda _: None,
        }

    def _checked(self, answer: Answer) -> None:
        if isinstance(answer, Admitted):
            at = self._around.clock.now()
            self.put(ev.Admitted(self.number, answer.person, answer.factor, at, answer.nonce, answer.doubtful))
        else:
            self.put(ev.NotAdmitted(self.number, answer.reason.value, answer.tries_left, answer.until))

    def _runner_effect(self, effect: Effect) -> None:
        self._around.handlers[type(effect)](effect)

    # --- words ---------------------------------------------------------------------------------------------------

    def _scene(self) -> Scene:
        around = self._around
        look = Look(around.config.terminal.language)
        visit = Visit(screen=Screen.TECHNICIAN, look=look, station=around.station(), technician=self.state)
        return Scene(
            visit,
            World(around.config.terminal, around.config.timing, around.texts, NOTHING, no_index, around.clock.local()),
        )

    def _t(self, key: str, **values: object) -> str:
        return self._scene().t(f"technician.{key}", **values)

    def _show(self, page: Callable[[Scene, State], Iterator[str]]) -> None:
        if self.state.page is not Page.QUEUE:
            self._wait(lambda: bool(self.state.bench.parts), SIGN_IN_S)
        self._say("\n".join(page(self._scene(), self.state)))

    def _say(self, text: str) -> None:
        self._send(say=text)

    def _ask(self, how: str, text: str) -> str:
        """The answer. Raises OSError at the end of the line, or after too long a silence."""
        self._send(ask=how, text=text)
        line = self._stream.readline()
        if self._shut:
            self._say(self._scene().t("identify.unknown_code"))
            self._send(bye=True)
        if self._shut or not line:
            raise OSError("the shell is gone")
        return str(json.loads(line).get("text", "")).strip()

    def _send(self, **message: Any) -> None:
        self._stream.write(json.dumps(message, ensure_ascii=False) + "\n")
        self._stream.flush()
