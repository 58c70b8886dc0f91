"""The first tables, and the guards of those whose rows are only ever added."""

from functools import partial
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "first_tables"
down_revision = None

ONLY_ADDED = ("application_event", "audit", "consent")
QUEUES = ("message", "received")


def upgrade() -> None:
    """Everything; there is no way down but a backup."""
    create_tables()
    if op.get_context().dialect.name == "postgresql":
        guard_on_postgresql()
        tend_queues()
    else:
        guard_on_sqlite()


def guard_on_sqlite() -> None:
    """Whoever changes or removes a row is refused, and her whole statement undone."""
    for table in ONLY_ADDED:
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} rows are only ever added'); END"
            )


def guard_on_postgresql() -> None:
    """As on SQLite; here a table could also be emptied at a stroke."""
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '% rows are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; "
        "END $$"
    )
    for table in ONLY_ADDED:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def tend_queues() -> None:
    """Vacuum and analyse after 2% of the rows changed, not after 20% and 10%: the plans of a queue age fast."""
    for table in QUEUES:
        op.execute(
            f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02, "
            "autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)"
        )


def column(kind: Any, name: str, *parts: Any, **rules: Any) -> sa.Column[Any]:
    """A column that must have a value, unless its rules say otherwise."""
    return sa.Column(name, kind, *parts, **{"nullable": False, **rules})


