"""How cash in somebody's hands reads: how much, since when, and where it came from."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from conversations.words import _, long_date, rupiah
from domain.money import Rupiah
from storage.queries.cash import Holder, Lot

SHOWN = 8  # people in one list
LOTS = 4  # collections in one list


def in_hand(amount: Rupiah, since: datetime | None, *, today: date, zone: ZoneInfo) -> str:
    """What lies in her own hands, and since when the oldest of it."""
    if amount < 0:
        return _("Uang di tangan: tidak ada. Bapak/Ibu sudah setor lebih {amount}.").format(amount=rupiah(-amount))
    if since is None:
        return _("Uang di tangan: tidak ada.")
    return _("Uang di tangan: {amount}, paling lama {age}.").format(amount=rupiah(amount), age=age(since, today, zone))


def age(since: datetime, today: date, zone: ZoneInfo) -> str:
    """Since which day, and for how many days."""
    day = since.astimezone(zone).date()
    days = (today - day).days
    if days <= 0:
        return _("sejak hari ini")
    return _("sejak {day} ({count} hari)").format(day=long_date(day), count=days)


def holder(one: Holder, *, today: date, zone: ZoneInfo) -> str:
    """Somebody's cash, as a treasurer sees it."""
    if one.since is None:
        return _("{name}: sudah setor lebih {amount}").format(name=one.name, amount=rupiah(-one.amount))
    return _("{name}: {amount}, {age}").format(
        name=one.name, amount=rupiah(one.amount), age=age(one.since, today, zone)
    )


def by_collection(lots: Sequence[Lot], zone: ZoneInfo) -> list[str]:
    """What cash is made of, the oldest first; of a long list the rest in one line."""
    lines = [
        _("{number}, {day}: {amount}").format(
            number=lot.collection or "-", day=long_date(lot.at.astimezone(zone).date()), amount=rupiah(lot.amount)
        )
        for lot in lots[:LOTS]
    ]
    rest = lots[LOTS:]
    if rest:
        lines.append(
            _("dan {count} lagi: {amount}").format(count=len(rest), amount=rupiah(sum(lot.amount for lot in rest)))
        )
    return lines
