"""What every message of the wire is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(min_length=8, max_length=80, pattern=r"^[0-9A-Za-z:_.-]+$")]
Revision = Annotated[int, Field(ge=0, le=2**53)]
"""What every database and JSON reader keeps exactly."""
Size = Annotated[int, Field(ge=0, le=2**53)]
"""How many: rows, bytes, copies; as exact."""
Moment = Annotated[float, Field(ge=0, le=4_102_444_800)]
"""Unix seconds that a calendar can show: up to the year 2100."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
PersonId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Nobody = Annotated[str, Field(pattern=r"^([0-9a-f]{16})?$")]
"""A person's or a visit's 16 hex digits, or nobody's."""


STRICT = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
"""An unknown member is an error at both ends; also of the parts that nobody looks into, which are plain dicts."""


class Message(BaseModel):
    """A whole one, or a part of one that is looked into."""

    model_config = STRICT
