"""Receipts and dues books as people get to see them: in one piece, on a small phone, whatever stands in them."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations
from typing import Any

import pypdfium2
import pytest
import segno
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.drawings import MIME, code, draw, draw_pdf
from bot.drawings.letters import inked
from bot.drawings.sheet import Face, Sheet
from bot.first_bytes import kind_of
from domain.dues import MonthState
from domain.picture import BookMonth, BookPicture, NoSuchPicture, ReceiptPicture

CHECK = "https://jagalapak.example/k/7Q4M-2VXK-9HTD"
LONGEST = "Ni Luh Putu Ayu Kusumawardhani Sastrodiningratnegara binti Haji Abdurrahman"
YEAR = ", ".join(f"Bulan ke-{number} tahun 2026" for number in range(1, 25))

RECEIPT = ReceiptPicture(
    association="Asosiasi Pedagang Contoh (fiktif)",
    title="Kwitansi",
    number="KW-2026-000001",
    lines=(
        ("Tanggal", "22 November 2026"),
        ("Diterima dari", "Siti Aminah"),
        ("Untuk", "Desember 2026 – Januari 2027"),
        ("JKK", "Rp20.000"),
        ("JKM", "Rp13.600"),
    ),
    total=("Jumlah", "Rp33.600"),
    notes=("Uang ini iuran BPJS Ketenagakerjaan.",),
    check_url=CHECK,
    check_words="Periksa keaslian",
)
OVERFULL = replace(
    RECEIPT,
    association=LONGEST * 3,
    title=LONGEST,
    number="KW-" + "0" * 90,
    lines=(("Diterima dari", LONGEST * 3), (LONGEST * 3, "A" * 400), ("Untuk", YEAR), *RECEIPT.lines * 4),
    total=(LONGEST, "Rp1.000.000.000.000.000"),
    notes=(YEAR, LONGEST),
    check_words=LONGEST,
    check_url=CHECK + "?" + "x" * 300,
    voided=LONGEST,
)
BOOK = BookPicture(
    association="Asosiasi Pedagang Contoh (fiktif)",
    name="Siti Aminah",
    title="Buku iuran",
    as_of="per 22 November 2026",
    months=tuple(BookMonth("Des 2026", MonthState.LATER, "Rp16.800", "nanti") for _ in range(12)),
    owed=("Belum dibayar", "Rp23.600"),
    credit=("Titipan", "Rp5.000"),
    sentence="Sudah lunas sampai September 2026.",
)
OVERFULL_BOOK = replace(
    BOOK,
    name=LONGEST,
    title=LONGEST,
    as_of=LONGEST,
    months=tuple(
        BookMonth("Desember 2026", MonthState.OWED, "Rp1.000.000 dari Rp1.000.000", LONGEST) for _ in "x" * 12
    ),
    owed=(LONGEST, "Rp1.000.000.000"),
    credit=(LONGEST, LONGEST),
    sentence=LONGEST * 4,
)


def seen(picture: ReceiptPicture | BookPicture) -> Image.Image:
    return Image.open(io.BytesIO(draw(picture.as_json()))).convert("L")


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return str(document[0].get_textpage().get_text_bounded())


def is_blank(image: Image.Image, box: tuple[int, int, int, int]) -> bool:
    return image.crop(box).getextrema()[0] > 250


def foot_of_code(image: Image.Image) -> int:
    """The row below the last one that is dark at the left, where the code stands."""
    return next(y for y in range(image.height, 0, -1) if not is_blank(image, (0, y - 1, 200, y)))


# --- the picture ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("picture", [RECEIPT, BOOK, replace(RECEIPT, voided="DIBATALKAN"), OVERFULL_BOOK])
def test_a_picture_is_made_for_a_small_phone_and_a_slow_line(picture: ReceiptPicture | BookPicture):
    png = draw(picture.as_json())
    assert (MIME, kind_of(png)) == ("image/png", "png")
    assert len(png) < 200_000
    width, height = seen(picture).size
    assert width == 1080
    assert 1000 < height < 3000


@pytest.mark.parametrize("picture", [RECEIPT, BOOK, OVERFULL, OVERFULL_BOOK])
def test_nothing_reaches_the_edges_below_the_head(picture: ReceiptPicture | BookPicture):
    image = seen(picture)
    width, height = image.size
    edges = [(0, 400, 24, height), (width - 24, 400, width, height), (0, height - 30, width, height)]
    assert all(is_blank(image, edge) for edge in edges)


def test_a_picture_that_would_be_too_long_to_send_is_made_smaller():
    image = seen(replace(RECEIPT, lines=RECEIPT.lines * 60))
    assert sum(image.size) <= 9_010


def test_a_month_is_told_by_its_shape_alone():
    marks = []
    for state in MonthState:
        book = replace(BOOK, months=(BookMonth("Des 2026", state, "", ""),) * 12)
        mark = seen(book).crop((130, 540, 260, 680)).point(lambda grey: 255 if grey > 190 else 0)
        marks.append(mark.resize((26, 28), Image.Resampling.BOX).tobytes())
    apart = [sum(abs(a - b) for a, b in zip(*two, strict=True)) / 255 for two in combinations(marks, 2)]
    assert min(apart) > 26 * 28 * 0.03


def test_an_amount_in_the_book_is_never_cut():
    sheet = Sheet(360, 1000)
    line, _face = sheet.fitted("Rp1.000.000", 94, Face(15), least=11)
    assert line == "Rp1.000.000"
    book = replace(
        BOOK, months=(BookMonth("Des 2026", MonthState.PARTLY, "Rp100.000 dari Rp168.000", "sebagian"),) * 12
    )
    assert text_of(draw_pdf(book.as_json())).count("Rp168.000") == 12


def test_the_same_facts_make_the_same_picture_even_at_once():
    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(draw, [RECEIPT.as_json()] * 8))) == 1
    assert draw_pdf(RECEIPT.as_json()) == draw_pdf(RECEIPT.as_json())


@pytest.mark.parametrize("drawn", [draw, draw_pdf])
def test_what_we_do_not_draw_is_refused(drawn: Any):
    with pytest.raises(NoSuchPicture):
        drawn({"kind": "poster"})


# --- the page ---------------------------------------------------------------------------------------------------------


def test_every_word_of_a_page_can_be_selected():
    text = text_of(draw_pdf(replace(RECEIPT, voided="DIBATALKAN").as_json()))
    values = [value for line in RECEIPT.lines for value in line]
    words = [RECEIPT.association, RECEIPT.number, *values, *RECEIPT.total, *RECEIPT.notes, "Periksa keaslian"]
    assert [word for word in words if word not in text] == []
    assert "DIBATALKAN" in text


@pytest.mark.parametrize("picture", [RECEIPT, OVERFULL, BOOK])
def test_a_page_is_one_sheet_of_a5(picture: ReceiptPicture | BookPicture):
    document = pypdfium2.PdfDocument(draw_pdf(picture.as_json()))
    assert len(document) == 1
    assert [round(side) for side in document[0].get_size()] == [420, 595]


def test_a_page_opens_the_address_where_it_is_pressed():
    pdf = draw_pdf(RECEIPT.as_json())
    assert f"/URI ({CHECK})".encode() in pdf
    assert len(pdf) < 20_000


# --- the code ---------------------------------------------------------------------------------------------------------


def test_the_code_in_the_picture_is_the_code_of_the_address_with_its_margin():
    """Decoded with ZXing by hand, also at a third of the size; here, module by module."""
    image = seen(RECEIPT)
    rows = code.rows_of(CHECK)
    assert rows == segno.make_qr(CHECK, error="m").matrix
    assert rows
    side = round(code.module_of(rows, 150) / code.PIXEL)
    assert side >= 8
    left, top = 36 + 4 * side, foot_of_code(image) - len(rows) * side
    read = [
        [
            image.getpixel((left + column * side + side // 2, top + row * side + side // 2)) < 128
            for column in range(len(rows))
        ]
        for row in range(len(rows))
    ]
    assert read == [[bool(module) for module in row] for row in rows]
    margin = 4 * side
    around = [
        (left - margin, top - margin, left + (len(rows) + 4) * side, top),
        (left - margin, top, left, image.height),
        (left + len(rows) * side, top, left + (len(rows) + 4) * side, image.height),
        (left - margin, top + len(rows) * side + 1, left + len(rows) * side, image.height),
    ]
    assert all(is_blank(image, strip) for strip in around)


def test_a_receipt_without_an_address_has_no_code():
    assert code.rows_of("") is None
    assert seen(replace(RECEIPT, check_url="")).height < seen(RECEIPT).height - 300


def test_an_address_too_long_for_a_code_is_left_out():
    assert code.rows_of(CHECK + "x" * 3000) is None
    assert "Jumlah" in text_of(draw_pdf(replace(RECEIPT, check_url=CHECK + "x" * 3000).as_json()))


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Siti Aminah", "Siti Aminah"),
        ("Desember 2026 – Januari 2027", "Desember 2026 – Januari 2027"),
        ("José “Ma'ruf” Nuñez…", "José “Ma'ruf” Nuñez…"),
        ("Đặng Thị Łucja", "Dang Thi Lucja"),
        ("Siti 🌽 Aminah 👨‍👩‍👧", "Siti Aminah"),
        ("Siti\nAminah\u200b\ud800\x07", "Siti Aminah"),
        ("١٢٣", "123"),
        ("ستي أمينة", "–"),
        ("🌽", "–"),
        ("", ""),
        (" \n", ""),
    ],
)
def test_what_no_reader_has_a_letter_for_is_left_out_kindly(text: str, drawn: str):
    assert inked(text) == drawn


ODD = st.text(max_size=60) | st.text("سيتي 🌽👍🏽é–\u202e\ud83c\x00(\\)", max_size=60)
PAIRS = st.tuples(ODD, ODD)


@settings(max_examples=40, deadline=None)
@example(replace(RECEIPT, check_url="#"))
@given(
    st.builds(
        ReceiptPicture,
        association=ODD,
        title=ODD,
        number=ODD,
        lines=st.lists(PAIRS, max_size=4).map(tuple),
        total=PAIRS,
        notes=st.lists(ODD, max_size=2).map(tuple),
        check_url=ODD,
        check_words=ODD,
        voided=ODD,
    )
)
def test_no_words_break_a_receipt(receipt: ReceiptPicture):
    assert kind_of(draw(receipt.as_json())) == "png"
    assert text_of(draw_pdf(receipt.as_json())) is not None


@settings(max_examples=20, deadline=None)
@given(
    st.builds(
        BookPicture,
        association=ODD,
        name=ODD,
        title=ODD,
        as_of=ODD,
        months=st.lists(st.builds(BookMonth, ODD, st.sampled_from(MonthState), ODD, ODD), max_size=13).map(tuple),
        owed=PAIRS,
        credit=st.none() | PAIRS,
        sentence=ODD,
    )
)
def test_no_words_break_a_book(book: BookPicture):
    assert kind_of(draw(book.as_json())) == "png"
