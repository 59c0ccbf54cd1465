"""The terminal, built from its configuration: started in order, stopped in reverse."""

from kiosk.app.terminal import Terminal, run

__all__ = ["Terminal", "run"]
