"""A hand and an eye at the terminal's window: touches go in, what is on the screen comes out; nothing else."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

from kiosk.demo.waiting import StageError, wait_until

PATIENCE = 60.0
FIRST_FRAME_SECONDS = 90.0
"""Seconds within which whatever a script waits for happens, also on a machine that others use."""


class Hand:
    """Speaks JSON lines with the terminal's touch socket."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._stream: Any = None

    def connect(self, seconds: float) -> None:
        """Wait for the first frame: the socket exists from then on."""
        wait_until(self._try, seconds, "the terminal's first frame")

    def close(self) -> None:
        """Let go."""
        if self._socket is not None:
            self._stream.close()
            self._socket.close()

    def tap(self, name: str, *, patient: bool = True) -> None:
        """Touch the thing of this name as soon as it can be touched; the impatient touch it now or not at all."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._ask({"do": "tap", "name": self._first(name)})
            if answer.get("ok") or not patient:
                return
            if time.monotonic() > deadline:
                raise StageError(f"cannot touch {name}: {answer.get('why')}; on the screen: {self._seen()}")
            time.sleep(0.05)

    def hold(self, name: str, seconds: float) -> None:
        """Press the thing of this name and let go after so long."""
        answer = self._ask({"do": "hold", "name": name, "ms": round(seconds * 1000)})
        if not answer.get("ok"):
            raise StageError(f"cannot hold {name}: {answer.get('why')}")

    def _first(self, name: str) -> str:
        """`act.open_request.*` is the first of them on the screen."""
        if not name.endswith("*"):
            return name
        return next((one for one in self.look()["names"] if one.startswith(name[:-1])), name)

    def see(self, screen: str) -> None:
        """Wait for a screen."""
        wait_until(lambda: self.look()["screen"] == screen, PATIENCE, f"the screen {screen} (it is {self._seen()})")

    def see_text(self, text: str) -> None:
        """Wait for words."""
        wait_until(lambda: any(text in seen for seen in self.look()["texts"]), PATIENCE, f"the words {text!r}")

    def see_no_text(self, text: str) -> None:
        """Wait until nothing on the screen holds these words."""
        wait_until(lambda: not any(text in seen for seen in self.look()["texts"]), PATIENCE, f"no more {text!r}")

    def look(self) -> dict[str, Any]:
        """screen, names, texts."""
        return self._ask({"do": "look"})

    def grab(self, file: Path) -> None:
        """What is on the glass, as PNG."""
        answer = self._ask({"do": "grab", "file": str(file.resolve())})
        if not answer.get("ok"):
            raise StageError(f"no picture of the screen: {answer.get('why')}")

    def _seen(self) -> str:
        look = self.look()
        return f"{look.get('screen')} {[name for name in look.get('names', []) if name.startswith('act.')]}"

    def _ask(self, line: dict[str, Any]) -> dict[str, Any]:
        if self._stream is None:
            raise StageError("there is no terminal yet")
        self._stream.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._stream.flush()
        answer = self._stream.readline()
        if not answer:
            raise StageError("the terminal is gone")
        return dict(json.loads(answer))

    def _try(self) -> bool:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE)
        try:
            connection.connect(str(self._path))
        except OSError:
            connection.close()
            return False
        self._socket, self._stream = connection, connection.makefile("rw", encoding="utf-8")
        return True
