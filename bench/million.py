"""An association of any size, made by statements over sets: what a month of it costs the database."""

from datetime import UTC, datetime
from functools import partial

from sqlalchemy import text
from sqlmodel import Session

from storage.database import Database
from storage.queries import associations

NOW = datetime(2026, 12, 10, 2, tzinfo=UTC)  # 10.00 in Mataram: the first reminder of December is open
MAIN, ACCOUNT = "main", "telegram/main"
FIRST_CHAT = 10_000_000
FIRST = "2026-11"
AT = {"sqlite": "'2026-11-01 02:00:00.000000'", "postgresql": "timestamptz '2026-11-01 02:00:00+00'"}
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})",
    "postgresql": "WITH n AS (SELECT i FROM generate_series(1, {count}) AS i)",
}
ID = {"sqlite": "printf('{letter}%031x', i)", "postgresql": "'{letter}' || lpad(to_hex(i), 31, '0')"}
OF = {"association_id": f"'{MAIN}'"}


def grow(database: Database, count: int, *, account: str = ACCOUNT, prefix: str = "", members: bool = True) -> None:
    """Found the association with so many people, who talk with us and want everything; members, or not.

    `prefix`: what stands before the eight digits of their numbers at the provider.
    """
    database.transact(partial(found, account=account))
    tables = rows(database.dialect, account, prefix)
    if not members:
        tables = {
            table: columns for table, columns in tables.items() if table not in ("application", "member", "terms")
        }
    for table, columns in tables.items():
        database.transact(lambda db, table=table, columns=columns: fill(db, table, columns, count))
    database.transact(lambda db: db.connection().execute(text("ANALYZE")))


def found(db: Session, account: str) -> None:
    """The association and its account."""
    associations.ensure(db, association_id=MAIN, name="Asosiasi Contoh", now=NOW)
    associations.ensure_account(db, association_id=MAIN, account=account, per_second=1_000_000, now=NOW)


def rows(dialect: str, account: str, prefix: str) -> dict[str, dict[str, str]]:
    """Each table with what stands in its columns, in SQL over the number `i`."""
    at = AT[dialect]
    person, member, address = (ID[dialect].format(letter=letter) for letter in "abc")
    empty = dict.fromkeys(
        ("nik_sealed", "mother_sealed", "phone_sealed", "district", "village", "home", "market", "kpj"), "''"
    )
    no = "false" if dialect == "postgresql" else "0"
    yes = "true" if dialect == "postgresql" else "1"
    application = ID[dialect].format(letter="d")
    return {
        "person": {"id": person, **OF, "called": "'Siti'", "created_at": at},
        "address": {
            "id": address,
            **OF,
            "account": f"'{account}'",
            "external_id": f"'{prefix}' || ({FIRST_CHAT} + i)",
            "user_id": "''",
            "person_id": person,
            "language": "'id'",
            "status": "'open'",
            "shared": no,
            "joined": no,
            "created_at": at,
        },
        "talk": {
            **OF,
            "address_id": address,
            "person_id": person,
            "turn": "1",
            "conversation": "''",
            "version": "0",
            "step": "''",
            "standing_sealed": "''",
            "heard_at": at,
            "ended_why": "''",
        },
        "application": {
            "id": application,
            **OF,
            "number": "'P-' || i",
            "status": "'verified'",
            "person_id": person,
            "applicant_id": person,
            "address_id": address,
            "nik_index": "'n' || i",
            "answers_sealed": "''",
            "doubts": "'[]'",
            "queued_at": at,
            "to_repair": "''",
            "reason": "''",
            "updated_at": at,
        },
        "member": {
            "id": member,
            **OF,
            "person_id": person,
            "application_id": application,
            **empty,
            "nik_index": "'n' || i",
            "nik_end": "'0001'",
            "name": "'Siti'",
            "birth_place": "''",
            "birth_date": "'1987-05-05'",
            "sex": "'female'",
            "regency": "'5271'",
            "trade": "''",
            "workplace": "''",
            "hours": "''",
            "status": "'active'",
            "first_month": f"'{FIRST}'",
            "joined_at": at,
        },
        "terms": {
            **OF,
            "member_id": member,
            "from_month": f"'{FIRST}'",
            "tier": "1 + i % 3",
            "programmes": "CASE WHEN i % 5 = 0 THEN 'JKK JKM JHT' ELSE 'JKK JKM' END",
            "sector": "'other'",
            "funding": "'self'",
            "reason": "''",
            "at": at,
        },
        **{
            f"consent {purpose}": {
                **OF,
                "person_id": person,
                "purpose": f"'{purpose}'",
                "given": yes,
                "version": "'1'",
                "words": "''",
                "answer": "''",
                "language": "'id'",
                "account": f"'{account}'",
                "provider_id": "''",
                "at": at,
            }
            for purpose in ("reminders", "announcements")
        },
    }


def fill(db: Session, table: str, columns: dict[str, str], count: int) -> None:
    """So many rows of one table."""
    names, values = ", ".join(columns), ", ".join(columns.values())
    numbers = NUMBERS[db.connection().dialect.name].format(count=count)
    name = table.partition(" ")[0]
    if db.connection().dialect.name == "sqlite":
        statement = f"INSERT INTO {name} ({names}) {numbers} SELECT {values} FROM n"
    else:
        statement = f"{numbers} INSERT INTO {name} ({names}) SELECT {values} FROM n"
    db.connection().execute(text(statement.replace("'[]'", "'[]'::jsonb" if "generate" in numbers else "'[]'")))
