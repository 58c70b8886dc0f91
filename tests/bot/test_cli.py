"""The command line as somebody meets it who sets the bot up, looks after it, or mistypes."""

import json
import logging
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dotenv import dotenv_values
from sqlmodel import select
from typer.testing import CliRunner

from bot import demo as demonstration
from bot import first_run
from bot.app import open_storage
from bot.channels.whatsapp_content import NAMES
from bot.cli import cli
from bot.cli.service import bound, is_demonstration
from bot.settings import names_of, read_settings
from domain.money import Rupiah
from domain.month import Month
from storage.database import open_database
from storage.queries import associations, audit, contents, documents, dues, members, payments, people
from storage.sealed import KeyRing
from storage.tables import Audit, Member
from tests.fakes.photos import sample_ktp
from tests.fakes.telegram_api import TOKEN, TelegramApi
from tests.fakes.twilio_api import ACCOUNT_SID, AUTH_TOKEN, KEY_SECRET, KEY_SID, SENDER, TwilioApi
from tests.storage import house
from tests.transcript import Player

CODE = re.compile(r"gabung (\d{4} \d{4})")


@pytest.fixture(scope="module")
def stand_in():
    with TelegramApi() as api:
        yield api


@pytest.fixture
def api(stand_in):
    """Telegram, as if nobody had told it anything yet."""
    stand_in.faults.clear()
    stand_in.calls.clear()
    stand_in.violations.clear()
    bot = stand_in.bot()
    bot.webhook, bot.last_error = {}, ""
    bot.commands.clear()
    return stand_in


@pytest.fixture
def folder(tmp_path, monkeypatch, api):
    """An empty folder to work in, none of our settings in the environment, Telegram on loopback."""
    monkeypatch.chdir(tmp_path)
    for name in names_of(["ntt"]):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", api.base_url)
    return tmp_path


@pytest.fixture
def run(folder):
    """`jagalapak …` here, with what somebody types."""
    kept = {handler: list(handler.filters) for handler in logging.getLogger().handlers}
    yield lambda *words, typed="": CliRunner().invoke(cli, [str(word) for word in words], input=typed)
    for handler, filters in kept.items():
        handler.filters[:] = filters


INIT = ("init", "--no-input", "--token", TOKEN, "--association", "Asosiasi Contoh")


@pytest.fixture
def ready(run):
    """`run`, where `init` has been run already."""
    assert run(*INIT).exit_code == 0
    return run


def kindly(result, code=2):
    """What was said; it ended with that code, and without a traceback."""
    told = re.sub(r"[│╭╮╰╯─\s]+", " ", result.output)
    assert result.exit_code == code, told
    assert "Traceback" not in told
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return told


def in_database(work):
    database = open_storage(read_settings())
    try:
        return database.transact(work)
    finally:
        database.close()


# ── init ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_run_sets_everything_up(run, api, folder):
    result = run(
        "init", typed=f"{TOKEN}\nwebhook\n\nhttps://bot.example.org\nAsosiasi  Pedagang Contoh \n0812 0000 0001\n"
    )
    assert result.exit_code == 0, result.output
    written = dotenv_values(folder / ".env")
    assert written["TELEGRAM_BOT_TOKEN"] == TOKEN
    assert (written["TELEGRAM_MODE"], written["PUBLIC_BASE_URL"]) == ("webhook", "https://bot.example.org")
    assert KeyRing.parse(written["SECRET_KEYS"])
    assert api.bot().webhook["url"] == "https://bot.example.org/webhooks/telegram/main"
    assert api.bot().webhook["secret_token"] == written["TELEGRAM_WEBHOOK_SECRET"]
    assert api.bot().commands.keys() == {"", "en"}
    assert api.violations == []
    association = in_database(lambda db: associations.get(db, "main"))
    assert (association.name, association.help_contact) == ("Asosiasi Pedagang Contoh", "0812 0000 0001")
    assert "t.me/jagalapak_bot" in result.output


