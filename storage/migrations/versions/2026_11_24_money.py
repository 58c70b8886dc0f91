"""Money: dues with their terms and rules, the ledger, payments, receipts, cash on its way, remittances."""

from datetime import date, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "money"
down_revision = "two_channels"

ONLY_ADDED = ("terms", "fee", "charge", "entry", "posting", "payment_event", "receipt")
ACCOUNTS = "owes cash till bank bpjs credit ahead fee difference"
PEOPLE = {"posting": (("member_id", "member"), ("collector_id", "person")), "charge": (("member_id", "member"),)}


def upgrade() -> None:
    """What is there stays as it is; there is no way down but a backup."""
    widen_association()
    widen_member()
    create_dues()
    create_payments()
    create_remittances()
    keep_terms()
    if op.get_context().dialect.name == "postgresql":
        guard_on_postgresql()
    else:
        guard_on_sqlite()


# ── what the database refuses ────────────────────────────────────────────────────────────────────────────────────


def guard_on_sqlite() -> None:
    """No row of the ledger changes or goes; an entry tells what its postings move, and none comes after it; nothing
    is about a stranger."""
    for table in ONLY_ADDED:
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} rows are only ever added'); END"
            )
    op.execute(
        "CREATE TRIGGER posting_before_entry BEFORE INSERT ON posting "
        "WHEN EXISTS (SELECT 1 FROM entry WHERE association_id = NEW.association_id AND number = NEW.entry) "
        "BEGIN SELECT RAISE(ABORT, 'the entry is closed'); END"
    )
    for table in ("posting", "charge"):
        strangers = " OR ".join(f"({stranger(whose, of, 'NEW')})" for whose, of in PEOPLE[table])
        op.execute(
            f"CREATE TRIGGER {table}_of_stranger BEFORE INSERT ON {table} WHEN {strangers} "
            "BEGIN SELECT RAISE(ABORT, 'nobody of this association'); END"
        )
    op.execute(
        "CREATE TRIGGER entry_closes BEFORE INSERT ON entry WHEN (NEW.lines, NEW.total) IS NOT ("
        "SELECT count(*), sum(amount) FROM posting WHERE association_id = NEW.association_id AND entry = NEW.number) "
        "BEGIN SELECT RAISE(ABORT, 'the entry does not tell what its postings move'); END"
    )


def stranger(whose: str, of: str, row: str) -> str:
    """A condition: somebody is named who is none of the association's own."""
    known = f"SELECT 1 FROM {of} WHERE {of}.id = {row}.{whose} AND {of}.association_id = {row}.association_id"  # noqa: S608 - words of our own
    return f"{row}.{whose} IS NOT NULL AND NOT EXISTS ({known})"


