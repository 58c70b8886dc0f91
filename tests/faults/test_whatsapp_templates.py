"""Outside of the window a template goes, once it is approved, to as many people a day as the provider allows (B12-B14,
C4, F13); everything else waits for her word, and one knock asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot import app
from bot.channels.whatsapp_templates import MODELS
from bot.clock import MovableClock
from bot.running import Running
from conversations.templates import DUE, as_template, receipt_told
from conversations.words import speaking
from domain.message import Button, Reply
from domain.money import Rupiah
from storage.columns import new_id
from storage.database import Database
from storage.queries import outbox, people, talks
from storage.queries.people import find_address
from storage.queries.templates import agree, known
from storage.tables import Message, Reached, Talk, Template
from tests.conftest import sqlite_only
from tests.fakes.twilio_api import SITI, TwilioApi
from tests.faults.house import until, until_quiet
from tests.faults.whatsapp_house import (
    ACCOUNT,
    LALU,
    RINA,
    TwilioDoor,
    address_of,
    bot_on_whatsapp,
    messages,
    queue,
    reopened,
    statuses,
)

A_DAY = timedelta(hours=24)
REMINDED = Reply("Iuran Desember 2026 Rp8.400.", (Button("Bayar", ">|paying|"),), numbered=False)
FACTS = ("Asosiasi Contoh", "Bapak/Ibu", "Desember 2026", "Rp8.400", "15 Desember 2026")
IN_WORDS = (
    "Pengingat dari Asosiasi Contoh untuk Bapak/Ibu: iuran Desember 2026 sebesar Rp8.400, paling lambat "
    '15 Desember 2026. Sudah bayar? Tekan Bayar, atau ketik "bayar", untuk mengirim buktinya.'
)
KNOCK = 'Ada balasan dari Asosiasi untuk Bapak/Ibu. Tekan Buka, atau ketik "buka", untuk membacanya.'


@pytest.fixture(autouse=True)
def judging_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What WhatsApp says of a template is asked again within moments."""
    monkeypatch.setattr(app, "REPAIR", 0.05)


@pytest.fixture
def approved(bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock) -> Running:
    """Every template is approved, and Siti wrote more than a day ago."""
    judge(bot, twilio)
    heard_long_ago(bot, webhook, clock, SITI)
    return bot


def judge(bot: Running, twilio: TwilioApi, name: str = "", status: str = "approved", **more: str) -> None:
    """WhatsApp judges, and we have heard of it."""
    until(lambda: len(templates(bot.database)) == len(MODELS))
    twilio.judge(name, status, **more)
    wanted = more.get("category", "").lower()

    def heard() -> bool:
        rows = templates(bot.database)
        those = [rows[name]] if name else list(rows.values())
        return all(row.status == status and wanted in ("", row.category) for row in those)

    until(heard)


def templates(database: Database) -> dict[str, Template]:
    return database.read(lambda db: known(db, ACCOUNT))


def heard_long_ago(bot: Running, webhook: TwilioDoor, clock: MovableClock, *whom: str) -> None:
    """They have written, and then not for more than a day; it is a decent hour now."""
    for who in whom:
        webhook.says(who, "halo")
    until_quiet(bot.database)
    clock.move_to(morning(clock.now() + A_DAY))


def remind(
    bot: Running, clock: MovableClock, *whom: str, kind: str = "bulk", facts: tuple[str, ...] = FACTS, **more
) -> None:
    """Put a reminder with its template into the outbox."""
    reply = as_template(REMINDED, DUE, *facts)

    def put(db: Session) -> None:
        for who in whom:
            address = find_address(db, ACCOUNT, who)
            assert address
            outbox.put(
                db,
                association_id="main",
                account=ACCOUNT,
                address_id=address.id,
                key=f"test:{new_id()}",
                kind=kind,
                reply=reply,
                now=clock.now(),
                **more,
            )

    bot.database.transact(put)


def last(database: Database, who: str = SITI) -> Message:
    return messages(database, who)[-1]


def said(twilio: TwilioApi, who: str = SITI) -> list[str]:
    """What reached her after our first question."""
    return twilio.said_to(who)[1:]


def reached(database: Database) -> int:
    return database.read(lambda db: len(db.exec(select(Reached)).all()))


