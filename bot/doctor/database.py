"""The database: whether it answers, what lies in it, what waits to go out, and who looks after it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, literal_column, make_url
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col, select

from bot.doctor.check import Check, well, wrong
from bot.running import demand_way_on
from bot.settings import Settings
from conversations.ours import repertoire
from conversations.repertoire import NoWayOn
from storage.database import Database, StorageDown, open_database
from storage.migrate import FromAnotherRelease, is_at_head
from storage.queries import associations, outbox, people, received, restored, talks
from storage.sealed import KeyMissing, NoKeys, SealBroken, keys
from storage.tables import Message, Rate, Talk
from storage.tables.message import PARKED, UNCERTAIN

LATE = timedelta(minutes=10)  # how long a message may wait to be sent
PROVIDERS = {"telegram": "Telegram", "whatsapp": "Twilio"}


def about_database(settings: Settings) -> list[Check]:
    """It answers, stands at head, and what lies in it can be opened and gone on with."""
    file = file_of(settings)
    if file and not file.exists():
        return [wrong("database", f"there is no {file} yet", "Run `jagalapak init`.")]
    with closing(open_database(settings.database_url)) as database:
        first = answers(database)
        return [first, *inside(database, settings)] if first.ok else [first]


@contextmanager
def at_hand(settings: Settings) -> Iterator[Database | None]:
    """The database where it answers and stands at head; else None, and `about_database` says why."""
    file = file_of(settings)
    if file and not file.exists():
        yield None
        return
    with closing(open_database(settings.database_url)) as database:
        yield database if answers(database).ok else None


def answers(database: Database) -> Check:
    """It can be read and written, and stands at head."""
    asked = "Is DATABASE_URL right, and is the database running?"
    try:
        at_head = is_at_head(database)
        database.transact(lambda db: None)
    except StorageDown as error:
        return wrong("database", f"it does not answer ({error})", asked)
    except FromAnotherRelease as error:
        return wrong("database", f"it belongs to a newer release ({error})", "Update JagaLapak.")
    except DatabaseError as error:
        return wrong("database", f"it is no database of ours ({type(error.orig).__name__})", asked)
    if not at_head:
        return wrong("database", "it is not at head", "Run `jagalapak migrate`.")
    return well("database", f"{database.dialect}, at head")


def inside(database: Database, settings: Settings) -> Iterator[Check]:
    """What lies in the database."""
    yield database.read(about_newest)
    yield database.read(about_seals)
    yield about_talks(database)
    yield from database.read(lambda db: list(about_queues(db)))
    yield from database.read(lambda db: list(about_people(db, settings)))


def about_newest(db: Session) -> Check:
    """How far back its knowledge ends: a restored backup must be told that it is one."""
    newest = restored.newest(db)
    if newest is None:
        return well("newest entry", "there is none yet")
    says = f"of {newest:%d %b %Y %H:%M} UTC"
    if restored.silent_since(db, datetime.now(UTC)) is None:
        return well("newest entry", says)
    todo = "Nobody wrote, the program was down, or this is a restored backup: then stop and run `jagalapak restored`."
    return Check("newest entry", True, says, todo)


def about_seals(db: Session) -> Check:
    """The keys open what was sealed."""
    try:
        opened = open_samples(db)
    except NoKeys:
        return wrong("sealed values", "nobody knows whether they open", "Mend the keys first.")
    except KeyMissing as error:
        return wrong(
            "sealed values", str(error), f"Put the old key {error.kid} back into SECRET_KEYS, behind the first."
        )
    except SealBroken:
        todo = "A key in SECRET_KEYS has the right name but is not the one that sealed: put the right one back."
        return wrong("sealed values", "they do not open", todo)
    return well("sealed values", "they open" if opened else "there are none yet")


def open_samples(db: Session) -> int:
    """Open the oldest and the newest talk and message; how many there were.

    Raises `NoKeys`, `KeyMissing`, `SealBroken`.
    """
    ring, opened = keys(), 0
    for first in (col(Talk.id), col(Talk.id).desc()):
        for talk in db.exec(select(Talk).where(col(Talk.standing_sealed) != "").order_by(first).limit(1)):
            ring.open(talk.standing_sealed, bound_to=talks.place_of(talk.address_id, talk.person_id))
            opened += 1
    for first in (col(Message.id), col(Message.id).desc()):
        for message in db.exec(select(Message).order_by(first).limit(1)):
            outbox.open_reply(message.reply_sealed, message.key)
            opened += 1
    return opened


def about_talks(database: Database) -> Check:
    """Wherever people stand in their talks, this release knows how to go on."""
    try:
        demand_way_on(database, repertoire)
    except NoWayOn as error:
        return wrong("talks", str(error), "Go back to the release before, or add the migration.")
    return well("talks", "everybody can go on from where she stands")


def about_queues(db: Session) -> Iterator[Check]:
    """What waits goes out, and through accounts that may send."""
    now = datetime.now(UTC)
    for rate in db.exec(select(Rate).order_by(col(Rate.account))):
        due = first_due(db, rate.account)
        if rate.halted:
            provider = PROVIDERS.get(rate.account.partition("/")[0], "the provider")
            todo = f"Mend what {provider} says of it here, then start `jagalapak serve` again."
            yield wrong("sending", f"nothing is sent through {rate.account}: {rate.halted}", todo)
        elif due and due < now - LATE:
            waits = f"a message waits for {rate.account} since {due:%d %b %H:%M} UTC"
            yield wrong("sending", waits, "Is `jagalapak serve` running?")
        else:
            yield well("sending", f"nothing waits too long for {rate.account}")
        held = held_back(db, rate.account)
        if held:
            yield well("held back", f"{rate.account}: {held}")
    waiting, dead = received.counts(db)
    yield well("receiving", f"{waiting} wait to be answered, {dead} were given up and handed to the officers")


def first_due(db: Session, account: str) -> datetime | None:
    """When the message that waits longest for an account wanted to go."""
    waiting = col(Message.status).in_(("queued", "retry_wait"))
    return db.exec(select(func.min(Message.due_at)).where(Message.account == account, waiting)).one()


def held_back(db: Session, account: str) -> str:
    """What goes out only when something else happens; "" when there is none."""
    parked = counted(db, account, PARKED)
    uncertain = counted(db, account, UNCERTAIN)
    return ", ".join(
        [
            *([f"{parked} parked until somebody writes again"] if parked else []),
            *([f"{uncertain} uncertain: nobody knows whether they arrived"] if uncertain else []),
        ]
    )


def counted(db: Session, account: str, standing: str) -> int:
    """How many messages of an account stand so, as one of the partial indexes says it."""
    return db.exec(select(func.count()).where(Message.account == account, literal_column(f"message.{standing}"))).one()


def about_people(db: Session, settings: Settings) -> Iterator[Check]:
    """Every association has somebody who may give roles."""
    founded = {one.id for one in associations.everyone(db)}
    for code in settings.channels:
        if code not in founded:
            yield wrong("people", f"there is no association {code} yet", f"jagalapak association add {code} NAME")
        elif people.with_role(db, code, "admin"):
            admins, officers = (len(people.with_role(db, code, role)) for role in ("admin", "officer"))
            yield well("people", f"{code}: administrators {admins}, officers {officers}")
        elif not settings.admin_addresses:
            example = "telegram:ID" if settings.channels[code].telegram_bot_token else "whatsapp:+62…"
            todo = f"Use the join code, or: jagalapak grant admin --address {example} --association {code}"
            yield wrong("people", f"{code} has no administrator", todo)


def file_of(settings: Settings) -> Path | None:
    """The database's file, where it is one."""
    address = make_url(settings.database_url)
    return Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None