def test_what_init_writes_is_only_the_owners_to_read(ready, folder):
    for path in (folder / ".env", folder / "data", folder / "data" / "jagalapak.db"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_token_is_never_printed(run):
    assert TOKEN not in run("init", typed=f"{TOKEN}\npolling\n\nAsosiasi Contoh\n\n").output


def test_whoever_says_the_join_code_becomes_the_first_administrator(ready):
    [code] = CODE.findall(ready("init", "--no-input").output)
    database = open_storage(read_settings())
    play = Player(database)
    play.clock.moment = datetime.now(UTC)
    assert "Selamat bertugas: Pengelola" in play.say("ani", f"gabung {code}")
    assert database.read(lambda db: len(people.with_role(db, "main", "admin"))) == 1
    assert database.read(lambda db: audit.first_break(db, "main")) is None
    database.close()
    assert "There is an administrator" in ready("init", "--no-input").output


def test_init_for_programs(run):
    told = json.loads(run(*INIT, "--json").stdout)
    assert told["written"] == ["TELEGRAM_BOT_TOKEN", "TELEGRAM_MODE", "TELEGRAM_WEBHOOK_SECRET", "SECRET_KEYS"]
    assert (told["association"], told["name"], told["bot"]) == ("main", "Asosiasi Contoh", "jagalapak_bot")
    assert told["telegram"] == "polling"
    assert re.fullmatch(r"\d{8}", told["join_code"])
    lasts = datetime.fromisoformat(told["valid_until"]) - datetime.now(UTC)
    assert 86_000 < lasts.total_seconds() <= 86_400


def test_a_second_run_changes_nothing_that_is_set(ready, folder):
    before = (folder / ".env").read_bytes()
    told = kindly(ready("init", "--no-input", "--token", "2:b", "--mode", "webhook", "--association", "Lain"), code=0)
    assert (folder / ".env").read_bytes() == before
    assert "TELEGRAM_BOT_TOKEN is set already" in told
    assert "TELEGRAM_MODE is set already" in told
    assert "association add main NAME" in told
    assert in_database(lambda db: associations.get(db, "main").name) == "Asosiasi Contoh"


def test_a_file_of_ones_own_is_completed_and_not_rewritten(run, folder):
    (folder / ".env").write_text("# mine\nLOG_LEVEL=ERROR\nexport TELEGRAM_BOT_TOKEN=''\nSECRET_KEYS=  # to come")
    assert run(*INIT).exit_code == 0
    lines = (folder / ".env").read_text().splitlines()
    assert lines[:3] == ["# mine", "LOG_LEVEL=ERROR", f"TELEGRAM_BOT_TOKEN={TOKEN}"]
    assert lines[3].startswith("SECRET_KEYS=k")
    assert [line.partition("=")[0] for line in lines[4:]] == ["TELEGRAM_MODE", "TELEGRAM_WEBHOOK_SECRET"]


def test_a_file_that_cannot_be_written_stays_as_it_was(folder, monkeypatch):
    (folder / ".env").write_text("LOG_LEVEL=ERROR\n")

    def full(_number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        first_run.write_settings(folder / ".env", {"DATA_DIR": "x"})
    assert [path.name for path in folder.iterdir()] == [".env"]
    assert (folder / ".env").read_text() == "LOG_LEVEL=ERROR\n"


def test_a_link_to_the_settings_stays_a_link(folder):
    (folder / "elsewhere").write_text("LOG_LEVEL=ERROR\n")
    (folder / ".env").symlink_to(folder / "elsewhere")
    first_run.write_settings(folder / ".env", {"DATA_DIR": "x"})
    assert (folder / ".env").is_symlink()
    assert (folder / "elsewhere").read_text() == "LOG_LEVEL=ERROR\nDATA_DIR=x\n"


def test_what_is_in_the_environment_is_not_asked_and_not_written(run, folder, monkeypatch):
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    assert run("init", "--no-input", "--association", "Asosiasi Contoh").exit_code == 0
    assert "TELEGRAM_BOT_TOKEN" not in dotenv_values(folder / ".env")


def test_a_wrong_answer_is_asked_again(run, api):
    api.refuse(401, "Unauthorized", method="getMe")
    typed = (
        f"hello\n{TOKEN}\n{TOKEN}\npigeon\nwebhook\n\nbot.example.org\nhttps://bot.example.org\nA\nAsosiasi Contoh\n\n"
    )
    told = kindly(run("init", typed=typed), code=0)
    for advice in (
        "That is no bot token",
        "Telegram does not know this token",
        "It is webhook or polling",
        "Write it as https://host",
        "A name has 2 to 100 characters",
    ):
        assert advice in told


def test_a_token_that_telegram_refuses_changes_nothing(run, api, folder):
    api.refuse(401, "Unauthorized", method="getMe")
    assert "does not know this token" in kindly(run(*INIT))
    assert not (folder / ".env").exists()


def test_what_is_missing_is_named_where_nobody_can_be_asked(run, folder):
    assert "There must be Telegram or WhatsApp" in kindly(run("init", "--no-input"))
    assert "--association: It is missing" in kindly(run("init", "--no-input", "--token", TOKEN))
    assert "--association: It is missing" in kindly(run("init", "--token", TOKEN))  # nobody answers
    webhook = ("--token", TOKEN, "--mode", "webhook", "--association", "Asosiasi Contoh")
    assert "--public-url: It is missing" in kindly(run("init", "--no-input", *webhook))
    assert not (folder / ".env").exists()


def test_telegram_posts_only_to_https(run, monkeypatch):
    monkeypatch.setattr("bot.settings.TELEGRAM_API", "http://127.0.0.1:9")  # it stands in for the real one
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", "http://127.0.0.1:9")
    told = kindly(run(*INIT, "--public-url", "http://bot.example.org"))
    assert "--public-url: Telegram posts only to https" in told


def test_init_goes_on_where_telegram_cannot_be_reached(run, monkeypatch, folder):
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", "http://127.0.0.1:9")
    told = kindly(run(*INIT), code=0)
    assert "Telegram could not be reached (connect). `serve` tells it when it starts." in told
    assert CODE.search(told)
    assert (folder / ".env").exists()


def test_init_says_when_telegram_refuses_the_webhook(run, api):
    api.refuse(400, "Bad Request: bad webhook: HTTPS url must be provided for webhook", method="setWebhook")
    told = kindly(run(*INIT, "--public-url", "https://bot.example.org"))
    assert "Telegram refuses: 400: Bad Request: bad webhook" in told
    assert CODE.search(told)


# ── init with WhatsApp ───────────────────────────────────────────────────────────────────────────────────────────

AT_TWILIO = "https://bot.example.org/webhooks/twilio/main#rc=5&rp=all&rt=5000"
ACCESS = (
    "--twilio-account-sid", ACCOUNT_SID, "--twilio-auth-token", AUTH_TOKEN, "--twilio-api-key-sid", KEY_SID,
    "--twilio-api-key-secret", KEY_SECRET, "--twilio-whatsapp-from", SENDER,
)  # fmt: skip
ON_WHATSAPP = ("init", "--no-input", *ACCESS, "--public-url", "https://bot.example.org", "--association", "Asosiasi")


@pytest.fixture
def twilio(run, monkeypatch):
    with TwilioApi() as twilio:
        monkeypatch.setenv("TWILIO_API_BASE_URL", twilio.base_url)
        yield twilio
        assert twilio.violations == []


def test_whatsapp_alone_is_set_up(run, twilio, folder, api):
    number = SENDER.replace("+62", "+62 ")
    typed = ["", ACCOUNT_SID, AUTH_TOKEN, KEY_SID, KEY_SECRET, number, "https://bot.example.org", "Asosiasi", ""]
    result = run("init", typed="\n".join([*typed, ""]))
    told = kindly(result, code=0)
    written = dotenv_values(folder / ".env")
    assert (written["TWILIO_ACCOUNT_SID"], written["TWILIO_API_KEY_SID"]) == (ACCOUNT_SID, KEY_SID)
    assert (written["TWILIO_AUTH_TOKEN"], written["TWILIO_API_KEY_SECRET"]) == (AUTH_TOKEN, KEY_SECRET)
    assert (written["TWILIO_WHATSAPP_FROM"], written["PUBLIC_BASE_URL"]) == (SENDER, "https://bot.example.org")
    assert not {"TELEGRAM_BOT_TOKEN", "TELEGRAM_MODE", "TELEGRAM_WEBHOOK_SECRET"} & written.keys()
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    assert AT_TWILIO in told
    assert f"WhatsApp (https://wa.me/{SENDER[1:]})" in told
    assert CODE.search(told)
    assert in_database(lambda db: contents.known(db, "whatsapp/main")).keys() == set(NAMES)
    assert api.calls == []


def test_both_channels_are_set_up_at_once(run, twilio, api):
    told = json.loads(run(*ON_WHATSAPP, "--token", TOKEN, "--json").stdout)
    assert (told["telegram"], told["bot"]) == ("webhook", "jagalapak_bot")
    assert (told["whatsapp"], told["twilio_webhook"]) == ("ready", AT_TWILIO)
    assert api.bot().webhook["url"] == "https://bot.example.org/webhooks/telegram/main"


def test_whatsapp_is_added_later(ready, twilio, folder):
    before = (folder / ".env").read_text()
    told = kindly(ready("init", "--no-input", *ACCESS, "--public-url", "https://bot.example.org"), code=0)
    assert (folder / ".env").read_text().startswith(before)
    assert ".env now holds TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET, " in told
    assert in_database(lambda db: [account.id for account in associations.accounts(db)]) == [
        "telegram/main", "whatsapp/main",
    ]  # fmt: skip
    again = kindly(ready("init", "--no-input", "--twilio-api-key-secret", "another-secret-of-nobody"), code=0)
    assert "TWILIO_API_KEY_SECRET is set already" in again


def test_there_must_be_one_channel(run, twilio, folder):
    assert "There must be Telegram or WhatsApp" in kindly(run("init", typed="\n\n"))
    assert not (folder / ".env").exists()


def test_wrong_answers_about_whatsapp_are_asked_again(run, twilio):
    typed = [
        "", "", "AC12", ACCOUNT_SID, "short", AUTH_TOKEN, "SK12", KEY_SID, "with space", KEY_SECRET, "0812", SENDER,
        "bot.example.org", "https://bot.example.org", "Asosiasi", "",
    ]  # fmt: skip
    told = kindly(run("init", typed="\n".join([*typed, ""])), code=0)
    for advice in (
        "There must be Telegram or WhatsApp",
        "That is no account SID",
        "It has at least 16 letters and digits",
        "That is no API key",
        "Write the number with its country",
        "Write it as https://host",
    ):
        assert advice in told
    for secret in (AUTH_TOKEN, KEY_SECRET):
        assert secret not in told


def test_a_key_that_twilio_refuses_is_asked_for_again(run, twilio, folder):
    twilio.refuse(401, 20003, path="Accounts", times=2)  # the account itself, then its messages
    access = [AUTH_TOKEN, KEY_SID, KEY_SECRET, SENDER]
    typed = ["", ACCOUNT_SID, *access, "", *access, "https://bot.example.org", "Asosiasi", ""]
    told = kindly(run("init", typed="\n".join([*typed, ""])), code=0)
    assert "Twilio does not know this API key for this account" in told
    assert dotenv_values(folder / ".env")["TWILIO_ACCOUNT_SID"] == ACCOUNT_SID


def test_a_key_that_twilio_refuses_changes_nothing(run, twilio, folder):
    twilio.revoke()
    assert "--twilio-api-key-secret: Twilio does not know this API key" in kindly(run(*ON_WHATSAPP))
    typed = ["", ACCOUNT_SID, AUTH_TOKEN, KEY_SID, KEY_SECRET, SENDER]
    assert "It is missing" in kindly(run("init", typed="\n".join([*typed, ""])))  # and then nobody answers
    assert not (folder / ".env").exists()


def test_what_whatsapp_needs_is_named_where_nobody_can_be_asked(run, twilio, folder):
    assert "--twilio-auth-token: It is missing" in kindly(run("init", "--no-input", *ACCESS[:2]))
    assert "--public-url: It is missing" in kindly(run("init", "--no-input", *ACCESS, "--association", "Asosiasi"))
    assert not (folder / ".env").exists()


def test_twilio_posts_only_to_https(run, twilio, monkeypatch):
    monkeypatch.setattr("bot.at_twilio.TWILIO_API", twilio.base_url)  # it stands in for the real one
    words = [word.replace("https://", "http://") for word in ON_WHATSAPP]
    assert "--public-url: WhatsApp needs https" in kindly(run(*words))


def test_init_goes_on_where_twilio_cannot_be_reached(run, monkeypatch, folder):
    monkeypatch.setenv("TWILIO_API_BASE_URL", "http://127.0.0.1:9")
    told = kindly(run(*ON_WHATSAPP), code=0)
    assert "Twilio could not be asked about the API key (connect); we go on" in told
    assert "Twilio could not be reached (connect). `serve` makes its buttons and lists." in told
    assert AT_TWILIO in told
    assert (folder / ".env").exists()


def test_an_administrator_may_be_on_whatsapp(run, twilio):
    assert run(*ON_WHATSAPP).exit_code == 0
    granted = run("grant", "admin", "--address", "whatsapp:+6281200000001")
    assert "admin of main now" in kindly(granted, code=0)


# ── init, and what may go wrong ──────────────────────────────────────────────────────────────────────────────────


def test_polling_takes_an_old_webhook_away(run, api):
    api.bot().webhook = {"url": "https://old.example.org"}
    assert run(*INIT, "--mode", "polling").exit_code == 0
    assert api.bot().webhook == {}


def test_new_keys_are_not_made_over_data_that_the_old_ones_sealed(ready, folder):
    database = open_storage(read_settings())
    Player(database).say("ani", "halo")
    database.close()
    text = (folder / ".env").read_text()
    (folder / ".env").write_text(re.sub("SECRET_KEYS=.*\n", "", text))
    assert "put them back into .env" in kindly(ready("init", "--no-input"))
    assert "SECRET_KEYS" not in dotenv_values(folder / ".env")


# ── associations ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_association_is_added_listed_and_renamed(ready):
    told = kindly(ready("association", "add", "NTT", "Asosiasi NTT", "--help-contact", "0812 0000 0002"), code=0)
    assert "ASSOCIATIONS=ntt and NTT_TELEGRAM_BOT_TOKEN" in told
    assert ready("association", "add", "ntt", "Asosiasi  Baru", "--zone", "Asia/Jayapura").exit_code == 0
    [main, ntt] = json.loads(ready("association", "list", "--json").stdout)
    assert ntt == {
        "code": "ntt",
        "name": "Asosiasi Baru",
        "zone": "Asia/Jayapura",
        "help_contact": "0812 0000 0002",
        "channels": [],
        "administrators": 0,
        "officers": 0,
        "fee": 0,
        "transfer_to": "",
        "qris": False,
        "second_above": 1_000_000,
    }
    assert main["channels"] == ["telegram"]
    assert "Asosiasi Baru" in ready("association", "list").output


def test_an_association_that_cannot_be_is_explained(ready):
    assert "A code is a letter" in kindly(ready("association", "add", "9x", "Asosiasi"))
    assert "A name has 2 to 100" in kindly(ready("association", "add", "ntt", " "))
    told = kindly(ready("association", "add", "ntt", "Asosiasi", "--zone", "Asia/Makasar"))
    assert "did you mean Asia/Makassar?" in told


# ── the fee, and where to pay ────────────────────────────────────────────────────────────────────────────────────


def this_month() -> Month:
    """The month in the zone of the associations here."""
    return Month.of(datetime.now(ZoneInfo("Asia/Makassar")).date())


def a_member_who_paid_ahead() -> str:
    """She has paid for this month and the next; her id."""

    def work(db):
        now, month = datetime.now(UTC), this_month()
        member = house.member(db, "siti", first=month, now=now)
        payment = house.pay(db, member, month, month + 1, now=now)
        payments.confirm(db, payment, Rupiah(payment.expected), by=house.person(db, "officer"), now=now)
        return member.id

    return in_database(work)


def test_a_fee_has_its_own_dates_and_puts_right_what_was_charged(ready):
    member, month = a_member_who_paid_ahead(), this_month()
    told = kindly(ready("association", "fee", "main", "2rb", "--from", str(month + 1)), code=0)
    assert "main asks Rp2.000 a month from" in told
    assert "1 members were charged for such months already" in told

    def owed(db):
        hers = members.get(db, "main", member)
        return {one.month: one.total_owed for one in dues.book_of(db, hers, datetime.now(UTC).date()).months}

    assert in_database(owed) == {month: 0, month + 1: 2000}
    assert json.loads(ready("association", "list", "--json").stdout)[0]["fee"] == 0
    ended = kindly(ready("association", "fee", "main", "0", "--from", str(month + 1)), code=0)
    assert "asks for no fee" in ended
    assert in_database(owed) == {month: 0, month + 1: 0}
    assert ready("association", "fee", "main", "Rp1.500", "--from", str(month)).exit_code == 0
    assert json.loads(ready("association", "list", "--json").stdout)[0]["fee"] == 1500
    assert "Rp1.500" in ready("association", "list").output

    def trail(db):
        rows = db.exec(select(Audit).where(Audit.action == "set_fee").order_by(Audit.place)).all()
        return [row.facts["amount"] for row in rows], audit.first_break(db, "main")

    assert in_database(trail) == ([2000, 0, 1500], None)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("main", "2000", "--from", "2020-01"), "Nobody is charged for what lies behind"),
        (("main", "2000", "--from", "Januari"), "Write the month as 2026-12."),
        (("main", "2000"), "Missing option '--from'"),
        (("main", "dua", "--from", "2099-01"), "Write rupiah, as in 2000 or Rp2.000."),
        (("main", "2.000.000", "--from", "2099-01"), "a million rupiah a month at most"),
        (("main", "5000000000", "--from", "2099-01"), "more than a billion"),
        (("ntt", "2000", "--from", "2099-01"), "There is no association ntt; there are main."),
    ],
)
def test_a_fee_that_cannot_be_is_explained(ready, words, advice):
    assert advice in kindly(ready("association", "fee", *words))


