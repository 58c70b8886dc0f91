"""Tells a restored database what the one that it was copied from may have done since the backup was taken."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.charging import charge_one, is_due, local
from conversations.notices import tell_staff
from conversations.words import _
from domain.month import Month
from domain.rates import NoRate
from storage.queries import associations, audit, reminders, restored
from storage.tables import Association, Campaign


@dataclass(frozen=True, slots=True)
class Doubted:
    """What is not sent again, of one association."""

    association: str
    reminders: int  # that had no message yet
    to_many: int
    replies: int
    notices: int
    announcements: int  # that rest


def make_safe(db: Session, *, taken: datetime, now: datetime) -> list[Doubted]:
    """Nothing goes to many again that may have gone since `taken`; what was not due before `now` goes as usual."""
    return [make_one_safe(db, association, taken=taken, now=now) for association in associations.everyone(db)]


def make_one_safe(db: Session, association: Association, *, taken: datetime, now: datetime) -> Doubted:
    """One association."""
    live_through(db, association, taken, now)
    planned = restored.doubt_reminders(db, association.id, now)
    rested = restored.rest_announcements(db, association.id, now)
    kinds = restored.doubt_messages(db, association.id, now)
    for campaign in rested:
        tell_officers(db, campaign, now)
    found = Doubted(association.id, planned, kinds["bulk"], kinds["reply"], kinds["notice"], len(rested))
    note(db, found, taken=taken, now=now)
    return found


def live_through(db: Session, association: Association, taken: datetime, now: datetime) -> None:
    """Charge and plan whenever the original had reason to, so that what it planned stands here under the same key."""
    moment, charged = taken, None
    while moment < now:
        month = Month.of(local(association, moment).date())
        if month != charged:
            charge(db, association, month, moment)
            charged = month
        reminders.plan(db, association, now=moment)
        moment = reminders.next_change(db, association, moment)


def charge(db: Session, association: Association, month: Month, moment: datetime) -> None:
    """A month that began since; one without rates on record is left to the rounds, which say so."""
    with suppress(NoRate):
        if is_due(db, association_id=association.id, month=month):
            charge_one(db, association_id=association.id, month=month, now=local(association, moment))


def tell_officers(db: Session, campaign: Campaign, now: datetime) -> None:
    """Every officer hears that an announcement waits for a decision."""
    number = campaign.number

    def words() -> str:
        return _(
            "Pengumuman {number} kami tunda: data dipulihkan dari cadangan, jadi sebagian orang mungkin sudah "
            "menerimanya. Teruskan atau hentikan?"
        ).format(number=number)

    key = f"{restored.RESTORED}:{campaign.id}:{int(now.timestamp())}"
    tell_staff(db, campaign.association_id, "officer", words, key=key, now=now, opens="announcements")


def note(db: Session, found: Doubted, *, taken: datetime, now: datetime) -> None:
    """It leaves a trace, by which it is not told twice."""
    audit.note(
        db,
        association_id=found.association,
        actor_id=None,
        action=restored.RESTORED,
        subject=f"association/{found.association}",
        now=now,
        facts={
            "taken": taken.isoformat(),
            "reminders": found.reminders,
            "messages": found.to_many + found.replies + found.notices,
            "announcements": found.announcements,
        },
    )
