"""Every sentence that the bot can say, and its English translation."""

import re
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from conversations import asides, words
from conversations.ours import repertoire

ROOT = Path(__file__).parents[2]
CATALOGUE = resources.files("conversations") / "locale" / "en" / "LC_MESSAGES" / "messages.po"


def translations() -> list[Message]:
    """Every sentence with its translation."""
    with CATALOGUE.open("rb") as file:
        return [message for message in read_po(file, locale="en") if message.id]


def in_the_code() -> set[str]:
    """Every sentence that the code marks with `_()` or `N_()`."""
    method = [("**.py", "python")]
    return {
        message
        for folder in ("conversations", "bot")
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, method, keywords={"_": None, "N_": None}
        )
    }


SENTENCES = translations()
BOTH = [text for sentence in SENTENCES for text in (sentence.id, sentence.string)]
every_sentence = pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.id[:40])


def test_every_sentence_of_the_code_is_in_the_catalogue():
    assert in_the_code() - {sentence.id for sentence in SENTENCES} == set(), "run: make catalogue"
    assert len(SENTENCES) > 200


@every_sentence
def test_a_translation_has_the_same_gaps(sentence):
    gaps = [sorted(set(re.findall(r"{\w*}", text))) for text in (sentence.id, sentence.string)]
    assert gaps[0] == gaps[1]
    assert sentence.string.strip(), "not translated"
    assert not sentence.fuzzy


@every_sentence
def test_a_sentence_is_plain_text_and_short(sentence):
    for text in (sentence.id, sentence.string):
        assert not re.search(r"[*_`<>\[\]#~|]", re.sub(r"{\w+}", "", text)), "providers would read this as markup"
        assert text.count("\n") < 5
        assert "  " not in text
        assert text == text.strip()
        assert all(len(line) <= 250 for line in text.split("\n"))


@every_sentence
def test_the_vendor_is_addressed_with_respect(sentence):
    assert not re.search(r"\b(anda|kamu|kalian|kau|lu|lo)\b", sentence.id, re.IGNORECASE)


@every_sentence
def test_no_sentence_promises_cover(sentence):
    """domain.md §1: cover in arrears and before the first contribution is never promised."""
    indonesian, english = sentence.id.casefold(), sentence.string.casefold()
    assert "perlindungan berlaku" not in indonesian
    assert not re.search(r"terlindungi|dijamin|menjamin|pasti (dapat|dibayar)|sudah (di)?lindungi|gratis", indonesian)
    assert not re.search(r"(?<!no )\bcover(ed|age)?\b|guarantee|protected|insured", english)


def sayable() -> set[str]:
    """Every word that does something when it is typed."""
    begin = {word for conversation in repertoire.conversations.values() for word in conversation.words}
    return {*asides.SPELLINGS, *begin, "lewati", "skip"}


@every_sentence
def test_every_word_that_a_sentence_tells_to_type_does_something(sentence):
    for text in (sentence.id, sentence.string):
        told = re.findall(r'(?:ketik|type|tulis|write|atau|or|lewat|through|through) "([^"{]+)"', text, re.IGNORECASE)
        amounts = {"900 ribu", "1,5 juta"}
        assert set(told) - amounts <= sayable()


def test_the_words_that_work_everywhere_work_in_english_too():
    assert {asides.SPELLINGS[word] for word in ("back", "change", "cancel", "stop", "officer", "language", "undo")} == {
        "kembali", "ubah", "batal", "berhenti", "petugas", "bahasa", "urungkan",
    }  # fmt: skip


def test_an_unknown_sentence_stays_as_it_is_and_nothing_stays_nothing():
    with words.speaking("en"):
        assert words._("Namanya Bu Siti") == "Namanya Bu Siti"
        assert words._("") == ""
        assert words._("Belum lengkap.") == "It is not complete yet."


def test_a_language_that_we_do_not_speak_is_answered_in_indonesian():
    with words.speaking("fr"):
        assert words._("Belum lengkap.") == "Belum lengkap."


def test_money_and_dates_read_as_people_write_them():
    from datetime import date

    from domain.month import Month

    assert words.rupiah(16_800) == "Rp16.800"
    assert words.long_date(date(1987, 5, 5)) == "5 Mei 1987"
    assert words.month_name(Month.parse("2026-12")) == "Desember 2026"
    with words.speaking("en"):
        assert words.long_date(date(1987, 5, 5)) == "5 May 1987"
