"""The dues book: a picture of twelve months, and the same in words."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.drawings import draw
from conversations.book_words import SHOWN, shown_months
from domain.dues import Book, MonthDues, MonthState, Way
from domain.money import Rupiah
from domain.month import Month
from domain.picture import BookPicture, drawing_of
from storage.queries import charges, documents
from storage.tables import Document
from tests.conversations.enrolled import alter, enrol, has_paid, registered_by, tell_payment
from tests.conversations.people import arrive
from tests.storage.house import DECEMBER, JANUARY, WITH_JHT
from tests.transcript import Player

NOVEMBER = Month(2026, 11)


def on(play: Player, year: int, month: int, day: int) -> None:
    """It is ten in the morning of that day in Mataram."""
    play.clock.moment = datetime(year, month, day, 2, 0, tzinfo=UTC)


def drawn(play: Player) -> BookPicture:
    """The last picture that was kept; it can be drawn."""

    def last(db) -> bytes:
        newest = db.exec(select(Document.id).where(Document.kind == "drawing").order_by(col(Document.id).desc()))
        return documents.get_content(db, "main", newest.first())

    stored = orjson.loads(play.database.read(last))
    assert draw(stored).startswith(b"\x89PNG")
    found = drawing_of(stored)
    assert isinstance(found, BookPicture)
    return found


def cells(picture: BookPicture) -> list[str]:
    """The months as they are read: "Des 2026 lunas Rp8.400"."""
    return [f"{one.label} {one.word} {one.amount}".strip() for one in picture.months]


def test_twelve_months_from_the_first_one_on(play):
    enrol(play, "siti")
    play("""
        siti: buku
        bot: [photo] Buku iuran Siti, per 22 November 2026
            Nanti, kecuali ada aturan baru: Desember 2026 Rp8.400, Januari–Oktober 2027 Rp16.800 sebulan
    """)
    picture = drawn(play)
    assert cells(picture)[:3] == ["Nov 2026 tidak ada", "Des 2026 nanti Rp8.400", "Jan 2027 nanti Rp16.800"]
    assert (picture.name, picture.association, picture.as_of) == ("Siti", "Asosiasi Contoh", "per 22 November 2026")
    assert (picture.owed, picture.credit, picture.sentence) == (
        ("Belum dibayar", "Rp0"),
        None,
        "Belum ada bulan yang lunas.",
    )


def test_every_state_that_a_month_may_have(play):
    enrol(play, "siti", first=Month(2026, 8))
    has_paid(play, "siti", 12_000, Month(2026, 8))
    play.database.transact(lambda db: charges.charge_month(db, "main", Month(2026, 9), now=play.clock.now()))
    tell_payment(play, "siti", Month(2026, 10))
    play("""
        siti: buku iuran
        bot: [photo] Buku iuran Siti, per 22 November 2026
            Lunas: Agustus 2026
            Menunggu diperiksa: Oktober 2026
            Kurang: September 2026 Rp4.800
            Belum dibayar: November 2026 Rp8.400
            Nanti, kecuali ada aturan baru: Desember 2026 Rp8.400, Januari–Juli 2027 Rp16.800 sebulan
    """)
    picture = drawn(play)
    assert cells(picture)[:6] == [
        "Agu 2026 lunas Rp8.400",
        "Sep 2026 kurang Rp4.800",
        "Okt 2026 diperiksa Rp8.400",
        "Nov 2026 belum Rp8.400",
        "Des 2026 nanti Rp8.400",
        "Jan 2027 nanti Rp16.800",
    ]
    assert picture.owed == ("Belum dibayar", "Rp21.600")
    assert picture.sentence == "Lunas sampai Agustus 2026."


def test_who_pays_ahead_across_a_new_rate_sees_both_and_what_is_left(play):
    enrol(play, "siti", hers=WITH_JHT)
    months = [DECEMBER + n for n in range(12)]
    has_paid(play, "siti", 28_400 + 11 * 36_800 + 5_000, *months)
    on(play, 2027, 2, 3)
    play("""
        siti: buku
        bot: [photo] Buku iuran Siti, per 3 Februari 2027
            Lunas: Desember 2026–November 2027
            Titipan untuk bulan berikutnya: Rp5.000
    """)
    picture = drawn(play)
    assert cells(picture)[:2] == ["Des 2026 lunas Rp28.400", "Jan 2027 lunas Rp36.800"]
    assert picture.credit == ("Titipan untuk bulan berikutnya", "Rp5.000")
    assert picture.sentence == "Lunas sampai November 2027."
    on(play, 2027, 8, 3)
    assert play.say("siti", "buku").endswith("Titipan untuk bulan berikutnya: Rp5.000")
    assert [one.state for one in drawn(play).months] == [MonthState.PAID] * 12


def test_a_year_later_the_window_has_moved_on(play):
    enrol(play, "siti")
    has_paid(play, "siti", 8400, DECEMBER, way=Way.BPJS)
    on(play, 2028, 1, 5)
    play.say("siti", "buku")
    picture = drawn(play)
    assert (picture.months[0].label, picture.months[-1].label) == ("Mei 2027", "Apr 2028")
    assert picture.sentence == "Lunas sampai Desember 2026."


def test_whoever_left_sees_what_was_and_nothing_to_come(play):
    enrol(play, "siti")
    has_paid(play, "siti", 8400, DECEMBER)
    alter(play, "siti", status="left")
    play("""
        siti: buku
        bot: [photo] Buku iuran Siti, per 22 November 2026
            Lunas: Desember 2026
    """)
    assert {one.state for one in drawn(play).months} == {MonthState.PAID, MonthState.NONE}


def test_somebody_who_is_no_member_has_no_book(play):
    arrive(play, "rina")
    play("""
        rina: buku
        bot: Buku iuran ada setelah pendaftaran disetujui. Untuk mendaftar, ketik "daftar".
    """)


def test_whoever_registered_others_is_asked_whose_book(play):
    enrol(play, "amat", "budi")
    registered_by(play, "budi", "amat")
    play("""
        amat: buku
        bot: Buku iuran siapa?
            1. Amat
            2. Budi
        amat: budi
        bot: [photo] Buku iuran Budi, per 22 November 2026
            …
        budi: buku
        bot: [photo] Buku iuran Budi, per 22 November 2026
            …
    """)


def test_whom_somebody_has_in_her_care_no_longer_is_not_shown_any_more(play):
    enrol(play, "amat", "budi")
    registered_by(play, "budi", "amat")
    play.say("amat", "buku")
    registered_by(play, "budi", "budi")
    answer = play.say("amat", "[tap Budi]")
    assert "Buku iuran Amat" in answer
    assert "Buku iuran Budi" not in answer


def test_the_picture_is_hers_and_sealed(play):
    enrol(play, "siti")
    play.say("siti", "buku")

    def look(db) -> tuple[str, bytes]:
        row = db.exec(select(Document).where(Document.kind == "drawing")).one()
        return row.person_id == play.person(db, "siti"), row.content_sealed

    is_hers, sealed = play.database.read(look)
    assert is_hers and b"Siti" not in sealed


def test_in_english(play):
    enrol(play, "siti")
    play.say_all("siti", ["bahasa", "english", "book"])
    assert [one.label for one in drawn(play).months][:2] == ["Nov 2026", "Dec 2026"]


# ── which months ─────────────────────────────────────────────────────────────────────────────────────────────────


def charged(*months: Month) -> Book:
    return Book(tuple(MonthDues(month, {"JKK": Rupiah(1)}, {"JKK": Rupiah(0)}) for month in months))


@pytest.mark.parametrize(
    ("book", "first", "shown"),
    [
        pytest.param(Book(()), DECEMBER, ("2026-11", "2027-10"), id="she has just joined"),
        pytest.param(charged(Month(2020, 1)), Month(2020, 1), ("2026-03", "2027-02"), id="an old member"),
        pytest.param(charged(Month(2027, 5)), Month(2020, 1), ("2026-06", "2027-05"), id="paid half a year ahead"),
        pytest.param(charged(Month(2029, 5)), Month(2020, 1), ("2026-10", "2027-09"), id="paid years ahead"),
        pytest.param(Book((), pending=frozenset({Month(2027, 6)})), Month(2020, 1), ("2026-07", "2027-06"), id="told"),
        pytest.param(charged(Month(2025, 1)), JANUARY, ("2026-03", "2027-02"), id="back after a while"),
    ],
)
def test_which_months_are_shown(book: Book, first: Month, shown: tuple[str, str]):
    months = shown_months(book, NOVEMBER, first)
    assert (str(months[0]), str(months[-1]), len(months)) == (*shown, SHOWN)


@given(st.lists(st.integers(-40, 40), max_size=5), st.integers(-40, 14))
def test_today_and_the_month_before_are_always_shown(offsets: list[int], joined: int):
    book = charged(*sorted({NOVEMBER + n for n in offsets}))
    months = shown_months(book, NOVEMBER, NOVEMBER + joined)
    assert NOVEMBER in months
    assert months == sorted(months) and len(set(months)) == SHOWN
