"""What the technician's pages of log and settings ask for, done on a thread of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kiosk.app import logbook
from kiosk.app.doer import Doer
from kiosk.config import Config, ConfigError, history, load
from kiosk.domain.logbook import Change, Kept, page
from kiosk.flows.core import Effect, Event
from kiosk.flows.technician import events as te


@dataclass(frozen=True, slots=True)
class Started:
    """What the terminal was started with: these settings, and the file that somebody wrote, even if it went back."""

    config: Config
    source: Path


class Note(Protocol):
    """One line of the audit chain; from any thread."""

    def __call__(self, kind: str, /, **detail: str) -> None: ...


class PagesDesk:
    """`tag`: of a person, for the audit; `deliver`: for any thread. `went_back`: other settings count from now on."""

    def __init__(
        self, started: Started, note: Note, tag: Callable[[str], str], deliver: Callable[[Event], None]
    ) -> None:
        self._config, self._source = started.config, started.source
        self._note, self._tag, self._deliver = note, tag, deliver
        self.work = Doer("pages")
        self.went_back = False

    def handlers(self) -> dict[type[Effect], Callable[..., None]]:
        """Kind of effect → its one handler; none of them blocks."""
        table: dict[type[Effect], Callable[[Any], None]]
        table = {te.LookAtLog: self._log, te.LookAtSettings: self._settings, te.PutBack: self._put_back}
        return {kind: self._off_main(work) for kind, work in table.items()}

    def start(self) -> None:
        self.work.start()

    def stop(self, timeout: float) -> None:
        """What is being written is ended first."""
        self.work.stop(timeout)

    def _off_main(self, work: Callable[[Any], None]) -> Callable[[Any], None]:
        return lambda effect: self.work.put(lambda: work(effect))

    def _log(self, effect: te.LookAtLog) -> None:
        folder = self._config.paths.state / "log"
        try:
            lines, more = page(logbook.lines(folder), effect.only, effect.first, effect.most)
        except OSError:
            lines, more = (), False
        self._deliver(te.LogLooked(effect.session, effect.ask, lines, logbook.components(folder), more))

    def _settings(self, effect: te.LookAtSettings) -> None:
        kept = tuple(self._kept())
        against = effect.against or next((one.name for one in kept if not one.now), "")
        changes: tuple[Change, ...] = ()
        if against:
            with contextlib.suppress(ConfigError):
                before = load(self._file(against))
                changes = tuple(Change(*found) for found in history.changes(before, self._config))
        self._deliver(te.SettingsLooked(effect.session, effect.ask, kept, against, changes))

    def _kept(self) -> list[Kept]:
        try:
            files = history.kept(self._config)
            return [Kept(path.stem, float(path.stem), history.same(self._config, path)) for path in files]
        except OSError:
            return []

    def _file(self, name: str) -> Path:
        return self._config.paths.state / history.FOLDER / f"{name}.toml"

    def _put_back(self, effect: te.PutBack) -> None:
        try:
            history.put_back(self._config, effect.name, self._source)
        except (ConfigError, OSError) as error:
            reason = "unreadable" if isinstance(error, ConfigError) else "not_written"
            self._deliver(te.PutBackDone(effect.session, reason))
            return
        self._note("settings.put_back", who=self._tag(effect.who), since=effect.name)
        self.went_back = True
        self._deliver(te.PutBackDone(effect.session))
