"""`python -m kiosk …`: the terminal and the tools around it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from kiosk import config as configs
from kiosk.assets import ROOT, toml_files
from kiosk.domain import catalogue

DEFAULT_CONFIG = Path("kiosk.toml")

LANES = {
    "gate": "a lane at the gate: code, face and temperature, then the relay",
    "attendance": "a classroom's terminal: the gate's flow with a class roster in place of the door",
}

VERIFIED = """exit codes:
  0 valid     3 revoked         6 forged, or changed since
  1 not done  4 superseded      7 no code that can be read
  2 misused   5 expired         8 cannot be checked here: keys or revocations are missing"""

Parser = argparse.ArgumentParser
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except configs.ConfigError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = Parser("python -m kiosk", description="The self-service terminal of a campus.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    walkup = _command(commands, "walkup", _walkup, "the walk-up terminal")
    walkup.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    for name, text in LANES.items():
        lane = _command(commands, name, _lane, text)
        lane.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
        lane.set_defaults(lane=name)
    demo = _command(commands, "demo", _demo, "the terminal with a central side and simulated devices")
    demo.add_argument("--headless", action="store_true", help="play the scripted visits even with a display")
    demo.add_argument("--role", choices=("walkup", *LANES), default="walkup", help="which terminal the window shows")
    _folders(demo)
    visit = _command(commands, "simulate-visit", _visit, "play scripts on a terminal of their own")
    visit.add_argument("script", type=Path, nargs="+")
    visit.add_argument("--idle", type=float, default=60.0, help='seconds without a touch until "still there?"')
    _folders(visit)
    peer = _command(commands, "peer", _peer, "a simulated device at the end of a line, until standard input ends")
    peer.add_argument("kind", help="as in the configuration: gm65, gy90640, modbus, …; escpos; camera")
    peer.add_argument("link", type=Path, help="symbolic link to make")
    poke = _command(commands, "poke", _poke, 'bad luck for the running demonstration: "paper out", "network down"')
    poke.add_argument("words", nargs="+")
    poke.add_argument("--state", type=Path, default=Path(".state"))
    check = _command(commands, "check-config", _check_config, "what is wrong with a configuration file")
    check.add_argument("config", type=Path, nargs="?", default=DEFAULT_CONFIG)
    check.add_argument("--write-docs", type=Path, help="write the documentation of every key instead")
    faults = _command(commands, "faults", _faults, "every fault a technician may read")
    faults.add_argument("--language", choices=("zh", "en"), default="zh")
    faults.add_argument("--write-docs", type=Path, help="write docs/faults.md: fault, cause, sentence, remedy")
    items = _command(commands, "check-items", _check_items, "what is wrong with the service items")
    items.add_argument("folder", type=Path, nargs="?", default=ROOT / "items")
    face = _command(commands, "face", _face, "judge the face model on your own people")
    face.add_argument("verb", choices=("evaluate",))
    face.add_argument("folder", type=Path, help="photographs, one subfolder a person")
    face.add_argument("--strangers", type=Path, help="the same of people who are not among them")
    face.add_argument("--out", type=Path, default=Path("out"), help="det.png and evaluation.json")
    face.add_argument("--config", type=Path, help="whose [face] says which model; otherwise the defaults")
    models = _command(commands, "models", _models, "the face models: which there are, and whether they work")
    models.add_argument("verb", choices=("list", "check"))
    models.add_argument("--config", type=Path, help="whose [face] says which are in use; otherwise the defaults")
    enrol = _command(commands, "enrol", _enrol, "put a face on record from photographs, or withdraw one")
    enrol.add_argument(
        "photographs", type=Path, nargs="*", metavar="PHOTO", help="straight, slightly left, slightly right"
    )
    enrol.add_argument("--number", required=True, help="student or staff number")
    enrol.add_argument("--consent", default="", metavar="VERSION", help="of the text that was signed on paper")
    enrol.add_argument("--withdraw", action="store_true", help="delete the face everywhere instead")
    enrol.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    outbox = _command(commands, "outbox", _outbox, "what waits to be sent, was sent, or was refused and why")
    outbox.add_argument("verb", choices=("list", "show", "retry", "export"))
    outbox.add_argument("what", nargs="*", help="for show and retry: SEQ; for export: a FOLDER, such as a USB stick")
    outbox.add_argument("--state", choices=("queued", "sent", "dead"), help="list or export these alone")
    outbox.add_argument("--all", action="store_true", help="retry: everything that was refused")
    outbox.add_argument("--plain", action="store_true", help="export: readable JSON lines into a FILE, not sealed")
    outbox.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    audit = _command(commands, "audit", _audit, "what was done to this terminal, and whether that record is whole")
    audit.add_argument("verb", choices=("list", "verify", "accept"))
    audit.add_argument("--reason", default="", help="accept: what was found out, 4 to 200 characters; names nobody")
    audit.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    technician = _command(
        commands, "technician", _technician, "devices, tests and readiness report, as text or a window"
    )
    technician.add_argument("command", nargs="*", help="a single one, such as `board` or `test disk_write`")
    technician.add_argument("--window", action="store_true", help="start the terminal with its window, sign-in first")
    technician.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    verify = _command(commands, "verify", _verify, "what a certificate is worth, also with no network")
    verify.formatter_class = argparse.RawDescriptionHelpFormatter
    verify.epilog = VERIFIED
    verify.add_argument("what", help="text of its QR code, a picture of that, a PDF, or - for standard input")
    verify.add_argument("--state", type=Path, help="state folder of a terminal, whose keys and revocations are used")
    verify.add_argument("--certificate", type=Path, help="PEM file with what else a PDF may be sealed with")
    verify.add_argument("--config", type=Path, default=DEFAULT_CONFIG, help="otherwise the folder that this file names")
    return parser


def _command(commands: Commands, name: str, run: Callable[[argparse.Namespace], int], text: str) -> Parser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(run=run)
    return parser


def _folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", type=Path, default=Path(".state"), help="run data, kept between runs")
    parser.add_argument("--out", type=Path, default=Path("out"), help="pictures, pages, summary")


def _walkup(options: argparse.Namespace) -> int:
    from kiosk.app import run

    path = configs.history.effective(options.config)
    return run(configs.load(path), path, source=options.config)


def _lane(options: argparse.Namespace) -> int:
    from kiosk.app.gate import run

    path = configs.history.effective(options.config)
    return run(configs.load(path), path, attendance=options.lane == "attendance", source=options.config)


def _demo(options: argparse.Namespace) -> int:
    from kiosk.demo import play

    return play(options.state, options.out, headless=options.headless, role=options.role)


def _visit(options: argparse.Namespace) -> int:
    from kiosk.demo import visit

    return visit(options.script, options.state / "visits", options.out, options.idle)


def _peer(options: argparse.Namespace) -> int:
    from kiosk.demo import peers

    return peers.play(options.kind, options.link)


def _poke(options: argparse.Namespace) -> int:
    from kiosk.demo import send_poke

    try:
        answer = send_poke(options.state / "poke.sock", " ".join(options.words))
    except OSError:
        print("no demonstration runs here: start one by `make run`", file=sys.stderr)
        return 1
    print(answer)
    return 1 if answer.startswith("?") else 0


def _check_config(options: argparse.Namespace) -> int:
    if options.write_docs:
        options.write_docs.write_text(configs.document(), "utf-8")
        return 0
    configs.load(options.config)
    print(f"{options.config}: good")
    return 0


def _faults(options: argparse.Namespace) -> int:
    from kiosk.app import tools_faults

    if options.write_docs:
        options.write_docs.write_text(tools_faults.document(), "utf-8")
    else:
        print(tools_faults.listed(options.language))
    return 0


def _check_items(options: argparse.Namespace) -> int:
    found = catalogue.build(toml_files(options.folder))
    print(catalogue.report(found))
    return 1 if found.problems else 0


def _face(options: argparse.Namespace) -> int:
    from kiosk.app import tools_face

    return tools_face.evaluate(options)


def _enrol(options: argparse.Namespace) -> int:
    from kiosk.app import tools_enrol

    return tools_enrol.run(options)


def _models(options: argparse.Namespace) -> int:
    from kiosk.app import tools_models

    return tools_models.run(options.verb, configs.load(options.config) if options.config else configs.Config())


def _outbox(options: argparse.Namespace) -> int:
    from kiosk.app import tools_queue

    return tools_queue.run_outbox(options)


def _audit(options: argparse.Namespace) -> int:
    from kiosk.app import tools_queue

    return tools_queue.run_audit(options)


def _technician(options: argparse.Namespace) -> int:
    from kiosk.app import tools_technician

    return tools_technician.run(options)


def _verify(options: argparse.Namespace) -> int:
    from kiosk.app import tools_verify

    return tools_verify.run(options)


if __name__ == "__main__":
    sys.exit(main())
