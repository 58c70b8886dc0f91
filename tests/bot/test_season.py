"""The season that the demonstration may begin with: everything that can come of money has come of some."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from beancount import loader
from sqlmodel import col, func, select

from bot import demo
from bot.beancount import journal
from bot.cast import PHONES
from bot.season.fiction import COLLECTORS, DEWI, everybody
from domain.dues import Way
from domain.ledger import Account
from domain.payment import PaymentStatus
from domain.remittance import LineStatus
from storage.queries import call_list, cash, ledger, ledger_check, receipts
from storage.sealed import KeyRing, use_keys
from storage.tables import (
    Charge,
    Dispute,
    Entry,
    HandOver,
    Member,
    Message,
    Payment,
    Posting,
    Receipt,
    Reminder,
    Remittance,
    RemittanceLine,
)


@pytest.fixture(scope="module")
def ring():
    return KeyRing.generate()


@pytest.fixture(scope="module")
def world(tmp_path_factory, ring):
    world = demo.set_up(tmp_path_factory.mktemp("season") / "season.db", season=True, keys=ring)
    yield world
    world.running.database.close()


@pytest.fixture
def database(world, ring):
    use_keys(KeyRing.parse(ring))
    return world.running.database


@pytest.fixture
def db(database):
    with database.reading() as db:
        yield db


def count(db, column):
    """How many rows there are of each value."""
    return dict(db.exec(select(column, func.count()).group_by(column)).all())


def test_some_forty_members_came_and_one_of_them_left_and_one_lapsed(db):
    assert count(db, Member.status) == {"active": 38, "lapsed": 1, "left": 1}


def test_four_collectors_have_ten_members_each_or_so(db):
    lists = count(db, Member.collector_id)
    assert (len(lists), min(lists.values()) >= 7) == (len(COLLECTORS), True)


def test_money_came_in_every_way_and_stands_in_every_way(db):
    assert set(count(db, Payment.way)) == set(Way)
    assert set(count(db, Payment.status)) == set(PaymentStatus)


def test_some_paid_less_some_more_and_some_what_was_not_asked(db):
    compared = Counter(
        (one.received > one.expected) - (one.received < one.expected)
        for one in db.exec(select(Payment).where(col(Payment.received).is_not(None)))
    )
    assert min(compared[-1], compared[0], compared[1]) > 0


def test_one_picture_was_sent_for_two_payments(db):
    (twice,) = [one for one in db.exec(select(Payment)) if "same_picture" in one.doubts]
    assert twice.status == "submitted"


def test_disputes_were_settled_either_way_and_one_waits(db):
    assert count(db, Dispute.status) == {"open": 1, "reversed": 1, "upheld": 1}


def test_what_was_counted_differs_here_and_there_with_a_reason(db):
    counted = list(db.exec(select(HandOver).where(HandOver.status == "counted")))
    assert {(one.counted > one.declared) - (one.counted < one.declared) for one in counted} == {-1, 0, 1}
    assert {"offered", "withdrawn"} < set(count(db, HandOver.status))
    assert ledger.balance(db, "main", Account.DIFFERENCE) == 1_000  # two thousand short, one thousand too much


def test_cash_lies_in_the_hands_of_some(db):
    lying = cash.everybody(db, "main")
    assert {one.name for one in lying} <= set(COLLECTORS)
    assert sum(one.amount for one in lying) > 0


def test_two_batches_went_to_bpjs_and_not_every_line_was_taken(db):
    assert sorted(one.status for one in db.exec(select(Remittance))) == ["closed", "paid"]
    assert {LineStatus.MATCHED, LineStatus.UNMATCHED, LineStatus.FAILED, LineStatus.RETURNED, LineStatus.OPEN} <= set(
        count(db, RemittanceLine.status)
    )
    (second,) = db.exec(select(Remittance).where(Remittance.status == "paid"))
    assert second.paid_by != second.proposed_by


def test_the_rates_of_both_years_were_charged_and_one_discount_was_put_right(db):
    jkm = {(one.month, one.amount) for one in db.exec(select(Charge).where(Charge.part == "JKM", Charge.revision == 0))}
    assert {("2026-12", 3_400), ("2027-01", 6_800)} <= jkm
    assert db.exec(select(func.count()).where(Entry.kind == "adjust")).one() == 2


def test_credit_was_left_over_and_paid_for_months_by_itself(db):
    credit = ledger.balance(db, "main", Account.CREDIT)
    assert credit < 0
    assert db.exec(select(func.count()).where(Entry.kind == "credit")).one() > 0


def test_receipts_are_numbered_without_gaps_in_both_years(db):
    for year in (2026, 2027):
        numbers = sorted(db.exec(select(Receipt.number).where(Receipt.year == year)))
        assert numbers == list(range(1, len(numbers) + 1))
    paid = db.exec(select(Payment).where(Payment.status == "confirmed")).all()
    assert all(receipts.of_payment(db, one.id) for one in paid)


def test_every_part_of_an_entry_is_there(db):
    for entry in db.exec(select(Entry)):
        lines = db.exec(select(Posting).where(Posting.entry == entry.number)).all()
        assert (len(lines), sum(line.amount for line in lines)) == (entry.lines, entry.total)


def test_every_rupiah_is_in_its_place(db):
    assert ledger_check.broken(db, "main") == []


def test_beancount_is_content_with_it(db):
    _entries, errors, _options = loader.load_string("\n".join(journal(db, "main")))
    assert errors == []


def test_nothing_waits_to_be_sent(db):
    assert set(count(db, Message.status)) == {"sent", "cancelled"}  # a reminder of whoever paid meanwhile


def test_who_owed_was_reminded_and_who_said_nothing_is_to_be_called(db):
    assert {"due-5", "due-1", "due+3", "due+10", "cover-30"} <= set(count(db, Reminder.rule))
    collectors = db.exec(select(Member.collector_id).distinct()).all()
    assert any(call_list.of_collector(db, "main", collector, date(2027, 1, 18)) for collector in collectors)


def test_its_last_day_is_today(world):
    assert world.now().date().isoformat() == "2027-01-18"


def test_whose_phones_lie_on_the_page_talked_and_were_understood(world, database):
    chats = {phone.key: world.history(phone.address(phone.look)) for phone in PHONES}
    said = {key: [entry["text"] for entry in chat if entry["side"] == "bot"] for key, chat in chats.items()}
    unheard = ("Pilih salah satu:", "belum ketemu", "Maksudnya", "Ketik jumlah uangnya")
    assert not [text for texts in said.values() for text in texts if any(words in text for words in unheard)]
    for key, told in {
        "siti": "Lunas: Desember 2026–Januari 2027",
        "rina": "Lunas: Desember 2026–Februari 2027",
        "wayan": "Menunggu diperiksa: Januari 2027",
        "amat": "Serahkan uangnya ke bendahara",
        "sri": "Amat Saleh mau setor",
        "budi": "Ada pembayaran menunggu",
    }.items():
        assert told in said[key][-1], key
    assert [entry for entry in chats["siti"] if entry.get("kind") == "photo" and entry["upload"]]


def test_the_season_is_the_same_every_time(database, tmp_path):
    def story(db):
        return [
            (entry.kind, entry.total, entry.lines, entry.reason, entry.at.replace(second=0, microsecond=0))
            for entry in db.exec(select(Entry).order_by(Entry.number))
        ]

    again = demo.set_up(tmp_path / "season.db", season=True).running.database
    assert again.read(story) == database.read(story)
    again.close()


def test_everybody_has_a_name_and_a_nik_of_her_own():
    people = everybody(Random(1))
    assert len({one.name for one in people} | {DEWI}) == len(people) + 1 == 41
    assert len({one.nik for one in people}) == len(people)
