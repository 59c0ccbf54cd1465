"""The sync process as it runs in the hall, with its lines collected."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kiosk.config import CentreConfig, Config, PathsConfig, toml_of
from tests.waiting import until


def write_config(folder: Path, url: str, code: str = "CODE-123456", feed_seconds: float = 0.5) -> Path:
    """A kiosk.toml whose state is this folder."""
    centre = CentreConfig(url=url, enrolment_code=code, feed_seconds=feed_seconds)
    path = folder / "kiosk.toml"
    path.write_text(toml_of(Config(paths=PathsConfig(state=folder), centre=centre)), "utf-8")
    return path


class Running:
    """`python -m sync.engine`, its lines in `events`."""

    def __init__(self, config: Path) -> None:
        command = [sys.executable, "-m", "sync.engine", "--config", str(config)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.events: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def order(self, order: Mapping[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()

    def said(self, ev: str, **fields: Any) -> list[dict[str, Any]]:
        """The lines of this kind with these fields."""
        wanted = {"ev": ev, **fields}
        return [event for event in list(self.events) if wanted.items() <= event.items()]

    def wait_for(self, ev: str, **fields: Any) -> dict[str, Any]:
        until(lambda: self.said(ev, **fields), f"{ev} {fields} among {self.events[-8:]}")
        return self.said(ev, **fields)[-1]

    def last(self, ev: str) -> dict[str, Any]:
        found = self.said(ev)
        return found[-1] if found else {}

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> int:
        """Close its standard input and see it go."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            code = self.process.wait(10)
        finally:
            self.process.kill()
            self._reader.join(5)
            assert self.process.stdout is not None
            self.process.stdout.close()
        return code