def test_where_members_pay_is_kept_shown_and_audited(ready, folder):
    ready("grant", "admin", "--address", "telegram:9001")
    (folder / "qris.jpg").write_bytes(sample_ktp("QRIS"))
    told = ready(
        "association", "pay", "main", "--transfer-to", " Bank Contoh 0011 2233,  Asosiasi ", "--qris", "qris.jpg"
    )
    kindly(told, code=0)
    assert ready("association", "pay", "main", "--second-above", "500rb").exit_code == 0
    [main] = json.loads(ready("association", "list", "--json").stdout)
    assert main["transfer_to"] == "Bank Contoh 0011 2233, Asosiasi"
    assert (main["qris"], main["second_above"]) == (True, 500_000)

    def look(db):
        association = associations.get(db, "main")
        kept = documents.get(db, "main", association.qris_document)
        rows = db.exec(select(Audit).where(Audit.action == "set_pay").order_by(Audit.place)).all()
        return kept.kind, kept.mime, [row.facts for row in rows]

    assert in_database(look) == ("qris", "image/jpeg", [{"what": ["transfer_to", "qris"]}, {"what": ["second_above"]}])
    assert ready("association", "pay", "main", "--no-qris", "--transfer-to", "").exit_code == 0
    [main] = json.loads(ready("association", "list", "--json").stdout)
    assert (main["transfer_to"], main["qris"]) == ("", False)


