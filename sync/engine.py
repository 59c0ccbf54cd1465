"""The sync process: `python -m sync.engine --config FILE`. JSON lines in, JSON lines out; may be killed at any time."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import sys
import threading
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kiosk import config as configs
from kiosk import log
from kiosk.clock import Clock
from kiosk.turns import share
from sync import ballast
from sync.beats import Said
from sync.common import Tell
from sync.loops import Engine
from sync.room import is_full
from sync.wire import DocumentAsk, SpendAsk

ALIVE_S = 2.0


def main(arguments: list[str] | None = None) -> int:
    """Until standard input closes, `stop` comes, or it must be started again.

    Exit codes: 3 a call hangs, 5 a database cannot be used, 6 the cache is damaged and is begun anew by the next one.
    """
    parser = argparse.ArgumentParser("python -m sync.engine", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    config = configs.load(parser.parse_args(arguments).config)
    # Ctrl-C goes to the whole group; the terminal ends this process itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log.setup("sync", config.paths.state / "log", Clock(config.demo.clock_offset))
    threading.excepthook = _bug
    over = threading.Event()
    tell = _teller(over)
    try:
        engine = _made(config, tell)
    except sqlite3.Error as error:
        reason = getattr(error, "sqlite_errorname", type(error).__name__)
        log.event("sync_turn_failed", name="start", reason=str(reason))
        return 5
    engine.start()
    share()
    threading.Thread(target=_listen, args=(engine, over), name="stdin", daemon=True).start()
    tell("alive")
    while not over.wait(ALIVE_S):
        if engine.hung:
            log.event("sync_hung")
            return 3
        if engine.spoiled:
            return 6
        tell("alive")
    engine.stop()
    return 0


def _made(config: configs.Config, tell: Tell) -> Engine:
    """On a full disk it begins with the room that was set aside. Raises sqlite3.Error."""
    try:
        return Engine(config, tell)
    except sqlite3.Error as error:
        if not (is_full(error, config.paths.state) and ballast.free(config.paths.state)):
            raise
    return Engine(config, tell)


def _listen(engine: Engine, over: threading.Event) -> None:
    for line in sys.stdin:
        try:
            order = json.loads(line)
            match order.get("op"):
                case "nudge":
                    engine.nudge()
                case "seal":
                    engine.errands.seal(DocumentAsk.model_validate(order["ask"]))
                case "sheets":
                    engine.errands.sheets(str(order["serial"]))
                case "spend":
                    engine.errands.spend(SpendAsk(nonce=order["nonce"], at=order["at"], until=order["until"]))
                case "provide":
                    engine.errands.provide(str(order["person"]))
                case "status":
                    engine.status(Said.model_validate({name: order[name] for name in order.keys() - {"op"}}))
                case "quiet":
                    engine.updates.quiet = bool(order["quiet"])
                case "forget":
                    engine.forget(str(order["person"]))
                case "stop":
                    break
        except (ValueError, ValidationError, KeyError, AttributeError, sqlite3.Error) as error:
            log.event("order_not_understood", error=type(error).__name__)
    over.set()


_telling = threading.Lock()


def _teller(over: threading.Event) -> Tell:
    def tell(ev: str, **fields: Any) -> None:
        try:
            with _telling:
                sys.stdout.write(json.dumps({"ev": ev, **fields}, ensure_ascii=False) + "\n")
                sys.stdout.flush()
        except (BrokenPipeError, ValueError):
            over.set()

    return tell


def _bug(args: threading.ExceptHookArgs) -> None:
    """A loop that died would be missed by nobody: end, and be started again."""
    if args.exc_value is not None:
        log.bug(args.exc_value)
    os._exit(4)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # threads may be inside a call that lasts; they hold nothing that a kill could hurt
    os._exit(code)
