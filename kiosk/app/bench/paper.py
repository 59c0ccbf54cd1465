"""The readiness report as it is printed: every test with value, limit, time and outcome, by part."""

from __future__ import annotations

from datetime import datetime

from kiosk import __version__, shipped
from kiosk.app.bench.fittings import Fittings
from kiosk.clock import CAMPUS_ZONE
from kiosk.domain import documents
from kiosk.domain.blocks import Block
from kiosk.domain.proving import BY_NAME, PROOFS, Outcome, Result
from kiosk.flows.technician.events import PrintReport

DOCUMENT = "readiness"


def report_blocks(fit: Fittings, report: PrintReport) -> tuple[Block, ...]:
    """In the terminal's own language, whoever reads the screen in another."""
    terminal, language = fit.config.terminal, fit.config.terminal.language
    found = shipped.documents()[DOCUMENT]
    done = {result.test: result for result in report.results}
    rows = [_row(fit, language, done[proof.name]) for proof in PROOFS if proof.name in done]
    missing = [fit.texts.get(language, f"technician.test.{name}") for name in report.failed if name not in done]
    values = {
        "campus": terminal.campus_en if language == "en" else terminal.campus_zh,
        "place": terminal.place_en if language == "en" else terminal.place_zh,
        "terminal": terminal.id,
        "report": report.number,
        "version": __version__,
        "operator": report.operator,
        "tested": _iso(report.at),
        "printed_at": _iso(fit.clock.now()),
        "tests": "\n".join(rows) or fit.texts.get(language, "technician.report.nothing"),
        "passed": str(sum(one.finding.outcome is Outcome.PASSED for one in report.results)),
        "total": str(len(report.results)),
        "outcome": report.verdict.value,
        "remarks": fit.texts.get(language, "technician.report.missing", names="、".join(missing)) if missing else "",
        "progress": f"{fit.config.centre.check_url}r/{report.key.partition(':')[2]}",
    }
    return documents.fill(found, language, values)


def _row(fit: Fittings, language: str, result: Result) -> str:
    finding, part = result.finding, BY_NAME[result.test].part
    at = datetime.fromtimestamp(result.at, CAMPUS_ZONE).strftime("%H:%M")
    name = f"{fit.texts.get(language, f'technician.test.{result.test}')} {at}"
    outcome = fit.texts.get(language, f"technician.outcome_short.{finding.outcome.value}")
    cells = (fit.texts.get(language, f"technician.part.{part}"), name, finding.value or "—", finding.limit or "—")
    return "|".join(cell.replace("|", "／") for cell in (*cells, outcome))


def _iso(unix: float) -> str:
    return datetime.fromtimestamp(unix, CAMPUS_ZONE).strftime("%Y-%m-%dT%H:%M")
