"""Whom we write to outside of her window: the provider limits how many people that may be within a moving day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from storage.queries import parked
from storage.tables import Rate, Reached

A_DAY = timedelta(hours=24)
AT_ONCE = 50  # messages that are let go with one look: if the provider objects after all, the others still wait
HOLDS = tuple(timedelta(minutes=minutes) for minutes in (5, 30, 120, 360, 1440))
"""How long nobody is written to after the provider has said that it is enough, the first time and later ones."""


def take_place(db: Session, account: str, address_id: str, now: datetime) -> bool:
    """Count somebody among the people of the day; False when there is no room for her.

    The account's row is held until the commit, so that any number of senders share the count.
    """
    rate = locked(db, account)
    if is_held(rate, now):
        return False
    hers = db.exec(select(Reached).where(Reached.account == account, Reached.address_id == address_id)).first()
    counted = hers is not None and hers.at > now - A_DAY
    if not counted and rate.people_per_day is not None and of_the_day(db, account, now) >= rate.people_per_day:
        return False
    hers = hers or Reached(association_id=rate.association_id, account=account, address_id=address_id, at=now)
    hers.at = now
    db.add(hers)
    db.flush()
    return True


def locked(db: Session, account: str) -> Rate:
    """What bounds an account, held until the commit."""
    return db.exec(
        select(Rate).where(Rate.account == account).with_for_update().execution_options(populate_existing=True)
    ).one()


def is_held(rate: Rate, now: datetime) -> bool:
    """True while nobody may be written to outside of her window."""
    return rate.outside_at is not None and rate.outside_at > now


def of_the_day(db: Session, account: str, now: datetime) -> int:
    """How many people we wrote to outside of their windows within the last 24 hours."""
    return db.exec(select(func.count()).where(Reached.account == account, col(Reached.at) > now - A_DAY)).one()


def hold(db: Session, account: str, attempts: int, now: datetime) -> datetime:
    """The provider says that it is enough: nobody is written to outside of her window before the moment that this is.

    `attempts`: how often the message was tried that it refused.
    """
    return hold_until(db, account, now + HOLDS[min(attempts, len(HOLDS)) - 1])


def hold_until(db: Session, account: str, until: datetime) -> datetime:
    """Until then, or later if that was said before."""
    rate = locked(db, account)
    rate.outside_at = max(rate.outside_at, until) if rate.outside_at else until
    db.flush()
    return rate.outside_at


def release(db: Session, now: datetime) -> None:
    """For as many as there are places by now, what waited for one goes."""
    waits = select(Rate.account).where(parked.waits_for_a_place(col(Rate.account)))
    for account in db.exec(waits).all():
        rate = db.exec(select(Rate).where(Rate.account == account)).one()
        if is_held(rate, now):
            continue
        free = AT_ONCE if rate.people_per_day is None else rate.people_per_day - of_the_day(db, account, now)
        if free > 0:
            parked.release_waiting_for(db, account, parked.FOR_A_PLACE, now, most=min(free, AT_ONCE))


@dataclass(frozen=True, slots=True)
class Room:
    """How many people an account may still write to outside of their windows."""

    account: str
    reached: int  # within the last 24 hours
    limit: int | None


def rooms(db: Session, now: datetime) -> list[Room]:
    """Every account that has such a limit, or has written to anybody so."""
    found = [
        Room(rate.account, of_the_day(db, rate.account, now), rate.people_per_day)
        for rate in db.exec(select(Rate).order_by(Rate.account))
    ]
    return [room for room in found if room.limit is not None or room.reached]
