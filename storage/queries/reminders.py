"""Reminders: planned as a set difference (who is owed one, less who has it), checked again before each is sent.

A row of `reminder` under its unique key (member, month, rule) is what makes a second one impossible: planning twice, in
two processes, after a stop or after a restore, finds it there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
)
from sqlalchemy import select as asking
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from domain.decent_hours import Hours, next_decent
from domain.due import due_day
from domain.money import Rupiah
from domain.month import Month
from domain.reminder import DEFAULTS, Anchor, Rule, end_of_cover, is_last, months_due, months_ending, open_rule
from domain.zone import WIB, WIT, WITA, provinces_of
from storage.columns import Moment
from storage.queries.dues import WAITING
from storage.queries.ledger import debited
from storage.tables import (
    Address,
    Association,
    Consent,
    Member,
    Message,
    Payment,
    Posting,
    Promise,
    Reminder,
    ReminderRule,
    Talk,
)

WEEK = timedelta(days=7)
OLDEST = 6  # months: who owes longer than that has lapsed
COUNTED = ("planned", "queued", "uncertain")
TOPIC = "reminders"


def rules_of(db: Session, association_id: str) -> tuple[Rule, ...]:
    """The association's rules, or those that everybody has."""
    own = db.exec(select(ReminderRule).where(ReminderRule.association_id == association_id)).all()
    return tuple(Rule.at(Anchor(row.anchor), row.days, row.lasts) for row in own) or DEFAULTS


def hours_of(association: Association) -> Hours:
    """When messages that nobody asked for may come."""
    return Hours.parse(association.opens, association.closes)


# ── planned ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Window:
    """A rule that is open today for one month: whose anchor lies on that day."""

    rule: Rule
    month: Month
    anchor: date
    told: bool  # the day is BPJS's own, for those members to whom it told one
    always: bool = False  # the last word before cover may end: it comes however many came this week


def windows(db: Session, association_id: str, rules: Sequence[Rule], today: date) -> list[Window]:
    """Every window that is open today: of several for one day, the latest rule alone.

    Where BPJS told a member's date, the countdown to it stands in the place of the reminders before the due day.
    """
    found = {
        Window(rule, month, due_day(month), told=False)
        for month in {month for rule in of(rules, Anchor.DUE) for month in months_due(rule, today)}
        if (rule := open_rule(rules, Anchor.DUE, due_day(month), today))
    }
    found |= {
        Window(rule, month, end_of_cover(month), told=False, always=is_last(rule, rules))
        for month in {month for rule in of(rules, Anchor.COVER) for month in months_ending(rule, today)}
        if (rule := open_rule(rules, Anchor.COVER, end_of_cover(month), today))
    }
    counted_down = [rule for rule in rules if rule.anchor is Anchor.COVER or rule.days >= 0]
    for day in told_days(db, association_id, counted_down, today):
        for anchor in Anchor:
            if rule := open_rule(counted_down, anchor, day, today):
                always = anchor is Anchor.COVER and is_last(rule, rules)
                found.add(Window(rule, Month.of(day), day, told=True, always=always))
    return sorted(found, key=lambda window: (window.anchor, window.rule.name, window.told))


def of(rules: Sequence[Rule], anchor: Anchor) -> list[Rule]:
    """The rules of one kind."""
    return [rule for rule in rules if rule.anchor is anchor]


def told_days(db: Session, association_id: str, rules: Sequence[Rule], today: date) -> list[date]:
    """The days that BPJS told somebody and for which a rule may be open today."""
    spans = [rule.anchors(today) for rule in rules]
    if not spans:
        return []
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    there = select(col(Member.protected_until)).where(
        Member.association_id == association_id,
        col(Member.protected_until).between(first, last),
    )
    return sorted({day for day in db.exec(there) if day})


def plan(db: Session, association: Association, *, now: datetime) -> int:
    """Write down every reminder that is owed now and was not written down before; how many there are."""
    today = now.astimezone(ZoneInfo(association.zone)).date()
    rules = rules_of(db, association.id)
    return sum(plan_window(db, association, window, now=now) for window in windows(db, association.id, rules, today))


