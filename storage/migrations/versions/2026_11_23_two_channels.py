"""WhatsApp beside Telegram: several people on one phone, one person on several, one-time links, delivery reports."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "two_channels"
down_revision = "first_tables"

STATUSES = "queued leased retry_wait accepted sent delivered read uncertain failed suppressed expired cancelled parked"
KINDS = "question stuck duplicate_nik not_processed unreachable identity"


def upgrade() -> None:
    """What is there stays as it is; there is no way down but a backup."""
    widen_address()
    widen_talk()
    widen_message()
    widen_received()
    with op.batch_alter_table("ticket") as ticket:
        known(ticket, "kind", KINDS)
    create_tables()


def column(kind: Any, name: str, *parts: Any, **rules: Any) -> sa.Column[Any]:
    """A column that must have a value, unless its rules say otherwise."""
    return sa.Column(name, kind, *parts, **{"nullable": False, **rules})


moment = partial(column, sa.DateTime(timezone=True))
number = partial(column, sa.Integer())
counted = partial(column, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
big = partial(column, sa.BigInteger().with_variant(sa.Integer(), "sqlite"))
empty = sa.text("''")
no = sa.false()


def text(name: str, length: int | None = None, **rules: Any) -> sa.Column[Any]:
    """A text, of `length` characters at most."""
    return column(sa.String(length), name, **rules)


def belongs(name: str, to: str, **rules: Any) -> sa.Column[Any]:
    """The id of a row in another table."""
    return column(sa.String(), name, sa.ForeignKey(to), **rules)


def yes_or_no(name: str) -> sa.Column[Any]:
    """No, for the rows that are there already."""
    return column(sa.Boolean(), name, server_default=no)


def where(condition: str) -> dict[str, Any]:
    """An index of only some rows, on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def known(table: Any, name: str, words: str) -> None:
    """Other words than before may stand in a column."""
    table.drop_constraint(f"known_{name}", type_="check")
    table.create_check_constraint(f"known_{name}", f"{name} IN ({', '.join(map(repr, words.split()))})")


def widen_address() -> None:
    """Who is behind it, how many speak there, and when the next message may go."""
    with op.batch_alter_table("address") as address:
        address.add_column(text("user_id", 190, server_default=empty))
        address.add_column(yes_or_no("shared"))
        address.add_column(yes_or_no("joined"))
        address.add_column(moment("ready_at", nullable=True))
        known(address, "status", "open blocked bad left")
    op.create_index("address_of_user", "address", ["account", "user_id"], unique=True, **where("user_id <> ''"))


def widen_talk() -> None:
    """A talk can end at an address."""
    with op.batch_alter_table("talk") as talk:
        talk.add_column(moment("ended_at", nullable=True))
        talk.add_column(text("ended_why", server_default=empty))


def widen_message() -> None:
    """A message can be parked, and go as text alone."""
    with op.batch_alter_table("message") as message:
        message.add_column(yes_or_no("as_text"))
        known(message, "status", STATUSES)
    op.create_index("message_parked", "message", ["address_id"], **where("status = 'parked'"))
    op.create_index("message_uncertain", "message", ["account", "id"], **where("status = 'uncertain'"))


def widen_received() -> None:
    """Files that the provider keeps until we delete them."""
    with op.batch_alter_table("received") as received:
        received.add_column(moment("delete_at", nullable=True))
    op.create_index("received_copies", "received", ["delete_at"], **where("delete_at IS NOT NULL"))


def create_tables() -> None:
    """Each after those it points to."""
    op.create_table(
        "delivery",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("account", "channel_account.id"),
        text("provider_id", 190),
        text("status"),
        text("code"),
        big("message_id", nullable=True, index=True),
        moment("at"),
        sa.UniqueConstraint("account", "provider_id", "status"),
    )
    op.create_table(
        "content",
        belongs("account", "channel_account.id", primary_key=True),
        text("name", 64, primary_key=True),
        belongs("association_id", "association.id"),
        text("sid", 64),
        moment("made_at"),
    )
    op.create_table(
        "link",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        text("token_index", unique=True),
        text("purpose"),
        belongs("account", "channel_account.id"),
        belongs("address_id", "address.id", index=True),
        belongs("person_id", "person.id"),
        text("step"),
        text("fields"),
        text("subject"),
        belongs("document_id", "document.id", nullable=True),
        number("tries"),
        moment("expires_at"),
        moment("used_at", nullable=True),
        sa.CheckConstraint("purpose IN ('fill', 'look')", name="known_purpose"),
    )
    op.create_table(
        "join_code",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        text("code_index", index=True),
        belongs("person_id", "person.id"),
        belongs("address_id", "address.id"),
        moment("expires_at"),
        moment("used_at", nullable=True),
    )
    op.create_table(
        "attempt",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("address_id", "address.id"),
        text("what"),
        moment("at"),
        sa.Index("attempts_at_address", "address_id", "what", "at"),
    )
