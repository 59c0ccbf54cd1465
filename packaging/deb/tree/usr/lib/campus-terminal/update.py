"""`kiosk-update`: takes a signed update from a folder, such as a USB stick, or goes back to the version before.

`kiosk-update fetched` takes what the terminal has fetched from the centre; campus-terminal-update.service calls it.

An update is two files: the package, and beside it `<package>.signed`: one line of JSON that names the package's
version, size, SHA-256 and the number of the journal it writes, and one line with the Ed25519 signature over that.
"""

from __future__ import annotations

import argparse
import base64
import errno
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import guard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

KEY = Path("/etc/campus-terminal/update.pem")
CONTEXT = b"campus-terminal update 1\n"
SUFFIX = ".signed"
STAGED = "staged"
MOST_BYTES, MOST_SIGNED = 200_000_000, 2000
TERMINAL = "campus-terminal.service"


class RefusedError(Exception):
    """Why an update is not taken."""

    state = "refused"


class SpoiledError(RefusedError):
    """Its bytes are not those that were signed: fetched again it may be good."""

    state = "spoiled"


class FailedError(RefusedError):
    """It is good, and could not be put in: another time it may be."""

    state = "failed"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the signature stands for. `size` in bytes; `journal`: number of the newest journal that it knows."""

    file: str
    version: str
    architecture: str
    journal: int
    size: int
    sha256: str


def read(signed: bytes, key: Ed25519PublicKey) -> Manifest:
    """The manifest of a `.signed` file. Raises RefusedError."""
    try:
        line, signature = signed.split(b"\n")[:2]
        key.verify(base64.b64decode(signature, validate=True), CONTEXT + line)
        return Manifest(**json.loads(line))
    except (ValueError, InvalidSignature, TypeError):
        raise RefusedError("it is not signed by the key of this terminal's operator") from None


def staged(package: Path, manifest: Manifest, folder: Path) -> Path:
    """A copy of the package, on this disk, which is the one that was signed. Raises RefusedError, OSError."""
    if not 0 < manifest.size <= MOST_BYTES:
        raise RefusedError(f"a package has {MOST_BYTES} bytes at most")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / f"campus-terminal_{manifest.sha256}.deb"
    told, size = hashlib.sha256(), 0
    with opened(package) as source, copy.open("wb") as sink:
        # no more than was signed, however much there is
        while size <= manifest.size and (chunk := source.read(1 << 20)):
            told.update(chunk)
            size += sink.write(chunk)
        os.fsync(sink.fileno())
    if (told.hexdigest(), size) != (manifest.sha256, manifest.size):
        copy.unlink()
        raise SpoiledError("the package is not the one that was signed")
    return copy


def opened(path: Path) -> BinaryIO:
    """A file itself: where another user may write, a link or a pipe could stand in its place. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no file", str(path))
    return os.fdopen(descriptor, "rb")


def fit(manifest: Manifest, place: guard.Place, here: str, architecture: str) -> None:
    """Raises RefusedError for another machine's package, an older one, or one that could not read this journal."""
    if manifest.architecture != architecture:
        raise RefusedError(f"it is for {manifest.architecture}, and this machine is {architecture}")
    if why := guard.unfit(place, manifest.journal):
        raise RefusedError(why)
    if subprocess.run(["dpkg", "--compare-versions", manifest.version, "lt", here], check=False).returncode == 0:
        raise RefusedError(f"version {manifest.version} is older than {here}, which is installed")


def install(copy: Path) -> None:
    """By apt, which refuses what cannot be put in before anything is changed; settings stay. Raises RefusedError."""
    options = ("-y", "-q", "--allow-downgrades", "-o", "Dpkg::Options::=--force-confold")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for name in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    done = subprocess.run(["apt-get", "install", *options, str(copy)], env=environment, check=False)
    if done.returncode != 0:
        raise FailedError("it could not be installed; the version before is started meanwhile")


def looked_over(package: Path, place: guard.Place, key: Path) -> Manifest:
    """What is signed of a package, if it is by this key and suits this machine. Raises RefusedError, OSError."""
    if not key.exists():
        raise RefusedError(f"no key is known that updates must be signed by: put it into {key}")
    public = load_pem_public_key(key.read_bytes())
    if not isinstance(public, Ed25519PublicKey):
        raise RefusedError(f"{key} is no Ed25519 key")
    with opened(Path(f"{package}{SUFFIX}")) as file:
        manifest = read(file.read(MOST_SIGNED), public)
    fit(manifest, place, installed(), _said("dpkg", "--print-architecture"))
    return manifest


def take(package: Path, place: guard.Place, key: Path, *, only_check: bool) -> str:
    """Look a package over, and install it. Raises RefusedError, OSError."""
    manifest = looked_over(package, place, key)
    put_in(package, manifest, place, (lambda _: None) if only_check else install)
    return f"version {manifest.version}: {'good' if only_check else 'installed, on trial for its first ten minutes'}"


