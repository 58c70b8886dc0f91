"""A collector, her members and the treasurer, for talks about cash."""

from datetime import datetime

from sqlmodel import Session, select

from domain.ledger import Account
from domain.month import Month
from storage.queries import cash, dues, ledger, members, people
from storage.tables import Application, Member, Payment, Receipt, Talk
from tests.conversations.people import arrive, staff
from tests.storage import house
from tests.transcript import ACCOUNT, Player

SEPTEMBER, NOVEMBER = Month(2026, 9), Month(2026, 11)


def enrol(
    play: Player,
    who: str,
    name: str,
    collector: str = "",
    *,
    first: Month = NOVEMBER,
    phone: bool = True,
    registrar: str = "",
) -> str:
    """A member of that name, charged from `first` on; her id. Without a phone nothing ever reaches her."""
    if phone and not play.database.read(lambda db: people.find_address(db, ACCOUNT, who)):
        arrive(play, who)

    def work(db: Session) -> str:
        row = house.member(db, who, first=first, now=play.clock.now())
        row.name = name
        row.collector_id = play.person(db, collector) if collector else None
        if registrar:
            application = db.exec(select(Application).where(Application.id == row.application_id)).one()
            application.applicant_id = play.person(db, registrar)
        if not phone:
            talk = db.exec(select(Talk).where(Talk.person_id == row.person_id)).one()
            talk.ended_at = play.clock.now()
        db.flush()
        return row.id

    return play.database.transact(work)


def market(play: Player) -> None:
    """Amat collects from Ani, who owes since September, and from Ana and Siti, who owe November."""
    staff(play, "amat", "collector")
    enrol(play, "ani", "Ani Lestari", "amat", first=SEPTEMBER)
    enrol(play, "ana", "Ana Kurnia", "amat")
    enrol(play, "siti", "Siti Aminah", "amat")


def take(play: Player, collector: str, name: str) -> str:
    """A collector takes what one member owes; the last answer."""
    return play.say_all(collector, ["terima", "ketik nama", name, "lanjut", "pas", "ya"])


def member(play: Player, who: str) -> Member:
    """The member who somebody is."""

    def look(db: Session) -> Member:
        found = members.find_of_person(db, "main", play.person(db, who))
        assert found
        return found

    return play.database.read(look)


def in_hand(play: Player, who: str) -> int:
    """The cash in somebody's hands."""
    return play.database.read(lambda db: cash.in_hand(db, "main", play.person(db, who)))


def owed_by(play: Player, who: str) -> int:
    """What somebody owes up to this month."""

    def look(db: Session) -> int:
        found = members.find_of_person(db, "main", play.person(db, who))
        assert found
        today = now(play).date()
        return dues.book_of(db, found, today).owed(Month.of(today))

    return play.database.read(look)


def lies_in(play: Player, account: Account) -> int:
    """What lies in an account."""
    return play.database.read(lambda db: ledger.balance(db, "main", account))


def payments_of(play: Player) -> list[Payment]:
    """Every payment, in its order."""
    return play.database.read(lambda db: list(db.exec(select(Payment).order_by(Payment.number))))


def receipts_of(play: Player) -> list[Receipt]:
    """Every receipt, in its order."""
    return play.database.read(lambda db: list(db.exec(select(Receipt).order_by(Receipt.number))))


def now(play: Player) -> datetime:
    """The moment in the association's zone."""
    return play.clock.now().astimezone(play.house.zone)
