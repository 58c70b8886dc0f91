"""What a run of months costs, month by month and component by component."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from domain.due import due_day
from domain.money import Rupiah
from domain.month import Month, months_from
from domain.rates import Component, Funding, Programme, Sector, Tier, next_change, price, total


@dataclass(frozen=True, slots=True)
class QuotedMonth:
    """One month: its components, their sum, and the day on which it is due."""

    month: Month
    components: tuple[Component, ...]
    due_day: date

    @property
    def total(self) -> Rupiah:
        """What the month costs."""
        return total(self.components)


@dataclass(frozen=True, slots=True)
class Quote:
    """Months in a row, and what all of them cost."""

    months: tuple[QuotedMonth, ...]
    changes_in: Month | None  # the first month after them that costs another amount than the last of them

    @property
    def total(self) -> Rupiah:
        """What all of them cost."""
        return Rupiah(sum(month.total for month in self.months))

    @property
    def rates(self) -> list[tuple[QuotedMonth, int]]:
        """The first month at each amount, and how many months in a row cost it."""
        runs: list[tuple[QuotedMonth, int]] = []
        for month in self.months:
            if runs and runs[-1][0].total == month.total:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((month, 1))
        return runs


def quote(
    first: Month, count: int, *, tier: Tier, programmes: Collection[Programme], sector: Sector, funding: Funding
) -> Quote:
    """What `count` months from `first` cost. Raises `NoRate` for a month before the rates on record."""
    months = tuple(
        QuotedMonth(month, tuple(price(month, tier, programmes, sector, funding)), due_day(month))
        for month in months_from(first, count)
    )
    return Quote(months, next_change(months[-1].month, tier, programmes, sector, funding))
