"""`python -m tests.bench [--only ui,code]`: `run()` of each bench_*.py, its figures into out/bench.json."""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
OUT = Path("out") / "bench.json"
SECONDS = 2400
PEER = "_peer"
_CHILD = """
import importlib, json, pathlib, sys
figures = importlib.import_module(sys.argv[1]).run()
pathlib.Path(sys.argv[2]).write_text(json.dumps(figures), "utf-8")
"""


class BenchError(Exception):
    """A bench that gave no figures; the text says why."""


def main(arguments: list[str], folder: Path = FOLDER, package: str = "tests.bench", out: Path = OUT) -> int:
    """Run the chosen benches, each in a process of its own; 1 when one of them gave no figures."""
    known = sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py"))
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"some of {','.join(known)}")
    only = [name for name in parser.parse_args(arguments).only.split(",") if name]
    if unknown := set(only) - set(known):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    figures = _already(out) if only else {}
    failures = []
    for name in only or known:
        print(f"{name} …", file=sys.stderr, flush=True)
        # what it said another time is no figure of today
        figures = {figure: value for figure, value in figures.items() if not figure.startswith(f"{name}.")}
        try:
            figures |= measure(f"{package}.bench_{name}")
        except BenchError as error:
            failures.append(f"{name}: {error}")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n", "utf-8")
    print(table(figures))
    print("".join(f"FAILED {failure}\n" for failure in failures), end="", file=sys.stderr)
    return 1 if failures else 0


def measure(module: str) -> dict[str, float]:
    """The figures of one bench. Raises BenchError."""
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_QUICK_BACKEND": "software"}
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "figures.json"
        command = [sys.executable, "-c", _CHILD, module, str(answer)]
        try:
            code = subprocess.run(command, env=env, timeout=SECONDS, check=False).returncode
        except subprocess.TimeoutExpired as error:
            raise BenchError(f"not done after {SECONDS} s") from error
        if code:
            raise BenchError(f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit {code}")
        figures = json.loads(answer.read_text("utf-8"))
    for name, value in figures.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise BenchError(f"{name} is no number but {value!r}")
    return {name: float(value) for name, value in figures.items()}


def table(figures: dict[str, float]) -> str:
    """One line a figure, with its peer and how many times the peer it is."""
    lines = []
    for name in sorted(figures):
        if name.endswith(PEER) and name.removesuffix(PEER) in figures:
            continue
        line = f"{name:<40} {figures[name]:>14,.2f}"
        peer = figures.get(name + PEER)
        if peer is not None:
            line += f"   peer {peer:>14,.2f}" + (f"   × {figures[name] / peer:.2f}" if peer else "")
        lines.append(line)
    return "\n".join(lines)


def _already(out: Path) -> dict[str, float]:
    return dict(json.loads(out.read_text("utf-8"))) if out.exists() else {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
