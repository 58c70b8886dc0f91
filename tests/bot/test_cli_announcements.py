"""`jagalapak export campaign`: what became of an announcement, in a sheet whose cells are only text (F8)."""

import csv
import json
from contextlib import closing

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select
from typer.testing import CliRunner

from bot.cli import cli
from storage.database import open_database
from storage.queries import campaigns, recipients
from storage.sealed import KeyRing
from storage.tables import Audit, Campaign, CampaignRecipient
from tests.bot.test_campaigns import NOON, made, members

FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture
def run(tmp_path, monkeypatch, sqlite_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SECRET_KEYS", KeyRing.generate())

    def fill(db: Session) -> None:
        siti, _budi, ani = members(db, "siti", "budi", "ani")
        siti.name, ani.name = FORMULA, "+62 Ani"
        campaign = made(db)
        for row in db.exec(select(CampaignRecipient).where(CampaignRecipient.person_id == siti.person_id)):
            row.status, row.reason = "held_back", "opted_out"
        campaigns.begin(db, campaign)
        assert recipients.waiting(db, campaign.id) == 2

    with closing(open_database(sqlite_url)) as database:
        database.transact(fill)
    return lambda *words: CliRunner().invoke(cli, ["export", "campaign", *words])


def test_a_workbook_holds_everybody_as_text(run, tmp_path, sqlite_url):
    answer = run("u-2026-0001", "report.xlsx")
    assert (answer.exit_code, answer.stdout.strip()) == (0, "report.xlsx holds 3 people.")
    cells = list(load_workbook(tmp_path / "report.xlsx").active.iter_rows())
    assert [cell.value for cell in cells[0]] == ["no", "nama", "hasil", "aplikasi", "waktu"]
    assert [(row[1].value, row[1].data_type, row[2].value) for row in cells[1:]] == [
        (FORMULA, "s", "tidak dikirimi: tidak mau pengumuman"),
        ("+62 Ani", "s", "menunggu dikirim"),
        ("Budi", "s", "menunggu dikirim"),
    ]
    with closing(open_database(sqlite_url)) as database:
        row = database.read(lambda db: db.exec(select(Audit)).all())[-1]
        assert (row.action, row.facts) == ("exported_announcement", {"people": 3, "to": "command line"})
        assert NOON and database.read(lambda db: db.exec(select(Campaign)).one()).number == "U-2026-0001"


def test_a_csv_marks_what_looks_like_a_formula(run, tmp_path):
    assert json.loads(run("U-2026-0001", "report.csv", "--json").stdout) == {
        "campaign": "U-2026-0001",
        "file": "report.csv",
        "people": 3,
    }
    text = (tmp_path / "report.csv").read_text("utf-8-sig")
    names = [row[1] for row in csv.reader(text.splitlines())][1:]
    assert names == [f"'{FORMULA}", "'+62 Ani", "Budi"]
    assert (tmp_path / "report.csv").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("U-2026-0009", "report.csv"), "There is no announcement U-2026-0009; the latest are U-2026-0001."),
        (("U-2026-0001", "report.txt"), "Let its name end in .xlsx or .csv."),
        (("U-2026-0001", "report.csv", "--association", "x"), "There is no association x"),
    ],
)
def test_what_is_mistyped_is_told_kindly(run, words, advice):
    answer = run(*words)
    assert answer.exit_code == 2
    assert advice in " ".join(answer.output.replace("│", " ").split())
    assert "Traceback" not in answer.output


def test_a_file_that_is_there_stays(run, tmp_path):
    (tmp_path / "report.csv").write_text("mine")
    assert run("U-2026-0001", "report.csv").exit_code == 2
    assert (tmp_path / "report.csv").read_text() == "mine"