def plan_window(db: Session, association: Association, window: Window, *, now: datetime) -> int:
    """The reminders of one rule for one month; one that was taken back before it went is planned anew.

    So a payment that was refused, or paid another month, or a promise that was broken at once, costs nobody a reminder.
    """
    kind = postgresql.insert if db.connection().dialect.name == "postgresql" else sqlite.insert
    before = db.connection().execute(asking(func.coalesce(func.max(col(Reminder.id)), 0))).scalar_one()
    owed = owed_reminders(association, window, now)
    insert = kind(Reminder).from_select(COLUMNS, owed)
    anew = {name: insert.excluded[name] for name in COLUMNS[4:]} | {"settled_at": None}
    never_went = (col(Reminder.status) == "cancelled") & col(Reminder.message_id).is_(None)
    unique = [col(Reminder.member_id), col(Reminder.month), col(Reminder.rule)]
    db.connection().execute(insert.on_conflict_do_update(index_elements=unique, set_=anew, where=never_went))
    new = asking(func.count()).where(
        col(Reminder.id) > before,
        col(Reminder.association_id) == association.id,
        col(Reminder.rule) == window.rule.name,
        col(Reminder.month) == str(window.month),
    )
    return int(db.connection().execute(new).scalar_one())


COLUMNS = (
    "association_id",
    "member_id",
    "month",
    "rule",
    "status",
    "send_at",
    "valid_until",
    "reason",
    "planned_at",
)


def owed_reminders(association: Association, window: Window, now: datetime) -> Select[*tuple[Any, ...]]:
    """Whom this window concerns, as rows to be inserted."""
    zone = ZoneInfo(association.zone)
    ends = datetime.combine(window.rule.closes(window.anchor), time(), zone)
    owing = owing_for(association.id, window).subquery()
    return (
        asking(
            literal(association.id),
            col(Member.id),
            literal(str(window.month)),
            literal(window.rule.name),
            literal("planned"),
            send_at(association, now),
            literal(ends, Moment()),
            literal(""),
            literal(now, Moment()),
        )
        .select_from(Member)
        .join(owing, owing.c.member_id == col(Member.id))
        .where(
            col(Member.association_id) == association.id,
            col(Member.status) == "active",
            anchored(window),
            wants(TOPIC),
            is_reachable(),
            ~promised(now.astimezone(zone).date()),
            ~is_being_checked(),
            *([] if window.always else [few_this_week(association, now)]),
        )
        .order_by(col(Member.id))
    )


def owing_for(association_id: str, window: Window) -> Select[*tuple[Any, ...]]:
    """Who owes something: of the month itself, or, towards the end of cover, of nothing older than it."""
    months = [str(window.month - back) for back in range(OLDEST + 1)]
    counts_all = window.told or window.rule.anchor is Anchor.COVER
    owing = (
        asking(col(Posting.member_id))
        .where(
            col(Posting.association_id) == association_id,
            col(Posting.month).in_(months if counts_all else months[:1]),
            literal_column("(posting.debit = 'owes' OR posting.credit = 'owes')"),
        )
        .group_by(col(Posting.member_id))
    )
    if window.told or not counts_all:
        return owing.having(func.sum(debited("owes")) > 0)
    this, older = (
        func.sum(
            case((col(Posting.month) == months[0] if own else col(Posting.month) < months[0], debited("owes")), else_=0)
        )
        for own in (True, False)
    )
    return owing.having(and_(this > 0, older <= 0))


def anchored(window: Window) -> ColumnElement[bool]:
    """The day is this member's: BPJS's own where it told her one, else the month's."""
    day = col(Member.protected_until)
    if window.told:
        return day == literal(window.anchor, Date())
    first = date(window.month.year, window.month.month, 1)
    return or_(day.is_(None), day < literal(first, Date()))


def wants(topic: str) -> ColumnElement[bool]:
    """Her last answer about this topic was yes."""
    latest = (
        asking(col(Consent.given))
        .where(
            col(Consent.association_id) == col(Member.association_id),
            col(Consent.person_id) == col(Member.person_id),
            col(Consent.purpose) == topic,
        )
        .order_by(col(Consent.id).desc())
        .limit(1)
        .correlate(Member)
        .scalar_subquery()
    )
    return func.coalesce(latest, False).is_(True)


def is_reachable() -> ColumnElement[bool]:
    """She talks with us somewhere."""
    return exists().where(
        col(Talk.person_id) == col(Member.person_id),
        col(Talk.ended_at).is_(None),
        col(Address.id) == col(Talk.address_id),
        col(Address.status) == "open",
    )


def promised(today: Any) -> ColumnElement[bool]:
    """She said that she will pay, and the day has not passed."""
    return col(Member.id).in_(
        asking(col(Promise.member_id)).where(col(Promise.ended_at).is_(None), col(Promise.pay_on) >= today)
    )


def is_being_checked() -> ColumnElement[bool]:
    """A payment of hers waits for an officer."""
    return col(Member.id).in_(asking(col(Payment.member_id)).where(col(Payment.status).in_(WAITING)))


