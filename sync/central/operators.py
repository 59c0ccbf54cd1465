"""What operators do on the command line, one function a command: terminals, gates, people, receipts, sticks."""

from __future__ import annotations

import argparse
import getpass
import os
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

from sync.central import aheads, devices, erasures, fleet, keys, opening, people, ruling, spending, takein, voiding
from sync.central.centre import Centre, Work, local, tell_keys
from sync.central.database import reading, writing
from sync.wire import Verdict

ALREADY = 3
"""Exit code of what had been done before."""
TERMINAL = re.compile(r"[A-Z0-9-]{2,16}")
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Act = Callable[[Centre, argparse.Namespace], int]


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """All of them, each with its options."""

    def command(name: str, act: Act, text: str) -> argparse.ArgumentParser:
        parser = commands.add_parser(name, parents=[common], help=text)
        parser.set_defaults(run=partial(_run, act))
        return parser

    one = command("issue-enrolment-code", issue_code, "a one-time code, good for ten minutes")
    one.add_argument("--terminal", type=_terminal, required=True, help="its number, such as A-017")
    one = command("revoke-device", revoke_device, "a terminal's key opens nothing any more")
    one.add_argument("--terminal", type=_terminal, required=True)
    one = command("devices", show_devices, "the terminals: state, queue, disk, faults")
    one.add_argument("--json", action="store_true", help="all that is known of each")
    command("audit-accepted", accepted_breaks, "breaks in audit chains that somebody took on record, and why")
    one = command("rules", rules, "show the rules of the gates, or change them")
    one.add_argument("--gate", default=ruling.EVERY_GATE, help="name of one gate; otherwise those for every gate")
    one.add_argument("changes", nargs="*", metavar="NAME=VALUE", help="no_face=log, batch.hardness=log, batch=off")
    one = command("revoke-pass", revoke_pass, "somebody may not pass any gate")
    _whom(one, "they may again")
    one = command("leave", leave, "somebody has left the campus")
    _whom(one, "they are back, or never left")
    one = command("new-key", new_key, "a key that signs from now on; what older ones signed stays good")
    one.add_argument("--use", choices=keys.ALL, required=True, help="personal codes, certificates on paper, or PDFs")
    one = command("revoke-key", revoke_key, "nothing that a key signed is to be believed, whenever it did")
    one.add_argument("--use", choices=keys.ALL, required=True)
    one.add_argument("--kid", type=int, required=True, help="its number, as in the name of its file")
    one = command("revoke-certificate", revoke_certificate, "a certificate counts no more, by the office's word")
    one.add_argument("serial", metavar="SERIAL", help="as it stands on the paper, such as ZD-2026-0302-0042")
    one.add_argument("--reason", type=_reason, required=True, help="one line, which its owner reads as well")
    one.add_argument("--reissue", action="store_true", help="a corrected one may be printed, and stands in its place")
    one.add_argument("--by", default="", help="who decides; otherwise whoever is logged in")
    command("reused-codes", reused_codes, "personal codes that were shown at two terminals")
    command("offline-conflicts", offline_conflicts, "papers issued without the network that could not count")
    one = command("erasures", show_erasures, "which terminals have confirmed that somebody is gone")
    one.add_argument("--open", action="store_true", help="who has not yet, of the last 30 days; 1 = somebody")
    one = command("take-in", take_in, "terminals' queues from a USB stick")
    one.add_argument("files", type=Path, nargs="+", metavar="FILE")


def _run(act: Act, options: argparse.Namespace) -> int:
    with opening.centre(options) as centre:
        return act(centre, options)


def _whom(parser: argparse.ArgumentParser, restored: str) -> None:
    parser.add_argument("--number", required=True, help="student or staff number")
    parser.add_argument("--restore", action="store_true", help=restored)


def _terminal(text: str) -> str:
    if not TERMINAL.fullmatch(text):
        raise argparse.ArgumentTypeError("2 to 16 of A-Z, 0-9 and -")
    return text


def _reason(text: str) -> str:
    try:
        return voiding.reason_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def issue_code(centre: Centre, options: argparse.Namespace) -> int:
    print(devices.issue_code(centre, options.terminal))
    return 0


def revoke_device(centre: Centre, options: argparse.Namespace) -> int:
    return _done(devices.revoke(centre, options.terminal), f"no terminal {options.terminal}")


