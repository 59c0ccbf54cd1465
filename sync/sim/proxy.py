"""A network that can be cut: a TCP proxy on loopback between terminal and centre, with the faults real ones have."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
import threading
from collections.abc import Coroutine
from enum import StrEnum
from typing import Any

CHUNK = 65536
PATIENCE = 5.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LOGIN = b"<!doctype html><title>Network login</title><p>Please sign in to use this network.</p>"
_GATEWAY = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


class Mode(StrEnum):
    """What the network does to the bytes.

    `lost_response`: the request arrives, its answer is cut off. `portal`: a login page answers 200 to everything.
    `bad_gateway`: 502 with HTML. `reset`: RST at the first byte. `trickle`: the answer one byte at a time.
    """

    PASS = "pass"  # noqa: S105 - the name of a mode
    DOWN = "down"
    LOST_RESPONSE = "lost_response"
    PORTAL = "portal"
    BAD_GATEWAY = "bad_gateway"
    RESET = "reset"
    TRICKLE = "trickle"


CANNED = {Mode.PORTAL: ("200 OK", _LOGIN), Mode.BAD_GATEWAY: ("502 Bad Gateway", _GATEWAY)}


class FaultProxy:
    """Forwards to `upstream` on 127.0.0.1. `port` stays the same from the first `start` on, also over down and up."""

    def __init__(self, upstream: int, port: int = 0, trickle_s: float = 0.1) -> None:
        self.upstream, self.port, self.trickle_s = upstream, port, trickle_s
        self.accepted = 0
        self._mode = Mode.PASS
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where the terminal finds the centre."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        """Also changes what happens to open connections, from their next bytes on."""
        chosen = Mode(mode)
        self._mode = chosen
        self._call(self._close() if chosen is Mode.DOWN else self._listen())

    def start(self) -> None:
        """Listen; returns once connections are taken."""
        self._thread.start()
        self._call(self._listen())

    def stop(self) -> None:
        """Cut everything and end the thread. May be called when never started, and twice."""
        if self._thread.is_alive():
            self._call(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE)
        if not self._loop.is_closed():
            self._loop.close()

    def down(self) -> None:
        """Connections are cut in mid-transfer, new ones refused."""
        self.mode = Mode.DOWN

    def up(self) -> None:
        """Everything passes again, on the same port."""
        self.mode = Mode.PASS

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._tasks:
            task.cancel()
        for writer in self._open:
            _reset(writer)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._open.add(writer)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._connection(reader, writer)
        finally:
            self._open.discard(writer)
            self._tasks.discard(task)
            writer.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        self._open.add(far_writer)
        pumps = [
            asyncio.create_task(self._requests(reader, writer, far_writer)),
            asyncio.create_task(self._responses(far_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._open.discard(far_writer)
            far_writer.close()

    async def _requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, far: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(CHUNK):
            if self._mode is Mode.RESET:
                _reset(writer)
                return
            if self._mode in CANNED:
                await _answer(reader, writer, data, *CANNED[self._mode])
                return
            far.write(data)
            await far.drain()

    async def _responses(self, far: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await far.read(CHUNK):
            if self._mode is Mode.LOST_RESPONSE:
                _reset(writer)
                return
            await self._forward(data, writer)

    async def _forward(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        for n, byte in enumerate(data):
            if self._mode is not Mode.TRICKLE:
                writer.write(data[n:])
                break
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(self.trickle_s)
        await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN, and forget what was still to be sent."""
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, begun: bytes, status: str, page: bytes
) -> None:
    """Take in the whole request first: an answer sent too early would be lost in a reset."""
    while b"\r\n\r\n" not in begun and (more := await reader.read(CHUNK)):
        begun += more
    head, _, body = begun.partition(b"\r\n\r\n")
    found = _LENGTH.search(head)
    missing = int(found[1]) - len(body) if found else 0
    while missing > 0 and (more := await reader.read(CHUNK)):
        missing -= len(more)
    fields = f"Content-Type: text/html\r\nContent-Length: {len(page)}\r\nConnection: close"
    writer.write(f"HTTP/1.1 {status}\r\n{fields}\r\n\r\n".encode() + page)
    await writer.drain()
