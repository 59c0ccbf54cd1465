"""`python -m kiosk faults`: every fault a technician may read, with what brings it about and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.domain.causes import CAUSES
from kiosk.domain.faults import Code
from kiosk.flows.service import STOPS
from kiosk.text import Texts, shipped_texts

INTRODUCTION = """# Faults

Made from `kiosk/domain/causes.py` and `assets/i18n/*-faults.toml` by `make docs`; change it there.

What a technician reads on the pages behind the upper left corner of the screen, in the log, and at the centre by
`python -m sync.central devices`. A fault goes by itself once its cause is gone, unless the remedy says otherwise."""


def document() -> str:
    """docs/faults.md: fault, cause, sentence, remedy, in both languages."""
    return "\n".join([INTRODUCTION, *_sections(shipped_texts())]) + "\n"


def _sections(texts: Texts) -> Iterator[str]:
    for code in Code:
        out = " Nobody is served meanwhile." if code in STOPS else ""
        yield f"\n## {code.value}\n"
        yield f"Cause: {CAUSES[code]}{out}\n"
        yield "| | zh | en |\n|---|---|---|"
        for part, name in (("text", "sentence"), ("remedy", "remedy")):
            zh, en = (
                texts.get(language, f"fault.{code.value}.{part}").replace("|", "\\|") for language in ("zh", "en")
            )
            yield f"| {name} | {zh} | {en} |"


def listed(language: str) -> str:
    """A line a fault, for a terminal."""
    texts = shipped_texts()
    return "\n".join(f"{code.value}  {texts.get(language, f'fault.{code.value}.text')}" for code in Code)
