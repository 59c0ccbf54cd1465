"""A visit as a script: one act a line. It touches the window, the wires and the camera, and calls nothing inside."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable
from pathlib import Path

from kiosk.demo import sheets
from kiosk.demo.centre import Centre, committed_rows, printing_jobs
from kiosk.demo.hand import FIRST_FRAME_SECONDS, PATIENCE, Hand
from kiosk.demo.pokes import Pokes
from kiosk.demo.stage import Stage
from kiosk.demo.waiting import StageError, wait_until

LANES = {"gate": "gate", "class": "attendance"}
HELD_S = 3.3
"""What opens the technician's way in is held for three seconds."""
AT_ONCE = 0.005
"""Between two looks, where something has to happen right behind what is waited for."""


class LeftOutError(Exception):
    """This machine has not what a script is about; the text says what."""


class Visit:
    """Plays one script. Every line either happens or raises StageError naming file and line.

    Of a script that cannot be played here LeftOutError comes before anything is done.
    """

    def __init__(self, script: Path, stage: Stage, hand: Hand, pokes: Pokes, out: Path) -> None:
        self._script, self._stage, self._hand, self._pokes, self._out = script, stage, hand, pokes, out
        self._hall = hand
        self._centre = Centre(stage.central_database)
        self._shots = 0
        self.remarks: list[str] = []
        self._pages = self._printed_pages()
        self._sheets_before = self._sheets_out()
        self._before = self._centre.counts()
        self._verbs: dict[str, Callable[..., None]] = {
            "with": self._with,
            "at": self._at,
            "see": self._see,
            "text": lambda *words: self._hand.see_text(" ".join(words)),
            "gone": lambda *words: self._hand.see_no_text(" ".join(words)),
            "tap": lambda name: self._hand.tap(name),
            "tap-once": lambda name: self._hand.tap(name, patient=False),
            "hold": lambda name: self._hand.hold(name, HELD_S),
            "opened": self._opened,
            "closed": self._closed,
            "committed": self._committed,
            "crash": self._crash,
            "crash-lane": self._crash_lane,
            "type": self._type,
            "pad": self._pad,
            "poke": self._poke,
            "shot": self._shot,
            "spooled": self._spooled,
            "printed": self._printed,
            "sheets": self._sheets,
            "delivered": self._delivered,
            "last": self._last,
            "waiting": self._waiting,
            "counts": self._counts,
            "attachments": self._attachments,
        }

    def play(self) -> list[str]:
        """All lines in order; what happened, a sentence each."""
        done = []
        for number, line in enumerate(self._script.read_text("utf-8").splitlines(), 1):
            words = shlex.split(line, comments=True)
            if not words:
                continue
            if words[0] == "poke":
                words = ["poke", " ".join(words[1:])]
            try:
                self._verbs[words[0]](*words[1:])
            except (StageError, KeyError, TypeError) as error:
                with contextlib.suppress(StageError):
                    self._shot("failed")
                raise StageError(f"{self._script.name}:{number}: {line.strip()}: {error}") from error
            done.append(line.strip())
        return done

    def _at(self, place: str) -> None:
        """Go to the hall, the gate or the class; a lane's terminal starts with the first visitor."""
        if place == "hall":
            self._hand = self._hall
            return
        post = self._stage.lane(LANES[place])
        self._hand = Hand(post.touch_socket)
        self._hand.connect(FIRST_FRAME_SECONDS)
        self._openings = len(post.relay.opened)
        journal = post.state / "journal.db"
        self._committed_before = {kind: committed_rows(journal, kind) for kind in ("gate.decided", "attendance.signed")}

    def _opened(self, times: str) -> None:
        """How often the gate's relay has closed since this script came to the gate."""
        relay, wanted = self._stage.lane().relay, self._openings + int(times)
        wait_until(lambda: len(relay.opened) >= wanted, PATIENCE, f"{times} opening(s) of the gate")
        if len(relay.opened) > wanted:
            raise StageError(f"the gate opened {len(relay.opened) - self._openings} times instead of {times}")

    def _closed(self) -> None:
        """The lane is shut now, or as soon as its pulse is over."""
        relay = self._stage.lane().relay
        wait_until(lambda: not any(relay.states.values()), PATIENCE, "a closed relay")

    def _committed(self, kind: str, count: str) -> None:
        """So many records are on the lane's disk since this script came there."""
        journal, wanted = self._stage.lane().state / "journal.db", self._committed_before[kind] + int(count)
        wait_until(lambda: committed_rows(journal, kind) >= wanted, PATIENCE, f"{count} record(s) of {kind}", AT_ONCE)

    def _see(self, screen: str) -> None:
        """Wait for a screen, and keep a picture of it."""
        self._hand.see(screen)
        self._shot()

    def _shot(self, name: str = "") -> None:
        self._shots += 1
        screen = name or str(self._hand.look()["screen"])
        self._hand.grab(self._out / f"{self._script.stem}-{self._shots:02d}-{screen}.png")

    def _type(self, text: str) -> None:
        for character in text:
            self._hand.tap(f"act.digit.{character}")

    def _pad(self, text: str) -> None:
        for character in text:
            self._hand.tap(f"act.pad_key.{character}")

    def _poke(self, line: str) -> None:
        answer = self._pokes.poke(line)
        if answer.startswith("?"):
            raise StageError(answer)

    def _crash(self) -> None:
        self._stage.crash()
        self._hand.close()
        self._hand.connect(FIRST_FRAME_SECONDS)

    def _crash_lane(self) -> None:
        self._stage.crash_lane()
        self._hand.close()
        self._hand.connect(FIRST_FRAME_SECONDS)

    def _spooled(self) -> None:
        """Wait until a job stands in the hall's print log as given to the printer."""
        journal = self._stage.state / "journal.db"
        wait_until(lambda: printing_jobs(journal), PATIENCE, "a print job that was begun")

    def _printed(self, pages: str) -> None:
        wanted = self._pages + int(pages)
        wait_until(lambda: self._printed_pages() >= wanted, PATIENCE, f"{pages} more printed page(s)")
        if self._printed_pages() > wanted:
            raise StageError(f"{self._printed_pages() - self._pages} pages instead of {pages}")
        self._pages = wanted

    def _with(self, _a4: str) -> None:
        if self._stage.a4 is None:
            raise LeftOutError(sheets.NONE_HERE)

    def _sheets(self, count: str) -> None:
        """So many documents have come to the printer of A4 since this script began; each is kept, with a picture."""
        a4, wanted = self._stage.a4, self._sheets_before + int(count)
        assert a4 is not None
        wait_until(lambda: self._sheets_out() >= wanted, PATIENCE, f"{count} document(s) at the printer of A4")
        if self._sheets_out() > wanted:
            raise StageError(f"{self._sheets_out() - self._sheets_before} documents instead of {count}")
        for n, pdf in enumerate(a4.got[self._sheets_before :], self._sheets_before + 1):
            if said := sheets.keep(pdf, self._stage.pages, f"a4-{n}"):
                self.remarks.append(said)

    def _sheets_out(self) -> int:
        return len(self._stage.a4.got) if self._stage.a4 else 0

    def _printed_pages(self) -> int:
        return len(self._stage.printer.pages)

    def _delivered(self, kind: str, count: str) -> None:
        wanted = self._before.get(kind, 0) + int(count)
        wait_until(lambda: self._centre.counts().get(kind, 0) >= wanted, PATIENCE, f"{kind} at the centre")
        if self._centre.counts().get(kind, 0) != wanted:
            raise StageError(
                f"{kind} reached the centre {self._centre.counts()[kind] - self._before.get(kind, 0)} times"
            )

    def _last(self, kind: str, *wanted: str) -> None:
        """What the newest record of this kind says at the centre, as name=value."""

        def said() -> list[str]:
            body = self._centre.newest(kind)
            return [f"{name}={body.get(name)}".lower() for name in (one.split("=")[0] for one in wanted)]

        wait_until(lambda: said() == list(wanted), PATIENCE, f"{' '.join(wanted)} (it says {said()})")

    def _waiting(self, kind: str, _count: str) -> None:
        if self._centre.counts().get(kind, 0) != self._before.get(kind, 0):
            raise StageError(f"{kind} is at the centre already")

    def _counts(self, valid: str, void: str) -> None:
        """How many certificates of the request handed in last count at the centre, and how many are void."""
        wanted = int(valid), int(void)
        found = self._centre.valid_of_last_request
        wait_until(lambda: found() == wanted, PATIENCE, f"{valid} certificate(s) that count, {void} void")

    def _attachments(self, count: str) -> None:
        """How many photographs the request handed in last has at the centre, each there in full."""
        found = self._centre.attachments_of_last_request
        wait_until(lambda: found() == int(count), PATIENCE, f"{count} photograph(s) at the centre")
