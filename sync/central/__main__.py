"""Command line of the central side: `python -m sync.central serve|migrate|demo-data|…`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path

from kiosk import log
from kiosk.domain.catalogue import report
from sync.central import demodata, demogate, opening, operators, releasing, schema
from sync.central.centre import CHECK_URL, Ahead, Centre
from sync.central.crew import HUNG_S, CrewError, again, lead, work
from sync.central.database import migrate
from sync.central.opening import UnfitError
from sync.central.server import approver, listen, serve

MOST_WORKERS = 64


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
    common = opening.options()

    one = commands.add_parser("serve", parents=[common], help="serve the API on 127.0.0.1")
    one.add_argument("--port", type=int, default=8700, help="0 = a free one; the first line of output says which")
    one.add_argument("--check-url", default=CHECK_URL, help="base address of the public check page")
    one.add_argument("--demo", action="store_true", help="accept the demonstration's PINs, approve by itself")
    one.add_argument("--approve-after", type=float, default=4.0, help="seconds a step waits, with --demo")
    ahead = Ahead()
    one.add_argument(
        "--ahead-days", type=float, default=ahead.days, help="days to issue one sealed in advance; 0 = none"
    )
    one.add_argument("--ahead-each", type=int, default=ahead.each, help="so many of each item are sealed in advance")
    one.add_argument("--ahead-people", type=int, default=ahead.people, help="for so many people of a terminal")
    one.add_argument("--workers", type=_workers, default=1, help="processes that serve, all of them alike")
    one.add_argument("--hung-after", type=float, default=HUNG_S, help="seconds without a beat until one is replaced")
    one.add_argument("--worker", type=int, default=0, help=argparse.SUPPRESS)
    one.add_argument("--socket", type=int, help=argparse.SUPPRESS)
    one.set_defaults(run=_serve)

    two = commands.add_parser("migrate", parents=[common], help="bring the tables to the newest revision")
    two.set_defaults(run=_migrate)

    three = commands.add_parser("demo-data", parents=[common], help="fill an empty database with made-up people")
    three.add_argument("--demo", action="store_true", help="yes, their PINs are known to everybody")
    three.add_argument("--faces", type=Path, help="JSON list of {number, model, vectors}: faces of named people")
    three.set_defaults(run=_demo_data)

    operators.add(commands, common)
    releasing.add(commands, common)
    four = commands.add_parser("openapi", parents=[common], help="the API's description as YAML on standard output")
    four.set_defaults(run=_openapi)
    return parser


def _workers(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= MOST_WORKERS):
        raise argparse.ArgumentTypeError(f"1 to {MOST_WORKERS}")
    return int(text)


def _serve(options: argparse.Namespace) -> int:
    url = options.check_url.rstrip("/") + "/"
    ahead = Ahead(options.ahead_days, options.ahead_each, options.ahead_people)
    with opening.centre(options, demo=options.demo, check_url=url, ahead=ahead) as centre:
        return _work(centre, options) if options.worker else _lead(centre, options)


def _lead(centre: Centre, options: argparse.Namespace) -> int:
    if centre.catalogue.problems:
        print(report(centre.catalogue), file=sys.stderr)
    log.setup("central", options.state / "log", centre.clock)
    log.event("started")
    approve_after = options.approve_after if options.demo else None
    if options.workers == 1:
        serve(centre, options.port, approve_after)
    else:
        with contextlib.closing(listen(options.port)) as listener, approver(centre, approve_after):
            lead(again(options.arguments), listener, options.workers, options.hung_after)
    log.event("stopped")
    log.close()
    return 0


def _work(centre: Centre, options: argparse.Namespace) -> int:
    log.setup(f"central-{options.worker}", options.state / "log", centre.clock)
    work(centre, options.socket)
    log.close()
    return 0


def _migrate(options: argparse.Namespace) -> int:
    with opening.database(options) as engine:
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
    with opening.centre(options, demo=True) as centre:
        print(f"{demodata.fill(centre, shown)} people")
    return 0


def _openapi(_options: argparse.Namespace) -> int:
    print(schema.document(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
