"""A filled document as a PDF of A4 sheets."""

from printers.pdf.draw import render

__all__ = ["render"]
