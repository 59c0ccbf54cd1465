"""The security chip: asked for random bytes, which it can only give when it works (TPM 2.0, part 3: TPM2_GetRandom)."""

from __future__ import annotations

import contextlib
import os
import select
from pathlib import Path

DEVICES = (Path("/dev/tpmrm0"), Path("/dev/tpm0"))
REGISTER = Path("/sys/class/tpm/tpm0/pcr-sha256/0")
ANSWER_S = 5.0
BYTES = 8
_HEAD = b"\x80\x01"
_GET_RANDOM = _HEAD + (12).to_bytes(4, "big") + b"\x00\x00\x01\x7b" + BYTES.to_bytes(2, "big")
_LEAST = 12


class TpmError(OSError):
    """The chip is there and does not do what it must; the message is one word."""


def device(devices: tuple[Path, ...] = DEVICES) -> Path | None:
    """Where the chip is; None = this machine has none."""
    return next((path for path in devices if path.exists()), None)


def register(where: Path = REGISTER) -> str:
    """The chip's first platform register, in hex, which the kernel asks it for at this moment and tells everybody.

    "" = this kernel does not, or the chip does not answer.
    """
    try:
        return where.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def random_bytes(path: Path, seconds: float = ANSWER_S) -> bytes:
    """Some bytes of the chip's own. Raises TpmError: shut (not allowed) | silent | refused | odd."""
    try:
        line = os.open(path, os.O_RDWR)
    except OSError as error:
        raise TpmError("shut") from error
    try:
        return _given(_asked(line, seconds))
    finally:
        with contextlib.suppress(OSError):
            os.close(line)


def _asked(line: int, seconds: float) -> bytes:
    try:
        os.write(line, _GET_RANDOM)
        ready, _, _ = select.select([line], [], [], seconds)
        return os.read(line, 4096) if ready else b""
    except OSError as error:
        raise TpmError("silent") from error


def _given(answer: bytes) -> bytes:
    if not answer:
        raise TpmError("silent")
    if len(answer) < 10 or answer[:2] != _HEAD or int.from_bytes(answer[2:6], "big") != len(answer):
        raise TpmError("odd")
    if int.from_bytes(answer[6:10], "big"):
        raise TpmError("refused")
    size = int.from_bytes(answer[10:_LEAST], "big")
    if not 0 < size == len(answer) - _LEAST:
        raise TpmError("odd")
    return answer[_LEAST:]
