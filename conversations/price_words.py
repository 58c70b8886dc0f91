"""How brackets of income and the price of programmes read."""

from datetime import date, timedelta

from conversations.words import _, month_name, rupiah
from domain.month import Month
from domain.rates import Funding, Programme, Sector, Tier, next_change, price, tiers, total

WARNED = timedelta(days=31)  # before a rate changes: the whole last month of the old one
CHOICES = ((Programme.JKK, Programme.JKM), (Programme.JKK, Programme.JKM, Programme.JHT))


def bracket(tier: Tier) -> str:
    """The incomes of a tier, as in "Rp1.100.000–1.299.000": a row of WhatsApp's lists holds 24 characters."""
    if tier.income_max is None:
        return _("{least} atau lebih").format(least=rupiah(tier.income_min))
    if tier.income_min == 0:
        return _("Sampai {most}").format(most=rupiah(tier.income_max))
    return f"{rupiah(tier.income_min)}–{rupiah(tier.income_max).removeprefix('Rp')}"


def warning(today: date) -> str:
    """What an officer should know of a rate that changes with the coming month; "" when none does."""
    month = Month.of(today)
    facts = (tiers()[0], CHOICES[0], Sector.OTHER, Funding.SELF)
    change = next_change(month, *facts)
    if change is None or date(change.year, change.month, 1) - today > WARNED:
        return ""
    now, later = (rupiah(total(price(one, *facts))) for one in (month, change))
    return _(
        "Iuran JKK + JKM terendah berubah mulai {first}: dari {now} menjadi {later}, kecuali ada aturan baru."
    ).format(first=month_name(change), now=now, later=later)


def by_month(month: Month, tier_number: int, programmes: tuple[Programme, ...]) -> str:
    """What a self-paying vendor pays a month from `month` on, and when that changes (rates by contribution month)."""
    facts = (tiers()[tier_number - 1], programmes, Sector.OTHER, Funding.SELF)
    now = rupiah(total(price(month, *facts)))
    change = next_change(month, *facts)
    if change is None:
        return _("{price} sebulan").format(price=now)
    return _("{price} sebulan sampai {last}; mulai {first} {later}, kecuali ada aturan baru").format(
        price=now,
        last=month_name(change - 1),
        first=month_name(change),
        later=rupiah(total(price(change, *facts))),
    )
