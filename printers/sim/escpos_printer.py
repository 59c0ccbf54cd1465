"""A receipt printer as a peer: on a TCP socket and on a pty, honest about status, with paper that runs out.

It shares no code with the driver. Finished pages appear in a folder as page-001.png …, everything received as
received.bin. What a person or bad luck does to it is `poke`.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from printers.sim.condition import LATER, POKES, Condition
from printers.sim.interpreter import Interpreter
from printers.sim.ports import Port, Pty, Tcp
from printers.sim.tray import Tray

DLE_EOT, DLE_ENQ, DLE_DC4 = b"\x10\x04", b"\x10\x05\x02", b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"


IDENTITY = {65: "2.07a", 66: "Peer Printers", 67: "PP-80"}
"""Firmware, maker and model, by the number that GS I asks with."""


class _Cleared(Exception):  # noqa: N818
    """The buffer was cleared while a command waited for its next byte."""


class _Stopped(Exception):  # noqa: N818
    pass


class EscposPrinter:
    """The printer. `buffer`: bytes it takes before it stops reading; `bytes_per_s`: how fast it works them off.

    `clears`: the real-time orders that empty that buffer (models differ); `real_time`: whether it knows DLE EOT;
    `identity`: what it answers to GS I.
    `heard` is called with the count of all bytes that came in, `said` with each answer right before it goes out.
    """

    def __init__(
        self,
        out: Path,
        *,
        buffer: int = 65536,
        bytes_per_s: float = 0.0,
        first_answer_s: float = 0.0,
        clears: tuple[bytes, ...] = (DLE_ENQ, DLE_DC4),
        real_time: bool = True,
        identity: Mapping[int, str] = IDENTITY,
    ) -> None:
        self.out, self.tray = out, Tray(out)
        self.buffer, self.bytes_per_s, self.first_answer_s = buffer, bytes_per_s, first_answer_s
        self.clears, self.real_time = clears, real_time
        self.raw = bytearray()
        self.heard: Callable[[int], None] = lambda count: None
        self.said: Callable[[bytes], None] = lambda data: None
        self.changed = threading.Condition(threading.RLock())
        self.stopped = False
        self.condition = Condition()
        self._pending = bytearray()
        self._tail = b""
        self._idle = False
        self._generation = self._seen = 0
        self._automatic = 0
        self._talks_at: float | None = None
        self._due = 0.0
        self._ports: list[Port] = []
        self._asker: Port | None = None
        self.machine = Interpreter(self._take, self._answer, self.condition.roll, self._set_automatic, self._page)
        self.machine.identity.update(identity)
        self._engine = threading.Thread(target=self._work, name="printer-engine", daemon=True)
        self._engine.start()

    def start_tcp(self, port: int = 0, host: str = "127.0.0.1") -> int:
        """Listen there; returns the port."""
        tcp = Tcp(self, port, host)
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
        # the engine pokes the ports until it is gone
        self._engine.join(5)
        for port in self._ports:
            port.close()
        self._ports.clear()
        (self.out / "received.bin").write_bytes(bytes(self.raw))

    def wait_for(self, condition: Callable[[EscposPrinter], bool], timeout: float = 10.0) -> bool:
        """Wait until the condition holds; False when it did not in time."""
        with self.changed:
            return self.changed.wait_for(lambda: condition(self), timeout)

    @property
    def pages(self) -> list[Path]:
        """Pictures of what came out whole."""
        return self.tray.paths(spoiled=False)

    @property
    def spoiled(self) -> list[Path]:
        """Pictures of what did not."""
        return self.tray.paths(spoiled=True)

    @property
    def ready(self) -> bool:
        return self.condition.ready

    @property
    def plugged(self) -> bool:
        return self.condition.plugged

    @property
    def at_rest(self) -> bool:
        """Whether nothing more comes out of it as it is."""
        with self.changed:
            return self._idle and not self._may_take()

    def poke(self, name: str, arg: str | int | None = None) -> None:
        """Do to it what a person or bad luck does; ValueError for anything not in POKES.

        `…_after` takes the number of bytes still printed before it happens. `silent`: hangs; `mute`: prints but answers
        nothing. `unplug` pulls its cable, and it goes on printing; `power_off` makes it forget all but its paper.
        """
        with self.changed:
            later = name.removesuffix("_after")
            if later != name and later in LATER:
                self.condition.later[later] = int(arg or 0)
            else:
                self._happen(name)
        if name in ("plug", "unplug", "power_on", "power_off"):
            self.wait_for(lambda peer: all(port.here is peer.plugged for port in peer._ports), 5)

    def _happen(self, name: str) -> None:
        self.condition.happen(name)
        if name == "refill" and self.machine.paper.inked:
            self.machine.paper.spoiled = True
            self.tray.drop(self.machine.paper)
        if name == "power_off":
            self._automatic, self._talks_at = 0, None
            self._clear()
        self._tell()
        self.changed.notify_all()
        for port in self._ports:
            port.poke()

    # --- what it says of itself ---------------------------------------------------------------------------

    def _set_automatic(self, mask: int) -> None:
        self._automatic = mask
        self._tell()

    def _tell(self) -> None:
        if self._automatic:
            self._answer(self.condition.automatic())

    def _answer(self, data: bytes) -> None:
        if self._asker and not self.condition.mute and self.plugged:
            self.said(data)
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
                self._tail = (self._tail + bytes((byte,)))[-len(DLE_DC4) :]
                self._obey()
            self.changed.notify_all()
        self.heard(len(self.raw))

    def _obey(self) -> None:
        tail = self._tail
        if tail[-3:-1] == DLE_EOT:
            if self.real_time and self._patience():
                self._answer(bytes((self.condition.real_time(tail[-1]),)))
        elif tail.endswith(self.clears) and not self.condition.silent:
            self._clear()
        elif tail.endswith(b"\x10\x14\x01"):
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
        """Receive and print buffers are emptied; what is on the paper stays on it."""
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
            if not self._may_take():
                self._idle = True
                self.changed.notify_all()
                self.changed.wait_for(self._may_take)
                self._idle = False
            if self.stopped:
                raise _Stopped
            if self._generation != self._seen:
                self._seen = self._generation
                raise _Cleared
            self._pace()
            byte = self._pending.pop(0)
            for name in self.condition.printed_one() if self.condition.later else ():
                self._happen(name)
            if len(self._pending) == self.buffer - 1:
                for port in self._ports:
                    port.poke()
            if len(self._pending) % 256 == 0:
                self.changed.notify_all()
            return byte

    def _may_take(self) -> bool:
        cleared = self._generation != self._seen
        return self.stopped or cleared or (self.condition.works and bool(self._pending))

    def _pace(self) -> None:
        if self.bytes_per_s:
            now = time.monotonic()
            self._due = max(self._due, now) + 1 / self.bytes_per_s
            if self._due - now > 0.01:
                self.changed.wait_for(lambda: self.stopped, self._due - now)

    def _page(self) -> None:
        with self.changed:
            self.tray.drop(self.machine.paper)
            self.changed.notify_all()


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
