"""Announcements below the talk: who is meant, one row and one message for each, stopped, gone around, sent again."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot import campaigns as sending
from bot.clock import Clock
from domain.audience import Audience, NotAnAudience
from domain.campaign import CampaignStatus, NotPossibleNow
from storage.columns import new_id
from storage.database import Database
from storage.queries import (
    associations,
    audiences,
    campaigns,
    charges,
    consents,
    outbox,
    people,
    progress,
    recipients,
    talks,
)
from storage.queries.bulk import verdicts
from storage.tables import Address, Association, Campaign, CampaignRecipient, Member, Message, Talk
from tests.storage.house import DECEMBER, WITH_JHT, found, member, person

NOON = datetime(2026, 12, 17, 2, 0, tzinfo=UTC)  # 10.00 in Mataram, two days after the due day
WHATSAPP = "whatsapp/main"


class Standing(Clock):
    """Stands still until somebody moves it."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> Standing:
    return Standing()


# ── the people ───────────────────────────────────────────────────────────────────────────────────────────────────


def agree(db: Session, person_id: str, *, given: bool = True) -> None:
    """She wants announcements, or none any more."""
    consents.record(
        db,
        association_id="main",
        person_id=person_id,
        purpose=audiences.TOPIC,
        given=given,
        version="1",
        words="",
        answer="",
        language="id",
        account="telegram/main",
        provider_id="1",
        at=NOON,
    )


def members(db: Session, *names: str, **facts: Any) -> list[Member]:
    """Members who want announcements."""
    found(db)
    associations.ensure_account(db, association_id="main", account=WHATSAPP, per_second=1000, now=NOON)
    for name in ("lalu", "sri"):
        people.ensure_role(db, association_id="main", person_id=person(db, name), role="officer", now=NOON)
    those = [member(db, name) for name in names]
    for one in those:
        agree(db, one.person_id)
        for fact, value in facts.items():
            setattr(one, fact, value)
    db.flush()
    return those


def second_app(db: Session, hers: Member, *, heard_at: datetime = NOON) -> Address:
    """She is on WhatsApp too, and wrote there at that time."""
    address = talks.ensure_address(
        db, association_id="main", account=WHATSAPP, external_id=f"+62{hers.nik_end}", now=heard_at
    )
    talk = db.exec(select(Talk).where(Talk.address_id == address.id)).one()
    talk.person_id = address.person_id = hers.person_id
    talk.turn = 1
    db.flush()
    return address


def reached(database: Database, audience: Audience) -> int:
    """How many get it now."""
    return database.read(lambda db: audiences.count(db, "main", audience, NOON).people)


FACTS: list[tuple[dict[str, Any], Audience]] = [
    ({"regency": "5271"}, Audience(regency="5271")),
    ({"district": "527101"}, Audience(district="527101")),
    ({"market": "Kebon Roek"}, Audience(market="Kebon Roek")),
    ({"status": "lapsed"}, Audience(status="lapsed")),
    ({"status": "left"}, Audience(status="left")),
]


@pytest.mark.parametrize(("facts", "audience"), FACTS)
def test_members_are_found_by_their_facts(database: Database, facts: dict[str, Any], audience: Audience):
    def fill(db: Session) -> None:
        siti, _budi = members(db, "siti", "budi")
        for fact, value in facts.items():
            setattr(siti, fact, value)

    database.transact(fill)
    assert reached(database, audience) == 1
    assert reached(database, Audience()) == (1 if facts.get("status") == "left" else 2)
    assert Audience.from_json(audience.as_json()) == audience


def test_members_are_found_by_their_collector_language_and_programme(database: Database):
    def fill(db: Session) -> str:
        siti, _budi = members(db, "siti", "budi")
        siti.collector_id = person(db, "amat")
        address = db.exec(select(Address).where(Address.person_id == siti.person_id)).one()
        address.language = "en"
        ani = member(db, "ani", hers=WITH_JHT)
        agree(db, ani.person_id)
        return siti.collector_id

    collector = database.transact(fill)
    assert reached(database, Audience(collector=collector)) == 1
    assert reached(database, Audience(language="en")) == 1
    assert reached(database, Audience(programme="JHT")) == 1


