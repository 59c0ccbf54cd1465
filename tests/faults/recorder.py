"""Builds the recorder of writes, and reads what it wrote."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("recorder.c")
FLAGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", "-fvisibility=hidden")
NO_COMPILER = "no gcc with the C library's headers on this machine (packages gcc and libc6-dev)"
HEAD = struct.Struct("<ciQQI")
FOLDER, LOG, FSYNC_MS, FSYNC_FAIL = "FAULTS_FOLDER", "FAULTS_LOG", "FAULTS_FSYNC_MS", "FAULTS_FSYNC_FAIL"


@dataclass(frozen=True, slots=True)
class Op:
    """One thing that was done.

    `kind`: w write, t truncate, b and s beginning and end of an fsync (inode 0: of the folder), c create, u unlink,
    r rename, a acknowledgement, k keys that the centre has taken.
    """

    kind: str
    thread: int
    inode: int
    offset: int
    data: bytes

    @property
    def paths(self) -> list[str]:
        return [os.fsdecode(each) for each in self.data.split(b"\0")]


def build(folder: Path) -> Path | None:
    """The library, compiled; None where there is no compiler."""
    if shutil.which("gcc") is None or not Path("/usr/include/dlfcn.h").exists():
        return None
    made = folder / "recorder.so"
    subprocess.run(["gcc", *FLAGS, "-o", made, SOURCE, "-ldl", "-pthread"], check=True)
    return made


def read(log: Path) -> list[Op]:
    """Everything, in the order in which it happened."""
    return list(_ops(log.read_bytes()))


def _ops(data: bytes) -> Iterator[Op]:
    at = 0
    while at < len(data):
        kind, thread, inode, offset, length = HEAD.unpack_from(data, at)
        at += HEAD.size
        yield Op(kind.decode(), thread, inode, offset, data[at : at + length])
        at += length


def taken(log: Path, keys: Iterable[str]) -> None:
    """From the centre's side: these are in its database now. To be noted before it answers."""
    data = "\n".join(keys).encode() + b"\n"
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, HEAD.pack(b"k", 0, 0, 0, len(data)) + data)
    finally:
        os.close(descriptor)
