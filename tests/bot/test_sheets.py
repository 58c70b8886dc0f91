"""The sheet that goes to BPJS is text where it is text; the one that comes back is read row by row, or not at all."""

import csv
import io
import zipfile
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bot.bpjs_results import Answer, answer_in
from bot.remittance_sheets import COLUMNS, Row, rows_of, sheet_of
from bot.sheets import LARGEST, Format, NotASheet, read
from conversations.words import speaking
from domain.dues import BPJS_PARTS
from domain.money import Rupiah
from domain.month import Month
from domain.remittance import Told
from storage.database import Database
from storage.queries import remittances
from tests.storage.house import DECEMBER, WITH_JHT, found
from tests.storage.test_remittances import MOMENT, compose, paid, pay_batch, told, treasurer

NIK, OTHER_NIK = "5271014505870001", "5271014505870002"
PAYLOADS = ['=HYPERLINK("http://x","y")', "+62812", "-1+1", "@SUM(A1)", "\tcmd", "\rcmd", "=1+1", '"; DROP', "a\nb"]


def row(name: str = "Siti Aminah", **more: Any) -> Row:
    facts = {"number": 1, "nik": NIK, "month": "Desember 2026", "parts": (5000, 3400, 0), "amount": 8400}
    return Row(name=name, **{**facts, "code": "", "note": "R-2026-0001", **more})


def xlsx(*rows: tuple[Any, ...], merge: str = "", **more: Any) -> bytes:
    """A workbook of these rows."""
    book = Workbook()
    sheet = book.active
    for values in rows:
        sheet.append(values)
    if merge:
        sheet.merge_cells(merge)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sheet(*rows: str, encoding: str = "utf-8") -> bytes:
    """A CSV of these lines."""
    return "\r\n".join(rows).encode(encoding)


def seen(answer: Answer) -> list[tuple[str, bool]]:
    """Whom it tells of, and what."""
    return [(one.nik.last4, one.accepted) for one in answer.told]


def troubles(answer: Answer) -> list[tuple[int, str]]:
    return [(one.row, one.words) for one in answer.troubles]


# ── written ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sheet_of_a_batch_has_a_row_for_each_line(database: Database):
    def work(db: Any) -> None:
        found(db)
        siti = paid(db, "siti", DECEMBER)
        paid(db, "budi", DECEMBER, hers=WITH_JHT)
        batch = compose(db)
        remittances.set_code(db, batch, "8800123456", by=treasurer(db), now=MOMENT)
        for _before_and_after in range(2):
            budis, sitis = rows_of(db, batch)
            assert budis.cells[2:] == (
                "Budi", "Desember 2026", 5000, 3400, 20000, 28400, "8800123456", "R-2026-0001",
            )  # fmt: skip
            assert sitis.cells[:5] == (2, told(siti).nik.digits, "Siti", "Desember 2026", 5000)
            pay_batch(db, batch) if batch.entry is None else None
        assert "5271" not in repr(sitis)

    database.transact(work)


