"""Members pay: they tell of it, and somebody looks for the money."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from bot import samples
from bot.arrivals import ASSOCIATION
from bot.season.season import Season
from conversations.words import long_date, rupiah
from domain.dues import Way, months_to_pay
from domain.money import Rupiah
from domain.month import Month
from domain.offer import due
from storage.columns import new_id
from storage.queries import documents, dues, payments
from storage.queries.documents import NewDocument
from storage.tables import Member


def tell(
    season: Season,
    name: str,
    way: Way,
    count: int = 1,
    *,
    declared: int = 0,
    slip: NewDocument | None = None,
    bare: bool = False,
) -> str:
    """She tells that she paid for so many months; the payment's id. `bare`: without a proof; `slip`: with this one."""
    reference = a_reference(season)

    def work(db: Session, now: datetime) -> str:
        member = season.member(db, name)
        months, expected = asked(db, member, way, count, now)
        amount = Rupiah(declared) or expected
        shown = [] if bare else [slip or made_out(season, amount, now, reference)]
        for document in shown:
            keep(db, document, member, now)
        told = payments.Told(
            way, tuple(months), expected, amount, now.date(), reference, tuple(document.id for document in shown)
        )
        whose = member.person_id
        return payments.submit(db, member, told, payer_id=whose, by=whose, address_id=None, now=now).id

    return season.write(work)


def asked(db: Session, member: Member, way: Way, count: int, now: datetime) -> tuple[Sequence[Month], Rupiah]:
    """The months that she pays, and what she was told that they cost."""
    months = months_to_pay(dues.book_ahead(db, member, now.date()), count)
    book = dues.with_months(db, member, dues.book_of(db, member, now.date()), months)
    return months, due(book, months, way).amount


def a_reference(season: Season) -> str:
    """As it stands on a slip."""
    return f"CONTOH{season.chance.randrange(10_000):04}"


def slip(season: Season, amount: int) -> NewDocument:
    """A slip that is sent more than once."""
    return made_out(season, Rupiah(amount), season.clock.now(), a_reference(season))


def made_out(season: Season, amount: Rupiah, now: datetime, reference: str) -> NewDocument:
    """The slip that she photographs."""
    return samples.proof(rupiah(amount), long_date(now.date()), reference, season.chance)


def again(slip: NewDocument) -> NewDocument:
    """The very same picture, sent anew."""
    return replace(slip, id=new_id())


def keep(db: Session, slip: NewDocument, member: Member, now: datetime) -> None:
    """Keep a slip, as a turn does that brings a photo."""
    documents.add(db, slip, association_id=ASSOCIATION, person_id=member.person_id, kind="proof", now=now)


def confirm(season: Season, payment_id: str, by: str, received: int = 0) -> None:
    """Somebody has seen the money: all of what was told, or so much."""

    def work(db: Session, now: datetime) -> None:
        payment = payments.lock(db, ASSOCIATION, payment_id)
        amount = Rupiah(received or payment.declared or 0)
        payments.confirm(db, payment, amount, by=season.persons[by], now=now)

    season.write(work)


def refuse(season: Season, payment_id: str, by: str, reason: str) -> None:
    """Somebody has not found the money."""

    def work(db: Session, now: datetime) -> None:
        payment = payments.lock(db, ASSOCIATION, payment_id)
        payments.refuse(db, payment, reason=reason, by=season.persons[by], now=now)

    season.write(work)


def withdraw(season: Season, payment_id: str) -> None:
    """She takes back what she told."""

    def work(db: Session, now: datetime) -> None:
        payment = payments.lock(db, ASSOCIATION, payment_id)
        payments.withdraw(db, payment, by=payment.submitted_by, now=now)

    season.write(work)
