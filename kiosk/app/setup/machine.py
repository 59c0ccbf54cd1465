"""What kiosk-setup changes on the machine: files below /etc, a key, links, units. Each step may be done again."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from kiosk.app.setup.answers import written
from kiosk.app.setup.names import FOLDER, plug_of, rules
from kiosk.config import Config, toml_of

ETC = Path("etc/campus-terminal")
UNIT, SCREEN, CENTRE = "campus-terminal.service", "campus-screen.service", "campus-centre.service"
RULES = Path("etc/udev/rules.d/73-campus-terminal-names.rules")
SEALED = Path("etc/credstore.encrypted/campus-terminal.vault.key")
SHARE = "/usr/share/campus-terminal/machine"
LINKS = {
    "etc/systemd/system.conf.d/50-campus-terminal.conf": f"{SHARE}/system.conf",
    "etc/systemd/journald.conf.d/50-campus-terminal.conf": f"{SHARE}/journald.conf",
    "etc/systemd/logind.conf.d/50-campus-terminal.conf": f"{SHARE}/logind.conf",
    "etc/sysctl.d/50-campus-terminal.conf": f"{SHARE}/sysctl.conf",
    "etc/systemd/system/ctrl-alt-del.target": "/dev/null",
    "etc/systemd/system/getty@tty1.service": "/dev/null",
}
"""What a locked machine has: watchdog, limits of the journal, no consoles, no keys past the program."""


class Machine:
    """The machine below `root`; commands are run only where that is the whole of it."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root, self.etc = root, root / ETC
        self._real = root == Path("/")

    def keep(self, config: Config, role: str) -> None:
        """Configuration and role, for the terminal alone. Raises ConfigError, OSError: then nothing changed."""
        part = self.etc / "terminal.toml.part"
        part.touch(mode=0o640)
        try:
            written(config, part)
            self._own(part, "campus-terminal")
            part.replace(self.etc / "terminal.toml")
        finally:
            part.unlink(missing_ok=True)
        self._write("role", f"ROLE={role}\n")

    def turn(self, degrees: int) -> None:
        """How the panel hangs, clockwise."""
        self._write("screen", f"TURN=-{'r' * (degrees // 90)}\n" if degrees else "TURN=\n")

    def name(self, lines: Mapping[str, str]) -> dict[str, str]:
        """Give these serial lines (name of the device → its path) names that last; name → the path from now on."""
        plugs = {name: plug for name, path in lines.items() if (plug := plug_of(path, self.root))}
        if not plugs:
            return {}
        path = self.root / RULES
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rules(plugs), "ascii")
        self._run("udevadm", "control", "--reload")
        self._run("udevadm", "trigger", "--subsystem-match=tty", "--settle")
        return {name: f"{FOLDER}/{name}" for name in plugs}

    def allow(self, panels: Iterable[str], scanner: str = "") -> None:
        """The input devices that are heard, and the scanner that types, as VENDOR:PRODUCT; of a locked machine."""
        self._write("input", "".join(f"{each}\n" for each in panels))
        self._write("scanner", f"{scanner}\n" if scanner else "")

    def centre(self, values: dict[str, str]) -> None:
        """Environment of the central side."""
        path = self.etc / "centre"
        path.touch(mode=0o640)
        path.write_text("".join(f"{name}={value}\n" for name, value in values.items()), "utf-8")
        self._own(path, "campus-centre")

    def seal(self) -> str:
        """Make the vault's key a credential, once; what it is bound to: host+tpm2 or host, "" = it cannot be had."""
        if (self.root / SEALED).exists():
            return "kept"
        bound = "host+tpm2" if self._run("systemd-creds", "-q", "has-tpm2") else "host"
        (self.root / SEALED).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = ("systemd-creds", "encrypt", f"--with-key={bound}", "--name=vault.key", "-", str(self.root / SEALED))
        if not self._run(*made, data=os.urandom(32)):
            return ""
        folder = self.root / "etc/systemd/system" / f"{UNIT}.d"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "vault.conf").write_text(f"[Service]\nLoadCredentialEncrypted=vault.key:/{SEALED}\n", "ascii")
        return bound

    def lock(self) -> None:
        """No way past the program: takes full effect with the next start of the machine."""
        for name, target in LINKS.items():
            link = self.root / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        self._write("locked", "")
        self._run("udevadm", "control", "--reload")

    def unlock(self) -> None:
        """For whoever must work at the machine with a keyboard."""
        for name in LINKS:
            (self.root / name).unlink(missing_ok=True)
        (self.etc / "locked").unlink(missing_ok=True)
        self._run("systemctl", "daemon-reload")

    def start(self, *units: str) -> bool:
        """Now, and with every start of the machine; whether that went well."""
        self._run("systemctl", "daemon-reload")
        return self._run("systemctl", "enable", *units) and self._run("systemctl", "restart", *units)

    def stop(self, *units: str) -> bool:
        return self._run("systemctl", "disable", "--now", *units)

    def hand_over(self, config: Config, folder: Path) -> bool:
        """The queue, sealed, and the settings without the code, for the machine that takes over. Raises OSError."""
        bare = folder / f"{config.terminal.id}-settings.toml"
        bare.write_text(toml_of(config, notes=True), "utf-8")
        shutil.copyfile(self.etc / "role", folder / f"{config.terminal.id}-role")
        return self._run("campus-terminal", "outbox", "export", str(folder), quiet=False)

    def _write(self, name: str, text: str) -> None:
        part = self.etc / f"{name}.part"
        part.write_text(text, "utf-8")
        part.replace(self.etc / name)

    def _own(self, path: Path, group: str) -> None:
        if self._real:
            shutil.chown(path, "root", group)

    def _run(self, *command: str, data: bytes | None = None, quiet: bool = True) -> bool:
        if not self._real:
            return True
        where = subprocess.DEVNULL if quiet else None
        return subprocess.run(command, input=data, stdout=where, stderr=where, check=False).returncode == 0
