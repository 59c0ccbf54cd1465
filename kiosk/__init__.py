"""The self-service terminal of a campus."""

__version__ = "0.1.0"
