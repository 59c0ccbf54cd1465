"""The Debian package's own files: units, which version is started, what an update must be, devices that are heard."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk import config as configs
from kiosk.assets import ROOT
from sync.central.__main__ import _parser

PACKAGING = ROOT.parent / "packaging"
TREE = PACKAGING / "deb" / "tree"
UNITS = TREE / "usr" / "lib" / "systemd" / "system"
LIBRARY = TREE / "usr" / "lib" / "campus-terminal"
LOCKED = ("campus-terminal.service", "campus-screen.service", "campus-centre.service")


def loaded(path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A script of packaging as a module; that folder is no Python package, since one of that name is installed."""
    monkeypatch.syspath_prepend(path.parent)
    monkeypatch.setattr(sys, "path", [*sys.path])
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return loaded(LIBRARY / "guard.py", monkeypatch)


@pytest.fixture
def place(guard: ModuleType, tmp_path: Path) -> Any:
    """Version 2 is started and on trial, 1 is kept; both know journals up to 5, and this terminal's has 5."""
    for folder, version in (("versions", "2"), ("kept", "1")):
        home = tmp_path / "lib" / folder / version
        home.mkdir(parents=True)
        (home / "release.json").write_text(json.dumps({"version": version, "journal": 5, "cache": 4}), "ascii")
    (tmp_path / "lib" / "current").symlink_to("versions/2")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "trial").write_text("0\n", "ascii")
    (tmp_path / "terminal.toml").write_text(f'[paths]\nstate = "{tmp_path}"\n', "utf-8")
    with sqlite3.connect(tmp_path / "journal.db") as db:
        db.execute("PRAGMA user_version = 5")
    db.close()
    return guard.Place(tmp_path / "lib", tmp_path / "notes", tmp_path / "terminal.toml")


def started(guard: ModuleType, place: Any, times: int) -> list[str]:
    """The version behind each start."""
    found = []
    for _ in range(times):
        guard.starting(place)
        found.append(str(guard.release(place.current)["version"]))
    return found


def test_the_fourth_start_of_a_version_that_never_lasts_is_the_one_before(guard: ModuleType, place: Any) -> None:
    (place.config.parent / "starts").write_text("3", "ascii")
    assert started(guard, place, 5) == ["2", "2", "2", "1", "1"]
    assert not (place.config.parent / "starts").exists()
    assert (place.notes / "returned").read_text("ascii") == "2 1\n"
    assert place.kept is None


def test_a_version_that_lasted_is_counted_no_more(guard: ModuleType, place: Any) -> None:
    assert started(guard, place, 3) == ["2", "2", "2"]
    assert guard.proven(place) == "version 2 stays"
    assert started(guard, place, 5) == ["2"] * 5


def test_nobody_goes_back_to_a_version_that_cannot_read_the_journal(guard: ModuleType, place: Any) -> None:
    (place.library / "kept" / "1" / "release.json").write_text('{"version": "1", "journal": 4, "cache": 4}', "ascii")
    assert started(guard, place, 5) == ["2"] * 5
    assert guard.unfit(place, 4) == "the journal has number 5, and it knows 4 at most"
    assert guard.unfit(place, 5) == ""
    place.config.write_text('[paths]\nstate = "/nowhere"\n', "utf-8")
    assert guard.unfit(place, 1) == ""


def test_a_counter_that_cannot_be_read_keeps_nothing_from_starting(guard: ModuleType, place: Any) -> None:
    (place.notes / "trial").write_text("?", "ascii")
    assert started(guard, place, 4) == ["2", "2", "2", "1"]


