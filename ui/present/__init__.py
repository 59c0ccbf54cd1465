"""State → view: every decision and every word of the screens, plain data and no Qt."""

from ui.present.scene import Scene, View, World
from ui.present.view import present

__all__ = ["Scene", "View", "World", "present"]
