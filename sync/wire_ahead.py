"""The wire's messages about certificates that are sealed in advance and issued without the network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sync.wire_base import Key, Message, Moment, PersonId, Size

Serial = Annotated[str, Field(min_length=1, max_length=60)]
Book = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
MOST_ROWS = 100


class AheadAsk(Message):
    """POST /v1/documents:ahead: what this terminal may issue to a person while the network is down.

    `book` names the journal in which the terminal keeps what it has issued: nothing of another's is told to it.
    """

    person: PersonId
    book: Book


class AheadRow(Message):
    """One sealed certificate, as `DocumentAnswer`. After `use_by` (Unix seconds) it must not be issued any more."""

    serial: Serial
    document: Annotated[str, Field(max_length=60)]
    language: Literal["zh", "en"]
    issued: Moment
    expires: Moment
    use_by: Moment
    code: str
    url: str
    fields: dict[str, str]


class AheadAnswer(Message):
    """All that this terminal may issue to the person, in the order in which it is to be used."""

    epoch: str
    person: PersonId
    rows: Annotated[list[AheadRow], Field(max_length=MOST_ROWS)]


class IssuedOffline(Message):
    """Body of `document.issued_offline` v1: this serial is used up for this request; paper comes after this record."""

    request: Key
    serial: Serial
    copies: Size
    replaces: Annotated[str, Field(max_length=60)] = ""


BODIES: dict[tuple[str, int], type[Message]] = {("document.issued_offline", 1): IssuedOffline}
