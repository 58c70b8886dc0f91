"""A whole registration on WhatsApp, its NIK and photo through the page; and one that moves to Telegram and back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select

from bot.clock import MovableClock
from bot.running import Running
from domain import message
from storage.database import Database
from storage.queries import applications, documents, people, received
from storage.tables import Application, Document, Link, Member, Received
from tests.conftest import sqlite_only
from tests.fakes.photos import sample_ktp
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import SITI, TwilioApi
from tests.faults import house
from tests.faults.house import MOTHER, NIK, until_quiet
from tests.faults.whatsapp_house import (
    LALU,
    WELCOME,
    TwilioDoor,
    address_of,
    bot_on_whatsapp,
    link_in,
    statuses,
    step_of,
)

TALK = """
    halo
    [Bahasa Indonesia]
    [Setuju]
    [Ya, ingatkan saya]
    [Tidak perlu]
    daftar
    [Saya sendiri]
    (the page)
    [Benar]
    Siti Contoh
    Mataram
    Inaq Rahmah Contoh
    [Pakai nomor ini]
    [Kota Mataram]
    ampenan
    [Lihat berikutnya]
    [Bintaro]
    Jalan Contoh 1
    [Makanan atau minuman]
    Pasar Contoh
    [Pagi sampai siang]
    [Sampai Rp1.099.000]
    [JKK + JKM]
    Ahmad Contoh
    [Anak]
    [Tidak, cukup]
    [Benar, kirim]
