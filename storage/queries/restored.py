"""A database that was restored from a backup: what the original sent since then it does not know, and would send again.

What may have gone out becomes uncertain; an announcement rests until an officer decides. Reminders come first, then
announcements, then messages: whoever sends beside this holds the rows, and what he made of one is found in the next.
"""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import and_, literal_column, or_
from sqlmodel import Session, col, select, update

from domain.campaign import CampaignEvent, CampaignStatus
from storage.queries.campaigns import happen
from storage.tables import Association, Audit, Campaign, Delivery, Message, Received, Reminder, Template
from storage.tables.message import OPEN, PARKED
from storage.tables.reminder import PLANNED

RESTORED = "restored"  # why, in every row that is touched; and the act itself
SILENCE = timedelta(hours=6)  # after which it is asked whether this is a restored database


# ── what it knows ────────────────────────────────────────────────────────────────────────────────────────────────────


def newest(db: Session) -> datetime | None:
    """The last moment of which this database knows; None where nothing has happened yet."""
    latest = [
        db.exec(select(moment).order_by(col(number).desc()).limit(1)).first()
        for moment, number in (
            (Message.created_at, Message.id),
            (Received.received_at, Received.id),
            (Delivery.at, Delivery.id),
            (Reminder.planned_at, Reminder.id),
            (Audit.at, Audit.id),
            (Template.checked_at, Template.checked_at),
        )
    ]
    return max((moment for moment in latest if moment), default=None)


def silent_since(db: Session, now: datetime) -> datetime | None:
    """That moment, where it lies back so far that this may be a restored database."""
    moment = newest(db)
    return moment if moment and moment < now - SILENCE else None


def founded(db: Session) -> datetime | None:
    """When the first association began."""
    return db.exec(select(Association.created_at).order_by(col(Association.created_at)).limit(1)).first()


def told_at(db: Session, taken: datetime) -> datetime | None:
    """When this database was told of a backup that was taken then, or later than that."""
    act = select(Audit.at).where(Audit.action == RESTORED, col(Audit.at) >= taken)
    return db.exec(act.order_by(col(Audit.id).desc()).limit(1)).first()


# ── what may have gone out ───────────────────────────────────────────────────────────────────────────────────────────


def doubt_reminders(db: Session, association_id: str, now: datetime) -> int:
    """Planned reminders whose hour has come are kept under their key, and never sent; how many."""
    doubted = db.connection().execute(
        update(Reminder)
        .where(
            col(Reminder.association_id) == association_id,
            literal_column(f"reminder.{PLANNED}"),
            col(Reminder.send_at) <= now,
        )
        .values(status="uncertain", reason=RESTORED, settled_at=now)
        .execution_options(synchronize_session=False)
    )
    return doubted.rowcount


REST = {
    CampaignStatus.SCHEDULED: (CampaignEvent.BEGIN, CampaignEvent.PAUSE),
    CampaignStatus.SENDING: (CampaignEvent.PAUSE,),
    CampaignStatus.PAUSED: (),  # an officer may have resumed it since
}


def rest_announcements(db: Session, association_id: str, now: datetime) -> list[Campaign]:
    """Announcements under way, and those that were to begin by now, rest until an officer resumes or stops them."""
    is_due = and_(col(Campaign.status) == CampaignStatus.SCHEDULED, col(Campaign.send_at) <= now)
    under_way = col(Campaign.status).in_((CampaignStatus.SENDING, CampaignStatus.PAUSED))
    those = select(Campaign).where(Campaign.association_id == association_id, or_(is_due, under_way))
    found = list(db.exec(those.order_by(col(Campaign.number)).with_for_update()))
    for campaign in found:
        for event in REST[CampaignStatus(campaign.status)]:
            happen(campaign, event)
        if campaign.reason != "officer_gone":  # that decides who may resume it
            campaign.reason = RESTORED
    db.flush()
    return found


def doubt_messages(db: Session, association_id: str, now: datetime) -> Counter[str]:
    """Messages that were to go by now are uncertain: answers are looked after by that; how many of each kind.

    A parked reminder is among them, for she may have written; a parked announcement rests with the others of its kind.
    """
    was_due = and_(literal_column(f"message.{OPEN}"), col(Message.due_at) <= now)
    is_parked = and_(literal_column(f"message.{PARKED}"), col(Message.key).startswith("reminder:"))
    doubted = db.connection().execute(
        update(Message)
        .where(col(Message.association_id) == association_id, or_(was_due, is_parked))
        .values(status="uncertain", code=RESTORED, settled_at=now)
        .returning(col(Message.kind))
        .execution_options(synchronize_session=False)
    )
    return Counter(row[0] for row in doubted)
