"""Associations, their channel accounts, and numbers without gaps."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from domain.cost import Prices
from storage.tables import Association, ChannelAccount, Counter, Rate


def get(db: Session, association_id: str) -> Association:
    """One association. Raises `sqlalchemy.exc.NoResultFound`."""
    return db.exec(select(Association).where(Association.id == association_id)).one()


def everyone(db: Session) -> list[Association]:
    """All of them."""
    return list(db.exec(select(Association).order_by(Association.id)))


def accounts(db: Session) -> list[ChannelAccount]:
    """Every channel account of every association."""
    return list(db.exec(select(ChannelAccount).order_by(ChannelAccount.id)))


def ensure(db: Session, *, association_id: str, name: str, help_contact: str = "", now: datetime) -> Association:
    """The association of that id; founded when it is new."""
    found = db.get(Association, association_id)
    if found is None:
        found = Association(id=association_id, name=name, help_contact=help_contact, created_at=now)
        db.add(found)
        db.flush()
    return found


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a provider allows and takes, as the operator has set it."""

    window: timedelta | None = None
    people_per_day: int | None = None
    prices: Prices = field(default_factory=Prices)


def ensure_account(
    db: Session,
    *,
    association_id: str,
    account: str,
    per_second: float,
    now: datetime,
    public_id: str = "",
    bounds: Bounds | None = None,
) -> None:
    """The channel account of that id and its limiter; a halted one may try again."""
    found = ensure_row(db, association_id=association_id, account=account, public_id=public_id, now=now)
    rate = db.exec(select(Rate).where(Rate.account == account)).first()
    if rate is None:
        rate = Rate(account=account, association_id=association_id, per_second=per_second, next_at=now)
        db.add(rate)
    rate.per_second, rate.halted = per_second, ""
    if bounds:
        found.window_seconds = int(bounds.window.total_seconds()) if bounds.window else None
        found.prices, rate.people_per_day = bounds.prices.as_json(), bounds.people_per_day
    db.flush()


def ensure_row(db: Session, *, association_id: str, account: str, public_id: str, now: datetime) -> ChannelAccount:
    """The channel account of that id."""
    found = db.get(ChannelAccount, account)
    if found is None:
        channel = account.partition("/")[0]
        found = ChannelAccount(
            id=account, association_id=association_id, channel=channel, public_id=public_id, created_at=now
        )
        db.add(found)
        db.flush()
    return found


def next_number(db: Session, association_id: str, name: str) -> int:
    """The next number of a count, 1 first; without gaps, since it is counted up in the caller's transaction."""
    insert = postgresql.insert if db.connection().dialect.name == "postgresql" else sqlite.insert
    first = insert(Counter).values(association_id=association_id, name=name, value=1)
    counted = first.on_conflict_do_update(
        index_elements=["association_id", "name"], set_={"value": Counter.value + 1}
    ).returning(col(Counter.value))
    value: int = db.connection().execute(counted).scalar_one()
    return value


def give_back(db: Session, association_id: str, name: str) -> None:
    """The number that `next_number` gave in this very transaction is not used: the next one gets it."""
    counter = update(Counter).where(col(Counter.association_id) == association_id, col(Counter.name) == name)
    db.connection().execute(counter.values(value=Counter.value - 1))