def test_whoever_owes_what_was_due_is_in_arrears(database: Database):
    def fill(db: Session) -> None:
        siti, budi = members(db, "siti", "budi")
        charges.charge_month(db, "main", DECEMBER, now=NOON)
        budi.first_month = "2027-01"
        assert siti

    database.transact(fill)
    assert (reached(database, Audience(arrears=True)), reached(database, Audience(arrears=False))) == (2, 0)
    before = NOON - timedelta(days=4)
    count = database.read(lambda db: audiences.count(db, "main", Audience(arrears=True), before).people)
    assert count == 0, "not before the due day is over"


def test_everybody_is_whoever_talks_with_us(database: Database):
    def fill(db: Session) -> None:
        members(db, "siti")
        agree(db, person(db, "rina"))

    database.transact(fill)
    assert reached(database, Audience()) == 1
    assert reached(database, Audience(everybody=True)) == 2
    assert reached(database, Audience(everybody=True, status="active")) == 1, "a fact of members leaves only members"


def test_who_is_left_out_is_told(database: Database):
    def fill(db: Session) -> str:
        siti, budi, ani, _ana = members(db, "siti", "budi", "ani", "ana")
        agree(db, siti.person_id, given=False)
        people.mark_address(db, db.exec(select(Address.id).where(Address.person_id == budi.person_id)).one(), "bad")
        return ani.person_id

    ani = database.transact(fill)
    count = database.read(lambda db: audiences.count(db, "main", Audience(without=(ani,)), NOON))
    assert (count.people, count.opted_out, count.unreachable) == (1, 1, 1)
    assert count.accounts == {"telegram/main": 1}


def test_an_audience_with_an_unknown_fact_is_refused():
    with pytest.raises(NotAnAudience, match="village"):
        Audience.from_json({"village": "5271011001"})


# ── made ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def made(db: Session, *, by: str = "lalu", **more: Any) -> Campaign:
    """An announcement to all members."""
    facts = {"id": new_id(), "words": "Besok libur.", "audience": Audience(), "send_at": NOON, **more}
    return campaigns.create(db, "main", campaigns.Wanted(made_by=person(db, by), **facts), now=NOON)


def begun(database: Database, *names: str, **more: Any) -> str:
    """An announcement that goes out to members of these names; its id."""

    def fill(db: Session) -> str:
        members(db, *names)
        campaign = made(db, **more)
        assert campaigns.begin(db, campaign)
        return campaign.id

    return database.transact(fill)


def rows(database: Database, campaign_id: str) -> list[tuple[str, str, str]]:
    """Each recipient: the name, and where she stands."""

    def look(db: Session) -> list[tuple[str, str, str]]:
        those = select(CampaignRecipient).where(CampaignRecipient.campaign_id == campaign_id)
        return sorted((people.name_of(db, row.person_id), row.status, row.reason) for row in db.exec(those))

    return database.read(look)


def messages(database: Database) -> list[Message]:
    """Everything that goes to many."""
    return database.read(
        lambda db: list(db.exec(select(Message).where(Message.kind == "bulk").order_by(col(Message.id))))
    )


def test_numbers_have_no_gaps(database: Database):
    def fill(db: Session) -> list[str]:
        members(db, "siti")
        return [made(db).number for _number in range(3)]

    assert database.transact(fill) == ["U-2026-0001", "U-2026-0002", "U-2026-0003"]


def test_above_the_limit_it_waits_and_below_it_does_not(database: Database):
    def fill(db: Session) -> list[str]:
        members(db, "siti", "budi")
        association = db.get_one(Association, "main")
        association.approve_above = 1
        above = made(db)
        association.approve_above = 2
        return [above.status, made(db).status]

    assert database.transact(fill) == ["waiting", "scheduled"]


