"""`jagalapak restored`: what somebody is told who restored a backup, or mistypes."""

import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from bot.cli import cli
from domain.message import Reply
from storage.database import open_database
from storage.queries import associations, outbox
from storage.sealed import KeyRing
from storage.tables import Address, Audit, Message
from tests.storage.house import NOVEMBER, found, person

WITA = ZoneInfo("Asia/Makassar")


@pytest.fixture
def run(tmp_path, monkeypatch, sqlite_url):
    """`jagalapak restored …` on a database in which something waits for Siti since an hour."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("SECRET_KEYS", KeyRing.generate())
    in_database(sqlite_url, fill)
    return lambda *words: CliRunner().invoke(cli, ["restored", *words])


def fill(db):
    found(db, now=NOVEMBER - timedelta(days=900))
    person(db, "siti")
    hers = {"association_id": "main", "account": "telegram/main", "address_id": db.exec(select(Address.id)).one()}
    outbox.put(db, **hers, key="k", kind="bulk", reply=Reply("Halo."), now=datetime.now(UTC) - timedelta(hours=1))


def in_database(url, work):
    with closing(open_database(url)) as database:
        return database.transact(work)


def two_hours_ago(form="%Y-%m-%d %H:%M"):
    return f"{datetime.now(WITA) - timedelta(hours=2):{form}}"


def said(answer):
    return re.sub(r"[│╭╮╰╯─\s]+", " ", answer.output)


def status(url):
    return in_database(url, lambda db: (db.exec(select(Message.status)).one(), len(db.exec(select(Audit)).all())))


def test_it_tells_how_many_of_what(run, sqlite_url):
    answer = run("--taken", two_hours_ago())
    assert answer.exit_code == 0, answer.output
    assert re.search(r"main +0 +1 +0 +0 +0", answer.stdout)
    assert re.search(r"The newest entry is of .* \+0800, the backup of .* \+0800\.", answer.stdout)
    assert status(sqlite_url) == ("uncertain", 1)


def test_a_dry_run_writes_nothing_down(run, sqlite_url):
    told = json.loads(run("--taken", two_hours_ago("%Y-%m-%dT%H:%M%z"), "--dry-run", "--json").stdout)
    [counts] = told.pop("associations")
    assert counts == {
        "association": "main", "reminders": 0, "to_many": 1, "replies": 0, "notices": 0, "announcements": 0,
    }  # fmt: skip
    assert (told.keys(), told["kept"]) == ({"taken", "newest", "kept"}, False)
    assert datetime.fromisoformat(told["taken"]).utcoffset() == timedelta(hours=8)
    assert status(sqlite_url) == ("queued", 0)


def test_it_is_told_once(run, sqlite_url):
    assert run("--taken", two_hours_ago()).exit_code == 0
    answer = run("--taken", two_hours_ago())
    assert answer.exit_code == 2
    assert "It was told so already" in said(answer)
    assert status(sqlite_url)[1] == 1


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        ("yesterday", "Write it as 2026-12-10 07:00"),
        ("2026-02-30 07:00", "Write it as 2026-12-10 07:00"),
        ("", "Write it as 2026-12-10 07:00"),
        ("2999-12-10 07:00", "That lies ahead"),
        ("2020-12-10 07:00", "older than all that is here"),
        ("0001-01-01T00:00+14:00", "older than all that is here"),
    ],
)
def test_what_is_mistyped_is_told_kindly(run, sqlite_url, taken, words):
    answer = run("--taken", taken)
    assert answer.exit_code == 2
    assert words in said(answer)
    assert "Traceback" not in answer.output
    assert status(sqlite_url) == ("queued", 0)


def test_whose_clock_it_is_must_be_known(run, sqlite_url):
    def join(db):
        associations.ensure(db, association_id="papua", name="Asosiasi Papua", now=NOVEMBER).zone = "Asia/Jayapura"

    in_database(sqlite_url, join)
    assert "add the offset" in said(run("--taken", two_hours_ago()))
    assert run("--taken", two_hours_ago("%Y-%m-%dT%H:%M%z")).exit_code == 0


def test_an_empty_database_has_nothing_to_be_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    monkeypatch.setenv("SECRET_KEYS", KeyRing.generate())
    answer = CliRunner().invoke(cli, ["restored", "--taken", two_hours_ago()])
    assert (answer.exit_code, "no association yet" in said(answer)) == (2, True)
