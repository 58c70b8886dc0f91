"""Sends the reminders that are planned, each after one more look; the outbox looks once more when it is their turn."""

import logging
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlmodel import Session

from conversations.notices import opening
from conversations.reminder_words import anchor_of, reminder
from conversations.words import _, speaking
from domain.decent_hours import next_decent
from domain.due import due_day
from domain.message import Button, Reply
from domain.month import Month
from domain.reminder import Rule
from domain.zone import zone_of
from storage.database import Database
from storage.queries import associations, dues, outbox, people, reminders
from storage.tables import Address, Association, Member, Reminder

log = logging.getLogger(__name__)

AT_ONCE = 500  # reminders of one transaction


def plan_all(database: Database, now: datetime) -> int:
    """Plan for every association; the trouble of one does not stop the others. How many were written down."""
    count = 0
    for association in database.read(associations.everyone):
        try:
            count += database.transact(partial(plan_one, association_id=association.id, now=now))
        except Exception:
            log.exception("reminders cannot be planned", extra={"association": association.id})
    return count


def plan_one(db: Session, *, association_id: str, now: datetime) -> int:
    """Plan for one association."""
    return reminders.plan(db, associations.get(db, association_id), now=now)


def send_due(database: Database, now: datetime) -> int:
    """Queue everything whose hour has come; how many messages that were."""
    sent = 0
    while True:
        looked_at, queued = database.transact(partial(send_some, now=now))
        sent += queued
        if looked_at < AT_ONCE:
            return sent


def send_some(db: Session, *, now: datetime) -> tuple[int, int]:
    """Some of them: how many were looked at, and how many became messages."""
    found = reminders.due(db, now, limit=AT_ONCE)
    return len(found), sum(send(db, one, now) for one in found)


def send(db: Session, planned: Reminder, now: datetime) -> bool:
    """One reminder: a message, or a reason why there is none; at another hour where this is no decent one."""
    member = db.get_one(Member, planned.member_id)
    association = associations.get(db, member.association_id)
    reason = reminders.objection(db, planned, member, now)
    address = people.reach(db, member.person_id, None)
    if not reason and (address is None or address.status != "open"):
        reason = "unreachable"
    if reason:
        settle(planned, "late" if reason == "late" else "cancelled", reason, now)
        return False
    at = next_decent(now, zone_of(member.regency) or ZoneInfo(association.zone), reminders.hours_of(association))
    if at > now:
        planned.send_at = at
        return False
    assert address is not None
    planned.message_id = put(db, planned, member, address, association=association, now=now)
    settle(planned, "queued", "", now)
    db.flush()
    return True


def settle(planned: Reminder, status: str, reason: str, now: datetime) -> None:
    """How it ended."""
    planned.status, planned.reason, planned.settled_at = status, reason, now


def put(
    db: Session, planned: Reminder, member: Member, address: Address, *, association: Association, now: datetime
) -> int | None:
    """Queue its message, in the language of the address."""
    today = now.astimezone(ZoneInfo(association.zone)).date()
    month = Month.parse(planned.month)
    rule = rule_of(db, association.id, planned.rule)
    anchor = anchor_of(rule, month, member.protected_until, due_day(month))
    with speaking(address.language):
        words = reminder(rule, month, dues.book_of(db, member, today), anchor=anchor, today=today)
        whose = {"person_id": member.person_id}
        buttons = (
            Button(_("Bayar"), opening("paying", **whose)),
            Button(_("Bayar nanti"), opening("promising", **whose)),
            Button(_("Berhenti"), opening("stop", **whose)),
        )
        if address.shared:
            words = _("Untuk {name}:").format(name=people.name_of(db, member.person_id)) + "\n" + words
    return outbox.put(
        db,
        association_id=association.id,
        account=address.account,
        address_id=address.id,
        key=f"reminder:{member.id}:{planned.month}:{planned.rule}",
        kind="bulk",
        reply=Reply(words, buttons, numbered=False),
        now=now,
        valid_until=planned.valid_until,
    )


def rule_of(db: Session, association_id: str, name: str) -> Rule:
    """The rule of that name; one that the association has given up meanwhile is read from its name."""
    known = {rule.name: rule for rule in reminders.rules_of(db, association_id)}
    return known.get(name) or Rule.named(name)