def test_one_row_for_one_person_whatever_her_addresses(database: Database):
    """C5"""

    def fill(db: Session) -> str:
        siti, _budi = members(db, "siti", "budi")
        second_app(db, siti)
        return made(db).id

    campaign_id = database.transact(fill)
    assert rows(database, campaign_id) == [("Budi", "waiting", ""), ("Siti", "waiting", "")]


def test_nobody_approves_his_own(database: Database):
    def fill(db: Session) -> None:
        members(db, "siti")
        db.get_one(Association, "main").approve_above = 0
        campaign = made(db)
        with pytest.raises(campaigns.NotHisToApprove):
            campaigns.approve(db, "main", campaign.id, by=person(db, "lalu"), now=NOON)
        assert campaigns.to_approve(db, "main", but_of=person(db, "lalu")) == []
        assert len(campaigns.to_approve(db, "main", but_of=person(db, "sri"))) == 1

    database.transact(fill)


# ── going out ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_becomes_one_message_for_each_in_steps(database: Database, clock: Standing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    campaign_id = begun(database, "siti", "budi", "ani", "ana", "eka")
    sending.tick(database, clock)
    sent = messages(database)
    assert len({message.key for message in sent}) == len(sent) == 5
    assert all(message.key.startswith(f"campaign:{campaign_id}:") for message in sent)
    assert {status for _name, status, _reason in rows(database, campaign_id)} == {"queued"}
    text = outbox.open_reply(sent[0].reply_sealed, sent[0].key).text
    assert text == "Pengumuman Asosiasi Contoh:\nBesok libur."


def test_no_more_than_some_wait_in_the_outbox(database: Database, clock: Standing, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sending, "AHEAD", 2)
    begun(database, "siti", "budi", "ani")
    for _tick in range(3):
        sending.tick(database, clock)
    assert len(messages(database)) == 2
    database.transact(lambda db: set_status(db, "accepted"))
    sending.tick(database, clock)
    assert len(messages(database)) == 3


def set_status(db: Session, status: str, code: str = "", *, of: str = "", at: str = "") -> None:
    """What the outbox made of the announcements that wait there."""
    for message in db.exec(select(Message).where(Message.kind == "bulk", col(Message.status) == "queued")):
        name = people.name_of(db, recipients.addressee(message.key)[1])  # type: ignore[index]
        if of in ("", name) and at in ("", message.account):
            message.status, message.code, message.settled_at = status, code, NOON
    db.flush()


def test_two_at_once_send_it_once(database: Database, clock: Standing):
    """C8"""
    begun(database, *(f"orang{number}" for number in range(30)))
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _number: sending.tick(database, clock), range(2)))
    assert len(messages(database)) == 30


def test_everybody_has_her_own_morning(database: Database, clock: Standing):
    def fill(db: Session) -> None:
        siti, budi, ani = members(db, "siti", "budi", "ani")
        siti.regency, budi.regency, ani.regency = "3171", "5271", "9471"
        campaigns.begin(db, made(db))

    database.transact(fill)
    clock.moment = datetime(2026, 12, 17, 20, 0, tzinfo=UTC)
    sending.tick(database, clock)
    assert sorted({message.due_at.hour for message in messages(database)}) == [0, 1, 23]


def test_who_wants_none_by_then_or_is_gone_is_held_back(database: Database, clock: Standing):
    campaign_id = begun(database, "siti", "budi", "ani")

    def change(db: Session) -> None:
        siti, budi, _ani = db.exec(select(Member).order_by(col(Member.nik_end))).all()
        agree(db, siti.person_id, given=False)
        people.mark_address(db, db.exec(select(Address.id).where(Address.person_id == budi.person_id)).one(), "blocked")

    database.transact(change)
    sending.tick(database, clock)
    assert rows(database, campaign_id) == [
        ("Ani", "queued", ""),
        ("Budi", "held_back", "unreachable"),
        ("Siti", "held_back", "opted_out"),
    ]


