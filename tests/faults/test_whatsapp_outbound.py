"""What goes out on WhatsApp goes out once, as Twilio and WhatsApp can take it, or it is known what follows (B)."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial, partialmethod
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from bot import app, consequences
from bot.channels import whatsapp
from bot.channels.fitting import units
from bot.clock import MovableClock
from bot.running import Running
from conversations import engine
from domain.message import Button, Reply
from storage.database import Database
from storage.queries import documents, identities, outbox, people
from storage.queries.documents import NewDocument
from storage.tables import Content, Rate
from tests.conftest import sqlite_only
from tests.fakes.photos import sample_ktp
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import SITI, TwilioApi
from tests.faults import house
from tests.faults.house import free_port, until, until_quiet
from tests.faults.whatsapp_house import (
    ACCOUNT,
    CONTENTS,
    LALU,
    RINA,
    UNTIL_KTP,
    WELCOME,
    TwilioDoor,
    address_of,
    bot_on_whatsapp,
    held,
    join,
    link_in,
    messages,
    queue,
    reopened,
    statuses,
    tickets_of,
)

Losing = Callable[[TwilioApi], None]
LOST: dict[str, Losing] = {
    "reset": lambda api: api.drop(accepted=True, path="Messages", verb="POST"),
    "502": lambda api: api.fail(502, accepted=True, path="Messages", verb="POST"),
    "garbled": lambda api: api.garble(b"<html>", accepted=True, path="Messages", verb="POST"),
}
ALMOST = timedelta(minutes=1, seconds=59)


def copies(api: TwilioApi, who: str = SITI) -> int:
    """How many messages reached her phone."""
    return len(api.messages_to(who))


def pass_by(bot: Running, clock: MovableClock, time_gone: timedelta) -> None:
    """So much time goes by, and somebody tidies up."""
    clock.move_to(clock.now() + time_gone)
    bot.scheduler.tidy()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What surely was not taken is tried again within moments."""
    monkeypatch.setattr(consequences, "LADDER", (0.02,))


# ── nobody knows ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lose", LOST.values(), ids=LOST.keys())
def test_a_report_with_our_number_settles_what_was_uncertain(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, lose: Losing
):
    """B1: taken, and the answer lost: nothing is sent again, and Twilio's own report says that it arrived."""
    lose(twilio)
    webhook.says(SITI, "halo")
    until(lambda: statuses(bot.database) == ["uncertain"])
    (message,) = twilio.messages_to(SITI)
    assert parse_qs(urlsplit(message.status_callback).query) == {"m": [f"{messages(bot.database)[0].id}.1"]}
    twilio.report(message.sid, "delivered").result()
    (ours,) = messages(bot.database)
    assert (ours.status, ours.provider_id, ours.code) == ("delivered", message.sid, "")
    pass_by(bot, clock, timedelta(minutes=10))
    until_quiet(bot.database)
    assert (statuses(bot.database), copies(twilio)) == (["delivered"], 1)