number = partial(column, sa.Integer())
fraction = partial(column, sa.Float())
yes_or_no = partial(column, sa.Boolean())
day = partial(column, sa.Date())
moment = partial(column, sa.DateTime(timezone=True))
binary = partial(column, sa.LargeBinary())
json = partial(column, sa.JSON().with_variant(JSONB(), "postgresql"))
counted = partial(column, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def text(name: str, length: int | None = None, **rules: Any) -> sa.Column[Any]:
    """A text, of `length` characters at most."""
    return column(sa.String(length), name, **rules)


def belongs(name: str, to: str, **rules: Any) -> sa.Column[Any]:
    """The id of a row in another table."""
    return column(sa.String(), name, sa.ForeignKey(to), **rules)


def known(name: str, words: str) -> sa.CheckConstraint:
    """Only these words may stand in a column."""
    return sa.CheckConstraint(f"{name} IN ({', '.join(map(repr, words.split()))})", name=f"known_{name}")


def where(condition: str) -> dict[str, Any]:
    """An index of only some rows, on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def create_tables() -> None:
    """Each after those it points to."""
    op.create_table(
        "association",
        text("id", 32, primary_key=True),
        text("name"),
        text("zone"),
        text("help_contact"),
        moment("created_at"),
    )
    op.create_table(
        "channel_account",
        text("id", 64, primary_key=True),
        belongs("association_id", "association.id", index=True),
        text("channel"),
        text("public_id"),
        moment("created_at"),
    )
    op.create_table(
        "counter",
        belongs("association_id", "association.id", primary_key=True),
        text("name", 64, primary_key=True),
        number("value"),
    )
    op.create_table(
        "person",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id", index=True),
        text("called"),
        moment("created_at"),
    )
    op.create_table(
        "address",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id", index=True),
        belongs("account", "channel_account.id"),
        text("external_id", 190),
        belongs("person_id", "person.id", index=True),
        text("language"),
        text("status"),
        moment("created_at"),
        sa.UniqueConstraint("account", "external_id"),
        known("status", "open blocked bad"),
    )
    op.create_table(
        "audit",
        counted("id"),
        belongs("association_id", "association.id"),
        number("place"),
        moment("at"),
        belongs("actor_id", "person.id", nullable=True),
        text("action"),
        text("subject"),
        json("facts"),
        text("previous_hash"),
        text("hash"),
        sa.UniqueConstraint("association_id", "place"),
    )
    op.create_table(
        "consent",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("person_id", "person.id"),
        text("purpose"),
        yes_or_no("given"),
        text("version"),
        text("words"),
        text("answer"),
        text("language"),
        text("account"),
        text("provider_id"),
        moment("at"),
        sa.Index("consent_of_person", "association_id", "person_id", "purpose", "id"),
    )
    op.create_table(
        "document",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        belongs("person_id", "person.id", index=True),
        text("kind"),
        text("mime"),
        binary("content_sealed"),
        text("sha256"),
        text("phash"),
        number("width"),
        number("height"),
        moment("created_at"),
    )
    op.create_table(
        "invitation",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        text("role"),
        text("code_index", unique=True),
        belongs("invited_by", "person.id", nullable=True),
        moment("expires_at"),
        belongs("used_by", "person.id", nullable=True),
        moment("used_at", nullable=True),
    )
    op.create_table(
        "rate",
        belongs("account", "channel_account.id", primary_key=True),
        belongs("association_id", "association.id"),
        fraction("per_second"),
        moment("next_at"),
        text("halted"),
    )
    op.create_table(
        "received",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("account", "channel_account.id"),
        text("provider_id", 190),
        text("sender", 190),
        text("kind"),
        text("status"),
        text("album"),
        text("incoming_sealed"),
        number("attempts"),
        moment("next_at", nullable=True),
        text("trouble"),
        moment("received_at"),
        sa.UniqueConstraint("account", "provider_id"),
        known("status", "done waiting dead"),
        sa.Index("received_waiting", "account", "sender", "id", **where("status = 'waiting'")),
    )
    op.create_table(
        "role",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        belongs("person_id", "person.id"),
        text("role"),
        belongs("granted_by", "person.id", nullable=True),
        moment("granted_at"),
        sa.UniqueConstraint("association_id", "person_id", "role"),
        known("role", "collector officer treasurer admin"),
    )
    op.create_table(
        "application",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        text("number"),
        text("status"),
        belongs("person_id", "person.id", index=True),
        belongs("applicant_id", "person.id", index=True),
        belongs("address_id", "address.id"),
        text("nik_index"),
        text("answers_sealed"),
        json("doubts"),
        moment("queued_at"),
        belongs("claimed_by", "person.id", nullable=True),
        moment("claimed_until", nullable=True),
        belongs("decided_by", "person.id", nullable=True),
        text("to_repair"),
        text("reason"),
        moment("updated_at"),
        sa.UniqueConstraint("association_id", "number"),
        sa.Index("application_by_nik", "association_id", "nik_index"),
        sa.Index("application_queue", "association_id", "status", "queued_at"),
    )
    op.create_table(
        "message",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("account", "channel_account.id"),
        belongs("address_id", "address.id"),
        text("key", 190, unique=True),
        text("kind"),
        text("status"),
        text("reply_sealed"),
        moment("due_at"),
        moment("valid_until", nullable=True),
        number("attempts"),
        number("resends"),
        text("lease_by"),
        moment("lease_until", nullable=True),
        moment("http_started_at", nullable=True),
        text("provider_id", 190, nullable=True),
        text("code"),
        moment("created_at"),
        moment("settled_at", nullable=True),
        known("kind", "reply notice bulk"),
        known(
            "status",
            "queued leased retry_wait accepted sent delivered read uncertain failed suppressed expired cancelled",
        ),
        sa.Index("message_by_address", "address_id", "id"),
        sa.Index("message_by_provider_id", "account", "provider_id"),
        sa.Index(
            "message_open", "account", "address_id", "id", **where("status IN ('queued', 'leased', 'retry_wait')")
        ),
    )
    op.create_table(
        "talk",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("address_id", "address.id"),
        belongs("person_id", "person.id"),
        number("turn"),
        text("conversation"),
        number("version"),
        text("step"),
        text("standing_sealed"),
        moment("heard_at"),
        sa.UniqueConstraint("address_id", "person_id"),
    )
    op.create_table(
        "application_event",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("application_id", "application.id"),
        text("event"),
        belongs("by_person", "person.id", nullable=True),
        json("facts"),
        moment("at"),
        sa.CheckConstraint("event <> ''", name="event_has_a_name"),
        sa.Index("application_history", "application_id", "id"),
    )
    op.create_table(
        "member",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        belongs("person_id", "person.id"),
        belongs("application_id", "application.id"),
        text("nik_sealed"),
        text("nik_index"),
        text("nik_end", 4),
        text("name"),
        text("birth_place"),
        day("birth_date"),
        text("sex"),
        text("mother_sealed"),
        text("phone_sealed"),
        text("regency"),
        text("district"),
        text("village"),
        text("home"),
        text("trade"),
        text("workplace"),
        text("hours"),
        number("tier"),
        text("programmes"),
        text("sector"),
        text("funding"),
        moment("joined_at"),
        sa.UniqueConstraint("association_id", "nik_index"),
        sa.UniqueConstraint("association_id", "person_id"),
        known("funding", "self government"),
        known("sector", "other transport"),
        known("sex", "female male"),
    )
    op.create_table(
        "ticket",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        text("number"),
        text("kind"),
        text("status"),
        belongs("person_id", "person.id"),
        belongs("address_id", "address.id", nullable=True),
        belongs("application_id", "application.id", nullable=True),
        text("words_sealed"),
        belongs("taken_by", "person.id", nullable=True),
        moment("created_at"),
        moment("closed_at", nullable=True),
        sa.UniqueConstraint("association_id", "number"),
        known("kind", "question stuck duplicate_nik not_processed"),
        known("status", "open taken closed"),
        sa.Index("ticket_queue", "association_id", "status", "created_at"),
    )
    op.create_table(
        "heir",
        text("id", 32, primary_key=True),
        belongs("association_id", "association.id"),
        belongs("member_id", "member.id", index=True),
        text("name_sealed"),
        text("relation"),
    )
