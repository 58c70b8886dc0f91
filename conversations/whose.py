"""Of which member somebody wants to see something: herself, or one of those whom she registered."""

from collections.abc import Sequence

from sqlmodel import Session

from conversations.steps import Option
from conversations.words import _
from storage.queries import members
from storage.tables import Member


def hers_to_see(db: Session, association_id: str, person_id: str) -> list[Member]:
    """Herself, also after she left, and the members whom she registered."""
    own = members.find_of_person(db, association_id, person_id)
    others = [one for one in members.in_care_of(db, association_id, person_id) if one.person_id != person_id]
    return [own, *others] if own else others


def one_of(found: Sequence[Member], member_id: str) -> Member | None:
    """The member of that id among them."""
    return next((one for one in found if one.id == member_id), None)


def names(found: Sequence[Member]) -> list[Option]:
    """Members to choose from; of two who are called alike the ends of their NIKs tell."""
    known = [one.name for one in found]
    return [
        Option(
            _("{name} ({end})").format(name=one.name, end=one.nik_end) if known.count(one.name) > 1 else one.name,
            value=one.id,
            key=one.id[-16:],
        )
        for one in found
    ]
