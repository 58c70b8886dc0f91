"""A label and its value: side by side where both fit into one line, else below one another."""

from bot.drawings.head import MARGIN
from bot.drawings.letters import inked
from bot.drawings.sheet import BRAND, LINE, QUIET, SOFT, Box, Face, Ink, Sheet
from domain.picture import Pair

LABEL = Face(15, ink=QUIET)
VALUE = Face(16, bold=True)
TOTAL_LABEL = Face(18, bold=True)
TOTAL = Face(27, bold=True)

GAP = 12.0  # at least so much between a label and its value
PADDING = 12.0  # of a box


def draw_pair(sheet: Sheet, pair: Pair, y: float) -> float:
    """A line of a list, and the rule below it; where the next may begin."""
    label, value = map(inked, pair)
    room = sheet.width - 2 * MARGIN
    y += 9
    if fit(sheet, room, (label, LABEL), (value, VALUE)):
        sheet.write(label, MARGIN, y + VALUE.rise - LABEL.rise, LABEL)
        sheet.write(value, sheet.width - MARGIN, y, VALUE, align=1)
        y += VALUE.leading
    else:
        y = sheet.write_lines(sheet.lines(label, room, LABEL, most=2), MARGIN, y, LABEL)
        y = sheet.write_lines(sheet.lines(value, room, VALUE, most=6), MARGIN, y, VALUE)
    sheet.rule(MARGIN, y + 6, room, LINE)
    return y + 6


def draw_total(sheet: Sheet, total: Pair, y: float, *, fill: Ink = SOFT, edge: Ink = BRAND) -> float:
    """What everything comes to, in a box of its own; where the box ends."""
    label, value = map(inked, total)
    left, width = MARGIN - PADDING, sheet.width - 2 * (MARGIN - PADDING)
    room = width - 2 * PADDING
    beside = fit(sheet, room, (label, TOTAL_LABEL), (value, TOTAL))
    height = 18 + TOTAL.leading + (0 if beside else TOTAL_LABEL.leading)
    sheet.card(Box(left, y, width, height), fill, edge, thick=1.5)
    if beside:
        sheet.write(label, MARGIN, y + 9 + TOTAL.rise - TOTAL_LABEL.rise, TOTAL_LABEL)
        sheet.write(value, MARGIN + room, y + 9, TOTAL, align=1)
    else:
        sheet.write(sheet.shortened(label, room, TOTAL_LABEL), MARGIN, y + 9, TOTAL_LABEL)
        shown, face = sheet.fitted(value, room, TOTAL, least=14)
        sheet.write(shown, MARGIN, y + 9 + TOTAL_LABEL.leading, face)
    return y + height


def fit(sheet: Sheet, room: float, label: tuple[str, Face], value: tuple[str, Face]) -> bool:
    """Whether both go into one line."""
    return sheet.width_of(*label) + GAP + sheet.width_of(*value) <= room
