"""`make test-deb`: the package on a fresh system: installed, set up, hung, upgraded, broken and gone back, purged.

Says what it saw, and plainly what it could not try here. Exit code 0 when everything that was tried held.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from box import Box, BoxError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIBRARY = "/usr/lib/campus-terminal"
UNIT, SCREEN = "campus-terminal.service", "campus-screen.service"
QUEUED = 500
BESIDE = ("cage", "seatd", "dbus", "systemd-timesyncd")
"""As docs/install.md names them."""
HEADLESS = "[Service]\nEnvironment=WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1\n"
UNANNOUNCED = "[Service]\nType=simple\nWatchdogSec=0\n"
BROKEN = 'raise SystemExit("this version is broken on purpose")\n'


class Trial:
    """One run over a booted box; `packages`: folder with the three versions."""

    def __init__(self, box: Box, packages: Path) -> None:
        self.box, self.packages = box, packages
        self.announces = (ROOT / "kiosk" / "app" / "notify.py").exists()

    def run(self) -> None:
        for act in (self.installs, self.starts, self.hangs, self.queues, self.refuses, self.upgrades, self.goes_back):
            act()
        self.keeps_the_journal()
        self.is_purged()

    def installs(self) -> None:
        shutil.copytree(self.packages, self.box.root / "srv" / "packages")
        self.box.run("apt-get", "update", "-q")
        files = [f"/srv/packages/{path.name}" for path in sorted(self.packages.glob("*_0.3.0_*.deb"))]
        command = "apt-get install -y -q --no-install-recommends"
        install = f"{command} {' '.join(files)} /srv/packages/{name('1')} {' '.join(BESIDE)} >/srv/apt.log 2>&1"
        timed = f"TIMEFORMAT='%0R s, %0U + %0S s of processor time'; {{ time {install}; }} 2>&1"
        say(f"installed with all it stands on in {self.box.run('bash', '-c', timed)}")
        self.box.run("dpkg-reconfigure", "campus-terminal")
        say("configured once more: nothing to do")
        said = self.box.run("sh", "-c", "udevadm test /sys/class/mem/null 2>&1", check=False)
        if wrong := [line for line in said.splitlines() if "72-campus" in line and "Reading" not in line]:
            raise BoxError(f"rules of udev: {wrong}")
        self.box.run("systemd-analyze", "verify", "--man=no", UNIT, SCREEN, "campus-centre.service")
        say("units and rules are understood")

    def starts(self) -> None:
        for unit, text in ((SCREEN, HEADLESS), *(() if self.announces else ((UNIT, UNANNOUNCED),))):
            folder = self.box.root / "etc/systemd/system" / f"{unit}.d"
            folder.mkdir()
            (folder / "trial.conf").write_text(text, "ascii")
        # a portrait panel; without DRM a turned picture is also the only one that is really composed
        setup = (
            "kiosk-setup",
            "--yes",
            "--language",
            "en",
            "--role",
            "walkup",
            "--id",
            "T-1",
            "--turn",
            "90",
            "--lock",
        )
        print(self.box.run(*setup, "--centre", "https://127.0.0.1:9/"))
        took = self.box.wait("the first frame", lambda: self.running() and self.journal_there(), 120)
        say(f"the terminal runs, {took:.0f} s after kiosk-setup; Type={self.box.show(UNIT, 'Type')}")
        say(f"key: {'credential' if (self.box.root / 'var/lib/campus-terminal/vault.ring').exists() else 'file'}")
        for unit in (UNIT, SCREEN, "campus-centre.service"):
            said = self.box.run("systemd-analyze", "security", "--no-pager", "--threshold=30", unit)
            say(said.splitlines()[-1].removeprefix("→ "))
        self.box.run("mkdir", "-p", "/media/stick")
        self.box.run("mount", "-t", "tmpfs", "-o", "mode=777", "stick", "/media/stick")
        inside = ("nsenter", "-t", self.box.show(UNIT, "MainPID"), "-m", "touch")
        self.box.run(*inside, "/media/stick/written")
        self.box.fails(*inside, "/etc/written")
        self.box.run("umount", "/media/stick")
        say("a stick that is plugged in while it runs can be written, /etc cannot")
        say(f"units that failed: {self.box.run('systemctl', '--failed', '--plain', '--no-legend') or 'none'}")

    def hangs(self) -> None:
        if not self.announces:
            say("NOT TRIED: hung on purpose; this program says no WATCHDOG=1 yet")
            return
        before = self.box.show(UNIT, "MainPID")
        self.box.run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", UNIT)
        took = self.box.wait("started again", lambda: self.running() and self.box.show(UNIT, "MainPID") != before, 120)
        say(f"hung on purpose (SIGSTOP), seen by systemd and started again within {took:.0f} s")

    def queues(self) -> None:
        self.box.run("systemctl", "stop", UNIT)
        shutil.copyfile(HERE / "fill.py", self.box.root / "srv" / "fill.py")
        done = self.box.run("sed", 's#-m kiosk "$@" --config.*#/srv/fill.py "$@"#', "/usr/bin/campus-terminal")
        (self.box.root / "srv" / "as-terminal").write_text(done + "\n", "utf-8")
        if (kept := self.box.run("sh", "/srv/as-terminal", str(QUEUED))) != str(QUEUED):
            raise BoxError(f"{kept} records were kept")
        self.box.run("systemctl", "start", UNIT)
        say(f"{self.waiting()} records wait")

    def refuses(self) -> None:
        package = f"/srv/packages/{name('2')}"
        said = self.box.fails("kiosk-update", "install", package)
        say(f"refused without a key: {said.splitlines()[-1]}")
        self.box.run("cp", "/srv/packages/other.pem.pub", "/etc/campus-terminal/update.pem")
        say(f"refused with another's key: {self.box.fails('kiosk-update', 'install', package).splitlines()[-1]}")
        self.box.run("cp", "/srv/packages/operator.pem.pub", "/etc/campus-terminal/update.pem")
        self.box.run("mkdir", "/srv/stick")
        self.box.run("cp", package, f"{package}.signed", "/srv/stick/")
        self.box.run("sh", "-c", f"printf x >> /srv/stick/{name('2')}")
        say(f"refused when changed: {self.box.fails('kiosk-update', 'install', '/srv/stick').splitlines()[-1]}")

    def upgrades(self) -> None:
        print(self.box.run("kiosk-update", "install", f"/srv/packages/{name('2')}").splitlines()[-1])
        self.box.wait("the new version", self.running, 60)
        say(f"{self.box.run('kiosk-update', 'status')!r}; {self.must_wait()} records wait")
        said = self.box.fails("kiosk-update", "install", f"/srv/packages/{name('1')}")
        say(f"refused when older: {said.splitlines()[-1]}")
        self.box.run("systemctl", "start", "campus-terminal-proven.service")
        say("proven")

    def goes_back(self) -> None:
        """The broken version comes over the network: the terminal has laid it ready, and asks."""
        state, notes = "/var/lib/campus-terminal", "/var/lib/campus-terminal-update"
        staged = f"{state}/update/staged"
        self.box.run("mkdir", "-p", staged)
        self.box.run("cp", f"/srv/packages/{name('3')}", f"/srv/packages/{name('3')}.signed", staged)
        self.box.run("chown", "-R", "campus-terminal:", f"{state}/update")
        self.box.run("runuser", "-u", "campus-terminal", "--", "touch", f"{state}/update/apply")
        outcome = self.box.root / notes.lstrip("/") / "outcome"
        took = self.box.wait("root's word on what was fetched", outcome.exists, 600)
        said = self.box.run("runuser", "-u", "campus-terminal", "--", "cat", f"{notes}/outcome")
        say(f"fetched, asked for, taken by root's unit within {took:.0f} s: {said}")
        returned = outcome.with_name("returned")
        took = self.box.wait("gone back", lambda: returned.exists() and self.running(), 300)
        self.box.run("runuser", "-u", "campus-terminal", "--", "cat", f"{notes}/returned")
        say(f"broken on purpose; back after {took:.0f} s: {self.box.run('kiosk-update', 'status')!r}")
        lines = self.box.run("journalctl", "-o", "cat", "--no-pager", "-u", UNIT).splitlines()
        for line in lines:
            if "trial" in line or "back to" in line:
                say(f"  {line}")
        say(f"{self.must_wait()} records wait")

    def keeps_the_journal(self) -> None:
        said = self.box.fails("python3", "-I", f"{LIBRARY}/guard.py", "fits", "1")
        say(f"a package for an older journal: {said.splitlines()[-1]}")

    def is_purged(self) -> None:
        self.box.run("apt-get", "remove", "-y", "-q", "campus-terminal")
        if not (self.box.root / "var/lib/campus-terminal/journal.db").exists():
            raise BoxError("removing took the journal along")
        if left := self.left(f"{LIBRARY}/*", "/etc/systemd/*.conf.d/50-campus*", "/etc/sysctl.d/50-campus*"):
            raise BoxError(f"removing left {left}")
        self.box.run("apt-get", "purge", "-y", "-q", "campus-terminal")
        here = ("/var/lib/campus-*", "/etc/campus-*", "/etc/credstore.encrypted/campus*", "/usr/lib/campus-*")
        if left := self.left(*here, "/etc/systemd/system/campus-terminal.service.d/vault.conf"):
            raise BoxError(f"purging left {left}")
        if "campus" in (users := self.box.run("cat", "/etc/passwd", "/etc/group")):
            raise BoxError(f"purging left users: {users}")
        say("removed: the queue stays; purged: nothing is left of it")

    def running(self) -> bool:
        return self.box.show(UNIT, "ActiveState") == "active"

    def journal_there(self) -> bool:
        return (self.box.root / "var/lib/campus-terminal/journal.db").exists()

    def waiting(self) -> int:
        listed = self.box.run("campus-terminal", "outbox", "list", "--state", "queued")
        return sum("rating.given" in line for line in listed.splitlines())

    def must_wait(self) -> int:
        if (count := self.waiting()) != QUEUED:
            raise BoxError(f"{count} of {QUEUED} records wait")
        return count

    def left(self, *patterns: str) -> list[str]:
        return [str(path) for pattern in patterns for path in self.box.root.glob(pattern.lstrip("/"))]


def name(last: str) -> str:
    """File of one of the three versions."""
    architecture = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout
    return f"campus-terminal_0.0.{last}_{architecture.strip()}.deb"


def make(folder: Path) -> None:
    """Three versions, the last one broken, signed by the operator, and somebody else's key."""
    broken = folder / "broken"
    (broken / "kiosk").mkdir(parents=True)
    (broken / "kiosk" / "__main__.py").write_text(BROKEN, "ascii")
    packages = folder / "packages"
    for last, more in (("1", ()), ("2", ()), ("3", ("--replace", str(broken)))):
        build = (sys.executable, str(HERE / "build.py"), str(packages), "--quick", "--version", f"0.0.{last}", *more)
        subprocess.run(build, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    sign = (sys.executable, str(HERE / "sign.py"))
    for key in ("operator", "other"):
        subprocess.run((*sign, str(packages / f"{key}.pem"), "--new"), check=True)
    for last in "123":
        subprocess.run((*sign, str(packages / "operator.pem"), str(packages / name(last))), check=True)


def say(text: str) -> None:
    print(f"== {text}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=Path, help="folder with the three versions of an earlier run")
    options = parser.parse_args()
    if os.geteuid() != 0:
        say("SKIPPED: make test-deb boots a system of its own and needs root")
        return 0
    if missing := [each for each in ("debootstrap", "systemd-nspawn", "nsenter") if not shutil.which(each)]:
        say(f"SKIPPED: not on this machine: {', '.join(missing)} (apt-get install debootstrap systemd-container)")
        return 0
    with tempfile.TemporaryDirectory(prefix="campus-box-", dir="/var/tmp") as scratch:
        if not options.packages:
            make(Path(scratch))
        try:
            with Box(Path(scratch) / "box") as box:
                Trial(box, options.packages or Path(scratch) / "packages").run()
        except BoxError as error:
            say(f"FAILED: {error}")
            return 1
    say("all of it held")
    return 0


if __name__ == "__main__":
    sys.exit(main())
