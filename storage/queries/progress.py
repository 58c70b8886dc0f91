"""What became of an announcement, by person, and whom sending it again may reach."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_
from sqlalchemy import select as asking
from sqlmodel import Session, col, select

from domain.campaign import CampaignStatus
from storage.queries.audiences import last_address, wants
from storage.tables import Address, Campaign, CampaignRecipient, Member, Message, Person


@dataclass(slots=True)
class Progress:
    """How many people stand where; each counts once."""

    waiting: int = 0
    queued: int = 0
    parked: int = 0  # until they write
    sent: int = 0
    delivered: int = 0
    read: int = 0
    uncertain: int = 0
    failed: int = 0
    held_back: dict[str, int] = field(default_factory=dict)  # by reason

    @property
    def people(self) -> int:
        """All of them, those held back too."""
        return self.left + self.parked + self.reached + self.uncertain + self.failed + sum(self.held_back.values())

    @property
    def reached(self) -> int:
        """Those whose message the provider has taken."""
        return self.sent + self.delivered + self.read

    @property
    def left(self) -> int:
        """Those whom it has still to go out to."""
        return self.waiting + self.queued


STANDS = {
    "queued": "queued",
    "leased": "queued",
    "retry_wait": "queued",
    "parked": "parked",
    "accepted": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "uncertain": "uncertain",
    "failed": "failed",
    "expired": "failed",
}
"""Message status → where its person stands; of all others the code is the reason why it was held back."""


def progress(db: Session, campaign_id: str) -> Progress:
    """Where an announcement stands."""
    status, code = told_status(), told_code()
    those = (
        asking(status, code, func.count())
        .select_from(CampaignRecipient)
        .join(Message, col(Message.id) == col(CampaignRecipient.message_id), isouter=True)
        .where(col(CampaignRecipient.campaign_id) == campaign_id)
        .group_by(status, code)
    )
    found = Progress()
    for stands, why, number in db.connection().execute(those):
        name = STANDS.get(stands, "" if stands != "waiting" else "waiting")
        if name:
            setattr(found, name, getattr(found, name) + number)
        else:
            found.held_back[why] = found.held_back.get(why, 0) + number
    return found


def told_status() -> ColumnElement[str]:
    """Where a recipient's message stands; before it has one, where she stands herself."""
    return func.coalesce(col(Message.status), col(CampaignRecipient.status))


def told_code() -> ColumnElement[str]:
    """Why, in a short word."""
    return func.coalesce(col(Message.code), col(CampaignRecipient.reason))


@dataclass(frozen=True, slots=True)
class Told:
    """One person of an announcement, and what became of hers."""

    name: str
    status: str  # of her message, or waiting, held_back
    code: str
    account: str  # "" where she has no message
    at: datetime | None


ORDER = ("failed", "expired", "uncertain", "parked", "held_back", "suppressed", "cancelled", "waiting", "queued")
"""Whoever was not reached stands first in a report."""


def people_report(db: Session, campaign_id: str, *, first: int = 0, most: int | None = None) -> list[Told]:
    """Each person of an announcement, those who were not reached first, by name."""
    status, name = told_status(), func.coalesce(col(Member.name), col(Person.called), "")
    rank = case({one: place for place, one in enumerate(ORDER)}, value=status, else_=len(ORDER))
    row = CampaignRecipient
    her = and_(col(Member.association_id) == col(row.association_id), col(Member.person_id) == col(row.person_id))
    those = (
        asking(name, status, told_code(), func.coalesce(col(Message.account), ""), col(Message.settled_at))
        .select_from(row)
        .join(Person, col(Person.id) == col(row.person_id))
        .join(Member, her, isouter=True)
        .join(Message, col(Message.id) == col(row.message_id), isouter=True)
        .where(col(row.campaign_id) == campaign_id)
        .order_by(rank, name, col(row.id))
        .offset(first)
    )
    return [Told(*row) for row in db.connection().execute(those.limit(most) if most else those)]


# ── sent again ───────────────────────────────────────────────────────────────────────────────────────────────────────

PASSING = ("30003", "30008", "63009", "63010", "63012", "63019", "63049")
"""Codes with which a message failed that may pass another time."""


def retryable(association_id: str, campaign_id: str) -> Select[*tuple[Any, ...]]:
    """Whom it did not reach for a reason that may be gone, who wants it, and can be reached now."""
    row = CampaignRecipient
    address = last_address(col(row.person_id), Address.id)
    elsewhere = address != col(Message.address_id)
    status = col(Message.status)
    may_pass = or_(
        and_(col(row.status) == "held_back", col(row.reason) == "unreachable"),
        status == "expired",
        and_(status == "failed", or_(col(Message.code).in_(PASSING), elsewhere)),
        and_(status == "suppressed", col(Message.code).in_(("blocked_us", "no_such_address"))),
    )
    return (
        asking(col(row.person_id))
        .select_from(row)
        .join(Message, col(Message.id) == col(row.message_id), isouter=True)
        .where(
            col(row.campaign_id) == campaign_id,
            may_pass,
            address.is_not(None),
            wants(col(row.person_id), association_id),
        )
    )


def count_retry(db: Session, campaign: Campaign) -> int:
    """How many people sending it once more may reach; 0 while it goes out or when that was done."""
    if campaign.status not in (CampaignStatus.SENDING, CampaignStatus.DONE) or retry_of(db, campaign.id):
        return 0
    if progress(db, campaign.id).left:
        return 0
    those = asking(func.count()).select_from(retryable(campaign.association_id, campaign.id).subquery())
    return int(db.connection().execute(those).scalar_one())


def retry_of(db: Session, campaign_id: str) -> Campaign | None:
    """The announcement that sends this one again, unless it was stopped or refused."""
    over = (CampaignStatus.STOPPED, CampaignStatus.REFUSED)
    one = select(Campaign).where(Campaign.retries == campaign_id, col(Campaign.status).not_in(over))
    return db.exec(one).first()
