"""Code scanners: any that send text and a terminator, the GM65 family that wants commands, those that type."""

from __future__ import annotations

import functools
import re
import time
from collections.abc import Callable
from typing import Any

from devices import gm65
from devices.keyboard import Keyboard, Keys
from devices.worker import OnState, Port, SilentError, Worker
from kiosk.config import ScannerConfig
from kiosk.domain.faults import Code, Fault

MOST_BYTES = 8192
GAP_S = 0.05
GAP_AFTER_TERMINATOR_S = 0.3
POLL_S = 0.25

_TERMINATOR = re.compile(rb"[\r\n\t]")
_SAME_CODE_S = 2.0
_SCAN_S = 5.0
_ANSWER_S = 1.0
_MOST_SILENT = 3


class Lines:
    """Cuts what a scanner sends into codes: at CR, LF, TAB, or where the line falls idle.

    A read is never a code by itself. More than `MOST_BYTES` without an end are dropped up to the next end; `dropped`
    counts what was thrown away. `answers`: acknowledgements so far; `said`: what the last one told that told more than
    that a command was done.
    """

    def __init__(self, answers: bool = False) -> None:
        self.dropped = 0
        self.answers, self.said = 0, b""
        self._buffer = bytearray()
        self._answers, self._flood, self._terminated = answers, False, False

    @property
    def gap(self) -> float:
        """Seconds of silence that end a code; longer once this scanner has shown that it sends terminators."""
        return GAP_AFTER_TERMINATOR_S if self._terminated else GAP_S

    @property
    def pending(self) -> bool:
        """Whether a code has begun."""
        return bool(self._buffer) or self._flood

    def feed(self, data: bytes) -> list[bytes]:
        """The codes that ended in these bytes."""
        codes: list[bytes] = []
        self._buffer += data
        while self._strip() and (end := self._end()) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + 1]
            self._terminated = True
            codes += self._whole(line)
        if len(self._buffer) > MOST_BYTES:
            self._flood = True
        if self._flood:
            self._buffer.clear()
        return codes

    def idle(self) -> list[bytes]:
        """The line was silent for `gap` seconds: what is there was a code."""
        line = bytes(self._buffer)
        self._buffer.clear()
        return self._whole(line)

    def _end(self) -> int:
        found = _TERMINATOR.search(self._buffer)
        return found.start() if found else -1

    def _strip(self) -> bool:
        """Takes an acknowledgement off the front; False: wait for the rest of it."""
        while self._answers and self._buffer:
            found = gm65.answer_at(bytes(self._buffer[:300]))
            if not isinstance(found, gm65.Answer):
                return found is None
            self._acknowledged(found)
            del self._buffer[: found.size]
        return True

    def _whole(self, line: bytes) -> list[bytes]:
        if self._flood:
            self._flood = False
            self.dropped += 1
            return []
        if not self._answers:
            return [line] if line else []
        pieces, answers = gm65.cut(line)
        good = [piece for piece in pieces if not piece.startswith(gm65.ANSWER_HEADS)]
        for answer in answers:
            self._acknowledged(answer)
        self.dropped += len(pieces) - len(good)
        return good

    def _acknowledged(self, answer: gm65.Answer) -> None:
        self.answers += 1
        if answer.status == 0 and len(answer.data) > 1:
            self.said = answer.data