def strangers(bot: Running, twilio: TwilioApi, count: int) -> list[str]:
    """So many people who have not written for long."""
    numbers = [f"+62813{number:07}" for number in range(count)]

    def add(db: Session) -> None:
        for number in numbers:
            talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id=number, now=bot.clock.now())

    bot.database.transact(add)
    for number in numbers:
        twilio.window_closed(number)
    return numbers


# ── a template in its place ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("gone", "freely"),
    [(timedelta(hours=23, minutes=49), True), (timedelta(hours=23, minutes=50, seconds=1), False)],
)
def test_within_the_window_the_reply_itself_goes_and_outside_its_template(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, gone: timedelta, freely: bool
):
    """B12: ten minutes of the 24 hours are kept in reserve; within them nobody is counted among the people of a day."""
    judge(bot, twilio)
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    clock.move_to(heard_at(bot.database, SITI) + gone)
    remind(bot, clock, SITI)
    until_quiet(bot.database)
    message = twilio.messages_to(SITI)[-1]
    buttons = [button.title for button in message.buttons]
    assert (message.text, message.form["StatusCallback"].endswith(".1")) == (
        REMINDED.text if freely else IN_WORDS,
        True,
    )
    assert buttons == (["Bayar"] if freely else ["Bayar", "Bayar nanti", "Berhenti"])
    assert (last(bot.database).billed_as, reached(bot.database)) == (("service", 0) if freely else ("utility", 1))


def test_a_template_goes_in_the_language_of_whoever_gets_it(approved: Running, twilio: TwilioApi, clock: MovableClock):
    with speaking("en"):
        remind(approved, clock, SITI)
    until_quiet(approved.database)
    assert said(twilio)[0].startswith("Reminder from Asosiasi Contoh for Bapak/Ibu: dues for Desember 2026")


