"""What messages will cost, and have cost: counted here, priced by `domain.cost`."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Boolean, ColumnElement, Select, case, false, func, literal, literal_column
from sqlalchemy import select as asking
from sqlmodel import Session, col, select

from domain.cost import Billed, Estimate, Prices, estimated
from domain.month import Month
from storage.columns import Moment
from storage.queries import associations, templates
from storage.queries.outbox import ANSWERED
from storage.tables import Address, ChannelAccount, Message, Talk

Addresses = Select[Any] | Collection[str]
"""Ids of addresses, or the question that finds them."""


def estimate(db: Session, association_id: str, addresses: Addresses, *, template: str, now: datetime) -> Estimate:
    """What one message to each of these addresses will cost, as each stands now.

    `template`: what goes to whoever has not written for too long, without its language, as in "announcement".
    """
    accounts = of_association(db, association_id)
    each = (
        asking(col(Address.account), col(Address.language), heard_lately(accounts, now).label("heard"))
        .where(col(Address.association_id) == association_id, col(Address.id).in_(addresses))
        .subquery()
    )
    asked = asking(each.c.account, each.c.language, each.c.heard, func.count()).group_by(*each.c)
    kinds = {(row.account, row.name): row.category or row.asked for row in usable(db, association_id)}
    counts: dict[tuple[str, str], int] = {}
    for account, language, is_open, number in db.connection().execute(asked):
        outside = kinds.get((account, f"{template}_{language}"), Billed.WAITS.value)
        billed = Billed.SERVICE.value if is_open else outside
        if accounts[account].window_seconds is None:
            billed = Billed.NOTHING.value
        counts[account, billed] = counts.get((account, billed), 0) + number
    month = Month.of(now.astimezone(ZoneInfo(associations.get(db, association_id).zone)).date())
    return priced(counts, accounts, before=services(db, association_id, month))


def of_association(db: Session, association_id: str) -> dict[str, ChannelAccount]:
    """The channel accounts of an association."""
    hers = select(ChannelAccount).where(ChannelAccount.association_id == association_id)
    return {account.id: account for account in db.exec(hers)}


def usable(db: Session, association_id: str) -> list[Any]:
    """The templates that may be sent now."""
    return [row for row in templates.of_association(db, association_id) if templates.is_usable(row)]


def heard_lately(accounts: Mapping[str, ChannelAccount], now: datetime) -> ColumnElement[bool]:
    """True of an address to which one may write freely."""
    since = {
        account.id: literal(now - timedelta(seconds=account.window_seconds), Moment())
        for account in accounts.values()
        if account.window_seconds is not None
    }
    if not since:
        return false()
    wrote = literal_column("talk.address_id = address.id AND talk.turn > 0", type_=Boolean())
    heard_at = asking(func.max(col(Talk.heard_at))).where(wrote).scalar_subquery()
    closed = col(Address.closed_at).is_not(None) & (col(Address.closed_at) >= heard_at)
    earliest = case(*((col(Address.account) == name, at) for name, at in since.items()), else_=literal(now, Moment()))
    return func.coalesce((heard_at >= earliest) & ~closed, false())


def priced(
    counts: Mapping[tuple[str, str], int],
    accounts: Mapping[str, ChannelAccount],
    *,
    before: Mapping[str, int],
    instead: Mapping[str, Prices] | None = None,
) -> Estimate:
    """The counts by account and category, with their prices."""
    kept = {name: Prices.from_json(account.prices) for name, account in accounts.items()}
    prices = {**kept, **(instead or {})}
    return estimated([(account, billed, number) for (account, billed), number in counts.items()], prices, before)


def of_month(db: Session, association_id: str, month: Month, *, prices: Mapping[str, Prices] | None = None) -> Estimate:
    """What was sent within a month by the association's own clock, and what it cost; `prices`: others than are kept."""
    counts = sent(db, association_id, month)
    return priced(counts, of_association(db, association_id), before={}, instead=prices)


def services(db: Session, association_id: str, month: Month) -> dict[str, int]:
    """The service messages of a month, by account."""
    counts = sent(db, association_id, month)
    return {account: number for (account, billed), number in counts.items() if billed == Billed.SERVICE}


def sent(db: Session, association_id: str, month: Month) -> dict[tuple[str, str], int]:
    """How many messages the providers took in a month, by account and what each is billed as."""
    zone = ZoneInfo(associations.get(db, association_id).zone)
    first, end = (datetime(one.year, one.month, 1, tzinfo=zone) for one in (month, month + 1))
    counted = (
        asking(col(Message.account), col(Message.billed_as), func.count())
        .where(
            col(Message.association_id) == association_id,
            col(Message.status).in_(ANSWERED),
            col(Message.http_started_at) >= first,
            col(Message.http_started_at) < end,
        )
        .group_by(col(Message.account), col(Message.billed_as))
    )
    return {(account, billed): number for account, billed, number in db.connection().execute(counted)}
