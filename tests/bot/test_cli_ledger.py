"""`jagalapak ledger`: the check, the journal that Beancount accepts, and rules that change."""

import json
from contextlib import closing

import pytest
from beancount import loader
from beancount.core.data import Balance, Transaction
from sqlalchemy import text
from sqlmodel import Session, select
from typer.testing import CliRunner

from bot import beancount
from bot.beancount import journal
from bot.cli import cli
from domain.dues import Terms
from domain.money import Rupiah
from domain.rates import Programme, Sector
from storage.database import Database, open_database
from storage.queries import charges, payments, terms
from storage.sealed import KeyRing, use_keys
from storage.tables import Member
from tests.storage.house import DECEMBER, JANUARY, JKK_JKM, NOVEMBER, WITH_JHT, found, member, pay, person
from tests.storage.test_ledger_check import a_season

WRONG = "UPDATE payment SET received = received + 1 WHERE status = 'confirmed'"


@pytest.fixture
def run(tmp_path, monkeypatch, sqlite_url, ring, a_ring):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SECRET_KEYS", ring)
    yield lambda *words: CliRunner().invoke(cli, ["ledger", *map(str, words)])
    use_keys(a_ring)


@pytest.fixture(scope="session")
def ring() -> str:
    return KeyRing.generate()


def change(url: str, *works) -> None:
    with closing(open_database(url)) as database:
        for work in works:
            database.transact(work)


def test_a_ledger_that_holds(run, sqlite_url):
    change(sqlite_url, a_season)
    answer = run("check")
    assert (answer.exit_code, answer.stdout) == (0, "Every rupiah is in its place.\n")
    assert json.loads(run("check", "--json").stdout)["ok"]


def test_a_ledger_that_does_not_hold_says_where_and_what_to_do(run, sqlite_url):
    change(sqlite_url, a_season, lambda db: db.connection().execute(text(WRONG)))
    answer = run("check")
    assert answer.exit_code == 1
    assert "it does not hold that each payment that somebody has seen has one receipt\n" in answer.stdout
    assert "    payment B-2026-0001: It is confirmed, of 30001 rupiah, and has 1 receipts, of 30000" in answer.stdout
    assert "→" in answer.stdout
    assert not json.loads(run("check", "--json").stdout)["ok"]


def test_beancount_accepts_the_journal_and_finds_no_name_in_it(run, sqlite_url, tmp_path):
    change(sqlite_url, a_season)
    file = tmp_path / "main.beancount"
    assert run("export", file).exit_code == 0
    entries, errors, _options = loader.load_file(str(file))
    assert errors == []
    assert len([entry for entry in entries if type(entry).__name__ == "Transaction"]) >= 8
    written = file.read_text()
    assert "Siti" not in written
    assert "5271" not in written
    assert run("export").stdout == written


def test_beancount_refuses_a_journal_that_somebody_changed(run, sqlite_url, tmp_path):
    change(sqlite_url, a_season)
    file = tmp_path / "main.beancount"
    run("export", file)
    lines = file.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("  Assets:Bank"))
    lines[place] = lines[place].replace(" 8400 ", " 8500 ").replace(" 5000 ", " 5001 ")
    file.write_text("\n".join(lines) + "\n")
    assert loader.load_file(str(file))[1]


def test_the_journal_is_the_same_on_every_database(database: Database):
    database.transact(a_season)
    written = database.read(lambda db: "\n".join(journal(db, "main")))
    entries, errors, _options = loader.load_string(written)
    assert errors == []
    assert entries


def test_a_month_of_everybody_is_one_line_for_each_and_the_other_side_part_by_part(database: Database, monkeypatch):
    def fill(db: Session) -> None:
        found(db)
        for number in range(7):
            member(db, f"m{number}", hers=WITH_JHT if number % 2 else JKK_JKM)
        charges.charge_month(db, "main", DECEMBER, now=NOVEMBER)

    database.transact(fill)
    wholly = loader.load_string(database.read(lambda db: "\n".join(journal(db, "main"))))
    monkeypatch.setattr(beancount, "FEW", 3)
    monkeypatch.setattr(beancount, "BATCH", 2)
    written = database.read(lambda db: "\n".join(journal(db, "main")))
    entries, errors, _options = loader.load_string(written)
    assert (wholly[1], errors) == ([], [])
    [month] = [entry for entry in entries if isinstance(entry, Transaction)]
    amounts = sorted(int(posting.units.number) for posting in month.postings if posting.account.startswith("Assets"))
    assert amounts == [8400] * 4 + [28400] * 3
    other = {p.meta["part"]: int(p.units.number) for p in month.postings if p.account == "Liabilities:BPJS"}
    assert other == {"JKK": -35000, "JKM": -23800, "JHT": -60000}
    told = [[(one.account, one.amount) for one in found if isinstance(one, Balance)] for found in (entries, wholly[0])]
    assert told[0] == told[1] != []


def test_a_reason_is_written_as_somebody_said_it_and_ends_no_text(database: Database):
    said = 'bukan "saya"\\ \n2026-12-01 open Assets:Mine IDR'

    def fill(db: Session) -> None:
        found(db)
        payment = pay(db, member(db, "siti"), DECEMBER)
        payments.confirm(db, payment, Rupiah(8400), by=person(db, "lalu"), now=NOVEMBER)
        payments.undo(db, payment, reason=said, by=person(db, "dewi"), now=NOVEMBER)

    database.transact(fill)
    entries, errors, _options = loader.load_string(database.read(lambda db: "\n".join(journal(db, "main"))))
    assert errors == []
    [undone] = [one for one in entries if isinstance(one, Transaction) and one.payee == "reversal"]
    assert undone.narration == " ".join(said.split())


def test_a_rule_that_changed_is_charged_as_a_difference(run, sqlite_url):
    def drive(db):
        budi = db.exec(select(Member).where(Member.name == "Budi")).one()
        terms.add(db, budi, Terms(1, tuple(Programme), Sector.TRANSPORT), from_month=JANUARY, now=NOVEMBER)

    change(sqlite_url, a_season, drive)
    assert json.loads(run("reprice", "--dry-run", "--json").stdout) == {"members": 1, "total": -8400, "kept": False}
    assert "1 members, Rp-8.400 in all; written." in run("reprice", "--from", "2027-01").stdout
    assert json.loads(run("reprice", "--json").stdout)["members"] == 0
    assert run("check").exit_code == 0


@pytest.mark.parametrize(
    "words", [("check", "--association", "x"), ("export", "--association", "x"), ("reprice", "--from", "x")]
)
def test_what_is_mistyped_is_told_kindly(run, words):
    answer = run(*words)
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output
