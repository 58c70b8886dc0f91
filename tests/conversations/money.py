"""Members who pay, and what became of their money."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from domain.ledger import Account
from domain.month import Month
from storage.queries import associations, dues, ledger, members, payments, terms
from storage.tables import Association, Member, Payment
from tests.conversations.people import register, staff
from tests.transcript import Player

ACCOUNT = "Bank Contoh 0011 2233, Asosiasi Contoh"
BY_TRANSFER = ("bayar", "1 bulan", "transfer ke asosiasi")
SENT = ("hari ini", "tidak ada", "kirim")
T = TypeVar("T")


def open_bank(play: Player, **more: Any) -> None:
    """The association takes transfers, and whatever else is said of it."""

    def work(db: Session) -> None:
        association = associations.get(db, "main")
        for name, value in {"transfer_to": ACCOUNT, **more}.items():
            setattr(association, name, value)

    play.database.transact(work)


def join(play: Player, who: str, **answers: list[str]) -> None:
    """Somebody registers, and Lalu approves it."""
    register(play, who, **answers)
    play.say_all("lalu", ["antrean", "setujui", "cukup"])


def open_office(play: Player) -> None:
    """Lalu is officer, the association takes transfers, and Siti is a member from December on."""
    staff(play, "lalu", "officer")
    open_bank(play)
    join(play, "siti")


def pay(play: Player, who: str, *said: str, proof: str = "[photo]", amount: str = "1") -> str:
    """Somebody sends in a payment by transfer, for one month if nothing else is said; the last answer."""
    begun = said or BY_TRANSFER
    return play.say_all(who, [*begun, proof, amount, *SENT])


def change(play: Player, who: str, work: Callable[[Session, Member], T]) -> T:
    """Do something to a member behind her back."""
    return play.database.transact(lambda db: work(db, member_of(db, play, who)))


def member_of(db: Session, play: Player, who: str) -> Member:
    """The member who somebody is."""
    found = members.find_of_person(db, "main", play.person(db, who))
    assert found, f"{who} is no member"
    return found


def since(month: str) -> Callable[[Session, Member], None]:
    """She has been a member since that month."""

    def work(db: Session, member: Member) -> None:
        first = Month.parse(month)
        hers = terms.at(db, member.id, Month.parse(member.first_month))
        assert hers
        member.first_month = month
        terms.add(db, member, hers, from_month=first, now=member.joined_at)

    return work


def all_payments(play: Player) -> list[Payment]:
    """Every payment, the oldest first."""
    return play.database.read(lambda db: list(db.exec(select(Payment).order_by(col(Payment.id)))))


def owed(play: Player, who: str) -> dict[str, int]:
    """What somebody owes, by month."""

    def look(db: Session) -> dict[str, int]:
        book = dues.book_of(db, member_of(db, play, who), play.clock.now().astimezone(play.house.zone).date())
        return {str(one.month): int(one.total_owed) for one in book.months}

    return play.database.read(look)


def credit(play: Player, who: str) -> tuple[int, int]:
    """What the association and BPJS hold for her."""
    return play.database.read(lambda db: ledger.held_for(db, "main", member_of(db, play, who).id))


def in_bank(play: Player) -> int:
    """What lies in the association's account."""
    return play.database.read(lambda db: ledger.balance(db, "main", Account.BANK))


def at(play: Player, moment: datetime) -> None:
    """It is that moment now."""
    play.clock.moment = moment


def limit(play: Player, amount: int) -> None:
    """Above this much two people confirm."""

    def work(db: Session) -> None:
        db.exec(select(Association)).one().second_above = amount

    play.database.transact(work)


def history(play: Player, payment: Payment) -> list[str]:
    """What happened to a payment."""
    return play.database.read(lambda db: [one.event for one in payments.history(db, payment.id)])
