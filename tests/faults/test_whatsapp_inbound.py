"""What comes in on WhatsApp counts once, comes from Twilio alone, and may be anything (A, D, F2)."""

import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from socket import socket

import pytest
from PIL import Image
from prometheus_client import REGISTRY
from sqlmodel import select

from bot import copies, inbox, turn
from bot.clock import MovableClock
from bot.running import Running
from conversations import engine
from storage.database import Database
from storage.tables import Address, Document
from tests.conftest import postgres_only, sqlite_only
from tests.fakes.pdfs import locked_slip, slip
from tests.fakes.photos import sample_ktp
from tests.fakes.twilio_api import (
    AUTH_TOKEN,
    SITI,
    TwilioApi,
    contact,
    document,
    incoming_form,
    location,
    photo,
    pick,
    signed,
    sticker,
    video,
    voice,
)
from tests.faults.house import NIK, heard, until, until_quiet
from tests.faults.whatsapp_house import (
    MESSAGES,
    PUBLIC,
    RINA,
    UNTIL_KTP,
    WELCOME,
    TwilioDoor,
    WhatsAppProgram,
    bot_on_whatsapp,
    link_in,
    step_of,
)

STATUS = f"{MESSAGES}/status"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be fetched is fetched again within moments, and an album is together soon."""
    monkeypatch.setattr(inbox, "LADDER", (0.02,) * 5)
    monkeypatch.setattr(turn, "ALBUM", timedelta(milliseconds=50))


# ── once ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_that_comes_five_times_at_once_counts_once(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """A2: of a stranger, and of somebody whom we know; five times 200."""
    for text, step in (("halo", "choose_language"), ("1", "ask_consent")):
        form = incoming_form(SITI, text)
        with ThreadPoolExecutor(5) as posts:
            answers = list(posts.map(lambda _post, same=form: webhook.post(same), range(5)))
        assert [answer.status_code for answer in answers] == [200] * 5
        assert step_of(bot.database, SITI) == step
    until_quiet(bot.database)
    assert heard(bot.database) == {"done": 2}
    assert len(twilio.said_to(SITI)) == 2


@postgres_only
def test_a_message_that_comes_to_two_processes_at_once_counts_once(
    database: Database, twilio: TwilioApi, tmp_path: Path, ring_text: str
):
    """A2: as when Twilio loses patience with one of them."""
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    folders = [tmp_path / "one", tmp_path / "other"]
    for folder in folders:
        folder.mkdir()
    one, other = (WhatsAppProgram(folder, url, ring_text, twilio) for folder in folders)
    with one, other:
        one.start()
        other.start("--web")
        doors = [TwilioDoor(program.url, twilio) for program in (one, other)]
        for text, step in (("halo", "choose_language"), ("1", "ask_consent"), ("setuju", "ask_reminders")):
            form = incoming_form(SITI, text)
            with ThreadPoolExecutor(5) as posts:
                answers = list(posts.map(lambda number, same=form: doors[number % 2].post(same), range(5)))
            assert [answer.status_code for answer in answers] == [200] * 5
            assert step_of(database, SITI) == step
        until_quiet(database)
    assert heard(database) == {"done": 3}
    assert len(twilio.said_to(SITI)) == 3


def test_a_changed_message_under_an_old_signature_is_turned_away(bot: Running, webhook: TwilioDoor):
    """A3: no row, and no word about why."""
    form = incoming_form(SITI, "halo")
    headers = signed(PUBLIC + MESSAGES, form)
    for changed in ({**form, "Body": "setuju"}, {**form, "From": f"whatsapp:{RINA}"}, form | {"Body2": "x"}):
        answer = webhook.client.post(MESSAGES, data=changed, headers=headers)
        assert (answer.status_code, answer.content) == (403, b"")
    assert heard(bot.database) == {}
    assert bot.database.read(lambda db: db.exec(select(Address)).all()) == []


def test_a_signed_message_that_comes_again_after_a_month_has_no_effect(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """A4: a signature has no time and is good for ever; the message's id is not."""
    form = incoming_form(SITI, "1")
    webhook.says(SITI, "halo")
    webhook.post(form)
    until_quiet(bot.database)
    clock.move_to(clock.now() + timedelta(days=30))
    assert webhook.post(form).status_code == 200
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "ask_consent"
    assert (heard(bot.database), len(twilio.said_to(SITI))) == ({"done": 2}, 2)


# ── from Twilio alone ────────────────────────────────────────────────────────────────────────────────────────────

