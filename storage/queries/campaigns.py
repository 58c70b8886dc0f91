"""Announcements: made, approved by a second officer, begun, held up, stopped, sent again.

Whoever changes one holds its row (`lock`), so that two officers, or an officer and the sender, never do so at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, literal_column
from sqlmodel import Session, col, select, update

from domain.audience import Audience
from domain.campaign import CampaignEvent, CampaignStatus, move
from storage.database import Overtaken
from storage.queries import associations, outbox, people
from storage.queries.audiences import count
from storage.queries.progress import count_retry
from storage.queries.recipients import Compose, Recipient, as_messages, cancel_of, list_recipients, of_message
from storage.tables import Association, Campaign, CampaignRecipient, Message
from storage.tables.campaign import WAITS

A_DAY = 3  # announcements that one officer may make
AROUND = ":around"  # ends the key of what goes to another address of hers, once
UNDER_WAY = (CampaignStatus.WAITING, CampaignStatus.SCHEDULED, CampaignStatus.SENDING, CampaignStatus.PAUSED)


class NotHisToApprove(Exception):
    """Whoever made an announcement does not approve it himself."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An announcement as an officer wants it; its `id` is chosen before, so that pressing twice makes one."""

    id: str
    words: str
    audience: Audience
    made_by: str
    send_at: datetime
    medium: str = ""
    document_id: str | None = None
    address_id: str | None = None
    retries: str | None = None


def needs_second(association: Association, reached: int) -> bool:
    """True when a second officer must look at it."""
    return reached > association.approve_above


def create(db: Session, association_id: str, wanted: Wanted, *, now: datetime) -> Campaign:
    """Keep an announcement; where nobody else needs to approve it, who gets it is written down at once.

    Raises `Overtaken` when it was made before.
    """
    if db.get(Campaign, wanted.id) is not None:
        raise Overtaken("this announcement was made before")
    association = associations.get(db, association_id)
    expected = count_wanted(db, association_id, wanted, now)
    year = now.astimezone(ZoneInfo(association.zone)).year
    campaign = Campaign(
        id=wanted.id,
        association_id=association_id,
        number=f"U-{year}-{associations.next_number(db, association_id, f'campaign/{year}'):04}",
        status=CampaignStatus.WAITING,
        words=wanted.words,
        medium=wanted.medium,
        document_id=wanted.document_id,
        audience=wanted.audience.as_json(),
        expected=expected,
        made_by=wanted.made_by,
        address_id=wanted.address_id,
        retries=wanted.retries,
        send_at=wanted.send_at,
        created_at=now,
    )
    db.add(campaign)
    db.flush()
    if not needs_second(association, expected):
        schedule(db, campaign, now)
    return campaign


def count_wanted(db: Session, association_id: str, wanted: Wanted, now: datetime) -> int:
    """How many people it is for."""
    if wanted.retries is None:
        return count(db, association_id, wanted.audience, now).people
    return count_retry(db, lock(db, association_id, wanted.retries))


def schedule(db: Session, campaign: Campaign, now: datetime) -> None:
    """It goes out when its time comes, to those who are meant now."""
    happen(campaign, CampaignEvent.APPROVE)
    list_recipients(db, campaign, now)


def happen(campaign: Campaign, event: CampaignEvent) -> None:
    """Lead it on. Raises `NotPossibleNow`."""
    campaign.status = move(CampaignStatus(campaign.status), event)


def lock(db: Session, association_id: str, campaign_id: str) -> Campaign:
    """An announcement of this association, held until the commit. Raises `sqlalchemy.exc.NoResultFound`."""
    one = select(Campaign).where(Campaign.id == campaign_id, Campaign.association_id == association_id)
    return db.exec(one.with_for_update().execution_options(populate_existing=True)).one()


def approve(db: Session, association_id: str, campaign_id: str, *, by: str, now: datetime) -> Campaign:
    """A second officer lets it go out. Raises `Overtaken`, `NotHisToApprove`."""
    campaign = lock(db, association_id, campaign_id)
    if campaign.status != CampaignStatus.WAITING:
        raise Overtaken("somebody else decided on it")
    if campaign.made_by == by:
        raise NotHisToApprove
    campaign.approved_by, campaign.reason = by, ""
    campaign.alone = "officer" not in people.roles_of(db, association_id, campaign.made_by)
    schedule(db, campaign, now)
    db.flush()
    return campaign


