"""A page from a printer, as a test: what becomes of it is the printer's own word."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from uuid import uuid4

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.domain.blocks import Block, Cut, Paragraph, Qr, Row, Rule, Title
from kiosk.text import Texts, day_time
from printers import escpos
from printers.profiles import profile
from printers.spool import Job, JobEvent, JobState, Spool, StatusEvent

LONGEST_S = 60.0
OVER = (JobState.PRINTED, JobState.UNKNOWN, JobState.FAILED)


class _Nowhere:
    """A store of jobs that survives nothing: the page is asked for again by whoever wants it."""

    def put(self, job_id: str, title: str, state: str, detail: str, paper: Mapping[str, float] | None = None) -> bool:
        return True

    def unfinished(self) -> list[tuple[str, str, str]]:
        return []

    def paper(self) -> Mapping[str, float]:
        return {}

    def keep_paper(self, paper: Mapping[str, float]) -> None:
        """Not counted."""


def page(config: Config, texts: Texts, clock: Clock) -> tuple[Block, ...]:
    """The test page, in the terminal's language."""
    language, terminal = config.terminal.language, config.terminal

    def words(key: str) -> str:
        return texts.get(language, f"setup.page.{key}")

    place = terminal.place_zh if language == "zh" else terminal.place_en
    rows = (Row(words("terminal"), terminal.id), Row(words("place"), place))
    when = Row(words("time"), day_time(language, clock.now()))
    code = Qr(f"{config.centre.check_url}?t={terminal.id}", (words("code"),))
    return Title(words("title")), Rule(), *rows, when, Paragraph(words("characters")), code, Cut()


def print_page(config: Config, texts: Texts, clock: Clock, seconds: float = LONGEST_S) -> tuple[JobState, str]:
    """What became of the page, and the printer's status behind it; waits for the printer, at most so long."""
    over, told = threading.Event(), [(JobState.UNKNOWN, "")]

    def hear(event: JobEvent | StatusEvent) -> None:
        if isinstance(event, JobEvent) and event.state in OVER:
            told[0] = event.state, event.reason
            over.set()

    spool = Spool(config.printer, _Nowhere(), hear, clock)
    spool.start()
    try:
        data = escpos.encode(page(config, texts, clock), profile(config.printer.profile))
        spool.submit(Job(uuid4().hex, "test", data))
        over.wait(seconds)
    finally:
        spool.stop()
    return told[0]
