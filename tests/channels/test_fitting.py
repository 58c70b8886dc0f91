"""Replies of any length arrive whole, in order, and readable."""

from dataclasses import replace

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels.fitting import DataTooLong, TooManyButtons, fit, shorten, split, units
from domain.message import Abilities, Button, Reply

ROOMY = Abilities(text=4096, caption=1024, buttons=12, label=64)
TIGHT = Abilities(text=120, caption=60, buttons=3, label=20)
YES_OR_NO = (Button("Benar", "yes"), Button("Ketik ulang NIK", "no"))

FAMILY = "👨‍👩‍👧‍👦"  # one grapheme of eleven units
GLYPHS = st.sampled_from(["a", "é", "é", "🌽", FAMILY, "🇮🇩", "க்", " ", "  ", "\n", "\n\n", "\r\n", ".", " ́", "\u00a0"])
LINK = "https://jaga.example.org/i/k7Qm2?bulan=2026-12&x=1"
TEXTS = st.lists(GLYPHS | st.just(LINK) | st.just(f" {LINK} ") | st.text(max_size=3), max_size=60).map("".join)


def graphemes(text: str) -> list[str]:
    """What a reader sees: white space at a cut may go, nothing else."""
    return [grapheme for grapheme in regex.findall(r"\X", text) if not grapheme.isspace()]


def test_what_fits_is_left_as_it_is():
    reply = Reply("Bapak/Ibu lahir 5 Mei 1987. Benar?", YES_OR_NO)
    assert fit(reply, ROOMY) == [reply]


def test_the_length_is_counted_as_providers_count_it():
    assert units("jagung 🌽") == 9
    assert len(fit(Reply("🌽" * 2048), ROOMY)) == 1
    assert len(fit(Reply("🌽" * 2048 + "a"), ROOMY)) == 2


def test_a_long_text_is_cut_between_paragraphs_and_the_question_keeps_its_buttons():
    explained = "Jaminan kecelakaan kerja menanggung biaya berobat sampai sembuh total.\n\nApakah Bapak/Ibu mau ikut?"
    first, last = fit(Reply(explained, YES_OR_NO), TIGHT)
    assert first == Reply("Jaminan kecelakaan kerja menanggung biaya berobat sampai sembuh total.")
    assert last.text == "Apakah Bapak/Ibu mau ikut?\n1. Benar\n2. Ketik ulang NIK"
    assert last.buttons == YES_OR_NO


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("satu dua tiga.\n\nempat lima. enam tujuh", ["satu dua tiga.", "empat lima. enam tujuh"]),
        ("satu dua tiga\nempat lima. enam tujuh", ["satu dua tiga", "empat lima. enam tujuh"]),
        ("satu dua tiga. empat lima enam tujuh", ["satu dua tiga.", "empat lima enam tujuh"]),
        ("satu dua tiga empat lima enam tujuh", ["satu dua tiga empat lima", "enam tujuh"]),
        ("Rp\u00a08.400 Rp\u00a016.800 Rp\u00a025.200", ["Rp\u00a08.400 Rp\u00a016.800", "Rp\u00a025.200"]),
    ],
)
def test_the_best_gap_is_taken(text: str, parts: list[str]):
    assert split(text, 24, 24) == parts


def test_a_document_goes_with_the_first_part_and_the_buttons_with_the_last():
    reply = Reply("Bukti Ibu Siti. " * 5 + "Sudah benar?", YES_OR_NO, document="d7")
    first, *_, last = fit(reply, TIGHT)
    assert (first.document, first.buttons) == ("d7", ())
    assert (last.document, last.buttons) == ("", YES_OR_NO)
    assert units(first.text) <= TIGHT.caption


def test_choices_that_do_not_fit_below_the_last_words_come_alone():
    first, last = fit(Reply("Bukti-ini-sudah-benar-bukan-Bapak/Ibu?", YES_OR_NO, document="d7"), TIGHT)
    assert first == Reply("Bukti-ini-sudah-benar-bukan-Bapak/Ibu?", document="d7")
    assert last.text == "1. Benar\n2. Ketik ulang NIK"


def test_a_label_too_long_for_its_button_is_printed_in_full():
    (reply,) = fit(Reply("Pasar mana?", (Button("Pasar Kebon Roek Ampenan", "a"), Button("Lainnya", "b"))), TIGHT)
    assert reply.buttons[0] == Button("Pasar Kebon Roek Am…", "a")
    assert reply.printed() == "Pasar mana?\n1. Pasar Kebon Roek Ampenan\n2. Lainnya"


def test_more_choices_than_buttons_are_answered_by_number():
    months = tuple(Button(f"Bulan {month}", str(month)) for month in range(1, 6))
    (reply,) = fit(Reply("Bulan apa?", months), TIGHT)
    assert reply.buttons == ()
    assert reply.printed() == "Bulan apa?\n1. Bulan 1\n2. Bulan 2\n3. Bulan 3\n4. Bulan 4\n5. Bulan 5"


