"""Whom an announcement is for: everybody whom its facts fit now, whether she wants it, and where she would get it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_
from sqlalchemy import select as asking
from sqlmodel import Session, col, select

from domain.audience import Audience
from domain.due import due_day
from domain.month import Month
from storage.queries import associations
from storage.queries.ledger import debited
from storage.tables import Address, Consent, Member, Person, Posting, Talk, Terms

TOPIC = "announcements"
Expression = Any
"""A column, or whatever stands for one in a statement."""


@dataclass(frozen=True, slots=True)
class Count:
    """Who would get it now, and why others would not."""

    accounts: Mapping[str, int] = field(default_factory=dict)  # people by the account through which each gets it
    opted_out: int = 0
    unreachable: int = 0

    @property
    def people(self) -> int:
        """Everybody who gets it."""
        return sum(self.accounts.values())


def count(db: Session, association_id: str, audience: Audience, now: datetime) -> Count:
    """Who would get an announcement now."""
    found = found_now(db, association_id, audience, now).subquery()
    by_account = (
        asking(col(Address.account), found.c.wants, func.count())
        .select_from(found)
        .join(Address, col(Address.id) == found.c.address_id, isouter=True)
        .group_by(col(Address.account), found.c.wants)
    )
    accounts: dict[str, int] = {}
    opted_out = unreachable = 0
    for account, wants, number in db.connection().execute(by_account):
        if account is None:
            unreachable += number
        elif not wants:
            opted_out += number
        else:
            accounts[account] = number
    return Count(accounts, opted_out, unreachable)


def found_now(db: Session, association_id: str, audience: Audience, now: datetime) -> Select[*tuple[Any, ...]]:
    """Each person of an audience, whether she wants announcements, and where she would get them."""
    today = now.astimezone(ZoneInfo(associations.get(db, association_id).zone)).date()
    return (
        asking(
            col(Person.id).label("person_id"),
            wants(col(Person.id), association_id).label("wants"),
            last_address(col(Person.id), Address.id).label("address_id"),
        )
        .select_from(Person)
        .join(Member, is_her(col(Person.id), association_id), isouter=True)
        .where(col(Person.association_id) == association_id, *meant(association_id, audience, today))
    )


def addresses(db: Session, association_id: str, audience: Audience, now: datetime) -> Select[*tuple[Any, ...]]:
    """The question that finds where each of those who get it now is reached."""
    found = found_now(db, association_id, audience, now).subquery()
    return asking(found.c.address_id).where(found.c.wants, found.c.address_id.is_not(None))


def is_her(person_id: Expression, association_id: str) -> ColumnElement[bool]:
    """The member who a person is."""
    return and_(col(Member.association_id) == association_id, col(Member.person_id) == person_id)


def meant(association_id: str, audience: Audience, today: date) -> list[ColumnElement[bool]]:
    """Whom the facts of an audience fit."""
    facts: list[ColumnElement[bool]] = []
    if audience.of_members:
        of_status = col(Member.status) == audience.status if audience.status else col(Member.status) != "left"
        facts += [col(Member.id).is_not(None), of_status]
    else:
        facts.append(speaks(col(Person.id)))
    for column, value in (
        (col(Member.regency), audience.regency),
        (col(Member.district), audience.district),
        (col(Member.market), audience.market),
        (col(Member.collector_id), audience.collector),
    ):
        facts += [column == value] if value else []
    if audience.arrears is not None:
        late = col(Member.id).in_(in_arrears(association_id, today))
        facts.append(late if audience.arrears else ~late)
    if audience.programme:
        facts.append(is_in(audience.programme, Month.of(today)))
    if audience.language:
        facts.append(last_address(col(Person.id), Address.language) == audience.language)
    if audience.without:
        facts.append(col(Person.id).not_in(audience.without))
    return facts


def speaks(person_id: Expression) -> ColumnElement[bool]:
    """She talks with us, wherever."""
    return exists().where(col(Talk.person_id) == person_id, col(Talk.ended_at).is_(None))


def in_arrears(association_id: str, today: date) -> Select[*tuple[Any, ...]]:
    """The members who owe something of a month whose due day is over."""
    month = Month.of(today)
    last = month if due_day(month) < today else month - 1
    return (
        asking(col(Posting.member_id))
        .where(
            col(Posting.association_id) == association_id,
            or_(literal_column("posting.debit = 'owes'"), literal_column("posting.credit = 'owes'")),
            col(Posting.month) != "",
            col(Posting.month) <= str(last),
        )
        .group_by(col(Posting.member_id))
        .having(func.sum(debited("owes")) > 0)
    )


def is_in(programme: str, month: Month) -> ColumnElement[bool]:
    """Her terms of this month have the programme."""
    latest = (
        asking(col(Terms.programmes))
        .where(col(Terms.member_id) == col(Member.id), col(Terms.from_month) <= str(month))
        .order_by(col(Terms.from_month).desc(), col(Terms.id).desc())
        .limit(1)
        .correlate(Member)
        .scalar_subquery()
    )
    return func.coalesce(latest, "").like(f"%{programme}%")


def wants(person_id: Expression, association_id: Expression) -> ColumnElement[bool]:
    """Her last answer about announcements was yes."""
    latest = (
        asking(col(Consent.given))
        .where(
            col(Consent.association_id) == association_id,
            col(Consent.person_id) == person_id,
            col(Consent.purpose) == TOPIC,
        )
        .order_by(col(Consent.id).desc())
        .limit(1)
        .correlate_except(Consent)
        .scalar_subquery()
    )
    return func.coalesce(latest, False).is_(True)


def last_address(person_id: Expression, column: Expression) -> ColumnElement[Any]:
    """Of the open addresses at which she speaks, the one that she wrote from last; something of it."""
    address, talk = Address.__table__.alias("here"), Talk.__table__.alias("spoke")  # type: ignore[attr-defined]
    return (
        asking(address.c[column.key])
        .select_from(talk)
        .join(address, address.c.id == talk.c.address_id)
        .where(talk.c.person_id == person_id, talk.c.ended_at.is_(None), address.c.status == "open")
        .order_by(talk.c.heard_at.desc(), talk.c.id.desc())
        .limit(1)
        .correlate_except(talk, address)
        .scalar_subquery()
    )


def markets(db: Session, association_id: str) -> list[str]:
    """Where members are found, in the association's own words."""
    named = select(Member.market).where(Member.association_id == association_id, col(Member.market) != "").distinct()
    return sorted(db.exec(named))


