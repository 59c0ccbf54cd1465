"""The central API: each endpoint turns a message of the wire into one call, and its answer back."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, FastAPI, Path, Query, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema

from sync.central import blobs, checkpage, codes, devices, feeds, intake, issuing, spending
from sync.central.centre import Centre, Refusal
from sync.central.database import reading
from sync.central.limits import BodyLimit, StrictRoute
from sync.central.problems import MEDIA, RefusedError, handlers
from sync.signing import Received
from sync.wire import (
    MOST_ITEMS,
    Batch,
    BatchAnswer,
    CodeAnswer,
    CodeAsk,
    DocumentAnswer,
    DocumentAsk,
    Enrol,
    Enrolled,
    FeedAnswer,
    Heartbeat,
    HeartbeatAnswer,
    SpendAnswer,
    SpendAsk,
)

T = TypeVar("T")
VERSION = "1"
FeedName = Literal["persons", "keys", "requests", "notices", "templates", "passes", "rules", "visits", "lessons"]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
SIGNED = APIKeyHeader(
    name="Signature",
    scheme_name="signature",
    description="RFC 9421: Signature-Input and Signature of the terminal's Ed25519 key over method, path, query, body.",
    auto_error=False,
)


class Problem(BaseModel):
    """A refusal. `type` is one word of a fixed list, `title` says it in Chinese and English."""

    type: str
    title: str
    status: int
    epoch: str


class RawBatch(BaseModel):
    """A batch whose items are looked at one by one: a bad one must not hold up the others."""

    model_config = ConfigDict(extra="forbid")
    items: list[dict[str, Any]]


class BlobAnswer(BaseModel):
    epoch: str
    sha256: str
    size: int


class Health(BaseModel):
    epoch: str
    status: Literal["ok"]
    items: int


def make_app(centre: Centre) -> FastAPI:
    """The application over one open centre."""
    app = FastAPI(
        title="Campus terminal: central API",
        version=VERSION,
        description="What terminals ask of the centre. Every answer carries `epoch`, the identity of its database.",
        responses=_REFUSALS,
        exception_handlers=handlers(centre),  # type: ignore[arg-type]
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.router.route_class = StrictRoute
    app.add_middleware(BodyLimit, centre=centre)

    async def terminal(request: Request, signature: Annotated[str | None, Security(SIGNED)]) -> str:
        if signature is None:
            raise RefusedError(Refusal("not_enrolled"))
        received = Received(request.method, str(request.url), dict(request.headers))
        return _said(await run_in_threadpool(devices.authenticate, centre, received, await request.body()))

    who = Depends(terminal)

    @app.post("/v1/enrol")
    def enrol(ask: Enrol) -> Enrolled:
        """A one-time code makes a terminal's own key known."""
        return _said(devices.enrol(centre, ask))

    @app.post("/v1/heartbeat")
    def heartbeat(beat: Heartbeat, by: str = who) -> HeartbeatAnswer:
        """How the terminal is; the answer tells the time."""
        head = devices.heartbeat(centre, by, beat)
        return HeartbeatAnswer(epoch=centre.epoch, now=centre.clock.now(), audit=head)

    @app.post("/v1/events:batch", response_model=BatchAnswer)
    def events(batch: RawBatch, by: str = who) -> Response:
        """Up to 100 events; a verdict for each, in order. The same batch again is answered and changes nothing."""
        if not 1 <= len(batch.items) <= MOST_ITEMS:
            raise RefusedError(Refusal("too_large") if batch.items else Refusal("bad_body", detail="items"))
        answer = BatchAnswer(epoch=centre.epoch, results=_said(intake.take(centre, by, batch.items)))
        return Response(answer.model_dump_json(), media_type="application/json")

    @app.get("/v1/feeds/{name}")
    def feed(
        name: FeedName,
        by: str = who,
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=feeds.PAGE)] = feeds.PAGE,
    ) -> FeedAnswer:
        """Rows that changed after a revision, oldest change first."""
        with reading(centre.engine) as connection:
            page = feeds.page(connection, centre.campus, name, after, limit)
        rows = list(page.rows)
        return FeedAnswer(epoch=centre.epoch, feed=name, rows=rows, next=page.next, more=page.more, reset=page.reset)

    @app.head("/v1/blobs/{sha256}", response_class=Response)
    def has_blob(sha256: Sha256, by: str = who) -> Response:
        """200 with its length when it is here."""
        size = blobs.size_of(centre, sha256)
        if size is None:
            raise RefusedError(Refusal("not_found"))
        return Response(headers={"Content-Length": str(size)})

    @app.put("/v1/blobs/{sha256}", openapi_extra=_BYTES)
    async def put_blob(sha256: Sha256, request: Request, by: str = who) -> BlobAnswer:
        """A JPEG, PNG or PDF of at most 8 MB under the SHA-256 of its bytes."""
        data = await request.body()
        refusal = await run_in_threadpool(blobs.keep, centre, by, sha256, data)
        if refusal:
            raise RefusedError(refusal)
        return BlobAnswer(epoch=centre.epoch, sha256=sha256, size=len(data))

    @app.post("/v1/documents")
    def documents(ask: DocumentAsk, by: str = who) -> DocumentAnswer:
        """Number and seal a certificate; the same key gives the same answer again."""
        return _said(issuing.issue(centre, ask))

    @app.post("/v1/codes")
    def personal_code(ask: CodeAsk) -> CodeAnswer:
        """What a person's phone asks for."""
        return _said(codes.code_for(centre, ask))

    @app.post("/v1/codes:spend")
    def spend(ask: SpendAsk, by: str = who) -> SpendAnswer:
        """A personal code was accepted at this terminal; was it shown at another before?"""
        return spending.spend(centre, by, ask)

    @app.get("/v/{token}", response_class=HTMLResponse, include_in_schema=False)
    def check(token: str) -> HTMLResponse:
        """For people: does this certificate count?"""
        state, page = checkpage.check(centre, token)
        status = 404 if state is checkpage.State.NOT_FOUND else 200
        return HTMLResponse(page, status, _PRIVATE)

    @app.get("/healthz")
    def healthz() -> Health:
        """Whether it serves."""
        with reading(centre.engine) as connection:
            feeds.page(connection, centre.campus, "keys", 0, 1)
        return Health(epoch=centre.epoch, status="ok", items=len(centre.catalogue.items))

    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_PROBLEM = {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused, with the reason", "content": _PROBLEM},
    "5XX": {"description": "Not now; the same again later is safe", "content": _PROBLEM},
}
_PRIVATE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _said(answer: T | Refusal) -> T:
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    return answer


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The schema as terminals must send it: with the items of a batch, which the endpoint reads one by one."""
    if not app.openapi_schema:
        schema = FastAPI.openapi(app)
        _, extra = models_json_schema([(Batch, "validation")], ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"].update(extra["$defs"], Problem=Problem.model_json_schema())
        schema["components"]["schemas"].pop("RawBatch")
        body = schema["paths"]["/v1/events:batch"]["post"]["requestBody"]["content"]["application/json"]
        body["schema"] = {"$ref": "#/components/schemas/Batch"}
    assert app.openapi_schema is not None
    return app.openapi_schema
