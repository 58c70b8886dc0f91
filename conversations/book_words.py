"""The dues book as a picture, and the same in words."""

from datetime import date

from babel.dates import format_date

from conversations.month_words import prices, spans
from conversations.outlook import Outlook
from conversations.words import N_, _, long_date, month_name, rupiah, spoken
from domain.dues import Book, MonthDues, MonthState
from domain.month import Month, months_from
from domain.picture import BookMonth, BookPicture

SHOWN = 12  # months
AHEAD = 3  # coming months that are shown in any case
MOST_AHEAD = 10  # coming months that are shown at most: the last one and this one always are

WORDS = {
    MonthState.PAID: N_("lunas"),
    MonthState.PARTLY: N_("kurang"),
    MonthState.PENDING: N_("diperiksa"),
    MonthState.OWED: N_("belum"),
    MonthState.LATER: N_("nanti"),
    MonthState.NONE: N_("tidak ada"),
}


def shown_months(book: Book, current: Month, first_month: Month) -> list[Month]:
    """Twelve months in a row around this one, so that what is paid ahead is seen, and none before she joined."""
    settled = [one.month for one in book.months if one.charged] + list(book.pending)
    last = min(max([current + AHEAD, *settled]), current + MOST_AHEAD)
    joined = min([first_month, *(one.month for one in book.months)])
    return months_from(max(last - (SHOWN - 1), min(joined, current)), SHOWN)


def picture_of(hers: Outlook, book: Book, months: list[Month], association: str) -> BookPicture:
    """The book as it is drawn; `book` knows the prices of the coming months too."""
    ready = book.credit + book.ahead
    return BookPicture(
        association=association,
        name=hers.member.name,
        title=_("Buku iuran"),
        as_of=_("per {day}").format(day=long_date(hers.today)),
        months=tuple(cell(book, month, hers.today) for month in months),
        owed=(_("Belum dibayar"), rupiah(hers.owed)),
        credit=(_("Titipan untuk bulan berikutnya"), rupiah(ready)) if ready > 0 else None,
        sentence=until(book),
    )


def cell(book: Book, month: Month, today: date) -> BookMonth:
    """One month: how it stands, and what it costs, or what is missing of it."""
    state = state_of(book, month, today)
    found = book.month(month)
    label = format_date(date(month.year, month.month, 1), "LLL y", locale=spoken.get())
    return BookMonth(label, state, rupiah(amount_of(found, state)) if found else "", _(WORDS[state]))


def state_of(book: Book, month: Month, today: date) -> MonthState:
    """How a month stands; nothing is asked for one that is not in the book."""
    return book.state(month, Month.of(today)) if book.month(month) else MonthState.NONE


def amount_of(found: MonthDues, state: MonthState) -> int:
    """What a month costs; of one that is partly paid, what is missing."""
    return found.total_owed if state is MonthState.PARTLY else found.total_cost


def until(book: Book) -> str:
    """Until when it is paid."""
    last = book.paid_until()
    return _("Lunas sampai {month}.").format(month=month_name(last)) if last else _("Belum ada bulan yang lunas.")


def in_words(hers: Outlook, book: Book, months: list[Month]) -> str:
    """The same as the picture, for those to whom it does not come."""
    by_state: dict[MonthState, list[MonthDues]] = {}
    for month in months:
        found = book.month(month)
        if found:
            by_state.setdefault(state_of(book, month, hers.today), []).append(found)
    ready = book.credit + book.ahead
    lines = [
        _("Buku iuran {name}, per {day}").format(name=hers.member.name, day=long_date(hers.today)),
        *(line(state, by_state[state]) for state in SENTENCES if state in by_state),
        _("Titipan untuk bulan berikutnya: {amount}").format(amount=rupiah(ready)) if ready > 0 else "",
    ]
    return "\n".join(filter(None, lines))


SENTENCES = {
    MonthState.PAID: N_("Lunas: {months}"),
    MonthState.PENDING: N_("Menunggu diperiksa: {months}"),
    MonthState.PARTLY: N_("Kurang: {prices}"),
    MonthState.OWED: N_("Belum dibayar: {prices}"),
    MonthState.LATER: N_("Nanti, kecuali ada aturan baru: {prices}"),
}


def line(state: MonthState, found: list[MonthDues]) -> str:
    """The months that stand alike: which, and what is to be paid for each."""
    return _(SENTENCES[state]).format(
        months=spans(one.month for one in found),
        prices=prices((one.month, one.total_owed) for one in found),
    )
