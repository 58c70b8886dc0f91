"""A whole registration as Telegram carries it, by polling and, on a bad day, by webhook; and what it leaves behind."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from storage.database import Database, open_database
from storage.queries import applications, documents
from storage.sealed import KeyRing, use_keys
from storage.tables import Application, Document
from tests.conftest import migrate
from tests.fakes.photos import sample_ktp
from tests.fakes.telegram_api import BLOCKED, TOKEN, TelegramApi, private_message
from tests.fakes.telegram_spec import PUBLISHED
from tests.faults.house import (
    MOTHER,
    NIK,
    PHONE,
    SECRET,
    SITI,
    Program,
    button,
    heard,
    photo,
    said,
    statuses,
    until,
    until_quiet,
)

WHO = str(SITI)
TALK = """
    halo
    [Bahasa Indonesia]
    [Setuju]
    [Ya, ingatkan saya]
    [Tidak perlu]
    daftar
    [Saya sendiri]
    5271 01 410587
    5271.0141.0587.0002
    [Benar]
    Siti Contoh
    Mataram
    Inaq Rahmah Contoh
    (a card of her own)
    kota mataram
    ampenan
    bintaro
    Jalan Contoh 1
    [Makanan atau minuman]
    Pasar Contoh
    [Pagi sampai siang]
    1
    [JKK + JKM]
    Ahmad Contoh
    [Anak]
    [Tidak, cukup]
    (an album)
    (a photo)
    [Benar, kirim]
"""


@dataclass
class Registered:
    """What is left after the talk."""

    api: TelegramApi
    database: Database
    program: Program
    folder: Path
    mode: str
    figures: str  # what /metrics said


@pytest.fixture(scope="module", params=["webhook", "polling"])
def registered(
    request: pytest.FixtureRequest, a_ring: KeyRing, ring_text: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registered]:
    """One vendor from her first word to her number; by webhook much goes wrong around her."""
    folder = tmp_path_factory.mktemp(request.param)
    use_keys(a_ring)
    url = f"sqlite:///{folder / 'jagalapak.db'}"
    migrate(url)
    database = open_database(url)
    with TelegramApi(pace=0.01) as api, Program(folder, url, ring_text, api, mode=request.param) as program:
        program.start()
        for line in TALK.split("\n    ")[1:]:
            if request.param == "webhook":
                go_wrong(api, database, program, line.strip())
            say(api, database, line.strip())
        until(lambda: "Pendaftaran sudah terkirim" in api.texts(WHO)[-1])
        until_quiet(database)
        figures = httpx.get(f"{program.url}/metrics", timeout=20).text
        yield Registered(api, database, program, folder, request.param, figures)
    database.close()


def say(api: TelegramApi, database: Database, line: str) -> None:
    """One line of the talk; the next waits for its answer."""
    answers = len(api.texts(WHO))
    if line.startswith("["):
        api.taps(SITI, button(api, SITI, line[1:-1]))
    elif line == "(a card of her own)":
        card = {"phone_number": f"62{PHONE[1:]}", "first_name": "Siti", "user_id": SITI}
        api.deliver({"message": {**private_message(SITI), "contact": card}})
    elif line == "(an album)":
        for number in (1, 2):
            api.put_file(f"card-{number}", sample_ktp(f"Contoh {number}"))
            api.deliver({"message": {**private_message(SITI), **photo(f"card-{number}", media_group_id="both")}})
    elif line == "(a photo)":
        api.put_file("card", sample_ktp("Siti Contoh"))
        api.deliver({"message": {**private_message(SITI), **photo("card"), "caption": f"NIK saya {NIK}"}})
    else:
        api.says(SITI, line)
    until(lambda: len(api.texts(WHO)) > answers)


def go_wrong(api: TelegramApi, database: Database, program: Program, line: str) -> None:
    """Trouble just before some lines, of kinds that a careless log would quote."""
    if line == "Siti Contoh":
        api.throttle(1, method="sendMessage")
    elif line == "Mataram":
        api.drop(accepted=False, method="sendMessage", chat="43")
        api.refuse(403, BLOCKED, method="sendMessage", chat="44")
        for chat in (43, 44):
            api.says(chat, f"nomor saya {PHONE}")
    elif line == "bintaro":
        knock(program)
    elif line == "[Benar, kirim]":
        fail_once(database)


def knock(program: Program) -> None:
    """A stranger at the door, who knows much but not the secret; and what is no update."""
    door = f"{program.url}/webhooks/telegram/main"
    for secret, body in (("guess", b"{}"), (SECRET, f'{{"text": "{NIK}"'.encode()), (SECRET, b"[]")):
        httpx.post(door, content=body, headers={"X-Telegram-Bot-Api-Secret-Token": secret}, timeout=20)
    httpx.post(f"{program.url}/bot{TOKEN}/{PHONE}", json=said(SITI, NIK), timeout=20)


def fail_once(database: Database) -> None:
    """Her application cannot be stored, with an error that quotes her; at the second try it can."""
    is_first_try = "(SELECT coalesce(max(attempts), 0) FROM received WHERE kind = 'tap') < 2"
    quote = f"{NIK} of {MOTHER} at {PHONE} with {TOKEN}"
    trigger = f"""
        CREATE TRIGGER quoting BEFORE INSERT ON application WHEN {is_first_try}
        BEGIN SELECT json_extract('{{}}', CAST(x'{quote.encode().hex()}' AS TEXT)); END
    """
    database.transact(lambda db: db.connection().execute(text(trigger)))


# ── it works ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_her_application_waits_for_the_officers_with_its_photo(registered: Registered):
    """A whole registration over the Bot API: album, photo by getFile, her own contact, presses and words."""
    (application,) = registered.database.read(lambda db: db.exec(select(Application)).all())
    answers = applications.answers_of(application)
    assert (application.status, application.doubts) == ("submitted", [])
    assert (answers["nik"], answers["mother"], answers["phone"]) == (NIK, MOTHER, f"+62{PHONE[1:]}")
    assert f"nomor {application.number}" in registered.api.texts(WHO)[-1]
    card = registered.database.read(lambda db: documents.get_content(db, "main", answers["ktp"]))
    assert card.startswith(b"\xff\xd8")
    assert registered.database.read(lambda db: len(db.exec(select(Document)).all())) == 1  # the album was not kept


def test_every_line_was_answered_once(registered: Registered):
    """A1, B7: troubles on the way neither lost nor doubled an answer."""
    assert len(registered.api.texts(WHO)) == len(TALK.split("\n    ")) - 1
    assert set(statuses(registered.database, SITI)) == {"accepted"}
    assert heard(registered.database).keys() == {"done"}


def test_a_press_loses_its_waiting_sign_at_once(registered: Registered):
    """By webhook in the very answer to the press, by polling in a call of its own."""
    answered = registered.api.calls_of("answerCallbackQuery")
    assert len(answered) == TALK.count("[")
    assert {call.via for call in answered} == {"webhook" if registered.mode == "webhook" else "http"}


@pytest.mark.skipif(not PUBLISHED.exists(), reason=f"{PUBLISHED.name} does not lie beside the checkout")
def test_every_request_kept_the_published_specification(registered: Registered):
    """Each parameter of each call, as Telegram's own server would check it."""
    assert registered.api.spec
    assert registered.api.violations == []


