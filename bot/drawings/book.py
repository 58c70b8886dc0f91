"""The dues book: twelve months at a glance, and what is owed."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.drawings.head import MARGIN, draw_head
from bot.drawings.letters import inked
from bot.drawings.marks import MARKS, OCHRE
from bot.drawings.pairs import draw_pair, draw_total
from bot.drawings.sheet import BLACK, BRAND, LINE, QUIET, RED, SOFT, WHITE, Box, Face, Ink, Point, Sheet
from domain.dues import MonthState
from domain.picture import BookMonth, BookPicture

TITLE = Face(28, bold=True)
NAME = Face(18, bold=True)
AS_OF = Face(15, ink=QUIET)
SENTENCE = Face(17, bold=True, ink=BRAND)

ACROSS = 3
GAP = 8.0
EDGE = 14.0  # from the sheet's edge to the months
HIGH = 102.0  # a month
SMALL = 11.0  # letters that can just be read


@dataclass(frozen=True, slots=True)
class Look:
    """How a month of one state is set."""

    fill: Ink = WHITE
    edge: Ink = LINE
    thick: float = 1.0
    ink: Ink = BLACK
    word: Ink = QUIET


LOOKS: Mapping[MonthState, Look] = {
    MonthState.PAID: Look(SOFT, BRAND, word=BRAND),
    MonthState.PARTLY: Look(edge=BRAND, thick=1.5, word=BRAND),
    MonthState.PENDING: Look((0xFF, 0xF3, 0xDA), OCHRE, word=OCHRE),
    MonthState.OWED: Look(edge=RED, thick=2.5, word=RED),
    MonthState.LATER: Look(edge=LINE, ink=QUIET, word=QUIET),
    MonthState.NONE: Look((0xF4, 0xF6, 0xF5), LINE, ink=QUIET, word=QUIET),
}


def arrange(sheet: Sheet, book: BookPicture) -> float:
    """Draw the book from the top of a sheet; where it ends."""
    y = draw_head(sheet, book.association)
    y = draw_title(sheet, book, y)
    y = draw_months(sheet, book.months, y)
    y = draw_total(sheet, book.owed, y + 6, fill=WHITE, edge=BLACK)
    if book.credit:
        y = draw_pair(sheet, book.credit, y + 2)
    lines = sheet.lines(book.sentence, sheet.width - 2 * MARGIN, SENTENCE, most=4)
    return sheet.write_lines(lines, MARGIN, y + 10, SENTENCE) + MARGIN - 4


def draw_title(sheet: Sheet, book: BookPicture, y: float) -> float:
    """What it is, whose, and of which day."""
    room = sheet.width - 2 * MARGIN
    title, face = sheet.fitted(book.title, room, TITLE, least=18)
    sheet.write(title, MARGIN, y, face)
    y = sheet.write_lines(sheet.lines(book.name, room, NAME, most=2), MARGIN, y + face.leading, NAME)
    y = sheet.write_lines(sheet.lines(book.as_of, room, AS_OF, most=1), MARGIN, y, AS_OF)
    return y + 9


def draw_months(sheet: Sheet, months: tuple[BookMonth, ...], y: float) -> float:
    """The months, from left to right and from top to bottom."""
    wide = (sheet.width - 2 * EDGE - (ACROSS - 1) * GAP) / ACROSS
    for place, month in enumerate(months):
        row, column = divmod(place, ACROSS)
        draw_month(sheet, month, EDGE + column * (wide + GAP), y + row * (HIGH + GAP), wide)
    return y + -(-len(months) // ACROSS) * (HIGH + GAP)


def draw_month(sheet: Sheet, month: BookMonth, x: float, y: float, wide: float) -> None:
    """One month: its name, its mark, how much, and the mark once more in a word."""
    look = LOOKS[month.state]
    sheet.card(Box(x, y, wide, HIGH), look.fill, look.edge, look.thick)
    middle, room = x + wide / 2, wide - 10
    label, face = sheet.fitted(month.label, room, Face(15, bold=True, ink=look.ink), SMALL)
    sheet.write(label, middle, y + 7, face, align=0.5)
    MARKS[month.state](sheet, middle, y + 41)
    draw_amount(sheet, month.amount, (middle, y + 59), room, look.ink)
    word, face = sheet.fitted(month.word, room, Face(14, bold=True, ink=look.word), SMALL)
    sheet.write(word, middle, y + 80, face, align=0.5)


def draw_amount(sheet: Sheet, amount: str, at: Point, room: float, ink: Ink) -> None:
    """How much, in two small lines rather than with a digit missing."""
    middle, y = at
    line, face = sheet.fitted(amount, room, Face(15, ink=ink), SMALL)
    if line == inked(amount):
        sheet.write(line, middle, y, face, align=0.5)
    else:
        face = Face(10.5, ink=ink)
        sheet.write_lines(sheet.lines(amount, room, face, most=2), middle, y - 4.5, face, align=0.5)
