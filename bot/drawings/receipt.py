"""A receipt, as a picture for a small phone and as a page to keep or print."""

from urllib.parse import urlsplit

from bot.drawings.code import draw_code, rows_of, side_of
from bot.drawings.head import MARGIN, draw_head
from bot.drawings.pairs import draw_pair, draw_total
from bot.drawings.sheet import BLACK, QUIET, RED, Box, Face, Sheet
from domain.picture import ReceiptPicture

TITLE = Face(30, bold=True)
NUMBER = Face(16, ink=QUIET)
NOTE = Face(14, ink=QUIET)
CHECK = Face(16, bold=True)
ADDRESS = Face(12.5, ink=QUIET)
STAMP = Face(46, bold=True, ink=RED)

CODE = 150.0  # about as wide as the code is


def arrange(sheet: Sheet, receipt: ReceiptPicture) -> float:
    """Draw a receipt from the top of a sheet; where it ends."""
    y = draw_head(sheet, receipt.association)
    y = draw_title(sheet, receipt, y)
    for line in receipt.lines:
        y = draw_pair(sheet, line, y)
    total = draw_total(sheet, receipt.total, y + 10)
    y = draw_notes(sheet, receipt.notes, total)
    y = draw_check(sheet, receipt, y)
    if receipt.voided:
        draw_stamp(sheet, receipt.voided, total - 64)
    return y + MARGIN


def draw_title(sheet: Sheet, receipt: ReceiptPicture, y: float) -> float:
    """What it is, and its number."""
    room = sheet.width - 2 * MARGIN
    title, face = sheet.fitted(receipt.title, room, TITLE, least=18)
    sheet.write(title, MARGIN, y, face)
    number, smaller = sheet.fitted(receipt.number, room, NUMBER, least=11)
    y += face.leading
    sheet.write(number, MARGIN, y, smaller)
    y += NUMBER.leading + 8
    sheet.rule(MARGIN, y, room, BLACK, thick=1.5)
    return y


def draw_notes(sheet: Sheet, notes: tuple[str, ...], y: float) -> float:
    """What else is to be known."""
    for note in notes:
        lines = sheet.lines(note, sheet.width - 2 * MARGIN, NOTE, most=8)
        y = sheet.write_lines(lines, MARGIN, y + 9, NOTE)
    return y


def draw_check(sheet: Sheet, receipt: ReceiptPicture, y: float) -> float:
    """The code that opens the page on which anybody can check it, and the same address to read."""
    rows = rows_of(receipt.check_url)
    if rows is None:
        return y
    side = side_of(rows, CODE)
    y += 6
    draw_code(sheet, rows, MARGIN - 12, y, CODE)
    sheet.link(MARGIN - 12, y, sheet.width - 2 * MARGIN + 24, side, receipt.check_url)
    x = MARGIN - 12 + side + 2
    room = sheet.width - MARGIN - x
    words = sheet.lines(receipt.check_words, room, CHECK, most=3)
    address = sheet.lines(readable(receipt.check_url), room, ADDRESS, most=5)
    height = len(words) * CHECK.leading + 4 + len(address) * ADDRESS.leading
    below = sheet.write_lines(words, x, y + (side - height) / 2, CHECK)
    sheet.write_lines(address, x, below + 4, ADDRESS)
    return y + side - 8


def readable(address: str) -> str:
    """An address without what nobody types."""
    return address.removeprefix(f"{urlsplit(address).scheme}://").removeprefix("www.") if "://" in address else address


def draw_stamp(sheet: Sheet, word: str, y: float) -> None:
    """A word across everything, that nobody takes a receipt for good which is not."""
    text, face = sheet.fitted(word, sheet.width - 2 * MARGIN - 40, STAMP, least=20)
    width, height = sheet.width_of(text, face) + 32, face.size * 1.35
    x = sheet.width / 2
    with sheet.turned(14, (x, y), opacity=0.82):
        sheet.frame(Box(x - width / 2, y - height / 2, width, height), RED, thick=4)
        sheet.write(text, x, y - face.size * 0.62, face, align=0.5)
