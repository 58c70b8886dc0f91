"""A reminder names the template that says the same where nobody may be written to freely."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from bot.channels.whatsapp_templates import CATALOGUE, filled, variables_of
from bot.reminders import plan_all, send_due
from domain.message import Reply
from storage.database import Database
from storage.queries import outbox
from storage.tables import Address, Message
from tests.bot.test_reminders import everybody_owes_december

TENTH = datetime(2026, 12, 10, 1, 0, tzinfo=UTC)  # 09.00 in Mataram, five days before the 15th


def queued(database: Database, now: datetime) -> Reply:
    """The one reminder that goes out then."""
    plan_all(database, now)
    assert send_due(database, now) == 1
    row = database.read(lambda db: db.exec(select(Message)).one())
    return outbox.open_reply(row.reply_sealed, row.key)


@pytest.mark.parametrize(
    ("days", "language", "template", "told"),
    [
        (0, "id", "due_id", "untuk Bapak/Ibu: iuran Desember 2026 sebesar Rp8.400, paling lambat 15 Desember 2026."),
        (0, "en", "due_en", "dues for December 2026 of Rp8.400, at the latest on 15 December 2026."),
        (8, "id", "overdue_id", "untuk Bapak/Ibu: iuran Desember 2026 sebesar Rp8.400 belum kami terima."),
        (50, "id", "countdown_id", "bisa berakhir mulai 28 Februari 2027. Yang belum dibayar"),
    ],
)
def test_each_reminder_has_its_template(database: Database, days: int, language: str, template: str, told: str):
    def fill(db: Session) -> None:
        everybody_owes_december(db, "siti")
        db.exec(select(Address)).one().language = language

    database.transact(fill)
    reply = queued(database, TENTH + timedelta(days=days))
    assert reply.template == template
    assert told in filled(CATALOGUE[template], variables_of(reply).values())
    assert reply.variables[0] == "Asosiasi Contoh"


def test_on_a_shared_phone_a_template_says_whom_it_is_for(database: Database):
    def fill(db: Session) -> None:
        everybody_owes_december(db, "siti")
        db.exec(select(Address)).one().shared = True

    database.transact(fill)
    assert queued(database, TENTH).variables[1] == "Siti"