def test_a_way_to_pay_that_cannot_be_is_explained(ready, folder):
    (folder / "qris.txt").write_text("0002010102")
    (folder / "qris.jpg").write_bytes(sample_ktp("QRIS"))
    for words, advice in (
        ((), "Say what to set"),
        (("--qris", "qris.jpg"), "First somebody must look after main"),
        (("--qris", "qris.txt"), "qris.txt is no picture that we can use (NotAPhoto)"),
        (("--qris", "gone.jpg"), "gone.jpg: No such file"),
        (("--qris", "qris.jpg", "--no-qris"), "not both"),
        (("--transfer-to", "Bank Contoh"), "no account number in it"),
        (("--transfer-to", "1" * 201), "200 characters at most"),
        (("--second-above", "-5"), "Write rupiah"),
    ):
        assert advice in kindly(ready("association", "pay", "main", *words)), words
    assert "There is no association ntt" in kindly(ready("association", "pay", "ntt", "--second-above", "5"))


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_role_is_granted_before_she_has_ever_written(ready):
    assert kindly(ready("grant", "officer", "--address", "telegram:9002"), code=0) == (
        "telegram:9002 is officer of main now. "
    )
    assert "officer of main already" in kindly(ready("grant", "officer", "--address", "telegram:9002"), code=0)

    def look(db):
        address = people.find_address(db, "telegram/main", "9002")
        return people.roles_of(db, "main", address.person_id), audit.first_break(db, "main")

    assert in_database(look) == ({"officer"}, None)


