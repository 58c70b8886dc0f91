"""`jagalapak remind`: what is owed on a day, shown or written down."""

import json
from contextlib import closing

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot.cli import cli
from storage.database import open_database
from storage.queries import charges
from storage.sealed import KeyRing
from storage.tables import Reminder
from tests.bot.test_reminders import TENTH, agree
from tests.storage.house import DECEMBER, found, member


@pytest.fixture
def run(tmp_path, monkeypatch, sqlite_url):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SECRET_KEYS", KeyRing.generate())

    def fill(db):
        found(db)
        agree(db, member(db, "siti"))
        charges.charge_month(db, "main", DECEMBER, now=TENTH)

    with closing(open_database(sqlite_url)) as database:
        database.transact(fill)
    return lambda *words: CliRunner().invoke(cli, ["remind", *words])


def rows(url):
    with closing(open_database(url)) as database:
        return database.read(lambda db: db.exec(select(Reminder)).all())


def test_a_dry_run_shows_the_plan_and_writes_nothing_down(run, sqlite_url):
    told = json.loads(run("--on", "2026-12-10", "--dry-run", "--json").stdout)
    assert told["reminders"] == [
        {"association": "main", "member": "…0001", "month": "2026-12", "rule": "due-5", "send_at": "10 Dec 09:00"}
    ]
    assert rows(sqlite_url) == []


def test_what_is_planned_is_planned_once(run, sqlite_url):
    assert "1 in all; written down" in run("--on", "2026-12-10").stdout
    assert "0 in all" in run("--on", "2026-12-10").stdout
    assert len(rows(sqlite_url)) == 1


@pytest.mark.parametrize(
    "words", [("--on", "tomorrow"), ("--on", "2026-02-30"), ("--on", "2026-12-10", "--association", "x")]
)
def test_what_is_mistyped_is_told_kindly(run, words):
    answer = run(*words)
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output
