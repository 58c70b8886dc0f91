"""A reply looks in each app as that app would show it."""

import pytest

from bot.channels import whatsapp
from bot.channels.fitting import TextTooLong, fit, units
from bot.channels.webchat import draw
from bot.channels.webchat_looks import ABILITIES, Look, look_of
from domain.message import Address, Button, Reply


def choices(*labels, **more):
    return Reply("Pilih:", tuple(Button(label, f"b{number}") for number, label in enumerate(labels)), **more)


def drawn(reply, look):
    """The reply as it is sent there: fitted first, a message for each piece."""
    return [draw(piece, look) for piece in fit(reply, ABILITIES[look])]


def test_an_address_tells_in_which_app_it_is():
    assert [look_of(Address(look.account, "siti")) for look in Look] == list(Look)


def test_telegram_shows_every_button_below_the_text_and_prints_the_numbers():
    shown = draw(choices("Benar", "Ketik ulang NIK"), Look.TELEGRAM)
    assert shown["text"] == "Pilih:\n1. Benar\n2. Ketik ulang NIK"
    assert shown["menu"] == "inline"
    assert [button["label"] for button in shown["buttons"]] == ["Benar", "Ketik ulang NIK"]
    assert [button["data"] for button in shown["buttons"]] == ["b0", "b1"]


def test_telegram_asks_for_her_number_with_the_first_button_alone():
    reply = Reply("Nomor HP?", (Button("Bagikan nomor saya", ""), Button("Lewati", "")), asks_contact=True)
    shown = draw(reply, Look.TELEGRAM)
    assert shown["menu"] == "keyboard"
    assert [button["contact"] for button in shown["buttons"]] == [True, False]


def test_whatsapp_has_no_button_that_shares_a_number():
    reply = Reply("Nomor HP?", (Button("Bagikan nomor saya", ""),), asks_contact=True)
    assert draw(reply, Look.WHATSAPP)["buttons"] == []


def test_whatsapp_shows_three_buttons_and_cuts_what_the_text_says_in_full():
    shown = draw(choices("Ya", "Tidak", "Bicara dengan petugas saja"), Look.WHATSAPP)
    assert shown["menu"] == "quick"
    assert [button["label"] for button in shown["buttons"]] == ["Ya", "Tidak", "Bicara dengan petug…"]
    assert "3. Bicara dengan petugas saja" in shown["text"]


def test_whatsapp_turns_four_buttons_into_a_list_and_says_below_what_a_row_cuts():
    shown = draw(choices("Satu", "Dua", "Tiga", "Laporkan kecelakaan kerja"), Look.WHATSAPP)
    assert shown["menu"] == "list"
    last = shown["buttons"][3]
    assert (last["label"], last["description"]) == ("Laporkan kecelakaan ker…", "Laporkan kecelakaan kerja")


def test_whatsapp_prints_numbers_alone_where_a_list_has_no_room():
    (shown,) = drawn(choices(*(f"Pilihan {number}" for number in range(1, 12))), Look.WHATSAPP)
    assert (shown["menu"], shown["buttons"]) == ("", [])
    assert "11. Pilihan 11" in shown["text"]


def test_the_demo_shows_what_the_real_channel_sends():
    reply = choices("Satu", "Dua", "Tiga", "Laporkan kecelakaan kerja")
    real, shown = whatsapp.draw(reply), draw(reply, Look.WHATSAPP)
    assert ABILITIES[Look.WHATSAPP] is whatsapp.ABILITIES
    assert (shown["text"], shown["menu"]) == (real.text, real.kind)
    assert [button["label"] for button in shown["buttons"]] == [row.title for row in real.rows]


def test_a_file_comes_with_its_words_or_before_them_as_in_the_app():
    reply = Reply("Ini kwitansinya.", document="d1", file=True)
    (whole,) = drawn(reply, Look.TELEGRAM)
    assert (whole["document"], whole["file"], whole["text"]) == ("d1", True, "Ini kwitansinya.")
    page, words = drawn(reply, Look.WHATSAPP)
    assert (page["document"], page["file"], page["text"]) == ("d1", True, "")
    assert (words["document"], words["file"], words["text"]) == ("", False, "Ini kwitansinya.")


@pytest.mark.parametrize("look", list(Look))
def test_a_reply_without_buttons_has_no_menu(look):
    assert draw(Reply("Baik."), look)["menu"] == ""


@pytest.mark.parametrize("look", list(Look))
def test_what_does_not_fit_into_one_message_is_never_drawn_as_one(look):
    with pytest.raises(TextTooLong):
        draw(Reply("kata " * 2000), look)
    with pytest.raises(TextTooLong):
        draw(Reply("kata " * 300, document="d1"), look)


@pytest.mark.parametrize("look", list(Look))
@pytest.mark.parametrize("reply", [
    Reply("kata " * 2000),
    Reply("kata " * 2000, (Button("Ya", "y"),)),
    Reply("kata " * 2000, document="d1"),
    Reply("👨‍👩‍👧" * 900),
])  # fmt: skip
def test_long_texts_are_parted_and_nothing_is_lost(reply, look):
    pieces = drawn(reply, look)
    assert all(0 < units(piece["text"]) <= ABILITIES[look].text for piece in pieces)
    assert not reply.document or units(pieces[0]["text"]) <= ABILITIES[look].caption
    assert "".join("".join(piece["text"] for piece in pieces).split()) == "".join(reply.printed().split())


@pytest.mark.parametrize("count", [2, 7])
def test_no_label_is_longer_than_its_app_allows(count):
    labels = ["🛡️" * 60, "Satu kalimat yang sangat panjang untuk sebuah tombol kecil di layar ponsel " * 2]
    allowed = {"inline": 64, "quick": 20, "list": 24}
    for look in Look:
        for shown in drawn(choices(*(labels * 4)[:count]), look):
            assert all(units(button["label"]) <= allowed[shown["menu"]] for button in shown["buttons"])
            assert all(units(button["description"]) <= 72 for button in shown["buttons"])
