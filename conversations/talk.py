"""What a step may know: the answers so far, who is talking, what day it is, and a look into storage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import Session

from conversations.answers import Answers
from domain.message import Incoming, Reply
from storage.queries import consents, identities, people

D = TypeVar("D", bound=Answers)
Carry = Callable[[str, Reply], Sequence[Reply]]
"""An account and a reply: the pieces in which the account carries it."""


@dataclass(frozen=True, slots=True)
class House:
    """The association that somebody talks with."""

    id: str
    name: str
    zone: ZoneInfo
    help_contact: str  # a human's phone number; may be empty


@dataclass(frozen=True, slots=True)
class ReceivedPhoto:
    """A photo, or another file, that came with the message: its document, or why it could not be used."""

    document_id: str = ""
    trouble: str = ""  # the name of a refusal in `bot.photos`, as in "TooBig"
    mime: str = "image/jpeg"  # of the file as it came


@dataclass(slots=True)
class Facts:
    """Everything about one turn that is not an answer."""

    house: House
    person_id: str
    address_id: str
    language: str
    now: datetime  # aware, in the association's zone
    incoming: Incoming
    turn: int = 0
    photos: tuple[ReceivedPhoto, ...] = ()
    shares_contact: bool = False  # the channel can share her own number with one press
    nik_in_chat: bool = True  # the channel allows to ask for the NIK and the KTP; else a page of ours asks
    pages: str = ""  # where our own pages begin, as in "https://host"
    carry: Carry | None = None  # cuts a reply as another account of ours would
    look: Callable[[], Session] | None = None  # opens a session to look with, once
    is_new: bool = False  # she never wrote to us before
    shared: bool = False  # several people speak from this phone
    switched: bool = False  # somebody else speaks here from now on, or she came from another address of hers
    waiting: str = ""  # what waits below the menu, as people call it
    asked: str = ""  # the question at which somebody is stuck
    found_roles: frozenset[str] | None = field(default=None, repr=False)

    @property
    def db(self) -> Session:
        """A session to look with; nothing written through it is kept."""
        if self.look is None:
            raise RuntimeError("this turn was given no look into storage")
        return self.look()

    @property
    def tag(self) -> str:
        """What marks buttons and links as this person's, on a phone from which several people speak."""
        return self.person_id[-4:]

    @property
    def own_number(self) -> str:
        """The phone number that she writes from, in E.164; "" where the channel does not show one."""
        sender = self.incoming.sender.id
        return sender if sender.startswith("+") else ""

    @property
    def was_anothers(self) -> bool:
        """True when whoever spoke from this number before may be somebody else."""
        return self.look is not None and bool(identities.doubted_here(self.db, self.address_id))

    @property
    def roles(self) -> frozenset[str]:
        """What she may do now; looked up in every turn that needs it, so that a role taken away is gone at once."""
        if self.found_roles is None:
            self.found_roles = people.roles_of(self.db, self.house.id, self.person_id)
        return self.found_roles

    @property
    def consented(self) -> bool:
        """True when she agreed that we keep what she tells us."""
        return not self.is_new and consents.given(self.db, self.house.id, self.person_id, "data")


@dataclass(slots=True)
class Talk(Generic[D]):
    """One person at one question."""

    draft: D
    facts: Facts

    @property
    def db(self) -> Session:
        """A session to look with."""
        return self.facts.db

    @property
    def house(self) -> House:
        """The association."""
        return self.facts.house

    @property
    def person_id(self) -> str:
        """Who is talking."""
        return self.facts.person_id

    @property
    def address_id(self) -> str:
        """From where."""
        return self.facts.address_id

    @property
    def now(self) -> datetime:
        """The moment, in the association's zone."""
        return self.facts.now

    @property
    def today(self) -> date:
        """The day in the association's zone."""
        return self.facts.now.date()