def test_twilio_is_asked_about_what_stays_uncertain(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B1: taken, and no report came: after half a minute its own list says so, and nothing is sent again."""
    twilio.drop(accepted=True, path="Messages", verb="POST")
    webhook.says(SITI, "halo")
    until(lambda: statuses(bot.database) == ["uncertain"])
    assert twilio.calls_of("Messages", verb="GET") == []  # a report may still come
    clock.move_to(clock.now() + timedelta(seconds=31))
    until(lambda: statuses(bot.database) == ["accepted"])
    assert messages(bot.database)[0].provider_id == twilio.messages_to(SITI)[0].sid
    pass_by(bot, clock, timedelta(hours=1))
    until_quiet(bot.database)
    assert copies(twilio) == 1


@pytest.mark.parametrize("kind", ["reply", "notice"])
def test_a_reply_of_which_twilio_knows_nothing_is_sent_once_more(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, kind: str
):
    """B2: not before Twilio was asked, and not before two minutes of silence."""
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    twilio.drop(accepted=False, path="Messages", verb="POST")
    queue(bot.database, SITI, "Kabar baik.", kind=kind, now=clock.now())
    until(lambda: statuses(bot.database)[-1] == "uncertain")
    pass_by(bot, clock, ALMOST)
    until(lambda: messages(bot.database)[-1].code == "not_found")
    bot.scheduler.tidy()
    assert (statuses(bot.database)[-1], copies(twilio)) == ("uncertain", 1)
    pass_by(bot, clock, timedelta(seconds=2))
    until_quiet(bot.database)
    assert (statuses(bot.database)[-1], copies(twilio)) == ("accepted", 2)


def test_a_reply_is_not_sent_again_before_twilio_has_said_that_it_does_not_know_it(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B2: while Twilio cannot be asked, nobody knows; silence alone is no reason."""
    twilio.drop(accepted=True, path="Messages", verb="POST")
    twilio.fail(503, accepted=False, path="Messages", verb="GET", times=None)
    webhook.says(SITI, "halo")
    until(lambda: statuses(bot.database) == ["uncertain"])
    pass_by(bot, clock, timedelta(hours=1))
    until(lambda: twilio.refusals[503] >= 2)
    bot.scheduler.tidy()
    assert (statuses(bot.database), copies(twilio)) == (["uncertain"], 1)
    twilio.faults.clear()
    until(lambda: statuses(bot.database) == ["accepted"])
    assert copies(twilio) == 1


def test_a_reminder_of_which_twilio_knows_nothing_is_never_sent_again(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B2: at most once."""
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    twilio.drop(accepted=False, path="Messages", verb="POST")
    queue(bot.database, SITI, "Iuran bulan ini belum kami terima.", now=clock.now())
    until(lambda: statuses(bot.database)[-1] == "uncertain")
    for pause in (timedelta(minutes=3), timedelta(hours=2), timedelta(hours=20)):
        pass_by(bot, clock, pause)
        until(lambda: messages(bot.database)[-1].code == "not_found")
        bot.scheduler.tidy()
        until_quiet(bot.database)
    assert statuses(bot.database) == ["accepted", "uncertain"]
    assert copies(twilio) == 1


@sqlite_only
@pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
def test_twilio_may_fall_silent_without_holding_us_up(
    database: Database,
    twilio: TwilioApi,
    clock: MovableClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    taken: bool,
):
    """B1, B2: every call has its time; then it is uncertain, and others were served meanwhile."""
    monkeypatch.setattr(whatsapp.WhatsApp, "__init__", partialmethod(whatsapp.WhatsApp.__init__, patience=0.5))
    with bot_on_whatsapp(database, twilio, clock, tmp_path) as (_bot, webhook):
        twilio.stall(60, accepted=taken, path="Messages", to=SITI)
        began = time.monotonic()
        webhook.says(SITI, "halo")
        webhook.says(RINA, "halo")
        until(lambda: copies(twilio, RINA) == 1)
        assert time.monotonic() - began < 0.5 or statuses(database, SITI) != ["accepted"]
        until(lambda: statuses(database, SITI) == ["uncertain"])
        assert (time.monotonic() - began < 10, messages(database, SITI)[0].code) == (True, "timeout")
        assert copies(twilio) == taken


# ── surely not taken ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("soon")
def test_what_never_left_us_is_tried_again_and_arrives_once(database: Database, clock: MovableClock, tmp_path: Path):
    """B3: nobody listens at Twilio's address, then somebody does."""
    api = TwilioApi(port=free_port())
    api.account.base_url = api.base_url
    with bot_on_whatsapp(database, api, clock, tmp_path, ready=False) as (_bot, webhook):
        webhook.says(SITI, "halo")
        until(lambda: messages(database)[0].attempts >= 3)
        assert messages(database)[0].code == "connect"
        with api:
            until_quiet(database)
            assert (statuses(database), copies(api)) == (["accepted"], 1)
    assert api.violations == []


def test_a_throttled_message_is_tried_again_later_and_later_and_sent_once(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """B8: 429 five times; each wait is longer than the one before, and none is the same for two messages."""
    twilio.throttle(path="Messages", verb="POST", times=5)
    webhook.says(SITI, "halo")
    waits: list[float] = []
    for attempt in range(1, 6):
        until(lambda tried=attempt: (m := messages(bot.database)[0]).attempts == tried and m.status == "retry_wait")
        message = messages(bot.database)[0]
        assert message.settled_at
        waits.append((message.due_at - message.settled_at).total_seconds())
        clock.move_to(message.due_at)
    until_quiet(bot.database)
    assert (statuses(bot.database), copies(twilio), twilio.refusals) == (["accepted"], 1, {429: 5})
    for wait, step in zip(waits, consequences.LADDER[:5], strict=True):
        assert 0.9 * step <= wait <= 1.2 * step
    assert sum(waits) > sum(consequences.LADDER[:5])  # what failed together does not come again together


def test_an_account_that_was_told_to_wait_waits_as_a_whole(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """B8: with a Retry-After nothing of this number starts before that second is over; nothing is lost."""
    began = time.time()
    twilio.throttle(1, path="Messages", verb="POST", to=SITI)
    webhook.says(SITI, "halo")
    until(lambda: statuses(bot.database) == ["retry_wait"])
    webhook.says(RINA, "halo")
    until_quiet(bot.database)
    calls = twilio.calls_of("Messages")
    assert (len(calls), twilio.refusals) == (2, {429: 1})
    assert min(call.at for call in calls) >= began + 1


# ── nobody there ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "later"),
    [(63003, False), (63003, True), (63024, True), (21211, False)],
    ids=["63003 at once", "63003 by a report", "63024 by a report", "21211 at once"],
)
def test_a_number_that_is_not_on_whatsapp_is_marked_and_the_officers_must_find_her(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock, code: int, later: bool
):
    """B10: nothing is tried again, one ticket however many messages; when she writes, all is well again."""
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    with held(bot):
        for text in ("Satu.", "Dua."):
            queue(bot.database, SITI, text, now=clock.now())
        if not later:
            twilio.refuse(400, code, path="Messages", to=SITI, times=None)
    if later:
        until_quiet(bot.database)
        for message in twilio.messages_to(SITI)[1:]:
            twilio.report(message.sid, "failed", code).result()
    until_quiet(bot.database)
    pass_by(bot, clock, timedelta(hours=2))
    until_quiet(bot.database)
    assert statuses(bot.database) == ["accepted", "failed", "failed" if later else "suppressed"]
    assert messages(bot.database)[1].code == str(code)
    assert address_of(bot.database, SITI).status == "bad"
    assert twilio.refusals[400] == (0 if later else 1)
    (ticket,) = tickets_of(bot.database, "unreachable")
    assert ticket.person_id == address_of(bot.database, SITI).person_id
    twilio.faults.clear()
    webhook.says(SITI, "1")
    until_quiet(bot.database)
    assert (address_of(bot.database, SITI).status, statuses(bot.database)[-1]) == ("open", "accepted")


@pytest.mark.parametrize("later", [False, True], ids=["at once", "by a report"])
def test_what_cannot_reach_her_on_whatsapp_reaches_her_on_telegram(
    database: Database, twilio: TwilioApi, api: TelegramApi, clock: MovableClock, tmp_path: Path, later: bool
):
    """B10: all of it, once and in order, where the same person speaks as well; nobody has to look for her."""
    with bot_on_whatsapp(database, twilio, clock, tmp_path, telegram=api) as (bot, webhook):
        door = house.Door(webhook.url)
        webhook.says(SITI, "halo")
        door.says(house.SITI, "halo")
        until_quiet(database)
        join(bot, clock)
        if not later:
            twilio.refuse(400, 63003, path="Messages", to=SITI, times=None)
        with held(bot):
            for text in ("Satu.", "Dua."):
                queue(database, SITI, text, kind="notice", now=clock.now())
        until_quiet(database)
        if later:
            for message in twilio.messages_to(SITI)[1:]:
                twilio.report(message.sid, "undelivered", 63003).result()
                twilio.report(message.sid, "failed", 63003).result()
        until_quiet(database)
        assert api.texts(str(house.SITI))[1:] == ["Satu.", "Dua."]
        assert tickets_of(database, "unreachable") == []
        assert address_of(database, SITI).status == "bad"
        door.client.close()


def test_from_a_shared_phone_nothing_goes_to_anybodys_other_address(
    database: Database, twilio: TwilioApi, api: TelegramApi, clock: MovableClock, tmp_path: Path
):
    """B10: of a phone that several people share nobody can say whose the message was; an officer finds out."""
    with bot_on_whatsapp(database, twilio, clock, tmp_path, telegram=api) as (bot, webhook):
        door = house.Door(webhook.url)
        webhook.says(SITI, "halo")
        door.says(house.SITI, "halo")
        until_quiet(database)
        join(bot, clock)
        address = address_of(database, SITI)
        database.transact(lambda db: identities.add_speaker(db, address.id, "Amat Contoh", clock.now()))
        database.transact(lambda db: identities.switch(db, address.id, address.person_id, clock.now()))
        twilio.refuse(400, 63003, path="Messages", to=SITI, times=None)
        queue(database, SITI, "Untuk Amat.", kind="notice", now=clock.now())
        bot.outbox.wakers["whatsapp/main"].set()
        until(lambda: tickets_of(database, "unreachable"))
        until_quiet(database)
        assert "Untuk Amat." not in api.texts(str(house.SITI))
        door.client.close()


def test_who_blocked_us_hears_nothing_more_until_she_writes(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """63014 in a report: what waits is held back, and her next word opens the door again."""
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    with held(bot):
        queue(bot.database, SITI, "Satu.", now=clock.now())
        twilio.report(twilio.messages_to(SITI)[0].sid, "failed", 63014).result()
    until_quiet(bot.database)
    assert statuses(bot.database) == ["suppressed", "suppressed"]
    assert address_of(bot.database, SITI).status == "blocked"
    webhook.says(SITI, "1")
    until_quiet(bot.database)
    assert (address_of(bot.database, SITI).status, copies(twilio)) == ("open", 2)


# ── refused altogether ───────────────────────────────────────────────────────────────────────────────────────────


def test_refused_credentials_stop_all_sending_until_somebody_mends_them(
    database: Database,
    twilio: TwilioApi,
    clock: MovableClock,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
):
    """B20: a few calls, an error in the log, the queue as it was; with a good key and a new start all goes out."""
    others = [f"+62812000001{number:02}" for number in range(10)]
    with bot_on_whatsapp(database, twilio, clock, tmp_path) as (_bot, webhook):
        twilio.refuse(401, 20003, path="Messages", times=None)
        webhook.says(SITI, "halo")
        until(lambda: halted(database) == "20003")
        refused = twilio.refusals[401]
        for who in others:
            assert webhook.says(who, "halo").status_code == 200
        time.sleep(0.3)
        assert (refused, twilio.refusals[401] - refused) == (1, 0)
        assert statuses(database) == ["retry_wait", *["queued"] * len(others)]
        assert "an account is refused" in caplog.text
    twilio.faults.clear()
    with reopened(database) as database, bot_on_whatsapp(database, twilio, clock, tmp_path):
        until_quiet(database)
        assert statuses(database) == ["accepted"] * 11
        assert [len(twilio.said_to(who)) for who in (SITI, *others)] == [1] * 11


def halted(database: Database) -> str:
    return database.read(lambda db: db.exec(select(Rate.halted).where(Rate.account == ACCOUNT)).one())


# ── whatever was said ────────────────────────────────────────────────────────────────────────────────────────────

LINK = "https://contoh.id/" + "x" * 60
LONG = {
    "1,600 as one": "a" * 1_599 + ".",
    "1,601 in words": "kata " * 320 + "a",
    "an emoji at the cut": "kata " * 318 + "🌽🌽🌽👩‍👩‍👧🌽🌽" + " akhir",
    "a link at the cut": "kata " * 310 + LINK + " akhir",
    "ten thousand emoji": "🌽" * 10_000,
}


@sqlite_only
@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
@pytest.mark.parametrize("chosen", [False, True], ids=["alone", "with choices"])
def test_a_long_text_comes_in_order_and_whole(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch, text: str, chosen: bool
):
    """B15: cut between words, never inside a grapheme or a link; what can be chosen stands in the last part."""
    buttons = (Button("Ya", "1|x|ya"), Button("Tidak", "1|x|tidak")) if chosen else ()
    answer = engine.reply
    monkeypatch.setattr(engine, "reply", lambda *facts: replace(answer(*facts), replies=(Reply(text, buttons),)))
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    parts = twilio.said_to(SITI)
    assert all(units(part) <= 1_600 for part in parts)
    assert "".join("".join(parts).split()) == "".join((text + ("1. Ya 2. Tidak" if chosen else "")).split())
    assert not any(part.startswith("\u200d") or part.endswith("\u200d") for part in parts)
    assert sum(LINK in part for part in parts) == (LINK in text)


ODD = r"""Bu *Siti* _Contoh_ ~x~ `y` {no} %s <b>&amp; "kutip" \n \ 'satu'"""


@pytest.mark.parametrize("refused", [False, True], ids=["taken", "its form refused"])
def test_what_looks_like_markup_arrives_as_it_was_typed(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, refused: bool
):
    """B16: nothing that a vendor types can make Twilio refuse a message; and if it does, the words alone go."""
    webhook.says(SITI, *WELCOME, "daftar", "1", name=ODD)
    until_quiet(bot.database)
    webhook.fills_in(link_in(twilio.said_to(SITI)[-1]), house.NIK, sample_ktp("Siti"))
    answers = [ODD if text == "Jalan Contoh 1" else text for text in UNTIL_KTP]
    webhook.says(SITI, "benar", *answers[:-1])
    until_quiet(bot.database)
    if refused:
        twilio.refuse(400, 63005, path="Messages", to=SITI)
    webhook.says(SITI, answers[-1])
    until_quiet(bot.database)
    review = twilio.messages_to(SITI)[-1]
    assert ODD in review.text
    assert review.text.endswith("1. Benar, kirim\n2. Ubah jawaban")
    assert bool(review.content_sid) == (not refused)
    assert (messages(bot.database)[-1].as_text, messages(bot.database)[-1].attempts) == (refused, 1 + refused)
    assert set(statuses(bot.database)) == {"accepted"}


@sqlite_only
@pytest.mark.parametrize("code", [21655, 21656, 63013])
def test_a_content_that_twilio_refuses_costs_nobody_a_message(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, code: int, caplog: pytest.LogCaptureFixture
):
    """B16: a template of ours is broken: the words go alone; a breach of rules is told to a human and not repeated."""
    twilio.refuse(400, code, path="Messages", to=SITI)
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    assert statuses(bot.database) == (["failed"] if code == 63013 else ["accepted"])
    assert "the provider objects to what we send" in caplog.text


@sqlite_only
def test_braces_and_rows_of_spaces_are_no_gap_of_ours(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """F13: "{{1}}" and five spaces in what she typed break no message."""
    webhook.says(SITI, *WELCOME, "daftar", "1", name="{{1}}      {{body}}")
    until_quiet(bot.database)
    webhook.fills_in(link_in(twilio.said_to(SITI)[-1]), house.NIK, sample_ktp("Siti"))
    webhook.says(SITI, "benar", *("Jalan {{1}}      {{body}}" if t == "Jalan Contoh 1" else t for t in UNTIL_KTP))
    until_quiet(bot.database)
    assert "Sudah benar semua?" in twilio.said_to(SITI)[-1]
    assert "Jalan" in twilio.said_to(SITI)[-1]
    assert set(statuses(bot.database)) == {"accepted"}


# ── how fast ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_one_person_gets_twenty_messages_ahead_and_then_one_in_six_seconds(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path
):
    """WhatsApp's pair rate: over it, a message is refused (131056); others are not held up meanwhile."""
    with bot_on_whatsapp(database, twilio, clock, tmp_path, TWILIO_PAIR_SECONDS="6") as (bot, webhook):
        webhook.says(SITI, "halo")
        webhook.says(RINA, "halo")
        until_quiet(database)
        with held(bot):
            for number in range(1, 26):
                queue(database, SITI, f"{number}.", now=clock.now(), kind="notice")
            queue(database, RINA, "Untuk Rina.", now=clock.now())
        until(lambda: copies(twilio) == 21 and copies(twilio, RINA) == 2)
        time.sleep(0.2)
        assert copies(twilio) == 21
        for more in range(22, 27):
            clock.move_to(clock.now() + timedelta(seconds=6))
            until(lambda so_many=more: copies(twilio) == so_many)
            time.sleep(0.1)
            assert copies(twilio) == more
        until_quiet(database)
    assert twilio.said_to(SITI)[1:] == [f"{number}." for number in range(1, 26)]


def test_an_account_sends_no_faster_than_its_rate(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path
):
    """Twenty people at once, ten messages a second: nobody is refused, and none is sent early."""
    others = [f"+62812000001{number:02}" for number in range(20)]
    with bot_on_whatsapp(database, twilio, clock, tmp_path, TWILIO_PER_SECOND="10") as (bot, webhook):
        with held(bot):
            for who in others:
                webhook.says(who, "halo")
            began = time.time()
        until_quiet(database)
    at = sorted(call.at - began for call in twilio.calls_of("Messages"))
    assert len(at) == len(others)
    assert [place for place, seconds in enumerate(at) if seconds < place / 10 - 0.05] == [], at


# ── content ──────────────────────────────────────────────────────────────────────────────────────────────────────


def made(twilio: TwilioApi) -> list[str]:
    """The contents for choices that were made, by name; templates are content as well."""
    names = [call.json["friendly_name"] for call in twilio.calls_of("Content")]
    return [name for name in names if name.startswith("jagalapak-")]


def test_the_content_is_made_once_and_remembered(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path
):
    """A new start makes nothing anew, and finds what it made before."""
    with bot_on_whatsapp(database, twilio, clock, tmp_path):
        until(lambda: len(remembered(database)) == CONTENTS)
    assert len(made(twilio)) == len(set(made(twilio))) == CONTENTS
    with (
        reopened(database) as database,
        bot_on_whatsapp(database, twilio, clock, tmp_path) as (_bot, webhook),
    ):
        before = remembered(database)
        webhook.says(SITI, "halo")
        until_quiet(database)
        assert (len(made(twilio)), remembered(database)) == (CONTENTS, before)
    assert twilio.messages_to(SITI)[-1].content_sid == before["quick-2"]


def remembered(database: Database) -> dict[str, str]:
    return database.read(lambda db: {row.name: row.sid for row in db.exec(select(Content))})


def test_content_that_somebody_deleted_is_missed_by_nobody_and_made_again(
    database: Database,
    twilio: TwilioApi,
    clock: MovableClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """Its choices go as numbers in the text until it is there again."""
    monkeypatch.setattr(app, "REPAIR", 0.3)
    with bot_on_whatsapp(database, twilio, clock, tmp_path) as (_bot, webhook):
        until(lambda: len(remembered(database)) == CONTENTS)
        gone = remembered(database)["quick-2"]
        del twilio.account.contents[gone]
        webhook.says(SITI, "halo")
        until_quiet(database)
        (first,) = twilio.messages_to(SITI)
        until(lambda: remembered(database)["quick-2"] != gone)
        webhook.says(SITI, "1", "setuju")
        until_quiet(database)
        assert (first.content_sid, first.text.endswith("1. Bahasa Indonesia\n2. English")) == ("", True)
        assert twilio.messages_to(SITI)[-1].content_sid == remembered(database)["quick-2"]
        assert set(statuses(database)) == {"accepted"}


@sqlite_only
def test_until_the_content_is_made_choices_go_as_numbers(
    database: Database,
    twilio: TwilioApi,
    clock: MovableClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """Nobody waits for it."""
    monkeypatch.setattr(app.polling, "PAUSE", 0.05)
    twilio.fail(503, accepted=False, path="Content", times=5)
    twilio.refuse(400, 20001, path="Content", verb="POST")  # one of them Twilio does not take at all
    with bot_on_whatsapp(database, twilio, clock, tmp_path, ready=False) as (bot, webhook):
        webhook.says(SITI, "halo")
        until_quiet(database)
        assert twilio.messages_to(SITI)[0].text.endswith("1. Bahasa Indonesia\n2. English")
        until(lambda: len(bot.channels[ACCOUNT].wire.contents) == CONTENTS - 1)
        webhook.says(SITI, "1")
        until_quiet(database)
        assert [button.title for button in twilio.buttons_of(SITI)][:2] == ["Setuju", "Tidak setuju"]


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_picture_is_fetched_by_its_link_and_by_nobody_after_an_hour(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """An officer's look at a KTP: Twilio asks for the head and for the whole, and the link is good for no other."""
    webhook.says(LALU, "halo")
    until_quiet(bot.database)
    card = sample_ktp("Siti")
    bot.database.transact(partial(show, bot=bot, card=card))
    until_quiet(bot.database)
    until(lambda: twilio.messages_to(LALU)[-1].media)
    message = twilio.messages_to(LALU)[-1]
    assert (message.media, message.text) == ([card], "Foto KTP.")
    path = urlsplit(message.media_urls[0]).path
    assert webhook.client.get(path).content == card
    other = path.replace("kartu", "lain")
    assert [webhook.client.get(wrong).status_code for wrong in (other, path + "x", "/media/x")] == [404] * 3
    clock.move_to(clock.now() + timedelta(hours=1, seconds=1))
    assert webhook.client.get(path).status_code == 404


def show(db, *, bot: Running, card: bytes) -> None:
    """A photo, and a message that shows it to Lalu."""
    lalu = people.find_address(db, ACCOUNT, LALU)
    assert lalu
    photo = NewDocument("kartu", card, "0" * 64, "0" * 16, 10, 10)
    documents.add(db, photo, association_id="main", person_id=lalu.person_id, kind="ktp", now=bot.clock.now())
    outbox.put(
        db,
        association_id="main",
        account=ACCOUNT,
        address_id=lalu.id,
        key="look",
        reply=Reply("Foto KTP.", document="kartu"),
        now=bot.clock.now(),
    )
