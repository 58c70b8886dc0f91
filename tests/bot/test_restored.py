"""A database restored from a backup sends nothing again that the original sent since, and skips nothing of its own."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlmodel import Session, col, select

from bot import campaigns as announcing
from bot.app import warn_of_silence
from bot.consequences import Consequences
from bot.outbox import Outbox
from bot.restored import Doubted, make_safe
from bot.rounds import Rounds
from bot.running import Channel
from bot.scheduler import Scheduler
from conversations.announcement_words import status_words
from conversations.words import speaking
from domain.audience import Audience
from domain.message import Abilities, ProviderId, Reply
from domain.month import Month
from domain.zone import WITA
from storage.columns import new_id
from storage.database import Database, open_database
from storage.queries import (
    associations,
    audit,
    call_list,
    campaigns,
    charges,
    leases,
    outbox,
    people,
    progress,
    restored,
)
from storage.tables import Address, Audit, Campaign, Member, Message, Reminder
from tests.bot.test_campaigns import agree as agree_to_announcements
from tests.bot.test_reminders import agree, everybody_owes_december
from tests.storage.house import found, member, person
from tests.transcript import StoppedClock

ACCOUNT = "telegram/main"
ABILITIES = Abilities(text=4096, caption=1024, buttons=12, label=64, rate=1000)
A_WHILE = timedelta(hours=4)  # between two rounds


def at(day: int, hour: int, minute: int = 0, *, month: int = 12) -> datetime:
    """A moment of 2026, by the clock in Mataram."""
    return datetime(2026, month, day, hour, minute, tzinfo=WITA).astimezone(UTC)


@dataclass
class Provider:
    """Takes everything."""

    clock: StoppedClock
    took: list[tuple[str, str]] = field(default_factory=list)  # to whom, and the first line

    async def send(self, to: str, drawn: Reply, picture: Any = None, *, reference: str = "") -> ProviderId:
        self.took.append((to, drawn.text.split("\n")[0]))
        return ProviderId(str(uuid4()))


class Program:
    """The program at work on a database, by a clock that the test moves."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.clock = StoppedClock(now)
        self.provider = Provider(self.clock)
        self.rounds = Rounds(database, self.clock)

    @property
    def took(self) -> list[tuple[str, str]]:
        """What the provider took since it was asked last."""
        took, self.provider.took = self.provider.took, []
        return took

    def work(self, until: datetime) -> "Program":
        """Everything that falls due up to that moment."""
        while True:
            self.rounds.make()
            announcing.tick(self.database, self.clock)
            Scheduler(self.database, self.clock).tidy()
            asyncio.run(self.send())
            if self.clock.moment >= until:
                return self
            self.clock.moment = min(until, self.clock.moment + A_WHILE)

    async def send(self) -> None:
        """Whatever is due."""
        channel = Channel(ACCOUNT, "main", ABILITIES, self.provider, lambda reply: reply)
        sender = Outbox(self.database, self.clock, {ACCOUNT: channel}, Consequences({}, {}, {}), alone=True)
        while leased := await sender.claim(ACCOUNT):
            await asyncio.gather(*map(sender.deliver, leased))

    def told(self, taken: datetime) -> Doubted:
        """It is told that it works on a restored database."""
        [doubted] = self.database.transact(partial(make_safe, taken=taken, now=self.clock.now()))
        return doubted


Copy = Callable[[], Database]


@pytest.fixture
def copy(database: Database, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Copy]:
    """Takes a backup now, and opens what is restored from it."""
    opened: list[Database] = []

    def take() -> Database:
        take_on = {"sqlite": copy_of_file, "postgresql": copy_on_server}[database.dialect]
        opened.append(open_database(take_on(database, request, tmp_path)))
        return opened[-1]

    yield take
    for one in opened:
        one.close()


def copy_of_file(database: Database, _request: pytest.FixtureRequest, folder: Path) -> str:
    path = folder / f"{uuid4().hex}.db"
    with closing(sqlite3.connect(str(database.engine.url.database))) as file:
        file.execute(f"VACUUM INTO '{path}'")
    return f"sqlite:///{path}"


