"""The head of every drawing: whose it is, under the awning of a stall."""

from bot.drawings.sheet import AMBER, BRAND, CORAL, WHITE, Face, Sheet

MARGIN = 24.0
NAME = Face(18, bold=True, ink=WHITE)
STRIPE = 24.0  # of the awning
DROP = 6.0


def draw_head(sheet: Sheet, association: str) -> float:
    """The association's name on a band, the awning below it; where the next thing may begin."""
    lines = sheet.lines(association, sheet.width - 2 * MARGIN, NAME, most=3)
    height = 17 + len(lines) * NAME.leading + 13
    sheet.bar(0, 0, sheet.width, height, BRAND)
    sheet.write_lines(lines, MARGIN, 16, NAME)
    draw_awning(sheet, height)
    return height + DROP + STRIPE / 2 + 13


def draw_awning(sheet: Sheet, y: float) -> None:
    """Stripes in two colours, round at their ends."""
    stripes = round(sheet.width / STRIPE)
    wide = sheet.width / stripes
    for number in range(stripes):
        ink = (AMBER, CORAL)[number % 2]
        sheet.bar(number * wide, y, wide, DROP, ink)
        sheet.bowl(((number + 0.5) * wide, y + DROP), wide / 2, ink)