PROXIES = {
    "as it is": (PUBLIC, MESSAGES, {}),
    "a port that Twilio names and we do not": (f"{PUBLIC}:443", MESSAGES, {}),
    "a query string": (PUBLIC, f"{MESSAGES}?via=1&x=%20y", {}),
    "a fragment that says how often to try": (PUBLIC, f"{MESSAGES}#rc=5&rp=all&rt=5000", {}),
    "fields that Twilio adds without notice": (PUBLIC, MESSAGES, {"Hologram": "3", "Empty": "", "Emoji": "🌽 &=+%"}),
    "words with spaces around them": (PUBLIC, MESSAGES, {"Body": "  halo  \n"}),
    "a photo without a caption": (PUBLIC, MESSAGES, {"Body": "", "NumMedia": "0"}),
}


@sqlite_only
@pytest.mark.parametrize(("seen_as", "path", "more"), PROXIES.values(), ids=PROXIES.keys())
def test_what_twilio_signed_passes_however_it_came_to_us(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, seen_as: str, path: str, more: dict[str, str]
):
    """F2: we listen on http on another port; Twilio signed our public address."""
    assert webhook.post(incoming_form(SITI, **more), path=path, seen_as=seen_as).status_code == 200
    until_quiet(bot.database)
    assert len(twilio.said_to(SITI)) == 1


FORGED = {
    "http instead of https": {"seen_as": "http://bot.contoh.id"},
    "another host": {"seen_as": "https://contoh.id"},
    "the address where we listen": {"seen_as": "http://127.0.0.1"},
    "a stranger's token": {"token": "a-guess-of-a-stranger-0000000000"},
}


@sqlite_only
@pytest.mark.parametrize("how", FORGED.values(), ids=FORGED.keys())
@pytest.mark.parametrize("path", [MESSAGES, STATUS])
def test_what_somebody_else_signed_is_turned_away(bot: Running, webhook: TwilioDoor, how: dict[str, str], path: str):
    """F2: whatever its headers say of where it was sent; and it is counted."""
    form = incoming_form(SITI, "halo", MessageStatus="sent")
    before = turned_away("signature")
    webhook.client.headers.update({"X-Forwarded-Host": "contoh.id", "X-Forwarded-Proto": "http", "Host": "contoh.id"})
    assert webhook.post(form, path=path, **how).status_code == 403
    assert turned_away("signature") == before + 1
    assert heard(bot.database) == {}


def turned_away(reason: str) -> float:
    """How many requests were, as `/metrics` counts them."""
    labels = {"channel": "whatsapp", "reason": reason}
    return REGISTRY.get_sample_value("bot_inbound_rejected_total", labels) or 0.0


@sqlite_only
def test_what_is_not_signed_or_no_form_is_turned_away(bot: Running, webhook: TwilioDoor):
    """F1, F2: no signature, an odd one, a query that was not signed, another door, too much, too many, not text."""
    form = incoming_form(SITI, "halo")
    headers = signed(PUBLIC + MESSAGES, form)
    odd = {**headers, "X-Twilio-Signature": "käse"}
    post = webhook.client.post
    assert post(MESSAGES, data=form).status_code == 403
    assert post(MESSAGES, data=form, headers={name: value.encode() for name, value in odd.items()}).status_code == 403
    assert post(f"{MESSAGES}?m=1", data=form, headers=headers).status_code == 403
    assert post("/webhooks/twilio/other", data=form, headers=headers).status_code == 404
    assert post(MESSAGES, content=b"x" * 2_000_000, headers=headers).status_code == 413
    assert post(MESSAGES, content=b"&".join([b"x=1"] * 300), headers=headers).status_code == 400
    assert post(MESSAGES, content=b"Body=\xff\xfe", headers=headers).status_code == 400
    assert webhook.client.get(MESSAGES).status_code == 404
    assert heard(bot.database) == {}


@sqlite_only
def test_two_tokens_are_good_while_one_takes_the_others_place(
    database: Database, twilio: TwilioApi, clock: MovableClock, tmp_path: Path
):
    """F2: the signature changes at Twilio a moment before or after our settings; and we may live below a path."""
    more = {"TWILIO_AUTH_TOKEN": f"the-next-token-of-no-account-0000,{AUTH_TOKEN}", "PUBLIC_BASE_URL": f"{PUBLIC}/bot"}
    with bot_on_whatsapp(database, twilio, clock, tmp_path, **more) as (_bot, webhook):
        twilio.routes[f"{PUBLIC}/bot"] = twilio.routes.pop(PUBLIC)
        tokens = (AUTH_TOKEN, "the-next-token-of-no-account-0000", "neither-of-the-two-0000000000000")
        forms = [incoming_form(SITI, "halo") for _token in tokens]
        answers = [
            webhook.post(form, token=token, seen_as=f"{PUBLIC}/bot").status_code
            for form, token in zip(forms, tokens, strict=True)
        ]
        assert answers == [200, 200, 403]
        until_quiet(database)
        assert len(twilio.said_to(SITI)) == 2


