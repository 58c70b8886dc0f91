"""Sends announcements: begins those whose time has come, feeds the outbox a part at a time, and tells how far they are.

Everything stands in the database: a tick that is late, doubled or dies in the middle is made up for by the next one.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Final

from sqlmodel import Session

from bot.channels import telegram, terminal, whatsapp
from bot.channels.fitting import fit
from bot.clock import Clock
from conversations.announcement_words import announcement, end_words, progress_words
from conversations.notices import headed, opening, tell, tell_staff
from conversations.words import _, speaking
from domain.campaign import CampaignStatus
from domain.message import Abilities, Reply
from storage.database import Database
from storage.queries import associations, campaigns, outbox, people, progress, recipients
from storage.queries.progress import Progress
from storage.queries.recipients import Compose, Recipient
from storage.tables import Address, Campaign

log = logging.getLogger(__name__)

AT_ONCE: Final = 500  # recipients of one transaction: what else wants to write waits no longer than that takes
AHEAD: Final = 3_000  # messages of one announcement that wait in the outbox; the rest waits in its list
EVERY: Final = timedelta(seconds=5)  # between two looks that are shown
RARELY: Final = timedelta(seconds=30)  # the same, of one that takes its time
STALE: Final = timedelta(minutes=1)  # after which how far it was is not worth telling
ABILITIES: Final[Mapping[str, Abilities]] = {
    "telegram": telegram.ABILITIES,
    "whatsapp": whatsapp.ABILITIES,
    "terminal": terminal.ABILITIES,
}
"""By channel: what cuts an announcement into pieces."""


def tick(database: Database, clock: Clock) -> None:
    """One look at everything that is due or under way; the trouble of one announcement does not stop the others."""
    database.transact(partial(begin_due, now=clock.now()))
    for association_id, campaign_id in database.read(campaigns.under_way):
        try:
            lead_on(database, clock, association_id, campaign_id)
        except Exception:
            log.exception("an announcement does not go on", extra={"campaign": campaign_id})


def lead_on(database: Database, clock: Clock, association_id: str, campaign_id: str) -> None:
    """Feed the outbox with one announcement, in steps between which others write; then show how far it is."""
    step = partial(feed, association_id=association_id, campaign_id=campaign_id)
    while database.transact(lambda db: step(db, now=clock.now())):
        pass
    campaign = database.read(lambda db: campaigns.find(db, association_id, campaign_id))
    if campaign is None or is_too_soon(campaign, clock.now()):
        return
    found = database.read(lambda db: progress.progress(db, campaign_id))
    look = partial(show, association_id=association_id, campaign_id=campaign_id, found=found)
    database.transact(lambda db: look(db, now=clock.now()))


def is_too_soon(campaign: Campaign, now: datetime) -> bool:
    """True when it was looked at just now; the longer it goes on, the rarer that is."""
    if campaign.shown_at is None:
        return False
    return now - campaign.shown_at < (EVERY if now - campaign.send_at < 12 * EVERY else RARELY)


# ── begun ────────────────────────────────────────────────────────────────────────────────────────────────────────


def begin_due(db: Session, *, now: datetime) -> None:
    """Announcements whose time has come go out, or back to the officers where one behind them has gone."""
    for campaign in campaigns.due(db, now):
        if not campaigns.begin(db, campaign):
            tell_to_approve(db, campaign, now)


def tell_to_approve(db: Session, campaign: Campaign, now: datetime) -> None:
    """Every officer but whoever made it is asked to look at it."""
    number = campaign.number

    def words() -> str:
        return _("Pengumuman {number} perlu persetujuan baru: petugasnya tidak bertugas lagi.").format(number=number)

    key = f"approval:{campaign.id}:{int(now.timestamp())}"
    tell_staff(
        db,
        campaign.association_id,
        "officer",
        words,
        key=key,
        now=now,
        but=(campaign.made_by,),
        opens="approving",
    )


# ── fed ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def feed(db: Session, *, association_id: str, campaign_id: str, now: datetime) -> bool:
    """One step: the next recipients become messages; False when there is nothing to do just now."""
    campaign = campaigns.lock(db, association_id, campaign_id)
    if campaign.status != CampaignStatus.SENDING:
        return False
    if not campaigns.answers_for(db, campaign):
        leave_to_others(db, campaign, now)
        return False
    room = AHEAD - recipients.count_open(db, campaign.id)
    if room <= 0:
        return False
    looked_at = recipients.expand(db, campaign, min(AT_ONCE, room), compose=composing(db, campaign), now=now)
    return looked_at == AT_ONCE


def leave_to_others(db: Session, campaign: Campaign, now: datetime) -> None:
    """An officer behind it has gone while it goes out: it rests until another one answers for it."""
    campaigns.pause(db, campaign.association_id, campaign.id, reason="officer_gone")
    number = campaign.number

    def words() -> str:
        return _("Pengumuman {number} kami tunda: petugasnya tidak bertugas lagi. Teruskan atau hentikan?").format(
            number=number
        )

    key = f"paused:{campaign.id}:{int(now.timestamp())}"
    tell_staff(db, campaign.association_id, "officer", words, key=key, now=now, opens="announcements")


def composing(db: Session, campaign: Campaign) -> Compose:
    """What each person is sent of one announcement: worked out once for all who get the same."""
    house = associations.get(db, campaign.association_id).name

    @lru_cache(maxsize=256)
    def same(account: str, language: str, name: str, person_id: str) -> Sequence[Reply]:
        with speaking(language):
            whole = announcement(
                house,
                campaign.words,
                document=campaign.document_id or "",
                medium=campaign.medium,
                for_name=name,
                person_id=person_id,
            )
        return carried(account, whole)

    def compose(_campaign: Campaign, to: Recipient) -> Sequence[Reply]:
        named = (to.name, to.person_id) if to.shared else ("", "")
        return same(to.account, to.language, *named)

    return compose


def carried(account: str, reply: Reply) -> list[Reply]:
    """A reply in pieces that an account can carry."""
    return fit(reply, ABILITIES.get(account.partition("/")[0], whatsapp.ABILITIES))


def fall_back(db: Session, message_id: int, now: datetime) -> bool:
    """An announcement that failed for good goes to another address of hers, once; True when it does."""
    message = outbox.facts_of(db, message_id)
    to = recipients.of_message(db, message.key)
    campaign = campaigns.find(db, message.association_id, to.campaign_id) if to else None
    return campaign is not None and campaigns.fall_back(db, message, compose=composing(db, campaign), now=now)


# ── shown ────────────────────────────────────────────────────────────────────────────────────────────────────────


def show(db: Session, *, association_id: str, campaign_id: str, found: Progress, now: datetime) -> None:
    """Tell the officer how far it is, and end it when everything of it is settled."""
    campaign = campaigns.lock(db, association_id, campaign_id)
    if campaign.status != CampaignStatus.SENDING:
        return
    show_progress(db, campaign, found, now)
    if found.left:
        return
    tell_end(db, campaign, found, now)
    if not found.parked:
        campaigns.finish(db, campaign, now)


def show_progress(db: Session, campaign: Campaign, found: Progress, now: datetime) -> None:
    """One message whose numbers change where it stands; nothing in a channel that cannot change a message."""
    first_time, campaign.shown_at = campaign.shown_at is None, now
    address = people.reach(db, campaign.made_by, campaign.address_id)
    facts = f"{found.left}/{found.parked}/{found.reached}/{found.read}/{found.failed}/{found.uncertain}"
    first = f"progress:{campaign.id}"
    if address is None or not can_change(address) or facts == campaign.shown or recipients.is_open(db, address, first):
        return
    with speaking(address.language):
        words = headed(db, address, campaign.made_by, progress_words(campaign.number, found))
    outbox.put(
        db,
        association_id=campaign.association_id,
        account=address.account,
        address_id=address.id,
        kind="notice",
        key=first if first_time else f"{first}:{int(now.timestamp())}",
        reply=Reply(words, replaces="" if first_time else first),
        now=now,
        valid_until=now + STALE,
    )
    campaign.shown = facts
    db.flush()


def can_change(address: Address) -> bool:
    """True where a message that was sent can be changed."""
    abilities = ABILITIES.get(address.account.partition("/")[0])
    return abilities is not None and abilities.edits


def tell_end(db: Session, campaign: Campaign, found: Progress, now: datetime) -> None:
    """Whoever made it hears once that it has gone out."""
    number, person_id = campaign.number, campaign.made_by

    def button() -> tuple[str, str]:
        return _("Lihat laporan"), opening("announcements", campaign.id[-16:], person_id=person_id)

    tell(
        db,
        person_id,
        lambda: end_words(number, found),
        key=f"announced:{campaign.id}",
        now=now,
        at=campaign.address_id,
        button=button,
    )
