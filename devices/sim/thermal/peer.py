"""A thermal camera on a pty: it streams or answers at the pace of its line, obeys its commands, and has bad days."""

from __future__ import annotations

import contextlib
import random
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from devices.sim.line import Line
from devices.sim.thermal.fitter import fitted
from devices.sim.thermal.scene import Place, Scene
from devices.sim.thermal.wire import FRAMES, HTPA_REQUEST, ROWS_COLUMNS, Settings, as_set, obey_90640, spoilt

FASTEST_HZ = 250.0
SLOW_HZ = {"gy614": 5.0, "gy8833": 5.0}
SPEEDS = {getattr(termios, f"B{baud}"): baud for baud in (9600, 19200, 38400, 57600, 115200, 230400, 460800)}


class ThermalPeer:
    """`kind`: gy90640 | gy614 | htpa32 | gy8833. `baud`: speed of the line, 0 = none, as fast as it takes it.

    At a speed other than its own it hears nothing and is heard as noise; `hurry` keeps the speed but not the pace.
    `path` becomes a symbolic link to the pty. What stands before it is `scene`, drawn anew for every picture.
    `spoken_to_at`: the speeds at which anything was sent to it.
    """

    def __init__(self, path: Path, kind: str = "gy90640", baud: int = 0, hurry: bool = False) -> None:
        self.path, self.kind, self.hurry = path, kind, hurry or not baud
        rows, columns = ROWS_COLUMNS[kind]
        self.scene = Scene(rows, columns)
        self.mirrored = True
        self.settings = Settings(baud=baud)
        self.settings.save()
        self.commands: list[bytes] = []
        self.spoken_to_at: list[int] = []
        self.sent = 0
        self._mode, self._frozen = "talk", b""
        self._random = random.Random(8833)
        self._gone, self._asked = threading.Event(), threading.Event()
        self._lock = threading.RLock()
        self._line: Line | None = None
        self._threads: list[threading.Thread] = []
        self._began = 0.0

    # --- what stands before it -------------------------------------------------------------------------------------

    def person(self, box: Place, celsius: float) -> None:
        """A face in this box of the camera's picture (shares), whose hottest skin has so many °C."""
        self.scene.skin, self.scene.paper, self.scene.person = celsius, False, box

    def photograph(self, box: Place) -> None:
        """A picture of a face, as warm as the room."""
        self.scene.paper, self.scene.person = True, box

    def nobody(self) -> None:
        """Neither person nor cup."""
        self.scene.person = self.scene.cup = None

    def hot_cup(self, celsius: float = 70.0, box: Place | None = None) -> None:
        """A cup in the hand, beside and below the face; `box` in shares of the camera's picture."""
        x, y, w, h = self.scene.person or (0.41, 0.34, 0.18, 0.32)
        self.scene.cup_c = celsius
        self.scene.cup = box or (x + 1.25 * w, y + 1.05 * h, 0.3 * w, 0.3 * h)

    def room(self, celsius: float) -> None:
        """The room and everything in it; the module's own temperature follows."""
        self.scene.room = celsius

    def calibration(self) -> str:
        """The file that a fitter would leave for this module where it hangs, as TOML."""
        return fitted(self.kind, self.scene)

    # --- its days --------------------------------------------------------------------------------------------------

    def talk(self) -> None:
        """A good day."""
        self._mode = "talk"

    def silent(self) -> None:
        """Neither sends nor answers."""
        self._mode = "silent"

    def garbage(self) -> None:
        """Noise in place of pictures, until `talk` or the plug."""
        self._mode = "garbage"

    def babble(self) -> None:
        """As `garbage`, but without a pause, asked or not."""
        self._mode = "babble"
        self._asked.set()

    def half_frames(self) -> None:
        """Every picture breaks off in the middle."""
        self._mode = "half"

    def bad_sums(self) -> None:
        """Every picture has one byte that changed on its way."""
        self._mode = "bad"

    def freeze(self) -> None:
        """One and the same picture from now on."""
        self._frozen, self._mode = b"", "freeze"

    # --- its plug --------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self.plug()

    def stop(self, timeout: float = 2.0) -> None:
        self.unplug(timeout)

    def plug(self) -> None:
        """It comes on at its path, with what it has saved."""
        if self._threads:
            return
        self.settings.power_cycle()
        self._gone.clear()
        self._asked.clear()
        self._mode, self._began = "talk", time.monotonic()
        self._line = line = Line(self.path)
        self._threads = [
            threading.Thread(target=each, args=(line,), daemon=True) for each in (self._listen, self._show)
        ]
        for thread in self._threads:
            thread.start()
        line.appear()

    def unplug(self, timeout: float = 2.0) -> None:
        """Gone from one moment to the next."""
        threads, self._threads = self._threads, []
        if not threads or self._line is None:
            return
        self._gone.set()
        self._asked.set()
        self._line.close()
        for thread in threads:
            thread.join(timeout)
        with self._lock:
            self._line.free()
            self._line = None

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """Between two pictures: the next is not begun before the block is left."""
        with self._lock:
            yield

    @property
    def unread(self) -> int:
        """Bytes that lie on the line."""
        with self._lock:
            return self._line.unread if self._line else 0

    # --- what it sends -----------------------------------------------------------------------------------------------

    def _show(self, _line: Line) -> None:
        due = time.monotonic()
        while not self._gone.is_set():
            due = max(due + 1 / self._rate(), time.monotonic())
            if self.kind == "htpa32" and self._mode != "babble":
                self._asked.wait()
                self._asked.clear()
            elif self._gone.wait(due - time.monotonic()):
                return
            if not self._gone.is_set() and self.settings.streaming:
                self._send(self._spoilt(self._frame()))

    def _rate(self) -> float:
        if not self.settings.baud or self.hurry:
            return FASTEST_HZ
        return SLOW_HZ.get(self.kind, self.settings.rate)

    def _frame(self) -> bytes:
        picture = self.scene.sense(time.monotonic() - self._began)
        if self.kind == "gy90640":
            picture = as_set(picture, self.scene.room, self.settings.emissivity)
        if self.mirrored:
            picture = picture[:, ::-1]
        return FRAMES[self.kind](picture, self.scene.ambient)

    def _spoilt(self, frame: bytes) -> bytes:
        if self._mode == "freeze":
            self._frozen = self._frozen or frame
            return self._frozen
        return spoilt(frame, self._mode, self.kind, self._random)

    def _send(self, data: bytes) -> None:
        """At the pace of the line, 10 bits a byte; noise where the other end has another speed."""
        with self._lock:
            # here, since a picture that was begun before would come after the silence
            if self._mode == "silent":
                return
            if self._misheard():
                data = self._random.randbytes(len(data))
            step = max(1, self.settings.baud // 500) if not self.hurry else len(data)
            for at in range(0, len(data), step):
                chunk = data[at : at + step]
                if not self.hurry and self._gone.wait(len(chunk) * 10 / self.settings.baud):
                    return
                self._put(chunk)
            self.sent += 1

    def _put(self, data: bytes) -> None:
        """Everything, or nothing more once it is unplugged."""
        while data and self._line is not None and not self._gone.is_set():
            data = self._line.put(data, 0.05)

    def _misheard(self) -> bool:
        """Whether the terminal listens at another speed than this module talks."""
        return bool(self.settings.baud) and self._speed() != self.settings.saved[0]

    def _speed(self) -> int:
        """What the terminal has set its end to."""
        return SPEEDS.get(termios.tcgetattr(self._line.slave)[4], 0) if self._line is not None else 0

    # --- what it hears -----------------------------------------------------------------------------------------------

    def _listen(self, line: Line) -> None:
        heard = b""
        while (data := line.heard()) is not None:
            self.spoken_to_at.append(self._speed())
            if not self._misheard() and self._mode != "silent":
                heard = self._obey(heard + data)

    def _obey(self, heard: bytes) -> bytes:
        """Carry out each whole command; what is left."""
        if self.kind == "htpa32":
            if HTPA_REQUEST in heard:
                self.commands.append(HTPA_REQUEST)
                self._asked.set()
            return b"" if HTPA_REQUEST in heard else heard[-7:]
        while self.kind == "gy90640" and len(heard) >= 4:
            answer = obey_90640(self.settings, heard[:4])
            if answer is None:
                heard = heard[1:]
                continue
            self.commands.append(heard[:4])
            heard = heard[4:]
            if answer:
                self._send(answer)
        return heard
