"""A network that can be cut: a TCP proxy on loopback between terminal and centre, with the faults real ones have."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from enum import StrEnum
from typing import Any

from sync.sim import answers

CHUNK = 65536
PATIENCE = 5.0
LETTING_IN = 10
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_BLANKS = b" " * CHUNK


class Mode(StrEnum):
    """What the network does to the bytes.

    `down`: open connections are cut, new ones refused; `refuse`: open ones stay. `stall`: nothing moves either way.
    `reset`: RST at the first byte. `lost_response`: the request arrives, its answer is cut off; `truncate`: its end is.
    `trickle`: the answer one byte at a time; `slow_head`: a header that never ends; `endless`: a body that never ends.
    The others answer in the centre's place, or change its answer: see `sync.sim.answers`.
    """

    PASS = "pass"  # noqa: S105 - the name of a mode
    DOWN = "down"
    REFUSE = "refuse"
    STALL = "stall"
    RESET = "reset"
    LOST_RESPONSE = "lost_response"
    TRUNCATE = "truncate"
    TRICKLE = "trickle"
    SLOW_HEAD = "slow_head"
    ENDLESS = "endless"
    PORTAL = "portal"
    REDIRECT = "redirect"
    FORBIDDEN = "forbidden"
    BAD_GATEWAY = "bad_gateway"
    BUSY = "busy"
    BUSY_DATE = "busy_date"
    BUSY_ABSURD = "busy_absurd"
    WRONG_JSON = "wrong_json"
    GZIP_BOMB = "gzip_bomb"
    SHORT_RESULTS = "short_results"
    WRONG_EPOCH = "wrong_epoch"


_OWN_HEADS = {
    Mode.SLOW_HEAD: b"HTTP/1.1 200 OK\r\nX-Slow: ",
    Mode.ENDLESS: b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
}


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
        self._moving = asyncio.Event()
        self._moving.set()

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
        self._call(self._follow(chosen))

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

    async def _follow(self, mode: Mode) -> None:
        self._moving.clear() if mode is Mode.STALL else self._moving.set()
        if mode is Mode.DOWN:
            await self._close()
        elif mode is Mode.REFUSE:
            await self._shut()
        else:
            await self._listen()

    async def _shut(self) -> None:
        if self._server is None:
            return
        for listener in self._server.sockets:
            self._loop.remove_reader(listener.fileno())
        for _ in range(LETTING_IN):
            # who was let in at the last moment comes as far as being known: a closed server would forget them open
            await asyncio.sleep(0)
        self._server.close()
        self._server = None

    async def _close(self) -> None:
        await self._shut()
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
            await self._moving.wait()
            if self._mode is Mode.RESET:
                _reset(writer)
                return
            if self._mode in _OWN_HEADS or self._mode in answers.CANNED:
                await _rest(reader, data)
                await self._instead(writer)
                return
            far.write(data)
            await far.drain()

    async def _responses(self, far: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await far.read(CHUNK):
            await self._moving.wait()
            if self._mode is Mode.LOST_RESPONSE:
                _reset(writer)
                return
            if self._mode in answers.BENT:
                data = answers.bent(self._mode, await _whole(far, data))
            if self._mode is Mode.TRUNCATE:
                writer.write(data[:-5])
                await writer.drain()
                return
            await self._forward(data, writer)

    async def _instead(self, writer: asyncio.StreamWriter) -> None:
        if (page := answers.canned(self._mode)) is None:
            await self._without_end(writer)
            return
        writer.write(page)
        await writer.drain()

    async def _without_end(self, writer: asyncio.StreamWriter) -> None:
        """As long as the mode holds, or until the other side has had enough; then a reset."""
        mode = self._mode
        writer.write(_OWN_HEADS.get(mode, b""))
        while self._mode is mode:
            writer.write(b"a" if mode is Mode.SLOW_HEAD else _BLANKS)
            await writer.drain()
            await asyncio.sleep(self.trickle_s if mode is Mode.SLOW_HEAD else 0)
        _reset(writer)

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


async def _rest(reader: asyncio.StreamReader, begun: bytes) -> None:
    """Take in the whole request first: an answer sent too early would be lost in a reset."""
    while answers.HEAD_END not in begun and (more := await reader.read(CHUNK)):
        begun += more
    head, _, body = begun.partition(answers.HEAD_END)
    found = answers.LENGTH.search(head)
    missing = int(found[1]) - len(body) if found else 0
    while missing > 0 and (more := await reader.read(CHUNK)):
        missing -= len(more)


async def _whole(reader: asyncio.StreamReader, begun: bytes) -> bytes:
    """The answer that begins so, to its end."""
    while answers.whole(begun) is False and (more := await reader.read(CHUNK)):
        begun += more
    return begun
