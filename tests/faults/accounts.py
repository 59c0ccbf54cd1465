"""The books of a terminal that ran by itself: its journal against what the centre has, and what it logged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from tests.faults import books
from tests.faults.books import Held

NEVER = ("bug", "part_stalled", "part_lost", "begins_anew", "ui.crashed", "ui.warning", "sync_hung", "cache_wiped")
"""Events of the log that mean a fault of the program, whatever happened around it."""
KILLED = "ended -9"


def settled(journal: Path, database: str, terminal: str) -> list[str]:
    """What is wrong with a terminal that has nothing more to hand in."""
    return judged(books.states(journal), books.held(database, terminal))


def judged(rows: Mapping[str, tuple[str, int]], held: Held) -> list[str]:
    """`rows`: key → state and seq in the journal."""
    there = Counter(key for key, _ in held.events)
    seqs, receipts = Counter(seq for _, seq in held.events), Counter(receipt for _, _, receipt in held.requests)
    found = {
        "nothing was handed in": [] if rows else [""],
        "lost": [key for key, (state, _) in rows.items() if state == "sent" and key not in there],
        "still waiting": [key for key, (state, _) in rows.items() if state == "queued"],
        "given up": [key for key, (state, _) in rows.items() if state == "dead"],
        "at the centre and not in the journal": sorted(there.keys() - rows.keys()),
        "twice at the centre": [key for key, n in there.items() if n > 1],
        "one act twice": [str(seq) for seq, n in seqs.items() if n > 1],
        "one receipt for two": [receipt for receipt, n in receipts.items() if receipt and n > 1],
    }
    return [f"{name}: {sorted(keys)[:5]}" for name, keys in found.items() if keys]


def logged(*folders: Path, but: Collection[str] = ()) -> list[str]:
    """Events in the logs of these state folders that must not be there; `but`: these may."""
    paths = [path for folder in folders for path in sorted((folder / "log").glob("*.jsonl*"))]
    return noticed((line for path in paths for line in path.read_text("utf-8").splitlines()), but)


def noticed(lines: Iterable[str], but: Collection[str] = ()) -> list[str]:
    """Those of these JSON lines, each kind with its number and its first line."""
    found: dict[str, list[str]] = {}
    for line in lines:
        event = json.loads(line)
        name = str(event.get("event"))
        if (name in NEVER and name not in but) or (name == "sync_stopped" and event.get("reason") != KILLED):
            found.setdefault(name, []).append(line)
    return [f"{name}, {len(all_)} times: {all_[0]}" for name, all_ in found.items()]