def test_more_buttons_than_fit_without_numbers_are_a_fault_of_ours():
    with pytest.raises(TooManyButtons):
        fit(Reply("Pilih", tuple(Button(str(n), str(n)) for n in range(4)), numbered=False), TIGHT)


@pytest.mark.parametrize("data", ["a" * 65, "é" * 33, ""])
def test_a_button_that_carries_too_much_or_nothing_is_a_fault_of_ours(data: str):
    with pytest.raises(DataTooLong):
        fit(Reply("Benar?", (Button("Ya", data),)), ROOMY)


def test_a_key_that_shares_a_contact_need_carry_nothing():
    reply = Reply("Nomor HP?", (Button("Bagikan nomor saya", ""),), asks_contact=True)
    assert fit(reply, ROOMY) == [reply]


def test_a_long_list_of_choices_is_cut_like_any_text():
    choices = tuple(Button(f"Pilihan yang panjang sekali nomor {n}", str(n)) for n in range(3))
    parts = fit(Reply("Pilih:", choices), TIGHT)
    assert [button.data for button in parts[-1].buttons] == ["0", "1", "2"]
    assert all(units(part.printed()) <= TIGHT.text for part in parts)
    many = tuple(Button(f"Pilihan yang panjang sekali nomor {n}", str(n)) for n in range(9))
    assert all(units(part.printed()) <= TIGHT.text for part in fit(Reply("Pilih:", many), TIGHT))


def test_an_endless_grapheme_is_cut_all_the_same():
    zalgo = "a" + "\u0301" * 500
    assert "".join(split(zalgo, 120, 120)) == zalgo
    assert all(units(part) <= 120 for part in split(zalgo, 120, 120))


@given(text=TEXTS, room=st.integers(60, 200))
@example(text=f"{'a' * 30}({LINK})", room=60)
@example(text="a" * 59 + "🌽", room=60)
@example(text=LINK + FAMILY, room=60)
def test_no_part_is_too_long_and_nothing_is_lost(text: str, room: int):
    parts = split(text, room, room)
    assert all(units(part) <= room for part in parts)
    assert [grapheme for part in parts for grapheme in graphemes(part)] == graphemes(text.strip())


def test_a_link_that_nothing_parts_from_other_letters_is_not_cut_either():
    assert split("a" * 60 + LINK, 80, 80) == ["a" * 60, LINK]


@given(before=st.text("ab \n", max_size=300), after=st.text("ab \n", max_size=300))
def test_a_link_is_never_cut(before: str, after: str):
    parts = split(f"{before} {LINK} {after}", 80, 80)
    assert sum(LINK in part for part in parts) == 1


def test_a_file_has_as_many_words_as_a_picture_unless_its_channel_takes_none():
    reply = Reply("Ini kwitansinya.", YES_OR_NO, document="d7", file=True)
    assert fit(reply, ROOMY) == [reply]
    alone = replace(ROOMY, file_caption=0)
    assert fit(reply, alone) == [Reply("", document="d7", file=True), Reply("Ini kwitansinya.", YES_OR_NO)]
    assert fit(Reply("", document="d7", file=True), alone) == [Reply("", document="d7", file=True)]
    picture = replace(reply, file=False)
    assert fit(picture, alone) == [picture]


def test_of_a_long_reply_the_first_part_alone_brings_the_file():
    first, *others = fit(Reply("Ini kwitansinya. " * 20, document="d7", file=True), TIGHT)
    assert (first.document, first.file) == ("d7", True)
    assert {(part.document, part.file) for part in others} == {("", False)}


@given(text=TEXTS, labels=st.lists(st.text(min_size=1, max_size=40), max_size=6), document=st.sampled_from(["", "d7"]))
@settings(max_examples=150)
def test_every_part_of_every_reply_fits(text: str, labels: list[str], document: str):
    buttons = tuple(Button(label, f"b{index}") for index, label in enumerate(labels))
    parts = fit(Reply(text, buttons, document=document), TIGHT)
    assert all(units(part.printed()) <= (TIGHT.caption if part.document else TIGHT.text) for part in parts)
    assert [part.document for part in parts] == [document, *[""] * (len(parts) - 1)]
    assert all(part.buttons == () for part in parts[:-1])
    assert len(parts[-1].buttons) == (len(buttons) if len(buttons) <= TIGHT.buttons else 0)
    assert all(units(button.label) <= TIGHT.label for button in parts[-1].buttons)
    assert len(parts) == 1 or all(part.text.strip() or part.document for part in parts)


@given(text=TEXTS, room=st.integers(2, 40))
def test_a_shortened_label_fits_and_begins_like_the_whole(text: str, room: int):
    short = shorten(text, room)
    assert units(short) <= room
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
