"""What is checked in the last moment before a reminder or an announcement goes out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from domain.campaign import CampaignStatus
from domain.decent_hours import next_decent
from storage.queries import consents, reminders
from storage.tables import Association, Campaign, CampaignRecipient, Member

GOES = (CampaignStatus.SENDING,)
PAUSED_FOR = timedelta(minutes=1)  # until it is looked at again


@dataclass(frozen=True, slots=True)
class Verdict:
    """Send it; or hold it until then; or drop it, and why."""

    until: datetime | None = None
    reason: str = ""

    @property
    def sends(self) -> bool:
        """True when nothing speaks against it."""
        return self.until is None and not self.reason


SEND = Verdict()


def verdict(db: Session, message_id: int, association_id: str, now: datetime) -> Verdict:
    """Whether a bulk message is still wanted, and whether it may come now."""
    association = db.get_one(Association, association_id)
    reminder = reminders.of_message(db, message_id)
    if reminder:
        member = db.get_one(Member, reminder.member_id)
        reason = reminders.objection(db, reminder, member, now)
        return Verdict(reason=reason) if reason else decent(db, association, member.person_id, now)
    recipient = db.exec(select(CampaignRecipient).where(CampaignRecipient.message_id == message_id)).first()
    if recipient:
        return of_campaign(db, association, recipient, now)
    return SEND


def of_campaign(db: Session, association: Association, recipient: CampaignRecipient, now: datetime) -> Verdict:
    """An announcement that was stopped, or that she does not want any more, does not go out."""
    campaign = db.get_one(Campaign, recipient.campaign_id)
    if campaign.status == CampaignStatus.PAUSED:
        return Verdict(until=now + PAUSED_FOR)
    if campaign.status not in GOES:
        return Verdict(reason="stopped")
    if not consents.given(db, association.id, recipient.person_id, "announcements"):
        return Verdict(reason="opted_out")
    return decent(db, association, recipient.person_id, now)


def decent(db: Session, association: Association, person_id: str, now: datetime) -> Verdict:
    """Not at night, nor when nobody wants to be disturbed."""
    zone = reminders.zone_of_person(db, association, person_id)
    at = next_decent(now, zone, reminders.hours_of(association))
    return SEND if at <= now else Verdict(until=at)
