"""Makes the Debian packages: `PYTHONPATH=. python packaging/deb/build.py OUT`.

The same sources, lock and SOURCE_DATE_EPOCH give the same bytes. The face models, which never change and pack badly,
are a package of their own. Libraries come by pip, as pip is set up on this machine, by the hashes of
packaging/lock/run.txt alone.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from trim import strip, trim

from kiosk import __built__, __version__
from sync.tables import CACHE, JOURNAL

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

PROGRAM = ("kiosk", "devices", "printers", "sync", "ui", "assets")
LOCK = ROOT / "packaging" / "lock"
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
LIBRARY = "usr/lib/campus-terminal"
MODELS, MODELS_VERSION = Path("usr/share/campus-terminal/models/face_recognition_models"), "0.3.0"
MOST_BYTES = 120_000_000
PYTHON = (3, 11)
"""As control says."""
PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:")
PIP_MORE = ("--no-binary", "face-recognition-models", "--no-build-isolation", "--no-compile", "--no-input", "-q")


def main() -> int:
    """Build, and print where it is. Exit code 1 where the package would be larger than it may be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--version", default=__version__, help="of the package, where it is not the program's own")
    parser.add_argument("--replace", type=Path, help="a tree of files laid over the program, for tests of updates")
    parser.add_argument("--quick", action="store_true", help="hardly compressed, for tests")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="campus-deb-") as scratch:
        packages = [pack(tree, options) for tree in build(Path(scratch), options)]
    for made in packages:
        print(f"{made}  {made.stat().st_size / 1e6:.1f} MB  sha256 {hashlib.sha256(made.read_bytes()).hexdigest()}")
    return 0 if options.quick or all(made.stat().st_size <= MOST_BYTES for made in packages) else 1


def build(scratch: Path, options: argparse.Namespace) -> list[Path]:
    """The trees of both packages, ready to be packed."""
    tree, models = scratch / "terminal", scratch / "faces"
    shutil.copytree(HERE / "tree", tree, symlinks=True)
    home = tree / LIBRARY / "versions" / options.version
    program(home)
    libraries(home / "lib")
    (models / MODELS).parent.mkdir(parents=True)
    shutil.move(home / "lib" / MODELS.name, models / MODELS)
    if options.replace:
        shutil.copytree(options.replace, home, dirs_exist_ok=True)
    versions = {"version": options.version, "journal": len(JOURNAL), "cache": len(CACHE)}
    (home / "release.json").write_text(json.dumps(versions) + "\n", "ascii")
    compile_all(home, tree)
    etc(tree)
    papers(tree)
    control(tree, options.version)
    control(models, MODELS_VERSION, suffix="-faces")
    for each in (tree, models):
        settle(each)
    return [tree, models]


def program(home: Path) -> None:
    """The tracked files of the program, so that nothing of a working folder goes along."""
    listed = output("git", "-C", str(ROOT), "-c", "safe.directory=*", "ls-files", "-z", *PROGRAM)
    for name in filter(None, listed.split("\0")):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, home / name)


def libraries(folder: Path) -> None:
    """What the lock names, trimmed; as installed it is kept beside pip's cache, since that takes minutes (FRESH=1)."""
    lock = LOCK / "run.txt"
    mark = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "campus-terminal"
    kept = cache / f"libraries-{mark}"
    if os.environ.get("FRESH") and kept.exists():
        shutil.rmtree(kept)
    if not kept.exists():
        part = cache / f"part-{os.getpid()}"
        part.mkdir(parents=True)
        subprocess.run([sys.executable, *PIP, *PIP_MORE, "--target", part, "-r", lock], check=True, stdout=sys.stderr)
        part.replace(kept)
    shutil.copytree(kept, folder, symlinks=True)
    trim(folder)
    strip(folder)
    for record in folder.glob("*.dist-info/*"):
        # where and how it was installed is no matter of the one who uses it, and differs
        if record.name in ("RECORD", "REQUESTED", "INSTALLER", "direct_url.json"):
            record.unlink()


