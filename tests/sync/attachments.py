"""Pictures and papers as people attach them: real ones, however small."""

from __future__ import annotations

import random
from io import BytesIO

from PIL import Image


def picture(form: str, width: int = 8, height: int = 8, *, seed: int = 1, **more: object) -> bytes:
    """A JPEG or PNG of noise: one byte a pixel cannot be squeezed."""
    image = Image.frombytes("L", (width, height), random.Random(seed).randbytes(width * height))
    out = BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def paper(filling: int = 0) -> bytes:
    """A PDF of one empty page, with a comment that makes it so many bytes longer."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    text, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    xref = b"xref\n0 4\n0000000000 65535 f \n" + rows + b"trailer\n<< /Size 4 /Root 1 0 R >>\n"
    return text + xref + b"%" + b"x" * filling + b"\nstartxref\n%d\n%%%%EOF\n" % len(text)


JPEG, PNG, PDF = picture("JPEG"), picture("PNG"), paper()