def test_it_goes_to_the_address_that_she_wrote_from_last(database: Database, clock: Standing):
    def fill(db: Session) -> None:
        siti, budi = members(db, "siti", "budi")
        second_app(db, siti, heard_at=NOON)
        second_app(db, budi, heard_at=NOON - timedelta(days=90))
        campaigns.begin(db, made(db))

    database.transact(fill)
    sending.tick(database, clock)
    assert sorted(message.account for message in messages(database)) == ["telegram/main", WHATSAPP]


def test_on_a_shared_phone_it_says_for_whom_it_is(database: Database, clock: Standing):
    begun(database, "siti", "budi")
    database.transact(
        lambda db: setattr(db.exec(select(Address).where(Address.external_id == "siti")).one(), "shared", True)
    )
    sending.tick(database, clock)
    replies = [outbox.open_reply(message.reply_sealed, message.key) for message in messages(database)]
    assert sorted(reply.text.split("\n")[0] for reply in replies) == ["Pengumuman Asosiasi Contoh:", "Untuk Siti:"]
    shared = next(reply for reply in replies if reply.text.startswith("Untuk"))
    assert shared.buttons[0].data.count(".") == 1, "the button is hers alone"


def test_what_does_not_fit_into_one_message_goes_in_two(database: Database, clock: Standing):
    words = "Kabar panjang sekali. " * 90

    def fill(db: Session) -> None:
        (siti,) = members(db, "siti")
        second_app(db, siti)
        campaigns.begin(db, made(db, words=words))

    database.transact(fill)
    sending.tick(database, clock)
    first, second = messages(database)
    assert second.key == f"{first.key}:2"
    assert database.read(lambda db: verdicts(db, "main", [second.id or 0], NOON)[second.id or 0].sends)


def test_what_is_not_due_yet_waits(database: Database, clock: Standing):
    def fill(db: Session) -> str:
        members(db, "siti")
        return made(db, send_at=NOON + timedelta(hours=1)).id

    campaign_id = database.transact(fill)
    sending.tick(database, clock)
    assert messages(database) == []
    clock.moment += timedelta(hours=1)
    sending.tick(database, clock)
    assert len(messages(database)) == 1
    assert database.read(lambda db: db.get_one(Campaign, campaign_id).status) == "sending"


def test_the_trouble_of_one_does_not_stop_the_others(database: Database, clock: Standing):
    def fill(db: Session) -> None:
        members(db, "siti")
        broken, good = made(db), made(db)
        for one in (broken, good):
            campaigns.begin(db, one)
        broken.audience = {}
        db.get_one(Campaign, broken.id).association_id = "main"

    database.transact(fill)
    first = database.read(campaigns.under_way)[0][1]
    real = sending.composing

    def composing(db: Session, campaign: Campaign) -> Any:
        if campaign.id == first:
            raise RuntimeError("nobody thought of this")
        return real(db, campaign)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending, "composing", composing)
        sending.tick(database, clock)
    assert len(messages(database)) == 1


