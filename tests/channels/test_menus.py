"""How WhatsApp offers choices, and what it never gets to see."""

import pytest
from hypothesis import given, settings

from bot.channels.fitting import fit, units
from bot.channels.menus import Offer, Row, offer
from bot.channels.whatsapp import ABILITIES, draw
from domain.message import Button, Reply
from tests.channels.whatsapp_samples import REPLIES, choices


def test_a_reply_without_choices_is_its_text():
    assert offer(Reply("Baik.")) == Offer("Baik.")


def test_three_choices_go_as_quick_replies_and_the_numbers_are_printed_too():
    shown = offer(choices("Benar", "Ketik ulang NIK", "Batal"))
    assert shown.text == "Pilih:\n1. Benar\n2. Ketik ulang NIK\n3. Batal"
    assert (shown.kind, shown.rows) == ("quick", (Row("Benar", "b0"), Row("Ketik ulang NIK", "b1"), Row("Batal", "b2")))


def test_a_quick_reply_is_cut_where_the_text_says_it_in_full():
    shown = offer(choices("Ya", "Tidak", "Bicara dengan petugas saja"))
    assert shown.kind == "quick"
    assert shown.rows[2] == Row("Bicara dengan petug…", "b2")
    assert "3. Bicara dengan petugas saja" in shown.text


def test_a_long_label_that_the_text_does_not_say_is_listed_in_full():
    shown = offer(choices("Bicara dengan petugas saja", numbered=False))
    assert (shown.text, shown.kind) == ("Pilih:", "list")
    assert shown.rows == (Row("Bicara dengan petugas s…", "b0", "Bicara dengan petugas saja"),)


def test_two_quick_replies_that_would_look_the_same_are_listed():
    shown = offer(choices("Bayar untuk bulan Desember 2026", "Bayar untuk bulan Desember 2027"))
    assert shown.kind == "list"
    assert [row.description[-4:] for row in shown.rows] == ["2026", "2027"]
    assert offer(choices("Ya", "Ya")).kind == "list"


def test_four_choices_are_a_list_and_only_what_was_cut_is_said_below():
    shown = offer(choices("Satu", "Dua", "Tiga", "Laporkan kecelakaan kerja"))
    assert shown.kind == "list"
    assert shown.rows[0] == Row("Satu", "b0")
    assert shown.rows[3] == Row("Laporkan kecelakaan ker…", "b3", "Laporkan kecelakaan kerja")


@pytest.mark.parametrize(("count", "kind"), [(0, ""), (1, "quick"), (3, "quick"), (4, "list"), (10, "list"), (11, "")])
def test_the_number_of_choices_says_how_they_are_offered(count: int, kind: str):
    shown = offer(choices(*(f"Pilihan {number}" for number in range(count))))
    assert (shown.kind, len(shown.rows)) == (kind, count if kind else 0)


@pytest.mark.parametrize(("length", "kind"), [(1024 - 6, "quick"), (1025 - 6, "")])
def test_a_text_too_long_for_buttons_goes_with_its_numbers_alone(length: int, kind: str):
    shown = offer(Reply("a" * length, (Button("Ya", "y"),)))
    assert shown.kind == kind
    assert shown.text.endswith("\n1. Ya")


def test_below_a_picture_there_are_numbers_alone():
    reply = Reply("Bukti Ibu Siti", (Button("Sah", "y"), Button("Tolak", "n")), document="d7")
    assert offer(reply) == Offer("Bukti Ibu Siti\n1. Sah\n2. Tolak")


@pytest.mark.parametrize("data", [("a", "a"), ("a", "")])
def test_choices_that_could_not_be_told_apart_are_answered_by_number(data: tuple[str, str]):
    shown = offer(Reply("Pilih:", tuple(Button(f"Pilihan {one}", one) for one in data)))
    assert (shown.kind, shown.rows) == ("", ())


def test_the_keys_of_a_reply_that_asks_for_her_number_may_carry_nothing():
    reply = Reply("Nomor HP?", (Button("Bagikan nomor saya", ""), Button("Lewati", "")), False, asks_contact=True)
    assert offer(reply).rows == (Row("Bagikan nomor saya", ""), Row("Lewati", ""))


@pytest.mark.parametrize("label", ["", "  ", "\n", "\u200b\u2060"])
def test_a_label_that_nobody_could_see_is_its_number(label: str):
    assert [row.title for row in offer(choices("Ya", label)).rows] == ["Ya", "2"]


def test_a_label_of_several_lines_is_one_line():
    assert offer(choices("Pasar\n  Kebon Roek")).rows[0].title == "Pasar Kebon Roek"


@given(REPLIES)
@settings(max_examples=200, deadline=None)
def test_no_part_of_any_reply_breaks_a_limit(reply: Reply):
    for part in fit(reply, ABILITIES):
        for shown in (offer(part), draw(part), draw(part, plain=True)):
            demand_limits(shown)


def demand_limits(shown: Offer) -> None:
    title, most = {"quick": (20, 3), "list": (24, 10), "": (0, 0)}[shown.kind]
    assert units(shown.text) <= (1024 if shown.kind else 1600)
    assert len(shown.rows) <= most
    assert bool(shown.rows) == bool(shown.kind)
    assert all(row.title.strip() and units(row.title) <= title for row in shown.rows)
    assert all(units(row.description) <= 72 and len(row.data.encode()) <= 64 for row in shown.rows)
    given = [row.data for row in shown.rows if row.data]
    assert len(set(given)) == len(given)
    assert shown.kind != "quick" or len({row.title for row in shown.rows}) == len(shown.rows)