def decode(line: bytes) -> str | None:
    """UTF-8, else GB18030, both strictly; None = neither."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


class Scanner:
    """`on_code(text)` and `on_state(online, fault)` are called on the scanner's own thread.

    What no encoding can read is counted in `garbage` and reported as SCANNER_GARBAGE until the next code that can.
    `answers`: how many of its commands a gm65 has acknowledged since it was last plugged in. `firmware`: as a gm65 told
    when it was plugged in, "" = it tells none.
    """

    def __init__(self, config: ScannerConfig, on_code: Callable[[str], None], on_state: OnState) -> None:
        self.garbage = self.answers = 0
        self.firmware = ""
        self._config, self._on_code = config, on_code
        self._worker = self._typed(on_state) if config.kind == "keyboard" else self._serial(on_state)

    def start(self) -> None:
        self._worker.start()

    def stop(self, timeout: float) -> None:
        """Ends the thread and closes the port, within `timeout` seconds."""
        self._worker.stop(timeout)

    def again(self) -> None:
        """Another thread in place of one that hangs."""
        self._worker.again()

    @property
    def beat(self) -> float:
        """time.monotonic() of the thread's last sign of life."""
        return self._worker.beat

    def _typed(self, on_state: OnState) -> Worker[Any]:
        connect = functools.partial(Keyboard, self._config.port)
        return Worker("scanner", Code.SCANNER_OFFLINE, connect, self._talk_keys, on_state)

    def _serial(self, on_state: OnState) -> Worker[Any]:
        talk = self._talk_gm65 if self._config.kind == "gm65" else self._talk_lines
        return Worker("scanner", Code.SCANNER_OFFLINE, self._open, talk, on_state)

    def _open(self) -> Port:
        return Port(self._config.port, self._config.baud)

    def _talk_keys(self, keyboard: Keyboard) -> None:
        keys = Keys()
        self._worker.say(True)
        while not self._worker.stopping.is_set():
            self._worker.alive()
            before = keys.dropped
            data = keyboard.take(GAP_AFTER_TERMINATOR_S if keys.pending else POLL_S)
            texts = keys.feed(data) if data else [keys.idle()]
            self._count(keys.dropped - before)
            for text in filter(None, texts):
                self._worker.say(True)
                self._on_code(text)

    def _talk_lines(self, port: Port) -> None:
        lines = Lines()
        self._worker.say(True)
        while not self._worker.stopping.is_set():
            for text in self._codes(port, lines):
                self._on_code(text)

    def _talk_gm65(self, port: Port) -> None:
        lines, talk = Lines(answers=True), _Conversation(port)
        last, seen = "", 0.0
        while not self._worker.stopping.is_set():
            self.answers, self.firmware = lines.answers, gm65.version(lines.said)
            if talk.ask(lines.answers):
                self._worker.say(True)
            for text in self._codes(port, lines):
                talk.trigger()
                now = time.monotonic()
                if text != last or now - seen > _SAME_CODE_S:
                    self._on_code(text)
                last, seen = text, now
        port.write(gm65.CANCEL)

    def _codes(self, port: Port, lines: Lines) -> list[str]:
        """Read once; the codes that ended by it."""
        self._worker.alive()
        before = lines.dropped
        data = port.take(lines.gap if lines.pending else POLL_S)
        found = lines.feed(data) if data else lines.idle()
        texts = [decode(line) for line in found]
        self._count(lines.dropped - before + texts.count(None))
        good = [text for text in texts if text is not None]
        if good:
            self._worker.say(True)
        return good

    def _count(self, bad: int) -> None:
        if bad:
            self.garbage += bad
            self._worker.say(True, Fault(Code.SCANNER_GARBAGE, "scanner", f"{self.garbage} unreadable"))


class _Conversation:
    """Keeps a GM65 scanning: command mode, its versions, then a trigger after every code and every few seconds.

    Each trigger is answered, so it proves that the scanner is still there. Before the first one a scanner in command
    mode sends no code, so what it tells of itself stands in none's way; one that tells nothing is waited for once.
    """

    def __init__(self, port: Port) -> None:
        self._port = port
        self._greeting = [gm65.COMMAND_MODE, gm65.VERSIONS, gm65.TRIGGER]
        self._answers = self._silent = 0
        self._waiting, self._due = True, time.monotonic() + _ANSWER_S
        port.write(gm65.HEARTBEAT)

    def ask(self, answers: int) -> bool:
        """Send what is due; `answers`: how many came so far. True once, when the first came; SilentError after four."""
        now, first = time.monotonic(), answers > 0 == self._answers
        if answers > self._answers:
            self._answers, self._silent, self._waiting = answers, 0, False
            self._due = now if self._greeting else now + _SCAN_S
        if now >= self._due:
            self._go_on()
        return first

    def trigger(self) -> None:
        """Let it read one more code."""
        if not self._greeting:
            self._send(gm65.TRIGGER)

    def _go_on(self) -> None:
        if self._answers and self._greeting:
            self._send(self._greeting.pop(0))
            return
        self._silent += self._waiting
        if self._silent > _MOST_SILENT:
            raise SilentError("no answer to its commands")
        self._send(gm65.TRIGGER if self._answers else gm65.HEARTBEAT)

    def _send(self, frame: bytes) -> None:
        self._port.write(frame)
        self._waiting, self._due = True, time.monotonic() + _ANSWER_S
