"""What messages will cost and have cost: counted as each stands, by account and what it is billed as."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from domain.cost import Prices
from domain.message import Reply
from domain.month import Month
from storage.database import Database
from storage.queries import associations, costs, outbox, people, talks
from storage.queries.associations import Bounds
from storage.tables import Address, Message, Talk, Template

NOW = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
WINDOW = timedelta(hours=23, minutes=50)
WHATSAPP, TELEGRAM = "whatsapp/main", "telegram/main"
PRICES = Prices("USD", {"utility": Decimal("0.02"), "service": Decimal("0.01")}, Decimal("0.005"), free_service=1)


@pytest.fixture
def house(database: Database) -> Database:
    """An association with a number whose prices are known, and a bot."""

    def found(db: Session) -> None:
        associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=NOW)
        for account, bounds in ((WHATSAPP, Bounds(WINDOW, 250, PRICES)), (TELEGRAM, Bounds())):
            about = {"association_id": "main", "account": account, "per_second": 10, "now": NOW}
            associations.ensure_account(db, **about, bounds=bounds)
        filed = {"asked": "utility", "category": "utility", "checked_at": NOW, "sid": "HX1", "association_id": "main"}
        db.add(Template(account=WHATSAPP, name="due_id", status="approved", **filed))
        db.add(Template(account=WHATSAPP, name="due_en", status="pending", **filed))

    database.transact(found)
    return database


def somebody(db: Session, account: str, name: str, heard: timedelta | None, language: str = "id") -> str:
    """Somebody who wrote so long ago, or never; her address."""
    address = talks.ensure_address(db, association_id="main", account=account, external_id=name, now=NOW)
    address.language = language
    talk = db.exec(select(Talk).where(Talk.address_id == address.id)).one()
    talk.heard_at, talk.turn = NOW - (heard or timedelta()), 0 if heard is None else 3
    db.flush()
    return address.id


def parts(found) -> list[tuple[str, str, int]]:
    return [(part.account, part.billed, part.messages) for part in found.parts]


def test_an_estimate_looks_at_each_window_language_and_template(house: Database):
    hours = timedelta(hours=1)

    def fill(db: Session) -> list[str]:
        closed = somebody(db, WHATSAPP, "closed", hours)
        people.close_address(db, closed, NOW - hours / 2)
        return [
            somebody(db, TELEGRAM, "on telegram", 90 * hours),
            somebody(db, WHATSAPP, "just now", hours),
            somebody(db, WHATSAPP, "long ago", 24 * hours),
            somebody(db, WHATSAPP, "never", None),
            somebody(db, WHATSAPP, "in english", 48 * hours, "en"),
            closed,
        ]

    those = house.transact(fill)
    asked = house.read(lambda db: costs.estimate(db, "main", those, template="due", now=NOW))
    assert parts(asked) == [
        (TELEGRAM, "", 1),
        (WHATSAPP, "service", 1),
        (WHATSAPP, "utility", 3),
        (WHATSAPP, "waits", 1),
    ]
    assert (asked.amount, asked.unknown) == (Decimal("0.080"), 1)  # the one reply is among those that are free
    every = house.read(
        lambda db: costs.estimate(db, "main", select(Address.id).order_by(Address.id), template="due", now=NOW)
    )
    assert parts(every) == parts(asked)
    none = house.read(lambda db: costs.estimate(db, "main", [], template="due", now=NOW))
    assert (none.messages, none.amount) == (0, None)


def test_a_month_counts_what_the_providers_took_by_the_associations_own_clock(house: Database):
    new_year = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)  # 23.59 in Mataram

    def fill(db: Session) -> None:
        at = somebody(db, WHATSAPP, "siti", timedelta(hours=1))
        for number, (status, billed, sent_at) in enumerate(
            (
                ("accepted", "service", NOW),
                ("read", "service", NOW),
                ("delivered", "utility", new_year),
                ("delivered", "utility", new_year + timedelta(minutes=2)),
                ("failed", "utility", NOW),
                ("uncertain", "utility", NOW),
                ("parked", "", NOW),
                ("sent", "", NOW),
            )
        ):
            key = f"test:{number}"
            about = {"association_id": "main", "account": WHATSAPP, "address_id": at, "now": NOW}
            outbox.put(db, key=key, reply=Reply("Iuran."), **about)
            row = db.exec(select(Message).where(Message.key == key)).one()
            row.status, row.billed_as, row.http_started_at = status, billed, sent_at

    house.transact(fill)
    december, january = (
        house.read(lambda db, m=m: costs.of_month(db, "main", m)) for m in (Month(2026, 12), Month(2027, 1))
    )
    assert parts(december) == [(WHATSAPP, "", 1), (WHATSAPP, "service", 2), (WHATSAPP, "utility", 1)]
    assert december.amount == Decimal("0.045")  # of two replies one is free, but for Twilio's fee
    assert parts(january) == [(WHATSAPP, "utility", 1)]
    assert house.read(lambda db: costs.services(db, "main", Month(2026, 12))) == {WHATSAPP: 2}
    other = house.read(lambda db: costs.of_month(db, "main", Month(2026, 12), prices={WHATSAPP: Prices()}))
    assert (other.unknown, other.amount) == (3, None)
