"""Who is behind a number: ids without one, numbers that appear, and numbers that change hands (D6, D7)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot import turn
from bot.clock import MovableClock
from bot.running import Running
from storage.database import Database
from storage.tables import Address, Application, Audit, Person, Talk
from tests.conftest import sqlite_only
from tests.fakes.photos import sample_ktp
from tests.fakes.telegram_api import TelegramApi
from tests.fakes.twilio_api import SITI, TwilioApi, incoming_form, photo
from tests.faults import house
from tests.faults.house import NIK, heard, until_quiet
from tests.faults.whatsapp_house import (
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
    step_of,
    tickets_of,
)

HIDDEN = "ID.13491200000000000001"  # Siti, where she hides her number
OTHER = "ID.13491200000000000002"  # whoever got it after her
HINT = 'Nomor ini pernah dipakai di sini. Kalau oleh Bapak/Ibu sendiri, ketik "nomor saya".'


def persons(database: Database) -> int:
    return database.read(lambda db: len(db.exec(select(Person)).all()))


def addresses(database: Database) -> list[tuple[str, str, str]]:
    """Where people are reached: the id, who is behind it, and whether it is still theirs."""
    rows = database.read(lambda db: list(db.exec(select(Address).order_by(col(Address.created_at)))))
    return [(row.external_id, row.user_id, row.status) for row in rows]


def actions(database: Database) -> list[str]:
    """What the audit trail tells."""
    return database.read(lambda db: list(db.exec(select(Audit.action).order_by(col(Audit.id)))))


def register(bot: Running, webhook: TwilioDoor, who: str = SITI, **more: str) -> None:
    """Siti, with her application sent."""
    webhook.says(who, *WELCOME, "daftar", "1", **more)
    until_quiet(bot.database)
    assert webhook.fills_in(link_in(webhook.api.said_to(who)[-1]), NIK, sample_ktp("Siti")).status_code == 200
    webhook.says(who, "benar", *UNTIL_KTP, "1", **more)
    until_quiet(bot.database)
    assert "Pendaftaran sudah terkirim" in webhook.api.said_to(who)[-1]


# ── one person, with and without a number ────────────────────────────────────────────────────────────────────────


def test_who_hides_her_number_is_answered_by_her_id_as_it_came(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """D6: an id is never made into digits; and a number is one, however Twilio writes it."""
    webhook.says(HIDDEN, "halo")
    webhook.says(HIDDEN, "1")
    for written in ("081200000002", "6281200000002", "+6281200000002"):
        webhook.post(incoming_form(RINA) | {"From": f"whatsapp:{written}"})
    until_quiet(bot.database)
    assert [message.to for message in twilio.messages.values()][:1] == [f"whatsapp:{HIDDEN}"]
    assert step_of(bot.database, HIDDEN) == "ask_consent"
    assert addresses(bot.database) == [(HIDDEN, HIDDEN, "open"), (RINA, "", "open")]
    assert len(twilio.said_to(RINA)) == 3


def test_a_number_that_appears_behind_an_id_is_the_same_person(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """D7: her id first, then the number with that id: one talk, which goes on; then the number is written to."""
    webhook.says(HIDDEN, "halo", "1")
    until_quiet(bot.database)
    webhook.says(SITI, "setuju", user_id=HIDDEN)
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "ask_reminders"
    assert (persons(bot.database), addresses(bot.database)) == (1, [(SITI, HIDDEN, "open")])
    webhook.says(HIDDEN, "ya")
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "ask_announcements"
    assert [len(twilio.said_to(who)) for who in (HIDDEN, SITI)] == [2, 2]
    assert actions(bot.database) == ["number_appeared"]


def test_an_id_that_appears_behind_a_number_is_the_same_person(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """D7: her number first, then with her id, then her id alone."""
    webhook.says(SITI, "halo", "1")
    webhook.says(SITI, "setuju", user_id=HIDDEN)
    webhook.says(HIDDEN, "ya")
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "ask_announcements"
    assert (persons(bot.database), addresses(bot.database)) == (1, [(SITI, HIDDEN, "open")])
    assert len(twilio.said_to(SITI)) == 4


def test_a_number_that_we_know_already_appears_behind_an_id_that_we_know(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """D7: two addresses become one: the talk of the id goes on, and what was for it is not sent twice."""
    webhook.says(SITI, "halo")
    webhook.says(HIDDEN, *WELCOME, "daftar", "1")
    until_quiet(bot.database)
    with held(bot):
        queue(bot.database, HIDDEN, "Satu.", kind="notice", now=clock.now())
        webhook.says(SITI, "lanjutkan", user_id=HIDDEN)
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "ask_nik"
    assert sorted(addresses(bot.database)) == sorted([(SITI, HIDDEN, "open"), (HIDDEN, "", "left")])
    webhook.says(HIDDEN, NIK)
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "confirm_birth"
    assert twilio.said_to(HIDDEN)[len(WELCOME) + 2 :] == []


def test_the_same_person_with_a_new_number_is_known(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """D7: WhatsApp says that it is she: her talk goes on at the new number."""
    webhook.says(SITI, "halo", "1", user_id=HIDDEN)
    webhook.says(RINA, "setuju", user_id=HIDDEN)
    until_quiet(bot.database)
    assert step_of(bot.database, RINA) == "ask_reminders"
    assert (persons(bot.database), addresses(bot.database)) == (1, [(RINA, HIDDEN, "open")])
    assert actions(bot.database)[-1] == "number_changed"


@sqlite_only
def test_a_photo_that_waits_while_the_number_appears_is_answered_once(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
):
    """D7: it came under the id, and is answered where she is by then."""
    monkeypatch.setattr(turn, "ALBUM", timedelta(milliseconds=500))
    webhook.says(HIDDEN, "halo", "1")
    webhook.post(photo(twilio.store_media(sample_ktp("Siti")), sender=HIDDEN))
    webhook.says(SITI, "setuju", user_id=HIDDEN)
    until_quiet(bot.database)
    assert (persons(bot.database), addresses(bot.database)) == (1, [(SITI, HIDDEN, "open")])
    assert step_of(bot.database, SITI) == "ask_reminders"
    assert len(twilio.said_to(HIDDEN)) + len(twilio.said_to(SITI)) == 4
    assert heard(bot.database) == {"done": 4}


# ── a number that changed hands ──────────────────────────────────────────────────────────────────────────────────


def test_a_new_user_behind_a_known_number_sees_nothing_of_the_old_one(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """D7: a stranger is welcomed, with a word for the case that it is she; what waited for her is held back."""
    register(bot, webhook, user_id=HIDDEN)
    before = address_of(bot.database, SITI).person_id
    with held(bot):
        queue(bot.database, SITI, "Siti, pendaftaran Ibu disetujui.", kind="notice", now=clock.now())
        webhook.says(SITI, "halo", user_id=OTHER, name="Orang Lain")
    until_quiet(bot.database)
    answer = twilio.said_to(SITI)[-1]
    assert HINT in answer and "Selamat datang" in answer
    assert messages(bot.database)[-2].status == "suppressed"
    assert not any("disetujui" in text for text in twilio.said_to(SITI))
    now = address_of(bot.database, SITI)
    assert (now.person_id != before, now.user_id) == (True, OTHER)
    webhook.says(SITI, *WELCOME[1:], "status", user_id=OTHER)
    until_quiet(bot.database)
    assert not any(word in text for text in twilio.said_to(SITI)[-6:] for word in ("Siti", "Contoh", "0002"))
    assert "doubted_address" in actions(bot.database)


@pytest.fixture
def both(
    database: Database, twilio: TwilioApi, api: TelegramApi, clock: MovableClock, tmp_path: Path
) -> Iterator[tuple[Running, TwilioDoor, house.Door]]:
    """A bot with a number on WhatsApp and a name on Telegram."""
    with bot_on_whatsapp(database, twilio, clock, tmp_path, telegram=api) as (running, webhook):
        door = house.Door(webhook.url)
        yield running, webhook, door
        door.client.close()


def test_whose_number_it_was_hears_of_it_elsewhere(
    both: tuple[Running, TwilioDoor, house.Door], twilio: TwilioApi, api: TelegramApi, clock: MovableClock
):
    """D7: on Telegram, where she is still herself and goes on with her answers."""
    bot, webhook, door = both
    webhook.says(SITI, *WELCOME, "daftar", "1", user_id=HIDDEN)
    door.says(house.SITI, "halo")
    until_quiet(bot.database)
    join(bot, clock)
    door.says(house.SITI, "lanjutkan")
    webhook.says(SITI, "halo", user_id=OTHER)
    until_quiet(bot.database)
    assert "Data Bapak/Ibu tidak kami tunjukkan di sana." in api.texts(str(house.SITI))[-1]
    assert HINT in twilio.said_to(SITI)[-1]
    door.says(house.SITI, "lanjutkan", NIK)
    until_quiet(bot.database)
    assert "lahir 1 Mei 1987" in api.texts(str(house.SITI))[-1]
    assert not any("1987" in text for text in twilio.said_to(SITI))


def test_who_proves_that_it_is_she_gets_all_of_it_back(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """D7: "nomor saya", the end of her NIK and her birth date; WhatsApp had only given her a new id."""
    register(bot, webhook, user_id=HIDDEN)
    before = address_of(bot.database, SITI).person_id
    webhook.says(SITI, "halo", "nomor saya", "0002", "1 Mei 1987", user_id=OTHER)
    until_quiet(bot.database)
    assert any("Nomor ini kembali terhubung" in text for text in twilio.said_to(SITI))
    assert address_of(bot.database, SITI).person_id == before
    webhook.says(SITI, "status", user_id=OTHER)
    until_quiet(bot.database)
    number = bot.database.read(lambda db: db.exec(select(Application)).one().number)
    assert number in twilio.said_to(SITI)[-1]
    assert actions(bot.database)[-1] == "reinstated_address"


def test_who_guesses_five_times_is_left_to_an_officer(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """D7: even the right answer does not help after that; one ticket, and nothing is shown."""
    register(bot, webhook, user_id=HIDDEN)
    before = address_of(bot.database, SITI).person_id
    webhook.says(SITI, "halo", "nomor saya", user_id=OTHER)
    for guess in range(5):
        webhook.says(SITI, f"000{guess + 3}", "2 Mei 1987", user_id=OTHER)
    webhook.says(SITI, "0002", "1 Mei 1987", user_id=OTHER)
    until_quiet(bot.database)
    assert "Petugas kami beri tahu" in "\n".join(twilio.said_to(SITI))
    assert address_of(bot.database, SITI).person_id != before
    assert len(tickets_of(bot.database, "identity")) == 1
    webhook.says(SITI, "nomor saya", "0002", "1 Mei 1987", user_id=OTHER)
    until_quiet(bot.database)
    assert (len(tickets_of(bot.database, "identity")), address_of(bot.database, SITI).person_id == before) == (1, False)


def test_a_number_that_was_silent_for_ninety_days_must_be_proven_again(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """D7: where WhatsApp does not say who it is; 89 days are no reason."""
    register(bot, webhook)
    before = address_of(bot.database, SITI).person_id
    clock.move_to(clock.now() + timedelta(days=89))
    webhook.says(SITI, "status")
    until_quiet(bot.database)
    assert "menunggu" in twilio.said_to(SITI)[-1].lower() or "diperiksa" in twilio.said_to(SITI)[-1].lower()
    clock.move_to(clock.now() + timedelta(days=90, seconds=1))
    webhook.says(SITI, "status")
    until_quiet(bot.database)
    assert HINT in twilio.said_to(SITI)[-1]
    assert address_of(bot.database, SITI).person_id != before
    webhook.says(SITI, "nomor saya", "0002", "1 Mei 1987")
    until_quiet(bot.database)
    assert address_of(bot.database, SITI).person_id == before


def test_where_whatsapp_vouches_for_her_a_long_silence_is_no_reason(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """D7: the same id as before."""
    register(bot, webhook, user_id=HIDDEN)
    before = address_of(bot.database, SITI).person_id
    clock.move_to(clock.now() + timedelta(days=200))
    webhook.says(SITI, "status", user_id=HIDDEN)
    until_quiet(bot.database)
    assert address_of(bot.database, SITI).person_id == before
    assert not any(HINT in text for text in twilio.said_to(SITI))


@sqlite_only
def test_who_has_nothing_to_lose_is_not_asked_to_prove_anything(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """D7: she said hello once, long ago."""
    webhook.says(SITI, "halo")
    clock.move_to(clock.now() + timedelta(days=400))
    webhook.says(SITI, "halo")
    until_quiet(bot.database)
    assert not any(HINT in text for text in twilio.said_to(SITI))
    assert persons(bot.database) == 1


@sqlite_only
def test_a_photo_of_the_old_owner_that_still_waits_is_not_answered_to_the_new_one(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
):
    """D7: it was sent in her talk, and has no place in another's."""
    monkeypatch.setattr(turn, "ALBUM", timedelta(milliseconds=600))
    webhook.says(SITI, *WELCOME, "daftar", "1", user_id=HIDDEN)
    until_quiet(bot.database)
    webhook.post(photo(twilio.store_media(sample_ktp("Siti")), user_id=HIDDEN))
    webhook.says(SITI, "halo", user_id=OTHER)
    until_quiet(bot.database)
    assert HINT in "\n".join(twilio.said_to(SITI))
    assert bot.database.read(lambda db: len(db.exec(select(Talk)).all())) == 2
    assert heard(bot.database)["waiting"] == 0
