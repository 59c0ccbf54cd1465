"""The relay driver on a Modbus board of somebody else's making."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import threading
import tty
from pathlib import Path
from typing import Any

from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from devices.relay import modbus
from devices.relay.relay import Relay
from kiosk.config import RelayConfig
from tests.relay_kit import OPEN, SOON, looks_often
from tests.waiting import until

__all__ = ["looks_often"]


class Foreign:
    """pymodbus' serial server behind two ptys and a wire between them, in a thread of its own."""

    def __init__(self, link: Path) -> None:
        self.requests: list[bytes] = []
        self._near, self._far = os.openpty(), os.openpty()
        for pair in (self._near, self._far):
            tty.setraw(pair[1])
        link.symlink_to(os.ttyname(self._near[1]))
        self._end = os.pipe()
        self._ready = threading.Event()
        self._threads = [threading.Thread(target=self._wire), threading.Thread(target=self._serve)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        assert self._ready.wait(SOON)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        os.write(self._end[1], b"x")
        for thread in self._threads:
            thread.join(SOON)
        for descriptor in (*self._near, *self._far, *self._end):
            os.close(descriptor)

    def coil(self) -> bool:
        values = asyncio.run_coroutine_threadsafe(self._server.async_getValues(1, 1, 0, 1), self._loop)
        return bool(values.result(SOON)[0])

    def press(self) -> None:
        asyncio.run_coroutine_threadsafe(self._server.context.async_setValues(1, 2, 0, [True]), self._loop).result(SOON)

    def _wire(self) -> None:
        near, far, end = self._near[0], self._far[0], self._end[0]
        while end not in (ready := select.select([near, far, end], [], [])[0]):
            for side in ready:
                os.write(far if side == near else near, os.read(side, 1024))

    def _serve(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS) for _ in range(2)]
        words = [SimData(0, values=0, datatype=DataType.REGISTERS) for _ in range(2)]
        device = SimDevice(1, simdata=([bits[0]], [bits[1]], [words[0]], [words[1]]))
        self._server = ModbusSerialServer(device, port=os.ttyname(self._far[1]), baudrate=9600, trace_packet=self._note)
        await self._server.serve_forever(background=True)
        self._ready.set()
        await self._over.wait()
        await self._server.shutdown()

    def _note(self, sending: bool, data: bytes) -> bytes:
        if not sending:
            self.requests.append(data)
        return data


def test_a_foreign_board_opens_and_closes(tmp_path: Path) -> None:
    board = Foreign(tmp_path / "relay")
    board.start()
    states: queue.Queue[Any] = queue.Queue()
    answers: queue.Queue[Any] = queue.Queue()
    passed = threading.Event()
    config = RelayConfig(kind="modbus", port=str(tmp_path / "relay"), sensor=1)
    relay = Relay(config, lambda *state: states.put(state), passed.set)
    try:
        relay.start()
        assert states.get(timeout=SOON) == (True, None)
        relay.open("foreign", OPEN, lambda *answer: answers.put(answer))
        assert answers.get(timeout=SOON) == ("foreign", True)
        assert board.coil()
        until(lambda: not board.coil())
        looks = len(board.requests)
        until(lambda: len(board.requests) > looks + 3)
        board.press()
        assert passed.wait(SOON)
        asked = {bytes(request[:6]) for request in board.requests}
        assert modbus.pulse(1, 1, 3)[:6] in asked, "which it refuses"
        assert {modbus.on(1, 1)[:6], modbus.off(1, 1)[:6], modbus.read_inputs(1)[:6]} <= asked
    finally:
        relay.stop(SOON)
        board.stop()
