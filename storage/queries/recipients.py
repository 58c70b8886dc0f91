"""The list of an announcement: written down once, and turned into messages a part at a time.

A row under its unique key (campaign, person) is one person whatever her addresses, and her message has a key of its
own: expanding twice, in two processes, after a stop or after a restore, finds both there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, delete, func, literal, literal_column, or_
from sqlalchemy import select as asking
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from domain.audience import Audience
from domain.campaign import CampaignStatus
from domain.decent_hours import next_decent
from domain.message import Reply
from domain.zone import zone_of
from storage.prepared import Prepared
from storage.queries import associations, outbox, reminders
from storage.queries.audiences import found_now, last_address, wants
from storage.queries.progress import retryable
from storage.tables import Address, Association, Campaign, CampaignRecipient, Member, Message, Person
from storage.tables.campaign import WAITS
from storage.tables.message import OPEN, PARKED

LASTS = timedelta(days=7)  # for which an announcement may still arrive


def list_recipients(db: Session, campaign: Campaign, now: datetime) -> None:
    """Write down once who is meant, and who of them gets nothing and why; who comes later is not among them."""
    db.connection().execute(delete(CampaignRecipient).where(col(CampaignRecipient.campaign_id) == campaign.id))
    meant_now = unreached(campaign) if campaign.retries else meant_by(db, campaign, now)
    insert = postgresql.insert if db.connection().dialect.name == "postgresql" else sqlite.insert
    columns = ("association_id", "campaign_id", "person_id", "status", "reason")
    db.connection().execute(insert(CampaignRecipient).from_select(columns, meant_now).on_conflict_do_nothing())
    campaign.expected = waiting(db, campaign.id)
    campaign.listed_at = now
    db.flush()


def meant_by(db: Session, campaign: Campaign, now: datetime) -> Select[*tuple[Any, ...]]:
    """Everybody in its audience, as rows to be inserted."""
    audience = Audience.from_json(campaign.audience)
    found = found_now(db, campaign.association_id, audience, now).subquery()
    reason = case((found.c.address_id.is_(None), "unreachable"), (~found.c.wants, "opted_out"), else_="")
    status = case((found.c.address_id.is_(None), "held_back"), (~found.c.wants, "held_back"), else_="waiting")
    rows = asking(literal(campaign.association_id), literal(campaign.id), found.c.person_id, status, reason)
    return rows.where(found.c.person_id != "").order_by(found.c.person_id)


def unreached(campaign: Campaign) -> Select[*tuple[Any, ...]]:
    """Whom the announcement that this one retries did not reach and may reach now, as rows to be inserted."""
    assert campaign.retries
    those = retryable(campaign.association_id, campaign.retries).subquery()
    return asking(
        literal(campaign.association_id), literal(campaign.id), those.c.person_id, literal("waiting"), literal("")
    ).order_by(those.c.person_id)


def waiting(db: Session, campaign_id: str) -> int:
    """How many have still to be told."""
    those = asking(func.count()).where(
        col(CampaignRecipient.campaign_id) == campaign_id, literal_column(f"campaign_recipient.{WAITS}")
    )
    return int(db.connection().execute(those).scalar_one())


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person who is to be told, and where."""

    person_id: str
    address_id: str
    account: str
    language: str
    shared: bool
    name: str  # where several people read it, whom it is for


Compose = Callable[[Campaign, Recipient], Sequence[Reply]]
"""What one person is sent, in pieces that her channel can carry."""


def next_ones() -> Select[*tuple[Any, ...]]:
    """The next recipients, where each is reached and whether she wants it."""
    row = CampaignRecipient
    address = last_address(col(row.person_id), Address.id)
    her = and_(col(Member.association_id) == col(row.association_id), col(Member.person_id) == col(row.person_id))
    return (
        asking(
            col(row.id),
            col(row.person_id),
            col(Address.id),
            col(Address.account),
            col(Address.language),
            col(Address.shared),
            func.coalesce(col(Member.name), col(Person.called), ""),
            func.coalesce(col(Member.regency), ""),
            wants(col(row.person_id), col(row.association_id)),
        )
        .select_from(row)
        .join(Person, col(Person.id) == col(row.person_id))
        .join(Member, her, isouter=True)
        .join(Address, col(Address.id) == address, isouter=True)
        .where(col(row.campaign_id) == bindparam("campaign"), literal_column(f"campaign_recipient.{WAITS}"))
        .order_by(col(row.id))
        .limit(bindparam("most"))
    )


find_next = Prepared(next_ones())
hold_back = Prepared(
    update(CampaignRecipient)
    .where(col(CampaignRecipient.id) == bindparam("row_id"), literal_column(f"campaign_recipient.{WAITS}"))
    .values(status="held_back", reason=bindparam("why"))
)


def key_of(campaign_id: str, person_id: str, number: int = 1) -> str:
    """The key of what one person is sent; `number`: which piece of it."""
    return f"campaign:{campaign_id}:{person_id}" + (f":{number}" if number > 1 else "")


