"""An announcement to thousands while everything breaks: each person once at most, and nobody is lost.

reliability.md, C1 (killed at random), C6 (stopped halfway), B10 and B13 (refused, limited), B18 (opted out meanwhile).
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from bot.clock import MovableClock
from bot.running import Running
from bot.web import pictures
from domain.audience import Audience
from domain.decent_hours import Hours, is_decent, next_decent
from domain.zone import WITA
from storage.columns import new_id
from storage.database import Database, open_database
from storage.queries import associations, campaigns, documents, people, progress, talks
from storage.queries.audiences import TOPIC
from storage.queries.documents import ANNOUNCED, NewDocument
from storage.sealed import KeyRing, use_keys
from storage.tables import (
    Address,
    Association,
    CampaignRecipient,
    Consent,
    Message,
    Person,
    Rate,
    Talk,
    Uploaded,
)
from tests.conftest import migrate
from tests.fakes.telegram_api import BLOCKED, NOT_FOUND, TelegramApi, private_message
from tests.fakes.twilio_api import TwilioApi
from tests.faults.house import ACCOUNT, Door, Program, let_pass, next_number, step_of, until, until_quiet
from tests.faults.whatsapp_house import ACCOUNT as WHATSAPP
from tests.faults.whatsapp_house import TwilioDoor, bot_on_whatsapp

SIZES = {"sqlite": (10_000, 20), "postgresql": (2_500, 5)}  # people, and how often it is killed
FIRST = 100_000  # chats from here on
OFFICER = 99
OFFICERS = 2  # who did not agree to announcements
ALWAYS = Hours.parse("00:00", "23:59")
WORDS = "Besok libur."


# ── a crowd ──────────────────────────────────────────────────────────────────────────────────────────────────────


def crowd(db: Session, size: int, now: datetime) -> None:
    """So many people who write to us on Telegram and want announcements, and two officers."""
    associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=now)
    associations.ensure_account(db, association_id="main", account=ACCOUNT, per_second=1000, now=now)
    for number in range(OFFICERS):
        officer(db, OFFICER - number, now)
    mine = {"association_id": "main"}
    chats = range(FIRST, FIRST + size)
    ids = {chat: (new_id(), new_id()) for chat in chats}
    facts: list[tuple[Any, Callable[[int, str, str], dict[str, Any]]]] = [
        (Person, lambda chat, person, _address: {"id": person, "called": f"Orang {chat}", "created_at": now}),
        (
            Address,
            lambda chat, person, address: {
                "id": address,
                "account": ACCOUNT,
                "external_id": str(chat),
                "person_id": person,
                "created_at": now,
                **PLAIN_ADDRESS,
            },
        ),
        (
            Talk,
            lambda _chat, person, address: {"address_id": address, "person_id": person, "heard_at": now, **SOME_TALK},
        ),
        (Consent, lambda _chat, person, _address: {"person_id": person, **AGREED, "at": now}),
    ]
    for table, row in facts:
        rows = [{**mine, **row(chat, *ids[chat])} for chat in chats]
        db.connection().execute(insert(table), rows)


PLAIN_ADDRESS = {"user_id": "", "language": "id", "status": "open", "shared": False, "joined": False}
SOME_TALK = {"turn": 1, "conversation": "", "version": 0, "step": "", "standing_sealed": "", "ended_why": ""}
AGREED = {
    "purpose": TOPIC,
    "given": True,
    "version": "1",
    "words": "",
    "answer": "",
    "language": "id",
    "account": ACCOUNT,
    "provider_id": "1",
}


def officer(db: Session, chat: int, now: datetime) -> str:
    """Somebody who may announce; her person id."""
    address = talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id=str(chat), now=now)
    people.ensure_role(db, association_id="main", person_id=address.person_id, role="officer", now=now)
    return address.person_id


def announce(db: Session, now: datetime, **more: Any) -> str:
    """An announcement to everybody who talks with us, approved; its id."""
    facts = {"words": WORDS, "audience": Audience(everybody=True), **more}
    wanted = campaigns.Wanted(id=new_id(), made_by=officer(db, OFFICER, now), send_at=now, **facts)
    campaign = campaigns.create(db, "main", wanted, now=now)
    if campaign.status == "waiting":
        campaigns.approve(db, "main", campaign.id, by=officer(db, OFFICER - 1, now), now=now)
    return campaign.id


def statuses(database: Database) -> Counter[str]:
    """How the messages of announcements ended."""
    grouped = select(Message.status, func.count()).where(Message.kind == "bulk").group_by(col(Message.status))
    return Counter(dict(database.read(lambda db: db.exec(grouped).all())))


def heard(api: TelegramApi) -> Counter[str]:
    """How often each chat got the announcement."""
    calls = [call for method in ("sendMessage", "sendPhoto", "sendVoice") for call in api.calls_of(method)]
    said = [(call.chat, call.params.get("text") or call.params.get("caption", "")) for call in calls]
    return Counter(chat for chat, text in said if text.startswith("Pengumuman Asosiasi"))


def is_over(database: Database, campaign_id: str) -> bool:
    """Nothing of it goes out any more."""
    found = database.read(lambda db: progress.progress(db, campaign_id))
    return found.people > 0 and found.left == 0


# ── C1: killed at random ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, a_ring: KeyRing, tmp_path: Path) -> Iterator[tuple[Path, str, Database]]:
    """A folder, and a migrated database that other processes open too."""
    use_keys(a_ring)
    url = f"sqlite:///{tmp_path / 'crowd.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS crowd")
            connection.execute("CREATE DATABASE crowd")
        url = server.get_uri("crowd")
    migrate(url)
    database = open_database(url)
    yield tmp_path, url, database
    database.close()


def decent_zone(now: datetime) -> str:
    """A zone in which messages may come all through this test, whatever hour it is where it runs."""
    soon = now + timedelta(minutes=20)
    zones = [f"Etc/GMT{hours:+d}" for hours in range(-14, 13)]
    return next(zone for zone in zones if all(is_decent(moment, ZoneInfo(zone), ALWAYS) for moment in (now, soon)))


def test_killed_again_and_again_each_gets_it_once_at_most_and_nobody_is_lost(
    place: tuple[Path, str, Database], ring_text: str
):
    """C1"""
    folder, url, database = place
    size, kills = SIZES[database.dialect]
    now = datetime.now(UTC)

    def begin(db: Session) -> str:
        crowd(db, size, now)
        association = db.get_one(Association, "main")
        association.zone, association.opens, association.closes = decent_zone(now), "00:00", "23:59"
        return announce(db, now)

    campaign_id = database.transact(begin)
    chance = random.Random(5)
    with TelegramApi(check=False) as api, Program(folder, url, ring_text, api) as program:
        sent_by = []  # the end of each life
        for _life in range(kills):
            program.start()
            time.sleep(chance.uniform(0.05, 0.6))
            program.kill()
            sent_by.append(api.accepted)
        assert not is_over(database, campaign_id), "every kill was in the middle of it"
        assert len(set(sent_by)) > kills // 2, "most lives sent something"
        if database.dialect == "postgresql":  # another process might hold the leases: they have to run out
            let_pass(database, timedelta(seconds=95))
        program.start()
        until(lambda: is_over(database, campaign_id), 120)
        program.terminate()
        copies = heard(api)
    rows = database.read(
        lambda db: db.exec(select(func.count(), func.count(func.distinct(CampaignRecipient.person_id)))).one()
    )
    assert tuple(rows) == (size + OFFICERS, size + OFFICERS), "one row for each"
    assert set(copies.values()) == {1}, "nobody got it twice"
    ended = statuses(database)
    assert sum(ended.values()) == size
    assert set(ended) <= {"accepted", "uncertain"}, ended
    assert ended["accepted"] <= len(copies) <= ended["accepted"] + ended["uncertain"]
    assert ended["uncertain"] <= kills * 100, "only what was on the wire at a kill is in doubt"


# ── at work, in this process ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def clock() -> MovableClock:
    """By day in Mataram."""
    clock = MovableClock()
    clock.move_to(next_decent(clock.now() + timedelta(hours=1), WITA) + timedelta(minutes=1))
    return clock


def announced(running: Running, size: int, **more: Any) -> str:
    """An announcement to so many people."""
    now = running.clock.now()
    running.database.transact(lambda db: crowd(db, size, now))
    return running.database.transact(lambda db: announce(db, now, **more))


def test_after_a_stop_nothing_begins(running: Running, api: TelegramApi):
    """C6"""
    database = running.database
    campaign_id = announced(running, 1_000)
    database.transact(lambda db: setattr(db.exec(select(Rate)).one(), "per_second", 200.0))
    until(lambda: statuses(database)["accepted"] > 100)
    database.transact(lambda db: campaigns.stop(db, "main", campaign_id, now=running.clock.now()) and None)
    begun = database.read(
        lambda db: db.exec(
            select(func.count()).where(Message.kind == "bulk", col(Message.http_started_at).is_not(None))
        ).one()
    )
    until(lambda: not statuses(database)["leased"])
    time.sleep(2.5)  # a tick, and some
    assert len(heard(api)) <= begun
    ended = statuses(database)
    assert set(ended) <= {"accepted", "cancelled"}
    assert ended["cancelled"] > 0
    found = database.read(lambda db: progress.progress(db, campaign_id))
    assert (found.reached, found.left) == (len(heard(api)), 0)
    assert found.reached + sum(found.held_back.values()) == 1_000 + OFFICERS


def test_who_opts_out_meanwhile_gets_at_most_what_was_on_its_way(running: Running, api: TelegramApi, door: Door):
    """B18: it goes in two parts; the second is held back."""
    database = running.database
    long = "Kabar panjang sekali. " * 300
    api.stall(1.0, accepted=True, chat=str(FIRST))
    announced(running, 1, words=long)
    until(lambda: api.calls_of("sendMessage", str(FIRST)))

    def opt_out(db: Session) -> None:
        address = db.exec(select(Address).where(Address.external_id == str(FIRST))).one()
        no = {**AGREED, "given": False, "association_id": "main", "person_id": address.person_id}
        db.add(Consent(**no, at=running.clock.now()))

    database.transact(opt_out)
    until(lambda: not {"queued", "leased"} & set(statuses(database)))
    assert statuses(database) == Counter({"accepted": 1, "suppressed": 1})
    assert len(api.calls_of("sendMessage", str(FIRST))) == 1


def test_who_blocked_us_or_is_gone_is_told_apart_from_the_others(running: Running, api: TelegramApi):
    """B9, B10: the others get it, these are on record with the reason."""
    api.refuse(403, BLOCKED, chat=str(FIRST))
    api.refuse(400, NOT_FOUND, chat=str(FIRST + 1))
    campaign_id = announced(running, 3)
    until(lambda: is_over(running.database, campaign_id))
    found = running.database.read(lambda db: progress.progress(db, campaign_id))
    assert (found.reached, found.failed, found.held_back) == (1, 1, {"blocked_us": 1, "opted_out": OFFICERS})


def test_a_picture_is_uploaded_once_and_named_to_all_others(running: Running, api: TelegramApi):
    database, now = running.database, running.clock.now()

    def keep(db: Session) -> str:
        crowd(db, 40, now)
        new = NewDocument(new_id(), b"\xff\xd8\xff\xd9", "sha", "0" * 16, 10, 10)
        by = officer(db, OFFICER, now)
        documents.add(db, new, association_id="main", person_id=by, kind=ANNOUNCED, now=now)
        return new.id

    document = database.transact(keep)
    campaign_id = database.transact(lambda db: announce(db, now, medium="picture", document_id=document))
    until(lambda: is_over(database, campaign_id))
    sent = api.calls_of("sendPhoto")
    assert (len(sent), len({call.chat for call in sent})) == (40, 40)
    assert len([call for call in sent if call.files]) == 1
    assert len({call.params["photo"] for call in sent if not call.files}) == 1
    assert {call.params["protect_content"] for call in sent} <= {"false", False}
    assert database.read(lambda db: db.exec(select(Uploaded.document_id)).all()) == [document]


def test_a_name_that_telegram_forgot_is_uploaded_again(running: Running, api: TelegramApi):
    database, now = running.database, running.clock.now()

    def keep(db: Session) -> str:
        crowd(db, 3, now)
        by = officer(db, OFFICER, now)
        voice = NewDocument(new_id(), b"", "", "", 0, 0, file=b"OggS", file_mime="audio/ogg")
        documents.add(db, voice, association_id="main", person_id=by, kind=ANNOUNCED, now=now)
        db.flush()
        db.add(Uploaded(account=ACCOUNT, document_id=voice.id, association_id="main", file_id="kept-voice-old", at=now))
        db.flush()
        return announce(db, now, medium="voice", document_id=voice.id)

    api.refuse(400, "Bad Request: wrong file identifier/HTTP URL specified", method="sendVoice", times=3)
    campaign_id = database.transact(keep)
    until(lambda: statuses(database)["retry_wait"] == 3)
    running.clock.move_to(running.clock.now() + timedelta(minutes=1))  # type: ignore[attr-defined]
    until(lambda: is_over(database, campaign_id))
    assert len(heard(api)) == 3
    assert [call.files for call in api.calls_of("sendVoice") if call.files] == [{"voice": b"OggS"}]


def test_how_far_it_is_stands_in_one_message_that_changes(running: Running, api: TelegramApi):
    campaign_id = announced(running, 5)
    until(lambda: is_over(running.database, campaign_id))
    until(lambda: api.calls_of("sendMessage", str(OFFICER)))
    running.clock.move_to(running.clock.now() + timedelta(seconds=30))  # type: ignore[attr-defined]
    until(lambda: api.calls_of("editMessageText", str(OFFICER)))
    first = api.calls_of("sendMessage", str(OFFICER))[0]
    (changed,) = api.calls_of("editMessageText", str(OFFICER))
    assert first.params["text"].startswith("U-")
    assert changed.params["message_id"] == first.result["message_id"]
    assert changed.params["text"].endswith(": 5 dari 5 sudah diproses.\n5 terkirim.\n2 tidak dikirimi.")
    until(lambda: len(api.calls_of("sendMessage", str(OFFICER))) == 2)
    assert "sudah selesai dikirim" in api.texts(str(OFFICER))[-1]


SPOKEN = b"OggS\0\2" + bytes(22) + b"OpusHead" + b"\1" * 40


def test_a_voice_note_is_taken_in_and_passed_on(running: Running, api: TelegramApi, door: Door):
    database, now = running.database, running.clock.now()
    database.transact(lambda db: crowd(db, 2, now))
    for said in ("halo", "1", "setuju", "ya", "tidak", "umumkan"):
        door.says(OFFICER, said)
    api.put_file("voice-1", SPOKEN)
    voice = {"file_id": "voice-1", "file_unique_id": "u1", "duration": 3, "mime_type": "audio/ogg"}
    door.post({"update_id": next_number(), "message": {**private_message(OFFICER), "voice": voice}})
    until(lambda: step_of(database, OFFICER) == "ask_words")
    for said in ("tanpa tulisan", "2", "1", "1", "sekarang", "ya"):
        door.says(OFFICER, said)
    until(lambda: len(api.calls_of("sendVoice")) == 2 + 1, 60)
    uploaded = [call for call in api.calls_of("sendVoice") if call.chat != str(OFFICER)]
    assert [call.files["voice"] for call in uploaded if call.files] == [SPOKEN]
    assert uploaded[0].params["caption"].startswith("Pengumuman Asosiasi\n")


# ── on WhatsApp ──────────────────────────────────────────────────────────────────────────────────────────────────


def write(bot: Running, webhook: TwilioDoor, *who: str) -> None:
    """These write to us on WhatsApp, are answered, and want announcements."""
    for number in who:
        webhook.says(number, "halo")
    until_quiet(bot.database)

    def agree(db: Session) -> None:
        for number in who:
            address = people.find_address(db, WHATSAPP, number)
            assert address
            db.add(Consent(**{**AGREED, "association_id": "main", "person_id": address.person_id}, at=bot.clock.now()))

    bot.database.transact(agree)


def copies(twilio: TwilioApi, who: str) -> int:
    """How often somebody got the announcement on WhatsApp."""
    return sum(said.startswith("Pengumuman Asosiasi") and WORDS in said for said in twilio.said_to(who))


NUMBERS = tuple(f"+6281200001{number:03}" for number in range(6))


def test_a_voice_note_is_fetched_from_us(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pictures, "LASTS", timedelta(days=30))  # the clock was moved to a decent hour
    write(bot, webhook, NUMBERS[0])
    now = bot.clock.now()

    def begin(db: Session) -> str:
        associations.ensure_account(db, association_id="main", account=ACCOUNT, per_second=1000, now=now)
        by = officer(db, OFFICER, now)
        voice = NewDocument(new_id(), b"", "", "", 0, 0, file=SPOKEN, file_mime="audio/ogg")
        documents.add(db, voice, association_id="main", person_id=by, kind=ANNOUNCED, now=now)
        return announce(db, now, medium="voice", document_id=voice.id)

    campaign_id = bot.database.transact(begin)
    until(lambda: is_over(bot.database, campaign_id))
    until(lambda: any(message.media for message in twilio.messages_to(NUMBERS[0])))
    assert [message.media for message in twilio.messages_to(NUMBERS[0]) if message.media] == [[SPOKEN]]
    until(lambda: copies(twilio, NUMBERS[0]) == 1)  # the words follow, for WhatsApp takes none with it


def test_what_whatsapp_refuses_for_good_goes_to_her_telegram_once(
    database: Database, twilio: TwilioApi, api: TelegramApi, clock: MovableClock, tmp_path: Path
):
    """B10, and 63032: WhatsApp does not send to her."""
    with bot_on_whatsapp(database, twilio, clock, tmp_path, telegram=api) as (bot, webhook):
        write(bot, webhook, NUMBERS[0])
        now = bot.clock.now()

        def join(db: Session) -> None:
            address = people.find_address(db, WHATSAPP, NUMBERS[0])
            there = talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id=str(FIRST), now=now)
            assert address
            talk = db.exec(select(Talk).where(Talk.address_id == there.id)).one()
            talk.person_id = there.person_id = address.person_id
            talk.heard_at = now - timedelta(days=1)
            officer(db, OFFICER, now)

        bot.database.transact(join)
        twilio.refuse(400, 63032, "User in an experiment", path="Messages", verb="POST")
        campaign_id = bot.database.transact(lambda db: announce(db, now))
        until(lambda: is_over(bot.database, campaign_id))
        assert heard(api) == Counter({str(FIRST): 1})
        assert copies(twilio, NUMBERS[0]) == 0
        found = bot.database.read(lambda db: progress.progress(db, campaign_id))
        assert (found.reached, found.failed) == (1, 0)


def test_a_limit_in_the_middle_holds_it_up_and_nobody_gets_it_twice(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi
):
    """B13: 63018 in mid-campaign."""
    write(bot, webhook, *NUMBERS)
    twilio.refuse(429, 63018, "Rate limit of the channel exceeded", path="Messages", verb="POST", times=3)
    now = bot.clock.now()
    bot.database.transact(
        lambda db: associations.ensure_account(db, association_id="main", account=ACCOUNT, per_second=1000, now=now)
    )
    campaign_id = bot.database.transact(lambda db: announce(db, now))
    until(lambda: statuses(bot.database)["retry_wait"] >= 1)
    for _step in range(12):
        bot.clock.move_to(bot.clock.now() + timedelta(minutes=6))  # type: ignore[attr-defined]
        time.sleep(0.3)
        if is_over(bot.database, campaign_id):
            break
    until(lambda: is_over(bot.database, campaign_id))
    assert [copies(twilio, who) for who in NUMBERS] == [1] * len(NUMBERS)
