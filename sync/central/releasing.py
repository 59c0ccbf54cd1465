"""`python -m sync.central release add|list|offer|withdraw`: what terminals are to run."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

from sync.central import opening, releases
from sync.central.centre import Centre, local
from sync.central.releases import NotTakenError, Whom

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Act = Callable[[Centre, argparse.Namespace], int]
_GROUP = re.compile(r"[A-Z0-9*?-]{1,16}")


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """The command with its four verbs."""
    verbs = commands.add_parser("release", help="the program's versions that terminals fetch").add_subparsers(
        required=True, metavar="VERB"
    )

    def verb(name: str, act: Act, text: str) -> argparse.ArgumentParser:
        parser = verbs.add_parser(name, parents=[common], help=text)
        parser.set_defaults(run=partial(_run, act))
        return parser

    one = verb("add", _add, "take a package in, with its .signed beside it; nobody is offered it yet")
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument(
        "--key", type=Path, help=f"the operator's public key; else keys/{releases.KEY} of the state folder"
    )
    verb("list", _list, "what is here, and to whom it is offered")
    one = verb("offer", _offer, "terminals fetch it, and install it at night; more may be added at any time")
    one.add_argument("version", metavar="VERSION")
    one.add_argument("--device", nargs="+", default=[], metavar="NAME", help="these terminals")
    one.add_argument("--group", nargs="+", type=_group, default=[], metavar="PATTERN", help="by name, such as B1-*")
    one.add_argument("--share", type=_share, metavar="PERCENT", help="so many of all; a greater share adds to it")
    one = verb("withdraw", _withdraw, "nobody is offered it any more; where it is installed it stays")
    one.add_argument("version", metavar="VERSION")


def _run(act: Act, options: argparse.Namespace) -> int:
    with opening.centre(options) as centre:
        try:
            return act(centre, options)
        except (NotTakenError, OSError) as error:
            print(error, file=sys.stderr)
            return 1


def _group(text: str) -> str:
    if not _GROUP.fullmatch(text):
        raise argparse.ArgumentTypeError("a name, in which * stands for any letters and ? for one")
    return text


def _share(text: str) -> str:
    try:
        percent = float(text.rstrip("%"))
    except ValueError:
        percent = 0.0
    if not 0 < percent <= 100:
        raise argparse.ArgumentTypeError("a number above 0, up to 100")
    return f"{percent:g}"


def _add(centre: Centre, options: argparse.Namespace) -> int:
    key = releases.key_of(centre, options.key)
    manifest = releases.add(centre, options.file, key)
    print(f"{manifest.version}  {manifest.architecture}  {manifest.size / 1e6:.1f} MB  {manifest.sha256}")
    if key is None:
        where = centre.state / "keys" / releases.KEY
        print(f"who signed it was not looked at: there is no {where}; each terminal will look", file=sys.stderr)
    return 0


def _list(centre: Centre, _options: argparse.Namespace) -> int:
    for row, offers in releases.everything(centre):
        added = local(row.added_at).isoformat(timespec="seconds")
        gone = f"withdrawn {local(row.withdrawn_at).isoformat(timespec='seconds')}" if row.withdrawn_at else ""
        told = gone or ", ".join(f"{each.kind} {each.whom}" for each in offers) or "offered to nobody"
        print(f"{row.version}  {row.architecture}  {row.size / 1e6:.1f} MB  added {added}  {told}")
    return 0


def _offer(centre: Centre, options: argparse.Namespace) -> int:
    whom = [Whom("device", name) for name in options.device] + [Whom("group", each) for each in options.group]
    whom += [Whom("share", options.share)] if options.share else []
    if not whom:
        raise NotTakenError("say to whom: --device, --group or --share 100")
    names = releases.offer(centre, options.version, whom)
    print(f"{options.version} is offered to {len(names)} of today's terminals: {' '.join(names) or '-'}")
    return 0


def _withdraw(centre: Centre, options: argparse.Namespace) -> int:
    releases.withdraw(centre, options.version)
    print(f"{options.version} is offered to nobody any more")
    return 0
