"""Refusals as answers: RFC 9457 problem documents, `type` from a fixed list, the title in both languages."""

from __future__ import annotations

import random
from collections.abc import Mapping

import sqlalchemy as sa
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from kiosk import log
from sync.central.centre import Centre, Refusal, words
from sync.central.database import passing, word

STATUS = {
    "not_enrolled": 401,
    "signature_time": 401,
    "revoked": 403,
    "quarantined": 403,
    "enrolment_refused": 403,
    "wrong_pin": 403,
    "visit_unknown": 403,
    "not_found": 404,
    "method": 405,
    "too_slow": 408,
    "release_withdrawn": 410,
    "too_large": 413,
    "blob_type": 415,
    "bad_body": 422,
    "blob_hash": 422,
    "too_many": 429,
    "too_fast": 429,
    "internal": 500,
    "busy": 503,
    "overloaded": 503,
    "database_away": 503,
}
"""Every other refusal is 409. 401 and 403 speak of the terminal or a guessed secret alone: a terminal stops on them."""

RETRY_AFTER_S = {"too_many": (60, 60), "busy": (1, 8), "database_away": (5, 30)}
"""From, to: all who were told at the same moment do not come back at the same moment."""
MEDIA = "application/problem+json"


class RefusedError(HTTPException):
    """Carries a refusal out of an endpoint, with headers of its own."""

    def __init__(self, refusal: Refusal, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(STATUS.get(refusal.code, 409), refusal.code, headers)
        self.refusal = refusal


def problem(centre: Centre, refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for a refusal."""
    status = STATUS.get(refusal.code, 409)
    body = {"type": refusal.code, "title": words(centre.texts, refusal), "status": status, "epoch": centre.epoch}
    ours: dict[str, str] = {}
    if refusal.code in RETRY_AFTER_S:
        ours["Retry-After"] = str(random.randint(*RETRY_AFTER_S[refusal.code]))
    if status == 401:
        ours["WWW-Authenticate"] = "Signature"
    return JSONResponse(body, status, {**ours, **(headers or {})}, MEDIA)


def of_exception(centre: Centre, error: Exception) -> Response:
    """The answer for whatever an endpoint raised; what nobody expected is recorded without its message."""
    match error:
        case RefusedError():
            return problem(centre, error.refusal, error.headers)
        case RequestValidationError():
            return problem(centre, Refusal("bad_body", detail=_where(error)))
        case HTTPException(status_code=code):
            word_of = {404: "not_found", 405: "method"}.get(code, "bad_body")
            return problem(centre, Refusal(word_of, detail="JSON"), error.headers)
        case ClientDisconnect():
            # whoever asked was killed, or cut off: nobody reads this
            return problem(centre, Refusal("bad_body", detail="cut off"))
        case sa.exc.DBAPIError() if passing(error):
            log.event("database_away", reason=word(error))
            return problem(centre, Refusal("busy"))
        case sa.exc.TimeoutError():
            log.event("database_away", reason="pool")
            return problem(centre, Refusal("busy"))
        case OSError():
            log.bug(error)
            return problem(centre, Refusal("busy"))
    log.bug(error)
    return problem(centre, Refusal("internal"))


def _where(error: RequestValidationError) -> str:
    """Where and why, with nothing of what was sent."""
    return "; ".join(f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}" for each in error.errors()[:3])


def handlers(centre: Centre) -> dict[type[Exception], object]:
    """For FastAPI: every kind of exception that becomes a problem document."""

    async def handle(_request: Request, error: Exception) -> Response:
        return of_exception(centre, error)

    ours = (RequestValidationError, HTTPException, ClientDisconnect)
    kinds = (*ours, sa.exc.DBAPIError, sa.exc.TimeoutError, OSError)
    return dict.fromkeys((*kinds, Exception), handle)