def test_a_role_can_be_granted_where_the_bot_has_never_run(ready, folder, monkeypatch):
    monkeypatch.setenv("ASSOCIATIONS", "ntt")
    monkeypatch.setenv("NTT_TELEGRAM_BOT_TOKEN", "2:b")
    granted = ready("grant", "admin", "--address", "telegram:9003", "--association", "ntt")
    assert "admin of ntt now" in kindly(granted, code=0)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("boss", "--address", "telegram:1"), "There is no role boss; there are collector, officer, treasurer, admin."),
        (("officer", "--address", "9001"), "Write it as telegram:9001."),
        (("officer", "--address", "telegram:@budi"), "by a number, not by their @name"),
        (("officer", "--address", "whatsapp:62812"), "main has no account on whatsapp; it has telegram."),
        (("officer", "--address", "telegram:1", "--association", "ntt"), "no association ntt; there are main."),
        (("officer",), "Missing option"),
    ],
)
def test_a_role_that_cannot_be_granted_is_explained(ready, words, advice):
    assert advice in kindly(ready("grant", *words))


# ── doctor and flows ─────────────────────────────────────────────────────────────────────────────────────────────


def test_doctor_says_what_to_do_and_ends_with_one(ready):
    told = kindly(ready("doctor"), code=1)
    assert "✓ keys" in told
    assert "✗ people main has no administrator → Use the join code" in told
    assert told.endswith("1 to mend. ")


