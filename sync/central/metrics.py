"""What Prometheus reads at /metrics: requests and verdicts, as all workers together have counted them."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypedDict

import prometheus_client as prometheus
from prometheus_client import multiprocess
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.wire import BODIES

TOGETHER = "PROMETHEUS_MULTIPROC_DIR"
MEDIA = prometheus.CONTENT_TYPE_LATEST
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
KINDS = frozenset(kind for kind, _ in BODIES)


class _Apart(TypedDict):
    registry: None


APART: _Apart = {"registry": None}
"""Listed nowhere but in `text`: two centres in one process count apart."""


@contextlib.contextmanager
def together() -> Iterator[None]:
    """Processes that are started within count together, and each answers for all of them."""
    with tempfile.TemporaryDirectory(prefix="central-metrics-") as folder:
        os.environ[TOGETHER] = folder
        try:
            yield
        finally:
            del os.environ[TOGETHER]


class Meters:
    """What this process counts; every thread may."""

    def __init__(self) -> None:
        names = ["method", "route", "status"]
        self._requests = prometheus.Counter("campus_requests", "Requests answered", names, **APART)
        self._seconds = prometheus.Histogram(
            "campus_request_seconds", "From the first byte to the answer", names[:2], buckets=SECONDS, **APART
        )
        self._verdicts = prometheus.Counter("campus_verdicts", "Events judged, by kind", ["kind", "verdict"], **APART)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """One was answered. `route`: its pattern, never its address."""
        method = method if method in METHODS else "other"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def verdicts(self, judged: Iterable[tuple[object, str]]) -> None:
        """Events were judged: of what kind, and how; kinds nobody knows are counted as one."""
        named = ((kind if isinstance(kind, str) and kind in KINDS else "other", verdict) for kind, verdict in judged)
        for (kind, verdict), count in Counter(named).items():
            self._verdicts.labels(kind, verdict).inc(count)

    def text(self, *more: Collector) -> bytes:
        """Everything, also what other workers counted, in Prometheus' text format."""
        own: Sequence[Collector] = (self._requests, self._seconds, self._verdicts)
        if TOGETHER in os.environ:
            own = (multiprocess.MultiProcessCollector(None),)  # type: ignore[no-untyped-call]
        return prometheus.generate_latest(_Joined((*own, *more)))


class Metered:
    """Counts and times every request."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app, self._meters = app, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._meters.request(scope["method"], route, status, time.perf_counter() - began)


class _Joined(Collector):
    """Several collectors as the one that is written out."""

    def __init__(self, parts: Sequence[Collector]) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        for part in self._parts:
            yield from part.collect()
