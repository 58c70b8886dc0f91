"""Each thing that may be wrong is found, said with what to do, and never with a secret."""

import os
import shutil
import time
from collections import namedtuple
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import delete, update

from bot.channels.whatsapp_content import NAMES
from bot.channels.whatsapp_templates import MODELS
from bot.doctor import examine
from bot.doctor.telegram import last_error
from bot.settings import names_of
from domain.message import Address, Reply
from storage.database import open_database
from storage.queries import associations, contents, outbox, people, talks
from storage.sealed import KeyRing, use_keys
from storage.tables import Message, Received, Role, Talk
from tests.fakes.telegram_api import TOKEN, TelegramApi
from tests.fakes.twilio_api import ACCOUNT_SID, AUTH_TOKEN, KEY_SECRET, KEY_SID, SENDER, TwilioApi

SECRET = "a-webhook-secret-of-no-bot"
HOOK = "https://bot.example.org/webhooks/telegram/main"
ACCOUNT = "telegram/main"


@pytest.fixture(scope="module")
def stand_in():
    with TelegramApi() as api:
        yield api


@pytest.fixture
def api(stand_in):
    """Telegram, where our webhook is registered."""
    stand_in.faults.clear()
    bot = stand_in.bot()
    bot.webhook, bot.last_error = {"url": HOOK}, ""
    bot.updates.clear()
    return stand_in


@pytest.fixture
def ring() -> str:
    return KeyRing.generate()


@pytest.fixture
def house(sqlite_url, ring, api, tmp_path, monkeypatch):
    """An installation in which all is well; `house(NAME="value")` changes its settings."""
    monkeypatch.chdir(tmp_path)
    for name in names_of(["ntt"]):
        monkeypatch.delenv(name, raising=False)

    def change(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    change(
        DATABASE_URL=sqlite_url,
        SECRET_KEYS=ring,
        TELEGRAM_BOT_TOKEN=TOKEN,
        TELEGRAM_WEBHOOK_SECRET=SECRET,
        TELEGRAM_API_BASE_URL=api.base_url,
        PUBLIC_BASE_URL="https://bot.example.org",
    )
    use_keys(KeyRing.parse(ring))
    in_database(sqlite_url, move_in)
    return change


def in_database(url, work):
    database = open_database(url)
    database.transact(work)
    database.close()


def move_in(db):
    now = datetime.now(UTC)
    associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=now)
    associations.ensure_account(db, association_id="main", account=ACCOUNT, per_second=25, now=now)
    address = talks.ensure_address(db, association_id="main", account=ACCOUNT, external_id="9001", now=now)
    people.ensure_role(db, association_id="main", person_id=address.person_id, role="admin", now=now)


def say_something(db, ago=timedelta(0)):
    """A message that waits, and a talk that remembers something."""
    address = people.find_address(db, ACCOUNT, "9001")
    now = datetime.now(UTC) - ago
    outbox.put(
        db, association_id="main", account=ACCOUNT, address_id=address.id, key="k", reply=Reply("Halo."), now=now
    )
    found = talks.find(db, Address(ACCOUNT, "9001"))
    talks.move(db, found, remembered={}, conversation="menu", version=1, step="choose_from_menu", now=now)


def troubles():
    return {check.name: f"{check.says} → {check.todo}" for check in examine() if not check.ok}


def test_all_is_well_where_nothing_is_wrong(house, sqlite_url):
    in_database(sqlite_url, say_something)
    checks = examine()
    assert [check for check in checks if not check.ok] == []
    names = {check.name for check in checks}
    assert names == {
        "settings", "keys", "database", "newest entry", "sealed values", "talks", "sending", "receiving", "people",
        "disk", "telegram", "telegram updates",
    }  # fmt: skip


def test_all_is_well_on_postgresql_too(house, postgresql_url):
    house(DATABASE_URL=postgresql_url)
    in_database(postgresql_url, move_in)
    in_database(postgresql_url, say_something)
    assert troubles() == {}
    assert "postgresql, at head" in {check.says for check in examine()}


# ── settings and keys ────────────────────────────────────────────────────────────────────────────────────────────


def test_settings_that_cannot_be_used_are_all_that_is_told(house):
    house(TELEGRAM_MODE="pigeon")
    [check] = examine()
    assert (check.ok, check.name) == (False, "settings")
    assert check.says.startswith("TELEGRAM_MODE: ")