# ── held up ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stop_leaves_nothing_that_may_still_begin(database: Database, clock: Standing):
    """C6: what waits, what a sender holds and has not begun, and what was not even expanded."""
    campaign_id = begun(database, "siti", "budi", "ani", "ana", "eka")
    database.transact(
        lambda db: recipients.expand(
            db, held(db, campaign_id), 4, compose=sending.composing(db, held(db, campaign_id)), now=NOON
        )
    )

    def put(db: Session) -> None:
        waits, leased, on_wire, parked = messages_of(db)
        leased.status, leased.lease_by, leased.lease_until = "leased", "somebody", NOON + timedelta(minutes=1)
        on_wire.status, on_wire.lease_by, on_wire.http_started_at = "leased", "somebody", NOON
        parked.status = "parked"
        assert waits.status == "queued"

    database.transact(put)
    database.transact(lambda db: campaigns.stop(db, "main", campaign_id, now=NOON) and None)
    assert [message.status for message in messages(database)] == ["cancelled", "cancelled", "leased", "cancelled"]
    leased = [(messages(database)[1].id or 0, messages(database)[1].attempts)]
    assert database.transact(lambda db: outbox.begin_sending(db, leased, by="somebody", now=NOON)) == set()
    sending.tick(database, clock)
    assert len(messages(database)) == 4
    found = database.read(lambda db: progress.progress(db, campaign_id))
    assert (found.left, found.held_back) == (1, {"stopped": 4})
    with pytest.raises(NotPossibleNow):
        database.transact(lambda db: campaigns.stop(db, "main", campaign_id, now=NOON) and None)


def held(db: Session, campaign_id: str) -> Campaign:
    """The announcement, locked."""
    return campaigns.lock(db, "main", campaign_id)


def messages_of(db: Session) -> Sequence[Message]:
    """Everything that goes to many, to be changed."""
    return db.exec(select(Message).where(Message.kind == "bulk").order_by(col(Message.id))).all()


def test_a_stop_of_one_leaves_the_other_alone(database: Database, clock: Standing):
    def fill(db: Session) -> str:
        members(db, "siti")
        for one in (first := made(db), made(db)):
            campaigns.begin(db, one)
        return first.id

    first = database.transact(fill)
    sending.tick(database, clock)
    database.transact(lambda db: campaigns.stop(db, "main", first, now=NOON) and None)
    assert sorted(message.status for message in messages(database)) == ["cancelled", "queued"]


def test_a_paused_one_is_held_and_goes_on(database: Database, clock: Standing):
    campaign_id = begun(database, "siti")
    sending.tick(database, clock)
    (message,) = messages(database)
    database.transact(lambda db: campaigns.pause(db, "main", campaign_id, reason="limit") and None)
    said = database.read(lambda db: verdicts(db, "main", [message.id or 0], NOON)[message.id or 0])
    assert said.until and not said.reason
    database.transact(lambda db: campaigns.resume(db, "main", campaign_id, by=person(db, "lalu")) and None)
    assert database.read(lambda db: verdicts(db, "main", [message.id or 0], NOON)[message.id or 0]).sends


# ── around ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_failed_for_good_goes_to_her_other_app_once(database: Database, clock: Standing):
    def fill(db: Session) -> str:
        (siti,) = members(db, "siti")
        second_app(db, siti)
        campaign = made(db)
        campaigns.begin(db, campaign)
        return campaign.id

    campaign_id = database.transact(fill)
    sending.tick(database, clock)
    (first,) = messages(database)
    assert first.account == WHATSAPP
    around = partial(sending.fall_back, message_id=first.id or 0, now=NOON)
    assert database.transact(around)
    database.transact(lambda db: set_status(db, "failed", "63032", at=WHATSAPP))
    assert not database.transact(around), "only once"
    _first, second = messages(database)
    assert (second.account, second.status) == ("telegram/main", "queued")
    assert database.read(lambda db: verdicts(db, "main", [second.id or 0], NOON)[second.id or 0].sends)
    assert not database.transact(lambda db: sending.fall_back(db, second.id or 0, NOON)), "and not back again"
    found = database.read(lambda db: progress.progress(db, campaign_id))
    assert (found.people, found.queued, found.failed) == (1, 1, 0)


