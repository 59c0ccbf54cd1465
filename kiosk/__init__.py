"""The self-service terminal of a campus."""

__version__ = "0.1.0"
__built__ = "2026-03-01"
"""No right clock shows an earlier day; moves with the version."""
