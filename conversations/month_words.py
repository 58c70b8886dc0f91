"""How months in a row read, and what they cost."""

from collections.abc import Iterable, Sequence
from datetime import date

from babel.dates import format_date

from conversations.words import _, month_name, rupiah, spoken
from domain.money import Rupiah
from domain.month import Month

Costing = tuple[Month, Rupiah]


def spans(months: Iterable[Month]) -> str:
    """Months as people say them, as in "Oktober 2026, Desember 2026–Februari 2027"."""
    return ", ".join(span(run[0], run[-1]) for run in runs(sorted(set(months))))


def span(first: Month, last: Month) -> str:
    """Months in a row, as in "Januari–Maret 2027"."""
    if first == last:
        return month_name(first)
    beginning = month_alone(first) if first.year == last.year else month_name(first)
    return f"{beginning}–{month_name(last)}"


def month_alone(month: Month) -> str:
    """A month without its year."""
    return format_date(date(month.year, month.month, 1), "LLLL", locale=spoken.get())


def runs(months: Sequence[Month]) -> list[list[Month]]:
    """Sorted months, those in a row together."""
    found: list[list[Month]] = []
    for month in months:
        if found and found[-1][-1] + 1 == month:
            found[-1].append(month)
        else:
            found.append([month])
    return found


def rates(costs: Iterable[Costing]) -> list[tuple[list[Month], Rupiah]]:
    """Months in a row that cost the same, with what each costs; the oldest first."""
    found: list[tuple[list[Month], Rupiah]] = []
    for month, cost in sorted(costs):
        if found and found[-1][1] == cost and found[-1][0][-1] + 1 == month:
            found[-1][0].append(month)
        else:
            found.append(([month], cost))
    return found


def prices(costs: Iterable[Costing]) -> str:
    """What each month costs, as in "Desember 2026 Rp8.400, Januari–Maret 2027 Rp16.800 sebulan"."""
    return ", ".join(rate(months, cost) for months, cost in rates(costs))


def rate(months: Sequence[Month], cost: Rupiah) -> str:
    """What one or more months in a row cost."""
    sentence = _("{months} {price}") if len(months) == 1 else _("{months} {price} sebulan")
    return sentence.format(months=span(months[0], months[-1]), price=rupiah(cost))
