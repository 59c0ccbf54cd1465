"""What every part of the centre needs, opened once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa
from pyrage import x25519

from kiosk import shipped
from kiosk.clock import CAMPUS_ZONE, Clock
from kiosk.domain.catalogue import Catalogue, Words
from kiosk.text import Texts, shipped_texts
from sync.central import keys, pdfseal
from sync.central.database import epoch_of, reading, writing
from sync.central.feeds import publish_changed
from sync.central.tables import meta
from sync.wire import KeyRow

CHECK_URL = "https://v.example.com/"
DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Ahead:
    """How much is sealed in advance: for so many `people` of a terminal `each` item so often, in each language.

    A terminal may issue it for `days` (0 = nothing is sealed in advance). What nobody has heard of `grace_days` later
    is said to have lapsed.
    """

    days: float = 7.0
    each: int = 2
    people: int = 500
    grace_days: float = 7.0


@dataclass(frozen=True, slots=True)
class Centre:
    """One campus of one database. `state` is the folder of keys and blobs, `check_url` ends in a slash."""

    engine: sa.Engine
    campus: int
    name: Words
    epoch: str
    clock: Clock
    catalogue: Catalogue = field(repr=False)
    texts: Texts = field(repr=False)
    keys: keys.Ring = field(repr=False)
    identities: Mapping[int, x25519.Identity] = field(repr=False)
    state: Path
    demo: bool = False
    check_url: str = CHECK_URL
    ahead: Ahead = Ahead()

    def sealer(self) -> pdfseal.Sealer:
        """Who puts the college's seal on a PDF."""
        return pdfseal.open_sealer(self.state / "keys")

    def today(self) -> date:
        return self.clock.local().date()


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction at one moment (Unix seconds)."""

    centre: Centre
    connection: sa.Connection
    now: float

    @property
    def campus(self) -> int:
        return self.centre.campus


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not done: `code` of `central.refusal.<code>` in the texts, with what its sentence names."""

    code: str
    values: Mapping[str, str]

    def __init__(self, code: str, **values: str) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "values", values)


def words(texts: Texts, refusal: Refusal) -> str:
    """The sentence in both languages: whoever reads it, and through whatever it came."""
    key = f"central.refusal.{refusal.code}"
    return " / ".join(texts.get(language, key, **refusal.values) for language in ("zh", "en"))


def open_centre(
    engine: sa.Engine,
    state: Path,
    *,
    campus: int = 1,
    clock: Clock | None = None,
    catalogue: Catalogue | None = None,
    demo: bool = False,
    check_url: str = CHECK_URL,
    ahead: Ahead = Ahead(),
) -> Centre:
    """Read what does not change while it runs, and put the public keys into their feed. Tables must be there."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    texts = shipped_texts()
    centre = Centre(
        engine=engine,
        campus=campus,
        name=_name(engine, campus, texts),
        epoch=epoch_of(engine, campus),
        clock=clock or Clock(),
        catalogue=catalogue or shipped.items(),
        texts=texts,
        keys=keys.load(state / "keys"),
        identities=keys.identities(state / "keys"),
        state=state,
        demo=demo,
        check_url=check_url,
        ahead=ahead,
    )
    tell_keys(centre)
    return centre


def tell_keys(centre: Centre) -> None:
    """Put every public key into its feed, as it stands; older ones stay, so that what they signed can be checked."""
    with writing(centre.engine) as connection:

        def tell(row: KeyRow) -> None:
            publish_changed(connection, centre.campus, "keys", f"{row.use}-{row.kid}", row.model_dump())

        for use in keys.ALL:
            for kid, key in centre.keys.verifying(use).items():
                told = {"use": use, "kid": kid, "public": key.raw.hex(), "revoked": key.revoked}
                tell(KeyRow.model_validate(told))
        for kid, identity in centre.identities.items():
            tell(KeyRow(use="export", kid=kid, public=str(identity.to_public())))


def local(unix: float) -> datetime:
    """Campus wall time."""
    return datetime.fromtimestamp(unix, CAMPUS_ZONE)


def _name(engine: sa.Engine, campus: int, texts: Texts) -> Words:
    """The campus by its names, until it has some by its number."""
    with reading(engine) as connection:
        found = connection.execute(sa.select(meta.c.name, meta.c.value).where(meta.c.campus_id == campus)).all()
    named = {row.name: row.value for row in found}
    zh, en = (texts.get(language, "central.campus", number=campus) for language in ("zh", "en"))
    return Words(named.get("name_zh", zh), named.get("name_en", en))
