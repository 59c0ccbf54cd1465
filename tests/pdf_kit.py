"""A certificate as a PDF of one page, made by another program than the one that makes them for people."""

from __future__ import annotations

import io

from PIL import Image
from pyhanko.pdf_utils.generic import DictionaryObject, NumberObject, StreamObject, pdf_name
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from printers import raster


def pdf_of(code: str, words: str = "In proof whereof.") -> bytes:
    """Words, and the QR code as a picture, eight pixels a module."""
    modules = raster.qr_matrix(code).convert("L")
    picture = modules.resize((8 * modules.width,) * 2, Image.Resampling.NEAREST)
    writer = PdfFileWriter()
    image = StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Image"),
            pdf_name("/Width"): NumberObject(picture.width),
            pdf_name("/Height"): NumberObject(picture.height),
            pdf_name("/ColorSpace"): pdf_name("/DeviceGray"),
            pdf_name("/BitsPerComponent"): NumberObject(8),
        },
        stream_data=picture.tobytes(),
    )
    image.compress()
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    names = DictionaryObject({pdf_name(name): pdf_name(value) for name, value in font.items()})
    drawn = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET q 100 0 0 100 72 560 cm /Code Do Q"
    resources = DictionaryObject(
        {
            pdf_name("/Font"): DictionaryObject({pdf_name("/F1"): names}),
            pdf_name("/XObject"): DictionaryObject({pdf_name("/Code"): writer.add_object(image)}),
        }
    )
    content = writer.add_object(StreamObject(stream_data=drawn.encode()))
    page = PageObject(contents=content, media_box=(0, 0, 595, 842), resources=resources)
    writer.insert_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
