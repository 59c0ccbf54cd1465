"""Releases that the centre offers: fetched piece by piece while nobody is there, looked over, and laid ready."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from kiosk import __version__, log
from kiosk.assets import ROOT
from kiosk.config import UpdatesConfig
from sync.client import Client, Failure, Trouble
from sync.common import LOOK_S
from sync.pace import Wait
from sync.staging import Staging
from sync.tables import JOURNAL
from sync.wire_release import MEDIA, MOST_BYTES, Manifest, NotSignedError, Offer, State, Update, manifest_of

ROOM = 4
"""The disk must have so many times a package's size free: root's copy, and what it unpacks to."""
AGAIN_S, LONGEST_S = 60.0, 3600.0
GONE = ("release_withdrawn", "not_found")


class Updates:
    """`offered` and `quiet` may be called by any thread, `turn` by its loop. `changed` is told of each new state."""

    def __init__(self, state: Path, config: UpdatesConfig, changed: Callable[[Update], None]) -> None:
        self._config, self._changed, self._state = config, changed, state
        self._staging = Staging(state, config.notes)
        self._here = running()
        self._architecture = architecture() if config.fetch and config.notes.is_dir() else ""
        self._offer: Offer | None = None
        self._heard = False
        self._spoiled = 0
        self.quiet = False
        self.told = Update(architecture=self._architecture) if self._architecture else None
        """As heartbeats say it; None: this machine is no package's, or is to fetch none."""

    def offered(self, offer: Offer | None) -> bool:
        """The centre's word in the answer to a heartbeat; whether that is news."""
        news = not self._heard or offer != self._offer
        self._offer, self._heard = offer, True
        return news

    def turn(self, client: Client, busy: Callable[[], bool]) -> Wait | Failure:
        """One piece at most. `busy`: somebody's errand is under way on the line. Raises OSError."""
        offer = self._offer
        if not self._architecture or not self._heard:
            return Wait(LOOK_S)
        if offer is None:
            self._staging.clear()
            self._say("", "idle")
            return Wait(LOOK_S)
        try:
            key = self._key()
            manifest = manifest_of(offer.signed.encode(), key)
        except (OSError, ValueError):
            return self._settle("", "refused", f"no public Ed25519 key in {self._config.signed_by}")
        except NotSignedError:
            return self._settle("", "refused", "not signed by the operator's key")
        if manifest.sha256 != offer.sha256:
            return self._settle("", "refused", "the centre names another package than was signed")
        return self._take(manifest, offer, client, busy)

    def _take(self, manifest: Manifest, offer: Offer, client: Client, busy: Callable[[], bool]) -> Wait | Failure:
        if settled := self._settled(manifest):
            return self._settle(manifest.version, *settled)
        found = self._staging.outcome(manifest.sha256)
        if self._staging.laid(manifest) and not self._staging.spoiled(manifest):
            failed = found is not None and found.state == "failed"
            self._say(manifest.version, "failed" if failed else "staged", found.reason if found and failed else "")
            return Wait(LOOK_S)
        self._staging.clear(but=manifest.sha256)
        if shutil.disk_usage(self._state).free < ROOM * manifest.size:
            self._say(manifest.version, "waiting", "not enough room on the disk")
            return Wait(LOOK_S)
        if not self.quiet or busy():
            self._say(manifest.version, "waiting", here=self._staging.arrived(manifest.sha256), size=manifest.size)
            return Wait(1.0)
        return self._fetch(manifest, offer.signed.encode(), client)

    def _fetch(self, manifest: Manifest, signed: bytes, client: Client) -> Wait | Failure:
        """The next piece from where the part on the disk ends, and after the last one a look at the whole."""
        sha, came = manifest.sha256, 0
        here = self._staging.arrived(sha)
        if here < manifest.size:
            data = client.file(f"/v1/releases/{sha}?offset={here}", MEDIA)
            if isinstance(data, Failure):
                return self._lost(data)
            if not 0 < len(data) <= manifest.size - here:
                return Failure(Trouble.ODD, 200, word="offset")
            self._staging.add(sha, data)
            came = len(data)
            self._say(manifest.version, "fetching", here=here + came, size=manifest.size)
        if here + came < manifest.size:
            return Wait(came / (self._config.kilobytes * 1000))
        if self._staging.lay(manifest, signed):
            self._say(manifest.version, "staged")
            return Wait(LOOK_S)
        self._spoiled += 1
        self._say(manifest.version, "failed", "what came is not what was signed")
        return Wait(min(LONGEST_S, AGAIN_S * 2 ** min(self._spoiled, 10)), firm=True)

    def _lost(self, failure: Failure) -> Wait | Failure:
        """Withdrawn since the last heartbeat: nothing of it stays."""
        if failure.word not in GONE:
            return failure
        self._offer = None
        return Wait(0.0)

    def _settled(self, manifest: Manifest) -> tuple[State, str] | None:
        """What there is to say of it without fetching it."""
        if manifest.version == self._here:
            return ("trial" if self._staging.on_trial else "installed"), ""
        if manifest.version == self._staging.returned():
            return "returned", f"it did not start; {self._here} runs again"
        if why := self._unfit(manifest):
            return "refused", why
        found = self._staging.outcome(manifest.sha256)
        return ("refused", found.reason) if found and found.state == "refused" else None

    def _unfit(self, manifest: Manifest) -> str:
        if manifest.architecture != self._architecture:
            return f"for {manifest.architecture}, and this machine is {self._architecture}"
        if manifest.journal < len(JOURNAL):
            return f"it reads journals up to {manifest.journal}, and this one is {len(JOURNAL)}"
        if not newer(manifest.version, self._here):
            return f"older than {self._here}, which runs"
        return f"larger than {MOST_BYTES // 1_000_000} MB" if manifest.size > MOST_BYTES else ""

    def _settle(self, version: str, state: State, reason: str) -> Wait:
        self._staging.clear()
        self._say(version, state, reason)
        return Wait(LOOK_S)

    def _say(self, version: str, state: State, reason: str = "", here: int = 0, size: int = 0) -> None:
        before = self.told
        told = {"version": version, "state": state, "reason": reason[:120], "here": here, "size": size}
        self.told = Update.model_validate({"architecture": self._architecture, **told})
        if before is None or (before.version, before.state, before.reason) != (version, state, self.told.reason):
            log.event("update", version=version, state=state)
            self._changed(self.told)

    def _key(self) -> Ed25519PublicKey:
        key = load_pem_public_key(self._config.signed_by.read_bytes())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("no Ed25519 key")
        return key


def running() -> str:
    """The version of the package that runs; of a working folder the program's own."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return str(json.loads((ROOT.parent / "release.json").read_text("ascii"))["version"])
    return __version__


def architecture() -> str:
    """As dpkg calls it; "" on a machine without."""
    try:
        return subprocess.run(
            ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def newer(version: str, than: str) -> bool:
    """By dpkg's order."""
    return subprocess.run(["dpkg", "--compare-versions", version, "gt", than], check=False).returncode == 0
