"""The technician's board and tests, over the drivers that the terminal runs with."""

from kiosk.app.bench.desk import BenchDesk
from kiosk.app.bench.fittings import Fittings

__all__ = ["BenchDesk", "Fittings"]
