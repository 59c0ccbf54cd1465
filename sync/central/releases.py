"""Releases of the terminal's program: kept under their hash, offered to some terminals or to all, fetched in pieces."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sync.central.centre import Centre, Refusal, Work
from sync.central.database import insert_new, reading, upsert, writing
from sync.central.releasetables import release, release_offer
from sync.central.tables import device
from sync.wire_release import MOST_BYTES, PIECE, Manifest, NotSignedError, Offer, manifest_of

SUFFIX = ".signed"
KEY = "update.pem"
"""The public half of the operator's key, beside the centre's own keys: with it the centre looks at signatures too."""
_DEBIAN = b"!<arch>\ndebian-binary"
_MOST_SIGNED = 2000
_CHUNK = 1 << 20


class NotTakenError(Exception):
    """Why a package is not taken in, or not offered, in a sentence."""


class Whom(NamedTuple):
    """`kind`: device, group or share. `whom`: a terminal's name, a pattern of names such as B1-*, or percent."""

    kind: str
    whom: str

    def has(self, sha256: str, terminal: str) -> bool:
        """Whether this terminal is one of them. A greater share has all of a smaller one, of the same release."""
        match self.kind:
            case "device":
                return terminal == self.whom
            case "group":
                return fnmatch.fnmatchcase(terminal, self.whom)
        return _place(sha256, terminal) < float(self.whom)


def add(centre: Centre, package: Path, key: Ed25519PublicKey | None) -> Manifest:
    """Take a package in whose `.signed` lies beside it; the same again changes nothing. Raises NotTakenError, OSError.

    Without a key it is not known who signed: each terminal looks.
    """
    text = _signed(Path(f"{package}{SUFFIX}"))
    try:
        manifest = manifest_of(text, key)
    except NotSignedError:
        raise NotTakenError(f"{package}{SUFFIX} is not signed by the operator's key, or is no such file") from None
    if manifest.size > MOST_BYTES:
        raise NotTakenError(f"it has {manifest.size} bytes, and {MOST_BYTES} at most are taken")
    _refuse_another(centre, manifest)
    with package.open("rb") as source:
        _keep(source, manifest, path_of(centre, manifest.sha256))
    told = manifest.model_dump(exclude={"file"})
    row = {**told, "campus_id": centre.campus, "signed": text.decode("ascii"), "added_at": centre.clock.now()}
    with writing(centre.engine) as connection:
        insert_new(connection, release, {**row, "withdrawn_at": None})
    return manifest


def key_of(centre: Centre, named: Path | None) -> Ed25519PublicKey | None:
    """The operator's public key: the one that was named, or the centre's. Raises NotTakenError, OSError."""
    path = named or centre.state / "keys" / KEY
    if not named and not path.exists():
        return None
    try:
        found = load_pem_public_key(path.read_bytes())
    except ValueError:
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise NotTakenError(f"{path} is no public Ed25519 key")
    return found


def offer(centre: Centre, version: str, whom: Sequence[Whom]) -> list[str]:
    """Offer a version to these as well; the terminals of today that have it on offer now. Raises NotTakenError."""
    with writing(centre.engine) as connection:
        rows = _of_version(Work(centre, connection, centre.clock.now()), version)
        if unknown := {each.whom for each in whom if each.kind == "device"} - set(_names(centre, connection)):
            raise NotTakenError(f"no terminal {', '.join(sorted(unknown))}")
        last = sa.select(sa.func.coalesce(sa.func.max(release_offer.c.n), 0))
        n = connection.execute(last.where(release_offer.c.campus_id == centre.campus)).scalar_one()
        for row in rows:
            for each in whom:
                n += 1
                told = {"campus_id": centre.campus, "sha256": row.sha256, "kind": each.kind, "whom": each.whom}
                upsert(connection, release_offer, {**told, "n": n, "at": centre.clock.now()})
        names = _names(centre, connection)
    hashes = {row.sha256 for row in rows}
    return [name for name in names if any(_on_offer(centre, name, row.architecture) in hashes for row in rows)]


def withdraw(centre: Centre, version: str) -> None:
    """Nobody is offered it any more, and who has it lets go of it unless it is installed. Raises NotTakenError."""
    with writing(centre.engine) as connection:
        rows = _of_version(Work(centre, connection, centre.clock.now()), version)
        for row in rows:
            here = (release.c.campus_id == centre.campus, release.c.sha256 == row.sha256)
            connection.execute(sa.update(release).where(*here).values(withdrawn_at=centre.clock.now()))
            offers = (release_offer.c.campus_id == centre.campus, release_offer.c.sha256 == row.sha256)
            connection.execute(sa.delete(release_offer).where(*offers))
    for row in rows:
        path_of(centre, row.sha256).unlink(missing_ok=True)


def everything(centre: Centre) -> list[tuple[Any, list[Whom]]]:
    """Each release in the order of adding, and to whom it is offered."""
    with reading(centre.engine) as connection:
        here = sa.select(release).where(release.c.campus_id == centre.campus).order_by(release.c.added_at)
        rows = connection.execute(here).all()
        offers = connection.execute(_OFFERS, {"campus": centre.campus}).all()
    return [(row, [Whom(each.kind, each.whom) for each in offers if each.sha256 == row.sha256]) for row in rows]


