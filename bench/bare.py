"""The lower bounds: the same transaction in bare sqlite3 and bare psycopg, one commit a turn, one loop."""

import os
import sqlite3
import time
from pathlib import Path

import psycopg

SEALED = "v1.k1." + "x" * 700  # what a talk in the middle of a registration weighs
TABLES = """
CREATE TABLE received (
    id {key}, account TEXT, provider_id TEXT, sender TEXT, incoming TEXT, UNIQUE (account, provider_id)
);
CREATE TABLE talk (id {key}, address TEXT UNIQUE, turn INTEGER, standing TEXT);
CREATE TABLE message (id {key}, address TEXT, key TEXT UNIQUE, status TEXT, reply TEXT);
"""


def sqlite_loop(folder: Path, seconds: float, people: int = 50) -> float:
    """Transactions a second of one bare loop with `synchronous=FULL`."""
    db = sqlite3.connect(folder / "bare.db", isolation_level=None)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    db.executescript(TABLES.format(key="INTEGER PRIMARY KEY"))
    for person in range(people):
        db.execute("INSERT INTO talk (address, turn, standing) VALUES (?, 0, ?)", (str(person), SEALED))

    def turn(number: int) -> None:
        person = str(number % people)
        db.execute("BEGIN IMMEDIATE")
        db.execute(
            "INSERT INTO received (account, provider_id, sender, incoming) VALUES ('a', ?, ?, ?)"
            " ON CONFLICT DO NOTHING RETURNING id",
            (str(number), person, SEALED[:300]),
        ).fetchone()
        at = db.execute("SELECT turn, standing FROM talk WHERE address = ?", (person,)).fetchone()[0]
        db.execute(
            "UPDATE talk SET turn = ?, standing = ? WHERE address = ? AND turn = ?", (at + 1, SEALED, person, at)
        )
        db.execute(
            "INSERT INTO message (address, key, status, reply) VALUES (?, ?, 'queued', ?)",
            (person, f"{person}:{at}", SEALED[:400]),
        )
        db.execute("COMMIT")

    return rate(turn, seconds)


def postgres_loop(url: str, seconds: float, people: int = 50) -> float:
    """Transactions a second of one bare loop with `synchronous_commit=on`."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("DROP SCHEMA IF EXISTS bare CASCADE")
        db.execute("CREATE SCHEMA bare")
        db.execute("SET search_path = bare")
        db.execute(TABLES.format(key="BIGSERIAL PRIMARY KEY"))
        for person in range(people):
            db.execute("INSERT INTO talk (address, turn, standing) VALUES (%s, 0, %s)", (str(person), SEALED))

        def turn(number: int) -> None:
            person = str(number % people)
            with db.transaction():
                db.execute(
                    "INSERT INTO received (account, provider_id, sender, incoming) VALUES ('a', %s, %s, %s)"
                    " ON CONFLICT DO NOTHING RETURNING id",
                    (str(number), person, SEALED[:300]),
                ).fetchone()
                at = db.execute("SELECT turn, standing FROM talk WHERE address = %s", (person,)).fetchone()[0]
                db.execute(
                    "UPDATE talk SET turn = %s, standing = %s WHERE address = %s AND turn = %s",
                    (at + 1, SEALED, person, at),
                )
                db.execute(
                    "INSERT INTO message (address, key, status, reply) VALUES (%s, %s, 'queued', %s)",
                    (person, f"{person}:{at}", SEALED[:400]),
                )

        return rate(turn, seconds)


def rate(turn, seconds: float) -> float:
    """How often `turn` can be done in a second."""
    began, number = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds:
        turn(number)
        number += 1
    return number / spent


def flush_cost(folder: Path, times: int = 200) -> float:
    """Milliseconds of one fdatasync on this disk."""
    with (folder / "flush").open("wb") as file:
        began = time.perf_counter()
        for _time in range(times):
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
        return (time.perf_counter() - began) / times * 1000
