"""Sheets of A4 over IPP: the messages, one exchange over HTTP, and the driver that the spool runs."""

from printers.ipp.printer import PACE, IppPrinter

__all__ = ["PACE", "IppPrinter"]
