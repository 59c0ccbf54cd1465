"""Command line of the central side: `python -m sync.central serve|migrate|demo-data|…`."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from kiosk import log
from kiosk.clock import Clock
from kiosk.domain.catalogue import report
from sync.central import demodata, demogate, devices, erasures, fleet, people, ruling, schema, spending, takein
from sync.central.centre import CHECK_URL, Centre, Work, local, open_centre
from sync.central.crew import CrewError, again, lead, work
from sync.central.database import migrate, open_engine, outdated, reading, word, writing
from sync.central.server import approver, listen, serve
from sync.wire import Verdict

MOST_WORKERS = 64
TERMINAL = re.compile(r"[A-Z0-9-]{2,16}")


class UnfitError(Exception):
    """The database cannot be worked with; the text says why."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    options.arguments = sys.argv[1:] if arguments is None else arguments
    try:
        run: int = options.run(options)
    except (UnfitError, CrewError) as error:
        print(error, file=sys.stderr)
        return 1
    return run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sync.central", description="The central side of the terminals")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    where = "sqlite:///FILE or postgresql://…; else CENTRAL_DATABASE, else central.db in the state folder"
    common.add_argument("--database", default="", help=where)
    common.add_argument("--state", type=Path, default=Path(".state/central"), help="folder of keys and attachments")
    common.add_argument("--campus", type=int, default=1, help="campus_id that is served")
    common.add_argument("--clock-offset", type=float, default=0.0, help="seconds added to the time of day")

    one = commands.add_parser("serve", parents=[common], help="serve the API on 127.0.0.1")
    one.add_argument("--port", type=int, default=8700, help="0 = a free one; the first line of output says which")
    one.add_argument("--check-url", default=CHECK_URL, help="base address of the public check page")
    one.add_argument("--demo", action="store_true", help="accept the demonstration's PINs, approve by itself")
    one.add_argument("--approve-after", type=float, default=4.0, help="seconds a step waits, with --demo")
    one.add_argument("--workers", type=_workers, default=1, help="processes that serve, all of them alike")
    one.add_argument("--worker", type=int, default=0, help=argparse.SUPPRESS)
    one.add_argument("--socket", type=int, help=argparse.SUPPRESS)
    one.set_defaults(run=_serve)

    two = commands.add_parser("migrate", parents=[common], help="bring the tables to the newest revision")
    two.set_defaults(run=_migrate)

    three = commands.add_parser("demo-data", parents=[common], help="fill an empty database with made-up people")
    three.add_argument("--demo", action="store_true", help="yes, their PINs are known to everybody")
    three.add_argument("--faces", type=Path, help="JSON list of {number, model, vectors}: faces of named people")
    three.set_defaults(run=_demo_data)

    four = commands.add_parser("issue-enrolment-code", parents=[common], help="a one-time code, good for ten minutes")
    four.add_argument("--terminal", type=_terminal, required=True, help="its number, such as A-017")
    four.set_defaults(run=_issue_code)

    five = commands.add_parser("revoke-device", parents=[common], help="a terminal's token opens nothing any more")
    five.add_argument("--terminal", type=_terminal, required=True)
    five.set_defaults(run=_revoke)

    seven = commands.add_parser("rules", parents=[common], help="show the rules of the gates, or change them")
    seven.add_argument("--gate", default=ruling.EVERY_GATE, help="name of one gate; otherwise those for every gate")
    seven.add_argument("changes", nargs="*", metavar="NAME=VALUE", help="no_face=log, batch.hardness=log, batch=off")
    seven.set_defaults(run=_rules)

    eight = commands.add_parser("revoke-pass", parents=[common], help="somebody may not pass any gate")
    eight.add_argument("--number", required=True, help="student or staff number")
    eight.add_argument("--restore", action="store_true", help="they may again")
    eight.set_defaults(run=_revoke_pass)

    nine = commands.add_parser("reused-codes", parents=[common], help="personal codes that were shown at two terminals")
    nine.set_defaults(run=_reused_codes)

    ten = commands.add_parser("erasures", parents=[common], help="which terminals have confirmed that somebody is gone")
    ten.add_argument("--open", action="store_true", help="who has not yet, of the last 30 days; 1 = somebody")
    ten.set_defaults(run=_erasures)

    eleven = commands.add_parser("take-in", parents=[common], help="terminals' queues from a USB stick")
    eleven.add_argument("files", type=Path, nargs="+", metavar="FILE")
    eleven.set_defaults(run=_take_in)

    twelve = commands.add_parser("devices", parents=[common], help="the terminals: state, queue, disk, faults")
    twelve.add_argument("--json", action="store_true", help="all that is known of each")
    twelve.set_defaults(run=_devices)

    thirteen = commands.add_parser("leave", parents=[common], help="somebody has left the campus")
    thirteen.add_argument("--number", required=True, help="student or staff number")
    thirteen.add_argument("--restore", action="store_true", help="they are back, or never left")
    thirteen.set_defaults(run=_leave)

    six = commands.add_parser("openapi", parents=[common], help="the API's description as YAML on standard output")
    six.set_defaults(run=_openapi)
    return parser


