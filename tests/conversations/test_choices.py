"""Which choice somebody meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations import choices
from conversations.choices import match, nearest, number_in, search
from conversations.steps import Option

FOOD = [Option("Makanan atau minuman", key="food"), Option("Kerajinan atau oleh-oleh", key="crafts")]
FOOD += [Option("Rokok, tisu, koran", key="tissues"), Option("Jualan lain", key="other", words=("lain", "lainnya"))]
YES_NO = [Option("Ya, sudah setuju", key="yes"), Option("Belum", key="no")]
KEYCAPS = {1: "1️⃣", 2: "2\u20e3", 3: "3️⃣", 4: "4️⃣"}
WORDS = {1: "satu", 2: "dua", 3: "tiga", 4: "empat"}


def meant(text: str, options: list[Option] = FOOD) -> str | None:
    """The key of the choice that was surely meant."""
    found = match(text, options)
    return found.id if found else None


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────

FORMS = ["{n}", " {n} ", "{n}.", "{n})", "({n})", "no {n}", "nomor {n}", "No. {n}", "pilih {n}", "pilihan {n}", "{n} ."]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_number_is_taken_in_every_form(number):
    key = FOOD[number - 1].key
    word = WORDS[number]
    spoken = [word, word.capitalize(), f" {word} ", f"{word} pak"]
    for text in [*(form.format(n=number) for form in FORMS), KEYCAPS[number], *spoken]:
        assert meant(text) == key, text


@pytest.mark.parametrize("text", ["0", "5", "99", "100", "1 2", "1,2", "12345", "-1", "lima", "1️⃣2️⃣", "½"])
def test_a_number_that_is_not_on_the_screen_is_no_choice(text):
    assert meant(text) is None


def test_ten_has_a_keycap_of_its_own():
    assert number_in("🔟") == 10
    assert number_in("sepuluh") == number_in("ten") == 10


def test_numbers_count_on_the_screen_and_names_in_the_whole_list():
    villages = [Option(f"Desa {letter}{letter}", key=letter) for letter in "abcdefghijkl"]
    screen = villages[8:]
    assert match("1", screen, villages) is villages[8]
    assert match("5", screen, villages) is None
    assert match("desa aa", screen, villages) is villages[0]


def test_what_only_the_screen_offers_can_be_named_too():
    villages = [Option(f"Desa {letter}{letter}", key=letter) for letter in "abcdefghijkl"]
    more = Option("Lihat berikutnya", key="page:1")
    assert match("lihat berikutnya", [*villages[:8], more], villages) is more


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    ["Jualan lain", "jualan lain", "JUALAN LAIN!", "🙏 jualan   lain 🙏", "jualan lain pak", "lain", "lainnya", "jual"],
)
def test_a_choice_is_named_in_any_case_with_courtesies_or_cut_short(text):
    assert meant(text) == "other"


@pytest.mark.parametrize(
    ("text", "key"),
    [("makanan", "food"), ("minuman", "food"), ("oleh-oleh", "crafts"), ("tisu", "tissues"), ("koran", "tissues")],
)
def test_a_part_of_a_label_will_do(text, key):
    assert meant(text) == key


def test_a_label_that_the_phone_cut_is_known():
    long = [Option("Kembali ke pertanyaan sebelumnya", key="back"), Option("Minta dibantu petugas", key="human")]
    assert meant("Kembali ke pertanyaa", long) == "back"
    assert meant("Kembali ke pertanyaan se", long) == "back"


def test_what_may_mean_two_choices_means_none():
    bima = [Option("Kota Bima", key="city", words=("bima",)), Option("Kabupaten Bima", key="regency", words=("bima",))]
    assert meant("bima", bima) is None
    assert [option.id for option in search("bima", bima)] == ["city", "regency"]


@pytest.mark.parametrize("text", ["", " ", "🙏", "...", "ma", "?"])
def test_next_to_nothing_means_nothing(text):
    assert meant(text) is None


# ── yes and no ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text", ["ya", "Iya", "iya pak", "ok", "Oke", "betul", "benar", "siap", "setuju", "y", "YES", "1"]
)
def test_every_yes(text):
    assert meant(text, YES_NO) == "yes"


@pytest.mark.parametrize("text", ["tidak", "Tdk", "ndak", "nggak bu", "gak", "ga", "bukan", "belum", "no", "2"])
def test_every_no(text):
    assert meant(text, YES_NO) == "no"


@pytest.mark.parametrize("text", ["ya", "tidak", "ok"])
def test_a_yes_where_nothing_is_yes_or_no_means_nothing(text):
    assert meant(text) is None


# ── near misses and searches ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("text", "key"), [("jualan lian", "other"), ("makanann", "food"), ("krajinan", "crafts")])
def test_a_near_miss_is_only_guessed(text, key):
    assert meant(text) is None
    guess = nearest(text, FOOD)
    assert guess is not None
    assert guess.id == key


@pytest.mark.parametrize("text", ["", "ab", "sepatu", "🙂"])
def test_what_resembles_nothing_is_not_guessed(text):
    assert nearest(text, FOOD) is None


def test_a_search_finds_what_holds_the_words_before_what_resembles_them():
    names = ["Ampenan Utara", "Ampenan Selatan", "Pejeruk", "Ampelan"]
    options = [Option(name, key=name) for name in names]
    assert [option.id for option in search("ampenan", options)] == ["Ampenan Utara", "Ampenan Selatan"]
    assert [option.id for option in search("pejruk", options)] == ["Pejeruk"]
    assert search("x", options) == search("", options) == []
    assert search("ya", [*options, Option("Periksa pembayaran", key="paid")]) == []


# ── whatever anybody types ───────────────────────────────────────────────────────────────────────────────────────


@given(st.text(max_size=300))
def test_nothing_that_anybody_types_is_too_much(text):
    for options in (FOOD, YES_NO):
        assert match(text, options) in (None, *options)
        assert nearest(text, options) in (None, *options)
        assert set(map(id, search(text, options))) <= set(map(id, options))


LABELS = st.lists(
    st.text(st.characters(categories=("L",)), min_size=3, max_size=30), min_size=1, max_size=12, unique_by=choices.bare
)


@given(LABELS, st.data())
def test_every_choice_can_be_had_by_its_number_and_by_its_label(labels, data):
    options = [Option(label, key=str(index)) for index, label in enumerate(labels)]
    number = data.draw(st.integers(1, len(options)))
    assert match(str(number), options) is options[number - 1] or str(number) in map(choices.bare, labels)
    named = match(labels[number - 1], options)
    assert named is options[number - 1] or not choices.bare(labels[number - 1])


@pytest.mark.parametrize("said", ["gak usah", "tidak perlu", "ndak mau", "nggak jadi"])
def test_a_no_with_a_word_more_is_a_no(said):
    options = [Option("Ya, ingatkan saya", key="yes"), Option("Tidak usah", key="no")]
    assert choices.match(said, options) is options[1]


def test_a_no_that_says_something_else_is_none():
    options = [Option("Ya, ingatkan saya", key="yes"), Option("Tidak usah", key="no")]
    assert choices.match("tidak tahu", options) is None


def test_the_first_word_of_a_label_may_be_misspelt():
    options = [Option("Setuju", key="yes"), Option("Baca selengkapnya", key="read")]
    assert choices.nearest("bca", options) is options[1]
    assert choices.match("mau baca", options) is options[1]
