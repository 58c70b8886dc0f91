"""Reminders and announcements: rules, what was planned and promised, campaigns, and what providers allow."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "reminders_and_announcements"
down_revision = "money"


def upgrade() -> None:
    """What is there stays as it is; there is no way down but a backup."""
    with op.batch_alter_table("association") as association:
        association.add_column(text("opens", 5, server_default=sa.text("'08:00'")))
        association.add_column(text("closes", 5, server_default=sa.text("'19:30'")))
        association.add_column(number("reminders_per_week", server_default=sa.text("2")))
        association.add_column(number("approve_above", server_default=sa.text("50")))
    widen_what_is_sent()
    op.create_index("talk_of_person", "talk", ["person_id"])
    create_reminders()
    create_campaigns()
    create_what_providers_know()


def column(kind: Any, name: str, *parts: Any, **rules: Any) -> sa.Column[Any]:
    """A column that must have a value, unless its rules say otherwise."""
    return sa.Column(name, kind, *parts, **{"nullable": False, **rules})


number = partial(column, sa.Integer())
day = partial(column, sa.Date())
moment = partial(column, sa.DateTime(timezone=True))
big = partial(column, sa.BigInteger())
json = partial(column, sa.JSON().with_variant(JSONB(), "postgresql"))
empty = sa.text("''")
counted = partial(column, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def text(name: str, length: int | None = None, **rules: Any) -> sa.Column[Any]:
    """A text, of `length` characters at most."""
    return column(sa.String(length), name, **rules)


def belongs(name: str, to: str, length: int | None = None, **rules: Any) -> sa.Column[Any]:
    """The id of a row in another table."""
    return column(sa.String(length), name, sa.ForeignKey(to), **rules)


def known(name: str, words: str) -> sa.CheckConstraint:
    """Only these words may stand in a column."""
    return sa.CheckConstraint(f"{name} IN ({', '.join(map(repr, words.split()))})", name=f"known_{name}")


def where(condition: str) -> dict[str, Any]:
    """An index of only some rows, on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def widen_what_is_sent() -> None:
    """What a message was billed as, which of them wait for what, and what bounds an account."""
    with op.batch_alter_table("message") as message:
        message.add_column(text("billed_as", server_default=empty))
    op.drop_index("message_open", "message")
    parts = ["account", "address_id", "id", "kind", "due_at"]
    op.create_index("message_open", "message", parts, **where("status IN ('queued', 'leased', 'retry_wait')"))
    answers = "status IN ('queued', 'leased', 'retry_wait') AND kind <> 'bulk'"
    op.create_index("message_answers", "message", ["account", "address_id", "id"], **where(answers))
    to_many = "status IN ('queued', 'retry_wait') AND kind = 'bulk'"
    op.create_index("message_to_many", "message", ["account", "due_at", "id"], **where(to_many))
    op.create_index("message_parked_for", "message", ["account", "code"], **where("status = 'parked'"))
    with op.batch_alter_table("address") as address:
        address.add_column(moment("closed_at", nullable=True))
    with op.batch_alter_table("rate") as rate:
        rate.add_column(number("people_per_day", nullable=True))
        rate.add_column(moment("outside_at", nullable=True))
    with op.batch_alter_table("channel_account") as account:
        account.add_column(number("window_seconds", nullable=True))
        account.add_column(json("prices", server_default=sa.text("'{}'")))


def create_reminders() -> None:
    """Rules, what was planned by them, and promises."""
    op.create_table(
        "reminder_rule",
        counted("id"),
        belongs("association_id", "association.id"),
        text("anchor"),
        number("days"),
        number("lasts"),
        sa.UniqueConstraint("association_id", "anchor", "days"),
        known("anchor", "due cover"),
        sa.CheckConstraint("lasts BETWEEN 1 AND 60 AND days BETWEEN -60 AND 60", name="within_reason"),
    )
    op.create_table(
        "reminder",
        counted("id"),
        belongs("association_id", "association.id", 32),
        belongs("member_id", "member.id"),
        text("month", 7),
        text("rule"),
        text("status"),
        moment("send_at"),
        moment("valid_until"),
        big("message_id", nullable=True),
        text("reason"),
        moment("planned_at"),
        moment("settled_at", nullable=True),
        sa.UniqueConstraint("member_id", "month", "rule"),
        known("status", "planned queued uncertain cancelled late"),
        sa.Index("reminder_planned", "send_at", **where("status = 'planned'")),
        sa.Index("reminder_of_week", "association_id", "send_at"),
        sa.Index("reminder_of_message", "message_id"),
    )
    op.create_table(
        "promise",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("member_id", "member.id"),
        day("pay_on"),
        moment("made_at"),
        moment("ended_at", nullable=True),
        sa.Index("promise_kept_open", "member_id", unique=True, **where("ended_at IS NULL")),
    )
    op.create_table(
        "call",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("member_id", "member.id"),
        text("month", 7),
        text("outcome"),
        belongs("by_person", "person.id"),
        moment("at"),
        known("outcome", "promised not_reached wants_to_stop other"),
        sa.Index("calls_to_member", "member_id", "month"),
    )


def create_campaigns() -> None:
    """Announcements and who gets them."""
    op.create_table(
        "campaign",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        text("number"),
        text("status"),
        text("words"),
        text("medium"),
        belongs("document_id", "document.id", nullable=True),
        json("audience"),
        number("expected"),
        belongs("made_by", "person.id"),
        belongs("address_id", "address.id", nullable=True),
        belongs("approved_by", "person.id", nullable=True),
        column(sa.Boolean(), "alone"),
        belongs("retries", "campaign.id", nullable=True),
        moment("send_at"),
        moment("listed_at", nullable=True),
        moment("ended_at", nullable=True),
        text("reason"),
        text("shown"),
        moment("shown_at", nullable=True),
        moment("created_at"),
        sa.UniqueConstraint("association_id", "number"),
        known("status", "waiting scheduled sending paused done stopped refused"),
        sa.CheckConstraint("medium IN ('', 'picture', 'pdf', 'voice')", name="known_medium"),
        sa.Index("campaign_at_work", "association_id", "status", "send_at"),
    )
    op.create_table(
        "campaign_recipient",
        counted("id"),
        belongs("association_id", "association.id", 32),
        belongs("campaign_id", "campaign.id", 32),
        belongs("person_id", "person.id", 32),
        text("status"),
        big("message_id", nullable=True),
        text("reason"),
        sa.UniqueConstraint("campaign_id", "person_id"),
        known("status", "waiting queued held_back"),
        sa.Index("recipient_waiting", "campaign_id", "id", **where("status = 'waiting'")),
        sa.Index("recipient_of_message", "message_id"),
    )


def create_what_providers_know() -> None:
    """Templates, whom we wrote to outside of a window, and files that need not be uploaded again."""
    op.create_table(
        "template",
        belongs("account", "channel_account.id", primary_key=True),
        text("name", 64, primary_key=True),
        belongs("association_id", "association.id"),
        text("sid", 64),
        text("asked"),
        text("category"),
        text("status"),
        text("reason"),
        moment("checked_at"),
    )
    op.create_table(
        "reached",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("account", "channel_account.id"),
        belongs("address_id", "address.id"),
        moment("at"),
        sa.UniqueConstraint("account", "address_id"),
        sa.Index("reached_of_account", "account", "at"),
    )
    op.create_table(
        "uploaded",
        belongs("account", "channel_account.id", primary_key=True),
        belongs("document_id", "document.id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        text("file_id"),
        moment("at"),
    )
