"""What an officer does to a member: written in the turn's transaction, audited, and told to whoever it concerns.

Each raises `Overtaken` when the member is not as the officer saw her.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlmodel import Session

from conversations.member_answers import T, is_own, new_terms
from conversations.member_words import back_news, credit_news, left_news, terms_news, told_day_news
from conversations.notices import tell, tell_staff
from conversations.words import _
from domain.due import first_month
from domain.month import Month, months_from
from storage.database import Overtaken
from storage.queries import audit, charges, dues, members, people, terms
from storage.tables import Member


def change_terms(db: Session, talk: T) -> None:
    """Other terms hold from that month on; what was charged is put right, and she hears of it."""
    member = locked(db, talk)
    month, change = talk.draft.from_month, talk.draft.change
    rows = new_terms(db, member.id, change, month)
    if not rows:
        raise Overtaken("they hold already")
    found = charges.preview(db, member, rows)
    for first, wanted in rows.items():
        terms.add(db, member, wanted, from_month=first, now=talk.now, by=talk.person_id, reason=talk.draft.reason)
    reason = talk.draft.reason
    difference = charges.reprice(db, member, now=talk.now, by=talk.person_id, reason=reason, first=month)
    if difference != talk.draft.expected:
        raise Overtaken("another sum than the officer has seen")
    note(db, talk, member, "changed_terms", {"what": change.partition(":")[0], "from": str(month)})
    tell_member(db, talk, member, "terms", partial(terms_news, found, change, month))


def change_collector(db: Session, talk: T) -> None:
    """Another takes her cash from now on; she, and both of them, hear of it."""
    member = locked(db, talk)
    before, after = member.collector_id, talk.draft.collector or None
    if after and ("collector" not in people.roles_of(db, talk.house.id, after) or after == member.person_id):
        raise Overtaken("she is no collector any more")
    member.collector_id = after
    db.flush()
    note(db, talk, member, "changed_collector", {"collector": after})
    if after:
        who = people.name_of(db, after)
        tell_member(
            db, talk, member, "collector", lambda: _("Iuran tunai Bapak/Ibu sekarang lewat {who}.").format(who=who)
        )
        tell_collector(db, talk, after, lambda: _("{name} masuk daftar Bapak/Ibu.").format(name=member.name))
    if before and before != after:
        tell_collector(db, talk, before, lambda: _("{name} keluar dari daftar Bapak/Ibu.").format(name=member.name))


def tell_collector(db: Session, talk: T, person_id: str, words: Callable[[], str]) -> None:
    """A collector hears that somebody is on her list now, or no longer."""
    tell(db, person_id, words, key=key_of(talk, f"collector:{person_id}"), now=talk.now)


def keep_told_day(db: Session, talk: T) -> None:
    """BPJS told until when she is protected: it wins over everything that we derive."""
    member = locked(db, talk)
    member.protected_until = talk.draft.until
    db.flush()
    note(db, talk, member, "told_by_bpjs", {"until": talk.draft.until.isoformat()})
    if member.protected_until >= talk.today:
        tell_member(db, talk, member, "told", partial(told_day_news, member))


def drop_told_day(db: Session, talk: T) -> None:
    """What BPJS was said to have told was not so."""
    member = locked(db, talk)
    member.protected_until = None
    db.flush()
    note(db, talk, member, "told_by_bpjs", {"until": None})


def leave(db: Session, talk: T) -> None:
    """She is charged up to this month and no further; what lies ready for her is told to the treasurers."""
    member = locked(db, talk)
    if member.status == "left":
        raise Overtaken("she has left already")
    current = Month.of(talk.today)
    if member.status == "active" and member.first_month:
        first = Month.parse(member.first_month)
        charges.charge_member(db, member, months_from(first, max(0, current - first + 1)), now=talk.now)
    member.status = "left"
    db.flush()
    charges.stop_after(db, member, current, now=talk.now, by=talk.person_id, reason="left")
    note(db, talk, member, "left", {})
    book = dues.book_of(db, member, talk.today)
    tell_member(db, talk, member, "left", partial(left_news, current, book.credit))
    if book.credit > 0 or book.ahead > 0:
        words = partial(credit_news, member, book.credit, book.ahead)
        tell_staff(db, talk.house.id, "treasurer", words, key=key_of(talk, "credit"), now=talk.now)


def come_back(db: Session, talk: T) -> None:
    """She is a member again, and charged from the first month on that she can still pay in time."""
    member = locked(db, talk)
    if member.status == "active":
        raise Overtaken("she is back already")
    first, current = first_month(talk.today), Month.of(talk.today)
    member.status, member.first_month = "active", str(first)
    db.flush()
    charges.charge_member(db, member, [first] if first <= current else [], now=talk.now)
    note(db, talk, member, "came_back", {"from": str(first)})
    tell_member(db, talk, member, "back", partial(back_news, first))


# ── with every deed ──────────────────────────────────────────────────────────────────────────────────────────────


def locked(db: Session, talk: T) -> Member:
    """The member at hand, held until the commit. Raises `Overtaken` where she is the officer herself."""
    member = members.lock(db, talk.house.id, talk.draft.member)
    if is_own(talk, member):
        raise Overtaken("what concerns her is another's to change")
    return member


def note(db: Session, talk: T, member: Member, action: str, facts: dict[str, Any]) -> None:
    """One row in the audit trail."""
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action=action,
        subject=f"member/{member.id}",
        now=talk.now,
        facts=facts,
    )


def tell_member(db: Session, talk: T, member: Member, what: str, words: Callable[[], str]) -> None:
    """She hears of it."""
    tell(db, member.person_id, words, key=key_of(talk, what), now=talk.now)


def key_of(talk: T, what: str) -> str:
    """What makes news of this deed come once."""
    return f"member:{talk.draft.member}:{what}:{talk.facts.turn}:{talk.person_id}"
