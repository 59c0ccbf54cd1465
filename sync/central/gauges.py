"""The fleet as Prometheus reads it: gauges out of the database, a series for each terminal."""

from __future__ import annotations

import re
import shutil
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Sequence

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sync.central import aheads, fleet
from sync.central.centre import Centre, Work
from sync.central.database import reading
from sync.central.fleet import Standing, Terminal

_WORD = re.compile(r"[\w.+:/()~ -]{1,80}", re.ASCII)


class Fleet(Collector):
    """The terminals, read anew each time: it does not matter which worker is asked."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def collect(self) -> Iterator[Metric]:
        disk = shutil.disk_usage(self._centre.state)
        yield GaugeMetricFamily("campus_central_disk_free_bytes", "Below the state folder", disk.free)
        try:
            found = fleet.terminals(self._centre)
        except sa.exc.DBAPIError:
            yield GaugeMetricFamily("campus_database_up", "Whether the database answers", 0)
            return
        yield GaugeMetricFamily("campus_database_up", "Whether the database answers", 1)
        yield _standings(found)
        yield from _ahead(self._centre)
        living = [each for each in found if each.standing is not Standing.REVOKED]
        for name, (text, value) in NUMBERS.items():
            yield _gauge(name, text, (), (((each.name,), value(each)) for each in living))
        for name, (text, label, words) in WORDS.items():
            rows = dict.fromkeys(((each.name, *_told(row)) for each in living for row in words(each)), 1.0)
            yield _gauge(name, text, label, rows.items())


def _standings(found: Sequence[Terminal]) -> Metric:
    tally = Tally(each.standing for each in found)
    family = GaugeMetricFamily("campus_terminals", "Enrolled terminals by state", labels=["state"])
    for standing in Standing:
        family.add_metric([standing.value], tally[standing])
    return family


def _ahead(centre: Centre) -> Iterator[Metric]:
    with reading(centre.engine) as connection:
        tally = aheads.tally(Work(centre, connection, centre.clock.now()))
    family = GaugeMetricFamily("campus_sealed_ahead", "Certificates sealed in advance", labels=["state"])
    for state, count in tally.states.items():
        family.add_metric([state], count)
    yield family
    text = "Papers issued without the network that could not count"
    yield GaugeMetricFamily("campus_offline_conflicts", text, tally.conflicts)


def _gauge(name: str, text: str, labels: Sequence[str], rows: Iterable[tuple[tuple[str, ...], float | None]]) -> Metric:
    family = GaugeMetricFamily(f"campus_terminal_{name}", text, labels=["terminal", *labels])
    for names, value in rows:
        if value is not None:
            family.add_metric(names, value)
    return family


def _told(words: Sequence[str]) -> Iterator[str]:
    """What terminals say is a label only when it looks like one."""
    return (word if _WORD.fullmatch(word) else "other" for word in words)


def _of_beat(field: str) -> Callable[[Terminal], float | None]:
    return lambda each: float(getattr(each.beat, field)) if each.beat else None


def _disk(field: str) -> Callable[[Terminal], float | None]:
    return lambda each: float(getattr(each.beat, field)) if each.beat and each.beat.disk_total else None


def _word(field: str) -> Callable[[Terminal], list[tuple[str, ...]]]:
    return lambda each: [(getattr(each.beat, field),)] if each.beat and getattr(each.beat, field) else []


NUMBERS: dict[str, tuple[str, Callable[[Terminal], float | None]]] = {
    "up": ("Whether it was heard lately", lambda each: each.standing is Standing.ONLINE),
    "quarantined": ("Whether its key was seen in two places", lambda each: each.standing is Standing.QUARANTINED),
    "audit_broken": ("Whether its audit chain did not go on", lambda each: each.audit_broken),
    "seen_timestamp_seconds": ("When it was heard last", lambda each: each.seen),
    "clock_skew_seconds": ("Its clock minus ours", lambda each: each.skew),
    "queued": ("Records that wait to be sent", _of_beat("queued")),
    "dead": ("Records that were refused", _of_beat("dead")),
    "oldest_seconds": ("Age of the oldest record that waits", _of_beat("oldest_s")),
    "blobs": ("Photographs that wait to be sent", _of_beat("blobs")),
    "uptime_seconds": ("How long its sync process has run", _of_beat("uptime_s")),
    "journal_bytes": ("Size of its journal", _of_beat("journal_bytes")),
    "disk_free_bytes": ("Free on its disk", _disk("disk_free")),
    "disk_bytes": ("Size of its disk", _disk("disk_total")),
}
WORDS: dict[str, tuple[str, tuple[str, ...], Callable[[Terminal], list[tuple[str, ...]]]]] = {
    "printer": ("State of its printer and paper", ("state",), _word("printer")),
    "space": ("Whether it has room for records", ("state",), _word("space")),
    "clock": ("Whether its clock can be trusted", ("state",), _word("clock")),
    "fault": ("Faults it has now", ("code",), lambda each: [(code,) for code in each.beat.faults] if each.beat else []),
    "sensor": (
        "What its devices last said",
        ("sensor", "state"),
        lambda each: list(each.beat.sensors.items()) if each.beat else [],
    ),
    "version": (
        "What runs there",
        ("part", "version"),
        lambda each: [("program", each.beat.version), *each.beat.versions.items()] if each.beat else [],
    ),
}