# ── and tells nobody ─────────────────────────────────────────────────────────────────────────────────────────────


def secrets(ring_text: str) -> dict[str, str]:
    """What must stand nowhere, as a pattern."""
    keys = [key.partition(":")[2] for key in re.split(r"[,;\s]+", ring_text)]
    return {
        "NIK": r"5271[ .]?01[ .]?41[ .]?0587",
        "phone number": PHONE[1:],
        "mother": MOTHER,
        "token": TOKEN.partition(":")[2],
        "webhook secret": SECRET,
        "keys": "|".join(re.escape(key) for key in keys),
    }


def test_nothing_secret_stands_in_the_log(registered: Registered, ring_text: str):
    """F9: the whole standard error at DEBUG, errors with quoting texts included."""
    log = registered.program.log.read_text()
    if registered.mode == "webhook":
        assert "a turn failed" in log and "OperationalError" in log  # it did go wrong, and was told
    assert {name for name, found in secrets(ring_text).items() if re.search(found, log)} == set()


def test_nothing_secret_stands_in_the_figures(registered: Registered, ring_text: str):
    """F9: /metrics; and no label names a person."""
    assert "bot_inbound_total" in registered.figures
    assert {name for name, found in secrets(ring_text).items() if re.search(found, registered.figures)} == set()
    assert not re.search(rf'"[^"]*\b{SITI}\b[^"]*"', registered.figures)


def test_nothing_secret_stands_in_the_files(registered: Registered, ring_text: str):
    """F9: the bytes of the database and of its journal, and whatever else lies there."""
    for path in registered.folder.iterdir():
        written = path.read_bytes().decode("latin-1")
        found = {name for name, pattern in secrets(ring_text).items() if re.search(pattern, written)}
        assert (path.name, found) == (path.name, set())
