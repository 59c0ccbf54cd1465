"""Paper: layout, the ESC/POS driver, its spool, and the screen's preview of a page."""

from printers.profiles import Profile, profile

__all__ = ["Profile", "profile"]
