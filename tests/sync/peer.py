"""A small centre for the terminal's tests: the wire over real HTTP, a ledger of what it took in, and faults."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sync.signing import NotFreshError, NotSignedError, Received, key_id, verify
from sync.wire import FEEDS
from tests.waiting import PATIENCE

Json = dict[str, Any]
Answer = tuple[int, Json]


class Peer(ThreadingHTTPServer):
    """Faults are taken one a request to the path they name; while `gate` is closed, good answers wait behind it.

    `cut_at`: the line goes dead under the first piece of a blob that begins there or behind, once.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.RLock()
        self.epoch = "e1"
        self.keys: dict[str, bytes] = {}
        self.now = time.time
        self.code = "CODE-123456"
        self.ledger: dict[str, Json] = {}
        self.arrivals: list[str] = []
        self.batches: list[list[str]] = []
        self.blobs: dict[str, bytes] = {}
        self.parts: dict[str, bytes] = {}
        self.cut_at = 0
        self.asks: list[str] = []
        self.requests: list[str] = []
        self.beats: list[Json] = []
        self.verdicts: dict[str, str] = {}
        self.unknown_asks = 0
        self.spent: list[Json] = []
        self.elsewhere: dict[str, str] = {}
        self.gate = threading.Event()
        self.gate.set()
        self.over = threading.Event()
        self.most_items = 100
        self.feeds: dict[str, list[Json]] = {name: [] for name in FEEDS}
        self.page = 3
        self.reset: set[str] = set()
        self._faults: list[tuple[str, str]] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.over.set()
        self.gate.set()
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    def fault(self, path: str, fault: str, times: int = 1) -> None:
        """The next `times` requests whose path begins so get the fault instead of the answer."""
        with self.lock:
            self._faults += [(path, fault)] * times

    def mend(self) -> None:
        with self.lock:
            self._faults.clear()

    @property
    def faults_left(self) -> int:
        with self.lock:
            return len(self._faults)

    def take_fault(self, path: str) -> str:
        with self.lock:
            for n, (start, fault) in enumerate(self._faults):
                if path.startswith(start):
                    del self._faults[n]
                    return fault
        return ""

    def put_row(self, feed: str, row_id: str, data: Json | None) -> None:
        """The newest state of a row, under the next revision."""
        with self.lock:
            rows = self.feeds[feed]
            rev = 1 + max((row["rev"] for row in rows), default=0)
            rows[:] = [row for row in rows if row["id"] != row_id] + [{"id": row_id, "rev": rev, "data": data}]

    # --- what the wire says ------------------------------------------------------------------------------------

    def answer(self, received: Received, path: str, body: bytes) -> Answer:
        if path == "/v1/enrol":
            return self._enrol(json.loads(body))
        try:
            verify(received, body, self.now(), self.keys.get)
        except NotSignedError as error:
            word = "signature_time" if isinstance(error, NotFreshError) else "not_enrolled"
            return 401, {"type": word, "epoch": "e1"}
        if path == "/v1/heartbeat":
            self.beats.append(json.loads(body))
            return 200, {"epoch": self.epoch, "now": self.now()}
        if path == "/v1/events:batch":
            return self._batch(json.loads(body)["items"])
        if path.startswith("/v1/feeds/"):
            feed, after = path.removeprefix("/v1/feeds/").split("?after=")
            return self._feed(feed, int(after))
        if path.startswith("/v1/blobs/"):
            return self._blob(received, path.rsplit("/", 1)[1], body)
        if path == "/v1/codes:spend":
            ask = json.loads(body)
            self.spent.append(ask)
            terminal = self.elsewhere.get(ask["nonce"], "")
            answer = {"epoch": self.epoch, "nonce": ask["nonce"], "first": not terminal, "terminal": terminal}
            return 200, {**answer, "at": 1.0 if terminal else 0.0}
        if path == "/v1/documents":
            return self._document(json.loads(body))
        return 404, {"type": "not_found", "epoch": "e1"}

    def _enrol(self, ask: Json) -> Answer:
        if ask["code"] != self.code:
            return 403, {"type": "no", "epoch": "e1"}
        public = bytes.fromhex(ask["public_key"])
        self.keys = {key_id(public): public}
        return 200, {"epoch": self.epoch, "campus": 1, "key_id": key_id(public)}

    def _batch(self, items: list[Json]) -> Answer:
        if len(items) > self.most_items:
            return 413, {"type": "too_large", "epoch": "e1"}
        self.batches.append([item["key"] for item in items])
        results = []
        for item in items:
            key = item["key"]
            self.arrivals.append(key)
            verdict = self.verdicts.get(key) or ("duplicate" if key in self.ledger else "created")
            if verdict in ("created", "duplicate"):
                named = item["body"].get("attachments", {}).values()
                assert all(sha in self.blobs for sha in named), "an event came before the photograph that it names"
                self.ledger.setdefault(key, item)
            results.append({"key": key, "verdict": verdict, "reason": "" if verdict == "created" else "why"})
        return 200, {"epoch": self.epoch, "results": results}

    def _feed(self, feed: str, after: int) -> Answer:
        reset = feed in self.reset
        self.reset.discard(feed)
        after = 0 if reset else after
        rows = [row for row in self.feeds[feed] if row["rev"] > after]
        page = rows[: self.page]
        last = page[-1]["rev"] if page else after
        more = len(rows) > len(page)
        return 200, {"epoch": self.epoch, "feed": feed, "rows": page, "next": last, "more": more, "reset": reset}

    def _blob(self, received: Received, sha: str, body: bytes) -> Answer:
        here = self.parts.get(sha, b"")
        if received.method == "HEAD":
            if sha in self.blobs:
                return 200, {"headers": {"Content-Length": str(len(self.blobs[sha]))}}
            return (204, {"headers": {"Upload-Offset": str(len(here))}}) if here else (404, {})
        if received.method == "PUT":
            assert hashlib.sha256(body).hexdigest() == sha
            self.blobs[sha] = body
            return 201, {"epoch": self.epoch, "sha256": sha, "size": len(body)}
        offset, size = (int(received.headers[f"upload-{name}"]) for name in ("offset", "length"))
        if offset != len(here):
            return 409, {"type": "blob_offset", "epoch": "e1", "headers": {"Upload-Offset": str(len(here))}}
        self.parts[sha] = here + body
        if len(self.parts[sha]) == size:
            self.blobs[sha] = self.parts.pop(sha)
            assert hashlib.sha256(self.blobs[sha]).hexdigest() == sha
        return 200, {"epoch": self.epoch, "sha256": sha, "offset": offset + len(body), "size": size}

    def _document(self, ask: Json) -> Answer:
        self.asks.append(ask["key"])
        if ask["request"] not in self.ledger or len(self.asks) <= self.unknown_asks:
            return 404, {"type": "request_unknown", "epoch": "e1"}
        times = {"issued": 1.0, "expires": 2.0}
        made = {
            "epoch": self.epoch,
            "key": ask["key"],
            "serial": "ZD-1",
            "code": "C",
            "url": "u",
            "fields": {"name": "x"},
        }
        return 200, {**made, **times}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Peer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        peer = self.server
        fault = peer.take_fault(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.command, f"http://{headers['host']}{self.path}", headers)
        with peer.lock:
            peer.requests.append(f"{self.command} {self.path}")
            if peer.cut_at and int(headers.get("upload-offset", 0)) >= peer.cut_at:
                peer.cut_at, self.close_connection = 0, True
                return
            early = FAULTS_BEFORE.get(fault)
            status, answer = early or peer.answer(received, self.path, body)
        if not fault:
            peer.gate.wait(PATIENCE)
        if fault == "lost":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if "results" in answer and fault == "short":
            answer["results"] = answer["results"][:-1]
        if fault == "wrong_epoch":
            answer["epoch"] = "another"
        ours = {"X-Epoch": peer.epoch} if fault not in ("portal", "html403", "html502", "redirect") else {}
        more = {**ours, **answer.pop("headers", {})}
        self._send(status, b"" if self.command == "HEAD" else json.dumps(answer).encode(), fault, more)

    def _send(self, status: int, body: bytes, fault: str, more: Json) -> None:
        kind = "application/json"
        length = len(body)
        if fault in ("portal", "html403", "html502"):
            status = {"portal": 200, "html403": 403, "html502": 502}[fault]
            kind, body = "text/html", b"<html>log in</html>"
            length = len(body)
        if fault == "truncated":
            body = body[:-5]
        if fault == "trickle_head":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            self._trickle(b"a" * 400)
        self.send_response(302 if fault == "redirect" else status)
        if fault == "redirect":
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_address[1]}/v1/login")
        if fault in HOSTILE:
            self._flood(fault)
            return
        if fault.startswith("busy"):
            self.send_header("Retry-After", fault.split("=")[1])
        self.send_header("Content-Type", kind)
        self.send_header("X-Now", f"{self.server.now():.3f}")
        for name, value in {"Content-Length": str(length), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        if fault == "trickle":
            self._trickle(body)
            return
        self.wfile.write(b"" if self.command == "HEAD" else body)
        if fault == "truncated":
            self.close_connection = True

    def _trickle(self, body: bytes) -> None:
        """A byte at a time, until the other side has had enough."""
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.over.wait(0.05):
                return

    def _flood(self, fault: str) -> None:
        """A body that would fill memory: by unpacking it, or by never ending."""
        self.send_header("Content-Type", "application/json")
        if fault == "gzip_bomb":
            body = gzip.compress(b"0" * 60_000_000, 1)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.close_connection = True
        self.end_headers()
        while not self.server.over.is_set():
            self.wfile.write(b"0" * 100_000)

    do_GET = do_POST = do_PUT = do_PATCH = do_HEAD = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        return

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            return


HOSTILE = ("gzip_bomb", "endless")


class _Before(dict[str, Answer]):
    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key.split("=")[0], default)


FAULTS_BEFORE = _Before(
    {
        "portal": (200, {}),
        "html403": (403, {}),
        "html502": (502, {}),
        "redirect": (302, {}),
        "busy": (503, {"type": "busy", "epoch": "e1"}),
        "broken": (500, {"type": "bug", "epoch": "e1"}),
        "update": (426, {"type": "update", "epoch": "e1"}),
        "revoked": (403, {"type": "revoked", "epoch": "e1"}),
        "unknown": (404, {"type": "not_found", "epoch": "e1"}),
    }
)
