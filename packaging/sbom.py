"""`make sbom`: what the package contains, as CycloneDX, with the licences as a table.

`PYTHONPATH=. python packaging/sbom.py FOLDER` writes `sbom.cdx.json` and `licences.md`. Exit code 1 where a locked
package is not installed in the version that the lock names, or tells no licence.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from kiosk import __built__, __version__

HERE = Path(__file__).resolve().parent
LOCK = HERE / "lock" / "run.txt"
SAID_ELSEWHERE = {"pyrage": "MIT"}
"""Licences of packages whose metadata names none, read in the LICENSE file that they bring."""
MODELS = "CC0-1.0"


@dataclass(frozen=True, slots=True)
class Part:
    """One locked package; `hashes`: SHA-256 of every file that the lock allows."""

    name: str
    version: str
    hashes: tuple[str, ...]
    licence: str


def locked(text: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Name, version and hashes of each entry of a lock."""
    for entry in re.findall(r"^([a-z0-9._-]+)==(\S+)((?: *\\\n +--hash=sha256:[0-9a-f]{64})+)", text, re.MULTILINE):
        yield entry[0], entry[1], tuple(re.findall(r"sha256:([0-9a-f]{64})", entry[2]))


def licence(name: str) -> str:
    """As the package says: an expression, a classifier or a short text; "" for none."""
    told = metadata.metadata(name)
    classifiers = [
        each.rsplit(" :: ", 1)[-1] for each in told.get_all("Classifier", []) if each.startswith("License ::")
    ]
    free = (told.get("License") or "").strip()
    short = free if len(free) < 60 and "\n" not in free else ""
    return told.get("License-Expression") or SAID_ELSEWHERE.get(name) or "; ".join(classifiers) or short


def parts() -> list[Part]:
    """Every package of the lock. Raises LookupError for one that is missing, or is another version."""
    found = []
    for name, version, hashes in locked(LOCK.read_text("utf-8")):
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            raise LookupError(f"{name} {version} is locked and not installed") from None
        if here != version:
            raise LookupError(f"{name} {version} is locked, {here} is installed")
        found.append(Part(name, version, hashes, licence(name)))
    return found


def bom(found: list[Part]) -> dict[str, Any]:
    """CycloneDX 1.5. The same lock gives the same document."""
    root = {"type": "application", "name": "campus-terminal", "version": __version__, "bom-ref": "campus-terminal"}
    about = {"timestamp": f"{__built__}T00:00:00Z", "component": {**root, "licenses": [_said("Apache-2.0")]}}
    components = [_component(part) for part in found]
    serial = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(components, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": about,
        "components": components,
        "dependencies": [{"ref": root["bom-ref"], "dependsOn": [each["bom-ref"] for each in components]}],
    }


def _component(part: Part) -> dict[str, Any]:
    purl = f"pkg:pypi/{part.name}@{part.version}"
    files = [
        {"type": "distribution", "url": purl, "hashes": [{"alg": "SHA-256", "content": each}]} for each in part.hashes
    ]
    about = {"type": "library", "bom-ref": purl, "name": part.name, "version": part.version, "purl": purl}
    return {**about, "licenses": [_said(part.licence)], "externalReferences": files}


def _said(text: str) -> dict[str, Any]:
    """An SPDX expression where it is one, else the words."""
    spdx = re.fullmatch(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*", text)
    return {"expression": text} if spdx else {"license": {"name": text}}


def table(found: list[Part]) -> str:
    """The licences, one package a line, and the names that stand under each."""
    lines = ["| package | version | licence |", "|---|---|---|"]
    lines += [f"| {part.name} | {part.version} | {part.licence} |" for part in found]
    lines += [f"| face models (landmarks, embedding) | 0.3.0 | {MODELS} |"]
    return "# Licences of what the package contains\n\n" + "\n".join(lines) + "\n"


def main(folder: Path) -> int:
    try:
        found = parts()
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sbom.cdx.json").write_text(json.dumps(bom(found), indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / "licences.md").write_text(table(found), "utf-8")
    print(f"{len(found)} packages: {folder / 'sbom.cdx.json'}, {folder / 'licences.md'}")
    silent = [part.name for part in found if not part.licence]
    if silent:
        print(f"no licence is told by: {', '.join(silent)}", file=sys.stderr)
    return 1 if silent else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "out")))