@pytest.mark.parametrize("what", ["stopped", "no other app", "another message"])
def test_some_failures_lead_nowhere_else(database: Database, clock: Standing, what: str):
    def fill(db: Session) -> str:
        (siti,) = members(db, "siti")
        if what != "no other app":
            second_app(db, siti)
        campaign = made(db)
        campaigns.begin(db, campaign)
        return campaign.id

    campaign_id = database.transact(fill)
    sending.tick(database, clock)
    (first,) = messages(database)
    if what == "stopped":
        database.transact(lambda db: campaigns.stop(db, "main", campaign_id, now=NOON) and None)
    if what == "another message":
        database.transact(lambda db: setattr(db.get_one(Message, first.id), "key", "reminder:x:2026-12:due-5"))
    assert not database.transact(lambda db: sending.fall_back(db, first.id or 0, NOON))
    assert len(messages(database)) == 1


# ── sent again ───────────────────────────────────────────────────────────────────────────────────────────────────

ENDS = {
    "Siti": ("accepted", ""),
    "Budi": ("failed", "30003"),
    "Ani": ("failed", "400"),
    "Ana": ("uncertain", "timeout"),
    "Eka": ("expired", "too_late"),
    "Rina": ("suppressed", "opted_out"),
}


def test_only_whom_a_retry_may_help_gets_it_again(database: Database, clock: Standing):
    campaign_id = begun(database, *(name.lower() for name in ENDS))
    sending.tick(database, clock)
    for name, (status, code) in ENDS.items():
        database.transact(partial(set_status, status=status, code=code, of=name))
    clock.moment += timedelta(minutes=1)
    sending.tick(database, clock)

    def again(db: Session) -> str:
        return campaigns.retry_failed(
            db, "main", campaign_id, new=new_id(), by=person(db, "lalu"), address_id=None, now=NOON
        ).id

    assert database.read(lambda db: progress.count_retry(db, db.get_one(Campaign, campaign_id))) == 2
    second = database.transact(again)
    assert rows(database, second) == [("Budi", "waiting", ""), ("Eka", "waiting", "")]
    with pytest.raises(Exception, match="nobody left"):
        database.transact(again)
    assert database.read(lambda db: progress.count_retry(db, db.get_one(Campaign, campaign_id))) == 0


def test_who_failed_at_one_address_and_has_another_by_now_may_be_reached(database: Database, clock: Standing):
    campaign_id = begun(database, "siti")
    sending.tick(database, clock)
    database.transact(lambda db: set_status(db, "failed", "400"))
    count: Callable[[Session], int] = lambda db: progress.count_retry(db, db.get_one(Campaign, campaign_id))  # noqa: E731
    assert database.read(count) == 0
    database.transact(
        lambda db: second_app(db, db.exec(select(Member)).one(), heard_at=NOON + timedelta(hours=1)) and None
    )
    assert database.read(count) == 1


def test_a_stopped_retry_may_be_begun_anew(database: Database, clock: Standing):
    campaign_id = begun(database, "siti")
    sending.tick(database, clock)
    database.transact(lambda db: set_status(db, "expired"))

    def again(db: Session) -> str:
        return campaigns.retry_failed(
            db, "main", campaign_id, new=new_id(), by=person(db, "lalu"), address_id=None, now=NOON
        ).id

    first = database.transact(again)
    database.transact(lambda db: campaigns.stop(db, "main", first, now=NOON) and None)
    assert database.transact(again) != first


