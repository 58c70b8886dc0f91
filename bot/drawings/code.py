"""The code on a receipt that a phone's camera opens."""

import segno
from segno.encoder import DataOverflowError

from bot.drawings.sheet import BLACK, WHITE, Box, Sheet

QUIET = 4  # modules of nothing around a code, as ISO/IEC 18004 asks
PIXEL = 1 / 3  # units; a module is whole pixels, so that its edges are sharp

Rows = tuple[bytearray, ...]


def rows_of(address: str) -> Rows | None:
    """The code's modules without its margin, row by row; None where there is no address, or one too long for a code."""
    if not address:
        return None
    try:
        return segno.make_qr(address, error="m").matrix
    except (DataOverflowError, UnicodeError):
        return None


def module_of(rows: Rows, width: float) -> float:
    """The side of one module where the code with its margin shall be about so wide."""
    pixels = round(width / (len(rows) + 2 * QUIET) / PIXEL)
    return max(pixels, 4) * PIXEL


def side_of(rows: Rows, width: float) -> float:
    """How wide the code with its margin becomes."""
    return module_of(rows, width) * (len(rows) + 2 * QUIET)


def draw_code(sheet: Sheet, rows: Rows, x: float, y: float, width: float) -> None:
    """The code with its margin, its upper left corner on the nearest whole pixel."""
    module = module_of(rows, width)
    left, top = (round(edge / PIXEL) * PIXEL for edge in (x, y))
    sheet.bar(left, top, side_of(rows, width), side_of(rows, width), WHITE)
    dark = (
        Box(left + (QUIET + first) * module, top + row * module, count * module, module)
        for row, modules in enumerate(rows, start=QUIET)
        for first, count in runs(modules)
    )
    sheet.bars(dark, BLACK)


def runs(modules: bytearray) -> list[tuple[int, int]]:
    """Where dark modules stand side by side: the first of them, and how many."""
    found: list[tuple[int, int]] = []
    for place, dark in enumerate(modules):
        if dark and found and sum(found[-1]) == place:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((place, 1))
    return found