def refuse(db: Session, association_id: str, campaign_id: str, *, by: str, reason: str, now: datetime) -> Campaign:
    """A second officer holds it back for good. Raises `Overtaken`, `NotHisToApprove`."""
    campaign = lock(db, association_id, campaign_id)
    if campaign.status != CampaignStatus.WAITING:
        raise Overtaken("somebody else decided on it")
    if campaign.made_by == by:
        raise NotHisToApprove
    happen(campaign, CampaignEvent.REFUSE)
    campaign.approved_by, campaign.reason, campaign.ended_at = by, reason, now
    db.flush()
    return campaign


def made_since(db: Session, association_id: str, person_id: str, since: datetime) -> int:
    """How many announcements somebody made since then; sending one again does not count."""
    those = select(func.count()).where(
        Campaign.association_id == association_id,
        Campaign.made_by == person_id,
        col(Campaign.created_at) >= since,
        col(Campaign.retries).is_(None),
    )
    return db.exec(those).one()


def find(db: Session, association_id: str, campaign_id: str) -> Campaign | None:
    """One announcement of this association."""
    return db.exec(
        select(Campaign).where(Campaign.id == campaign_id, Campaign.association_id == association_id)
    ).first()


def find_by_number(db: Session, association_id: str, number: str) -> Campaign | None:
    """The announcement of that number."""
    one = select(Campaign).where(Campaign.association_id == association_id, Campaign.number == number)
    return db.exec(one).first()


def latest(db: Session, association_id: str, *, most: int = 20) -> list[Campaign]:
    """The announcements that are under way, then the last ones."""
    those = select(Campaign).where(Campaign.association_id == association_id)
    first = case((col(Campaign.status).in_(UNDER_WAY), 0), else_=1)
    return list(db.exec(those.order_by(first, col(Campaign.created_at).desc()).limit(most)))


def to_approve(db: Session, association_id: str, *, but_of: str, later: Sequence[str] = ()) -> list[Campaign]:
    """The announcements that wait for a second officer, but those of one officer, the oldest first."""
    those = select(Campaign).where(
        Campaign.association_id == association_id,
        Campaign.status == CampaignStatus.WAITING,
        Campaign.made_by != but_of,
        col(Campaign.id).not_in(later),
    )
    return list(db.exec(those.order_by(col(Campaign.created_at))))


# ── going out ────────────────────────────────────────────────────────────────────────────────────────────────────────


def due(db: Session, now: datetime) -> list[Campaign]:
    """Announcements whose time has come, held until the commit; another process leaves them to this one."""
    those = select(Campaign).where(Campaign.status == CampaignStatus.SCHEDULED, col(Campaign.send_at) <= now)
    return list(db.exec(those.order_by(col(Campaign.send_at)).with_for_update(skip_locked=True)))


def answers_for(db: Session, campaign: Campaign) -> bool:
    """True while those who made and approved it are officers; who left before the approval counts no more."""
    responsible = {campaign.approved_by} | ({campaign.made_by} if not campaign.alone else set())
    return all("officer" in people.roles_of(db, campaign.association_id, one) for one in responsible if one is not None)


def begin(db: Session, campaign: Campaign) -> bool:
    """It goes out from now on; back to whoever must approve it when an officer behind it is none any more."""
    if answers_for(db, campaign):
        happen(campaign, CampaignEvent.BEGIN)
    else:
        happen(campaign, CampaignEvent.DOUBT)
        campaign.approved_by, campaign.reason = None, "officer_gone"
    db.flush()
    return campaign.status == CampaignStatus.SENDING


def under_way(db: Session) -> list[tuple[str, str]]:
    """The announcements that go out now, the oldest first: (association, id)."""
    those = select(Campaign.association_id, Campaign.id).where(Campaign.status == CampaignStatus.SENDING)
    return list(db.exec(those.order_by(col(Campaign.send_at), col(Campaign.id))))


