"""What is refused before an endpoint sees it: bodies that are too large, and JSON that is no JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.central import blobs
from sync.central.centre import Centre, Refusal
from sync.central.problems import RefusedError, problem
from sync.plain import canonical, parsed
from sync.wire import MOST_BYTES

BATCH = "/v1/events:batch"
SLOWEST_S = 60.0


class BodyLimit:
    """Ends a request whose body grows beyond its limit, whatever its Content-Length said, or comes too slowly.

    Adds epoch and time to every answer.
    """

    def __init__(self, app: ASGIApp, centre: Centre) -> None:
        self._app, self._centre = app, centre

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = blobs.MOST_BYTES if scope["path"].startswith("/v1/blobs/") else MOST_BYTES
        left, more = most, True
        deadline = asyncio.get_running_loop().time() + SLOWEST_S

        async def counted() -> Message:
            nonlocal left, more
            message = await _before(deadline, receive) if more else await receive()
            more = bool(message.get("more_body"))
            left -= len(message.get("body", b""))
            if left < 0:
                raise RefusedError(Refusal("too_large"))
            return message

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                epoch, now = self._centre.epoch, f"{self._centre.clock.now():.3f}"
                message["headers"] = [*message["headers"], (b"x-epoch", epoch.encode()), (b"x-now", now.encode())]
            await send(message)

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared[:12]) > most:
            await problem(self._centre, Refusal("too_large"))(scope, receive, told)
            return
        await self._app(scope, counted, told)


async def _before(deadline: float, receive: Receive) -> Message:
    try:
        async with asyncio.timeout_at(deadline):
            return await receive()
    except TimeoutError:
        raise RefusedError(Refusal("too_slow")) from None


class StrictRequest(Request):
    """NaN, NUL, lone surrogates, endless numbers and towers of brackets are no JSON here.

    In a batch the first three are the matter of the one item they stand in.
    """

    async def json(self) -> Any:
        body = await self.body()
        try:
            found = parsed(body)
            if self.url.path != BATCH:
                canonical(found)
        except json.JSONDecodeError:
            raise
        except (ValueError, RecursionError) as error:
            raise json.JSONDecodeError("not acceptable", "", 0) from error
        return found


class StrictRoute(APIRoute):
    """Hands its endpoint a StrictRequest."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict
