"""A reminder is looked at once more in the moment in which it would go (reliability.md, B18, B19, C7, C11)."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.clock import MovableClock
from bot.running import Running
from domain.money import Rupiah
from storage.database import Database
from storage.queries import charges, outbox, payments
from storage.tables import Member, Message, Reminder
from tests.bot.test_reminders import agree
from tests.fakes.telegram_api import BLOCKED, TelegramApi
from tests.faults.house import ACCOUNT, SITI, WELCOME, Door, until, until_quiet
from tests.storage.house import DECEMBER, member, pay, person

WHO = str(SITI)
TENTH = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)  # 09.00 in Mataram, five days before December is due
WORDS = "Iuran Desember 2026 Rp8.400"


@pytest.fixture
def database_of_a_member(running: Running, door: Door, clock: MovableClock) -> Database:
    """Siti wants reminders and owes December; the rounds are made by hand."""
    database = running.database
    running.scheduler.ticking.pause()
    door.says(SITI, *WELCOME)
    until_quiet(database)

    def join(db: Session) -> None:
        agree(db, member(db, WHO))
        charges.charge_month(db, "main", DECEMBER, now=TENTH)

    database.transact(join)
    clock.move_to(TENTH)
    return database


def held(running: Running, moment: datetime) -> None:
    """Nothing of this account goes before that moment."""
    running.database.transact(lambda db: outbox.pause(db, ACCOUNT, until=moment))


def reminded(api: TelegramApi) -> int:
    """How many reminders reached her phone."""
    return sum(WORDS in text for text in api.texts(WHO))


def bulk(database: Database) -> list[tuple[str, str]]:
    """How reminders stand: status and code."""
    rows = select(Message).where(Message.kind == "bulk").order_by(col(Message.id))
    return [(row.status, row.code) for row in database.read(lambda db: db.exec(rows).all())]


def her(db: Session) -> Member:
    return db.exec(select(Member)).one()


def test_a_reminder_comes_once(running, database_of_a_member, api, clock):
    for _time in range(3):
        running.scheduler.rounds.make()
        until_quiet(database_of_a_member)
        clock.move_to(clock.now() + timedelta(minutes=11))
    assert reminded(api) == 1


def test_whoever_pays_while_it_waits_is_not_reminded(running, database_of_a_member, api, clock):
    """C11"""
    held(running, TENTH + timedelta(hours=1))
    running.scheduler.rounds.make()

    def settle(db: Session) -> None:
        payment = pay(db, her(db), DECEMBER, now=TENTH)
        payments.confirm(db, payment, Rupiah(8400), by=person(db, "lalu"), now=TENTH)

    database_of_a_member.transact(settle)
    clock.move_to(TENTH + timedelta(hours=2))
    until_quiet(database_of_a_member)
    assert reminded(api) == 0
    assert bulk(database_of_a_member) == [("cancelled", "being_checked")]


def test_what_nobody_cancelled_is_seen_in_the_last_moment(running, database_of_a_member, api, clock):
    """B18, C11: she opted out meanwhile."""
    held(running, TENTH + timedelta(hours=1))
    running.scheduler.rounds.make()
    database_of_a_member.transact(lambda db: agree(db, her(db), given=False))  # and nobody told the queue
    clock.move_to(TENTH + timedelta(hours=2))
    until_quiet(database_of_a_member)
    assert reminded(api) == 0
    assert bulk(database_of_a_member) == [("suppressed", "opted_out")]


def test_a_provider_that_is_down_until_the_night_leaves_it_for_the_morning(running, database_of_a_member, api, clock):
    """C7: nothing after decent hours."""
    held(running, TENTH + timedelta(hours=12))  # 21.00
    running.scheduler.rounds.make()
    clock.move_to(TENTH + timedelta(hours=12, minutes=1))
    until(lambda: bulk(database_of_a_member) == [("retry_wait", "held")])
    assert reminded(api) == 0
    clock.move_to(TENTH + timedelta(hours=23, minutes=1))  # 08.01
    until(lambda: reminded(api) == 1)
    until_quiet(database_of_a_member)
    assert reminded(api) == 1


def test_what_nobody_wants_any_more_does_not_come_late(running, database_of_a_member, api, clock):
    """B19"""
    held(running, TENTH + timedelta(days=8))
    running.scheduler.rounds.make()
    clock.move_to(TENTH + timedelta(days=8, minutes=1))
    running.scheduler.tidy()
    until_quiet(database_of_a_member)
    assert reminded(api) == 0
    assert bulk(database_of_a_member)[0][0] == "expired"


def test_a_reminder_of_which_nobody_knows_is_never_sent_again(running, database_of_a_member, api, clock):
    api.drop(accepted=True, method="sendMessage")
    running.scheduler.rounds.make()
    until(lambda: bulk(database_of_a_member)[0][0] == "uncertain")
    for _time in range(3):
        clock.move_to(clock.now() + timedelta(minutes=11))
        running.scheduler.tidy()
        running.scheduler.rounds.make()
    until_quiet(database_of_a_member)
    assert reminded(api) == 1


def test_whoever_blocked_us_is_planned_for_no_more_until_she_writes(running, database_of_a_member, door, api, clock):
    api.refuse(403, BLOCKED, chat=WHO, method="sendMessage")
    running.scheduler.rounds.make()
    until(lambda: bulk(database_of_a_member) == [("suppressed", "blocked_us")])
    clock.move_to(TENTH + timedelta(days=4))
    running.scheduler.rounds.make()
    assert len(bulk(database_of_a_member)) == 1
    door.says(SITI, "halo")
    clock.move_to(TENTH + timedelta(days=4, minutes=30))
    running.scheduler.rounds.make()
    until_quiet(database_of_a_member)
    assert reminded(api) == 1


def test_whoever_names_a_day_is_left_alone_until_then(running, database_of_a_member, door, api, clock):
    running.scheduler.rounds.make()
    until_quiet(database_of_a_member)
    door.says(SITI, "saya bayar tanggal 20")
    until_quiet(database_of_a_member)
    clock.move_to(TENTH + timedelta(days=4))
    running.scheduler.rounds.make()
    until_quiet(database_of_a_member)
    assert reminded(api) == 1
    rows = database_of_a_member.read(lambda db: db.exec(select(Reminder)).all())
    assert [row.rule for row in rows] == ["due-5"]