def few_this_week(association: Association, now: datetime) -> ColumnElement[bool]:
    """She got fewer than she may get within seven days.

    Asked for all at once: a look for each member would read the very rows that the statement writes.
    """
    full = (
        asking(col(Reminder.member_id))
        .where(
            col(Reminder.association_id) == association.id,
            col(Reminder.status).in_(COUNTED),
            col(Reminder.send_at) > now - WEEK,
        )
        .group_by(col(Reminder.member_id))
        .having(func.count() >= association.reminders_per_week)
    )
    return col(Member.id).not_in(full)


def next_change(db: Session, association: Association, moment: datetime) -> datetime:
    """When somebody may be owed one who is owed none now: a day begins, or a week in which she got enough is over."""
    zone = ZoneInfo(association.zone)
    tomorrow = datetime.combine(moment.astimezone(zone).date() + timedelta(days=1), time(), zone)
    counted = select(Reminder.send_at).where(
        Reminder.association_id == association.id,
        col(Reminder.status).in_(COUNTED),
        col(Reminder.send_at) > moment - WEEK,
    )
    first = db.exec(counted.order_by(col(Reminder.send_at)).limit(1)).first()
    return min(tomorrow, first + WEEK) if first else tomorrow


def send_at(association: Association, now: datetime) -> ColumnElement[datetime]:
    """The next decent hour where each member lives."""
    hours, own = hours_of(association), ZoneInfo(association.zone)
    province = func.substr(col(Member.regency), 1, 2)

    def at(zone: ZoneInfo) -> ColumnElement[datetime]:
        return literal(next_decent(now, zone, hours), Moment())

    return case(
        (province == "", at(own)),
        (province.in_(sorted(provinces_of(WITA))), at(WITA)),
        (province.in_(sorted(provinces_of(WIT))), at(WIT)),
        else_=at(WIB),
    )


# ── taken back ───────────────────────────────────────────────────────────────────────────────────────────────────


def cancel(db: Session, member_id: str, why: str, now: datetime) -> None:
    """Nothing more is due to her: what is planned or queued does not go out."""
    take_back(db, col(Reminder.member_id) == member_id, why, now)


def cancel_paid(db: Session, member: Member, now: datetime) -> None:
    """Of what is planned or queued for her, nothing goes out that asks for a month that is paid now."""
    under_way = (col(Reminder.member_id) == member.id, col(Reminder.status).in_(("planned", "queued")))
    ids = [number or 0 for number in db.exec(select(Reminder.id).where(*under_way))]
    association = db.get_one(Association, member.association_id)
    paid = [look.reminder_id for look in looks(db, association, ids, now) if look.reason == "paid"] if ids else []
    if paid:
        take_back(db, col(Reminder.id).in_(paid), "paid", now)


def take_back(db: Session, which: ColumnElement[bool], why: str, now: datetime) -> None:
    """These do not go out."""
    hers = (which, col(Reminder.status).in_(("planned", "queued")))
    queued = asking(col(Reminder.message_id)).where(*hers, col(Reminder.message_id).is_not(None))
    db.connection().execute(
        update(Message)
        .where(col(Message.id).in_(queued), literal_column("status IN ('queued', 'retry_wait', 'parked')"))
        .values(status="cancelled", code=why, settled_at=now)
        .execution_options(synchronize_session=False)
    )
    db.connection().execute(
        update(Reminder)
        .where(*hers, col(Reminder.status) == "planned")
        .values(status="cancelled", reason=why, settled_at=now)
        .execution_options(synchronize_session=False)
    )


def promise(db: Session, member: Member, pay_on: date, *, now: datetime) -> None:
    """She will pay on that day: until then she is left alone."""
    end_promise(db, member.id, now)
    db.add(Promise(association_id=member.association_id, member_id=member.id, pay_on=pay_on, made_at=now))
    db.flush()
    cancel(db, member.id, "promised", now)


def end_promise(db: Session, member_id: str, now: datetime) -> None:
    """What she promised is kept, or forgotten."""
    db.connection().execute(
        update(Promise).where(col(Promise.member_id) == member_id, col(Promise.ended_at).is_(None)).values(ended_at=now)
    )


def came(db: Session, messages: Sequence[int], now: datetime) -> None:
    """Reminders among these messages came only now: the week in which one gets few begins with that."""
    db.connection().execute(
        update(Reminder)
        .where(col(Reminder.message_id).in_(messages), col(Reminder.send_at) < now)
        .values(send_at=now)
        .execution_options(synchronize_session=False)
    )