def guard_on_postgresql() -> None:
    """As on SQLite; here a table could also be emptied at a stroke. Postings and charges are looked at by the
    statement, which takes a month of a million members in seconds; an entry is open while its number is the last one
    that was counted, and cannot be left open."""
    for table in ONLY_ADDED:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    closed = "EXISTS (SELECT 1 FROM entry WHERE entry.association_id = its.association_id AND number = its.entry)"
    counted = (
        "EXISTS (SELECT 1 FROM counter "
        "WHERE counter.association_id = its.association_id AND name = 'entry' AND value {} its.entry)"
    )
    refuse_rows("posting", (closed, "the entry is closed"), (f"NOT {counted.format('=')}", "the entry is not open"))
    refuse_rows("charge", (f"NOT {counted.format('>=')}", "there is no such entry"))
    op.execute(
        "CREATE FUNCTION refuse_open_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM counter its WHERE association_id = NEW.association_id AND name = 'entry' "
        "AND value > 0 AND NOT EXISTS "
        "(SELECT 1 FROM entry WHERE entry.association_id = its.association_id AND number = its.value)) THEN "
        "RAISE EXCEPTION 'an entry was left open' USING ERRCODE = 'restrict_violation'; END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE CONSTRAINT TRIGGER counted_entry_is_there AFTER INSERT OR UPDATE ON counter "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.name = 'entry') EXECUTE FUNCTION refuse_open_entry()"
    )
    op.execute(
        "CREATE FUNCTION close_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NOT EXISTS (SELECT 1 FROM posting WHERE association_id = NEW.association_id AND entry = NEW.number "
        "HAVING count(*) = NEW.lines AND sum(amount) = NEW.total) THEN "
        "RAISE EXCEPTION 'the entry does not tell what its postings move' USING ERRCODE = 'restrict_violation'; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute("CREATE TRIGGER entry_closes BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION close_entry()")


def refuse_rows(table: str, *refused: tuple[str, str]) -> None:
    """Rows of these entries (`its`), by a condition and what is said of it, and rows about strangers."""
    entries = "SELECT DISTINCT association_id, entry FROM added"
    found = [(f"SELECT 1 FROM ({entries}) its WHERE {condition}", said) for condition, said in refused]  # noqa: S608
    found += [
        (f"SELECT 1 FROM added WHERE {stranger(whose, of, 'added')}", "nobody of this association")  # noqa: S608
        for whose, of in PEOPLE[table]
    ]
    checks = " ".join(
        f"IF EXISTS ({look}) THEN RAISE EXCEPTION '{said}' USING ERRCODE = 'restrict_violation'; END IF;"
        for look, said in found
    )
    op.execute(
        f"CREATE FUNCTION refuse_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {checks} RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refused AFTER INSERT ON {table} REFERENCING NEW TABLE AS added "
        f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_{table}()"
    )


# ── how a table is written down ──────────────────────────────────────────────────────────────────────────────────


def column(kind: Any, name: str, *parts: Any, **rules: Any) -> sa.Column[Any]:
    """A column that must have a value, unless its rules say otherwise."""
    return sa.Column(name, kind, *parts, **{"nullable": False, **rules})


number = partial(column, sa.Integer())
rupiah = partial(column, sa.BigInteger())
maybe_rupiah = partial(column, sa.BigInteger(), nullable=True)
day = partial(column, sa.Date(), nullable=True)
moment = partial(column, sa.DateTime(timezone=True))
json = partial(column, sa.JSON().with_variant(JSONB(), "postgresql"))
counted = partial(column, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
empty = sa.text("''")


def text(name: str, length: int | None = None, **rules: Any) -> sa.Column[Any]:
    """A text, of `length` characters at most."""
    return column(sa.String(length), name, **rules)


def key(name: str = "id") -> sa.Column[Any]:
    """The id of a row."""
    return text(name, 32, primary_key=True)


def belongs(name: str, to: str, length: int | None = None, **rules: Any) -> sa.Column[Any]:
    """The id of a row in another table."""
    return column(sa.String(length), name, sa.ForeignKey(to), **rules)


def maybe(name: str, to: str, **rules: Any) -> sa.Column[Any]:
    """The id of a row in another table, or none."""
    return belongs(name, to, nullable=True, **rules)


def known(name: str, words: str) -> sa.CheckConstraint:
    """Only these words may stand in a column."""
    return sa.CheckConstraint(among(name, words), name=f"known_{name}")


def among(name: str, words: str) -> str:
    """A condition: only these words."""
    return f"{name} IN ({', '.join(map(repr, words.split()))})"


def touches(words: str) -> str:
    """A condition: one of these accounts is on either side."""
    return f"({among('debit', words)} OR {among('credit', words)})"


def rule(condition: str, name: str) -> sa.CheckConstraint:
    """What must hold in every row."""
    return sa.CheckConstraint(condition, name=name)


def where(condition: str) -> dict[str, Any]:
    """An index of only some rows, on both databases."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def of_entry() -> list[sa.ForeignKeyConstraint]:
    """Written before its entry, and in vain without it: the database looks when all is to be kept."""
    if op.get_context().dialect.name == "postgresql":
        return []  # a guard looks at whole statements instead
    of = ["entry.association_id", "entry.number"]
    return [sa.ForeignKeyConstraint(["association_id", "entry"], of, deferrable=True, initially="DEFERRED")]


def one_by_one(name: str, words: str) -> sa.CheckConstraint:
    """As `known`; SQLite compares one by one faster than it looks into a list."""
    return rule(" OR ".join(f"{name} = '{word}'" for word in words.split()), f"known_{name}")


# ── what was there ───────────────────────────────────────────────────────────────────────────────────────────────


def widen_association() -> None:
    """Where its members pay, and above what amount two people confirm."""
    with op.batch_alter_table("association") as association:
        association.add_column(text("transfer_to", server_default=empty))
        association.add_column(text("qris_document", server_default=empty))
        association.add_column(rupiah("second_above", server_default=sa.text("1000000")))


def widen_member() -> None:
    """Who takes her cash, from when on she is charged, and what BPJS told."""
    with op.batch_alter_table("member") as member:
        member.add_column(text("status", server_default=sa.text("'active'")))
        member.add_column(text("first_month", 7, server_default=empty))
        member.add_column(text("collector_id", nullable=True))
        member.add_column(text("market", server_default=empty))
        member.add_column(text("kpj", server_default=empty))
        member.add_column(day("protected_until"))
        member.create_foreign_key("member_collector_id_fkey", "person", ["collector_id"], ["id"])
        member.create_check_constraint("known_status", among("status", "active lapsed left"))
    op.create_index("member_of_collector", "member", ["association_id", "collector_id"])
    op.create_index("member_by_nik_end", "member", ["association_id", "nik_end"])


def keep_terms() -> None:
    """Whoever is a member already keeps her terms, from the first month that can be asked of her."""
    members = sa.table(
        "member",
        *map(sa.column, ("id", "association_id", "tier", "programmes", "sector", "funding", "first_month")),
        sa.column("joined_at", sa.DateTime(timezone=True)),
    )
    terms = sa.table(
        "terms",
        *map(sa.column, ("association_id", "member_id", "from_month", "tier", "programmes", "sector", "funding")),
        sa.column("reason"),
        sa.column("at", sa.DateTime(timezone=True)),
    )
    bind = op.get_bind()
    for row in bind.execute(sa.select(members)).mappings().all():
        first = first_month(row["joined_at"])
        bind.execute(sa.update(members).where(members.c.id == row["id"]).values(first_month=first))
        kept = {name: row[name] for name in ("association_id", "tier", "programmes", "sector", "funding")}
        bind.execute(
            sa.insert(terms).values(**kept, member_id=row["id"], from_month=first, reason="", at=row["joined_at"])
        )
    with op.batch_alter_table("member") as member:
        member.drop_constraint("known_sector", type_="check")
        member.drop_constraint("known_funding", type_="check")
        for name in ("tier", "programmes", "sector", "funding"):
            member.drop_column(name)


def first_month(joined: datetime) -> str:
    """The month itself up to its 15th day, else the next one."""
    months = joined.year * 12 + joined.month - 1 + (joined.day > 15)
    return f"{date(months // 12, months % 12 + 1, 1):%Y-%m}"


# ── what is new ──────────────────────────────────────────────────────────────────────────────────────────────────


def create_dues() -> None:
    """What months cost, and the ledger."""
    op.create_table(
        "entry",
        belongs("association_id", "association.id", 32, primary_key=True),
        rupiah("number", primary_key=True, autoincrement=False),
        text("key", 190),
        text("kind"),
        text("about"),
        maybe("by_person", "person.id"),
        text("reason"),
        maybe_rupiah("reverses"),
        number("lines"),
        rupiah("total"),
        moment("at"),
        sa.UniqueConstraint("association_id", "key"),
        sa.UniqueConstraint("association_id", "reverses"),
        rule("lines > 0 AND total > 0", "moves_something"),
        sa.Index("entry_about", "association_id", "about"),
    )
    op.create_table(
        "posting",
        counted("id"),
        text("association_id", 32),
        rupiah("entry"),
        text("debit"),
        text("credit"),
        rupiah("amount"),
        text("member_id", nullable=True),
        text("collector_id", nullable=True),
        text("month", 7),
        text("part", 4),
        *of_entry(),
        rule("amount > 0", "moves_something"),
        rule("debit <> credit", "moves_somewhere"),
        one_by_one("debit", ACCOUNTS),
        one_by_one("credit", ACCOUNTS),
        rule(f"{touches('cash')} = (collector_id IS NOT NULL)", "cash_in_hands"),
        rule(f"member_id IS NOT NULL OR NOT {touches('owes bpjs credit ahead fee')}", "whose"),
        rule(f"(month <> '' AND part <> '') OR NOT {touches('owes fee')}", "which_month"),
        sa.Index("posting_of_entry", "association_id", "entry"),
        sa.Index("posting_of_member", "member_id"),
        sa.Index("posting_owing", "association_id", "month", "member_id", **where("debit = 'owes' OR credit = 'owes'")),
        sa.Index("posting_in_hands", "collector_id", **where("collector_id IS NOT NULL")),
        sa.Index(
            "posting_held",
            "association_id",
            **where(f"{among('debit', 'credit ahead')} OR {among('credit', 'credit ahead')}"),
        ),
    )
    op.create_table(
        "terms",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("member_id", "member.id"),
        text("from_month", 7),
        number("tier"),
        text("programmes"),
        text("sector"),
        text("funding"),
        text("reason"),
        maybe("by_person", "person.id"),
        moment("at"),
        known("sector", "other transport"),
        known("funding", "self government"),
        sa.Index("terms_of_member", "member_id", "from_month", "id"),
    )
    op.create_table(
        "fee",
        counted("id"),
        belongs("association_id", "association.id", index=True),
        text("from_month", 7),
        rupiah("amount"),
        maybe("by_person", "person.id"),
        moment("at"),
        rule("amount >= 0", "not_negative"),
    )
    op.create_table(
        "charge",
        counted("id"),
        text("association_id", 32),
        text("member_id"),
        text("month", 7),
        text("part", 4),
        number("revision"),
        rupiah("amount"),
        rupiah("full"),
        text("rule"),
        rupiah("entry"),
        sa.UniqueConstraint("member_id", "month", "part", "revision"),
        *of_entry(),
        one_by_one("part", "JKK JKM JHT FEE"),
        rule("revision >= 0", "counted_up"),
    )


def create_payments() -> None:
    """Each after those it points to."""
    op.create_table(
        "collection",
        key(),
        belongs("association_id", "association.id"),
        text("number"),
        belongs("collector_id", "person.id"),
        rupiah("total"),
        number("members"),
        moment("at"),
        sa.UniqueConstraint("association_id", "number"),
        sa.Index("collection_of", "collector_id", "id"),
    )
    op.create_table(
        "payment",
        key(),
        belongs("association_id", "association.id"),
        text("number"),
        text("status"),
        text("way"),
        belongs("member_id", "member.id"),
        belongs("payer_id", "person.id"),
        belongs("submitted_by", "person.id"),
        maybe("collector_id", "person.id"),
        maybe("collection_id", "collection.id", index=True),
        maybe("address_id", "address.id"),
        json("months"),
        rupiah("expected"),
        maybe_rupiah("declared"),
        maybe_rupiah("received"),
        day("paid_on"),
        text("reference"),
        json("doubts"),
        moment("queued_at"),
        maybe("claimed_by", "person.id"),
        moment("claimed_until", nullable=True),
        maybe("proposed_by", "person.id"),
        maybe("decided_by", "person.id"),
        text("reason"),
        maybe_rupiah("entry"),
        moment("updated_at"),
        sa.UniqueConstraint("association_id", "number"),
        known("status", "submitted seconded confirmed refused withdrawn disputed reversed"),
        known("way", "bpjs transfer qris cash"),
        rule("(way = 'cash') = (collector_id IS NOT NULL)", "cash_has_hands"),
        rule("(status IN ('confirmed', 'disputed', 'reversed')) = (entry IS NOT NULL)", "confirmed_has_entry"),
        sa.Index("payment_queue", "association_id", "status", "queued_at"),
        sa.Index("payment_of_member", "member_id", "id"),
        sa.Index("payment_by_reference", "association_id", "reference"),
    )
    op.create_table(
        "payment_event",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("payment_id", "payment.id"),
        text("event"),
        maybe("by_person", "person.id"),
        maybe_rupiah("amount"),
        text("reason"),
        moment("at"),
        sa.Index("payment_history", "payment_id", "id"),
    )
    op.create_table(
        "proof",
        key(),
        belongs("association_id", "association.id"),
        belongs("payment_id", "payment.id"),
        belongs("document_id", "document.id"),
        text("sha256", index=True),
        text("phash"),
        moment("at"),
        sa.Index("proof_of_payment", "payment_id"),
    )
    op.create_table(
        "dispute",
        key(),
        belongs("association_id", "association.id"),
        text("number"),
        belongs("payment_id", "payment.id"),
        text("kind"),
        text("status"),
        text("words_sealed"),
        belongs("by_person", "person.id"),
        maybe("address_id", "address.id"),
        maybe("settled_by", "person.id"),
        text("reason"),
        moment("at"),
        moment("settled_at", nullable=True),
        sa.UniqueConstraint("association_id", "number"),
        known("kind", "not_me not_paid other_amount"),
        known("status", "open upheld reversed"),
        sa.Index("dispute_unsettled", "payment_id", unique=True, **where("status = 'open'")),
        sa.Index("dispute_queue", "association_id", "status", "at"),
    )
    op.create_table(
        "receipt",
        key(),
        belongs("association_id", "association.id"),
        number("year"),
        number("number"),
        text("code", 32, unique=True),
        belongs("payment_id", "payment.id"),
        belongs("member_id", "member.id", index=True),
        rupiah("amount"),
        json("paid"),
        rupiah("credit"),
        belongs("confirmed_by", "person.id"),
        moment("at"),
        sa.UniqueConstraint("association_id", "year", "number"),
        sa.UniqueConstraint("payment_id"),
    )
    op.create_table(
        "hand_over",
        key(),
        belongs("association_id", "association.id"),
        text("number"),
        belongs("collector_id", "person.id", index=True),
        maybe("address_id", "address.id"),
        maybe("treasurer_id", "person.id"),
        text("status"),
        rupiah("declared"),
        maybe_rupiah("counted"),
        text("reason"),
        maybe_rupiah("entry"),
        moment("at"),
        moment("counted_at", nullable=True),
        sa.UniqueConstraint("association_id", "number"),
        known("status", "offered counted withdrawn"),
        rule("declared > 0 AND (counted IS NULL OR counted >= 0)", "some_money"),
        rule("(status = 'counted') = (counted IS NOT NULL)", "counted_once"),
        rule("counted IS NULL OR counted = declared OR reason <> ''", "difference_has_reason"),
        sa.Index("hand_over_queue", "association_id", "status", "at"),
    )


def create_remittances() -> None:
    """Batches and their lines."""
    op.create_table(
        "remittance",
        key(),
        belongs("association_id", "association.id"),
        text("number"),
        text("status"),
        belongs("composed_by", "person.id"),
        text("code"),
        text("paid_from"),
        maybe_rupiah("paid"),
        day("paid_on"),
        text("reference"),
        text("reason"),
        maybe("document_id", "document.id"),
        maybe("proposed_by", "person.id"),
        maybe("paid_by", "person.id"),
        json("strangers"),
        maybe_rupiah("entry"),
        moment("composed_at"),
        moment("updated_at"),
        sa.UniqueConstraint("association_id", "number"),
        known("status", "composed coded proposed paid closed cancelled"),
        rule("paid_from IN ('', 'bank', 'till')", "known_source"),
        rule("(status IN ('paid', 'closed')) = (entry IS NOT NULL)", "paid_has_entry"),
    )
    op.create_table(
        "remittance_line",
        counted("id"),
        belongs("association_id", "association.id"),
        belongs("remittance_id", "remittance.id"),
        belongs("member_id", "member.id"),
        text("month", 7),
        rupiah("amount"),
        text("status"),
        text("code"),
        maybe_rupiah("told"),
        text("reason"),
        moment("settled_at", nullable=True),
        known("status", "open matched unmatched failed returned left_out"),
        rule("amount > 0", "some_money"),
        sa.Index("remittance_lines", "remittance_id", "id"),
        sa.Index(
            "remittance_line_held",
            "member_id",
            "month",
            unique=True,
            **where(among("status", "open unmatched failed")),
        ),
    )