def test_doctor_ends_with_zero_when_all_is_well(ready):
    ready("grant", "admin", "--address", "telegram:9001")
    assert kindly(ready("doctor"), code=0).endswith("All is well. ")


def test_doctor_for_programs(ready):
    result = ready("doctor", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["ok"]) == (1, False)
    assert [check["name"] for check in told["checks"] if not check["ok"]] == ["people"]
    assert TOKEN not in result.output


def test_flows_lists_the_conversations(run):
    told = kindly(run("flows"), code=0)
    assert "registration" in told
    [repair] = json.loads(run("flows", "--json", "--conversation", "repair").stdout)
    assert (repair["name"], repair["steps"], repair["chapters"]) == ("repair", 3, 0)
    assert "diagram" not in repair


def test_flows_draws_them(run):
    drawn = run("flows", "--diagram", "--conversation", "registration").stdout
    assert drawn.startswith("%% registration\nflowchart TD\n")
    assert "stateDiagram-v2" in run("flows", "--diagram", "--conversation", "application").stdout
    told = json.loads(run("flows", "--diagram", "--json").stdout)
    assert all(conversation["diagram"] for conversation in told)


def test_flows_writes_the_document(run, folder):
    assert "x.md shows" in kindly(run("flows", "--write", "x.md"), code=0)
    assert (folder / "x.md").read_text().startswith("# How the conversations flow")
    assert "cannot be written" in kindly(run("flows", "--write", "nowhere/x.md"))