@pytest.fixture
def update(guard: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    assert guard
    return loaded(LIBRARY / "update.py", monkeypatch)


@pytest.fixture
def package(update: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Ed25519PrivateKey]:
    """A package and the key that it is signed by."""
    sign = loaded(PACKAGING / "deb" / "sign.py", monkeypatch)
    assert sign.CONTEXT == update.CONTEXT
    monkeypatch.setattr(sign, "said", lambda *command: {"Version": "3", "Architecture": "amd64"}.get(command[-1], "5"))
    key = Ed25519PrivateKey.generate()
    path = tmp_path / "campus-terminal_3_amd64.deb"
    path.write_bytes(b"a package")
    Path(f"{path}.signed").write_bytes(sign.signed(path, key))
    return path, key


def test_an_update_is_what_the_operator_signed(
    update: ModuleType, place: Any, package: tuple[Path, Ed25519PrivateKey], tmp_path: Path
) -> None:
    path, key = package
    signed = Path(f"{path}.signed").read_bytes()
    manifest = update.read(signed, key.public_key())
    assert (manifest.version, manifest.journal, manifest.size) == ("3", 5, 9)
    assert update.staged(path, manifest, tmp_path / "staged").read_bytes() == b"a package"
    update.fit(manifest, place, "2", "amd64")
    with pytest.raises(update.RefusedError, match="not signed"):
        update.read(signed, Ed25519PrivateKey.generate().public_key())
    with pytest.raises(update.RefusedError, match="not signed"):
        update.read(signed.replace(b'"version": "3"', b'"version": "4"'), key.public_key())
    path.write_bytes(b"A package")
    with pytest.raises(update.RefusedError, match="not the one"):
        update.staged(path, manifest, tmp_path / "staged")
    assert list((tmp_path / "staged").iterdir()) == []


@pytest.mark.parametrize(
    ("journal", "here", "architecture", "why"),
    [(5, "2", "arm64", "it is for amd64"), (4, "2", "amd64", "knows 4 at most"), (5, "3.1", "amd64", "is older than")],
)
def test_an_update_must_suit_this_machine_and_its_journal(
    update: ModuleType, place: Any, journal: int, here: str, architecture: str, why: str
) -> None:
    manifest = update.Manifest("f.deb", "3", "amd64", journal, 1, "00")
    with pytest.raises(update.RefusedError, match=why):
        update.fit(manifest, place, here, architecture)


class Fetched:
    """What a terminal has laid ready, and root's unit that takes it: `did` in order, apt in its place."""

    def __init__(self, update: ModuleType, place: Any, package: Path, key: Path) -> None:
        self.update, self.place, self.key = update, place, key
        self.folder = place.config.parent / "update"
        (self.folder / "staged").mkdir(parents=True)
        self.proof = self.folder / "staged" / f"{package.name}.signed"
        self.deb = self.folder / "staged" / package.name
        shutil.copy(package, self.deb)
        shutil.copy(f"{package}.signed", self.proof)
        (self.folder / "apply").touch()
        self.did: list[str] = []
        self.apt_fails = False

    def install(self, copy: Path) -> None:
        assert copy.stat().st_mode & 0o777 == 0o600 or copy.parent.stat().st_mode & 0o777 == 0o700
        self.did.append(copy.read_text("ascii"))
        if self.apt_fails:
            raise self.update.FailedError("it could not be installed")

    def run(self) -> dict[str, str]:
        """As the unit runs it; what root tells."""
        (self.place.notes / "outcome").unlink(missing_ok=True)
        try:
            self.update.fetched(self.place, self.key, self.did.append)
        except (self.update.RefusedError, OSError):
            pass
        told: dict[str, str] = json.loads((self.place.notes / "outcome").read_text("ascii"))
        assert (self.place.notes / "outcome").stat().st_mode & 0o777 == 0o644
        assert not (self.place.notes / "staged").exists()
        return told


@pytest.fixture
def fetched(
    update: ModuleType,
    place: Any,
    package: tuple[Path, Ed25519PrivateKey],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Fetched:
    key = tmp_path / "update.pem"
    public = package[1].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key.write_bytes(public)
    (place.notes / "trial").unlink()
    made = Fetched(update, place, package[0], key)
    monkeypatch.setattr(update, "installed", lambda: "2")
    monkeypatch.setattr(update, "install", made.install)
    said = update._said
    monkeypatch.setattr(update, "_said", lambda *words: "amd64" if "--print-architecture" in words else said(*words))
    return made


def test_what_the_terminal_has_fetched_is_installed_while_it_stands_still(fetched: Fetched) -> None:
    assert fetched.run()["state"] == "installed"
    assert fetched.did == ["stop", "a package", "start"]
    assert not (fetched.folder / "apply").exists()


def test_the_terminal_is_not_stopped_for_what_is_refused(fetched: Fetched, package: tuple[Path, Any]) -> None:
    sha256 = fetched.update.read(fetched.proof.read_bytes(), package[1].public_key()).sha256
    fetched.deb.write_bytes(b"A package")
    assert fetched.run() == {
        "sha256": sha256,
        "state": "spoiled",
        "reason": "the package is not the one that was signed",
    }
    fetched.deb.write_bytes(b"a package and more")
    assert fetched.run()["state"] == "spoiled"
    fetched.deb.write_bytes(b"a package")
    for returned, state in (("3 2\n", "refused"), ("2 1\n", "installed")):
        (fetched.place.notes / "returned").write_text(returned, "ascii")
        assert fetched.run()["state"] == state
    fetched.proof.write_bytes(fetched.proof.read_bytes().replace(b'"3"', b'"4"'))
    assert fetched.run()["state"] == "refused"
    fetched.proof.unlink()
    assert fetched.run()["state"] == "failed"
    assert fetched.did == ["start", "start", "start", "stop", "a package", "start", "start", "start"]


def test_the_same_version_is_not_put_in_again_at_night(fetched: Fetched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetched.update, "installed", lambda: "3")
    assert fetched.run()["reason"] == "version 3 is installed"
    assert fetched.did == ["start"]


def test_what_apt_cannot_put_in_is_tried_another_night(fetched: Fetched) -> None:
    fetched.apt_fails = True
    assert fetched.run()["state"] == "failed"
    assert fetched.did == ["stop", "a package", "start"]


def test_root_reads_no_link_and_waits_for_no_pipe(fetched: Fetched, tmp_path: Path) -> None:
    """The folder is the terminal user's: it could point anywhere."""
    secret = tmp_path / "secret"
    secret.write_text("a package", "ascii")
    fetched.deb.unlink()
    fetched.deb.symlink_to(secret)
    assert fetched.run()["state"] == "failed"
    fetched.deb.unlink()
    os.mkfifo(fetched.deb)
    assert fetched.run()["state"] == "failed"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "apply").touch()
    shutil.rmtree(fetched.folder)
    fetched.folder.symlink_to(tmp_path / "elsewhere")
    assert fetched.run()["state"] == "failed"
    assert (tmp_path / "elsewhere" / "apply").exists()
    assert "a package" not in fetched.did


@pytest.mark.parametrize("unit", LOCKED)
def test_a_unit_gives_its_program_little(unit: str) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze on this machine")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=30", str(UNITS / unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout.splitlines()[-1:] + done.stderr.splitlines()[-3:]


def test_the_units_name_what_is_there() -> None:
    here = {path.name for path in UNITS.iterdir()}
    for path in UNITS.iterdir():
        text = path.read_text("utf-8")
        assert not (named := set(re.findall(r"campus-[a-z-]+\.(?:service|timer|path)", text)) - here), named
        for file in re.findall(r"/usr/lib/campus-terminal/([\w.-]+\.py)", text):
            assert (LIBRARY / file).exists()
    terminal = (UNITS / LOCKED[0]).read_text("utf-8")
    for line in ("Type=notify", "WatchdogSec=20", "Restart=always", "StartLimitBurst=12", "DevicePolicy=closed"):
        assert f"\n{line}\n" in terminal


def test_only_input_devices_on_the_lists_are_heard(tmp_path: Path) -> None:
    (tmp_path / "input").write_text("0eef:0001\n", "ascii")
    (tmp_path / "scanner").write_text("1eab:0010\n", "ascii")

    def heard(*arguments: str) -> bool:
        command = ["sh", str(LIBRARY / "input-allowed"), *arguments]
        told = {"LISTS": str(tmp_path), "PATH": "/usr/bin:/bin"}
        return subprocess.run(command, env=told, check=False).returncode == 0

    assert heard("input", "usb", "0EEF:0001")
    assert heard("either", "usb", "0eef:0001")
    assert not heard("scanner", "usb", "0eef:0001")
    assert heard("scanner", "usb", "1eab:0010")
    assert not heard("input", "usb", "1eab:0010")
    for bus in ("usb", "bluetooth", "i8042"):
        assert not heard("either", bus, "046d:c31c")
        assert not heard("input", bus, ".*")
    assert heard("input", "", ":")
    assert not heard("scanner", "", ":")
    (tmp_path / "input").unlink()
    assert not heard("input", "usb", "0eef:0001")


def test_byte_code_comes_along_the_same_wherever_it_was_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the Python that the package asks for; by content, so that a copy with other times is believed too."""
    build = loaded(PACKAGING / "deb" / "build.py", monkeypatch)
    major, minor = build.PYTHON
    wanted = f"python3 (>= {major}.{minor}), python3 (<< {major}.{minor + 1})"
    assert wanted in (PACKAGING / "deb" / "control").read_text("utf-8")
    found = []
    for name in ("one", "other"):
        home = tmp_path / name / "usr" / "lib" / "versions" / "1"
        home.mkdir(parents=True)
        (home / "words.py").write_text("WORDS = frozenset({'a', 'b', 'c'})\n", "utf-8")
        build.compile_all(home, tmp_path / name)
        found.append((home / "__pycache__" / f"words.cpython-{major}{minor}.pyc").read_bytes())
    assert found[0] == found[1]
    assert int.from_bytes(found[0][4:8], "little") == 1, "unchecked, by hash"
    assert b"/usr/lib/versions/1/words.py" in found[0]


def test_the_list_of_parts_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    sbom = loaded(PACKAGING / "sbom.py", monkeypatch)
    found = sbom.parts()
    lock = (PACKAGING / "lock" / "run.txt").read_text("utf-8")
    assert [part.name for part in found] == re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE)
    assert sum(len(part.hashes) for part in found) == lock.count("--hash=")
    assert [part.name for part in found if not part.licence] == []
    document = sbom.bom(found)
    assert document == sbom.bom(found)
    assert len(document["components"]) == len(found) == len(document["dependencies"][0]["dependsOn"])


def test_the_container_file_copies_and_runs_what_is_there() -> None:
    folder = PACKAGING / "centre"
    lines = (folder / "Containerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    copied = [word for line in lines if line.startswith("COPY ") for word in line.split()[1:-1]]
    assert [name for name in copied if not (ROOT.parent / name).exists()] == []
    compose = yaml.safe_load((folder / "compose.yaml").read_text("utf-8"))
    images = [each["image"] for each in compose["services"].values()] + [lines[3].split()[1]]
    assert [image for image in images if "/" in image] == []
    for service in compose["services"].values():
        if service["image"] == "campus-centre":
            _parser().parse_args(service["command"])
            assert (folder / service["build"]["context"] / service["build"]["dockerfile"]).exists()
        assert not set(service.get("depends_on", ())) - set(compose["services"])
        assert not set(service.get("secrets", ())) - set(compose["secrets"])
    assert "127.0.0.1:8700" in (folder / "nginx.conf").read_text("utf-8")


def test_the_campus_defaults_are_a_good_configuration() -> None:
    assert configs.load(PACKAGING / "kiosk.toml").paths.state == Path("/var/lib/campus-terminal")
