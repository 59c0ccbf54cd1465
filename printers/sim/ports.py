"""The plugs of the simulated printer: a TCP socket and a pseudo terminal."""

from __future__ import annotations

import os
import select
import socket
import threading
import tty
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from printers.sim.escpos_printer import EscposPrinter


class Port(ABC):
    """One interface: bytes come in through `fd`, answers go out by it. `fd` is None while nobody is there."""

    def __init__(self, printer: EscposPrinter) -> None:
        self.printer = printer
        self.fd: int | None = None
        self.here: bool | None = True
        self.wake_read, self.wake_write = os.pipe()
        self.thread = threading.Thread(target=self.run, name="printer-port", daemon=True)

    def poke(self) -> None:
        os.write(self.wake_write, b"x")

    def send(self, data: bytes) -> None:
        fd = self.fd
        if fd is not None:
            try:
                os.write(fd, data)
            except OSError:
                pass

    def wait(self, fds: list[int]) -> list[int]:
        """Which of these can be read; an empty list when woken."""
        ready, _, _ = select.select([self.wake_read, *fds], [], [], 1.0)
        if self.wake_read in ready:
            os.read(self.wake_read, 64)
        return [fd for fd in ready if fd != self.wake_read]

    def run(self) -> None:
        while not self.printer.stopped:
            if self.here is not self.printer.plugged:
                self.change(self.printer.plugged)
            elif self.here:
                self.serve()
            else:
                self.wait([])
        self.leave()

    def change(self, here: bool) -> None:
        """Who waits until it is back must not take it for there while it is still leaving."""
        self.here = None
        self.plug() if here else self.leave()
        with self.printer.changed:
            self.here = here
            self.printer.changed.notify_all()

    def close(self) -> None:
        """After stopping: wait for the thread and let go of the pipe."""
        self.poke()
        self.thread.join(5)
        os.close(self.wake_read)
        os.close(self.wake_write)

    @abstractmethod
    def serve(self) -> None: ...

    @abstractmethod
    def plug(self) -> None: ...

    @abstractmethod
    def leave(self) -> None: ...

    def receive(self) -> bool:
        """Read what there is room for; False when the other side is gone."""
        assert self.fd is not None
        room = self.printer.room()
        if room <= 0:
            self.wait([])
            return True
        if self.wait([self.fd]):
            try:
                data = os.read(self.fd, min(room, 4096))
            except OSError:
                return False
            if not data:
                return False
            self.printer.received(data, self)
        return True


class Tcp(Port):
    def __init__(self, printer: EscposPrinter, port: int, host: str) -> None:
        super().__init__(printer)
        self.listener: socket.socket | None = None
        self.client: socket.socket | None = None
        self.port, self.host = port, host
        self.plug()

    def plug(self) -> None:
        self.listener = socket.create_server((self.host, self.port))
        self.port = self.listener.getsockname()[1]

    def serve(self) -> None:
        if self.client is None:
            assert self.listener is not None
            self.accept(self.listener)
        elif not self.receive():
            self.drop()

    def accept(self, listener: socket.socket) -> None:
        if self.wait([listener.fileno()]):
            self.client, _ = listener.accept()
            self.fd = self.client.fileno()

    def drop(self) -> None:
        self.fd = None
        if self.client:
            self.client.close()
        self.client = None

    def leave(self) -> None:
        self.drop()
        if self.listener:
            self.listener.close()
        self.listener = None


class Pty(Port):
    def __init__(self, printer: EscposPrinter, link: Path) -> None:
        super().__init__(printer)
        self.link = link
        self.slave = -1
        self.plug()

    def plug(self) -> None:
        self.fd, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(self.slave))

    def serve(self) -> None:
        self.receive()

    def leave(self) -> None:
        if self.fd is not None:
            self.link.unlink(missing_ok=True)
            os.close(self.fd)
            os.close(self.slave)
        self.fd = None