def test_a_file_that_others_may_read_is_found(house, tmp_path):
    (tmp_path / ".env").write_text("")
    (tmp_path / ".env").chmod(0o640)
    assert troubles() == {"settings": "others may read .env, which holds secrets → chmod 600 .env"}


def test_a_name_that_nobody_reads_is_found_when_it_looks_like_a_setting(house, tmp_path):
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKENS=x\nPOSTGRES_PASSWORD=x\n")
    (tmp_path / ".env").chmod(0o600)
    assert troubles() == {"settings": "nobody reads TELEGRAM_BOT_TOKENS → Is it meant to be TELEGRAM_BOT_TOKEN?"}


def test_keys_that_are_gone_are_found(house, monkeypatch):
    monkeypatch.delenv("SECRET_KEYS")
    assert "put it back" in troubles()["keys"]
    assert "Mend the keys first" in troubles()["sealed values"]


def test_keys_that_are_no_keys_are_found(house):
    house(SECRET_KEYS="k1:geheim")
    assert troubles()["keys"].startswith("key k1 ")


def test_older_keys_are_told(house, ring):
    house(SECRET_KEYS=f"{KeyRing.generate()},{ring}")
    [says] = [check.says for check in examine() if check.name == "keys"]
    assert says.endswith(f"{ring.partition(':')[0]} still open")


