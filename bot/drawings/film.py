"""Develops a drawn sheet into a picture: the same letters in the same places as in its PDF.

PDFium brings the letters itself; those of the system are kept from it, so that a drawing looks alike everywhere.
"""

import io
from threading import Lock

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from bot.drawings.sheet import Sheet

PIXELS = 3  # to a unit
MOST_PIXELS = 9_000  # width and height together; Telegram takes 10,000
COLOURS = 48  # letters on plain ground need no more, and a PNG of these weighs half
MIME = "image/png"

_one_at_a_time = Lock()  # PDFium takes no two callers at once
_no_system_fonts = raw.FPDF_SYSFONTINFO(version=1)


def develop(sheet: Sheet) -> bytes:
    """The sheet as a PNG."""
    scale = min(PIXELS, MOST_PIXELS / (sheet.width + sheet.height))
    image = _developed(sheet.pdf(), scale).quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    png = io.BytesIO()
    image.save(png, "PNG", compress_level=6)
    return png.getvalue()


def _developed(pdf: bytes, scale: float) -> Image.Image:
    with _one_at_a_time:
        raw.FPDF_SetSystemFontInfo(_no_system_fonts)
        document = pypdfium2.PdfDocument(pdf)
        try:
            image: Image.Image = document[0].render(scale=scale).to_pil().convert("RGB")
        finally:
            document.close()
    return image
