"""The lane's state → view: every decision and every word of the gate's screens, plain data and no Qt."""

from ui.present.gate.scene import GateScene, GateWorld
from ui.present.gate.service import Desk
from ui.present.gate.view import present_gate

__all__ = ["Desk", "GateScene", "GateWorld", "present_gate"]