def test_a_button_of_a_template_does_what_it_says(
    approved: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    remind(approved, clock, SITI)
    until_quiet(approved.database)
    webhook.presses(SITI, "Berhenti")
    until_quiet(approved.database)
    assert said(twilio)[-1].startswith("Pesan mana yang mau dihentikan?")


CRAFTED = {
    "five spaces": ("a     b", "a b"),
    "lines and tabs": ("a\n\tb\r\nc\u2028d", "a b c d"),
    "nothing": (" \n ", "-"),
    "a link": ("http://jahat.example/x www.jahat.example", "… …"),
    "gaps": ("{{1}} {{{2}}}", "1 2"),
    "what nobody sees": ("a\x00\u200b\x07b", "a b"),
    "more than there is room for": ("panjang " * 300, None),
}


@sqlite_only
@pytest.mark.parametrize(("typed", "kept"), CRAFTED.values(), ids=CRAFTED.keys())
def test_crafted_variables_are_made_harmless(
    approved: Running, twilio: TwilioApi, clock: MovableClock, typed: str, kept: str | None
):
    """F13: no 63013, whatever somebody calls herself."""
    remind(approved, clock, SITI, facts=(typed, *FACTS[1:]))
    until_quiet(approved.database)
    filled = twilio.messages_to(SITI)[-1].variables["1"]
    assert kept is None or filled == kept
    assert len(said(twilio)[0]) <= 1024
    assert last(approved.database).status == "accepted"


def test_what_does_not_fill_its_template_waits_for_her_word(
    approved: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    remind(approved, clock, SITI, kind="notice", facts=("zu", "wenig"))
    until(lambda: statuses(approved.database)[1:] == ["parked", "accepted"])
    assert said(twilio) == [KNOCK]
    webhook.says(SITI, "buka")
    until_quiet(approved.database)
    assert said(twilio)[1] == REMINDED.text


@pytest.mark.parametrize("later", [False, True], ids=["at once", "by a report"])
def test_what_whatsapp_says_is_outside_of_the_window_goes_as_a_template(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, later: bool
):
    """B12: our clock said otherwise; it goes at once as a template, once, and what follows does not try again."""
    judge(bot, twilio)
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    if later:
        twilio.window_closed(SITI)
    else:
        twilio.refuse(400, 63016, path="Messages", to=SITI)
    remind(bot, clock, SITI)
    until(lambda: said(twilio) == [IN_WORDS])
    remind(bot, clock, SITI)
    until_quiet(bot.database)
    assert said(twilio) == [IN_WORDS] * 2
    assert [message.billed_as for message in messages(bot.database)[1:]] == ["utility"] * 2
    assert len(twilio.messages_to(SITI)) == 3 + later


# ── the rest, and the knock ──────────────────────────────────────────────────────────────────────────────────────


def test_what_a_template_leaves_out_follows_when_she_writes(
    approved: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """A long announcement: its beginning now, all of it when she wants to know."""
    long = "Besok rapat di kantor. " * 40
    address = address_of(approved.database, SITI)

    def put(db: Session) -> None:
        reply = as_template(Reply(long), "announcement", "Asosiasi Contoh", "Bapak/Ibu", long)
        outbox.put(
            db,
            association_id="main",
            account=ACCOUNT,
            address_id=address.id,
            key="long",
            kind="bulk",
            reply=reply,
            now=clock.now(),
        )

    approved.database.transact(put)
    until(lambda: statuses(approved.database)[1:] == ["accepted", "parked"])
    assert said(twilio)[0].startswith("Pengumuman dari Asosiasi Contoh untuk Bapak/Ibu. Isinya: Besok rapat di kantor.")
    assert len(said(twilio)[0]) <= 1024
    assert "…" in said(twilio)[0]
    webhook.presses(SITI, "Buka")
    until_quiet(approved.database)
    assert long.split() in [text.split() for text in said(twilio)[1:]]
    assert messages(approved.database)[1].billed_as == "marketing"


def test_one_knock_a_day_asks_her_to_write_and_she_gets_everything(
    approved: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """Three replies of officers, and a fourth a day later."""
    for text in ("Satu.", "Dua.", "Tiga."):
        queue(approved.database, SITI, text, kind="notice", now=clock.now())
    until(lambda: said(twilio) == [KNOCK])
    clock.move_to(clock.now() + timedelta(hours=20))
    queue(approved.database, SITI, "Empat.", kind="notice", now=clock.now())
    until(lambda: statuses(approved.database)[-1] == "parked")
    clock.move_to(clock.now() + timedelta(hours=5))
    queue(approved.database, SITI, "Lima.", kind="notice", now=clock.now())
    until(lambda: said(twilio) == [KNOCK] * 2)
    webhook.says(SITI, "buka")
    until_quiet(approved.database)
    assert said(twilio)[2:7] == ["Satu.", "Dua.", "Tiga.", "Empat.", "Lima."]
    assert said(twilio)[7].startswith("Pesan yang menunggu kami kirim sekarang.")


def test_a_receipt_says_that_it_is_there_and_comes_when_she_asks_for_it(
    approved: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """In two pieces, as where no buttons stand below a picture: one template asks for both, and there is no knock."""
    address = address_of(approved.database, SITI)
    told = receipt_told(Reply("Kwitansi K-1: iuran Desember."), "Asosiasi", "Bapak/Ibu", Rupiah(8400), "K-1")

    def put(db: Session) -> None:
        for key, reply in (("picture", Reply("Gambar kwitansi.")), ("words", told)):
            about = {"association_id": "main", "account": ACCOUNT, "address_id": address.id, "now": clock.now()}
            outbox.put(db, key=key, kind="notice", reply=reply, **about)

    approved.database.transact(put)
    until_quiet(approved.database)
    in_short = "Kabar dari Asosiasi untuk Bapak/Ibu: pembayaran Rp8.400 sudah kami terima, kwitansi nomor K-1. "
    assert said(twilio) == [in_short + 'Tekan Buka, atau ketik "buka", untuk melihatnya.']
    webhook.presses(SITI, "Buka")
    until_quiet(approved.database)
    assert said(twilio)[1:3] == ["Gambar kwitansi.", "Kwitansi K-1: iuran Desember."]
    assert len(said(twilio)) == 4


def test_nobody_is_woken_by_a_knock(approved: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock):
    clock.move_to(clock.now() + timedelta(hours=14))  # 22.00 in Mataram
    queue(approved.database, SITI, "Satu.", kind="notice", now=clock.now())
    until(lambda: statuses(approved.database)[1:] == ["parked", "queued"])
    clock.move_to(clock.now() + timedelta(hours=10, minutes=1))
    until(lambda: said(twilio) == [KNOCK])


def test_whoever_writes_before_the_knock_is_not_knocked_at(
    approved: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    clock.move_to(clock.now() + timedelta(hours=14))
    queue(approved.database, SITI, "Satu.", kind="notice", now=clock.now())
    until(lambda: statuses(approved.database)[1:] == ["parked", "queued"])
    webhook.says(SITI, "1")
    clock.move_to(clock.now() + timedelta(hours=11))
    until_quiet(approved.database)
    assert statuses(approved.database)[1:] == ["accepted", "cancelled", "accepted"]
    assert KNOCK not in said(twilio)


def test_what_goes_to_many_without_a_template_knocks_at_nobody(
    approved: Running, twilio: TwilioApi, clock: MovableClock
):
    """A knock is about an answer; an announcement shall not come under its name."""
    queue(approved.database, SITI, "Pengumuman.", now=clock.now())
    until(lambda: statuses(approved.database)[1:] == ["parked"])
    assert said(twilio) == []


@pytest.mark.parametrize("status", ["pending", "rejected"])
def test_without_approval_nothing_goes_and_nothing_is_lost(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, status: str
):
    """She writes, and gets what waited; or WhatsApp approves after all, and it goes by itself."""
    judge(bot, twilio, status=status)
    heard_long_ago(bot, webhook, clock, SITI, RINA)
    remind(bot, clock, SITI, RINA, valid_until=clock.now() + timedelta(days=3))
    queue(bot.database, SITI, "Satu.", kind="notice", now=clock.now())
    until(lambda: statuses(bot.database)[2:] == ["parked"] * 3)
    webhook.says(SITI, "1")
    until_quiet(bot.database)
    assert said(twilio)[0] == "Satu."
    assert said(twilio).count(REMINDED.text) == 1
    judge(bot, twilio)
    until(lambda: said(twilio, RINA) == [IN_WORDS])
    assert twilio.messages_to(RINA)[-1].fate is None


def test_a_reminder_that_waited_too_long_for_approval_is_not_sent_late(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B19."""
    judge(bot, twilio, status="pending")
    heard_long_ago(bot, webhook, clock, SITI)
    remind(bot, clock, SITI, valid_until=clock.now() + timedelta(hours=5))
    until(lambda: statuses(bot.database)[1:] == ["parked"])
    clock.move_to(clock.now() + timedelta(hours=6))
    bot.scheduler.tidy()
    judge(bot, twilio)
    until_quiet(bot.database)
    assert (statuses(bot.database)[1:], said(twilio)) == (["expired"], [])


# ── WhatsApp changes its mind ────────────────────────────────────────────────────────────────────────────────────


def admin(bot: Running, who: str = LALU) -> None:
    """Somebody who looks after the association, and has written just now."""

    def give(db: Session) -> None:
        address = find_address(db, ACCOUNT, who)
        assert address
        people.ensure_role(db, association_id="main", person_id=address.person_id, role="admin", now=bot.clock.now())

    bot.database.transact(give)


@pytest.fixture
def watched(approved: Running, webhook: TwilioDoor) -> Running:
    """Lalu is administrator and has written just now; Budi wrote more than a day ago, as Siti did."""
    webhook.says(LALU, "halo")
    until_quiet(approved.database)
    admin(approved)
    return approved


def test_a_template_that_is_paused_in_between_stops_and_goes_on_by_itself(
    watched: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B14: 63041; everything of it waits, the administrators are told once, and nobody gets anything twice."""
    names = strangers(watched, twilio, 3)
    twilio.refuse(400, 63041, path="Messages", to=names[0], times=None)
    remind(watched, clock, names[0], valid_until=clock.now() + timedelta(days=3))
    until(lambda: statuses(watched.database, names[0]) == ["parked"])
    remind(watched, clock, *names[1:], valid_until=clock.now() + timedelta(days=3))
    until(lambda: [m.code for m in messages(watched.database) if m.status == "parked"] == ["template:due_id"] * 3)
    until_quiet(watched.database)
    told = [text for text in said(twilio, LALU) if "menghentikan sementara" in text]
    assert told == [
        "WhatsApp menghentikan sementara pesan ini: pengingat sebelum jatuh tempo. Yang belum terkirim menunggu."
    ]
    assert templates(watched.database)["due_id"].status == "paused"
    twilio.faults.clear()
    clock.move_to(clock.now() + timedelta(hours=3, minutes=1))
    until(lambda: all(twilio.said_to(one) == [IN_WORDS] for one in names))
    until_quiet(watched.database)
    assert all(twilio.said_to(one) == [IN_WORDS] for one in names)
    assert len([text for text in said(twilio, LALU) if "pesan ini" in text.lower()]) == 2  # paused, and well again


def test_a_template_that_is_filed_as_promotion_waits_until_an_administrator_agrees(
    watched: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B14: the category that Meta reports is stored, the reminders stop, and what they cost is his to decide."""
    judge(watched, twilio, "due_id", category="MARKETING")
    assert templates(watched.database)["due_id"].category == "marketing"
    until(lambda: any("menggolongkan" in text for text in said(twilio, LALU)))
    remind(watched, clock, SITI, valid_until=clock.now() + timedelta(days=3))
    until(lambda: statuses(watched.database, SITI)[1:] == ["parked"])
    webhook.presses(LALU, "Buka")
    until_quiet(watched.database)
    assert "promosi" in said(twilio, LALU)[-1]
    webhook.says(LALU, "1", "ya")
    until(lambda: said(twilio) == [IN_WORDS])
    assert last(watched.database, SITI).billed_as == "marketing"
    assert not agreed_again(watched)


def agreed_again(bot: Running) -> bool:
    return bot.database.transact(lambda db: agree(db, "main", ACCOUNT, "due_id", bot.clock.now()))


# ── the people of a day ──────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def limited(
    database: Database, twilio: TwilioApi, clock: MovableClock, folder: Path, people_per_day: int
) -> Iterator[tuple[Running, TwilioDoor]]:
    """A number that may write to so many people a day first; WhatsApp counts them too."""
    twilio.account.people_per_day = people_per_day
    with bot_on_whatsapp(database, twilio, clock, folder, TWILIO_PEOPLE_PER_DAY=str(people_per_day)) as found:
        judge(found[0], twilio)
        yield found


def test_the_one_too_many_waits_until_somebody_falls_out_of_the_moving_day(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path
):
    """C4: no calendar day counts, and a restart forgets nobody."""
    with reopened(database) as first, limited(first, twilio, clock, tmp_path, 5) as (bot, _door):
        names = strangers(bot, twilio, 8)
        began = clock.now()
        remind(bot, clock, *names[:3], valid_until=began + timedelta(days=3))
        until_quiet(first)
        clock.move_to(began + timedelta(hours=6))
        remind(bot, clock, *names[3:], valid_until=began + timedelta(days=3))
        until(lambda: sorted(statuses(first)) == ["accepted"] * 5 + ["parked"] * 3)
        remind(bot, clock, names[0])  # who is among them already
        until(lambda: statuses(first)[-1] == "accepted")
    with reopened(database) as again, limited(again, twilio, clock, tmp_path, 5) as (bot, _door):
        clock.move_to(began + timedelta(hours=23))
        bot.scheduler.tidy()
        until_quiet(again)
        assert statuses(again).count("parked") == 3
        clock.move_to(began + timedelta(hours=24, minutes=5))
        bot.scheduler.tidy()
        until(lambda: statuses(again).count("accepted") == 8)  # the first wrote again after six hours: two fell out
        clock.move_to(began + timedelta(hours=30, minutes=5))
        bot.scheduler.tidy()
        until(lambda: statuses(again) == ["accepted"] * 9)
        assert [len(twilio.messages_to(one)) for one in names] == [2] + [1] * 7
        assert all(message.fate is None for message in twilio.messages.values())


def test_answers_within_the_window_are_not_counted(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path
):
    """C4: whoever writes is answered, however full the day is."""
    with reopened(database) as opened, limited(opened, twilio, clock, tmp_path, 1) as (bot, door):
        names = strangers(bot, twilio, 2)
        remind(bot, clock, *names, valid_until=clock.now() + timedelta(days=3))
        until(lambda: sorted(statuses(opened)) == ["accepted", "parked"])
        other = next(one for one in names if statuses(opened, one) == ["parked"])
        door.says(SITI, "halo")
        until(lambda: len(twilio.said_to(SITI)) == 1)
        door.says(other, "halo")
        until(lambda: REMINDED.text in twilio.said_to(other))
        assert reached(opened) == 1


def test_two_senders_share_the_people_of_a_day(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path
):
    """C4: whoever sends, no more are written to than may be."""
    with (
        reopened(database) as first,
        reopened(database) as second,
        limited(first, twilio, clock, tmp_path, 20) as (bot, _door),
        limited(second, twilio, clock, tmp_path, 20),
    ):
        names = strangers(bot, twilio, 50)
        remind(bot, clock, *names, valid_until=clock.now() + timedelta(days=3))
        until(lambda: sorted(statuses(first)) == ["accepted"] * 20 + ["parked"] * 30)
        assert (reached(first), len(twilio.messages)) == (20, 20)


@pytest.mark.parametrize("later", [False, True], ids=["at once", "by a report"])
def test_a_campaign_rests_when_whatsapp_says_that_it_is_enough_and_goes_on_by_itself(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path, later: bool
):
    """B13: 63018 in the middle; answers go on meanwhile, the administrators hear of it, and nobody gets it twice."""
    with reopened(database) as opened, limited(opened, twilio, clock, tmp_path, 100) as (bot, door):
        door.says(LALU, "halo")
        until_quiet(opened)
        admin(bot)
        names = strangers(bot, twilio, 6)
        remind(bot, clock, *names[:3], valid_until=clock.now() + timedelta(days=3))
        until(lambda: all(len(twilio.messages_to(one)) == 1 for one in names[:3]))
        if later:
            twilio.account.people_per_day = 3
        else:
            twilio.refuse(429, 63018, path="Messages", to=names[3], times=None)
        remind(bot, clock, names[3], valid_until=clock.now() + timedelta(days=3))
        until(lambda: statuses(opened, names[3]) == ["parked"])
        remind(bot, clock, *names[4:], valid_until=clock.now() + timedelta(days=3))
        until(lambda: statuses(opened, names[4]) + statuses(opened, names[5]) == ["parked"] * 2)
        assert not twilio.messages_to(names[4])
        until(lambda: any("membatasi jumlah orang" in text for text in said(twilio, LALU)))
        door.says(SITI, "halo")
        until(lambda: twilio.said_to(SITI))
        twilio.faults.clear()
        twilio.account.people_per_day = 100
        bot.scheduler.tidy()
        until_quiet(opened)
        assert statuses(opened, names[3]) == ["parked"]
        clock.move_to(clock.now() + timedelta(minutes=5, seconds=5))
        bot.scheduler.tidy()
        until(lambda: [twilio.said_to(one) for one in names] == [[IN_WORDS]] * 6)
        until_quiet(opened)
        assert [twilio.said_to(one) for one in names] == [[IN_WORDS]] * 6
        assert len([text for text in said(twilio, LALU) if "membatasi" in text]) == 1


def test_a_number_that_is_flagged_as_spam_writes_to_nobody_first_for_a_day(
    watched: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """63026: answers go on; the administrators hear of it at once."""
    one, other = strangers(watched, twilio, 2)
    twilio.refuse(400, 63026, path="Messages", to=one)
    remind(watched, clock, one, valid_until=clock.now() + timedelta(days=3))
    until(lambda: statuses(watched.database, one) == ["failed"])
    remind(watched, clock, other, valid_until=clock.now() + timedelta(days=3))
    until(lambda: statuses(watched.database, other) == ["parked"])
    until(lambda: any("pengirim spam" in text for text in said(twilio, LALU)))
    webhook.says(LALU, "1")
    until_quiet(watched.database)
    clock.move_to(clock.now() + timedelta(hours=23))
    watched.scheduler.tidy()
    assert statuses(watched.database, other) == ["parked"]
    clock.move_to(clock.now() + timedelta(hours=2))
    watched.scheduler.tidy()
    until(lambda: twilio.said_to(other) == [IN_WORDS])


def morning(after: datetime) -> datetime:
    """Half past eight in Mataram, on the next day that is no Friday, nor the day before one."""
    day = (after + timedelta(days=1)).date()
    while day.weekday() == 4 or (day + timedelta(days=1)).weekday() == 4:
        day += timedelta(days=1)
    return datetime.combine(day, time(0, 30), UTC)


def heard_at(database: Database, who: str) -> datetime:
    """When somebody wrote last."""
    address = address_of(database, who)
    return database.read(lambda db: db.exec(select(Talk.heard_at).where(col(Talk.address_id) == address.id)).one())
