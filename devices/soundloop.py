"""Loudspeaker and microphone in one loop: a tone is played and looked for in what is recorded meanwhile."""

from __future__ import annotations

import math
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE, TONE_HZ, SECONDS = 16_000, 1_000.0, 1.5
LONGEST_S = 6.0
PLAY: tuple[str, ...] = ("aplay", "-q")
RECORD: tuple[str, ...] = ("arecord", "-q", "-f", "S16_LE", "-c", "1", "-r", str(RATE), "-d", "2", "-t", "wav")
Samples = NDArray[np.float64]


def missing() -> bool:
    """Whether this machine cannot even try: no player, no recorder."""
    return not (shutil.which(PLAY[0]) and shutil.which(RECORD[0]))


def heard(play: Sequence[str] = PLAY, record: Sequence[str] = RECORD) -> float:
    """How many times stronger the tone is than what else was recorded (power at the tone against the median).

    Raises OSError when there is no sound card, or nothing could be recorded.
    """
    with tempfile.TemporaryDirectory(prefix="sound-") as folder:
        said, got = Path(folder, "tone.wav"), Path(folder, "heard.wav")
        write(said)
        listener = subprocess.Popen([*record, str(got)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            subprocess.run([*play, str(said)], timeout=LONGEST_S, capture_output=True, check=False)
            code = listener.wait(LONGEST_S)
        except subprocess.TimeoutExpired as error:
            raise OSError("sound hangs") from error
        finally:
            if listener.poll() is None:
                listener.kill()
                listener.wait()
        if code:
            raise OSError("nothing could be recorded")
        return clearness(samples(got))


def write(path: Path) -> None:
    """The tone, as a WAV file."""
    at = np.arange(int(RATE * SECONDS)) / RATE
    tone = (np.sin(2 * math.pi * TONE_HZ * at) * 12_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tone.tobytes())


def samples(path: Path) -> Samples:
    """What was recorded, one number a sample. Raises OSError for what is no WAV file of ours."""
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2 or file.getframerate() != RATE:
                raise OSError("another form")
            return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    except (wave.Error, EOFError) as error:
        raise OSError("no recording") from error


def clearness(found: Samples) -> float:
    """Power within 20 Hz of the tone against the median power of all frequencies; 0 for silence."""
    if len(found) < RATE // 4:
        return 0.0
    power = np.abs(np.fft.rfft(found * np.hanning(len(found)))) ** 2
    where = np.fft.rfftfreq(len(found), 1 / RATE)
    near = power[np.abs(where - TONE_HZ) <= 20].max()
    rest = float(np.median(power[where > 100]))
    return float(near / rest) if rest > 0 else (math.inf if near > 0 else 0.0)
