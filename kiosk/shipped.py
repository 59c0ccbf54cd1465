"""What comes with the program, read once: its service items and documents. Its texts are `kiosk.text.shipped_texts`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from kiosk.assets import ROOT, toml_files
from kiosk.domain import catalogue
from kiosk.domain import documents as papers
from kiosk.domain.catalogue import Catalogue
from kiosk.domain.documents import Document


@cache
def items() -> Catalogue:
    """The service items of assets/items; a broken one is among its problems."""
    return catalogue.build(toml_files(ROOT / "items"))


@cache
def documents() -> Mapping[str, Document]:
    """Every document of assets/documents; a broken one raises ValueError naming file and key."""
    return papers.build(toml_files(ROOT / "documents"))
