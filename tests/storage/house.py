"""A small association with members, made without a talk: for what lies below the conversations."""

from datetime import UTC, datetime

from sqlmodel import Session, select

from domain.dues import Terms, Way
from domain.money import Rupiah
from domain.month import Month
from domain.nik import Nik
from domain.rates import Programme
from storage.columns import new_id
from storage.queries import associations, dues, members, payments, talks, terms
from storage.tables import Address, Application, Member, Payment, Person

NOVEMBER = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
DECEMBER, JANUARY = Month(2026, 12), Month(2027, 1)
JKK_JKM = Terms(1, (Programme.JKK, Programme.JKM))
WITH_JHT = Terms(1, tuple(Programme))


def found(db: Session, now: datetime = NOVEMBER) -> None:
    """The association, with a chat account."""
    associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=now)
    associations.ensure_account(db, association_id="main", account="telegram/main", per_second=1000, now=now)


def person(db: Session, name: str, now: datetime = NOVEMBER) -> str:
    """Somebody who writes to us; her person id."""
    address = talks.ensure_address(db, association_id="main", account="telegram/main", external_id=name, now=now)
    db.exec(select(Person).where(Person.id == address.person_id)).one().called = name.capitalize()
    db.flush()
    return address.person_id


def member(
    db: Session, name: str, *, first: Month = DECEMBER, hers: Terms = JKK_JKM, now: datetime = NOVEMBER, id: str = ""
) -> Member:
    """A member of that name, who is charged from `first` on."""
    person_id = person(db, name, now)
    address = db.exec(select(Address).where(Address.person_id == person_id)).one()
    number = associations.next_number(db, "main", "member-of-a-test")
    application = Application(
        id=new_id(),
        association_id="main",
        number=f"P-{number:04}",
        status="verified",
        person_id=person_id,
        applicant_id=person_id,
        address_id=address.id,
        nik_index=f"index-{number}",
        answers_sealed="",
        queued_at=now,
        updated_at=now,
    )
    db.add(application)
    db.flush()
    row = Member(
        id=id or new_id(),
        association_id="main",
        person_id=person_id,
        application_id=application.id,
        nik_sealed="",
        nik_index="",
        nik_end="",
        name=name.capitalize(),
        birth_place="Mataram",
        birth_date=datetime(1987, 5, 5, tzinfo=UTC).date(),
        sex="female",
        mother_sealed="",
        trade="makanan",
        workplace="Pasar Contoh",
        hours="pagi",
        first_month=str(first),
        joined_at=now,
    )
    members.admit(db, row, nik=Nik.parse(f"527101450587{number:04}"), mother="Inaq", phone="", heirs=[])
    terms.add(db, row, hers, from_month=first, now=now)
    return row


def pay(
    db: Session, hers: Member, *months: Month, way: Way = Way.TRANSFER, now: datetime = NOVEMBER, declared: int = 0
) -> Payment:
    """She tells of a payment for these months."""
    book = dues.with_months(db, hers, dues.book_of(db, hers, now.date()), months)
    expected = Rupiah(sum(one.total_owed for one in book.months if one.month in months))
    told = payments.Told(way, months, expected, Rupiah(declared) or expected, now.date())
    return payments.submit(db, hers, told, payer_id=hers.person_id, by=hers.person_id, address_id=None, now=now)