def test_a_conversation_that_is_not_there_is_explained(run):
    assert "there are welcome, menu, registration" in kindly(run("flows", "--conversation", "dues"))


# ── chat and demo ────────────────────────────────────────────────────────────────────────────────────────────────

WELCOME = "halo\n1\n1\n1\n1\n"


def test_chat_is_a_talk_with_the_real_bot(run, folder):
    told = run("chat", typed=WELCOME + "daftar\n/quit\nnever read\n").stdout
    assert "vendor: halo\nbot: Selamat datang di Asosiasi Pedagang Contoh (fiktif)" in told
    assert "bot: (1/14) Siapa yang mau didaftarkan" in told
    assert "never read" not in told
    assert list(folder.iterdir()) == []  # nothing is kept


def test_chat_ends_with_the_last_line(run):
    assert run("chat", typed="halo\n").exit_code == 0


def test_an_officer_goes_to_work_at_once_and_nothing_old_is_said(run):
    told = run("chat", "--as", "officer", typed="antrean\n").stdout
    assert "officer: antrean\nbot: Antrean kosong. Terima kasih.\n" in told
    assert "Selamat datang" not in told


def test_one_terminal_can_be_both(run):
    told = run("chat", typed=WELCOME + "petugas\nApakah bisa bayar tunai?\n/as officer\ntiket\n").stdout
    assert "bot to officer: Ada pertanyaan menunggu" in told
    assert "officer: tiket\nbot: " in told
    assert "Apakah bisa bayar tunai?" in told.rpartition("officer: tiket")[2]


def test_chat_takes_photos(run, folder):
    (folder / "ktp.jpg").write_bytes(sample_ktp("Siti Contoh"))
    told = run("chat", typed=WELCOME + "/photo ktp.jpg\nhalo\n").stdout
    answer = told.rpartition("vendor: /photo ktp.jpg\n")[2]
    assert answer.startswith("bot: ")


def test_chat_says_what_it_does_not_understand(run):
    told = run("chat", typed="/tap 1\n/photo x.jpg\n/as nurse\n/help\n\n").stdout
    assert "There is no button to tap." in told
    assert "Name a file that is there" in told
    assert "There are vendor and officer" in told
    assert "/number 0812…" in told
    assert "bot:" not in told


@pytest.fixture
def no_season(monkeypatch):
    """Nothing happens in the fictional association: that takes seconds."""
    monkeypatch.setattr(demonstration, "play", lambda season: None)


@pytest.mark.usefixtures("no_season")
def test_the_demonstration_reads_no_settings(run, folder, monkeypatch):
    (folder / ".env").write_text("TELEGRAM_MODE=pigeon\nDATABASE_URL=nothing\nSECRET_KEYS=broken\n")
    for name in ("LOG_LEVEL", "ASSOCIATIONS", "PUBLIC_BASE_URL"):
        monkeypatch.setenv(name, "???")
    assert "data/demo.db" in kindly(run("demo", "--seed-only"), code=0)
    assert "Selamat datang" in run("chat", typed="halo\n").stdout


@pytest.mark.usefixtures("no_season")
def test_the_demonstration_empties_nothing_but_a_demonstration(ready, folder):
    before = (folder / "data" / "jagalapak.db").read_bytes()
    assert "would empty it" in kindly(ready("demo", "--seed-only", "--path", "data/jagalapak.db"))
    assert "would empty it" in kindly(ready("demo", "--seed-only", "--path", ".env"))
    assert (folder / "data" / "jagalapak.db").read_bytes() == before
    for _twice in range(2):
        assert ready("demo", "--seed-only").exit_code == 0
    assert is_demonstration(Path("data/demo.db"))


def test_the_demonstration_writes_a_season_that_can_be_looked_into(run, folder, monkeypatch):
    told = run("demo", "--seed-only").stdout
    for name, value in (setting.split("=", 1) for setting in told.splitlines()[-1].split()):
        monkeypatch.setenv(name, value)
    database = open_storage(read_settings())
    assert database.read(lambda db: [one.name for one in associations.everyone(db)]) == [demonstration.NAME]
    opened = database.read(lambda db: {members.nik_of(one).last4 for one in db.exec(select(Member))})
    assert len(opened) == 40
    database.close()


