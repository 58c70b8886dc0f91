"""A reply looks on each phone as the app that it stands for would show it."""

import pytest

from bot.channels.fitting import units
from bot.channels.webchat import draw
from bot.channels.webchat_looks import ABILITIES, Look
from domain.message import Button, Reply


def choices(*labels, **more):
    return Reply("Pilih:", tuple(Button(label, f"b{number}") for number, label in enumerate(labels)), **more)


def test_telegram_shows_every_button_below_the_text_and_prints_the_numbers():
    fit = draw(choices("Benar", "Ketik ulang NIK"))["looks"]["telegram"]
    assert fit["texts"] == ["Pilih:\n1. Benar\n2. Ketik ulang NIK"]
    assert fit["menu"] == "inline"
    assert [button["label"] for button in fit["buttons"]] == ["Benar", "Ketik ulang NIK"]
    assert [button["data"] for button in fit["buttons"]] == ["b0", "b1"]


def test_her_number_is_asked_with_the_first_button_alone():
    reply = Reply("Nomor HP?", (Button("Bagikan nomor saya", ""), Button("Lewati", "")), asks_contact=True)
    looks = draw(reply)["looks"]
    assert {look: fit["menu"] for look, fit in looks.items()} == {"telegram": "keyboard", "whatsapp": "quick"}
    assert [button["contact"] for button in looks["telegram"]["buttons"]] == [True, False]


def test_whatsapp_shows_three_buttons_and_cuts_what_the_text_says_in_full():
    fit = draw(choices("Ya", "Tidak", "Bicara dengan petugas saja"))["looks"]["whatsapp"]
    assert fit["menu"] == "quick"
    assert [button["label"] for button in fit["buttons"]] == ["Ya", "Tidak", "Bicara dengan petug…"]
    assert "3. Bicara dengan petugas saja" in fit["texts"][0]


def test_whatsapp_lists_a_long_label_that_the_text_does_not_say():
    fit = draw(choices("Bicara dengan petugas saja", numbered=False))["looks"]["whatsapp"]
    assert fit["menu"] == "list"
    assert fit["buttons"][0]["description"] == "Bicara dengan petugas saja"


def test_whatsapp_turns_four_buttons_into_a_list():
    fit = draw(choices("Satu", "Dua", "Tiga", "Laporkan kecelakaan kerja"))["looks"]["whatsapp"]
    assert fit["menu"] == "list"
    last = fit["buttons"][3]
    assert (last["label"], last["description"]) == ("Laporkan kecelakaan ker…", "Laporkan kecelakaan kerja")


def test_whatsapp_prints_numbers_alone_where_a_list_has_no_room():
    reply = choices(*(f"Pilihan {number}" for number in range(1, 12)), numbered=False)
    fit = draw(reply)["looks"]["whatsapp"]
    assert (fit["menu"], fit["buttons"]) == ("", [])
    assert "11. Pilihan 11" in fit["texts"][-1]


def test_a_reply_without_buttons_has_no_menu():
    looks = draw(Reply("Baik."))["looks"]
    assert {look: fit["menu"] for look, fit in looks.items()} == {"telegram": "", "whatsapp": ""}


@pytest.mark.parametrize(("reply", "most"), [
    (Reply("kata " * 2000), {"telegram": 4096, "whatsapp": 1600}),
    (Reply("kata " * 2000, (Button("Ya", "y"),)), {"telegram": 4096, "whatsapp": 1024}),
    (Reply("kata " * 2000, document="d1"), {"telegram": 4096, "whatsapp": 1600}),
    (Reply("👨‍👩‍👧" * 900), {"telegram": 4096, "whatsapp": 1600}),
])  # fmt: skip
def test_long_texts_are_parted_and_nothing_is_lost(reply, most):
    for look, fit in draw(reply)["looks"].items():
        assert all(0 < units(text) <= most[look] for text in fit["texts"])
        assert not reply.document or units(fit["texts"][0]) <= ABILITIES[Look(look)].caption
        assert "".join("".join(fit["texts"]).split()) == "".join(reply.printed().split())


@pytest.mark.parametrize("look", list(Look))
def test_no_label_is_longer_than_its_app_allows(look):
    labels = ["🛡️" * 60, "Satu kalimat yang sangat panjang untuk sebuah tombol kecil di layar ponsel " * 2]
    for count in (2, 7):
        fit = draw(choices(*(labels * 4)[:count]))["looks"][look]
        allowed = ABILITIES[look].extras["row"] if fit["menu"] == "list" else ABILITIES[look].label
        assert all(units(button["label"]) <= allowed for button in fit["buttons"])
        assert all(units(button["description"]) <= 72 for button in fit["buttons"])