# ── told ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_progress_is_shown_in_one_message_that_changes(database: Database, clock: Standing):
    begun(database, "siti", "budi")
    told = lambda: database.read(  # noqa: E731
        lambda db: [
            (row.key.split(":", 2)[0], outbox.open_reply(row.reply_sealed, row.key))
            for row in db.exec(select(Message).where(Message.kind == "notice").order_by(col(Message.id)))
        ]
    )
    sending.tick(database, clock)
    sending.tick(database, clock)
    ((key, first),) = told()
    assert (key, first.text) == ("progress", "U-2026-0001: 0 dari 2 sudah diproses.\n2 menunggu dikirim.")
    clock.moment += timedelta(seconds=6)
    database.transact(lambda db: set_status(db, "accepted", of="Siti"))
    sending.tick(database, clock)
    assert len(told()) == 1, "while the first one has not gone out nothing is added"
    database.transact(send_notices)
    clock.moment += timedelta(seconds=6)
    sending.tick(database, clock)
    _first, (_key, second) = told()
    assert second.text == "U-2026-0001: 1 dari 2 sudah diproses.\n1 terkirim, 1 menunggu dikirim."
    assert second.replaces.startswith("progress:")
    database.transact(lambda db: set_status(db, "accepted"))
    database.transact(send_notices)
    clock.moment += timedelta(seconds=6)
    sending.tick(database, clock)
    *_others, (_key, third), (last_key, end) = told()
    assert third.text == "U-2026-0001: 2 dari 2 sudah diproses.\n2 terkirim."
    assert (last_key, end.text) == ("announced", "Pengumuman U-2026-0001 sudah selesai dikirim.\n2 terkirim.")
    assert end.buttons[0].label == "Lihat laporan"
    clock.moment += timedelta(minutes=6)
    sending.tick(database, clock)
    assert len(told()) == 4


def send_notices(db: Session) -> None:
    """The officer got what waits for him."""
    for message in db.exec(select(Message).where(Message.kind == "notice", Message.status == "queued")):
        message.status, message.provider_id = "accepted", f"lalu:{message.id}"
    db.flush()


def test_in_whatsapp_only_the_end_is_told(database: Database, clock: Standing):
    def fill(db: Session) -> None:
        members(db, "siti")
        address = talks.ensure_address(db, association_id="main", account=WHATSAPP, external_id="+6281", now=NOON)
        talk = db.exec(select(Talk).where(Talk.address_id == address.id)).one()
        talk.person_id = address.person_id = person(db, "lalu")
        db.flush()
        campaigns.begin(db, made(db, address_id=address.id))

    database.transact(fill)
    sending.tick(database, clock)
    database.transact(lambda db: set_status(db, "accepted"))
    clock.moment += timedelta(minutes=1)
    sending.tick(database, clock)
    told = database.read(
        lambda db: [row.key.split(":")[0] for row in db.exec(select(Message).where(Message.kind == "notice"))]
    )
    assert told == ["announced"]


def test_what_waits_for_her_word_keeps_it_open_and_its_end_is_told_once(database: Database, clock: Standing):
    campaign_id = begun(database, "siti", "budi")
    sending.tick(database, clock)
    database.transact(lambda db: set_status(db, "parked", "outside_window", of="Siti"))
    database.transact(lambda db: set_status(db, "accepted"))
    status: Callable[[], str] = lambda: database.read(lambda db: db.get_one(Campaign, campaign_id).status)  # noqa: E731
    for _minute in range(3):
        clock.moment += timedelta(minutes=1)
        sending.tick(database, clock)
    assert status() == CampaignStatus.SENDING
    told = database.read(lambda db: [row.key for row in db.exec(select(Message).where(Message.kind == "notice"))])
    assert len([key for key in told if key.startswith("announced:")]) == 1
    clock.moment += recipients.LASTS
    database.transact(lambda db: outbox.expire(db, clock.now()))
    sending.tick(database, clock)
    assert status() == CampaignStatus.DONE


def test_a_report_tells_first_who_was_not_reached(database: Database, clock: Standing):
    campaign_id = begun(database, *(name.lower() for name in ENDS))
    sending.tick(database, clock)
    for name, (status, code) in ENDS.items():
        database.transact(partial(set_status, status=status, code=code, of=name))
    report = database.read(lambda db: progress.people_report(db, campaign_id))
    assert [one.name for one in report] == ["Ani", "Budi", "Eka", "Ana", "Rina", "Siti"]
    page = database.read(lambda db: progress.people_report(db, campaign_id, first=4, most=2))
    assert [(one.name, one.code) for one in page] == [("Rina", "opted_out"), ("Siti", "")]
