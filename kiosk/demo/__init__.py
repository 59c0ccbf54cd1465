"""The demonstration: the real terminal, a real centre, and a peer at the far end of every wire."""

from kiosk.demo.play import play, visit
from kiosk.demo.pokeserver import send_poke

__all__ = ["play", "send_poke", "visit"]