# ── sent ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def due(db: Session, now: datetime, *, limit: int) -> list[Reminder]:
    """Planned reminders whose hour has come, held until the commit; another process leaves them to this one."""
    waiting = (
        select(Reminder)
        .where(literal_column("reminder.status = 'planned'"), col(Reminder.send_at) <= now)
        .order_by(col(Reminder.send_at), col(Reminder.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(db.exec(waiting))


@dataclass(frozen=True, slots=True)
class Look:
    """How things stand for a reminder in the moment in which it would go."""

    reminder_id: int
    reason: str  # why it is not wanted any more; "" while it is
    owed: Rupiah  # by now, what lies ready for her taken off
    member_id: str
    person_id: str
    regency: str
    protected_until: date | None
    address_id: str  # the open one from which she wrote last; "": she is to be reached nowhere
    message_id: int | None = None  # the one that carries it


def looks(db: Session, association: Association, ids: Sequence[int], now: datetime) -> list[Look]:
    """Look everything up anew, for all of these reminders at once."""
    return looked(db, LOOKING_AT_REMINDERS, association, ids, now)


def looks_by_message(db: Session, association: Association, ids: Sequence[int], now: datetime) -> dict[int, Look]:
    """The same for the reminders that these messages carry, by message; those that carry none are left out."""
    return {look.message_id: look for look in looked(db, LOOKING_AT_MESSAGES, association, ids, now) if look.message_id}


def looked(
    db: Session, asked: Select[*tuple[Any, ...]], association: Association, ids: Sequence[int], now: datetime
) -> list[Look]:
    """What was found."""
    today = now.astimezone(ZoneInfo(association.zone)).date()
    facts = {"ids": list(ids), "now": now, "today": today, "current": str(Month.of(today))}
    return [
        Look(
            int(row[0] or 0), row[1], Rupiah(max(0, int(row[2]))), row[3], row[4], row[5], row[6], row[7] or "", row[8]
        )
        for row in db.connection().execute(asked, facts)
    ]


def looking(which: Any) -> Select[*tuple[Any, ...]]:
    """The statement that looks; put together once, for putting it together takes longer than running it."""
    return (
        asking(
            col(Reminder.id),
            why_not(),
            owed_by_now(),
            col(Member.id),
            col(Member.person_id),
            col(Member.regency),
            col(Member.protected_until),
            last_address(),
            col(Reminder.message_id),
        )
        .join(Member, col(Member.id) == col(Reminder.member_id))
        .where(col(which).in_(bindparam("ids", expanding=True)))
    )


def why_not() -> ColumnElement[str]:
    """Why a reminder is not wanted any more, the first reason that holds."""
    told = and_(col(Member.protected_until).is_not(None), month_of(Member.protected_until) == col(Reminder.month))
    moved_on = and_(col(Member.protected_until).is_not(None), month_of(Member.protected_until) > col(Reminder.month))
    this_month = col(Posting.month) == col(Reminder.month)
    up_to_it = and_(col(Posting.month) != "", col(Posting.month) <= col(Reminder.month))
    return case(
        (col(Member.status) != "active", "left"),
        (~wants(TOPIC), "opted_out"),
        (col(Reminder.valid_until) <= bindparam("now", type_=Moment()), "late"),
        (promised(bindparam("today", type_=Date())), "promised"),
        (is_being_checked(), "being_checked"),
        (moved_on, "date_changed"),
        (and_(told, sum_of("owes", up_to_it) <= 0), "paid"),
        (and_(~told, sum_of("owes", this_month) <= 0), "paid"),
        else_="",
    )


def month_of(day: Any) -> ColumnElement[str]:
    """A day's month, as in "2026-12"."""
    return func.substr(cast(col(day), String), 1, 7)


def sum_of(account: str, which: ColumnElement[bool]) -> ColumnElement[int]:
    """What lies in an account of hers, of these postings."""
    return func.coalesce(
        asking(func.sum(debited(account)))
        .where(col(Posting.member_id) == col(Member.id), which)
        .correlate(Member, Reminder)
        .scalar_subquery(),
        0,
    )


def owed_by_now() -> ColumnElement[int]:
    """What she owes up to this month; what lies ready for her counts against it."""
    up_to_now = and_(col(Posting.month) != "", col(Posting.month) <= bindparam("current", type_=String()))
    anywhere = col(Posting.member_id) == col(Member.id)
    return sum_of("owes", up_to_now) + sum_of("credit", anywhere) + sum_of("ahead", anywhere)


def last_address() -> ColumnElement[str]:
    """The open address from which she wrote last."""
    return (
        asking(col(Address.id))
        .join(Talk, col(Talk.address_id) == col(Address.id))
        .where(
            col(Talk.person_id) == col(Member.person_id), col(Talk.ended_at).is_(None), col(Address.status) == "open"
        )
        .order_by(col(Talk.heard_at).desc(), col(Talk.id).desc())
        .limit(1)
        .correlate(Member)
        .scalar_subquery()
    )


LOOKING_AT_REMINDERS = looking(Reminder.id)
LOOKING_AT_MESSAGES = looking(Reminder.message_id)