def _workers(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= MOST_WORKERS):
        raise argparse.ArgumentTypeError(f"1 to {MOST_WORKERS}")
    return int(text)


def _terminal(text: str) -> str:
    if not TERMINAL.fullmatch(text):
        raise argparse.ArgumentTypeError("2 to 16 of A-Z, 0-9 and -")
    return text


def _open(options: argparse.Namespace, *, demo: bool = False, check_url: str = CHECK_URL) -> Centre:
    clock = Clock(options.clock_offset)
    with _database(options) as engine:
        if engine.dialect.name == "sqlite":
            migrate(engine)
        elif found := outdated(engine):
            raise UnfitError(f"the database is not as this program needs it: {found}; run `migrate` first")
        return open_centre(engine, options.state, campus=options.campus, clock=clock, demo=demo, check_url=check_url)


@contextlib.contextmanager
def _database(options: argparse.Namespace) -> Iterator[sa.Engine]:
    """The engine, which stays open. Raises UnfitError inside the block when there is nobody at the other end."""
    options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    default = os.environ.get("CENTRAL_DATABASE") or f"sqlite:///{options.state / 'central.db'}"
    try:
        engine = open_engine(options.database or default)
    except sa.exc.ArgumentError:
        raise UnfitError("--database is no address of a database") from None
    try:
        yield engine
    except (UnfitError, sa.exc.OperationalError) as error:
        engine.dispose()
        if isinstance(error, UnfitError):
            raise
        raise UnfitError(f"the database does not answer ({word(error)})") from None


def _serve(options: argparse.Namespace) -> int:
    url = options.check_url.rstrip("/") + "/"
    centre = _open(options, demo=options.demo, check_url=url)
    if options.worker:
        return _work(centre, options)
    if centre.catalogue.problems:
        print(report(centre.catalogue), file=sys.stderr)
    log.setup("central", options.state / "log", centre.clock)
    log.event("started")
    approve_after = options.approve_after if options.demo else None
    if options.workers == 1:
        serve(centre, options.port, approve_after)
    else:
        with contextlib.closing(listen(options.port)) as listener, approver(centre, approve_after):
            lead(again(options.arguments), listener, options.workers)
    centre.engine.dispose()
    log.event("stopped")
    log.close()
    return 0


def _work(centre: Centre, options: argparse.Namespace) -> int:
    log.setup(f"central-{options.worker}", options.state / "log", centre.clock)
    work(centre, options.socket)
    log.close()
    return 0


def _migrate(options: argparse.Namespace) -> int:
    with _database(options) as engine:
        migrate(engine)
        engine.dispose()
    return 0


