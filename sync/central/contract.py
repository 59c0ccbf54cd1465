"""What the API promises: each operation's refusals by name, headers of every answer, a version that tells changes."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sync.central.intake import HANDLERS
from sync.central.problems import MEDIA, STATUS
from sync.plain import canonical
from sync.wire import BODIES, Batch, Message

_SCHEMAS = "#/components/schemas/"

VERSIONS: Mapping[str, str] = {
    "1.0": "b3937204f1a5e905",
    "1.1": "e8d995a307b1ff6c",
    "1.2": "65ea46ce8d237fc2",
    "1.3": "f773f03652e83165",
    "1.4": "fe2e481bcacddc08",
    "1.5": "e4a8d88d04dccad8",
    "1.6": "b3ce8325cc5b4dbe",
    "1.7": "ad8ef836e77b4eb9",
}
"""Version → digest of the API as it was then, only ever added to; the last one is served.

The first number grows when a terminal that is out there would be refused or misunderstood, the second with every other
change: an operation, a member, a word, a status more.
"""
SIGNED = ("not_enrolled", "signature_time", "revoked", "quarantined")
"""What every operation of a terminal may be refused with, for who asks."""
ALWAYS = ("too_fast", "busy", "overloaded")
BODY = ("too_slow", "too_large", "bad_body")
SEALING = (
    *("request_unknown", "key_conflict", "voided", "already_issued", "serial_unknown", "person_unknown"),
    *("item_unknown", "not_printable", "refused", "not_approved", "role", "factors", "copies", "language"),
    *("not_enrolled_now", "not_employed", "no_courses", "not_graduated", "no_conduct", "no_leave", "no_dormitory"),
    *("no_award", "no_fee", "not_declared", "not_registered", "no_meal"),
)
"""Why a certificate is not made: first what is wrong with the asking, last what there is nothing to certify of."""
NOT_NOW: Mapping[str, Any] = {
    "Retry-After": {"description": "Seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}
}
EVERY: Mapping[str, Any] = {
    "X-Epoch": {"description": "Identity of the centre's database", "required": True, "schema": {"type": "string"}},
    "X-Now": {"description": "The centre's time, Unix seconds", "required": True, "schema": {"type": "number"}},
}
OFFSET: Mapping[str, Any] = {
    "Upload-Offset": {"description": "Bytes that are here", "required": True, "schema": {"type": "integer"}}
}


class Problem(BaseModel):
    """A refusal. `type` is one word of a fixed list, `title` says it in Chinese and English."""

    type: str
    title: str
    status: int
    epoch: str


def version() -> str:
    """The one that is served."""
    return list(VERSIONS)[-1]


def refuses(*words: str, headers: Mapping[int, Mapping[str, Any]] | None = None) -> dict[int | str, dict[str, Any]]:
    """For `responses` of an operation: each status with the words it may carry in `type`; `headers` by status."""
    by_status: dict[int, list[str]] = {}
    for word in (*words, *ALWAYS):
        by_status.setdefault(STATUS.get(word, 409), []).append(word)
    return {status: _refusal(status, by_status[status], headers or {}) for status in sorted(by_status)}


def _refusal(status: int, words: list[str], headers: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    own = {**(NOT_NOW if status in (429, 503) else {}), **headers.get(status, {})}
    content = {MEDIA: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}}
    return {"description": ", ".join(words), "content": content, **({"headers": own} if own else {})}


def schema_of(app: FastAPI) -> dict[str, Any]:
    """The schema as terminals must send it: with the items of a batch, which the endpoint reads one by one."""
    if not app.openapi_schema:
        schema = FastAPI.openapi(app)
        models: list[type[BaseModel]] = [Batch, *BODIES.values()]
        _, extra = models_json_schema([(each, "validation") for each in models], ref_template=f"{_SCHEMAS}{{model}}")
        extra["$defs"]["EventItem"]["anyOf"] = [_kind(*each) for each in BODIES.items() if each[1] in HANDLERS]
        schema["components"]["schemas"].update(extra["$defs"], Problem=Problem.model_json_schema())
        schema["components"]["schemas"].pop("RawBatch")
        body = schema["paths"]["/v1/events:batch"]["post"]["requestBody"]["content"]["application/json"]
        body["schema"] = {"$ref": f"{_SCHEMAS}Batch"}
        _name_headers(schema)
        schema["x-digest"] = digest(schema)
    assert app.openapi_schema is not None
    return app.openapi_schema


def _kind(kind: tuple[str, int], body: type[Message]) -> dict[str, Any]:
    """What an item of this kind and version must hold, or it is rejected."""
    name, v = kind
    held = {"kind": {"const": name}, "v": {"const": v}, "body": {"$ref": f"{_SCHEMAS}{body.__name__}"}}
    return {"properties": held}


def digest(schema: Mapping[str, Any]) -> str:
    """Of everything but the version: 16 hex digits."""
    info = {name: value for name, value in schema["info"].items() if name != "version"}
    told = {name: value for name, value in schema.items() if name not in ("info", "x-digest")}
    return hashlib.sha256(canonical([info, told]).encode()).hexdigest()[:16]


def _name_headers(schema: dict[str, Any]) -> None:
    schema["components"]["headers"] = {**EVERY}
    for path in schema["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                every = {name: {"$ref": f"#/components/headers/{name}"} for name in EVERY}
                answer["headers"] = {**copy.deepcopy(answer.get("headers", {})), **every}
