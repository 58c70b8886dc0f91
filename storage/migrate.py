"""The database to head. Alembic is set up here, in code; its environment travels inside the package."""

import logging
from collections.abc import Callable

from alembic import command
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select
from sqlmodel import Session

from storage.columns import ONLY_ON
from storage.database import Database
from storage.tables import Association

ONE_AT_A_TIME = 52_710_001
"""PostgreSQL's advisory lock on migrating; any number that nothing else in the database locks."""

logging.getLogger("alembic").setLevel(logging.WARNING)


class FromAnotherRelease(Exception):
    """The database has seen migrations that this release does not know: it belongs to a newer one."""


def upgrade(database: Database) -> None:
    """Bring the database to head, all at once or not at all; of several that start together, one does it.

    Raises `FromAnotherRelease`, `StorageDown`.
    """
    if not is_at_head(database):
        database.transact(to_head)


def to_head(session: Session) -> None:
    """Run what is missing inside the caller's transaction; on SQLite that holds the write lock already."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(ONE_AT_A_TIME)))
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


def is_at_head(database: Database) -> bool:
    """Whether nothing is missing; raises `FromAnotherRelease`, `StorageDown`."""
    return database.read(lambda session: standing(session.connection())) == heads()


def standing(connection: Connection) -> tuple[str, ...]:
    """Where the database stands: as `heads`, empty for an empty database."""
    present = MigrationContext.configure(connection).get_current_heads()
    if not set(present) <= {script.revision for script in scripts().walk_revisions()}:
        raise FromAnotherRelease(", ".join(present))
    return tuple(sorted(present))


def heads() -> tuple[str, ...]:
    """The last migrations of this release."""
    return tuple(sorted(scripts().get_heads()))


def differences(database: Database) -> str:
    """What a migration would have to do to make the database equal to the tables, as code; empty when they are."""

    def compare(session: Session) -> str:
        context = MigrationContext.configure(session.connection(), opts={"include_object": is_for(session)})
        operations = produce_migrations(context, Association.metadata).upgrade_ops
        return "" if operations is None or operations.is_empty() else render_python_code(operations)

    return database.read(compare)


def is_for(session: Session) -> Callable[..., bool]:
    """What is compared: all but what the other database alone has."""
    dialect = session.connection().dialect.name
    return lambda found, *_about: getattr(found, "info", {}).get(ONLY_ON, dialect) == dialect


def scripts() -> ScriptDirectory:
    """The migrations that came with this release."""
    return ScriptDirectory.from_config(alembic_config())


def alembic_config() -> Config:
    """Alembic's settings; it finds the package itself (importlib.resources), wherever that was installed."""
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    return config
