"""What follows when a message was not delivered, whether the provider says so at once or in a report later on."""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, time, timedelta

from sqlmodel import Session

from bot import campaigns
from bot.channels.errors import (
    AccountRefused,
    AddressMoved,
    Conflict,
    ContentRefused,
    DayIsFull,
    EnoughPeople,
    Flagged,
    NoSuchAddress,
    OptedOut,
    OutsideWindow,
    ProviderBusy,
    SendError,
    TemplateRefused,
    TryLater,
    Uncertain,
    VendorBlockedUs,
)
from bot.channels.fitting import fit
from conversations.handover import report_unreachable
from conversations.talk import House
from conversations.templates import tell_changes, tell_flagged, tell_held
from domain.cost import Billed
from domain.message import Abilities, Reply, Report
from storage.queries import deliveries, outbox, parked, people, reaching, recipients, templates
from storage.queries.leases import Leased
from storage.queries.outbox import Outcome
from storage.tables import Address, Message

log = logging.getLogger(__name__)

LADDER = (2, 5, 15, 60, 300, 900, 3600)  # seconds before the next try
SPAM = "63026"  # the number is taken for a source of spam
QUIET = timedelta(days=1)  # nobody is written to outside of her window then
OBJECTIONS = {"63041": templates.PAUSED, "63040": "rejected"}  # what a provider's code says of a template


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that did not reach her."""

    id: int
    association_id: str
    account: str
    address_id: str
    kind: str
    key: str
    reply_sealed: str
    attempts: int  # the one that failed included
    as_text: bool
    billed_as: str

    @property
    def was_template(self) -> bool:
        """True when a template went in its place."""
        return self.billed_as not in (Billed.NOTHING, Billed.SERVICE)


def as_undelivered(message: Leased | Message) -> Undelivered:
    """A message, leased or as it is stored, that did not reach her."""
    return Undelivered(**{field.name: getattr(message, field.name) for field in fields(Undelivered)})


def outcome_of(error: SendError, message: Undelivered, now: datetime) -> Outcome:
    """How the attempt ended, and whether the message is tried again."""
    ended = Outcome(message.id, message.attempts, "failed", code=error.code, billed_as=message.billed_as)
    again = replace(ended, status="retry_wait", due_at=now)
    match error:
        case Uncertain():
            return replace(ended, status="uncertain")
        case VendorBlockedUs():
            return replace(
                ended, status="suppressed", code="opted_out" if isinstance(error, OptedOut) else "blocked_us"
            )
        case OutsideWindow() | TemplateRefused() if message.was_template:
            return replace(ended, status="parked", code=templates.waiting_for(template_of(message)))
        case EnoughPeople() if message.was_template:
            return replace(ended, status="parked", code=parked.FOR_A_PLACE)
        case OutsideWindow():  # not freely, then: the next look finds another way, or has it wait for her word
            return replace(again, code=parked.FOR_HER_WORD)
        case ContentRefused() if not message.as_text:
            return replace(again, as_text=True)
        case AddressMoved() | AccountRefused() | Conflict():
            return again
        case ProviderBusy() | TryLater() if worth_trying(error, message.attempts):
            return replace(again, due_at=now + wait_after(error, message, now))
        case _ if error.retry and not isinstance(error, TryLater):
            return replace(again, due_at=now + wait_after(error, message, now))
    return ended


def template_of(message: Undelivered) -> str:
    """The template that its reply names."""
    return outbox.open_reply(message.reply_sealed, message.key).template


def worth_trying(error: SendError, attempts: int) -> bool:
    """True while the provider's failure may pass."""
    return not isinstance(error, TryLater) or error.times is None or attempts <= error.times


def wait_after(error: SendError, message: Undelivered, now: datetime) -> timedelta:
    """How long to wait, for each attempt a little differently: what failed together does not come again together."""
    chance = random.Random(f"{message.id}.{message.attempts}")  # noqa: S311 - jitter, no secret
    if isinstance(error, DayIsFull):
        tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
        return tomorrow - now + timedelta(seconds=chance.uniform(0, 60))
    step = LADDER[min(message.attempts, len(LADDER)) - 1]
    asked = getattr(error, "retry_after", None) or step
    asked = max(asked, getattr(error, "hours", 0.0) * 3600)
    return timedelta(seconds=asked + chance.uniform(0, 0.1 * step))


