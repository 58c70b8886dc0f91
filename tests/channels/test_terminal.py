"""The terminal as a phone: what a line sends, and how a reply reads."""

from datetime import UTC, datetime

import pytest

from bot.channels import terminal
from bot.channels.errors import Gone, TooBig
from bot.channels.terminal import ABILITIES, NotAMessage, Terminal
from domain.message import Address, Attachment, Button, Kind, Reply
from domain.picture import Picture

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SITI = Address("terminal/main", "siti")
YES_NO = (Button("Ya", "5:yes"), Button("Tidak", "5:no"))


def read(line, buttons=()):
    return terminal.read(line, SITI, NOW, name="Siti", buttons=buttons)


# ── verify and read ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_is_a_message():
    incoming = read("  daftar \n")
    assert (incoming.kind, incoming.text) == (Kind.TEXT, "daftar")
    assert (incoming.sender, incoming.profile_name, incoming.sent_at) == (SITI, "Siti", NOW)


def test_the_same_line_twice_is_two_messages():
    assert read("1").provider_id != read("1").provider_id


@pytest.mark.parametrize("line", ["", "   ", "x" * (ABILITIES.text + 1)])
def test_what_no_phone_sends_is_no_message(line):
    assert not terminal.verify(line)
    with pytest.raises(NotAMessage, match="1 to 4,096"):
        read(line)


def test_control_characters_stay_in_the_terminal():
    assert read("da\x1b[31mftar\x07").text == "da[31mftar"


@pytest.mark.parametrize("line", ["/start", "/menu", "/tapioka", "/photos"])
def test_a_command_of_the_bot_is_sent_as_it_is(line):
    assert (read(line).kind, read(line).text) == (Kind.TEXT, line)


def test_a_tap_carries_what_the_button_carries():
    incoming = read("/tap 2", YES_NO)
    assert (incoming.kind, incoming.tap, incoming.text) == (Kind.TAP, "5:no", "")


@pytest.mark.parametrize("line", ["/tap", "/tap 0", "/tap 3", "/tap Ya"])
def test_a_button_that_is_not_there_cannot_be_tapped(line):
    with pytest.raises(NotAMessage, match="2 buttons"):
        read(line, YES_NO)
    with pytest.raises(NotAMessage, match="no button"):
        read(line)


def test_a_photo_is_a_file_of_this_machine(tmp_path):
    path = tmp_path / "ktp saya.jpg"
    path.write_bytes(b"jpeg")
    incoming = read(f"/photo {path}")
    assert incoming.kind is Kind.PHOTO
    assert incoming.attachments == (Attachment(str(path), "image/jpeg", 4, "ktp saya.jpg"),)


@pytest.mark.parametrize("line", ["/photo", "/photo nowhere.jpg", "/photo /"])
def test_a_photo_that_is_not_there_is_asked_for(line):
    with pytest.raises(NotAMessage, match="a file that is there"):
        read(line)


def test_her_own_number_can_be_shared():
    contact = read("/number 081200000001").contact
    assert (contact.phone, contact.own) == ("081200000001", True)
    with pytest.raises(NotAMessage, match="Whose number"):
        read("/number")


def test_a_sticker_is_a_sticker():
    assert read("/sticker").kind is Kind.STICKER


# ── draw ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_choices_are_numbered():
    drawn = terminal.draw(Reply("Benar?", YES_NO))
    assert drawn.text == "Benar?\n1. Ya\n2. Tidak"
    assert drawn.buttons == YES_NO


def test_buttons_that_are_no_answers_say_how_to_tap_them():
    assert terminal.draw(Reply("Ada tugas.", YES_NO[:1], numbered=False)).text == "Ada tugas.\n[Ya: /tap 1]"


def test_a_question_for_her_number_says_how_to_share_it():
    share = (Button("Bagikan nomor saya", ""), Button("Lewati", ""))
    drawn = terminal.draw(Reply("Nomor HP?", share, numbered=False, asks_contact=True))
    assert drawn.text == "Nomor HP?\n[Bagikan nomor saya: /number 081200000001]\n[Lewati]"
    assert drawn.buttons == ()


def test_a_photo_is_only_mentioned():
    assert terminal.draw(Reply("Foto KTP.", document="d1")).text == "[a photo]\nFoto KTP."


async def test_a_file_is_mentioned_by_its_name():
    shown = []
    wire = Terminal(lambda to, text: shown.append(text))
    page = Picture(b"%PDF-1.4", "application/pdf", "KW-2026-000001.pdf")
    await wire.send("siti", terminal.draw(Reply("Ini kwitansinya.", document="d1", file=True)), page)
    assert shown == ["[file KW-2026-000001.pdf]\nIni kwitansinya."]


def test_nothing_that_somebody_typed_moves_the_cursor():
    assert terminal.draw(Reply("Nama: \x1b[2JSiti\x9b\tA\nBenar?")).text == "Nama: [2JSitiA\nBenar?"


# ── send and fetch ───────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_reply_is_shown_to_whom_it_is_for():
    shown = []
    wire = Terminal(lambda to, text: shown.append((to, text)))
    await wire.send("siti", terminal.draw(Reply("Benar?", YES_NO)))
    await wire.send("budi", terminal.draw(Reply("Halo.")))
    assert shown == [("siti", "Benar?\n1. Ya\n2. Tidak"), ("budi", "Halo.")]
    assert wire.buttons == {"siti": YES_NO, "budi": ()}


async def test_a_photo_is_read_where_it_lies(tmp_path):
    path = tmp_path / "ktp.jpg"
    path.write_bytes(b"jpeg")
    wire = Terminal(lambda to, text: None)
    assert await wire.fetch(Attachment(str(path)), 4) == b"jpeg"
    with pytest.raises(TooBig):
        await wire.fetch(Attachment(str(path)), 3)
    path.unlink()
    with pytest.raises(Gone):
        await wire.fetch(Attachment(str(path)), 4)