# ── database and disk ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_database_that_is_not_there_is_not_made(house, tmp_path):
    house(DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/x.db")
    assert "jagalapak init" in troubles()["database"]
    assert not (tmp_path / "nowhere").exists()


def test_a_database_that_does_not_answer_is_found(house):
    house(DATABASE_URL="postgresql://user:geheim@127.0.0.1:1/name")
    assert troubles() == {
        "database": "it does not answer (OperationalError) → Is DATABASE_URL right, and is the database running?"
    }


def test_a_file_that_is_no_database_is_found(house, tmp_path):
    (tmp_path / "x.db").write_text("shopping list" * 100)
    house(DATABASE_URL=f"sqlite:///{tmp_path}/x.db")
    assert troubles()["database"].startswith("it is no database of ours")


def test_a_database_that_was_not_migrated_is_found(house, tmp_path):
    (tmp_path / "x.db").touch()
    house(DATABASE_URL=f"sqlite:///{tmp_path}/x.db")
    assert troubles() == {"database": "it is not at head → Run `jagalapak migrate`."}


def test_a_database_of_a_newer_release_is_found(house, sqlite_url):
    in_database(
        sqlite_url, lambda db: db.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'ffff'")
    )
    assert troubles() == {"database": "it belongs to a newer release (ffff) → Update JagaLapak."}


def test_a_key_that_is_missing_is_named(house, sqlite_url, ring):
    in_database(sqlite_url, say_something)
    house(SECRET_KEYS=KeyRing.generate())
    kid = ring.partition(":")[0]
    assert troubles()["sealed values"].startswith(f"key {kid} is not in the ring → Put the old key {kid} back")


def test_a_key_under_the_name_of_another_is_found(house, sqlite_url, ring):
    in_database(sqlite_url, say_something)
    house(SECRET_KEYS=f"{ring.partition(':')[0]}:{KeyRing.generate().partition(':')[2]}")
    assert troubles()["sealed values"].startswith("they do not open")


def test_a_talk_without_a_way_on_is_found(house, sqlite_url):
    def strand(db):
        db.exec(update(Talk).values(conversation="registration", version=99, step="ask_shoe_size"))

    in_database(sqlite_url, strand)
    assert "ask_shoe_size" in troubles()["talks"]


def test_an_account_that_may_not_send_is_found(house, sqlite_url):
    in_database(sqlite_url, lambda db: outbox.halt(db, ACCOUNT, "401"))
    assert troubles()["sending"].startswith("nothing is sent through telegram/main: 401 → Mend what Telegram says")


def test_a_message_that_nobody_sends_is_found(house, sqlite_url):
    in_database(sqlite_url, lambda db: say_something(db, ago=timedelta(minutes=11)))
    assert "jagalapak serve" in troubles()["sending"]


def test_a_long_silence_is_asked_about_and_is_no_trouble(house, sqlite_url):
    in_database(sqlite_url, lambda db: say_something(db, ago=timedelta(hours=5, minutes=59)))
    assert [check.todo for check in examine() if check.name == "newest entry"] == [""]
    in_database(sqlite_url, lambda db: db.exec(update(Message).values(created_at=datetime(2026, 11, 22, tzinfo=UTC))))
    [check] = [check for check in examine() if check.name == "newest entry"]
    assert (check.ok, check.says) == (True, "of 22 Nov 2026 00:00 UTC")
    assert "stop and run `jagalapak restored`" in check.todo


def test_an_association_without_an_administrator_is_found(house, sqlite_url):
    in_database(sqlite_url, lambda db: db.exec(delete(Role)))
    assert "grant admin" in troubles()["people"]
    house(ADMIN_ADDRESSES="telegram:9001")  # granted at the start
    assert troubles() == {}


def test_an_association_that_is_only_in_the_settings_is_found(house):
    house(ASSOCIATIONS="ntt")
    assert troubles() == {"people": "there is no association ntt yet → jagalapak association add ntt NAME"}


def test_a_full_disk_is_found(house, monkeypatch):
    usage = namedtuple("usage", "total used free")(100, 100, 100 * 1024 * 1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    assert troubles()["disk"].startswith("0.1 GiB free at ")


# ── Telegram ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_channel_is_found(house, monkeypatch):
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    assert "no channel is configured" in troubles()["channels"]


def test_a_token_that_telegram_refuses_is_found(house, api):
    api.refuse(401, "Unauthorized", method="getMe")
    assert troubles() == {
        "telegram": "Telegram refuses the token → @BotFather shows the right one; put it into TELEGRAM_BOT_TOKEN."
    }


def test_telegram_that_cannot_be_reached_is_found(house):
    house(TELEGRAM_API_BASE_URL="http://127.0.0.1:9")
    assert troubles() == {"telegram": "Telegram cannot be reached (connect) → Is this machine on the internet?"}


def test_telegram_that_does_not_answer_is_not_waited_for_long(house, api, monkeypatch):
    monkeypatch.setattr("bot.patience.PATIENCE", 0.2)
    api.stall(6.0, method="getMe")
    began = time.monotonic()
    assert "(timeout)" in troubles()["telegram"]
    assert time.monotonic() - began < 5


def test_a_webhook_that_leads_elsewhere_is_found(house, api):
    """E6"""
    api.bot().webhook = {"url": "https://old.example.org/hook"}
    assert troubles()["telegram updates"].startswith("Telegram posts to https://old.example.org/hook")
    api.bot().webhook = {}
    assert troubles()["telegram updates"].startswith("Telegram posts to nowhere")


def test_updates_that_do_not_get_through_are_found(house, api):
    api.bot().last_error = "Wrong response from the webhook: 502 Bad Gateway"
    assert troubles() == {}  # nothing waits: it has passed
    api.bot().updates.append({"update_id": 1})
    told = troubles()["telegram updates"]
    assert told.startswith("1 wait at Telegram; at ")
    assert "502 Bad Gateway" in told


def test_an_error_of_long_ago_is_no_trouble():
    facts = {"last_error_date": 1_000_000_000, "last_error_message": "Connection refused"}
    assert last_error(facts, datetime.now(UTC)) == ""


def test_a_webhook_that_cannot_work_is_found(house, monkeypatch):
    monkeypatch.delenv("PUBLIC_BASE_URL")
    assert "PUBLIC_BASE_URL is not set" in troubles()["telegram updates"]
    monkeypatch.delenv("TELEGRAM_WEBHOOK_SECRET")
    assert "TELEGRAM_WEBHOOK_SECRET is not set" in troubles()["telegram updates"]


def test_polling_beside_a_webhook_is_found(house, api):
    """E6"""
    house(TELEGRAM_MODE="polling")
    assert "polling gets nothing" in troubles()["telegram updates"]
    api.bot().webhook = {}
    assert troubles() == {}


def test_every_association_has_its_own_bot(house, sqlite_url, api):
    house(ASSOCIATIONS="ntt", NTT_TELEGRAM_BOT_TOKEN="2:b", NTT_TELEGRAM_API_BASE_URL=api.base_url)
    in_database(sqlite_url, lambda db: associations.ensure(db, association_id="ntt", name="N", now=datetime.now(UTC)))
    told = troubles()
    assert told["telegram ntt updates"].startswith("NTT_TELEGRAM_WEBHOOK_SECRET is not set")
    assert told["people"].startswith("ntt has no administrator")


# ── WhatsApp ─────────────────────────────────────────────────────────────────────────────────────────────────────

NUMBER = "whatsapp/main"
AT_TWILIO = "https://bot.example.org/webhooks/twilio/main#rc=5&rp=all&rt=5000"
TOUCHED = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def twilio():
    with TwilioApi() as twilio:
        yield twilio
        assert twilio.violations == []


@pytest.fixture
def on_whatsapp(house, sqlite_url, twilio):
    """The same installation with a WhatsApp number."""
    house(**access(twilio))
    in_database(sqlite_url, take_number)
    return house


def access(twilio, prefix=""):
    return {
        f"{prefix}TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        f"{prefix}TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        f"{prefix}TWILIO_API_KEY_SID": KEY_SID,
        f"{prefix}TWILIO_API_KEY_SECRET": KEY_SECRET,
        f"{prefix}TWILIO_WHATSAPP_FROM": SENDER,
        f"{prefix}TWILIO_API_BASE_URL": twilio.base_url,
    }


def take_number(db):
    associations.ensure_account(db, association_id="main", account=NUMBER, per_second=10, now=datetime.now(UTC))


def says(name):
    return [check.says for check in examine() if check.name == name]


def known(url):
    database = open_database(url)
    try:
        return database.read(lambda db: contents.known(db, NUMBER))
    finally:
        database.close()


def test_all_is_well_on_whatsapp_too(on_whatsapp):
    assert troubles() == {}
    names = [check.name for check in examine() if check.name.startswith("whatsapp")]
    assert names == ["whatsapp", "whatsapp content", "whatsapp templates", "whatsapp tokens", "whatsapp webhook"]
    assert says("whatsapp") == ["Twilio calls the account Akun contoh"]


def test_whatsapp_alone_will_do(on_whatsapp, monkeypatch):
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN")
    assert troubles() == {}
    assert says("telegram") == []


def test_content_that_is_missing_is_made_and_remembered(on_whatsapp, sqlite_url, twilio):
    [told] = says("whatsapp content")
    assert told == f"repaired: {', '.join(NAMES)}; all {len(NAMES)} are at Twilio"
    assert known(sqlite_url).keys() == set(NAMES)
    assert says("whatsapp content") == [f"all {len(NAMES)} are at Twilio"]
    twilio.account.contents.pop(known(sqlite_url)["list-4"])
    assert says("whatsapp content") == [f"repaired: list-4; all {len(NAMES)} are at Twilio"]
    assert known(sqlite_url)["list-4"] in twilio.account.contents


def test_content_that_twilio_does_not_take_is_named(on_whatsapp, twilio):
    twilio.refuse(400, 20001, path="Content", verb="POST")
    assert troubles()["whatsapp content"].startswith("Twilio does not take quick-1 → Such choices go as numbers")


def test_content_that_cannot_be_looked_at_just_now_is_found(on_whatsapp, sqlite_url, twilio):
    twilio.fail(503, path="Content", verb="GET")
    assert "just now (20503) → Until it does, choices go as numbers" in troubles()["whatsapp content"]
    assert known(sqlite_url) == {}


def test_content_is_looked_at_before_the_bot_has_ever_run(house, twilio, sqlite_url):
    house(**access(twilio))
    assert troubles() == {}
    assert known(sqlite_url) == {}  # whose it is stands in no row yet


def test_content_is_made_where_the_database_is_not_well(on_whatsapp, tmp_path, twilio):
    on_whatsapp(DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/x.db")
    assert list(troubles()) == ["database"]
    assert len(twilio.account.contents) == len(NAMES) + len(MODELS)


def test_templates_are_made_submitted_and_their_standing_is_told(on_whatsapp, twilio):
    assert says("whatsapp templates") == ["12 pending"]
    assert len(twilio.calls_of("ApprovalRequests")) == len(MODELS)
    twilio.judge()
    assert says("whatsapp templates") == ["12 approved"]
    assert len(twilio.calls_of("ApprovalRequests")) == len(MODELS)  # nothing is submitted twice


@pytest.mark.parametrize(
    ("judged", "told"),
    [
        ({"status": "rejected", "reason": "INVALID"}, "WhatsApp does not take due_id rejected INVALID; 11 approved"),
        ({"status": "paused"}, "WhatsApp does not take due_id paused; 11 approved"),
        ({"category": "MARKETING"}, "WhatsApp files due_id as promotion; 12 approved"),
    ],
)
def test_a_template_that_may_not_be_sent_is_found(on_whatsapp, twilio, judged, told):
    says("whatsapp templates")
    twilio.judge()
    twilio.judge("due_id", **judged)
    assert troubles()["whatsapp templates"].startswith(told)


def test_a_template_that_twilio_does_not_take_is_named(on_whatsapp, twilio):
    twilio.refuse(400, 20001, path="ApprovalRequests", verb="POST")
    assert "WhatsApp does not take due_id refused 20001" in troubles()["whatsapp templates"]


def test_templates_that_cannot_be_looked_at_just_now_are_found(on_whatsapp, twilio):
    twilio.fail(503, path="ApprovalRequests", verb="GET")
    assert "just now (20503) → Until it does, what is known of them counts." in troubles()["whatsapp templates"]


def test_a_key_that_twilio_refuses_is_found(on_whatsapp, twilio):
    twilio.revoke()
    assert troubles() == {
        "whatsapp": "Twilio refuses the account or its API key → Twilio's console shows and makes them; "
        "put them into TWILIO_ACCOUNT_SID, TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET."
    }


def test_an_account_that_twilio_does_not_know_is_found(on_whatsapp, twilio):
    twilio.refuse(404, 20404, path="Accounts")
    assert troubles()["whatsapp"].startswith("Twilio refuses the account or its API key")


def test_twilio_that_cannot_be_reached_is_found(on_whatsapp):
    on_whatsapp(TWILIO_API_BASE_URL="http://127.0.0.1:9")
    assert troubles() == {"whatsapp": "Twilio cannot be reached (connect) → Is this machine on the internet?"}


def test_twilio_that_does_not_answer_is_not_waited_for_long(on_whatsapp, twilio, monkeypatch):
    monkeypatch.setattr("bot.patience.PATIENCE", 0.3)
    twilio.stall(6.0, path="Accounts")
    began = time.monotonic()
    assert "(timeout)" in troubles()["whatsapp"]
    assert time.monotonic() - began < 5


def test_what_must_stand_in_twilios_console_is_told(on_whatsapp):
    assert says("whatsapp webhook") == [
        f"in Twilio's console, which we cannot read, must stand {AT_TWILIO} (nothing came yet)"
    ]


def test_when_a_message_last_came_is_told(on_whatsapp, sqlite_url):
    row = Received(association_id="main", account=NUMBER, provider_id="SM1", sender="a", kind="text", status="done",
                   incoming_sealed="", received_at=TOUCHED)  # fmt: skip
    in_database(sqlite_url, lambda db: db.add(row))
    assert says("whatsapp webhook")[0].endswith("(last message 22 Nov 10:00 UTC)")


@pytest.mark.parametrize(
    ("address", "why"),
    [("http://bot.example.org", "WhatsApp needs https"), ("https://127.0.0.1", "an address of this machine alone")],
)
def test_an_address_where_twilio_cannot_post_is_found(on_whatsapp, monkeypatch, address, why):
    monkeypatch.setattr("bot.at_twilio.TWILIO_API", os.environ["TWILIO_API_BASE_URL"])  # it stands in for the real one
    on_whatsapp(PUBLIC_BASE_URL=address)
    assert why in troubles()["whatsapp webhook"]


def test_a_stand_in_may_post_to_this_machine(on_whatsapp):
    on_whatsapp(PUBLIC_BASE_URL="http://127.0.0.1:8000")
    assert "whatsapp webhook" not in troubles()


def test_tokens_are_counted_while_one_takes_anothers_place(on_whatsapp):
    assert says("whatsapp tokens") == ["1 auth token opens the webhook"]
    on_whatsapp(TWILIO_AUTH_TOKEN=f"{AUTH_TOKEN}, another-token-of-no-account")
    [told] = says("whatsapp tokens")
    assert told.startswith("2 auth tokens open the webhook; ")
    assert told.endswith("take the old from TWILIO_AUTH_TOKEN")


def test_the_risk_of_a_nik_in_the_chat_is_told(on_whatsapp):
    assert says("whatsapp NIK") == []
    on_whatsapp(NIK_IN_CHAT="telegram,whatsapp")
    assert "WhatsApp's policy" in says("whatsapp NIK")[0]


def test_a_number_that_may_not_send_is_found(on_whatsapp, sqlite_url):
    in_database(sqlite_url, lambda db: outbox.halt(db, NUMBER, "63007"))
    assert troubles() == {
        "sending": "nothing is sent through whatsapp/main: 63007 → "
        "Mend what Twilio says of it here, then start `jagalapak serve` again."
    }


def test_messages_that_are_held_back_are_counted(on_whatsapp, sqlite_url):
    def hold(db):
        for number, status in enumerate(("parked", "parked", "uncertain", "sent")):
            say_something_on_whatsapp(db, f"k{number}")
            db.exec(update(Message).where(Message.key == f"k{number}").values(status=status))

    in_database(sqlite_url, hold)
    assert says("held back") == [
        "whatsapp/main: 2 parked until somebody writes again, 1 uncertain: nobody knows whether they arrived"
    ]
    assert troubles() == {}


def say_something_on_whatsapp(db, key):
    now = datetime.now(UTC)
    address = talks.ensure_address(db, association_id="main", account=NUMBER, external_id="+6281200000001", now=now)
    outbox.put(db, association_id="main", account=NUMBER, address_id=address.id, key=key, reply=Reply("Halo."), now=now)


def test_every_association_has_its_own_number(on_whatsapp, sqlite_url, twilio):
    on_whatsapp(ASSOCIATIONS="ntt", **(access(twilio, "NTT_") | {"NTT_TWILIO_WHATSAPP_FROM": "+6281299990001"}))
    in_database(sqlite_url, lambda db: associations.ensure(db, association_id="ntt", name="N", now=datetime.now(UTC)))
    twilio.revoke()
    told = troubles()
    assert "put them into NTT_TWILIO_ACCOUNT_SID" in told["whatsapp ntt"]
    assert "--address whatsapp:+62… --association ntt" in told["people"]
    assert says("whatsapp ntt webhook")[0].count("/webhooks/twilio/ntt#") == 1


# ── the spool ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def spool(house, tmp_path):
    folder = tmp_path / "data" / "spool"
    folder.mkdir(parents=True)
    return folder


def test_a_spool_in_which_nothing_waits_is_well(house, spool):
    assert says("spool") == ["nothing waits"]


def test_what_waits_on_the_disk_is_counted(house, spool):
    for name in ("1.sealed", "2.sealed", "3.partial"):
        (spool / name).touch()
    assert says("spool") == ["2 wait to be taken in"]
    assert troubles() == {}


def test_what_waits_on_the_disk_too_long_is_found(house, spool):
    (spool / "1.sealed").touch()
    os.utime(spool / "1.sealed", (TOUCHED.timestamp(),) * 2)
    assert troubles()["spool"].startswith("1 wait in data/spool since 22 Nov 10:00 UTC → Does the database answer")


def test_what_cannot_be_taken_in_is_left_to_a_human(house, spool):
    (spool / "1.unreadable").touch()
    assert "cannot be opened: 1 → It was changed or damaged" in troubles()["spool"]
    (spool / "1.unreadable").rename(spool / "1.failed")
    assert "could not be taken in: 1 → Mend what the log says of it" in troubles()["spool"]


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_secret_of_twilios_is_ever_printed(on_whatsapp, twilio):
    for spoil in (lambda: None, lambda: twilio.refuse(404, 20404, path="Accounts"), twilio.revoke):
        spoil()
        told = repr(examine())
        for secret in (AUTH_TOKEN, KEY_SECRET, KEY_SID, SENDER):
            assert secret not in told


def test_no_secret_is_ever_printed(house, api, ring, tmp_path):
    (tmp_path / ".env").write_text("TELEGRAM_BOT_TOKENS=geheim\n")
    for change in ({}, {"SECRET_KEYS": "k1:geheim"}, {"DATABASE_URL": "postgresql://u:geheim@127.0.0.1:1/n"}):
        house(**change)
        api.refuse(401, f"Unauthorized: {TOKEN}", method="getMe")
        told = repr(examine())
        for secret in ("geheim", TOKEN, TOKEN.partition(":")[2], SECRET, ring, ring.partition(":")[2]):
            assert secret not in told