def put_in(package: Path, manifest: Manifest, place: guard.Place, installs: Callable[[Path], None]) -> None:
    """`installs` is given a copy that nobody else can change. Raises RefusedError, OSError."""
    try:
        installs(staged(package, manifest, place.notes / STAGED))
    finally:
        shutil.rmtree(place.notes / STAGED, ignore_errors=True)


def fetched(place: guard.Place, key: Path, terminal: Callable[[str], object]) -> str:
    """Take what the terminal has fetched, while it stands still. Raises RefusedError, OSError.

    `terminal`: "stop", "start". What came of it goes into `outcome`, which the terminal passes on. Nothing in that
    folder is believed: it is the terminal user's.
    """
    folder = guard.state(place) / "update"
    manifest = None

    def installs(copy: Path) -> None:
        terminal("stop")
        install(copy)

    try:
        _unask(folder)
        package = _only(folder / STAGED)
        manifest = looked_over(package, place, key)
        _is_new(manifest, place)
        put_in(package, manifest, place, installs)
    except (RefusedError, OSError, subprocess.CalledProcessError) as error:
        _tell(place, manifest, error.state if isinstance(error, RefusedError) else FailedError.state, str(error))
        raise
    finally:
        terminal("start")
    _tell(place, manifest, "installed", "")
    return f"version {manifest.version}: installed, on trial for its first ten minutes"


def _is_new(manifest: Manifest, place: guard.Place) -> None:
    """By hand the same version may be put in again, or one that was gone back from; at night neither."""
    if manifest.version == installed():
        raise RefusedError(f"version {manifest.version} is installed")
    returned = place.notes / "returned"
    if returned.exists() and returned.read_text("ascii").split(" ")[0] == manifest.version:
        raise RefusedError(f"version {manifest.version} did not start before")


def _tell(place: guard.Place, manifest: Manifest | None, state: str, reason: str) -> None:
    told = {"sha256": manifest.sha256 if manifest else "", "state": state, "reason": reason[:200]}
    guard.note(place.notes / "outcome", json.dumps(told) + "\n")


def _unask(folder: Path) -> None:
    """First of all: while it is there the unit is started over and over. A link in the folder's place is refused."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.unlink("apply", dir_fd=descriptor)
    except FileNotFoundError:
        pass
    finally:
        os.close(descriptor)


def _only(folder: Path) -> Path:
    found = [Path(str(path).removesuffix(SUFFIX)) for path in sorted(folder.glob(f"campus-terminal_*.deb{SUFFIX}"))]
    if len(found) != 1:
        raise FailedError(f"{len(found)} packages lie ready")
    return found[0]


def installed() -> str:
    """The version that dpkg knows."""
    return _said("dpkg-query", "-W", "-f=${Version}", "campus-terminal")


def status(place: guard.Place) -> str:
    """Which version is installed, which is started, and whether it is on trial or was gone back to."""
    lines = [f"installed  {installed()}", f"started    {guard.release(place.current)['version']}"]
    lines += [f"kept       {guard.release(place.kept)['version']}"] if place.kept else []
    for name in ("trial", "returned"):
        if (place.notes / name).exists():
            lines.append(f"{name:10} {(place.notes / name).read_text('ascii').strip()}")
    return "\n".join(lines)


def _found(given: Path | None) -> Path:
    """A package that was named, or the only signed one on the removable disks. Raises RefusedError."""
    if given and given.is_file():
        return given
    mounted = _said("lsblk", "-nro", "RM,MOUNTPOINT").splitlines()
    folders = [given] if given else [Path(each[2:]) for each in mounted if each.startswith("1 /")]
    packages = [path for folder in folders for path in sorted(folder.glob("campus-terminal_*.deb"))]
    found = [path for path in packages if Path(f"{path}{SUFFIX}").exists()]
    if len(found) != 1:
        raise RefusedError(f"{len(found)} signed packages were found: name one")
    return found[0]


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def main() -> int:
    """0 done, 1 refused."""
    parser = argparse.ArgumentParser("kiosk-update", description=__doc__)
    parser.add_argument("verb", choices=("check", "install", "fetched", "back", "status"))
    parser.add_argument(
        "package", type=Path, nargs="?", help="a package, or a folder with one; otherwise the USB sticks"
    )
    options = parser.parse_args()
    place = guard.Place()
    try:
        match options.verb:
            case "status":
                print(status(place))
            case "back":
                print(guard.back(place))
                subprocess.run(["systemctl", "try-restart", "campus-terminal.service"], check=True)
            case "fetched":
                print(fetched(place, KEY, lambda verb: subprocess.run(["systemctl", verb, TERMINAL], check=False)))
            case verb:
                print(take(_found(options.package), place, KEY, only_check=verb == "check"))
    except (RefusedError, OSError, subprocess.CalledProcessError) as error:
        print(f"kiosk-update: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
