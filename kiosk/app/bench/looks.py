"""Tests of what reads and sees: camera, scanner, recogniser."""

from __future__ import annotations

import io
import secrets
import time
from collections.abc import Iterator

from PIL import Image, ImageOps

from devices.camera import Camera
from devices.codereader import read
from kiosk.app.bench.fittings import Fittings
from kiosk.app.bench.found import NARROW, failed, held, ms, not_there, passed
from kiosk.app.bench.hands import HANDS_S, Hands
from kiosk.domain.proving import Finding
from kiosk.flows.technician.state import Asked
from printers.raster import qr_matrix

PICTURES, PICTURES_S = 10, 5.0
LEAST_FPS = 5.0
TRIGGER_S = 8.0
"""The driver triggers every five seconds."""
STEP_S = 0.02
HEARD_S = 5.0
CODE_PX = 12


def camera_picture(fit: Fittings, hands: Hands) -> Finding:
    """So many pictures, one after the other, at a rate that reads codes."""
    limit = f"≥ {LEAST_FPS:.0f}{NARROW}fps"
    if fit.camera is None:
        return not_there("no_camera")
    number, came, began, until = 0, 0, 0.0, time.monotonic() + PICTURES_S
    size = ""
    while came < PICTURES and time.monotonic() < until:
        hands.check()
        seen = fit.camera.latest(number)
        if seen is None:
            hands.pause(STEP_S)
            continue
        began = began or time.monotonic()
        number, came, size = seen[0], came + 1, f"{seen[1].shape[1]}×{seen[1].shape[0]}"
    if came < 2:
        return failed("no_picture", limit=limit)
    rate = (came - 1) / max(time.monotonic() - began, 1e-6)
    return held(came == PICTURES and rate >= LEAST_FPS, "slow", f"{size} · {rate:.0f}{NARROW}fps", limit)


def camera_code(fit: Fittings, hands: Hands) -> Finding:
    """Any code that is held before the camera; what it says is nobody's business."""
    if fit.camera is None:
        return not_there("no_camera")
    hands.ask(Asked("technician.ask.camera_code"))
    return passed("QR") if see_code(fit.camera, hands, "") else failed("not_read")


def see_code(camera: Camera, hands: Hands, wanted: str, seconds: float = HANDS_S) -> float:
    """Seconds until the camera has read this code, "" = any; 0 = it did not. Raises GivenUpError."""
    began, number = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        hands.check()
        seen = camera.latest(number)
        if seen is None:
            hands.pause(STEP_S)
            continue
        number, texts = seen[0], read(seen[1])
        if wanted in texts or (texts and not wanted):
            return max(time.monotonic() - began, 1e-6)
    return 0.0


def scanner_code(fit: Fittings, hands: Hands) -> Finding:
    """The screen shows a code that nobody has seen before, and the scanner reads it."""
    if fit.scanner is None:
        return not_there("no_scanner")
    wanted = fresh_code()
    hands.ask(Asked("technician.ask.scanner_code", code=wanted), code_png(wanted))
    began = time.monotonic()
    text = hands.wait("scanner")
    if text is None:
        return failed("not_read")
    return held(text == wanted, "other_code", ms(time.monotonic() - began), "=")


def scanner_trigger(fit: Fittings, hands: Hands) -> Finding:
    """A scanner that takes commands acknowledges them."""
    if fit.scanner is None or fit.config.scanner.kind != "gm65":
        return not_there("no_trigger")
    began, before = time.monotonic(), fit.scanner.answers
    while time.monotonic() - began < TRIGGER_S:
        hands.pause(STEP_S)
        if fit.scanner.answers not in (0, before):
            return passed(ms(time.monotonic() - began), f"≤ {TRIGGER_S:.0f}{NARROW}s")
    return failed("silent", limit=f"≤ {TRIGGER_S:.0f}{NARROW}s")


def face_engine(fit: Fittings, hands: Hands) -> Finding:
    """The recogniser's process is there and says something every few seconds."""
    if fit.recogniser is None:
        return not_there("no_face")
    limit = f"≤ {HEARD_S:.0f}{NARROW}s"
    known = fit.health.of("face")
    if not known.online:
        return failed("away", limit=limit)
    quiet = max(0.0, time.monotonic() - fit.recogniser.heard)
    return held(quiet <= HEARD_S, "silent", f"{quiet:.1f}{NARROW}s", limit)


def fresh_code() -> str:
    """The text of a code of its own, which no other reader takes for anything."""
    return f"TEST:{secrets.token_hex(6).upper()}"


def code_png(text: str) -> bytes:
    """A picture of it, with a quiet zone."""
    matrix = qr_matrix(text)
    drawn = matrix.convert("L").resize((matrix.width * CODE_PX, matrix.height * CODE_PX), Image.Resampling.NEAREST)
    out = io.BytesIO()
    ImageOps.expand(drawn, 4 * CODE_PX, 255).save(out, "PNG", compress_level=1)
    return out.getvalue()


def code_lines(text: str) -> Iterator[str]:
    """A QR code in half blocks, light on dark as shells mostly are, with its quiet zone."""
    matrix = qr_matrix(text).convert("L")
    size = matrix.width + 8
    dark = [[False] * size for _ in range(size + size % 2)]
    for y in range(matrix.height):
        for x in range(matrix.width):
            dark[y + 4][x + 4] = int(str(matrix.getpixel((x, y)))) < 128
    for upper, lower in zip(dark[::2], dark[1::2], strict=True):
        yield "".join(" ▄▀█"[2 * (not a) + (not b)] for a, b in zip(upper, lower, strict=True))
