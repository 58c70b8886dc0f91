"""Batches to BPJS from the command line: the sheet goes out, its answer comes in, first only told and then done."""

import csv
import io
import json
import re
import stat
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select
from typer.testing import CliRunner

from bot.app import open_storage
from bot.cli import cli
from bot.settings import read_settings
from domain.dues import Way
from domain.ledger import Account
from domain.money import Rupiah
from storage.queries import audit, members, outbox, remittances
from storage.sealed import KeyRing
from storage.tables import Audit, Member, Message, Remittance
from tests.storage.house import DECEMBER, found
from tests.storage.test_remittances import compose, paid, pay_batch

NAMES = ("ani", "budi", "cici")


@pytest.fixture
def storage(tmp_path, monkeypatch):
    """An SQLite database of our own, where three months lie in a batch that was paid."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'jagalapak.db'}")
    monkeypatch.setenv("SECRET_KEYS", KeyRing.generate())
    database = open_storage(read_settings())

    def fill(db: Session) -> None:
        found(db)
        for name in NAMES:
            paid(db, name, DECEMBER)
        pay_batch(db, compose(db))

    database.transact(fill)
    yield database
    database.close()


@pytest.fixture
def run(storage):
    """`jagalapak …` on that database."""
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def said(result: Any, code: int = 0) -> str:
    """What was said; it ended with that code, and without a traceback."""
    told = re.sub(r"[│╭╮╰╯─\s]+", " ", result.output)
    assert result.exit_code == code, told
    assert "Traceback" not in told
    return told


def niks(storage) -> list[str]:
    """The NIKs of Ani, Budi and Cici."""
    return storage.read(
        lambda db: [members.nik_of(one).digits for one in db.exec(select(Member).order_by(Member.name))]
    )


def answered(tmp_path, *rows: str, name: str = "hasil.csv") -> Any:
    """BPJS's answer in a file."""
    file = tmp_path / name
    file.write_text("\n".join(["NIK;Status;Bulan;Jumlah;Keterangan;Berlaku sampai", *rows]))
    return file


def lines(storage) -> list[str]:
    """How the lines of the first batch stand."""
    return storage.read(lambda db: [line.status for line, _member in remittances.lines_of(db, first(db))])


def first(db: Session) -> Remittance:
    return db.exec(select(Remittance)).first()  # type: ignore[return-value]


def notices(storage) -> list[str]:
    """What members were told."""
    return storage.read(
        lambda db: [outbox.open_reply(row.reply_sealed, row.key).text for row in db.exec(select(Message))]
    )


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_sheet_is_written_for_the_owner_alone_and_leaves_a_trace(run, storage, tmp_path):
    told = said(run("export", "remittance", "r-2026-0001", tmp_path / "iuran.xlsx"))
    assert "holds 3 lines, Rp25.200 in all." in told
    assert stat.S_IMODE((tmp_path / "iuran.xlsx").stat().st_mode) == 0o600
    rows = list(load_workbook(tmp_path / "iuran.xlsx").active.values)
    assert [row[1] for row in rows[1:]] == niks(storage)
    assert not any(nik in told for nik in niks(storage))
    trace = storage.read(lambda db: db.exec(select(Audit).where(Audit.action == "exported")).one())
    assert (trace.actor_id, trace.facts) == (None, {"lines": 3, "to": "command line"})
    assert storage.read(lambda db: audit.first_break(db, "main")) is None


