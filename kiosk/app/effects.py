"""One handler for each kind of effect; none of them blocks, what they bring about comes back as an event."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Literal, Protocol

from devices.codereader import CodeReader
from kiosk.app.faces import Faces
from kiosk.app.papers import Papers
from kiosk.app.photos import Photos
from kiosk.app.recorder import Recorder
from kiosk.app.running import no_bug_is_swallowed, timers
from kiosk.app.sheets import Sheets
from kiosk.clock import Clock
from kiosk.domain.requests import Request
from kiosk.flows.core import Effect, Event
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Draft, Notice, State
from kiosk.runner import Handlers
from sync import journal
from sync.desk import Admitted, Desk, NotAdmitted
from sync.journal import Journal
from sync.link import SyncProcess
from sync.wire import DocumentAsk
from ui.shell import Shell


class Handling(Protocol):
    """A desk that has handlers of its own."""

    def handlers(self) -> dict[type[Effect], Callable[..., None]]: ...


class Effects:
    """Hands each effect to the adapter it is for."""

    def __init__(
        self,
        shell: Shell,
        record: Journal,
        desk: Desk,
        sync: SyncProcess,
        papers: Papers,
        reader: CodeReader | None,
        photos: Photos,
        faces: Faces,
        sheets: Sheets,
        desks: Sequence[Handling],
        work: Executor,
        clock: Clock,
    ) -> None:
        self._shell, self._journal, self._desk, self._sync = shell, record, desk, sync
        self._papers, self._reader, self._photos, self._faces = papers, reader, photos, faces
        self._sheets, self._desks, self._work, self._clock = sheets, desks, work, clock
        self._deliver: Callable[[Event], None] = shell.deliver
        self._previewed: object = None
        self._showing = threading.Lock()
        self.recorder = Recorder(record, sync, shell.deliver, clock)

    def handlers(self) -> Handlers:
        """Kind of effect → its one handler."""
        table: dict[type[Effect], Callable[..., None]] = {
            **timers(self._shell, self._clock),
            ev.CheckPin: self.check_pin,
            ev.CheckCode: self.check_code,
            ev.LoadRequests: self.load_requests,
            ev.LoadDrafts: self.load_drafts,
            ev.LoadNotices: self.load_notices,
            ev.SaveDraft: lambda e: self._journal.save_draft(e.person, e.item, e.key, e.values),
            ev.DropDraft: lambda e: self._journal.drop_draft(e.person, e.item),
            ev.Record: self.recorder.record,
            ev.Seal: self.seal,
            ev.FetchSheets: self._sheets.fetch,
            ev.Print: self.print,
            ev.WatchCodes: self.watch_codes,
            ev.TakePhoto: self._photos.take,
            ev.KeepPhoto: self._photos.keep,
            ev.DropPhoto: self._photos.drop,
            ev.Wipe: self.wipe,
            **self._faces.handlers(),
        }
        for desk in self._desks:
            table |= desk.handlers()
        return table

    def check_pin(self, effect: ev.CheckPin) -> None:
        self._desk.check_pin(effect.number, effect.pin, functools.partial(self._checked, effect.session))

    def check_code(self, effect: ev.CheckCode) -> None:
        self._desk.check_code(effect.text, functools.partial(self._checked, effect.session))

    def _checked(self, session: int, answer: Admitted | NotAdmitted) -> None:
        if isinstance(answer, Admitted):
            person, now = answer.person, self._clock.now()
            self._deliver(ev.Admitted(session, person, answer.factor, now, answer.nonce, answer.doubtful))
        else:
            self._deliver(ev.NotAdmitted(session, answer.reason.value, answer.tries_left, answer.until))

    def load_requests(self, effect: ev.LoadRequests) -> None:
        def done(requests: tuple[Request, ...]) -> None:
            self._deliver(ev.RequestsLoaded(effect.session, requests))

        self._desk.requests_of(effect.person, done)

    def load_drafts(self, effect: ev.LoadDrafts) -> None:
        def done(drafts: tuple[journal.Draft, ...]) -> None:
            found = tuple(Draft(d.item, d.key, d.values, d.saved_at) for d in drafts)
            self._deliver(ev.DraftsLoaded(effect.session, found))

        self._journal.drafts_of(effect.person, done)

    def load_notices(self, _effect: ev.LoadNotices) -> None:
        def done(notices: tuple[tuple[str, str], ...]) -> None:
            self._deliver(ev.NoticesLoaded(tuple(Notice(zh, en) for zh, en in notices)))

        self._desk.notices(done)

    def seal(self, effect: ev.Seal) -> None:
        language: Literal["zh", "en"] = "en" if effect.language == "en" else "zh"
        self._sync.seal(
            DocumentAsk(
                key=effect.key,
                request=effect.request,
                document=effect.document,
                language=language,
                copies=effect.copies,
                replaces=effect.replaces,
            )
        )

    def print(self, effect: ev.Print) -> None:
        """Laying out and encoding take tens of milliseconds: off the main thread."""

        def work() -> None:
            try:
                self._papers.submit(effect)
            except ValueError as error:
                self._deliver(ev.JobChanged(effect.job, "failed", str(error), self._clock.now()))

        self._off_main(work)

    def watch_codes(self, effect: ev.WatchCodes) -> None:
        if self._reader:
            self._reader.watch(effect.on)

    def wipe(self, _effect: ev.Wipe) -> None:
        """What is drawn meanwhile for the person who left comes before this, or not at all."""
        self._photos.drop()
        self._faces.wipe()
        self._sheets.wipe()
        with self._showing:
            self._previewed = None
            self._shell.picture("preview", None)

    def preview(self, state: State) -> None:
        """Draw the certificate for the screen when what stands on it has changed."""
        wanted = self._papers.preview_key(state)
        if wanted == self._previewed:
            return
        self._previewed = wanted
        if wanted is not None:
            self._off_main(lambda: self._draw(wanted, state))

    def _draw(self, wanted: object, state: State) -> None:
        drawn = self._papers.preview(state)
        with self._showing:
            if wanted == self._previewed:
                self._shell.picture("preview", drawn)

    def _off_main(self, work: Callable[[], None]) -> None:
        self._work.submit(work).add_done_callback(no_bug_is_swallowed)