def regions(db: Session, association_id: str, column: Any, *, within: str = "") -> list[str]:
    """The regencies, or the districts of one, in which members live."""
    lived_in = select(column).where(Member.association_id == association_id, col(column) != "").distinct()
    if within:
        lived_in = lived_in.where(Member.regency == within)
    return sorted(db.exec(lived_in))


def collectors(db: Session, association_id: str) -> list[str]:
    """The people who take the cash of members."""
    those = select(Member.collector_id).where(
        Member.association_id == association_id, col(Member.collector_id).is_not(None)
    )
    return sorted({one for one in db.exec(those.distinct()) if one})


def named(
    db: Session, association_id: str, audience: Audience, words: str, now: datetime, *, most: int = 20
) -> list[tuple[str, str, str]]:
    """People of an audience whose name holds these words, or whose NIK ends so: (person, name, end of the NIK)."""
    found = found_now(db, association_id, audience, now).subquery()
    name = func.coalesce(col(Member.name), col(Person.called))
    holds = func.lower(name).contains(words.casefold(), autoescape=True)
    ends = col(Member.nik_end) == words
    those = (
        asking(col(Person.id), name, func.coalesce(col(Member.nik_end), ""))
        .select_from(found)
        .join(Person, col(Person.id) == found.c.person_id)
        .join(Member, is_her(col(Person.id), association_id), isouter=True)
        .where(or_(holds, ends))
        .order_by(name, col(Person.id))
        .limit(most)
    )
    return [(row[0], row[1], row[2]) for row in db.connection().execute(those)]
