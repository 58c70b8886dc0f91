"""The mark of a month in the dues book: told apart by its shape, for whoever sees no colours, or a grey print."""

from collections.abc import Callable, Mapping

from bot.drawings.sheet import BRAND, QUIET, RED, WHITE, Ink, Sheet
from domain.dues import MonthState

OCHRE: Ink = (0x8A, 0x55, 0x00)
FAINT: Ink = (0x9A, 0xA5, 0xA1)
RADIUS = 14.0

Mark = Callable[[Sheet, float, float], None]


def paid(sheet: Sheet, x: float, y: float) -> None:
    """A tick on a full disc."""
    sheet.disc((x, y), RADIUS, BRAND)
    sheet.stroke([(x - 6.2, y + 0.4), (x - 1.8, y + 5), (x + 6.6, y - 4.6)], WHITE, 3.2)


def partly(sheet: Sheet, x: float, y: float) -> None:
    """A disc that is half full."""
    sheet.disc((x, y), RADIUS - 1.25, WHITE, BRAND, 2.5)
    sheet.bowl((x, y), RADIUS, BRAND)


def pending(sheet: Sheet, x: float, y: float) -> None:
    """An hourglass."""
    for end in (y - 12, y + 12):
        sheet.stroke([(x - 9, end), (x + 9, end)], OCHRE, 3.2)
        sheet.shape([(x - 7.5, end), (x + 7.5, end), (x + 1.4, y), (x - 1.4, y)], OCHRE)


def owed(sheet: Sheet, x: float, y: float) -> None:
    """An empty disc with an exclamation mark."""
    sheet.disc((x, y), RADIUS - 1.4, WHITE, RED, 2.8)
    sheet.stroke([(x, y - 6.4), (x, y + 1.4)], RED, 3.2)
    sheet.disc((x, y + 6.4), 2, RED)


def later(sheet: Sheet, x: float, y: float) -> None:
    """A circle of dashes."""
    sheet.dashed((x, y), RADIUS - 1.2, FAINT, 1.8)


def none(sheet: Sheet, x: float, y: float) -> None:
    """A dash."""
    sheet.stroke([(x - 7, y), (x + 7, y)], QUIET, 3)


MARKS: Mapping[MonthState, Mark] = {
    MonthState.PAID: paid,
    MonthState.PARTLY: partly,
    MonthState.PENDING: pending,
    MonthState.OWED: owed,
    MonthState.LATER: later,
    MonthState.NONE: none,
}
