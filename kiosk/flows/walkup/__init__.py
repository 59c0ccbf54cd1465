"""The walk-up visit: attract → identify → home → item → form → review → submitting → done → rate."""

from kiosk.flows.walkup.state import State
from kiosk.flows.walkup.step import step

__all__ = ["State", "step"]
