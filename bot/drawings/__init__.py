"""Draws what was stored to be drawn: a receipt and the dues book. Data in, a picture or a PDF out, and nothing else."""

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from bot.drawings import book, film, receipt
from bot.drawings.sheet import Sheet
from domain.picture import BookPicture, ReceiptPicture, drawing_of

MIME = film.MIME
"""Of what `draw` gives."""

WIDTH = 360.0  # units of a picture: what a small phone has
WIDTHS = (360.0, 400.0, 440.0, 480.0, 540.0, 600.0, 680.0, 780.0, 900.0, 1100.0, 1400.0)
"""Of a page: as wide, and its letters as small, as it must be for everything to stand on it."""

A5 = (419.53, 595.28)  # points

Arranged = Callable[[Sheet], float]


def draw(stored: Mapping[str, Any]) -> bytes:
    """A stored picture of either kind, as a PNG. Raises `NoSuchPicture`."""
    arranged = arrangement(drawing_of(stored))
    sheet = Sheet(WIDTH, ceil(height_of(arranged, WIDTH)))  # whole pixels, or the code's edges were blurred
    arranged(sheet)
    return film.develop(sheet)


def draw_pdf(stored: Mapping[str, Any]) -> bytes:
    """A stored picture as one page of A5, its text to be selected, its code to be pressed. Raises `NoSuchPicture`."""
    drawing = drawing_of(stored)
    arranged = arrangement(drawing)
    width, height = page_for(arranged)
    sheet = Sheet(width, height, A5[0] / width, title=name_of(drawing))
    arranged(sheet)
    return sheet.pdf()


def arrangement(drawing: ReceiptPicture | BookPicture) -> Arranged:
    """What draws this one on a sheet."""
    if isinstance(drawing, ReceiptPicture):
        return lambda sheet: receipt.arrange(sheet, drawing)
    return lambda sheet: book.arrange(sheet, drawing)


def page_for(arranged: Arranged) -> tuple[float, float]:
    """The smallest page in the proportions of A5 on which everything has room; a longer one where none has."""
    for width in WIDTHS:
        page, needed = width * A5[1] / A5[0], height_of(arranged, width)
        if needed <= page:
            return width, page
    return width, needed


def height_of(arranged: Arranged, width: float) -> float:
    """How high a sheet must be."""
    return arranged(Sheet(width, 1000))


def name_of(drawing: ReceiptPicture | BookPicture) -> str:
    """What a file is called."""
    return drawing.number if isinstance(drawing, ReceiptPicture) else drawing.title
