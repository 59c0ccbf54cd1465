"""A receipt printer as a peer: on a TCP socket and on a pty, honest about status, with paper that runs out.

It shares no code with the driver. Finished pages appear in a folder as page-001.png …, everything received as
received.bin. What a person or bad luck does to it is `poke`.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from printers.sim.interpreter import Interpreter
from printers.sim.ports import Port, Pty, Tcp

POKES = (
    *("paper_low", "paper_out", "paper_out_after", "silent_after", "refill", "cover_open", "cover_closed"),
    *("silent", "mute", "talk", "unplug", "plug", "cutter", "cutter_ok"),
)


class _Cleared(Exception):  # noqa: N818
    """The buffer was cleared while a command waited for its next byte."""


class _Stopped(Exception):  # noqa: N818
    pass


class EscposPrinter:
    """The printer. `buffer`: bytes it takes before it stops reading; `bytes_per_s`: how fast it works them off."""

    def __init__(
        self, out: Path, *, buffer: int = 65536, bytes_per_s: float = 0.0, first_answer_s: float = 0.0
    ) -> None:
        self.out = out
        out.mkdir(parents=True, exist_ok=True)
        self.buffer, self.bytes_per_s, self.first_answer_s = buffer, bytes_per_s, first_answer_s
        self.pages: list[Path] = []
        self.spoiled: list[Path] = []
        self.raw = bytearray()
        self.changed = threading.Condition(threading.RLock())
        self.stopped, self.plugged = False, True
        self._pending = bytearray()
        self._tail = b""
        self._low = self._out = self._cover = self._cutter = self._silent = self._mute = False
        self._left: int | None = None
        self._talks: int | None = None
        self._generation = self._seen = 0
        self._automatic = 0
        self._talks_at: float | None = None
        self._due = 0.0
        self._ports: list[Port] = []
        self._asker: Port | None = None
        self.machine = Interpreter(self._take, self._answer, self._roll_status, self._set_automatic, self._page)
        self._engine = threading.Thread(target=self._work, name="printer-engine", daemon=True)
        self._engine.start()

    def start_tcp(self, port: int = 0) -> int:
        """Listen on 127.0.0.1; returns the port."""
        tcp = Tcp(self, port)
        self._start(tcp)
        return tcp.port

    def start_pty(self, link: Path) -> None:
        """Be a serial printer behind the symbolic link `link`."""
        self._start(Pty(self, link))

    def _start(self, port: Port) -> None:
        self._ports.append(port)
        port.thread.start()

    def stop(self) -> None:
        with self.changed:
            self.stopped = True
            self.changed.notify_all()
        for port in self._ports:
            port.close()
        self._ports.clear()
        self._engine.join(5)
        (self.out / "received.bin").write_bytes(bytes(self.raw))

    def wait_for(self, condition: Callable[[EscposPrinter], bool], timeout: float = 10.0) -> bool:
        """Wait until the condition holds; False when it did not in time."""
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), timeout)

    def poke(self, name: str, arg: str | int | None = None) -> None:
        """Do to it what a person or bad luck does; ValueError for anything not in POKES.

        `paper_out_after`, `silent_after` take the number of bytes still printed. `silent`: hangs; `mute`: prints but
        answers nothing.
        """
        with self.changed:
            match name:
                case "paper_low":
                    self._low = True
                case "paper_out":
                    self._out = self._low = True
                case "paper_out_after":
                    self._left = int(arg or 0)
                case "silent_after":
                    self._talks = int(arg or 0)
                case "refill":
                    self._refill()
                case "cover_open" | "cover_closed":
                    self._cover = name == "cover_open"
                case "cutter" | "cutter_ok":
                    self._cutter = name == "cutter"
                case "silent" | "mute":
                    self._silent, self._mute = name == "silent", True
                case "talk":
                    # also whoever was to fall silent later and has not yet
                    self._silent, self._mute, self._talks = False, False, None
                case "unplug" | "plug":
                    self.plugged = name == "plug"
                case _:
                    raise ValueError(f"unknown poke {name!r}; there are {', '.join(POKES)}")
            self._tell()
            self.changed.notify_all()
        for port in self._ports:
            port.poke()
        if name in ("plug", "unplug"):
            self.wait_for(lambda peer: all(port.here is peer.plugged for port in peer._ports), 5)

    # --- what it says of itself ---------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        return not (self._out or self._cover or self._cutter)

    def _real_time_status(self, n: int) -> int:
        offline = 0 if self.ready else 0x08
        cause = (0x04 if self._cover else 0) | (0x20 if self._out else 0) | (0x40 if self._cutter else 0)
        error = 0x08 if self._cutter else 0
        roll = (0x0C if self._low else 0) | (0x60 if self._out else 0)
        return 0x12 | {1: offline, 2: cause, 3: error, 4: roll}.get(n, 0)

    def _roll_status(self, n: int) -> int:
        return 0 if n not in (1, 49) else (0x03 if self._low else 0) | (0x0C if self._out else 0)

    def automatic_status(self) -> bytes:
        """The four bytes that GS a asks for."""
        first = 0x14 | (0 if self.ready else 0x08) | (0x20 if self._cover else 0)
        roll = (0x03 if self._low else 0) | (0x0C if self._out else 0)
        return bytes((first, 0x08 if self._cutter else 0, roll, 0x0F))

    def _set_automatic(self, mask: int) -> None:
        self._automatic = mask
        self._tell()

    def _tell(self) -> None:
        if self._automatic:
            self._answer(self.automatic_status())

    def _answer(self, data: bytes) -> None:
        if self._asker and not self._mute and self.plugged:
            self._asker.send(data)

    # --- the receiving side -------------------------------------------------------------------------------

    def room(self) -> int:
        with self.changed:
            return self.buffer - len(self._pending)

    def received(self, data: bytes, port: Port) -> None:
        """Take bytes in. Real-time requests are obeyed here, wherever they stand; everything goes to the buffer."""
        with self.changed:
            self._asker = port
            self.raw += data
            for byte in data:
                self._pending.append(byte)
                self._tail = (self._tail + bytes((byte,)))[-3:]
                self._real_time()
            self.changed.notify_all()

    def _real_time(self) -> None:
        tail = self._tail
        if tail[:2] == b"\x10\x04" and len(tail) == 3:
            if self._patience():
                self._answer(bytes((self._real_time_status(tail[2]),)))
        elif tail == b"\x10\x05\x02" and not self._silent:
            self._clear()
        elif tail == b"\x10\x14\x01":
            self.machine.seen.kicks += 1
        else:
            return
        self._tail = b""

    def _patience(self) -> bool:
        """Some models take seconds to their first answer."""
        if self._talks_at is None:
            self._talks_at = time.monotonic() + self.first_answer_s
        return time.monotonic() >= self._talks_at

    def _clear(self) -> None:
        """DLE ENQ 2: receive and print buffers are emptied; what is on the paper stays on it."""
        self._pending.clear()
        self._generation += 1
        if self.machine.paper.inked:
            self.machine.paper.spoiled = True

    # --- the printing side --------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            try:
                self.machine.step()
            except _Cleared:
                self.machine.reset()
            except _Stopped:
                return

    def _take(self) -> int:
        with self.changed:
            self.changed.wait_for(self._may_take)
            if self.stopped:
                raise _Stopped
            if self._generation != self._seen:
                self._seen = self._generation
                raise _Cleared
            self._pace()
            byte = self._pending.pop(0)
            if self._talks is not None:
                self._talks -= 1
                if self._talks <= 0:
                    self._talks, self._silent, self._mute = None, True, True
            if self._left is not None:
                self._left -= 1
                if self._left <= 0:
                    self._left, self._out, self._low = None, True, True
                    self._tell()
                    self.changed.notify_all()
            if len(self._pending) == self.buffer - 1:
                for port in self._ports:
                    port.poke()
            if len(self._pending) % 256 == 0:
                self.changed.notify_all()
            return byte

    def _may_take(self) -> bool:
        works = self.ready and not self._silent
        return self.stopped or self._generation != self._seen or (works and bool(self._pending))

    def _pace(self) -> None:
        if self.bytes_per_s:
            now = time.monotonic()
            self._due = max(self._due, now) + 1 / self.bytes_per_s
            if self._due - now > 0.01:
                self.changed.wait_for(lambda: self.stopped, self._due - now)

    def _refill(self) -> None:
        self._out = self._low = False
        if self.machine.paper.inked:
            self.machine.paper.spoiled = True
            self._save()

    def _page(self) -> None:
        with self.changed:
            self._save()
            self.changed.notify_all()

    def _save(self) -> None:
        spoiled, self.machine.paper.spoiled = self.machine.paper.spoiled, False
        page = self.machine.paper.tear()
        if page is None:
            return
        number = len(self.pages) + len(self.spoiled) + 1
        path = self.out / f"page-{number:03d}{'-spoiled' if spoiled else ''}.png"
        page.save(path)
        (self.spoiled if spoiled else self.pages).append(path)


def main() -> None:
    """Run one printer; pokes are lines on standard input (`paper_out`, `paper_out_after 500`, …)."""
    parser = argparse.ArgumentParser(description="A simulated ESC/POS printer. Pokes: " + ", ".join(POKES))
    parser.add_argument("--tcp", type=int, help="port on 127.0.0.1")
    parser.add_argument("--pty", type=Path, help="symbolic link to make")
    parser.add_argument("--out", type=Path, required=True, help="folder for pages")
    options = parser.parse_args()
    printer = EscposPrinter(options.out)
    if options.tcp is not None:
        print(f"listening on 127.0.0.1:{printer.start_tcp(options.tcp)}", flush=True)
    if options.pty:
        printer.start_pty(options.pty)
    for line in sys.stdin:
        name, _, arg = line.strip().partition(" ")
        try:
            printer.poke(name, arg or None)
        except ValueError as error:
            print(error, file=sys.stderr)
    printer.stop()


if __name__ == "__main__":
    main()
