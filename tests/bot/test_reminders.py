"""Reminders: each person is owed one for each rule and month, and gets it once, at a decent hour, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.reminders import plan_all, send_due
from domain.money import Rupiah
from domain.month import Month
from storage.database import Database
from storage.queries import charges, consents, outbox, payments, reminders
from storage.queries.bulk import verdicts
from storage.tables import Address, Association, Member, Message, Payment, Reminder
from tests.storage.house import DECEMBER, JANUARY, found, member, pay, person

TENTH = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)  # 09.00 in Mataram, five days before the 15th


def agree(db: Session, hers: Member, topic: str = "reminders", *, given: bool = True) -> None:
    """She wants them, or not any more."""
    consents.record(
        db,
        association_id="main",
        person_id=hers.person_id,
        purpose=topic,
        given=given,
        version="1",
        words="",
        answer="",
        language="id",
        account="telegram/main",
        provider_id="1",
        at=TENTH,
    )


def talk(db: Session, hers: Member) -> Address:
    """She has written to us."""
    return db.exec(select(Address).where(Address.person_id == hers.person_id)).one()


def everybody_owes_december(db: Session, *names: str) -> list[Member]:
    """Members who want reminders and have been charged."""
    found(db)
    return [join(db, name) for name in names]


def join(db: Session, name: str) -> Member:
    """One more of them."""
    hers = member(db, name)
    agree(db, hers)
    talk(db, hers)
    charges.charge_month(db, "main", DECEMBER, now=TENTH)
    return hers


def planned(database: Database) -> list[tuple[str, str, str]]:
    """Who is to be told what."""

    def look(db: Session) -> list[tuple[str, str, str]]:
        rows = select(Member.name, Reminder.rule, Reminder.status).join(Member, col(Member.id) == Reminder.member_id)
        return sorted(db.exec(rows.order_by(col(Reminder.id))).all())

    return database.read(look)


def messages(database: Database) -> list[tuple[str, str]]:
    """What was queued."""

    def look(db: Session) -> list[tuple[str, str]]:
        rows = db.exec(select(Message).where(Message.kind == "bulk").order_by(col(Message.id))).all()
        return [(row.status, outbox.open_reply(row.reply_sealed, row.key).text) for row in rows]

    return database.read(look)


def test_whoever_owes_is_told_once_however_often_it_is_planned(database: Database):
    database.transact(lambda db: everybody_owes_december(db, "siti", "budi") and None)
    assert plan_all(database, TENTH) == 2
    assert plan_all(database, TENTH) == 0
    assert send_due(database, TENTH) == 2
    assert send_due(database, TENTH) == 0
    words = "Iuran Desember 2026 Rp8.400, paling lambat 15 Desember 2026."
    assert [(status, text.split("\n")[0]) for status, text in messages(database)] == [("queued", words)] * 2
    assert plan_all(database, TENTH + timedelta(days=1)) == 0


def test_what_was_missed_is_made_up_for_by_the_latest_rule_alone(database: Database):
    database.transact(lambda db: everybody_owes_december(db, "siti") and None)
    assert plan_all(database, TENTH + timedelta(days=4, hours=-1)) == 1
    assert planned(database) == [("Siti", "due-1", "planned")]


def test_a_reminder_that_came_too_late_is_not_sent_late(database: Database):
    database.transact(lambda db: everybody_owes_december(db, "siti") and None)
    plan_all(database, TENTH)
    assert send_due(database, TENTH + timedelta(days=5)) == 0
    assert planned(database) == [("Siti", "due-5", "late")]


@pytest.mark.parametrize("what", ["paid", "told of a payment", "promised", "opted out", "left"])
def test_whoever_needs_none_any_more_gets_none(database: Database, what: str):
    database.transact(lambda db: everybody_owes_december(db, "siti") and None)
    plan_all(database, TENTH)
    send_due(database, TENTH)

    def change(db: Session) -> None:
        siti = db.exec(select(Member)).one()
        if what in ("paid", "told of a payment"):
            payment = pay(db, siti, DECEMBER, now=TENTH)
            if what == "paid":
                payments.confirm(db, payment, payment.expected, by=person(db, "lalu"), now=TENTH)  # type: ignore[arg-type]
        elif what == "promised":
            reminders.promise(db, siti, date(2026, 12, 20), now=TENTH)
        elif what == "opted out":
            agree(db, siti, given=False)
        else:
            siti.status = "left"

    database.transact(change)
    row = database.read(lambda db: db.exec(select(Message)).one())
    if row.status == "queued":
        assert not database.read(lambda db: verdicts(db, "main", [row.id or 0], TENTH)[row.id or 0]).sends
    else:
        assert (row.status, row.code) == ("cancelled", "promised" if what == "promised" else "being_checked")
    assert plan_all(database, TENTH + timedelta(days=4)) == 0


def test_paying_an_older_month_takes_back_no_reminder_of_this_one(database: Database):
    def owes_two_months(db: Session) -> None:
        (siti,) = everybody_owes_december(db, "siti")
        charges.charge_member(db, siti, [JANUARY], now=TENTH)

    database.transact(owes_two_months)
    plan_all(database, TENTH + timedelta(days=31))
    assert planned(database) == [("Siti", "due-5", "planned")]

    def pays(db: Session) -> None:
        payment = pay(db, db.exec(select(Member)).one(), DECEMBER, now=TENTH)
        payments.confirm(db, payment, Rupiah(8400), by=person(db, "lalu"), now=TENTH + timedelta(days=31))

    database.transact(pays)
    assert send_due(database, TENTH + timedelta(days=31)) == 0
    assert plan_all(database, TENTH + timedelta(days=31)) == 0
    assert send_due(database, TENTH + timedelta(days=31)) == 1


def test_a_payment_that_was_refused_costs_no_reminder(database: Database):
    database.transact(lambda db: everybody_owes_december(db, "siti") and None)
    plan_all(database, TENTH)
    number = database.transact(lambda db: pay(db, db.exec(select(Member)).one(), DECEMBER, now=TENTH).id)
    assert planned(database) == [("Siti", "due-5", "cancelled")]
    plan_all(database, TENTH)
    assert planned(database) == [("Siti", "due-5", "cancelled")]

    def refuse(db: Session) -> None:
        payments.refuse(db, db.get_one(Payment, number), reason="Belum masuk.", by=person(db, "lalu"), now=TENTH)

    database.transact(refuse)
    plan_all(database, TENTH)
    assert planned(database) == [("Siti", "due-5", "planned")]
    assert send_due(database, TENTH) == 1


def test_nobody_is_woken_and_everybody_has_her_own_morning(database: Database):
    def fill(db: Session) -> None:
        siti, budi, ani = everybody_owes_december(db, "siti", "budi", "ani")
        siti.regency, budi.regency, ani.regency = "3171", "5271", "9471"

    database.transact(fill)
    night = datetime(2026, 12, 9, 22, 30, tzinfo=UTC)  # 05.30 WIB, 06.30 WITA, 07.30 WIT
    plan_all(database, night)
    assert send_due(database, night) == 0
    assert send_due(database, night + timedelta(minutes=30)) == 1  # 08.00 in Jayapura
    assert send_due(database, night + timedelta(minutes=90)) == 1
    assert send_due(database, night + timedelta(minutes=150)) == 1


def test_on_friday_nothing_comes_during_the_prayer(database: Database):
    database.transact(lambda db: everybody_owes_december(db, "siti") and None)
    friday = datetime(2026, 12, 11, 4, 0, tzinfo=UTC)  # 12.00 in Mataram
    plan_all(database, friday)
    assert send_due(database, friday) == 0
    assert send_due(database, friday + timedelta(minutes=90)) == 1


def owes_since_october(db: Session) -> None:
    """Siti has paid nothing for three months."""
    agree(db, member(db, "siti", first=Month(2026, 10)))
    for month in (Month(2026, 10), Month(2026, 11), DECEMBER):
        charges.charge_month(db, "main", month, now=TENTH)


def test_no_more_than_two_a_week(database: Database):
    database.transact(found)
    database.transact(owes_since_october)
    for day in range(12):
        plan_all(database, TENTH + timedelta(days=day))
        send_due(database, TENTH + timedelta(days=day))
    times = database.read(lambda db: sorted(db.exec(select(Reminder.send_at)).all()))
    assert all(sum(one <= other < one + timedelta(days=7) for other in times) <= 2 for one in times)
    assert len(times) >= 3


def test_one_that_came_late_counts_from_then_on(database: Database):
    """Planned for the 10th, but the provider took it on the 12th: with that of the 14th the 18th finds a full week."""

    database.transact(found)
    database.transact(owes_since_october)
    for days in (0, 4):
        plan_all(database, TENTH + timedelta(days=days))
        send_due(database, TENTH + timedelta(days=days))
    first = database.read(lambda db: db.exec(select(Reminder).order_by(col(Reminder.id))).all()[0].message_id or 0)
    database.transact(lambda db: reminders.came(db, [first], TENTH + timedelta(days=2)))
    assert plan_all(database, TENTH + timedelta(days=8)) == 0
    assert plan_all(database, TENTH + timedelta(days=9, hours=1)) == 1


def test_the_last_word_before_cover_may_end_comes_however_many_came(database: Database):
    database.transact(found)
    database.transact(owes_since_october)
    for day in range(13, 23):  # from the 23rd to the end of the year
        plan_all(database, TENTH + timedelta(days=day))
        send_due(database, TENTH + timedelta(days=day))
    assert [rule for _name, rule, _status in planned(database)] == ["cover-1", "cover-7", "due+10"]


def test_what_bpjs_told_wins_over_the_fifteenth(database: Database):
    def fill(db: Session) -> None:
        (siti,) = everybody_owes_december(db, "siti")
        siti.protected_until = date(2027, 1, 20)
        charges.charge_month(db, "main", JANUARY, now=TENTH)

    database.transact(fill)
    assert plan_all(database, TENTH) == 0
    assert plan_all(database, datetime(2027, 1, 6, 1, 0, tzinfo=UTC)) == 1
    assert planned(database) == [("Siti", "cover-14", "planned")]
    send_due(database, datetime(2027, 1, 6, 1, 0, tzinfo=UTC))
    assert "14 hari lagi (20 Januari 2027)" in messages(database)[0][1]


def test_somebody_who_does_not_write_to_us_is_left_out(database: Database):
    def fill(db: Session) -> None:
        (siti,) = everybody_owes_december(db, "siti")
        talk(db, siti).status = "blocked"

    database.transact(fill)
    assert plan_all(database, TENTH) == 0


def test_two_schedulers_at_once_plan_each_reminder_once(database: Database):
    database.transact(lambda db: everybody_owes_december(db, "siti", "budi", "ani") and None)
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _number: plan_all(database, TENTH), range(2)))
        list(both.map(lambda _number: send_due(database, TENTH), range(2)))
    assert len(messages(database)) == 3


def test_a_decent_association_sets_its_own_hours(database: Database):
    def fill(db: Session) -> None:
        everybody_owes_december(db, "siti")
        db.get_one(Association, "main").opens = "10:00"

    database.transact(fill)
    plan_all(database, TENTH)
    assert send_due(database, TENTH) == 0
    assert send_due(database, TENTH + timedelta(hours=1)) == 1