def offered(centre: Centre, terminal: str, architecture: str) -> Offer | None:
    """What this terminal is offered: of all that are offered to it the one that was offered last."""
    sha256 = _on_offer(centre, terminal, architecture)
    if sha256 is None:
        return None
    with reading(centre.engine) as connection:
        here = (release.c.campus_id == centre.campus, release.c.sha256 == sha256)
        signed = connection.execute(sa.select(release.c.signed).where(*here)).scalar_one_or_none()
    return Offer(sha256=sha256, signed=signed) if signed else None


def piece(centre: Centre, terminal: str, sha256: str, offset: int) -> bytes | Refusal:
    """The next bytes from `offset` on, PIECE at most, of a release that is offered to this terminal. Raises OSError."""
    with reading(centre.engine) as connection:
        here = (release.c.campus_id == centre.campus, release.c.sha256 == sha256)
        row = connection.execute(sa.select(release).where(*here)).one_or_none()
        offers = connection.execute(_OFFERS, {"campus": centre.campus}).all()
    if row is not None and row.withdrawn_at is not None:
        return Refusal("release_withdrawn")
    if row is None or not any(o.sha256 == sha256 and Whom(o.kind, o.whom).has(sha256, terminal) for o in offers):
        return Refusal("not_found")
    if offset >= row.size:
        return Refusal("bad_body", detail="offset")
    with path_of(centre, sha256).open("rb") as file:
        file.seek(offset)
        return file.read(PIECE)


def path_of(centre: Centre, sha256: str) -> Path:
    """Where its bytes lie."""
    return centre.state / "releases" / str(centre.campus) / sha256


def _on_offer(centre: Centre, terminal: str, architecture: str) -> str | None:
    with reading(centre.engine) as connection:
        for row in connection.execute(_OFFERS, {"campus": centre.campus}):
            if row.architecture == architecture and Whom(row.kind, row.whom).has(row.sha256, terminal):
                return str(row.sha256)
    return None


def _place(sha256: str, terminal: str) -> float:
    """0 … 100: where a terminal stands in the order of this release. Another release begins with others."""
    told = hashlib.sha256(f"{sha256} {terminal}".encode()).digest()
    return int.from_bytes(told[:4], "big") / 2**32 * 100


def _signed(path: Path) -> bytes:
    if not path.is_file():
        raise NotTakenError(f"{path} is missing: packaging/deb/sign.py makes it")
    with path.open("rb") as file:
        return file.read(_MOST_SIGNED + 1)


def _refuse_another(centre: Centre, manifest: Manifest) -> None:
    """A version is never two packages."""
    same = (release.c.version == manifest.version, release.c.architecture == manifest.architecture)
    with reading(centre.engine) as connection:
        wanted = sa.select(release).where(release.c.campus_id == centre.campus, *same)
        row = connection.execute(wanted).one_or_none()
    if row is not None and row.sha256 != manifest.sha256:
        raise NotTakenError(f"version {manifest.version} is another package already")
    if row is not None and row.withdrawn_at is not None:
        raise NotTakenError(f"version {manifest.version} was withdrawn: give the next package another number")


def _keep(source: BinaryIO, manifest: Manifest, path: Path) -> None:
    """On the disk before it counts, and only if it is what was signed. Raises NotTakenError, OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as sink:
            _copy(source, sink, manifest)
            sink.flush()
            os.fsync(sink.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)


def _copy(source: BinaryIO, sink: BinaryIO, manifest: Manifest) -> None:
    told, size, begins = hashlib.sha256(), 0, b""
    while chunk := source.read(_CHUNK):
        begins = begins or chunk[: len(_DEBIAN)]
        told.update(chunk)
        size += sink.write(chunk)
        if size > manifest.size:
            break
    if begins != _DEBIAN:
        raise NotTakenError("it is no Debian package")
    if (told.hexdigest(), size) != (manifest.sha256, manifest.size):
        raise NotTakenError("the package is not the one that was signed")


def _of_version(work: Work, version: str) -> Sequence[Any]:
    here = (release.c.campus_id == work.campus, release.c.version == version, release.c.withdrawn_at.is_(None))
    rows = work.connection.execute(sa.select(release).where(*here)).all()
    if not rows:
        raise NotTakenError(f"no version {version}, or it was withdrawn")
    return rows


def _names(centre: Centre, connection: sa.Connection) -> list[str]:
    here = sa.select(device.c.terminal).where(device.c.campus_id == centre.campus, device.c.revoked_at.is_(None))
    return list(connection.execute(here.order_by(device.c.terminal)).scalars())


_SAME = sa.and_(release.c.campus_id == release_offer.c.campus_id, release.c.sha256 == release_offer.c.sha256)
_OFFERS = (
    sa.select(release_offer, release.c.architecture)
    .join(release, _SAME)
    .where(release_offer.c.campus_id == sa.bindparam("campus"), release.c.withdrawn_at.is_(None))
    .order_by(release_offer.c.n.desc())
)