def addressee(key: str) -> tuple[str, str] | None:
    """The announcement and the person of a message's key; None when it carries no announcement."""
    parts = key.split(":")
    return (parts[1], parts[2]) if parts[0] == "campaign" and len(parts) > 2 else None


def expand(db: Session, campaign: Campaign, limit: int, *, compose: Compose, now: datetime) -> int:
    """Turn the next recipients into messages; how many were looked at, 0 when nobody is left.

    `campaign` is held (`lock`), so that nobody stops it or expands it meanwhile.
    """
    if campaign.status != CampaignStatus.SENDING:
        return 0
    rows = find_next.all(db, campaign=campaign.id, most=limit)
    if not rows:
        return 0
    clock = Mornings(associations.get(db, campaign.association_id), now)
    messages: list[dict[str, Any]] = []
    held: list[dict[str, Any]] = []
    for row_id, person_id, address_id, account, language, shared, name, regency, wants_it in rows:
        if address_id is None or not wants_it:
            held.append({"row_id": row_id, "why": "opted_out" if address_id else "unreachable"})
            continue
        recipient = Recipient(person_id, address_id, account, language, bool(shared), name)
        messages += [
            {**values, "due_at": clock.next_at(regency)} for values in as_messages(campaign, recipient, compose, now)
        ]
    if held:
        hold_back.many(db, held)
    if messages:
        outbox.insert_once.many(db, messages)
    note_queued(db, campaign.id, rows[0][0], rows[-1][0])
    return len(rows)


def as_messages(
    campaign: Campaign, recipient: Recipient, compose: Compose, now: datetime, *, key: str = ""
) -> list[dict[str, Any]]:
    """What one person is sent, as rows of the outbox."""
    key = key or key_of(campaign.id, recipient.person_id)
    return [
        {
            **outbox.values_of(
                association_id=campaign.association_id,
                account=recipient.account,
                address_id=recipient.address_id,
                key=f"{key}:{number}" if number > 1 else key,
                reply=piece,
                now=now,
                kind="bulk",
            ),
            "valid_until": now + LASTS,
        }
        for number, piece in enumerate(compose(campaign, recipient), start=1)
    ]


class Mornings:
    """When a message may come next, for each zone worked out once."""

    def __init__(self, association: Association, now: datetime) -> None:
        self.own, self.hours, self.now = ZoneInfo(association.zone), reminders.hours_of(association), now
        self.known: dict[ZoneInfo, datetime] = {}

    def next_at(self, regency: str) -> datetime:
        """The next decent hour in a regency."""
        zone = zone_of(regency) or self.own
        if zone not in self.known:
            self.known[zone] = next_decent(self.now, zone, self.hours)
        return self.known[zone]


def note_queued(db: Session, campaign_id: str, first: int, last: int) -> None:
    """These have their messages now."""
    key = literal("campaign:") + col(CampaignRecipient.campaign_id) + ":" + col(CampaignRecipient.person_id)
    message = asking(col(Message.id)).where(col(Message.key) == key).scalar_subquery()
    db.connection().execute(
        update(CampaignRecipient)
        .where(
            col(CampaignRecipient.campaign_id) == campaign_id,
            col(CampaignRecipient.id).between(first, last),
            literal_column(f"campaign_recipient.{WAITS}"),
        )
        .values(status="queued", message_id=message)
        .execution_options(synchronize_session=False)
    )


def of_message(db: Session, key: str) -> CampaignRecipient | None:
    """The recipient to whom a message of this key goes."""
    named_in_key = addressee(key)
    if named_in_key is None:
        return None
    campaign_id, person_id = named_in_key
    one = select(CampaignRecipient).where(
        CampaignRecipient.campaign_id == campaign_id, CampaignRecipient.person_id == person_id
    )
    return db.exec(one).first()


def count_open(db: Session, campaign_id: str) -> int:
    """How many pieces of an announcement are in the outbox and have not gone out."""
    those = asking(func.count()).where(literal_column(f"message.{OPEN}"), of_campaign(campaign_id))
    return int(db.connection().execute(those).scalar_one())


def of_campaign(campaign_id: str) -> ColumnElement[bool]:
    """A message of that announcement."""
    return col(Message.key).like(f"campaign:{campaign_id}:%")


def is_open(db: Session, address: Address, key: str) -> bool:
    """True when a message whose key begins so waits for an address."""
    waits = select(Message.id).where(
        literal_column(f"message.{OPEN}"),
        Message.account == address.account,
        Message.address_id == address.id,
        col(Message.key).like(f"{key}%"),
    )
    return db.exec(waits.limit(1)).first() is not None


def cancel_of(db: Session, keys: str, why: str, now: datetime) -> None:
    """Cancel every message with such a key that was not begun to be sent."""
    for waits in (OPEN, PARKED):
        db.connection().execute(
            update(Message)
            .where(
                literal_column(f"message.{waits}"),
                col(Message.key).like(keys),
                or_(literal_column("message.status <> 'leased'"), col(Message.http_started_at).is_(None)),
            )
            .values(status="cancelled", code=why, settled_at=now)
            .execution_options(synchronize_session=False)
        )