def _demo_data(options: argparse.Namespace) -> int:
    if not options.demo:
        print("demo-data makes people whose PINs everybody knows: say --demo if that is wanted", file=sys.stderr)
        return 1
    try:
        shown = demogate.read(options.faces) if options.faces else []
    except (OSError, ValueError) as error:
        print(f"{options.faces}: {error}", file=sys.stderr)
        return 1
    centre = _open(options, demo=True)
    print(f"{demodata.fill(centre, shown)} people")
    centre.engine.dispose()
    return 0


def _issue_code(options: argparse.Namespace) -> int:
    centre = _open(options)
    print(devices.issue_code(centre, options.terminal))
    centre.engine.dispose()
    return 0


def _revoke(options: argparse.Namespace) -> int:
    centre = _open(options)
    done = devices.revoke(centre, options.terminal)
    centre.engine.dispose()
    if not done:
        print(f"no terminal {options.terminal}", file=sys.stderr)
    return 0 if done else 1


def _rules(options: argparse.Namespace) -> int:
    centre = _open(options)
    try:
        with writing(centre.engine) as connection:
            rules = ruling.change(Work(centre, connection, centre.clock.now()), options.gate, options.changes)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        centre.engine.dispose()
    print(rules.model_dump_json(indent=2))
    return 0


def _revoke_pass(options: argparse.Namespace) -> int:
    centre = _open(options)
    with writing(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        done = ruling.revoke(work, options.number, revoked=not options.restore)
    centre.engine.dispose()
    if not done:
        print(f"nobody has the number {options.number}", file=sys.stderr)
    return 0 if done else 1


def _reused_codes(options: argparse.Namespace) -> int:
    centre = _open(options)
    for row in spending.reused(centre):
        first, again = (local(at).isoformat(timespec="seconds") for at in (row.first_at, row.at))
        told = f"  {row.event}" if row.event else ""
        print(f"{row.nonce}  {row.first_terminal} {first}  {row.terminal} {again}{told}")
    centre.engine.dispose()
    return 0


def _erasures(options: argparse.Namespace) -> int:
    centre = _open(options)
    with reading(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        lines = [str(each) for each in erasures.unconfirmed(work)] if options.open else erasures.receipts(work)
    centre.engine.dispose()
    for line in lines:
        print(line)
    return 1 if options.open and lines else 0


def _take_in(options: argparse.Namespace) -> int:
    centre = _open(options)
    done = [_taken(centre, path) for path in options.files]
    centre.engine.dispose()
    return 0 if all(done) else 1


def _taken(centre: Centre, path: Path) -> bool:
    try:
        with path.open("rb") as file:
            taken = takein.take(centre, file)
    except (takein.NotTakenError, OSError) as error:
        print(f"{path}: nothing taken in: {error}", file=sys.stderr)
        return False
    always = (Verdict.CREATED, Verdict.DUPLICATE, Verdict.REJECTED)
    told = ", ".join(f"{taken.counts[each]} {each}" for each in Verdict if each in always or taken.counts[each])
    print(f"{path}: terminal {taken.terminal}: {told}")
    for key, reason in taken.refused.items():
        print(f"  {key}  {reason}".rstrip())
    return True


def _devices(options: argparse.Namespace) -> int:
    centre = _open(options)
    found = fleet.terminals(centre)
    print(fleet.as_json(found) if options.json else fleet.table(found, centre.clock.now()))
    centre.engine.dispose()
    return 0


def _leave(options: argparse.Namespace) -> int:
    centre = _open(options)
    with writing(centre.engine) as connection:
        now = Work(centre, connection, centre.clock.now())
        member = people.by_number(now, options.number)
        done = people.come_back(now, options.number) if options.restore else member is not None
        if member is not None and not options.restore:
            people.forget(now, member.id)
    centre.engine.dispose()
    if not done:
        print(f"nobody here has the number {options.number}, or had it and left", file=sys.stderr)
    return 0 if done else 1


def _openapi(_options: argparse.Namespace) -> int:
    print(schema.document(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
