"""`python -m kiosk.app.setup …`, which `kiosk-setup` of the Debian package runs as root."""

from __future__ import annotations

import argparse
import sys

from kiosk.app.setup.tool import options, run


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("kiosk-setup", description="Makes this machine a terminal, or the central side.")
    options(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