def compile_all(home: Path, tree: Path) -> None:
    """Byte code, the same bytes each time: by content, in one process, in order. Made at the place it took 10 s,
    and was not on the disk when dpkg said that all was."""
    if sys.version_info[:2] != PYTHON:
        raise SystemExit(f"byte code for Python {PYTHON} is made by it alone, not by {sys.version}")
    how = ("-q", "-j", "1", "--invalidation-mode", "unchecked-hash", "-s", str(tree), "-p", "/")
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    subprocess.run([sys.executable, "-m", "compileall", *how, str(home)], check=True, env=environment)


def etc(tree: Path) -> None:
    """The campus's own defaults: the only file of ours that belongs to whoever runs the machine."""
    folder = tree / "etc" / "campus-terminal"
    folder.mkdir(parents=True)
    shutil.copyfile(ROOT / "packaging" / "kiosk.toml", folder / "kiosk.toml")


def papers(tree: Path) -> None:
    """Licence, changes and the page on installing."""
    folder = tree / "usr" / "share" / "doc" / "campus-terminal"
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(HERE / "copyright", folder / "copyright")
    shutil.copyfile(ROOT / "docs" / "install.md", folder / "install.md")
    (folder / "changelog.gz").write_bytes(gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), 9, mtime=0))


def control(tree: Path, version: str, suffix: str = "") -> None:
    """DEBIAN/: what dpkg reads, with this version and size written in."""
    folder = tree / "DEBIAN"
    folder.mkdir()
    kilobytes = sum(path.lstat().st_size for path in tree.rglob("*") if not path.is_dir()) // 1024
    architecture = output("dpkg", "--print-architecture")
    words = {"VERSION": version, "ARCHITECTURE": architecture, "SIZE": str(kilobytes), "JOURNAL": str(len(JOURNAL))}
    for name in ("control", *(() if suffix else SCRIPTS)):
        text = (HERE / f"{name}{suffix}").read_text("utf-8")
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        (folder / name).write_text(text, "utf-8")
    if not suffix:
        (folder / "conffiles").write_text("/etc/campus-terminal/kiosk.toml\n", "ascii")
    (folder / "md5sums").write_text("".join(sums(tree)), "utf-8")


def sums(tree: Path) -> Iterator[str]:
    """A line for every file outside DEBIAN and /etc, in order."""
    for path in sorted(tree.rglob("*")):
        name = path.relative_to(tree).as_posix()
        if path.is_file() and not path.is_symlink() and not name.startswith(("DEBIAN/", "etc/")):
            yield f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {name}\n"


def settle(tree: Path) -> None:
    """Modes and times that do not depend on who builds when."""
    when = epoch()
    for path in sorted(tree.rglob("*"), reverse=True):
        if not path.is_symlink():
            ours = path.parent.name == "bin" or path.name == "input-allowed"
            runs = path.is_dir() or ours or (path.parent.name == "DEBIAN" and path.name in SCRIPTS)
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (when, when), follow_symlinks=False)
    tree.chmod(0o755)
    os.utime(tree, (when, when))


def pack(tree: Path, options: argparse.Namespace) -> Path:
    """dpkg-deb sorts by name and clamps times; the number of its threads, which shows in the bytes, is fixed."""
    fields = dict(line.split(": ", 1) for line in (tree / "DEBIAN" / "control").read_text("utf-8").splitlines()[:3])
    made: Path = options.out / f"{fields['Package']}_{fields['Version']}_{fields['Architecture']}.deb"
    # faces hardly pack, and are unpacked in no time so; the other is below its limit by xz alone
    how = ("-Zzstd", "-z19") if "faces" in fields["Package"] else ("-Zxz", "-z6")
    if options.quick:
        how = ("-Zzstd", "-z1")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch())}
    command = ("dpkg-deb", "--root-owner-group", *how, "--threads-max=2", "--build", str(tree), str(made))
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return made


def epoch() -> int:
    """SOURCE_DATE_EPOCH, else the day of this version."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or output("date", "-u", "-d", f"{__built__} 00:00:00", "+%s"))


def output(*command: str) -> str:
    """What a command says. Raises subprocess.CalledProcessError."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
