"""`python -m kiosk face evaluate`: how well the model tells one's own people apart."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from devices.face.cards import ModelError
from devices.face.evaluate import FolderError, People, persons, read_people
from devices.face.still import Still
from kiosk import config as configs
from kiosk.app.judging import NAMED, judge, report, write
from kiosk.config import FaceConfig

CACHE = "models"
"""Below the state folder: the converted network."""


def evaluate(options: argparse.Namespace) -> int:
    """Judge the model on `folder` and `strangers`; det.png and evaluation.json into `out`. The exit code."""
    config = configs.load(options.config) if options.config else None
    try:
        for folder in filter(None, (options.folder, options.strangers)):
            persons(folder)
        with tempfile.TemporaryDirectory() as spare:
            still = Still(
                config.face if config else FaceConfig(), config.paths.state / CACHE if config else Path(spare)
            )
        people, strangers = _read(still, options.folder, options.strangers)
        runs = judge(people, strangers, still.card.limits)
        print(f"model:     {still.card.name} by {still.engine}")
        for line in report(people, strangers, runs):
            print(line)
        write(options.out, still.card.name, people, strangers, runs)
    except (FolderError, ModelError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{options.out} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    print(f"\nPlot and figures: {options.out / 'det.png'}, {options.out / 'evaluation.json'}")
    return 0


def _read(still: Still, folder: Path, strangers: Path | None) -> tuple[People, People]:
    def seen(path: Path) -> None:
        if sys.stderr.isatty():
            print(f"\r{path.parent.name}/{path.name}\033[K", end="", file=sys.stderr, flush=True)

    people = read_people(folder, still, seen)
    others = read_people(strangers, still, seen) if strangers else People()
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    if both := sorted(people.vectors.keys() & others.vectors.keys()):
        raise FolderError(f"{', '.join(both[:NAMED])}: in both folders; nobody is a stranger and enrolled")
    return people, others