@pytest.mark.parametrize("name", PAYLOADS)
def test_no_text_becomes_a_formula_in_a_workbook(name):
    content = sheet_of([row(name, code=name, note=name)], Format.XLSX)
    book = load_workbook(io.BytesIO(content))
    heads, cells = list(book.active.iter_rows())
    assert [cell.value for cell in heads] == [column.heading for column in COLUMNS]
    assert [cell.data_type for cell in cells] == ["n", "s", "s", "s", "n", "n", "n", "n", "s", "s"]
    assert (cells[1].value, cells[1].number_format) == (NIK, "@")
    assert cells[2].quotePrefix == name.startswith(("=", "+", "-", "@", "\t", "\r"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("name", PAYLOADS)
def test_no_text_becomes_a_formula_in_a_csv(name):
    content = sheet_of([row(name)], Format.CSV)
    assert content.startswith(b"\xef\xbb\xbf")
    heads, cells = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert tuple(heads) == tuple(column.heading for column in COLUMNS)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert cells[1] == NIK
    assert f'"{NIK}",' in content.decode()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_name_can_be_written_and_read_back(name):
    for form in Format:
        ((_head, _heads), *rows) = read(sheet_of([row(name)], form))[0].rows
        assert len(rows) == 1
        assert rows[0][1][1] == NIK


def test_our_own_sheet_with_a_status_beside_it_is_understood():
    for form in Format:
        lines = [values for _number, values in read(sheet_of([row()], form))[0].rows]
        answered = xlsx((*lines[0], "Status"), (*lines[1], "Lunas"))
        (one,) = answer_in(answered).told
        assert (one.nik.digits, one.month, one.amount, one.accepted) == (NIK, DECEMBER, 8400, True)


# ── read ─────────────────────────────────────────────────────────────────────────────────────────────────────────

HEAD = "NIK,Status,Bulan,Jumlah,Keterangan,KPJ,Berlaku Sampai"


def test_a_whole_row_is_read():
    content = sheet(HEAD, f"{NIK},Berhasil,Desember 2026,8400,,12345678901,31/12/2026")
    (one,) = answer_in(content).told
    assert one == Told(
        nik=one.nik,
        accepted=True,
        month=DECEMBER,
        amount=Rupiah(8400),
        reason="",
        kpj="12345678901",
        protected_until=date(2026, 12, 31),
        row=2,
    )
    assert one.nik.digits == NIK
    assert NIK not in repr(one)


@pytest.mark.parametrize("word", ["berhasil", "SUKSES", "Lunas", "ok", "Paid", "Sudah dibayar", " lunas. "])
def test_words_for_accepted(word):
    assert seen(answer_in(sheet("nik;status", f"{NIK};{word}"))) == [("0001", True)]


@pytest.mark.parametrize("word", ["Gagal", "DITOLAK", "tidak berhasil", "rejected", "belum lunas", "gagal: NIK beda"])
def test_words_for_refused(word):
    assert seen(answer_in(sheet("nik;status", f"{NIK};{word}"))) == [("0001", False)]


def test_what_is_still_under_way_is_neither():
    answer = answer_in(sheet("nik;status", f"{NIK};Diproses", f"{OTHER_NIK};ok"))
    assert (answer.waiting, seen(answer)) == ((2,), [("0002", True)])


@pytest.mark.parametrize("word", ["", "lunas sebagian", "hmm", "tidak ada", "?"])
def test_a_status_that_we_do_not_know_is_not_guessed(word):
    answer = answer_in(sheet("nik;status;bulan", f"{NIK};{word};Des 2026"))
    assert answer.told == ()
    assert [number for number, _words in troubles(answer)] == [2]


@pytest.mark.parametrize(
    "written_as",
    ["2026-12", "12/2026", "12-2026", "Desember 2026", "des 2026", "Dec-26", "202612", "122026", "DESEMBER2026"],
)
def test_months_in_any_usual_form(written_as):
    (one,) = answer_in(sheet("nik;status;periode", f"{NIK};ok;{written_as}")).told
    assert one.month == DECEMBER


@pytest.mark.parametrize("written_as", ["13/2026", "foo 2026", "2026", "0/2026", "Desember"])
def test_a_month_that_cannot_be_read_is_told(written_as):
    answer = answer_in(sheet("nik;status;periode", f"{NIK};ok;{written_as}"))
    assert answer.told == ()
    assert "tidak bisa dibaca" in troubles(answer)[0][1]


@pytest.mark.parametrize(
    "written_as", ["16800", "16.800", "16,800", "Rp16.800", "Rp 16.800,00", "16800.00", "16,800.00", "16.800,-"]
)
def test_amounts_in_any_usual_form(written_as):
    (one,) = answer_in(sheet("nik;status;jumlah", f'{NIK};ok;"{written_as}"')).told
    assert one.amount == 16800


@pytest.mark.parametrize("written_as", ["-5", "empat", "16.80", "1e9", "12,5", "99999999999999"])
def test_an_amount_that_cannot_be_read_is_told(written_as):
    answer = answer_in(sheet("nik;status;jumlah", f'{NIK};ok;"{written_as}"'))
    assert answer.told == ()
    assert len(answer.troubles) == 1


@pytest.mark.parametrize(
    "written_as", ["31/12/2026", "31-12-2026", "31.12.26", "2026-12-31", "31 Desember 2026", "31 Dec 2026", "31-Des-26"]
)
def test_days_in_any_usual_form(written_as):
    (one,) = answer_in(sheet("nik;status;berlaku sampai", f"{NIK};ok;{written_as}")).told
    assert one.protected_until == date(2026, 12, 31)


@pytest.mark.parametrize("written_as", ["12/31/2026", "31/2/2026", "besok", "0"])
def test_a_day_that_cannot_be_read_is_told(written_as):
    answer = answer_in(sheet("nik;status;berlaku sampai", f"{NIK};ok;{written_as}"))
    assert answer.told == ()
    assert len(answer.troubles) == 1


def test_cells_of_a_workbook_may_be_numbers_and_days():
    heads = ("NIK", "Status", "Bulan", "Jumlah", "Berlaku Sampai", "KPJ")
    content = xlsx(
        heads,
        (NIK, "Lunas", date(2026, 12, 1), 8400.0, date(2026, 12, 31), 12345678901),
        (OTHER_NIK, "Lunas", 46357, 8400, 46387, 12345678901.0),
        (int(NIK), "Lunas", "12/2026", 8400, None, "-"),
    )
    for one in answer_in(content).told:
        assert (one.month, one.amount) == (DECEMBER, 8400)
        assert one.protected_until in (date(2026, 12, 31), None)
        assert one.kpj in ("12345678901", "")
    assert len(answer_in(content).told) == 3


@pytest.mark.parametrize("nik", ["5,27101E+15", "5.27101e15", "5.271014505870000E+15"])
def test_a_nik_that_became_a_number_is_refused_with_advice(nik):
    answer = answer_in(sheet("nik;status", f'"{nik}";ok', f"{OTHER_NIK};ok"))
    assert seen(answer) == [("0002", True)]
    assert "Jadikan kolom NIK teks" in troubles(answer)[0][1]


def test_a_nik_whose_last_digit_a_program_lost_is_refused():
    answer = answer_in(xlsx(("NIK", "Status"), (5271014505870000, "ok"), (5.27101450587e15, "ok")))
    assert answer.told == ()
    assert [number for number, _words in troubles(answer)] == [2, 3]


def test_one_bad_row_among_many_is_told_and_the_others_count():
    rows = [f"52710145058{number:05};ok;8400" for number in range(70001, 70100)]
    answer = answer_in(sheet("nik;status;jumlah", *rows[:50], "123;ok;8400", *rows[50:]))
    assert len(answer.told) == 99
    assert troubles(answer) == [(52, "NIK itu 16 angka, di sini 3.")]


def test_troubles_never_repeat_a_nik():
    content = sheet("nik;status;jumlah", f"{NIK};{OTHER_NIK};8400", f"{NIK};ok;{OTHER_NIK}", f"{NIK}9;ok;1")
    answer = answer_in(content)
    assert len(answer.troubles) == 3
    assert not any(nik in words for _row, words in troubles(answer) for nik in (NIK, OTHER_NIK))


def test_in_english_the_troubles_are_english_where_they_are_translated():
    with speaking("en"):
        answer = answer_in(sheet("nik;status", ";ok;"))
    assert len(answer.troubles) == 1


# ── forms of files ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("between", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_csv_of_every_make(between, encoding):
    content = sheet(
        between.join(("Nomor NIK", "Hasil", "Keterangan")),
        between.join((f"'{NIK}", "gagal", "Namanya “Sití”" if encoding != "cp1252" else "Sití")),
        between.join((f'"{OTHER_NIK}"', "ok", "")),
        encoding=encoding,
    )
    assert seen(answer_in(content)) == [("0001", False), ("0002", True)]


def test_a_csv_may_name_what_stands_between_and_mark_text_as_excel_does():
    content = sheet("sep=;", "NIK;Status", f'="{NIK}";ok')
    assert seen(answer_in(content)) == [("0001", True)]


def test_titles_above_blank_rows_between_and_a_sum_below():
    content = xlsx(
        ("Hasil pembayaran iuran BPU",),
        (),
        ("No", "NIK", "Nama", "Status", "Jumlah"),
        (1, NIK, "Siti", "Lunas", 8400),
        (None, None, "  ", None, None),
        (2, OTHER_NIK, "Budi", "Gagal", None),
        ("Total", None, None, None, 8400),
        merge="A1:E1",
    )
    answer = answer_in(content)
    assert seen(answer) == [("0001", True), ("0002", False)]
    assert [one.row for one in answer.told] == [4, 6]
    assert answer.troubles == ()


def test_a_cell_that_is_merged_over_rows_counts_for_each():
    content = xlsx(
        ("NIK", "Bulan", "Status"), (NIK, "Desember 2026", "ok"), (None, "Januari 2027", "ok"), merge="A2:A3"
    )
    assert [(one.nik.last4, one.month) for one in answer_in(content).told] == [
        ("0001", DECEMBER),
        ("0001", Month(2027, 1)),
    ]


def test_a_formula_is_not_guessed():
    for content in (
        xlsx(("NIK", "Status", "Jumlah"), (NIK, "ok", "=1+1"), (OTHER_NIK, "ok", 8400)),
        sheet("nik;status;jumlah", f"{NIK};ok;=1+1", f"{OTHER_NIK};ok;8400"),
    ):
        answer = answer_in(content)
        assert seen(answer) == [("0002", True)]
        assert "rumus" in troubles(answer)[0][1]


def test_a_hidden_sheet_is_not_read_and_a_later_one_may_hold_the_answer():
    book = Workbook()
    book.active.append(("Petunjuk",))
    hidden = book.create_sheet("lama")
    hidden.append(("NIK", "Status"))
    hidden.append((OTHER_NIK, "gagal"))
    hidden.sheet_state = "hidden"
    last = book.create_sheet("hasil")
    last.append(("NIK", "Status"))
    last.append((NIK, "ok"))
    content = io.BytesIO()
    book.save(content)
    assert seen(answer_in(content.getvalue())) == [("0001", True)]


def test_a_map_names_other_columns():
    content = sheet("Identitas,Kode Respon,Masa,Status", f"{NIK},lunas,12/2026,x")
    with pytest.raises(NotASheet, match=r"NIK, Status\. Baris pertama berisi: Identitas, Kode Respon"):
        answer_in(content)
    (one,) = answer_in(content, {"nik": "identitas", "status": "Kode Respon", "month": "MASA"}).told
    assert (one.month, one.accepted) == (DECEMBER, True)
    with pytest.raises(NotASheet, match="Nomor, Status"):
        answer_in(content, {"nik": "Nomor"})


def test_of_several_amounts_the_surest_counts_and_two_alike_are_refused():
    (one,) = answer_in(sheet("nik;status;total;jumlah dibayar", f"{NIK};ok;1000;8400")).told
    assert one.amount == 8400
    with pytest.raises(NotASheet, match="dua kolom"):
        answer_in(sheet("nik;status;jumlah;jumlah", f"{NIK};ok;1000;8400"))


def locked() -> bytes:
    return b"\xd0\xcf\x11\xe0" + bytes(600)


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(64 * 1024 * 1024))
    return content.getvalue()


def laughing() -> bytes:
    content, source = io.BytesIO(), io.BytesIO(xlsx(("NIK", "Status"), (NIK, "ok")))
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(content, "w") as after:
        for part in before.infolist():
            data = before.read(part)
            if part.filename.endswith("sheet1.xml"):
                data = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + data.partition(b"?>")[2]
            after.writestr(part.filename, data)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \r\n;;\r\n", id="blank"),
        pytest.param(bytes(LARGEST + 1), id="too large"),
        pytest.param(b"%PDF-1.7 nik,status", id="a PDF"),
        pytest.param(b"\xff\xd8\xff\xe0 JFIF", id="a photo"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", id="a picture"),
        pytest.param(b"PK\x03\x04 no zip", id="a broken archive"),
        pytest.param(xlsx(("NIK", "Status"), (NIK, "ok"))[:-400], id="cut off"),
        pytest.param(locked(), id="locked, or an old Excel"),
        pytest.param(bomb(), id="unpacks to too much"),
        pytest.param(laughing(), id="brings entities"),
        pytest.param(sheet("nik,nama", f"{NIK},Siti"), id="no status"),
        pytest.param(sheet("nik,status", *[f"{NIK},ok"] * 20_001), id="too many rows"),
        pytest.param(sheet(",".join(["nik", "status"] * 60)), id="too many columns"),
        pytest.param(b"nik,status\0", id="NUL"),
        pytest.param(b"\xff\xfen", id="half of UTF-16"),
    ],
)
def test_what_is_no_sheet_is_refused_kindly_and_whole(content):
    with pytest.raises(NotASheet) as refusal:
        answer_in(content)
    assert str(refusal.value).endswith(".")
    assert NIK not in str(refusal.value)


def test_another_archive_is_no_sheet():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(NotASheet):
        answer_in(content.getvalue())


def test_headings_alone_tell_nothing():
    assert answer_in(sheet("nik,status")) == Answer()


def test_the_parts_stand_in_their_order():
    assert tuple(column.heading for column in COLUMNS[4:7]) == BPJS_PARTS == ("JKK", "JKM", "JHT")


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: f"nik,status\n{text}".encode())))
def test_nothing_breaks_the_reader(content):
    try:
        answer = answer_in(content)
    except NotASheet:
        return
    assert all(one.row > 1 for one in answer.told)
