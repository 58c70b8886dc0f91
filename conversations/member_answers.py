"""What an officer says about a member, and what of her may be changed."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from conversations.answers import Answers
from conversations.talk import Talk
from domain.dues import Terms
from domain.month import Month
from domain.rates import MANDATORY, Funding, Programme, Sector
from storage.queries import members, terms
from storage.tables import Member


class Draft(Answers):
    """The member at hand, and what shall become of her."""

    argument: str
    query: str
    member: str
    change: str  # as in "tier:3", see `CHANGES`
    from_month: Month
    reason: str
    expected: int  # the difference that was shown, in rupiah
    collector: str  # a person; "" for none
    until: date  # as BPJS told it


T = Talk[Draft]

CHANGES: Mapping[str, Mapping[str, Any]] = {
    "with_jht": {"programmes": tuple(Programme)},
    "without_jht": {"programmes": tuple(one for one in Programme if one in MANDATORY)},
    "transport": {"sector": Sector.TRANSPORT},
    "no_transport": {"sector": Sector.OTHER},
    "government": {"funding": Funding.GOVERNMENT},
    "herself": {"funding": Funding.SELF},
}
"""What may be changed besides the tier: what becomes of her terms."""


def at_hand(talk: T) -> Member | None:
    """The member whom this officer looks at."""
    return members.find(talk.db, talk.house.id, talk.draft.get("member", ""))


def is_own(talk: T, member: Member) -> bool:
    """True when the officer looks at herself: what concerns her is another one's to change."""
    return member.person_id == talk.person_id


def change_of(said: str) -> Mapping[str, Any]:
    """What becomes of her terms."""
    name, _colon, tier = said.partition(":")
    return {"tier": int(tier)} if name == "tier" else CHANGES[said]


def first_of(member: Member, today: date) -> Month:
    """This month, or her first one where it is yet to come."""
    current = Month.of(today)
    return max(current, Month.parse(member.first_month or str(current)))


def new_terms(db: Session, member_id: str, change: str, from_month: Month) -> dict[Month, Terms]:
    """What shall hold, by the month in which it begins; nothing where all of it holds already."""
    wanted = terms.changed(db, member_id, change_of(change), from_month=from_month)
    known = {month: terms.at(db, member_id, month) for month in wanted}
    return wanted if wanted != known else {}
