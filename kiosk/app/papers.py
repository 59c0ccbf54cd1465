"""From what the flow wants printed to bytes for the spool, and to the picture of it on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from kiosk import shipped
from kiosk import text as words
from kiosk.app.sheets import Sheets
from kiosk.clock import CAMPUS_ZONE, Clock
from kiosk.config import Config
from kiosk.domain import documents, forms
from kiosk.domain.blocks import Block, Cut
from kiosk.domain.catalogue import Catalogue, Item
from kiosk.domain.documents import Sealed
from kiosk.domain.people import Person, mask_name, mask_number
from kiosk.domain.printer import Outlet
from kiosk.domain.requests import Mark, Request
from kiosk.flows.walkup import ahead
from kiosk.flows.walkup import events as ev
from kiosk.flows.walkup.state import Filling, LeftPaper, Screen, State
from kiosk.text import Texts
from printers import escpos, preview
from printers.profiles import profile
from printers.spool import Job, JobState, Spool

PREVIEW_WIDTH = 620
NOT_YET = "……"
CERTIFICATE_JOB = ":p"
COPIES = " ×"
"""In the title of a certificate's job, between serial and count."""


def placed(catalogue: Catalogue) -> Catalogue:
    """The catalogue with what each item's document may be printed on."""
    known = shipped.documents()
    own = {item.id: known.get(item.document or item.result) for item in catalogue.items.values()}
    items = {
        name: replace(item, outlets=found.outlets) if (found := own[name]) else item
        for name, item in catalogue.items.items()
    }
    return replace(catalogue, items=items)


def look_back(left: Iterable[tuple[str, str, str]]) -> tuple[tuple[ev.Record, ...], ev.PapersLeft]:
    """What to record of certificates that no event settles since the program ended, and which to ask about.

    `left` are the print log's (job, title, state). What came out is said so; what certainly did not does not count.
    """
    records, asks = list[ev.Record](), list[LeftPaper]()
    for job, title, state in left:
        seal, (serial, _, copies) = job.removesuffix(CERTIFICATE_JOB), title.partition(COPIES)
        request = seal.split(":")[0]
        if seal == job or not serial:
            continue
        body: dict[str, object] = {"request": request, "serial": serial}
        if state == JobState.PRINTED:
            body |= {"copies": int(copies or 1)}
            records.append(ev.Record(f"{seal}:printed", request, "document.printed", body))
        elif state in (JobState.FAILED, JobState.QUEUED):
            body |= {"reason": "spoiled" if state == JobState.FAILED else "unknown"}
            records.append(ev.Record(f"{seal}:voided", request, "document.voided", body))
        else:
            asks.append(LeftPaper(request, seal, serial))
    return tuple(records), ev.PapersLeft(tuple(asks))