def fall_back(db: Session, message: Message, *, compose: Compose, now: datetime) -> bool:
    """What failed for good at one address of hers goes to another, once; True when it does.

    Only while the announcement goes out and she wants it; what was still to follow at the first one does not.
    """
    recipient = of_message(db, message.key)
    if recipient is None or recipient.message_id != message.id or message.key.endswith(AROUND):
        return False
    campaign = lock(db, recipient.association_id, recipient.campaign_id)
    others = [one for one in people.addresses_of(db, recipient.person_id) if one.id != message.address_id]
    if campaign.status != CampaignStatus.SENDING or not others:
        return False
    other = others[-1]
    to = Recipient(
        recipient.person_id,
        other.id,
        other.account,
        other.language,
        other.shared,
        people.name_of(db, recipient.person_id),
    )
    cancel_of(db, f"{message.key}:%", "elsewhere", now)
    ids = [
        outbox.insert_once.one(db, **values)
        for values in as_messages(campaign, to, compose, now, key=message.key + AROUND)
    ]
    if not ids or ids[0] is None:
        return False
    recipient.message_id = ids[0][0]
    db.flush()
    return True


# ── held up ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def stop(db: Session, association_id: str, campaign_id: str, *, now: datetime) -> Campaign:
    """Nothing more of it starts once this is committed. Raises `NotPossibleNow`.

    What waits is cancelled here, and so is what a sender holds and has not begun; what is on the wire by then arrives.
    """
    campaign = lock(db, association_id, campaign_id)
    happen(campaign, CampaignEvent.STOP)
    campaign.ended_at, campaign.reason = now, "stopped"
    db.connection().execute(
        update(CampaignRecipient)
        .where(col(CampaignRecipient.campaign_id) == campaign_id, literal_column(f"campaign_recipient.{WAITS}"))
        .values(status="held_back", reason="stopped")
        .execution_options(synchronize_session=False)
    )
    cancel_of(db, f"campaign:{campaign_id}:%", "stopped", now)
    db.flush()
    return campaign


def pause(db: Session, association_id: str, campaign_id: str, *, reason: str) -> Campaign:
    """It rests until somebody resumes it. Raises `NotPossibleNow`."""
    campaign = lock(db, association_id, campaign_id)
    happen(campaign, CampaignEvent.PAUSE)
    campaign.reason = reason
    db.flush()
    return campaign


def resume(db: Session, association_id: str, campaign_id: str, *, by: str) -> Campaign:
    """It goes on; where an officer behind it has gone, whoever resumes it answers for it.

    Raises `NotPossibleNow`, `NotHisToApprove` when his own needs somebody else.
    """
    campaign = lock(db, association_id, campaign_id)
    if needs_another(campaign, by):
        raise NotHisToApprove
    if campaign.reason == "officer_gone":
        campaign.approved_by = None if campaign.made_by == by else by
        campaign.alone = "officer" not in people.roles_of(db, association_id, campaign.made_by)
    happen(campaign, CampaignEvent.RESUME)
    campaign.reason = ""
    db.flush()
    return campaign


def needs_another(campaign: Campaign, officer_id: str) -> bool:
    """True when whoever approved it has gone, and this officer made it himself."""
    return campaign.reason == "officer_gone" and campaign.made_by == officer_id and campaign.approved_by is not None


def finish(db: Session, campaign: Campaign, now: datetime) -> None:
    """Everybody's message is settled."""
    happen(campaign, CampaignEvent.FINISH)
    campaign.ended_at = now
    db.flush()


# ── sent again ───────────────────────────────────────────────────────────────────────────────────────────────────────


def retry_failed(
    db: Session, association_id: str, campaign_id: str, *, new: str, by: str, address_id: str | None, now: datetime
) -> Campaign:
    """Send it again to those alone whom it did not reach. Raises `Overtaken` when nobody is left, or it is done."""
    first = lock(db, association_id, campaign_id)
    if not count_retry(db, first):
        raise Overtaken("there is nobody left to send it to")
    wanted = Wanted(
        id=new,
        words=first.words,
        audience=Audience.from_json(first.audience),
        made_by=by,
        send_at=now,
        medium=first.medium,
        document_id=first.document_id,
        address_id=address_id,
        retries=first.id,
    )
    return create(db, association_id, wanted, now=now)
