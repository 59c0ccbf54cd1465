"""A fresh Debian system that is thrown away: debootstrap's, kept as a tar file, booted by systemd-nspawn."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "campus-terminal"
BASE = CACHE / "bookworm.tar"
ENVIRONMENT = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=dumb", "DEBIAN_FRONTEND=noninteractive")


class BoxError(Exception):
    """What did not come about in time, or a command that failed."""


class Box:
    """Use it as a context: booted inside, gone afterwards."""

    def __init__(self, folder: Path) -> None:
        self.root, self._log = folder / "root", folder / "console.log"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def __enter__(self) -> Box:
        if not BASE.exists():
            self._make_base()
        self.root.mkdir(parents=True)
        subprocess.run(["tar", "-C", self.root, "-xf", BASE], check=True)
        shutil.copyfile("/etc/resolv.conf", self.root / "etc" / "resolv.conf")
        command = ("systemd-nspawn", "-q", "--register=no", "--keep-unit", "-b", "-D", str(self.root), "--console=pipe")
        with self._log.open("wb") as log:
            self._nspawn = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait("boot", self._booted, 120)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._nspawn is not None
        self.run("systemctl", "poweroff", check=False)
        try:
            self._nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def run(self, *command: str, check: bool = True, data: bytes | None = None) -> str:
        """Inside, as root; what it says. Raises BoxError with its last lines."""
        enter = ("nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-n", "-p", "-C", *ENVIRONMENT)
        done = subprocess.run((*enter, *command), input=data, capture_output=True, check=False)
        said = (done.stdout + (done.stderr if done.returncode else b"")).decode(errors="replace").strip()
        if check and done.returncode:
            raise BoxError(f"{' '.join(command)[:200]}: {done.returncode}\n{said[-3000:]}")
        return said

    def fails(self, *command: str) -> str:
        """What a command says that must fail. Raises BoxError when it does not."""
        try:
            self.run(*command)
        except BoxError as error:
            return str(error)
        raise BoxError(f"{' '.join(command)} should have been refused")

    def wait(self, what: str, come: Callable[[], object], seconds: float) -> float:
        """Seconds until it came. Raises BoxError."""
        began = time.monotonic()
        while not come():
            if time.monotonic() - began > seconds:
                raise BoxError(f"{what}: not within {seconds:.0f} s")
            time.sleep(0.5)
        return time.monotonic() - began

    def show(self, unit: str, name: str) -> str:
        """One property of a unit."""
        return self.run("systemctl", "show", "-P", name, unit)

    def _booted(self) -> bool:
        assert self._nspawn is not None
        if self._nspawn.poll() is not None:
            raise BoxError(f"it did not boot: {self._log.read_text(errors='replace')[-2000:]}")
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text("ascii").split()
        self._leader = int(children[0]) if children else 0
        return bool(children) and self.run("systemctl", "is-system-running", check=False) in ("running", "degraded")

    def _make_base(self) -> None:
        CACHE.mkdir(parents=True, exist_ok=True)
        tree = CACHE / f"base-{os.getpid()}"
        more = "--include=systemd-sysv,dbus,ca-certificates"
        subprocess.run(["debootstrap", "--variant=minbase", more, "bookworm", str(tree)], check=True)
        part = BASE.with_suffix(".part")
        subprocess.run(["tar", "-C", tree, "-cf", part, "."], check=True)
        part.replace(BASE)
        shutil.rmtree(tree)