"""
LINES = [line.strip() for line in TALK.strip().splitlines()]


# ── from the first word to the officer's yes ─────────────────────────────────────────────────────────────────────


@dataclass
class Registered:
    """What is left after the talk."""

    api: TwilioApi
    database: Database


@pytest.fixture
def registered(bot: Running, webhook: TwilioDoor, twilio: TwilioApi) -> Registered:
    """Siti registers, Lalu looks and says yes; both on WhatsApp, she by whatever she can press."""
    make_officer(bot, webhook, LALU)
    for line in LINES:
        say(bot, webhook, line)
    until_quiet(bot.database)
    assert "Pendaftaran sudah terkirim" in twilio.said_to(SITI)[-1], twilio.said_to(SITI)[-1]
    for line in ("antrean", "[Setujui]"):
        press_or_type(webhook, LALU, line)
        until_quiet(bot.database)
    return Registered(twilio, bot.database)


def make_officer(bot: Running, webhook: TwilioDoor, who: str) -> None:
    """Somebody who may decide, past the welcome."""
    webhook.says(who, *WELCOME)
    person = address_of(bot.database, who).person_id
    bot.database.transact(
        lambda db: people.ensure_role(db, association_id="main", person_id=person, role="officer", now=bot.clock.now())
    )


def say(bot: Running, webhook: TwilioDoor, line: str) -> None:
    """One line of the talk; the next waits for its answer."""
    if line == "(the page)":
        path = link_in(webhook.api.said_to(SITI)[-1])
        assert webhook.fills_in(path, NIK, sample_ktp("Siti Contoh")).status_code == 200
    else:
        press_or_type(webhook, SITI, line)
    until_quiet(bot.database)


def press_or_type(webhook: TwilioDoor, who: str, line: str) -> None:
    answer = webhook.presses(who, line[1:-1]) if line.startswith("[") else webhook.says(who, line)
    assert (answer.status_code, answer.text) == (200, "<Response/>")


def test_a_whole_registration_is_played_on_whatsapp_until_the_officer_approves(registered: Registered):
    """Quick replies, lists, pages of a list, typing, and the page; each line answered once, and she hears of it."""
    (application,) = registered.database.read(lambda db: db.exec(select(Application)).all())
    answers = applications.answers_of(application)
    assert (application.status, application.doubts) == ("verified", [])
    assert (answers["nik"], answers["mother"], answers["phone"]) == (NIK, MOTHER, SITI)
    assert answers["tier"] == 1
    card = registered.database.read(lambda db: documents.get_content(db, "main", answers["ktp"]))
    assert card.startswith(b"\xff\xd8")
    said = registered.api.said_to(SITI)
    assert len(said) == len(LINES) + 1
    assert "disetujui petugas" in said[-1]
    assert registered.database.read(lambda db: [member.name for member in db.exec(select(Member))]) == ["Siti Contoh"]
    assert set(statuses(registered.database)) == {"accepted"}


def test_the_nik_never_stood_in_the_chat(registered: Registered):
    """WhatsApp forbids it: neither asked for nor shown; and what came through the page is kept without it."""
    for who in (SITI, LALU):
        assert not any(NIK in text for text in registered.api.said_to(who))
    kinds = registered.database.read(lambda db: [row.kind for row in db.exec(select(Received))])
    assert kinds.count("form") == 1


@sqlite_only
def test_the_page_is_good_once_and_for_that_question_alone(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """A second form through the same link, or through an older one, changes nothing."""
    webhook.says(SITI, *WELCOME, "daftar", "1", "tautan baru")
    until_quiet(bot.database)
    older, newer = (link_in(text) for text in twilio.said_to(SITI)[-2:])
    assert older != newer
    assert webhook.fills_in(newer, NIK, sample_ktp("Siti")).status_code == 200
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "confirm_birth"
    for path in (older, newer):
        assert webhook.client.get(path).status_code in (404, 410)
        webhook.client.post(path, data={"nik": "5271014505870007"}, files={"photo": ("x", b"")})
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "confirm_birth"
    assert bot.database.read(lambda db: len(db.exec(select(Document)).all())) == 1
    assert bot.database.read(lambda db: all(link.used_at for link in db.exec(select(Link))))
    assert len(twilio.said_to(SITI)) == len(WELCOME) + 4


@sqlite_only
def test_a_nik_that_she_types_all_the_same_is_taken_and_not_kept_in_the_message(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi
):
    """She need not type it again on the page; in what we keep of her message only its end is left."""
    webhook.says(SITI, *WELCOME, "daftar", "1", NIK)
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "confirm_birth"
    assert not any(NIK in text for text in twilio.said_to(SITI))
    kept = bot.database.read(lambda db: received.latest(db, message.Address("whatsapp/main", SITI)))
    assert not any(NIK in incoming.text for incoming, _at in kept)


# ── from one app to the other ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def both(
    database: Database, twilio: TwilioApi, api: TelegramApi, clock: MovableClock, tmp_path: Path
) -> Iterator[tuple[Running, TwilioDoor, house.Door]]:
    """A bot with a number on WhatsApp and a name on Telegram."""
    with bot_on_whatsapp(database, twilio, clock, tmp_path, telegram=api) as (running, webhook):
        door = house.Door(webhook.url)
        yield running, webhook, door
        door.client.close()


def code_in(said: list[str]) -> str:
    """The last code that joins two talks."""
    return re.findall(r"sambung (\d{3} \d{3})", "\n".join(said))[-1]


def test_a_registration_moves_to_telegram_and_back_without_losing_an_answer(
    both: tuple[Running, TwilioDoor, house.Door], twilio: TwilioApi, api: TelegramApi
):
    """Begun on WhatsApp, gone on with on Telegram after "sambung" and the code, ended on WhatsApp."""
    running, webhook, door = both
    database, who = running.database, str(house.SITI)
    webhook.says(SITI, *WELCOME, "daftar", "1")
    until_quiet(database)
    webhook.fills_in(link_in(twilio.said_to(SITI)[-1]), NIK, sample_ktp("Siti Contoh"))
    webhook.says(SITI, "benar", "Siti Contoh", "Mataram", "sambung", "ya")  # asked for a name, we make sure
    until_quiet(database)
    door.says(house.SITI, "halo", f"sambung {code_in(twilio.said_to(SITI))}")
    until_quiet(database)
    assert "Tersambung" in "\n".join(api.texts(who)[1:])
    assert "baru tersambung juga di Telegram" in twilio.said_to(SITI)[-1]
    door.says(house.SITI, "lanjutkan", MOTHER)
    until_quiet(database)
    assert "Nomor HP yang bisa dihubungi?" in api.texts(who)[-1]
    door.says(house.SITI, "081200000001", "kota mataram", "ampenan", "bintaro")
    until_quiet(database)
    webhook.says(SITI, "lanjutkan")
    until_quiet(database)
    assert "Jalan atau dusun apa?" in twilio.said_to(SITI)[-1]
    webhook.says(SITI, "Jalan Contoh 1", "1", "Pasar Contoh", "1", "1", "1", "lewati", "1")
    until_quiet(database)
    assert "Pendaftaran sudah terkirim" in twilio.said_to(SITI)[-1], twilio.said_to(SITI)[-1]
    (application,) = database.read(lambda db: db.exec(select(Application)).all())
    answers = applications.answers_of(application)
    assert (answers["nik"], answers["name"], answers["mother"]) == (NIK, "Siti Contoh", MOTHER)
    assert (answers["phone"], answers["street"], bool(answers["ktp"])) == (SITI, "Jalan Contoh 1", True)
    door.says(house.SITI, "status")
    until_quiet(database)
    assert application.number in api.texts(who)[-1]