def copy_on_server(database: Database, request: pytest.FixtureRequest, _folder: Path) -> str:
    server, name = request.getfixturevalue("postgres_server"), f"copy_{uuid4().hex}"
    database.engine.dispose()  # nobody may look while it is copied
    with psycopg.connect(server.get_uri("template1"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {database.engine.url.database}")
    return str(server.get_uri(name))


# ── reminders ────────────────────────────────────────────────────────────────────────────────────────────────────

FIVE_BEFORE = "Iuran Desember 2026 Rp8.400, paling lambat 15 Desember 2026."
EVERYBODY = Counter({("siti", FIVE_BEFORE): 1, ("budi", FIVE_BEFORE): 1})


@pytest.fixture
def original(database: Database) -> Program:
    """Siti and Budi owe December; it is five to eight on the day on which they are reminded."""
    database.transact(lambda db: everybody_owes_december(db, "siti", "budi") and None)
    program = Program(database, at(10, 7, 55))
    program.rounds.make()
    return program


def standing(database: Database) -> list[tuple[str, str]]:
    """How reminders stand: rule and status."""
    return database.read(
        lambda db: [(row.rule, row.status) for row in db.exec(select(Reminder).order_by(col(Reminder.id)))]
    )


def test_what_the_original_sent_at_eight_the_copy_does_not_send_at_nine(original: Program, copy: Copy):
    backup = copy()
    assert Counter(original.work(until=at(10, 9)).took) == EVERYBODY
    program = Program(backup, at(10, 9))
    assert program.told(at(10, 7, 55)) == Doubted("main", 2, 0, 0, 0, 0)
    assert program.work(until=at(13, 23)).took == []
    assert standing(backup) == [("due-5", "uncertain")] * 2
    assert len(program.work(until=at(14, 9)).took) == 2, "the next rule comes as usual"
    assert standing(backup)[2:] == [("due-1", "queued")] * 2


def test_a_program_that_was_only_down_makes_up_for_eight_o_clock(original: Program, copy: Copy):
    program = Program(copy(), at(10, 9))
    assert Counter(program.work(until=at(10, 9)).took) == EVERYBODY


def test_what_stood_in_the_outbox_is_not_sent_again(original: Program, copy: Copy):
    original.clock.moment = at(10, 8)
    original.rounds.make()
    backup = copy()
    assert len(original.work(until=at(10, 8)).took) == 2
    program = Program(backup, at(10, 9))
    assert program.told(at(10, 8)) == Doubted("main", 0, 2, 0, 0, 0)
    assert program.work(until=at(10, 12)).took == []
    rows = backup.read(lambda db: db.exec(select(Message.status, Message.code)).all())
    assert [tuple(row) for row in rows] == [("uncertain", "restored")] * 2


def test_what_a_sender_held_when_the_backup_was_taken_is_not_sent_again(original: Program, copy: Copy):
    original.clock.moment = at(10, 8)
    original.rounds.make()
    lease = timedelta(seconds=90)
    claimed = partial(leases.claim, account=ACCOUNT, by="dead", now=at(10, 8), lease=lease, limit=1)
    original.database.transact(claimed)
    program = Program(copy(), at(10, 9))
    assert program.told(at(10, 8)).to_many == 2
    assert program.work(until=at(10, 12)).took == []


def test_what_was_parked_until_she_writes_is_not_sent_again(original: Program, copy: Copy):
    original.clock.moment = at(10, 8)
    original.rounds.make()

    def park(db: Session) -> None:
        for message in db.exec(select(Message)):
            message.status, message.code = "parked", "outside_window"

    original.database.transact(park)
    program = Program(copy(), at(10, 9))
    assert program.told(at(10, 8)).to_many == 2


@pytest.mark.parametrize(
    ("taken", "restored_at"),
    [
        (at(9, 20), at(10, 21)),  # the window opened since, and closed its day
        (at(30, 20, month=11), at(11, 9)),  # so was the month charged
        (at(9, 20), at(16, 9)),  # two rules came since
    ],
)
def test_what_the_original_planned_only_after_the_backup_is_not_sent_again(
    database: Database, copy: Copy, taken: datetime, restored_at: datetime
):
    def join(db: Session) -> None:
        found(db)
        for name in ("siti", "budi"):
            agree(db, member(db, name))

    database.transact(join)
    original = Program(database, taken)
    assert original.work(until=taken).took == []
    backup = copy()
    sent = original.work(until=restored_at).took
    assert len(sent) in (2, 4)
    program = Program(backup, restored_at)
    assert program.told(taken).reminders == len(sent)
    assert sorted(program.work(until=at(17, 23)).took) == sorted(original.work(until=at(17, 23)).took)
    assert len(program.work(until=at(18, 9)).took) == 2, "three days after"


def test_what_comes_only_in_the_morning_is_not_skipped(original: Program, copy: Copy):
    program = Program(copy(), at(10, 7, 57))
    assert program.told(at(9, 20)).reminders == 0
    assert Counter(program.work(until=at(10, 9)).took) == EVERYBODY


def test_a_week_that_was_over_while_the_copy_did_not_run(database: Database, copy: Copy):
    """Siti had two reminders at odd hours a week ago: the third was owed as soon as the first was a week old."""

    def fill(db: Session) -> None:
        found(db)
        siti = member(db, "siti", first=Month(2026, 10))
        agree(db, siti)
        for month in (Month(2026, 10), Month(2026, 11), Month(2026, 12)):
            charges.charge_month(db, "main", month, now=at(1, 8))
        earlier = {"association_id": "main", "member_id": siti.id, "month": "2026-11", "valid_until": at(30, 0)}
        for days, moment in ((10, at(4, 14, 23)), (11, at(5, 14, 23))):
            row = {"rule": f"due+{days}", "status": "queued", "send_at": moment, "planned_at": moment}
            db.add(Reminder(**earlier, **row))

    database.transact(fill)
    original = Program(database, at(11, 8))
    assert original.work(until=at(11, 14)).took == []
    backup = copy()
    assert len(original.work(until=at(11, 21)).took) == 1
    program = Program(backup, at(11, 21))
    assert program.told(at(11, 14)).reminders == 1
    assert program.work(until=at(12, 14)).took == []


def test_a_collector_calls_whoever_may_have_got_the_last_one(database: Database):
    database.transact(lambda db: everybody_owes_december(db, "siti") and None)
    program = Program(database, at(25, 9))
    program.told(at(24, 20))
    assert standing(database) == [("due+10", "uncertain")]

    def calls(db: Session) -> list[str]:
        siti = db.exec(select(Member)).one()
        siti.collector_id = person(db, "amat")
        db.flush()
        return [one.member.name for one in call_list.of_collector(db, "main", siti.collector_id, at(26, 9).date())]

    assert database.transact(calls) == ["Siti"]


# ── announcements ────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = ("siti", "budi", "ani", "ana")
NEWS = "Pengumuman Asosiasi Contoh:"


@pytest.fixture
def house(database: Database) -> Database:
    """Four people who want announcements, and an officer."""

    def fill(db: Session) -> None:
        found(db)
        people.ensure_role(db, association_id="main", person_id=person(db, "lalu"), role="officer", now=at(1, 8))
        for name in NAMES:
            agree_to_announcements(db, member(db, name).person_id)

    database.transact(fill)
    return database


def announce(database: Database, send_at: datetime) -> str:
    """An announcement to all members; its id."""

    def make(db: Session) -> str:
        wanted = campaigns.Wanted(
            id=new_id(), words="Besok libur.", audience=Audience(), made_by=person(db, "lalu"), send_at=send_at
        )
        return campaigns.create(db, "main", wanted, now=at(9, 8)).id

    return database.transact(make)


def read_by_officers(database: Database, campaign_id: str) -> str:
    """Where it stands, as officers read it."""
    with speaking("id"):
        return database.read(lambda db: status_words(db.get_one(Campaign, campaign_id), WITA))


RESTS = "ditunda: data dipulihkan dari cadangan, sebagian orang mungkin sudah menerima"


def resume(database: Database, campaign_id: str) -> None:
    database.transact(lambda db: campaigns.resume(db, "main", campaign_id, by=person(db, "lalu")) and None)


def test_an_announcement_half_sent_rests_and_reaches_nobody_again(house: Database, copy: Copy):
    campaign_id = announce(house, at(10, 8, 30))
    original = Program(house, at(10, 8, 30))
    original.rounds.make()
    announcing.tick(house, original.clock)

    def arrive(db: Session) -> None:
        for message in db.exec(select(Message).where(Message.kind == "bulk").order_by(col(Message.id)).limit(2)):
            message.status = "accepted"

    house.transact(arrive)
    backup = copy()
    assert [line for _to, line in original.work(until=at(10, 9)).took].count(NEWS) == 2
    program = Program(backup, at(10, 9))
    assert program.told(at(10, 8, 30)) == Doubted("main", 0, 2, 0, 1, 1), "the notice: how far it is"
    took = program.work(until=at(10, 12)).took
    assert [(to, line[:30]) for to, line in took] == [("lalu", "Pengumuman U-2026-0001 kami tu")]
    assert read_by_officers(backup, campaign_id) == RESTS
    resume(backup, campaign_id)
    assert NEWS not in [line for _to, line in program.work(until=at(10, 15)).took]
    found = backup.read(lambda db: progress.progress(db, campaign_id))
    assert (found.reached, found.uncertain, found.left) == (2, 2, 0)
    assert read_by_officers(backup, campaign_id) == "selesai"


def test_an_announcement_that_was_to_begin_since_waits_for_a_human(house: Database, copy: Copy):
    campaign_id = announce(house, at(10, 8, 30))
    program = Program(copy(), at(10, 9))
    assert program.told(at(10, 8)).announcements == 1
    assert NEWS not in [line for _to, line in program.work(until=at(10, 12)).took]
    assert read_by_officers(program.database, campaign_id) == RESTS
    resume(program.database, campaign_id)
    assert sorted(to for to, line in program.work(until=at(10, 13)).took if line == NEWS) == sorted(NAMES)


def test_one_that_is_to_begin_later_begins(house: Database, copy: Copy):
    announce(house, at(10, 10))
    program = Program(copy(), at(10, 9))
    assert program.told(at(10, 8)).announcements == 0
    assert len([line for _to, line in program.work(until=at(10, 11)).took if line == NEWS]) == 4


def test_one_that_rested_tells_why_it_must_be_looked_at(house: Database, copy: Copy):
    campaign_id = announce(house, at(10, 8))

    def rest(db: Session) -> None:
        assert campaigns.begin(db, campaigns.lock(db, "main", campaign_id))
        campaigns.pause(db, "main", campaign_id, reason="by_officer")

    house.transact(rest)
    program = Program(copy(), at(10, 9))
    assert program.told(at(10, 8)).announcements == 1
    assert read_by_officers(program.database, campaign_id) == RESTS


# ── answers, and whoever sends meanwhile ─────────────────────────────────────────────────────────────────────────


def put(database: Database, name: str, kind: str, due_at: datetime) -> int:
    """Something to be said to her."""

    def work(db: Session) -> int:
        address = db.exec(select(Address).where(Address.external_id == name)).one()
        facts: dict[str, Any] = {"association_id": "main", "account": ACCOUNT, "address_id": address.id}
        return outbox.put(db, **facts, key=new_id(), kind=kind, reply=Reply("Halo."), now=due_at) or 0

    return database.transact(work)


def test_an_answer_goes_once_more_as_every_uncertain_one(house: Database, copy: Copy):
    for kind in ("reply", "notice"):
        put(house, "siti", kind, at(10, 7, 59))
    program = Program(copy(), at(10, 9))
    assert program.told(at(10, 8)) == Doubted("main", 0, 0, 1, 1, 0)
    assert program.work(until=at(10, 9)).took == []
    assert program.work(until=at(10, 9, 30)).took == [("siti", "Halo.")] * 2
    assert program.work(until=at(10, 12)).took == []


def test_what_a_sender_has_in_hand_meanwhile_ends_as_he_says(house: Database):
    message_id = put(house, "siti", "bulk", at(10, 8))
    lease = timedelta(minutes=1)
    house.transact(partial(leases.claim, account=ACCOUNT, by="sender", now=at(10, 9), lease=lease, limit=1))
    Program(house, at(10, 9)).told(at(10, 8))
    outcome = outbox.Outcome(message_id, 1, "accepted", ProviderId("1"))
    house.transact(partial(outbox.settle, outcomes=[outcome], by="sender", now=at(10, 9)))
    assert house.read(lambda db: outbox.facts_of(db, message_id).status) == "accepted"


def test_what_was_not_due_yet_goes_as_usual(house: Database, copy: Copy):
    put(house, "siti", "bulk", at(10, 10))
    program = Program(copy(), at(10, 9))
    assert program.told(at(10, 8)).to_many == 0
    assert program.work(until=at(10, 10)).took == [("siti", "Halo.")]


def test_it_leaves_a_trace_without_names(house: Database):
    Program(house, at(10, 9)).told(at(10, 8))
    row = house.read(lambda db: db.exec(select(Audit)).one())
    assert (row.action, row.subject, row.actor_id) == ("restored", "association/main", None)
    facts = {"taken": at(10, 8).isoformat(), "reminders": 0, "messages": 0, "announcements": 0}
    assert row.facts == facts
    assert house.read(lambda db: audit.first_break(db, "main")) is None


# ── is it one? ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_long_silence_is_asked_about_when_serving_begins(house: Database, caplog: pytest.LogCaptureFixture):
    put(house, "siti", "reply", at(10, 2))
    warn_of_silence(house, at(10, 8))
    assert caplog.messages == []
    warn_of_silence(house, at(10, 8, 1))
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("nothing happened here since 09 Dec 2026 18:00 UTC: ")
    assert "jagalapak restored" in caplog.messages[0]


def test_an_empty_database_is_not_asked_about(database: Database):
    database.transact(lambda db: associations.ensure(db, association_id="main", name="A", now=at(1, 8)) and None)
    assert database.read(lambda db: restored.silent_since(db, at(10, 8))) is None