@dataclass(frozen=True)
class Consequences:
    """Applied in one transaction, wherever the failure was heard of."""

    houses: Mapping[str, House]  # by association
    abilities: Mapping[str, Abilities]  # by account
    refusals: Mapping[str, Callable[[str], SendError]]  # by account: what a code of its provider means

    def take_report(self, db: Session, report: Report, *, association_id: str, now: datetime) -> str:
        """What a provider says about a message of ours, with all that follows; what became of the report."""
        took = deliveries.take(db, report, association_id=association_id, now=now)
        if isinstance(took, str):
            return took
        error = self.refusals[report.account](took.code)
        message = as_undelivered(outbox.facts_of(db, took.message_id))
        outbox.fail(db, outcome_of(error, message, now), now)
        self.apply(db, error, message, now)
        return "failed"

    def apply(self, db: Session, error: SendError, message: Undelivered, now: datetime) -> None:
        """What the failure means for the address and the account; the message itself is settled by its outcome.

        An announcement that failed for good goes to another address of hers, once.
        """
        if message.kind == "bulk" and outcome_of(error, message, now).status == "failed":
            campaigns.fall_back(db, message.id, now)
        match error:
            case VendorBlockedUs():
                people.mark_address(db, message.address_id, "blocked")
                outbox.suppress(db, message.address_id, "blocked_us", now)
            case NoSuchAddress():
                self.go_around(db, message, now)
                people.mark_address(db, message.address_id, "bad")
                outbox.suppress(db, message.address_id, "no_such_address", now)
            case AddressMoved():
                people.move_address(db, message.address_id, error.new_id)
            case AccountRefused() | Conflict():
                log.error("an account is refused; nothing more is sent through it", extra={"account": message.account})
                outbox.halt(db, message.account, error.code)
            case OutsideWindow() | TemplateRefused() if message.was_template:
                self.object_to_template(db, error, message, now)
            case OutsideWindow():
                began_at = outbox.facts_of(db, message.id).http_started_at  # what she wrote since counts
                people.close_address(db, message.address_id, began_at or now)
            case EnoughPeople() if message.was_template:
                reaching.hold(db, message.account, message.attempts, now)
                tell_held(db, message.association_id, message.account, now)
            case Flagged() | TemplateRefused():
                log.error(
                    "the provider objects to what we send", extra={"account": message.account, "trouble": error.code}
                )
                if error.code == SPAM:
                    reaching.hold_until(db, message.account, now + QUIET)
                    tell_flagged(db, message.association_id, message.account, now)
            case DayIsFull():
                outbox.pause(db, message.account, until=now + wait_after(error, message, now))
            case ProviderBusy() if error.retry_after:
                outbox.pause(db, message.account, until=now + timedelta(seconds=error.retry_after))

    def object_to_template(self, db: Session, error: SendError, message: Undelivered, now: datetime) -> None:
        """The template is not what we took it for: what names it waits, and administrators hear of it."""
        log.error("a template is not taken", extra={"account": message.account, "trouble": error.code})
        status = OBJECTIONS.get(error.code, "refused")
        change = templates.objected(
            db, message.account, template_of(message), status=status, reason=error.code, now=now
        )
        if change:
            tell_changes(db, message.association_id, message.account, [change], now)

    def go_around(self, db: Session, message: Undelivered, now: datetime) -> None:
        """The provider knows nobody there: at another address of hers, or else the officers must find her.

        Of a phone that several people share nobody can say whose the message was: it goes to nobody else's.
        """
        address = people.get_address(db, message.address_id)
        elsewhere = [other for other in people.addresses_of(db, address.person_id) if other.id != address.id]
        if address.shared or not elsewhere:
            report_unreachable(db, self.houses[message.association_id], address, now=now)
            return
        behind_it = [as_undelivered(other) for other in outbox.waiting_for(db, address.id) if other.id != message.id]
        for one in (message, *behind_it):
            if recipients.addressee(one.key) is None:  # announcements find their own way
                self.send_to(db, elsewhere[-1], one, now)
            elif one.id != message.id:
                campaigns.fall_back(db, one.id, now)

    def send_to(self, db: Session, other: Address, message: Undelivered, now: datetime) -> None:
        """The same message to another address of hers."""
        reply = outbox.open_reply(message.reply_sealed, message.key)
        for number, piece in enumerate(self.fitted(reply, other.account), start=1):
            outbox.put(
                db,
                association_id=message.association_id,
                account=other.account,
                address_id=other.id,
                key=f"{message.key}:around:{other.id}:{number}"[:190],
                kind=message.kind,
                reply=piece,
                now=now,
            )

    def fitted(self, reply: Reply, account: str) -> list[Reply]:
        """The reply in pieces that another channel can carry."""
        abilities = self.abilities.get(account)
        return fit(reply, abilities) if abilities else [reply]
