"""Statements on the hot path: written in SQLAlchemy Core, compiled once for each database, run on the driver itself.

SQLAlchemy spends most of a short statement's time around it, not in it. Here its compiler and its bind types are
used once, and a call is little more than the driver's own `execute`. Rows come back as plain tuples of the driver's
own types; `moment` turns a stored time into an aware one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session, SQLModel

from storage.database import CONNECTION

Row = tuple[Any, ...]
Bind = Callable[[Any], Any]


class Prepared:
    """One statement with named parameters, ready to run again and again."""

    def __init__(self, statement: Executable, *, sqlite: Executable | None = None) -> None:
        """`sqlite`: the same in SQLite's words, where the two databases differ."""
        self.statements = {"postgresql": statement, "sqlite": statement if sqlite is None else sqlite}
        self.compiled: dict[str, Compiled] = {}

    def one(self, db: Session, **values: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = self.run(db, values).fetchone()
        return row

    def all(self, db: Session, **values: Any) -> list[Row]:
        """Every row."""
        rows: list[Row] = self.run(db, values).fetchall()
        return rows

    def run(self, db: Session, values: Mapping[str, Any]) -> Any:
        """Execute, and give back the driver's cursor."""
        connection = connection_of(db)
        return self.for_dialect(connection).run(connection, values)

    def many(self, db: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute once for each row."""
        connection = connection_of(db)
        self.for_dialect(connection).run_many(connection, rows)

    def for_dialect(self, connection: Connection) -> "Compiled":
        """The statement as this database takes it."""
        name = connection.dialect.name
        if name not in self.compiled:
            self.compiled[name] = Compiled(self.statements[name], connection.dialect)
        return self.compiled[name]


class Compiled:
    """A statement in one database's words."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self.dialect = dialect
        self.order: list[str] | None = list(compiled.positiontup) if compiled.positiontup is not None else None
        self.fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self.binds: dict[str, Bind] = {}
        for name, parameter in compiled.binds.items():
            processor = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if processor and name in compiled.params:  # beside these, constants leave names of no use
                self.binds[name] = processor

    def run(self, connection: Connection, row: Mapping[str, Any]) -> Any:
        """Execute on the driver. Raises SQLAlchemy's own errors, as everything else does."""
        cursor = connection.connection.cursor()
        with self.told_by_sqlalchemy():
            cursor.execute(self.sql, self.bound(row))
        return cursor

    def run_many(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute for every row, in as few messages to the server as the driver can."""
        with self.told_by_sqlalchemy():
            connection.connection.cursor().executemany(self.sql, [self.bound(row) for row in rows])

    @contextmanager
    def told_by_sqlalchemy(self) -> Iterator[None]:
        """The driver's errors as SQLAlchemy tells them, without the values."""
        try:
            yield
        except self.dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(
                self.sql, None, error, self.dialect.loaded_dbapi.Error, dialect=self.dialect, hide_parameters=True
            ) from None

    def bound(self, row: Mapping[str, Any]) -> Any:
        """The values as the driver wants them."""
        values = {**self.fixed, **row}
        for name, bind in self.binds.items():
            values[name] = bind(values[name])
        return [values[name] for name in self.order] if self.order is not None else values


def inserting_once(table: type[SQLModel], columns: Sequence[str]) -> Prepared:
    """The statement that adds a row unless a unique value in it is there already; its id, or no row."""
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    inserts = (dialect.insert(table).values(values).on_conflict_do_nothing() for dialect in (postgresql, sqlite))
    on_postgresql, on_sqlite = (insert.returning(insert.table.c.id) for insert in inserts)
    return Prepared(on_postgresql, sqlite=on_sqlite)


def connection_of(db: Session) -> Connection:
    """The session's connection, without the session's own ado where the database edge left it at hand."""
    connection: Connection | None = db.info.get(CONNECTION)
    return connection if connection is not None else db.connection()


def moment(stored: Any) -> datetime:
    """A stored time as an aware one: SQLite keeps text in UTC, PostgreSQL an aware time."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC) if isinstance(stored, str) else stored
