"""What is done to a whole association at once, beside the bare INSERT … SELECT of the very same rows."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel import Session

from bench.million import ACCOUNT, FIRST_CHAT, MAIN, NOW, grow
from bot.campaigns import composing
from conversations.status import Draft, tell_status
from conversations.talk import Facts, House, Talk
from domain.audience import Audience
from domain.message import Address, Incoming, Kind, ProviderId
from domain.month import Month
from storage.database import Database, open_database
from storage.migrate import upgrade
from storage.queries import associations, campaigns, charges, dues, leases, people, recipients, reminders
from storage.tables import Campaign, Member

DECEMBER = Month(2026, 12)
ZONE = ZoneInfo("Asia/Makassar")
SMALL = 1_000
LOOKS = 200
HEARD_OF = 100_000  # recipients of the announcement
TAKEN = 30  # of its messages at once
BARE = "bare"


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def opened(url: str, members: int) -> Database:
    """A database with so many members."""
    database = open_database(url)
    upgrade(database)
    grow(database, members)
    return database


def bare(database: Database, table: str, which: str) -> float:
    """Insert the rows of a table that were just written into an empty one of the same columns, keys and indexes.

    Foreign keys are looked up in both databases, for they are what most of a bare row costs.
    """

    def prepare(db: Session) -> None:
        connection = db.connection()
        connection.execute(text(f"DROP TABLE IF EXISTS {BARE}_{table}"))
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"CREATE TABLE {BARE}_{table} (LIKE {table} INCLUDING DEFAULTS INCLUDING INDEXES)"))
            foreign = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = CAST(:t AS regclass)"
            for (key,) in connection.execute(text(f"{foreign} AND contype = 'f'"), {"t": table}).all():
                connection.execute(text(f"ALTER TABLE {BARE}_{table} ADD {key}"))
            return
        (made,) = connection.execute(text(f"SELECT sql FROM sqlite_master WHERE name = '{table}'")).one()
        connection.execute(text(made.replace(f"CREATE TABLE {table}", f"CREATE TABLE {BARE}_{table}", 1)))
        indexes = (
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{table}' AND sql IS NOT NULL"
        )
        for name, index in connection.execute(text(indexes)).all():
            own = index.replace(name, f"{BARE}_{name}", 1).replace(f" ON {table} ", f" ON {BARE}_{table} ", 1)
            connection.execute(text(own))

    def copy(db: Session) -> None:
        db.connection().execute(text(f"INSERT INTO {BARE}_{table} SELECT * FROM {table} WHERE {which}"))

    database.transact(prepare)
    took = seconds(lambda: database.transact(copy))
    database.transact(lambda db: db.connection().execute(text(f"DROP TABLE {BARE}_{table}")))
    return took


def charging(database: Database) -> tuple[float, float]:
    """A month for everybody, and its rows bare."""
    entry = "(SELECT max(number) FROM entry)"
    took = seconds(lambda: database.transact(lambda db: charges.charge_month(db, MAIN, DECEMBER, now=NOW)))
    return took, bare(database, "charge", f"entry = {entry}") + bare(database, "posting", f"entry = {entry}")


def planning(database: Database) -> tuple[float, float]:
    """The reminders of a morning for everybody, and their rows bare."""
    took = seconds(lambda: database.transact(lambda db: reminders.plan(db, associations.get(db, MAIN), now=NOW)))
    return took, bare(database, "reminder", "1 = 1")


def looking(database: Database, members: int, look: Callable[[Session, int], object]) -> float:
    """Milliseconds to look at one member, the median; `look` gets her number."""
    some = range(1, members + 1, max(1, members // LOOKS))[:LOOKS]

    def timed(number: int) -> float:
        return seconds(lambda: database.read(partial(look, number=number)))

    for number in some[:20]:
        timed(number)  # warm
    return statistics.median(map(timed, some)) * 1000


def her_book(db: Session, number: int) -> object:
    """One member's dues."""
    return dues.book_of(db, db.get_one(Member, f"b{number:031x}"), NOW.date())


def her_status(db: Session, number: int) -> object:
    """What `status` says to her: the step itself."""
    house = House(MAIN, "Asosiasi Contoh", ZONE, "")
    said = Incoming(Address(ACCOUNT, str(FIRST_CHAT + number)), ProviderId("1"), Kind.TEXT, NOW, text="status")
    facts = Facts(house, f"a{number:031x}", f"c{number:031x}", "id", NOW.astimezone(ZONE), said, look=lambda: db)
    told = tell_status(Talk(Draft(), facts)).text
    assert "Rp" in told
    return told


def expanding(database: Database, most: int) -> float:
    """An announcement to so many, from its list to their messages."""

    def prepare(db: Session) -> str:
        maker = f"a{1:031x}"
        people.grant(db, association_id=MAIN, person_id=maker, role="officer", by=None, now=NOW)
        campaign = Campaign(
            association_id=MAIN,
            number="U-2026-0001",
            status="sending",
            words="Besok ada pemeriksaan kesehatan gratis di pasar.",
            audience=Audience().as_json(),
            expected=most,
            made_by=maker,
            send_at=NOW,
            created_at=NOW,
        )
        db.add(campaign)
        db.flush()
        recipients.list_recipients(db, campaign, NOW)
        spare = "DELETE FROM campaign_recipient WHERE id > (SELECT min(id) FROM campaign_recipient) + :most - 1"
        db.connection().execute(text(spare), {"most": most})
        return campaign.id

    campaign_id = database.transact(prepare)

    def step(db: Session) -> int:
        campaign = campaigns.lock(db, MAIN, campaign_id)
        return recipients.expand(db, campaign, 2_000, compose=composing(db, campaign), now=NOW + timedelta(minutes=1))

    def all_of_it() -> None:
        while database.transact(step) == 2_000:
            pass

    return seconds(all_of_it)


def claiming(database: Database) -> float:
    """Milliseconds to take the next messages of that announcement, a slot's worth at a time, the median."""

    def taken(second: int) -> float:
        now = NOW + timedelta(minutes=2, seconds=second)
        work = partial(leases.claim, account=ACCOUNT, by="bench", now=now, lease=timedelta(minutes=1), limit=TAKEN)
        began = time.perf_counter()
        leased = database.transact(work)
        took = time.perf_counter() - began
        assert len(leased) == TAKEN
        return took

    return statistics.median(map(taken, range(LOOKS))) * 1000


def measured(name: str, url: str, small_url: str, members: int) -> Iterator[list[str]]:
    """The lines of one database."""
    database = opened(url, members)
    took, lower = charging(database)
    yield line(f"{name}: charge a month for {members:,} members", took, lower)
    took, lower = planning(database)
    yield line(f"{name}: plan the reminders of {members:,} members", took, lower)
    small = opened(small_url, SMALL)
    charging(small)
    for what, look in {"one member's book": her_book, "`status` of one member": her_status}.items():
        alone, among = looking(small, SMALL, look), looking(database, members, look)
        yield [
            f"{name}: {what} among {members:,} (among {SMALL:,})",
            f"{among:.2f} ms",
            f"{alone:.2f} ms",
            f"{among / alone:.2f}",
        ]
    small.close()
    count = min(HEARD_OF, members)
    yield [f"{name}: an announcement to {count:,} becomes messages", f"{expanding(database, count):.1f} s", "", ""]
    yield [f"{name}: to take the next {TAKEN} of them", f"{claiming(database):.2f} ms", "", ""]
    database.close()


def line(name: str, took: float, lower: float) -> list[str]:
    """What it took, beside the bare rows."""
    return [name, f"{took:.1f} s", f"{lower:.1f} s", f"{took / lower:.2f}"]