# ── serve and migrate ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_port_that_is_taken_is_explained(ready):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        for command in ("serve", "demo"):
            assert f"--port {port + 1}" in kindly(ready(command, "--port", port))
    assert "cannot be used" in kindly(ready("serve", "--host", "999.999.999.999"))


def test_a_port_may_be_found_by_itself():
    with bound("127.0.0.1", 0) as door:
        assert door.getsockname()[1] > 0


def test_nothing_can_be_served_without_settings(run, monkeypatch):
    assert "set TELEGRAM_BOT_TOKEN" in kindly(run("serve", "--sender"))
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_MODE", "polling")
    assert "SECRET_KEYS is not set" in kindly(run("serve", "--sender"))
    monkeypatch.setenv("SECRET_KEYS", "geheim")
    told = kindly(run("serve", "--sender"))
    assert "SECRET_KEYS: key 1 of the ring" in told
    assert "geheim" not in told


@pytest.mark.parametrize("command", [("serve",), ("migrate",), ("init",), ("association", "list")])
def test_a_setting_that_cannot_be_used_is_explained(run, monkeypatch, command):
    monkeypatch.setenv("LOG_LEVEL", "geheim")
    told = kindly(run(*command))
    assert "LOG_LEVEL: Input should be" in told
    assert "geheim" not in told


def test_a_database_that_does_not_answer_is_explained(run, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:geheim@127.0.0.1:1/name")
    told = kindly(run("migrate"), code=3)
    assert "The database does not answer" in told
    assert "geheim" not in told


def test_a_file_that_is_no_database_is_explained(run, folder, monkeypatch):
    (folder / "x.db").write_text("shopping list" * 100)
    monkeypatch.setenv("DATABASE_URL", "sqlite:///x.db")
    assert "That is no database of ours" in kindly(run("migrate"))


def test_a_database_of_a_newer_release_is_explained(ready):
    database = open_database("sqlite:///data/jagalapak.db")
    database.transact(lambda db: db.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'ffff'"))
    database.close()
    assert "belongs to a newer release" in kindly(ready("migrate"))


def test_a_folder_that_cannot_be_made_is_explained(run, monkeypatch):
    monkeypatch.setenv("DATA_DIR", "/dev/null/data")
    assert "/dev/null/data: Not a directory" in kindly(run("migrate"))


def test_migrating_twice_is_fine(run):
    for _twice in range(2):
        assert kindly(run("migrate"), code=0) == "The database is at head. "


def test_serve_answers_until_it_is_told_to_stop(ready, folder):
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "serve", "--port", "0"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = next(found[0] for line in process.stderr if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        for _attempt in range(100):
            try:
                assert urllib.request.urlopen(f"{address}/readyz", timeout=5).status == 200
                break
            except urllib.error.HTTPError:
                time.sleep(0.05)
        else:
            raise AssertionError("it did not become ready")
    finally:
        process.send_signal(signal.SIGTERM)
        told = process.stderr.read()
        process.wait(20)
    assert TOKEN not in told
    assert "Traceback" not in told


# ── the whole ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("words", [("sreve",), ("serve", "--prot", "1"), ("serve", "--port", "x"), ("association",)])
def test_a_mistyped_command_is_explained(run, words):
    kindly(run(*words))


def test_the_version_is_told(run):
    assert re.fullmatch(r"jagalapak \d+\.\d+\.\d+\n", run("--version").stdout)


# ── quote ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_quote_tells_every_month_and_what_changes(run):
    answer = run("quote", "--from", "2026-12")
    assert "Rp8.400" in answer.stdout
    assert "Another amount from January 2027 on." in answer.stdout


def test_a_quote_for_programs(run):
    told = json.loads(run("quote", "--from", "2026-12", "--months", "2", "--jht", "--json").stdout)
    assert [month["total"] for month in told["months"]] == [28_400, 36_800]
    assert told["total"] == 65_200
    assert told["months"][0]["components"][0] == {
        "programme": "JKK",
        "full": 10_000,
        "due": 5_000,
        "rule": "PP50-2025-NONTRANSPORT",
    }


@pytest.mark.parametrize(
    "words", [["--from", "2026-13"], ["--from", "2020-01"], ["--from", "2026-12", "--months", "0"]]
)
def test_a_quote_that_cannot_be_given_says_why(run, words):
    answer = run("quote", *words)
    assert answer.exit_code == 2
    assert words[-2] in answer.stderr
