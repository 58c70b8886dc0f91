"""Members made without a talk, for talks about what they owe and pay."""

from typing import Any

from sqlmodel import Session, select

from domain.dues import Terms, Way
from domain.money import Rupiah
from domain.month import Month
from storage.queries import members, payments
from storage.tables import Application, Member
from tests.conversations.people import arrive
from tests.storage import house
from tests.storage.house import DECEMBER, JKK_JKM
from tests.transcript import Player


def enrol(play: Player, *names: str, first: Month = DECEMBER, hers: Terms = JKK_JKM, **facts: Any) -> None:
    """Members of these names, past the welcome, who pay from `first` on."""
    for name in names:
        arrive(play, name)

        def make(db: Session, name: str = name) -> None:
            row = house.member(db, name, first=first, hers=hers, now=play.clock.now())
            for fact, value in facts.items():
                setattr(row, fact, value)

        play.database.transact(make)


def member(play: Player, name: str) -> Member:
    """The member of that name as she is now."""
    return play.database.read(lambda db: member_in(db, play, name))


def member_in(db: Session, play: Player, name: str) -> Member:
    """The member of that name."""
    found = members.find_of_person(db, "main", play.person(db, name))
    assert found
    return found


def alter(play: Player, who: str, **facts: Any) -> None:
    """Something about a member changes by itself."""

    def work(db: Session) -> None:
        hers = member_in(db, play, who)
        for fact, value in facts.items():
            setattr(hers, fact, value)

    play.database.transact(work)


def tell_payment(play: Player, name: str, *months: Month, way: Way = Way.TRANSFER, declared: int = 0) -> str:
    """She tells of a payment; its id."""

    def work(db: Session) -> str:
        hers = member_in(db, play, name)
        return house.pay(db, hers, *months, way=way, now=play.clock.now(), declared=declared).id

    return play.database.transact(work)


def confirm(play: Player, payment_id: str, amount: int) -> None:
    """Somebody has seen this much."""

    def work(db: Session) -> None:
        payment = payments.lock(db, "main", payment_id)
        checker = house.person(db, "teller")
        payments.confirm(db, payment, Rupiah(amount), by=checker, now=play.clock.now())

    play.database.transact(work)


def has_paid(play: Player, name: str, amount: int, *months: Month, way: Way = Way.TRANSFER) -> None:
    """She paid, and somebody has seen it."""
    confirm(play, tell_payment(play, name, *months, way=way, declared=amount), amount)


def registered_by(play: Player, name: str, applicant: str) -> None:
    """Somebody else had registered her."""

    def work(db: Session) -> None:
        hers = member_in(db, play, name)
        application = db.exec(select(Application).where(Application.id == hers.application_id)).one()
        application.applicant_id = play.person(db, applicant)

    play.database.transact(work)
