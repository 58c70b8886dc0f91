"""How a message goes where we may write freely only so long after her last word.

Inside of that time as it is. Outside as the template that it names, if that one is approved and she is among the people
whom we may write to within a day; the rest of it, and everything else, waits until she writes. So that she does, one
knock goes out, which is a template as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from conversations.templates import KNOCK, ROOM, is_in_short, named
from conversations.words import _, speaking
from domain.cost import Billed
from domain.decent_hours import next_decent
from domain.message import Abilities, Reply
from domain.zone import zone_of
from storage.queries import associations, outbox, parked, people, reaching, reminders, templates
from storage.queries.leases import Leased
from storage.queries.outbox import Outcome
from storage.tables import Address, Member, Message

KNOCKS = "knock:"  # begins the key of every knock
A_DAY = timedelta(hours=24)  # between two knocks at one person
LATEST = 5
BY_TEMPLATE = (Billed.UTILITY, Billed.MARKETING, Billed.AUTHENTICATION)
WENT = (*outbox.ANSWERED, "leased", "uncertain")
NEVER_WENT = ("cancelled", "expired", "suppressed", "failed")
KNOCK_LASTS = timedelta(days=3)  # a knock may wait so long for a place among the people of a day


@dataclass(frozen=True, slots=True)
class Way:
    """How a message goes now, or why it does not."""

    billed_as: str = ""
    sid: str = ""  # of the template in its place
    status: str = ""  # it does not go: parked, cancelled
    code: str = ""

    @property
    def goes(self) -> bool:
        """True when it goes over the wire now."""
        return not self.status


def is_open(message: Leased, abilities: Abilities, now: datetime) -> bool:
    """True while we may write to her freely."""
    if abilities.window is None:
        return True
    return message.heard_at is not None and now - message.heard_at <= abilities.window


def goes_freely(message: Leased, abilities: Abilities, now: datetime) -> Way | None:
    """The way of most messages, for which nobody need look into the database; None: look."""
    if message.key.startswith(KNOCKS) or not is_open(message, abilities, now):
        return None
    return Way(Billed.SERVICE if abilities.window else Billed.NOTHING)


@dataclass(frozen=True, slots=True)
class Outside:
    """A message for somebody who has not written for too long."""

    message: Leased
    reply: Reply
    open: bool = False  # a knock, and she has written after all


def ways(db: Session, outside: Sequence[Outside], *, by: str, now: datetime) -> list[Way]:
    """How each of them goes; what does not go is written down as such in the same transaction."""
    found = [way(db, one, now) for one in outside]
    outbox.settle(
        db, [as_outcome(one.message, it) for one, it in zip(outside, found, strict=True) if not it.goes], by=by, now=now
    )
    return found


def as_outcome(message: Leased, way: Way) -> Outcome:
    """It did not go over the wire."""
    return Outcome(message.id, message.attempts, way.status, code=way.code, counted=False)


def way(db: Session, outside: Outside, now: datetime) -> Way:
    """How one of them goes; what follows is put into the outbox."""
    message, reply = outside.message, outside.reply
    is_knock = message.key.startswith(KNOCKS)
    if is_knock and (outside.open or not parked.are_there(db, message.address_id)):
        return Way(status="cancelled", code="nothing_waits")
    if is_knock and was_asked(db, people.get_address(db, message.address_id).person_id, now, but=message.id):
        return Way(status="cancelled", code="asked_already")
    template = templates.find(db, message.account, "" if message.as_text else reply.template)
    if template is None or not templates.is_usable(template):
        return waits(db, outside, templates.waiting_for(template.name) if template else parked.FOR_HER_WORD, now)
    if not reaching.take_place(db, message.account, message.address_id, now):
        return Way(status="parked", code=parked.FOR_A_PLACE)
    if rest := rest_of(reply):
        keep_rest(db, message, rest, now)
    billed_as = template.category or template.asked
    outbox.bill(db, message.id, message.attempts, billed_as)
    return Way(billed_as, template.sid)


def waits(db: Session, outside: Outside, code: str, now: datetime) -> Way:
    """It waits, and we knock: not for what goes to many, which nobody shall get under another name."""
    message = outside.message
    if message.key.startswith(KNOCKS):
        return Way(status="cancelled", code="no_template")
    outbox.bill(db, message.id, message.attempts, "")  # whatever it was to go out as before
    if message.kind != "bulk":
        knock(db, people.get_address(db, message.address_id), now)
    return Way(status="parked", code=code)


def rest_of(reply: Reply) -> Reply | None:
    """What a template leaves out: the end of a long text, a picture; None when it says everything."""
    if is_in_short(reply.template) or len(reply.text) > ROOM:
        return replace(reply, template="", variables=())
    return Reply("", document=reply.document, file=reply.file) if reply.document else None


def keep_rest(db: Session, message: Leased, rest: Reply, now: datetime) -> None:
    """It follows when she writes."""
    parked.put(
        db,
        association_id=message.association_id,
        account=message.account,
        address_id=message.address_id,
        key=f"{message.key}:rest",
        kind=message.kind,
        reply=rest,
        now=now,
    )


# ── the knock ────────────────────────────────────────────────────────────────────────────────────────────────────


def knock(db: Session, address: Address, now: datetime) -> None:
    """Ask her to write, once in 24 hours wherever she is reached, by day, if that may be asked at all."""
    with speaking(address.language):
        name = named(KNOCK)
        template = templates.find(db, address.account, name)
        if template is None or not templates.is_usable(template):
            return
        before = knocks_at(db, address.person_id)
        knocked = any(one.created_at > now - A_DAY and one.status not in NEVER_WENT for one in before)
        if knocked or was_asked(db, address.person_id, now):
            return
        association = associations.get(db, address.association_id)
        words = _('Ada balasan untuk Bapak/Ibu. Ketik "buka" untuk membacanya.')
        reply = Reply(words, template=name, variables=(association.name, _("Bapak/Ibu")))
    zone = ZoneInfo(association.zone)
    regency = db.exec(select(Member.regency).where(Member.person_id == address.person_id)).first()
    outbox.put(
        db,
        association_id=association.id,
        account=address.account,
        address_id=address.id,
        key=f"{KNOCKS}{address.person_id}:{before[0].id if before else 0}",
        kind="notice",
        reply=reply,
        now=now,
        due_at=next_decent(now, zone_of(regency or "") or zone, reminders.hours_of(association)),
        valid_until=now + KNOCK_LASTS,
    )


def was_asked(db: Session, person_id: str, now: datetime, *, but: int = 0) -> bool:
    """True when a template has asked her to write within 24 hours, wherever she is reached: a notice of any kind."""
    asked = (
        select(Message.id)
        .join(Address, col(Address.id) == col(Message.address_id))
        .where(
            Address.person_id == person_id,
            Message.id != but,
            Message.kind == "notice",
            col(Message.billed_as).in_(BY_TEMPLATE),
            col(Message.status).in_(WENT),
            col(Message.http_started_at) > now - A_DAY,
        )
    )
    return db.exec(asked.limit(1)).first() is not None


def knocks_at(db: Session, person_id: str) -> list[Message]:
    """The last ones at any address of hers, the newest first."""
    hers = (
        select(Message)
        .join(Address, col(Address.id) == col(Message.address_id))
        .where(Address.person_id == person_id, col(Message.key).startswith(f"{KNOCKS}{person_id}:"))
    )
    return list(db.exec(hers.order_by(col(Message.id).desc()).limit(LATEST)))