class Papers:
    """Fills documents and hands them on. `submit` and `preview` take tens of milliseconds: not for the main thread.

    `a4`: the spool of that printer, `files`: what the centre sealed for it, where there is one.
    """

    def __init__(
        self,
        config: Config,
        texts: Texts,
        catalogue: Catalogue,
        spool: Spool,
        clock: Clock,
        a4: Spool | None = None,
        files: Sheets | None = None,
    ) -> None:
        self._config, self._texts, self._catalogue, self._spool, self._clock = config, texts, catalogue, spool, clock
        self._a4, self._files = a4, files
        self._documents = shipped.documents()
        self._profile = profile(config.printer.profile)

    def submit(self, effect: ev.Print) -> None:
        """Lay out all copies as one job. Raises ValueError when a value that must stand on the paper is missing.

        The centre's own file is not laid out: it goes to the printer as it came, once for each copy.
        """
        title = f"{effect.sealed.serial}{COPIES}{effect.copies}" if effect.sealed else effect.document
        if effect.file and effect.sealed and self._files and self._a4:
            self._a4.submit(Job(effect.job, title, self._files.take(effect.sealed.serial), effect.copies))
            return
        copies = [self._blocks(effect, copy) for copy in range(1, effect.copies + 1)]
        if effect.outlet is Outlet.A4 and self._a4:
            self._a4.submit(Job(effect.job, title, self._sheets(effect, copies)))
            return
        data = b"".join(escpos.encode(blocks, self._profile) for blocks in copies)
        self._spool.submit(Job(effect.job, title, data))

    def _sheets(self, effect: ev.Print, copies: list[tuple[Block, ...]]) -> bytes:
        """Each copy begins a sheet of its own."""
        # half a second's work the first time, for terminals with such a printer alone
        from printers import pdf

        title = self._documents[effect.document].title.of(effect.language)
        blocks = [block for copy in copies for block in (*copy, Cut())]
        return pdf.render(blocks, title=title, created=self._clock.local(), language=effect.language)

    def preview_key(self, state: State) -> object:
        """What the picture depends on; None where the screen shows none."""
        filling, job = state.filling, state.job
        if state.screen is Screen.REVIEW and filling and self._certificate(filling):
            sealed = self._ahead(state, filling)
            return filling.item, tuple(sorted(filling.values.items())), filling.language, filling.copies, sealed
        if state.screen is Screen.DONE and job and job.sealed and job.sealed.fields:
            return job.sealed.serial, job.language, job.copies
        return None

    def preview(self, state: State) -> bytes | None:
        """PNG of the certificate for eyes over a shoulder: masked, and marked as a preview all over."""
        filling, job = state.filling, state.job
        if state.screen is Screen.REVIEW and filling and state.visit:
            answers = {} if self._ahead(state, filling) else filling.values
            return self._picture(self._draft(filling, answers, state.visit.person), filling.language)
        if job and job.sealed and state.visit:
            values = self._sealed(job.sealed, job.language, 1, job.copies) | self._masked(state.visit.person)
            return self._picture(documents.fill(self._documents[job.document], job.language, values), job.language)
        return None

    def _picture(self, blocks: tuple[Block, ...], language: str) -> bytes:
        return preview.png(blocks, PREVIEW_WIDTH, self._texts.get(language, "paper.preview"))

    def _masked(self, person: Person) -> dict[str, str]:
        masked = {"name": mask_name(person.name), "number": mask_number(person.number)}
        masked["name_en"] = mask_name(person.name_en)
        return {name: _or_not_yet(text) for name, text in masked.items()} | {"code": self._config.centre.check_url}

    def _certificate(self, filling: Filling) -> bool:
        item = self._catalogue.items[filling.item]
        return item.printable and not filling.prepare

    def _ahead(self, state: State, filling: Filling) -> bool:
        """One that was sealed in advance says nothing of what is answered here."""
        return ahead.offered(state, self._catalogue.items[filling.item], filling.language)

    def _draft(self, filling: Filling, answers: Mapping[str, str], person: Person) -> tuple[Block, ...]:
        item = self._catalogue.items[filling.item]
        document = self._documents[item.document]
        shown = self._shown(item, answers, filling.language)
        known = {name: _or_not_yet(text) for name, text in {**person.known, **shown}.items()}
        values = {**dict.fromkeys(documents.fields_of(document, filling.language), NOT_YET), **known}
        values |= self._own(filling.language, 1, filling.copies) | self._masked(person) | {"url": NOT_YET}
        return documents.fill(document, filling.language, values)

    def _blocks(self, effect: ev.Print, copy: int) -> tuple[Block, ...]:
        document = self._documents[effect.document]
        if effect.sealed:
            return documents.fill(
                document, effect.language, self._sealed(effect.sealed, effect.language, copy, effect.copies)
            )
        values = self._own(effect.language, copy, effect.copies) | effect.values
        if effect.request:
            values |= self._list(effect.request, effect.language)
        else:
            values |= self._receipt(effect.values, effect.language)
        if effect.person:
            values["name"] = mask_name(effect.person.name)
        return documents.fill(document, effect.language, values)

    def _sealed(self, sealed: Sealed, language: str, copy: int, copies: int) -> dict[str, str]:
        own = self._own(language, copy, copies)
        return {**own, **sealed.fields, "serial": sealed.serial, "code": sealed.code, "url": sealed.url}

    def _own(self, language: str, copy: int, copies: int) -> dict[str, str]:
        terminal, now = self._config.terminal, self._clock.now()
        return {
            "campus": terminal.campus_en if language == "en" else terminal.campus_zh,
            "terminal": terminal.id,
            "place": terminal.place_en if language == "en" else terminal.place_zh,
            "phone": terminal.help_phone,
            "printed_at": _iso(now),
            "date": _iso(now)[:10],
            "copy": self._texts.get(language, "paper.copy", copy=copy, copies=copies),
        }

    def _receipt(self, values: Mapping[str, str], language: str) -> dict[str, str]:
        item = self._catalogue.items[values["item"]]
        return {
            "item": item.title.of(language),
            "receipt": values["receipt"],
            "submitted": _iso(float(values["at"])),
            "promised": words.duration(language, item.minutes),
            "progress": f"{self._config.centre.check_url}r/{values['key']}",
        }

    def _list(self, request: Request, language: str) -> dict[str, str]:
        item = self._catalogue.items[request.item]
        labels = {field.name: field.label.of(language) for field in item.fields}
        shown = self._shown(item, request.values, language)
        return {
            "item": item.title.of(language),
            "receipt": request.receipt,
            "submitted": _iso(request.submitted),
            "status": self._texts.get(language, f"status.{request.status}"),
            "values": "\n".join(f"{labels[name]}|{_cell(value)}" for name, value in shown.items()),
            "timeline": "\n".join(self._mark(mark, item, language) for mark in request.marks),
            "progress": f"{self._config.centre.check_url}r/{request.key}",
        }

    def _mark(self, mark: Mark, item: Item, language: str) -> str:
        steps = item.steps
        step = steps[mark.step].name.of(language) if 0 <= mark.step < len(steps) else ""
        what = self._texts.get(language, f"mark.{mark.what}", step=step)
        return f"{what}|{_cell(mark.by) or '—'}|{words.day_time(language, mark.at)}"

    def _shown(self, item: Item, values: Mapping[str, str], language: str) -> dict[str, str]:
        """The answers as they are written, choices by their label."""
        fields = {field.name: field for field in item.fields}
        return {name: forms.show(fields[name], value, language) for name, value in values.items() if name in fields}


def _iso(unix: float) -> str:
    return datetime.fromtimestamp(unix, CAMPUS_ZONE).strftime("%Y-%m-%dT%H:%M")


def _or_not_yet(text: str) -> str:
    """What the terminal does not know the centre may: a preview shows that it is still to come."""
    return text if documents.clean(text).strip() else NOT_YET


def _cell(text: str) -> str:
    """A value that may stand in a table: the bar parts cells."""
    return text.replace("|", "／").replace("\n", " ")
