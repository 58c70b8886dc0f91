"""What is checked in the last moment before a reminder or an announcement goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from domain.campaign import CampaignStatus
from domain.decent_hours import next_decent
from domain.zone import zone_of
from storage.queries import consents, outbox, recipients, reminders
from storage.queries.reminders import Look
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


def verdicts(db: Session, association_id: str, ids: Sequence[int], now: datetime) -> dict[int, Verdict]:
    """Whether bulk messages are still wanted, and whether they may come now, by message."""
    association = db.get_one(Association, association_id)
    looks = reminders.looks_by_message(db, association, ids, now)
    return {number: verdict(db, association, number, looks.get(number), now) for number in ids}


def verdict(db: Session, association: Association, message_id: int, look: Look | None, now: datetime) -> Verdict:
    """The same for one of them, which carries a reminder that was looked at, or an announcement."""
    if look:
        return Verdict(reason=look.reason) if look.reason else decent(association, look.regency, now)
    recipient = recipients.of_message(db, outbox.facts_of(db, message_id).key)
    return of_campaign(db, association, recipient, now) if recipient else SEND


def of_campaign(db: Session, association: Association, recipient: CampaignRecipient, now: datetime) -> Verdict:
    """An announcement that was stopped, or that she does not want any more, does not go out."""
    campaign = db.get_one(Campaign, recipient.campaign_id)
    if campaign.status == CampaignStatus.PAUSED:
        return Verdict(until=now + PAUSED_FOR)
    if campaign.status not in GOES:
        return Verdict(reason="stopped")
    if not consents.given(db, association.id, recipient.person_id, "announcements"):
        return Verdict(reason="opted_out")
    regency = db.exec(select(Member.regency).where(Member.person_id == recipient.person_id)).first()
    return decent(association, regency or "", now)


def decent(association: Association, regency: str, now: datetime) -> Verdict:
    """Not at night, nor when nobody wants to be disturbed."""
    at = next_decent(now, zone_of(regency) or ZoneInfo(association.zone), reminders.hours_of(association))
    return SEND if at <= now else Verdict(until=at)
