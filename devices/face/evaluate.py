"""Folders of photographs, one subfolder a person, as embeddings to judge a model by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from devices.face.network import Picture, Vectors

Embed: TypeAlias = Callable[[Picture], Vectors | None]
"""A BGR picture to the embedding of its one face that counts, shape (length,); None: no face."""


class FolderError(Exception):
    """A folder that cannot be judged; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class People:
    """`vectors`: person → embeddings (pictures, length); `unusable`: each picture left out, and why."""

    vectors: dict[str, Vectors] = field(default_factory=dict)
    unusable: list[tuple[Path, str]] = field(default_factory=list)

    @property
    def usable(self) -> int:
        """How many pictures have an embedding."""
        return sum(len(rows) for rows in self.vectors.values())


def read_people(folder: Path, embed: Embed, seen: Callable[[Path], None] = lambda path: None) -> People:
    """Every picture of every person; `seen` is told each before it is read. Raises FolderError.

    Somebody without a single usable picture is not in `vectors`; hidden files are passed over.
    """
    people = People()
    for person in persons(folder):
        rows = []
        for path in sorted(path for path in person.iterdir() if path.is_file() and path.name[0] != "."):
            seen(path)
            found = _embedding(path, embed)
            if isinstance(found, str):
                people.unusable.append((path, found))
            else:
                rows.append(found)
        if rows:
            people.vectors[person.name] = np.array(rows, np.float32)
    return people


def persons(folder: Path) -> list[Path]:
    """The subfolders, hidden ones left out. Raises FolderError."""
    try:
        found = sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")
    except NotADirectoryError:
        raise FolderError(f"{folder} is a file; what is needed is a folder with one subfolder a person") from None
    except OSError as error:
        raise FolderError(f"{folder} cannot be opened: {error.strerror}") from None
    if not found:
        raise FolderError(f"{folder} has no subfolders; what is needed is one subfolder of photographs a person")
    return found


def _embedding(path: Path, embed: Embed) -> Vectors | str:
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    except (OSError, cv2.error):
        picture = None
    if picture is None:
        return "no picture that can be read"
    found = embed(np.asarray(picture, np.uint8))
    if found is None:
        return "no face found"
    return found if np.isfinite(found).all() and found.any() else "no sound embedding"
