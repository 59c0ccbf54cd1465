"""What can be done to the lane where somebody went last, in words."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.demo.processes import kill_recogniser, kill_sync
from kiosk.demo.stage import Stage

Table = list[tuple[str, Callable[..., str]]]
UNHEARD = 1_000_000


def gate_pokes(
    stage: Stage, code_of: Callable[[str], str], code_again: Callable[[], str], code_of_visit: Callable[[str], str]
) -> Table:
    """The lines and what each does; it answers what it did."""
    return [*_people(stage), *_codes(stage, code_of, code_again, code_of_visit), *_bad_luck(stage), *_centre(stage)]


def _people(stage: Stage) -> Table:
    post = stage.lane

    def stand(face: str, *celsius: str) -> str:
        post().stand(face, *map(float, celsius))
        return f"{face} stands there" + "".join(f", {one} °C" for one in celsius)

    return [
        (r"stand ([\w-]+)", stand),
        (r"stand ([\w-]+) at ([\d.]+)", stand),
        (r"stand two", lambda: _do(post().stand_two)),
        (r"photograph ([\w-]+)", lambda face: _do(lambda: post().hold_up(face))),
        (r"leave gate", lambda: _do(post().leave)),
        (r"hot cup", lambda: _do(post().thermal.hot_cup)),
        (r"walk through", lambda: _do(post().walk_through)),
        (r"walk through followed", lambda: _do(lambda: post().walk_through(followed=True))),
        (r"enrol ([\w-]+) as (\w+) by consent (\S+)", lambda face, number, text: post().enrol(number, face, text)),
    ]


def _codes(
    stage: Stage, code_of: Callable[[str], str], code_again: Callable[[], str], code_of_visit: Callable[[str], str]
) -> Table:
    def scan(code: str) -> str:
        stage.lane().scanner.scan(code)
        return "the lane's scanner read it"

    return [
        (r"gate code of (\w+)", lambda number: scan(code_of(number))),
        (r"gate old code", lambda: scan(code_again())),
        (r"gate visit (\S+)", lambda token: scan(code_of_visit(token))),
        (r"gate text (.+)", scan),
    ]


def _bad_luck(stage: Stage) -> Table:
    post = stage.lane

    def kill(what: Callable[[int], int]) -> str:
        return "killed" if what(stage.lane_process().pid) else "? there is none to kill"

    def deaf(commands: int) -> None:
        post().relay.miss = commands

    return [
        (r"unplug thermal", lambda: _do(post().thermal.unplug)),
        (r"plug thermal", lambda: _do(post().thermal.plug)),
        (r"thermal silent", lambda: _do(post().thermal.silent)),
        (r"thermal garbage", lambda: _do(post().thermal.garbage)),
        (r"thermal freeze", lambda: _do(post().thermal.freeze)),
        (r"thermal talk", lambda: _do(post().thermal.talk)),
        (r"unplug relay", lambda: _do(post().relay.unplug)),
        (r"plug relay", lambda: _do(post().relay.plug)),
        (r"relay deaf", lambda: _do(lambda: deaf(UNHEARD))),
        (r"relay hears", lambda: _do(lambda: deaf(0))),
        (r"unplug gate camera", lambda: _do(post().camera.unplug)),
        (r"plug gate camera", lambda: _do(post().camera.plug)),
        (r"unplug gate scanner", lambda: _do(post().scanner.unplug)),
        (r"plug gate scanner", lambda: _do(post().scanner.plug)),
        (r"kill recogniser", lambda: kill(kill_recogniser)),
        (r"kill gate sync", lambda: kill(kill_sync)),
    ]


def _centre(stage: Stage) -> Table:
    def revoke(number: str, *more: str) -> str:
        stage.lane().after(lambda: stage.central("revoke-pass", "--number", number, *more))
        return f"the lane knows what became of {number}"

    return [
        (r"rules (.+)", lambda changes: _do(lambda: stage.central("rules", *changes.split()))),
        (r"revoke (\w+)", revoke),
        (r"restore (\w+)", lambda number: revoke(number, "--restore")),
    ]


def _do(act: Callable[[], object]) -> str:
    act()
    return "done"
