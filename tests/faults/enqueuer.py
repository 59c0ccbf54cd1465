"""The enqueuer: a process that hands acts to the real journal and notes each acknowledgement once it has come.

`python -m tests.faults.enqueuer --folder STATE …`, until its standard input closes. What an earlier life left open it
hands in again, as somebody does who goes back and submits; now and then also what was acknowledged already.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import queue
import random
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kiosk.clock import Clock
from sync.journal import BlobStored, Committed, Journal, NewEvent, Refused
from sync.vault import Vault
from tests.faults.books import POISON, Books
from tests.sync.attachments import JPEG

ACTS = "acts.json"
"""In the state folder: bodies of requests that the centre accepts, by item."""
AGAIN = 0.7


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--offset", type=float, default=0.0, help="seconds added to the time of day")
    parser.add_argument("--pause", type=float, default=0.01, help="longest pause between two acts, seconds")
    parser.add_argument("--poison", type=float, default=0.02, help="share of requests that the centre rejects")
    parser.add_argument("--most", type=int, default=1_000_000, help="how many acts at most")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    over = threading.Event()
    threading.Thread(target=_listen, args=(over,), daemon=True).start()
    Enqueuer(options, over).run()
    return 0


def _listen(over: threading.Event) -> None:
    for _ in sys.stdin:
        continue
    over.set()


class Enqueuer:
    """One life of it."""

    def __init__(self, options: argparse.Namespace, over: threading.Event) -> None:
        self._options, self._over = options, over
        self._boot = os.urandom(4).hex()
        self._dice = random.Random(f"{options.seed}:{self._boot}")
        self._books = Books(options.folder)
        self._bodies: dict[str, dict[str, Any]] = json.loads((options.folder / ACTS).read_text("utf-8"))
        self._answers: queue.SimpleQueue[Committed | BlobStored | Refused] = queue.SimpleQueue()

    def run(self) -> None:
        left = self._left_over()
        self._books.open()
        vault, clock = Vault.open(self._options.folder), Clock(self._options.offset)
        path = self._options.folder / "journal.db"
        journal = Journal(path, vault, clock, "A-017", self._boot, lambda _: None)
        journal.start()
        for done, event in enumerate(itertools.chain(left, self._acts())):
            if self._over.is_set() or done >= self._options.most:
                break
            self._hand_in(journal, event)
            self._draft(journal, event)
            self._over.wait(self._dice.uniform(0, self._options.pause))
        journal.stop()

    def _left_over(self) -> list[NewEvent]:
        """Most of what was never answered, and something that was."""
        puts, answered = self._books.puts(), {ack.key for ack in self._books.acks()}
        open_ = [event for key, event in puts.items() if key not in answered and self._dice.random() < AGAIN]
        known = [puts[key] for key in sorted(answered)]
        return open_[-20:] + self._dice.sample(known, min(2, len(known)))

    def _acts(self) -> Iterator[NewEvent]:
        for n in itertools.count():
            yield from self._visit(f"{self._boot}-{n:05}")

    def _visit(self, name: str) -> list[NewEvent]:
        """What one person does: a request, often a rating in its stream; now and then only codes that were refused."""
        chance = self._dice.random()
        if chance < self._options.poison:
            return [_request(f"{name}{POISON}", {**self._bodies["enrolment"], "item": "nothing-like-it"})]
        if chance < 0.3:
            return [NewEvent(f"{name}-codes", "codes", "codes.refused", 1, {"counts": {"expired": 1}})]
        item = "repair" if chance < 0.4 else "enrolment"
        body = {**self._bodies[item]}
        if item == "repair":
            body["attachments"] = {"picture": hashlib.sha256(_photograph(name)).hexdigest()}
        acts = [_request(name, body)]
        return [*acts, _rating(name, item)] if chance < 0.7 else acts

    def _hand_in(self, journal: Journal, event: NewEvent) -> None:
        self._books.putting(event)
        if event.body.get("attachments"):
            journal.put_blob(_photograph(event.key), self._answers.put)
            if not isinstance(self._answers.get(timeout=60), BlobStored):
                return
        journal.put(event, self._answers.put)
        answer = self._answers.get(timeout=60)
        if isinstance(answer, Committed):
            self._books.acknowledge(answer)

    def _draft(self, journal: Journal, event: NewEvent) -> None:
        """A half-filled form now and then: when it is dropped the write-ahead log is emptied."""
        if self._dice.random() < 0.05:
            journal.save_draft("0" * 16, "leave", f"draft-{event.key}", {"reason": "x"})
        if self._dice.random() < 0.05:
            journal.drop_draft("0" * 16, "leave")


def _photograph(name: str) -> bytes:
    """A sound JPEG of its own: the name is a comment in it."""
    comment = name.encode()
    return JPEG[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + JPEG[2:]


def _request(key: str, body: dict[str, Any]) -> NewEvent:
    return NewEvent(key, key, "request.submitted", 1, body, receipt=True)


def _rating(request: str, item: str) -> NewEvent:
    body = {"request": request, "item": item, "stars": 4, "how": "given", "remark": ""}
    return NewEvent(f"{request}:rating", request, "rating.given", 1, body)


if __name__ == "__main__":
    sys.exit(main())