def show_devices(centre: Centre, options: argparse.Namespace) -> int:
    found = fleet.terminals(centre)
    print(fleet.as_json(found) if options.json else fleet.table(found, centre.clock.now()))
    return 0


def accepted_breaks(centre: Centre, _options: argparse.Namespace) -> int:
    for row in devices.acceptances(centre):
        at, body = local(row.at).isoformat(timespec="seconds"), row.body
        print(f"{row.terminal}  {at}  entry {body['seq']}: {body['what']}  {body['by']}  {body['reason']}")
    return 0


def rules(centre: Centre, options: argparse.Namespace) -> int:
    try:
        with writing(centre.engine) as connection:
            changed = ruling.change(Work(centre, connection, centre.clock.now()), options.gate, options.changes)
    except ValueError as error:
        return _done(False, str(error))
    print(changed.model_dump_json(indent=2))
    return 0


def revoke_pass(centre: Centre, options: argparse.Namespace) -> int:
    with writing(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        done = ruling.revoke(work, options.number, revoked=not options.restore)
    return _done(done, f"nobody has the number {options.number}")


def new_key(centre: Centre, options: argparse.Namespace) -> int:
    kid = keys.add(centre.state / "keys", options.use)
    if kid is None:
        return _done(False, f"all {keys.MOST} numbers are used up")
    tell_keys(centre)
    print(f"{options.use}-{kid}")
    return 0


def revoke_key(centre: Centre, options: argparse.Namespace) -> int:
    done = keys.revoke(centre.state / "keys", options.use, options.kid)
    if done:
        tell_keys(centre)
        signs = [kid for kid, key in centre.keys.verifying(options.use).items() if not key.revoked]
        print(f"signs now: {options.use}-{max(signs)}")
    return _done(done, f"no key {options.use}-{options.kid}")


def revoke_certificate(centre: Centre, options: argparse.Namespace) -> int:
    by = options.by or os.environ.get("SUDO_USER") or getpass.getuser()
    with writing(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        done = voiding.revoke(work, options.serial, options.reason, by, again=options.reissue)
    if isinstance(done, voiding.Before):
        since = local(done.at).isoformat(timespec="seconds")
        instead = f", {done.by} stands in its place" if done.by else ""
        print(f"{options.serial} counts no more since {since} ({done.reason}){instead}", file=sys.stderr)
        return ALREADY
    if done:
        print(f"{options.serial} counts no more; terminals know it with their next feed")
    return _done(done, f"no certificate has the serial {options.serial}")


def leave(centre: Centre, options: argparse.Namespace) -> int:
    with writing(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        member = people.by_number(work, options.number)
        done = people.come_back(work, options.number) if options.restore else member is not None
        if member is not None and not options.restore:
            people.forget(work, member.id)
    return _done(done, f"nobody here has the number {options.number}, or had it and left")


def reused_codes(centre: Centre, _options: argparse.Namespace) -> int:
    for row in spending.reused(centre):
        first, again = (local(at).isoformat(timespec="seconds") for at in (row.first_at, row.at))
        told = f"  {row.event}" if row.event else ""
        print(f"{row.nonce}  {row.first_terminal} {first}  {row.terminal} {again}{told}")
    return 0


def offline_conflicts(centre: Centre, _options: argparse.Namespace) -> int:
    with reading(centre.engine) as connection:
        for row in aheads.conflicts(Work(centre, connection, centre.clock.now())):
            when = local(row.at).isoformat(timespec="seconds")
            print(f"{when}  {row.terminal}  {row.serial}  {row.reason}  request {row.request}")
    return 0


def show_erasures(centre: Centre, options: argparse.Namespace) -> int:
    with reading(centre.engine) as connection:
        work = Work(centre, connection, centre.clock.now())
        lines = [str(each) for each in erasures.unconfirmed(work)] if options.open else erasures.receipts(work)
    for line in lines:
        print(line)
    return 1 if options.open and lines else 0


def take_in(centre: Centre, options: argparse.Namespace) -> int:
    refused = sum(not _taken(centre, path) for path in options.files)
    return 1 if refused else 0


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


def _done(done: bool, otherwise: str) -> int:
    if not done:
        print(otherwise, file=sys.stderr)
    return 0 if done else 1