# ── whatever it is ───────────────────────────────────────────────────────────────────────────────────────────────

ANSWERS = {
    "a number": ("ask_consent", "1", "ask_reminders"),
    "a number with a dot": ("ask_consent", "1.", "ask_reminders"),
    "a keycap": ("ask_consent", "1️⃣", "ask_reminders"),
    "the number in words": ("ask_consent", " satu", "ask_reminders"),
    "with a capital": ("ask_consent", "Satu", "ask_reminders"),
    "the label": ("ask_consent", "setuju", "ask_reminders"),
    "the label in capitals": ("ask_consent", "SETUJU!", "ask_reminders"),
    "ten as a keycap is no answer": ("ask_consent", "🔟", "ask_consent"),
    "a label that was cut": ("choose_trade", "Kerajinan atau oleh…", "ask_workplace"),
}


@sqlite_only
@pytest.mark.parametrize(("at", "text", "step"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_may_be_typed_in_many_ways(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, at: str, text: str, step: str
):
    """D3: over signed webhooks."""
    lead_to(at, bot, webhook)
    webhook.says(SITI, text)
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == step


def lead_to(step: str, bot: Running, webhook: TwilioDoor) -> None:
    """Siti, up to this question."""
    webhook.says(SITI, "halo", "1")
    if step != "ask_consent":
        webhook.says(SITI, *WELCOME[2:], "daftar", "1")
        until_quiet(bot.database)
        assert webhook.fills_in(link_in(webhook.api.said_to(SITI)[-1]), NIK).status_code == 200
        webhook.says(SITI, "benar")
        for text in UNTIL_KTP:
            if step_of(bot.database, SITI) == step:
                break
            webhook.says(SITI, text)
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == step


def odd_forms(twilio: TwilioApi) -> dict[str, dict[str, str]]:
    """What people send where a word is wanted."""
    file = twilio.store_media
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Contoh;Rina\r\nTEL:+6281200000002\r\nEND:VCARD\r\n"
    return {
        "voice": voice(file(b"OggS", "audio/ogg")),
        "video": video(file(b"....ftyp", "video/mp4")),
        "sticker": sticker(file(b"RIFF....WEBP", "image/webp")),
        "location": location(),
        "contact": contact(file(card, "text/vcard")),
        "document": document(file(b"%PDF-1.7", "application/pdf")),
        "photo": photo(file(sample_ktp("Siti"))),
        "empty": incoming_form(SITI, ""),
        "unsupported": incoming_form(SITI, "", MessageType="unsupported"),
        "a row of a list from long ago": pick("Ampenan", "1.0000|choose_district|527101"),
        "nothing but a joiner": incoming_form(SITI, "\u200d"),
    }


@sqlite_only
@pytest.mark.usefixtures("soon")
def test_whatever_else_she_sends_is_met_with_a_helpful_word(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """D3: nothing crashes, nothing is lost, the question stays."""
    for kind, form in odd_forms(twilio).items():
        webhook.says(SITI, "menu")  # or she would be handed to a human after three of these
        until_quiet(bot.database)
        before, step = len(twilio.said_to(SITI)), step_of(bot.database, SITI)
        assert webhook.post(form).status_code == 200
        until_quiet(bot.database)
        (answer,) = twilio.said_to(SITI)[before:]
        assert (kind, bool(answer.strip())) == (kind, True)
        assert (kind, step_of(bot.database, SITI)) == (kind, step)
    assert heard(bot.database).keys() == {"done"}


@sqlite_only
def test_what_is_nothing_for_us_is_thanked_for_and_counted(bot: Running, webhook: TwilioDoor):
    """A17: no sender, no id, a sender who cannot be."""
    before = turned_away("not_for_us")
    for odd in ({"From": ""}, {"From": "whatsapp:nobody"}, {"MessageSid": "", "SmsSid": "", "SmsMessageSid": ""}):
        assert webhook.post({**incoming_form(SITI, "halo"), **odd}).status_code == 200
    assert turned_away("not_for_us") == before + 3
    assert heard(bot.database) == {}


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_five_photos_at_once_are_one_answer(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
):
    """A15: WhatsApp sends the pictures of one selection one by one: one question back, then one photo answers."""
    monkeypatch.setattr(turn, "ALBUM", timedelta(milliseconds=500))
    lead_to("ask_ktp", bot, webhook)
    before = len(twilio.said_to(SITI))
    forms = [photo(twilio.store_media(sample_ktp(f"Contoh {number}"))) for number in range(5)]
    with ThreadPoolExecutor(5) as posts:
        assert {answer.status_code for answer in posts.map(webhook.post, forms)} == {200}
    until_quiet(bot.database)
    assert len(twilio.said_to(SITI)) == before + 1
    assert "Kami menerima 5 foto. Kirim satu saja." in twilio.said_to(SITI)[-1]
    assert step_of(bot.database, SITI) == "ask_ktp"
    webhook.shows(SITI, sample_ktp("Siti"))
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "review"


def encoded(kind: str) -> bytes:
    """A small picture of that kind."""
    file = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(file, kind)
    return file.getvalue()


def unfolding() -> bytes:
    """A small PNG of 30,000 by 30,000 pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(3_751) * 30_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


BAD = {
    "nothing": (lambda: b"", "kosong"),
    "half a JPEG": (lambda: sample_ktp("Siti")[:9_000], "rusak"),
    "half a PDF that calls itself a JPEG": (lambda: slip()[:500], "rusak"),
    "a PDF with a password": (lambda: locked_slip("rahasia"), "terkunci"),
    "a GIF": (lambda: encoded("GIF"), "bukan foto"),
    "an SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bukan foto"),
    "thirty thousand pixels square": (unfolding, "terlalu besar"),
    "a byte more than twenty megabytes": (lambda: sample_ktp("Siti").ljust((20 << 20) + 1, b"\0"), "terlalu besar"),
}


@sqlite_only
@pytest.mark.usefixtures("soon")
def test_bad_files_are_refused_kindly_and_a_good_one_is_taken_after_them(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi
):
    """D8: nothing of them is kept, neither here nor at Twilio."""
    lead_to("ask_ktp", bot, webhook)
    for name, (content, why) in BAD.items():
        webhook.shows(SITI, content())
        until_quiet(bot.database)
        assert (name, why in twilio.said_to(SITI)[-1]) == (name, True)
        assert (name, step_of(bot.database, SITI)) == (name, "ask_ktp")
        assert bot.database.read(lambda db: db.exec(select(Document)).all()) == []
    webhook.shows(SITI, sample_ktp("Siti"))
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "review"
    until(lambda: len(twilio.deleted) == len(BAD) + 1)


@sqlite_only
@pytest.mark.usefixtures("soon")
def test_a_pdf_is_taken_where_a_photo_is_and_not_kept(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """D8: only a picture of it stays."""
    lead_to("ask_ktp", bot, webhook)
    webhook.post(document(twilio.store_media(slip(), "application/pdf")))
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "review"
    (kept,) = bot.database.read(lambda db: db.exec(select(Document)).all())
    assert (kept.width, kept.height) == (1600, 2262)


@sqlite_only
@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    "go_wrong",
    [
        lambda api: api.refuse(401, 20003, path="/Media/", verb="GET"),
        lambda api: api.fail(503, accepted=False, path="/Media/", verb="GET", times=2),
        lambda api: api.stall(0.5, path="/Media/", verb="GET"),
        lambda api: api.drop(accepted=False, path="/cdn/"),
        lambda api: api.refuse(429, 20429, path="/Media/", verb="GET"),
    ],
    ids=["refused once", "failing twice", "slow", "broken off", "throttled"],
)
def test_a_photo_that_does_not_come_at_once_is_fetched_again(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, go_wrong: Callable[[TwilioApi], None]
):
    """D10: she need not send it again; and Twilio's copy stays until we have it."""
    lead_to("ask_ktp", bot, webhook)
    go_wrong(twilio)
    webhook.shows(SITI, sample_ktp("Siti"))
    until_quiet(bot.database)
    assert step_of(bot.database, SITI) == "review"
    assert bot.database.read(lambda db: len(db.exec(select(Document)).all())) == 1
    until(lambda: len(twilio.deleted) == 1)


@contextmanager
def listening() -> Iterator[socket]:
    """Another server on this machine."""
    with closing(socket()) as ears:
        ears.bind(("127.0.0.1", 0))
        ears.listen()
        ears.settimeout(0)
        yield ears


def was_called(ears: socket) -> bool:
    try:
        ears.accept()[0].close()
    except BlockingIOError:
        return False
    return True


PLACES = (
    "http://169.254.169.254/latest/meta-data/",
    "http://localhost:{port}/x",
    "http://127.0.0.1:{port}/x",
    "//127.0.0.1:{port}/x",
    "https://bot.contoh.id/x",
    "http://mms.twiliocdn.com/x",
    "file:///etc/passwd",
    "",
)


@sqlite_only
@pytest.mark.usefixtures("soon")
def test_a_photo_that_is_gone_or_elsewhere_is_asked_for_again_and_nobody_else_is_called(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi
):
    """D10: nothing is sent to where a redirect leads unless Twilio keeps files there, least of all our key."""
    lead_to("ask_ktp", bot, webhook)
    with listening() as ears:
        for place in PLACES:
            twilio.faults.clear()
            if place:
                twilio.redirect(place.format(port=ears.getsockname()[1]), times=None, verb="GET")
            else:
                twilio.refuse(404, 20404, path="/Media/", verb="GET", times=None)
            before = len(twilio.said_to(SITI))
            webhook.shows(SITI, sample_ktp("Siti"))
            until_quiet(bot.database)
            (answer,) = twilio.said_to(SITI)[before:]
            assert (place, "Fotonya belum bisa kami ambil" in answer or "petugas" in answer) == (place, True)
            assert not was_called(ears)
    assert bot.database.read(lambda db: db.exec(select(Document)).all()) == []


@sqlite_only
@pytest.mark.usefixtures("soon")
def test_a_file_that_lies_elsewhere_from_the_start_is_not_asked_for(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi
):
    """D10: signed or not, we show our key to nobody but Twilio's API, and only for our own account."""
    lead_to("ask_ktp", bot, webhook)
    with listening() as ears:
        port = ears.getsockname()[1]
        url = twilio.store_media(sample_ktp("Siti"))
        for number, odd in enumerate(
            (f"http://127.0.0.1:{port}/x", url.replace("AC0", "AC1"), url + "?x", url.replace("//", "//a@"))
        ):
            before = len(twilio.said_to(SITI))
            webhook.post(photo(odd, MessageSid=f"MM{number:032}"))
            until_quiet(bot.database)
            assert len(twilio.said_to(SITI)) == before + 1
        assert not was_called(ears)
    assert "Fotonya belum bisa kami ambil" in twilio.said_to(SITI)[-1]
    assert twilio.calls_of("Media", verb="GET") == []


def test_twilios_copy_is_deleted_once_the_message_is_answered(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, clock: MovableClock
):
    """What Twilio does not delete at once it is asked to delete again, ten minutes later."""
    lead_to("ask_consent", bot, webhook)
    twilio.fail(503, accepted=False, path="/Media/", verb="DELETE")
    webhook.shows(SITI, sample_ktp("Siti"))
    until(lambda: twilio.refusals[503] == 1)
    url = twilio.store_media(b"OggS", "audio/ogg")
    webhook.post(voice(url))
    until(lambda: twilio.deleted == [url.rpartition("/")[2]])
    clock.move_to(clock.now() + copies.AGAIN + timedelta(seconds=1))
    until(lambda: len(twilio.deleted) == 2)
    assert twilio.account.media == {}


@sqlite_only
def test_a_copy_that_is_gone_already_is_deleted(bot: Running, webhook: TwilioDoor, twilio: TwilioApi):
    """Twilio says 404, and is not asked again."""
    lead_to("ask_consent", bot, webhook)
    url = twilio.store_media(b"OggS", "audio/ogg")
    del twilio.account.media[url.rpartition("/")[2]]
    webhook.post(voice(url))
    until(lambda: twilio.refusals[404] == 1)
    until(lambda: bot.database.read(copies_left) == 0)


def copies_left(db) -> int:
    """How many messages have files that still lie at Twilio, as far as we know."""
    return int(
        db.connection().exec_driver_sql("SELECT count(*) FROM received WHERE delete_at IS NOT NULL").scalar_one()
    )


@pytest.mark.usefixtures("soon")
def test_the_copy_of_a_message_that_can_never_be_answered_is_deleted_too(
    bot: Running, webhook: TwilioDoor, twilio: TwilioApi, monkeypatch: pytest.MonkeyPatch
):
    """A8: it is buried, she is told, and her file does not lie at Twilio for ever."""
    lead_to("ask_consent", bot, webhook)

    def fail(*_facts: object) -> None:
        raise ValueError("nobody can answer this")

    monkeypatch.setattr(engine, "reply", fail)
    webhook.shows(SITI, sample_ktp("Siti"))
    until_quiet(bot.database)
    assert heard(bot.database)["dead"] == 1
    assert "belum bisa kami olah" in twilio.said_to(SITI)[-1]
    until(lambda: len(twilio.deleted) == 1)