def test_as_csv_and_for_programs(run, storage, tmp_path):
    result = run("export", "remittance", "R-2026-0001", tmp_path / "iuran.csv", "--json")
    assert json.loads(result.stdout) == {
        "remittance": "R-2026-0001",
        "file": str(tmp_path / "iuran.csv"),
        "lines": 3,
        "total": 25200,
    }
    rows = list(csv.reader(io.StringIO((tmp_path / "iuran.csv").read_text("utf-8-sig"))))
    assert [row[7] for row in rows] == ["jumlah", "8400", "8400", "8400"]


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("R-2026-0009", "x.csv"), "There is no batch R-2026-0009; the latest are R-2026-0001."),
        (("R-2026-0001", "x.pdf"), "Let its name end in .xlsx or .csv."),
        (("R-2026-0001", "x.csv", "--association", "ntt"), "There is no association ntt; there are main."),
        (("R-2026-0001", "no/such/folder/x.csv"), "No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_explained(run, words, advice):
    assert advice in said(run("export", "remittance", *words), 2)


def test_no_file_is_written_over(run, tmp_path):
    (tmp_path / "iuran.csv").write_text("mine")
    assert "already; name another one" in said(run("export", "remittance", "R-2026-0001", tmp_path / "iuran.csv"), 2)
    assert (tmp_path / "iuran.csv").read_text() == "mine"


# ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_changed_before_it_is_applied_and_then_each_line_once(run, storage, tmp_path):
    ani, budi, cici = niks(storage)
    file = answered(
        tmp_path,
        f"{ani};Lunas;Desember 2026;8400;;31/12/2026",
        f"{budi};Gagal;Desember 2026;;NIK tidak cocok;",
        f"{cici};Lunas;Desember 2026;16800;;",
        "5271014505870999;Lunas;Desember 2026;8400;;",
        "12;Lunas;;;;",
    )
    told = said(run("import", "bpjs-result", file))
    for words in ("R-2026-0001: what would happen", "row 3: Budi", "row 5:", "row 6:", "Nothing is changed yet"):
        assert words in told
    assert lines(storage) == ["open"] * 3
    assert notices(storage) == []
    for again in range(2):
        facts = json.loads(run("import", "bpjs-result", file, "--apply", "--json").stdout)
        counts = {name: count for name, count in facts["counts"].items() if count}
        expected = {"known": 3, "stranger": 1} if again else {"matched": 1, "failed": 1, "unmatched": 1, "stranger": 1}
        assert counts == expected
        assert [one["row"] for one in facts["troubles"]] == [6]
        assert lines(storage) == ["matched", "failed", "unmatched"]
        assert len(storage.read(first).strangers) == 1
        assert [text.partition(".")[0] for text in notices(storage)] == [
            "BPJS sudah menerima iuran Desember 2026 atas nama Ani"
        ]
        assert not any(nik in json.dumps(facts) for nik in (ani, budi, cici))
    assert storage.read(lambda db: str(db.exec(select(Member).where(Member.name == "Ani")).one().protected_until)) == (
        "2026-12-31"
    )


def test_a_partial_answer_leaves_the_rest_open_and_the_last_one_closes_the_batch(run, storage, tmp_path):
    ani, budi, cici = niks(storage)
    said(run("import", "bpjs-result", answered(tmp_path, f"{ani};ok;;;;"), "--apply"))
    assert lines(storage) == ["matched", "open", "open"]
    told = said(run("import", "bpjs-result", answered(tmp_path, f"{budi};ok;;;;", f"{cici};ok;;;;"), "--apply"))
    assert "0 lines of the batch still without a result" in told
    assert storage.read(first).status == "closed"
    whole = answered(tmp_path, *(f"{nik};ok;;;;" for nik in (ani, budi, cici)))
    assert json.loads(run("import", "bpjs-result", whole, "--apply", "--json").stdout)["counts"]["known"] == 3
    assert len(notices(storage)) == 3


def another_batch(db: Session) -> str:
    paid(db, "dewi", DECEMBER)
    batch = compose(db)
    pay_batch(db, batch)
    return members.nik_of(db.exec(select(Member).where(Member.name == "Dewi")).one()).digits


def test_another_batchs_answer_is_not_taken_for_this_ones(run, storage, tmp_path):
    dewi = storage.transact(another_batch)
    file = answered(tmp_path, f"{dewi};ok;Desember 2026;8400;;")
    told = said(run("import", "bpjs-result", file, "--remittance", "R-2026-0001", "--apply"), 2)
    assert "R-2026-0001" in told
    assert "R-2026-0002" in told
    assert storage.read(first).strangers == []
    assert "R-2026-0002: what would happen" in said(run("import", "bpjs-result", file))


def test_an_answer_to_a_batch_that_is_not_paid_has_to_wait(run, storage, tmp_path):
    def not_paid(db: Session) -> str:
        dewi = paid(db, "dewi", DECEMBER)
        compose(db)
        return members.nik_of(dewi).digits

    dewi = storage.transact(not_paid)
    file = answered(tmp_path, f"{dewi};ok;;;;")
    assert "R-2026-0002" in said(run("import", "bpjs-result", file, "--remittance", "R-2026-0002", "--apply"), 2)
    said(run("import", "bpjs-result", file, "--apply"), 2)


def test_money_that_never_was_here_fits_no_batch(run, storage, tmp_path):
    def straight(db: Session) -> str:
        return members.nik_of(paid(db, "dewi", DECEMBER, way=Way.BPJS)).digits

    file = answered(tmp_path, f"{storage.transact(straight)};ok;;;;")
    said(run("import", "bpjs-result", file, "--apply"), 2)
    assert storage.read(first).strangers == []


def test_an_answer_that_may_be_of_two_batches_wants_a_number(run, storage, tmp_path):
    dewi = storage.transact(another_batch)
    file = answered(tmp_path, f"{dewi};ok;;;;", f"{niks(storage)[0]};ok;;;;")
    told = said(run("import", "bpjs-result", file), 2)
    assert "R-2026-0001, R-2026-0002" in told
    assert "R-2026-0001: what would happen" in said(run("import", "bpjs-result", file, "--remittance", "r-2026-0001"))


def test_an_earlier_end_of_protection_counts_only_when_it_is_said_so(run, storage, tmp_path):
    ani = niks(storage)[0]
    said(run("import", "bpjs-result", answered(tmp_path, f"{ani};ok;;;;31/01/2027"), "--apply"))
    earlier = answered(tmp_path, f"{ani};ok;;;;31/12/2026")
    assert "--trust-dates takes those days over" in said(run("import", "bpjs-result", earlier, "--apply"))
    assert until(storage) == "2027-01-31"
    said(run("import", "bpjs-result", earlier, "--apply", "--trust-dates"))
    assert until(storage) == "2026-12-31"


def until(storage) -> str:
    """The end of Ani's protection, as BPJS told it."""
    return storage.read(lambda db: str(db.exec(select(Member).where(Member.name == "Ani")).one().protected_until))


@pytest.mark.parametrize(
    ("more", "advice"),
    [
        (("--map", "foo=NIK"), "Write it as nik=NIK,status=Status"),
        (("--map", "nik="), "Write it as nik=NIK,status=Status"),
        (("--map", "nik=Identitas"), "Identitas"),
        (("--remittance", "R-2026-0099"), "R-2026-0099"),
        (("--association", "ntt"), "There is no association ntt"),
    ],
)
def test_what_cannot_be_taken_in_is_explained(run, storage, tmp_path, more, advice):
    file = answered(tmp_path, f"{niks(storage)[0]};ok;;;;")
    assert advice in said(run("import", "bpjs-result", file, *more, "--apply"), 2)
    assert lines(storage) == ["open"] * 3


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04", b"nama,alamat\nx,y\n"])
def test_a_file_of_another_kind_is_refused_whole(run, storage, tmp_path, content):
    file = tmp_path / "hasil.bin"
    file.write_bytes(content)
    said(run("import", "bpjs-result", file, "--apply"), 2)
    said(run("import", "bpjs-result", tmp_path / "none.csv"), 2)
    assert lines(storage) == ["open"] * 3


def test_a_map_names_the_columns(run, storage, tmp_path):
    file = tmp_path / "hasil.csv"
    file.write_text(f"Identitas|Respon\n{niks(storage)[0]}|sukses\n")
    said(run("import", "bpjs-result", file, "--map", "nik=Identitas, status=respon", "--apply"))
    assert lines(storage) == ["matched", "open", "open"]


def test_money_lies_where_it_did_whatever_bpjs_answers(run, storage, tmp_path):
    rows = [f"{nik};{word};;;;" for nik, word in zip(niks(storage), ("ok", "gagal", "proses"), strict=True)]
    said(run("import", "bpjs-result", answered(tmp_path, *rows), "--apply"))
    with storage.reading() as db:
        assert [remittances.ledger.balance(db, "main", one) for one in (Account.BANK, Account.BPJS)] == [Rupiah(0)] * 2
