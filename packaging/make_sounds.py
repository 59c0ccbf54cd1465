"""`python packaging/make_sounds.py [FOLDER]`: the terminal's sounds, made from sines; the same bytes every time."""

from __future__ import annotations

import sys
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
FADE_S = 0.012
FOLDER = Path(__file__).resolve().parent.parent / "assets" / "sounds"

Tone = tuple[float, float, float]
"""Pitch in Hz (0 = a pause), length in seconds, loudness from 0 to 1."""
SOUNDS: dict[str, tuple[Tone, ...]] = {
    "allow": ((660.0, 0.14, 0.4), (0.0, 0.03, 0.0), (880.0, 0.26, 0.4)),
    "stop": ((220.0, 0.22, 0.7), (0.0, 0.08, 0.0), (220.0, 0.32, 0.7)),
    "recheck": ((523.25, 0.30, 0.45),),
    "prompt": ((1046.5, 0.06, 0.35),),
}


def samples(tones: Sequence[Tone]) -> NDArray[np.int16]:
    """16-bit samples of these tones one after the other, each faded in, and out over its second half."""
    return np.concatenate([_tone(*tone) for tone in tones])


def write(name: str, folder: Path) -> Path:
    """`folder/name.wav`: mono, 16 bits, RATE Hz."""
    path = folder / f"{name}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples(SOUNDS[name]).astype("<i2").tobytes())
    return path


def _tone(pitch: float, seconds: float, loud: float) -> NDArray[np.int16]:
    """A sine and a quiet octave over it, so that a small loudspeaker carries the low ones too."""
    at: NDArray[Any] = np.arange(round(seconds * RATE)) / RATE
    wave_form = np.sin(2 * np.pi * pitch * at) + 0.3 * np.sin(4 * np.pi * pitch * at)
    shape = np.minimum(1.0, at / FADE_S) * np.minimum(1.0, (seconds - at) / (seconds / 2))
    return np.round(32767 * loud / 1.3 * wave_form * shape).astype(np.int16)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for sound in SOUNDS:
        print(write(sound, target))
