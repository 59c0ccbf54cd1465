"""The central API: each endpoint turns a message of the wire into one call, and its answer back."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import sqlalchemy as sa
from fastapi import Depends, FastAPI, Header, Path, Query, Request, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, ConfigDict

from sync.central import (
    blobs,
    checkpage,
    codes,
    contract,
    devices,
    feeds,
    followpage,
    intake,
    issuing,
    metrics,
    offline,
    parts,
    pdfs,
    releases,
    spending,
)
from sync.central.centre import Centre, Refusal
from sync.central.contract import BODY, OFFSET, SEALING, SIGNED, refuses
from sync.central.database import reading
from sync.central.gauges import Fleet
from sync.central.limits import BodyLimit, StrictRoute
from sync.central.overload import MOST_IN_FLIGHT, Overload
from sync.central.problems import RefusedError, handlers
from sync.central.rates import Rates
from sync.signing import Received
from sync.wire import (
    MOST_ITEMS,
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
from sync.wire_ahead import AheadAnswer, AheadAsk
from sync.wire_release import MEDIA as PACKAGE

T = TypeVar("T")
FeedName = Literal[
    "persons",
    "keys",
    "requests",
    "notices",
    "templates",
    "passes",
    "rules",
    "visits",
    "lessons",
    "revocations",
]
Sha256 = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
Serial = Annotated[str, Path(pattern=r"^[A-Z]{2}-[0-9]{4}-[0-9]{4}-[0-9]{4,9}$")]
Token = Annotated[str, Path(json_schema_extra={"pattern": f"^{followpage.TOKEN.pattern}$"})]
"""Of whatever else is looked for nothing is found: whoever mistypes an address is told so as a page."""
SIGNATURE = APIKeyHeader(
    name="Signature",
    scheme_name="signature",
    description="RFC 9421: Signature-Input and Signature of the terminal's Ed25519 key over method, path, query, body.",
    auto_error=False,
)


class RawBatch(BaseModel):
    """A batch whose items are looked at one by one: a bad one must not hold up the others."""

    model_config = ConfigDict(extra="forbid")
    items: list[dict[str, Any]]


class BlobAnswer(BaseModel):
    epoch: str
    sha256: str
    size: int


class PieceAnswer(BaseModel):
    """`offset`: so many bytes are here; all of it when that is `size`."""

    epoch: str
    sha256: str
    offset: int
    size: int


class Health(BaseModel):
    epoch: str
    status: Literal["ok"]
    items: int


def make_app(centre: Centre, in_flight: int = MOST_IN_FLIGHT) -> FastAPI:
    """The application over one open centre. `in_flight`: requests at a time; who comes on top waits elsewhere."""
    rates, meters = Rates(centre.clock.mono), metrics.Meters()
    app = FastAPI(
        title="Campus terminal: central API",
        version=contract.version(),
        description="What terminals ask of the centre. Every answer carries `epoch`, the identity of its database.",
        exception_handlers=handlers(centre),  # type: ignore[arg-type]
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.router.route_class = StrictRoute
    app.add_middleware(Overload, centre=centre, most=in_flight)
    app.add_middleware(BodyLimit, centre=centre)
    app.add_middleware(metrics.Metered, meters=meters)

    async def terminal(request: Request, signature: Annotated[str | None, Security(SIGNATURE)]) -> str:
        if signature is None:
            raise RefusedError(Refusal("not_enrolled"))
        received = Received(request.method, str(request.url), dict(request.headers))
        found = _said(await run_in_threadpool(devices.authenticate, centre, received, await request.body()))
        rates.terminal(request.scope["route"].path, found)
        return found

    who, caller = Depends(terminal), Depends(_address)

    @app.post("/v1/enrol", responses=refuses("enrolment_refused", "too_many", *BODY))
    def enrol(ask: Enrol, address: str = caller) -> Enrolled:
        """A one-time code makes a terminal's own key known."""
        rates.public("address", address)
        rates.public("enrolment", ask.terminal)
        return _said(devices.enrol(centre, ask))

    @app.post("/v1/heartbeat", responses=refuses(*SIGNED, *BODY), response_model_exclude_none=True)
    def heartbeat(beat: Heartbeat, by: str = who) -> HeartbeatAnswer:
        """How the terminal is; the answer tells the time, and who says `update` which release is offered to it."""
        head = devices.heartbeat(centre, by, beat)
        offer = releases.offered(centre, by, beat.update.architecture) if beat.update else None
        return HeartbeatAnswer(epoch=centre.epoch, now=centre.clock.now(), audit=head, offer=offer)

    @app.post("/v1/events:batch", response_model=BatchAnswer, responses=refuses(*SIGNED, *BODY))
    def events(batch: RawBatch, by: str = who) -> Response:
        """Up to 100 events; a verdict for each, in order. The same batch again is answered and changes nothing."""
        if not 1 <= len(batch.items) <= MOST_ITEMS:
            raise RefusedError(Refusal("too_large") if batch.items else Refusal("bad_body", detail="items"))
        results = _said(intake.take(centre, by, batch.items))
        meters.verdicts((item.get("kind"), result.verdict) for item, result in zip(batch.items, results, strict=True))
        answer = BatchAnswer(epoch=centre.epoch, results=results)
        return Response(answer.model_dump_json(), media_type="application/json")

    @app.get("/v1/feeds/{name}", response_model=FeedAnswer, responses=refuses(*SIGNED, *BODY))
    def feed(
        name: FeedName,
        by: str = who,
        after: Annotated[int, Query(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Query(ge=1, le=feeds.PAGE)] = feeds.PAGE,
    ) -> Response:
        """Rows that changed after a revision, oldest change first; a page ends with the row that reaches 1 MB."""
        with reading(centre.engine) as connection:
            page = feeds.page(connection, centre.campus, name, after, limit)
        return Response(page.body(centre.epoch, name), media_type="application/json")

    @app.head("/v1/blobs/{sha256}", response_class=Response, responses=_HEAD)
    def has_blob(sha256: Sha256, by: str = who) -> Response:
        """200 with its length when it is whole; 204 when a part of it has come from this terminal."""
        size = blobs.size_of(centre, sha256)
        if size is not None:
            return Response(headers={"Content-Length": str(size)})
        offset = parts.arrived(centre, by, sha256)
        if not offset:
            raise RefusedError(Refusal("not_found"))
        return Response(status_code=204, headers={"Upload-Offset": str(offset)})

    @app.put("/v1/blobs/{sha256}", openapi_extra=_BYTES, responses=refuses(*SIGNED, *BODY, "blob_type", "blob_hash"))
    async def put_blob(sha256: Sha256, request: Request, by: str = who) -> BlobAnswer:
        """A JPEG, PNG or PDF of at most 8 MB under the SHA-256 of its bytes."""
        data = await request.body()
        refusal = await run_in_threadpool(blobs.keep, centre, by, sha256, data)
        if refusal:
            raise RefusedError(refusal)
        return BlobAnswer(epoch=centre.epoch, sha256=sha256, size=len(data))

    @app.patch("/v1/blobs/{sha256}", openapi_extra=_BYTES, responses=_PATCH)
    async def patch_blob(
        sha256: Sha256,
        request: Request,
        upload_offset: Annotated[int, Header(ge=0, le=2**53, description="Bytes that went before these")],
        upload_length: Annotated[int, Header(ge=1, le=2**53, description="Bytes of the whole")],
        by: str = who,
    ) -> PieceAnswer:
        """The next bytes of a blob. After the last it is checked as a whole; 409 tells how much is really here."""
        piece = parts.Piece(sha256, upload_offset, upload_length, await request.body())
        now = _said(await run_in_threadpool(parts.take, centre, by, piece))
        if not now.expected:
            raise RefusedError(Refusal("blob_offset"), {"Upload-Offset": str(now.offset)})
        return PieceAnswer(epoch=centre.epoch, sha256=sha256, offset=now.offset, size=upload_length)

    @app.get("/v1/releases/{sha256}", response_class=Response, responses=_PACKAGE)
    def release_piece(sha256: Sha256, by: str = who, offset: Annotated[int, Query(ge=0, le=2**53)] = 0) -> Response:
        """The next bytes, 256 KiB at most, of a release that is offered to this terminal."""
        rates.public("releases", "all")
        return Response(_said(releases.piece(centre, by, sha256, offset)), media_type=PACKAGE, headers=_KEPT)

    @app.post("/v1/documents", responses=refuses(*SIGNED, *BODY, *SEALING))
    def documents(ask: DocumentAsk, by: str = who) -> DocumentAnswer:
        """Number and seal a certificate; the same key gives the same answer again."""
        return _said(issuing.issue(centre, by, ask))

    @app.post("/v1/documents:ahead", responses=refuses(*SIGNED, *BODY, "person_unknown"))
    def documents_ahead(ask: AheadAsk, by: str = who) -> AheadAnswer:
        """Certificates of a person who is at the terminal, to be issued there while the network is down."""
        return _said(offline.seal_ahead(centre, by, ask))

    @app.get("/v1/documents/{serial}/pdf", response_class=Response, responses=_PDF)
    def document_pdf(serial: Serial, by: str = who) -> Response:
        """A certificate as a sealed PDF, for the terminal that asked for it."""
        return Response(_said(pdfs.sealed(centre, by, serial)), media_type=pdfs.MEDIA, headers=_KEPT)

    @app.post("/v1/codes", responses=refuses("wrong_pin", "visit_unknown", "too_many", *BODY))
    def personal_code(ask: CodeAsk, address: str = caller) -> CodeAnswer:
        """What a person's phone asks for."""
        rates.public("address", address)
        rates.public("number", ask.number or ask.visit)
        return _said(codes.code_for(centre, ask))

    @app.post("/v1/codes:spend", responses=refuses(*SIGNED, *BODY))
    def spend(ask: SpendAsk, by: str = who) -> SpendAnswer:
        """A personal code was accepted at this terminal; was it shown at another before?"""
        return spending.spend(centre, by, ask)

    @app.get("/v", response_class=HTMLResponse, include_in_schema=False)
    def check_form(address: str = caller) -> HTMLResponse:
        """For people: where the code of a certificate is entered."""
        rates.public("address", address)
        return HTMLResponse(checkpage.form(centre), 200, _PRIVATE)

    @app.post("/v", response_class=HTMLResponse, include_in_schema=False)
    async def check_code(request: Request, address: str = caller) -> HTMLResponse:
        """For people: does the certificate with this code count?"""
        rates.public("address", address)
        _state, page = await run_in_threadpool(checkpage.check_code, centre, await request.body())
        return HTMLResponse(page, 200, _PRIVATE)

    @app.get("/v/{token}", response_class=HTMLResponse, include_in_schema=False)
    def check(token: str, address: str = caller) -> HTMLResponse:
        """For people: does this certificate count?"""
        rates.public("address", address)
        state, page = checkpage.check(centre, token)
        status = 404 if state is checkpage.State.NOT_FOUND else 200
        return HTMLResponse(page, status, _PRIVATE)

    @app.get("/r/{token}", response_model=followpage.Followed, responses=_FOLLOWED)
    def follow(token: Token, request: Request, address: str = caller) -> Response:
        """How far the request of a receipt is, or what a readiness report says; a page for people who ask for one."""
        rates.public("address", address)
        found = followpage.look(centre, token)
        if "text/html" in request.headers.get("Accept", ""):
            return HTMLResponse(followpage.html(centre, found), 200 if found else 404, {**_PRIVATE, **_EITHER})
        if found is None:
            raise RefusedError(Refusal("not_found"), _EITHER)
        return Response(found.model_dump_json(), media_type="application/json", headers={**_KEPT, **_EITHER})

    @app.get("/healthz", responses=refuses("database_away"))
    def healthz() -> Health:
        """Whether it serves."""
        try:
            with reading(centre.engine) as connection:
                feeds.page(connection, centre.campus, "keys", 0, 1)
        except sa.exc.DBAPIError:
            raise RefusedError(Refusal("database_away")) from None
        return Health(epoch=centre.epoch, status="ok", items=len(centre.catalogue.items))

    @app.get("/metrics", include_in_schema=False)
    def read_metrics() -> Response:
        """For Prometheus on this machine; the proxy passes it on to nobody."""
        return Response(meters.text(Fleet(centre)), media_type=metrics.MEDIA)

    app.openapi = lambda: contract.schema_of(app)  # type: ignore[method-assign]
    return app


_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_HEAD: dict[int | str, dict[str, Any]] = {
    204: {"description": "A part of it is here", "headers": OFFSET},
    **refuses(*SIGNED, *BODY, "not_found"),
}
_PATCH = refuses(*SIGNED, *BODY, "blob_type", "blob_hash", "blob_offset", headers={409: OFFSET})
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {pdfs.MEDIA: {"schema": {"type": "string", "format": "binary"}}}},
    **refuses(*SIGNED, *BODY, "not_found", "voided"),
}
_FOLLOWED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}},
    **refuses("not_found"),
}
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {PACKAGE: {"schema": {"type": "string", "format": "binary"}}}},
    **refuses(*SIGNED, *BODY, "not_found", "release_withdrawn"),
}
_KEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_EITHER = {"Vary": "Accept"}
_PRIVATE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'unsafe-inline'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _said(answer: T | Refusal) -> T:
    if isinstance(answer, Refusal):
        raise RefusedError(answer)
    return answer


def _address(request: Request) -> str:
    """Whose: through a proxy that names it in X-Forwarded-For the far end's, otherwise the proxy's."""
    return request.client.host if request.client else ""
