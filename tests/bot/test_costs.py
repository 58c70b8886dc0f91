"""`jagalapak costs`: what a month's messages were billed as, and what they cost by the operator's own prices."""

import json
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from bot.cli import cli
from bot.settings import names_of
from domain.message import Reply
from storage.database import open_database
from storage.queries import associations, outbox, talks
from storage.sealed import KeyRing
from storage.tables import Message

NOW = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
ACCESS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-of-no-account",
    "TWILIO_API_KEY_SID": "SK" + "0" * 32,
    "TWILIO_API_KEY_SECRET": "a-secret-of-no-key-00",
    "TWILIO_WHATSAPP_FROM": "+6281299990000",
    "PUBLIC_BASE_URL": "https://bot.contoh.id",
}


@pytest.fixture
def run(tmp_path, monkeypatch, sqlite_url):
    """`jagalapak costs …` in a house with a number, in which three messages went out in December."""
    monkeypatch.chdir(tmp_path)
    for name in names_of(["ntt"]):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**ACCESS, "DATABASE_URL": sqlite_url, "SECRET_KEYS": KeyRing.generate()}.items():
        monkeypatch.setenv(name, value)
    database = open_database(sqlite_url)
    database.transact(fill)
    database.close()
    return lambda *words: CliRunner().invoke(cli, ["costs", *words])


def fill(db: Session) -> None:
    associations.ensure(db, association_id="main", name="Asosiasi Contoh", now=NOW)
    for account, billed in (("telegram/main", ""), ("whatsapp/main", "service"), ("whatsapp/main", "utility")):
        associations.ensure_account(db, association_id="main", account=account, per_second=10, now=NOW)
        at = talks.ensure_address(db, association_id="main", account=account, external_id=billed or "1", now=NOW)
        about = {"association_id": "main", "account": account, "address_id": at.id, "now": NOW}
        outbox.put(db, key=f"{account}{billed}", reply=Reply("Halo."), **about)
        row = db.exec(select(Message).where(Message.key == f"{account}{billed}")).one()
        row.status, row.billed_as, row.http_started_at = "delivered", billed, NOW


def test_without_prices_only_messages_are_counted(run):
    told = run("--month", "2026-12").output
    assert "service (replies within 24 hours)" in told
    assert "Messages: 3; of 2 the price is not known: set TWILIO_PRICES." in told
    assert "USD" not in told


def test_with_prices_each_kind_has_its_cost(run, monkeypatch):
    monkeypatch.setenv("TWILIO_PRICES", "USD,utility:0.0200,service:0.0100,fee:0.0050")
    [found] = json.loads(run("--month", "2026-12", "--json").output)
    assert (found["messages"], found["free"], found["unknown"]) == (3, 1, 0)
    assert (found["amount"], found["currency"]) == ("0.0300", "USD")
    assert [(part["billed_as"], part["amount"]) for part in found["parts"]] == [
        ("", "0"),
        ("service", "0.0050"),
        ("utility", "0.0250"),
    ]
    assert "cost: USD 0.03." in run("--month", "2026-12").output


def test_a_month_in_which_nothing_went_out_is_empty(run):
    [found] = json.loads(run("--month", "2026-11", "--json").output)
    assert (found["messages"], found["amount"], found["parts"]) == (0, None, [])
    assert run("--month", "13").exit_code == 2
