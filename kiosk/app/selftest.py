"""What is tried at the start, before anybody is served: the disk takes and gives back, the key opens, no word lacks.

Each device says itself how it is, and the journal and its chain are looked over when they are opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from kiosk import log
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.faults import Code, Fault
from kiosk.domain.screening import Basis, Calibration
from kiosk.text import Texts
from sync.vault import UnreadableError, Vault

PROBE = b"self-test " * 400


def run(folder: Path, vault: Vault, texts: Texts) -> list[Fault]:
    """A fault for each part that failed, none when all is well."""
    checks: dict[str, Callable[[], str]] = {
        "state": lambda: disk(folder),
        "vault": lambda: key(vault),
        "texts": lambda: words(texts),
    }
    found = {name: why for name, check in checks.items() if (why := check())}
    log.event("self_test", count=len(checks), reason=" ".join(found) or "good")
    return [Fault(Code.SELF_TEST, f"self-test:{name}", f"{name}: {why}") for name, why in found.items()]


def items(catalogue: Catalogue) -> list[Fault]:
    """A fault for each key of a service item that cannot be used."""
    problems = catalogue.problems
    return [Fault(Code.ITEM_BROKEN, "catalogue", f"{each.file} {each.key}: {each.found}") for each in problems]


def calibrated(calibration: Calibration) -> list[Fault]:
    """A fault for a thermal camera that nobody has calibrated: it judges nobody."""
    bare = calibration.basis is Basis.NONE
    return [Fault(Code.THERMAL_UNCALIBRATED, "calibration")] if bare else []


def disk(folder: Path) -> str:
    """Why a file cannot be written, brought to the disk and read back; "" = it can."""
    probe = folder / "self-test"
    try:
        descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, PROBE)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        same = probe.read_bytes() == PROBE
        probe.unlink()
    except OSError as error:
        return str(error.strerror)
    return "" if same else "read back otherwise"


def key(vault: Vault) -> str:
    """Why what is sealed cannot be opened again."""
    try:
        return "" if vault.open_("self-test", "probe", vault.seal("self-test", "probe", PROBE)) == PROBE else "changed"
    except UnreadableError as error:
        return type(error).__name__


def words(texts: Texts) -> str:
    """A language that lacks sentences of another."""
    keys = {language: texts.keys(language) for language in texts.by_language}
    every = frozenset().union(*keys.values())
    return " ".join(language for language, found in sorted(keys.items()) if found != every)
