"""One message in, start to finish: the new place and every reply are stored together, or nothing."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property, partial
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.channels.fitting import fit
from bot.clock import Clock
from conversations import engine
from conversations.place import Place, Standing, carried_over
from conversations.proving import tell_before
from conversations.repertoire import Repertoire
from conversations.scene import Turn
from conversations.talk import Facts, House, ReceivedPhoto
from conversations.words import LANGUAGES, SOURCE_LANGUAGE
from domain.message import Abilities, Address, Incoming, Kind, ProviderId, Reply
from storage.columns import new_id
from storage.database import Database, Overtaken, StorageDown, told_as_down
from storage.queries import documents, identities, outbox, parked, people, received, talks, turns
from storage.queries.documents import ANNOUNCED, NewDocument
from storage.queries.received import Waiting

log = logging.getLogger(__name__)

RETHINKS = 8  # how often a turn may be overtaken before it has to wait
FIRST_RETRY = timedelta(seconds=2)
ALBUM = timedelta(seconds=1.5)  # the parts of an album come within this time
GO_ON = "lanjutkan"  # the word with which a talk is taken up again
OF_KTPS = ("registration", "repair")  # the conversations whose photos are of identity cards; others are of payments
FETCHED = (Kind.PHOTO, Kind.FILE)  # what must be fetched from the provider before it can be answered


class Ended(StrEnum):
    """How a message was taken in."""

    ANSWERED = "answered"
    DUPLICATE = "duplicate"
    WAITS = "waits"  # stored; it is answered after what must come first


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message."""

    ended: Ended
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A channel account as the turn needs it."""

    id: str
    house: House
    abilities: Abilities
    shares_contact: bool = False
    nik_in_chat: bool = True
    pages: str = ""  # where our own pages begin


@dataclass(frozen=True, slots=True)
class Thought:
    """What a turn decided from what it found; nothing of it is stored yet."""

    found: talks.Standing
    is_new: bool
    turn: Turn
    may_be_anothers: bool = False  # the number was silent for so long that it may have changed hands


class Turns:
    """Takes messages in. Safe to call from any number of threads."""

    def __init__(
        self, database: Database, repertoire: Repertoire, clock: Clock, accounts: Mapping[str, Account]
    ) -> None:
        self.database = database
        self.repertoire = repertoire
        self.clock = clock
        self.accounts = accounts

    def take(self, incoming: Incoming) -> Outcome:
        """A message from a provider. When this returns, it is stored for good. Raises `StorageDown`."""
        incoming = self.recognised(incoming)
        if incoming.kind in (Kind.BLOCKED, Kind.UNBLOCKED):
            return self.take_blocking(incoming)
        if incoming.kind in FETCHED or (incoming.kind is Kind.VOICE and self.listens(incoming.sender)):
            return self.let_wait(incoming, delay=ALBUM if incoming.album else timedelta(0))
        try:
            return self.answer(incoming)
        except StorageDown:
            raise
        except Exception as error:
            log.exception("a turn failed", extra={"trouble": type(error).__name__})
            return self.let_wait(incoming, delay=FIRST_RETRY, attempts=1, trouble=type(error).__name__)

    def listens(self, sender: Address) -> bool:
        """True when a voice note would answer the question that is open there."""
        with told_as_down(), self.database.glancing() as db:
            found = talks.find(db, sender)
        place = Standing.from_json(found.remembered).place if found else None
        conversation = self.repertoire.conversations.get(place.conversation) if place else None
        return place is not None and conversation is not None and place.step in conversation.hears

    def recognised(self, incoming: Incoming) -> Incoming:
        """The message as from the address under which we know its sender. Raises `StorageDown`."""
        sender, user_id = incoming.sender, incoming.user_id
        if not user_id:
            return incoming
        for _attempt in range(RETHINKS):
            try:
                with told_as_down(), self.database.glancing() as db:
                    known = identities.canonical(db, sender, user_id)
                return replace(incoming, sender=replace(sender, id=known))
            except identities.NotRecognised:
                with suppress(IntegrityError):  # another message of hers settled it just now
                    self.database.transact(partial(self.settle, sender=sender, user_id=user_id))
        raise Overtaken("who this is changes again and again")

    def settle(self, db: Session, *, sender: Address, user_id: str) -> None:
        """Find out whose address this is; whoever it may no longer be hears of it."""
        now = self.clock.now()
        tell_before(db, identities.settle(db, sender, user_id, now), now)

    def doubt_silent(self, db: Session, *, sender: Address) -> None:
        """After a long silence whoever writes must prove that she is the one; whoever it was hears of it."""
        now = self.clock.now()
        tell_before(db, identities.doubt_silent(db, sender, now), now)

    def take_waiting(self, waiting: Sequence[Waiting], photos: Sequence[NewDocument | str] = ()) -> Outcome:
        """A stored message, or an album, whose time has come. `photos`: checked ones, or the name of their trouble."""
        return self.answer(self.recognised(waiting[0].incoming), waiting, photos)

    def answer(
        self, incoming: Incoming, waiting: Sequence[Waiting] = (), photos: Sequence[NewDocument | str] = ()
    ) -> Outcome:
        """Think, then keep; when somebody changed the facts in between, think again."""
        for _attempt in range(RETHINKS):
            with told_as_down(), self.database.glancing() as db:
                thought = self.think(db, incoming, waiting, photos)
            if thought is None:
                return self.let_wait(incoming, delay=timedelta(0))
            if thought.may_be_anothers:
                self.database.transact(partial(self.doubt_silent, sender=incoming.sender))
                continue
            try:
                outcome = self.keep(Keeping(self, incoming, thought, waiting, photos))
            except Overtaken:
                continue
            return (
                self.go_on(incoming, outcome) if thought.turn.switched and outcome.ended is Ended.ANSWERED else outcome
            )
        raise Overtaken("overtaken again and again")

    def go_on(self, incoming: Incoming, outcome: Outcome) -> Outcome:
        """Somebody else speaks here now, or she came from elsewhere: her own talk goes on at once."""
        called = ProviderId(f"{incoming.provider_id}:on"[:190])
        on = replace(incoming, provider_id=called, kind=Kind.TEXT, text=GO_ON, tap="", attachments=(), form={})
        try:
            self.answer(on)
        except Exception as error:
            log.warning("the talk goes on with her next word", extra={"trouble": type(error).__name__})
        return outcome

    def keep(self, keeping: "Keeping") -> Outcome:
        """Store what a turn decided; a plain one in a single statement where the database can. Raises `Overtaken`."""
        if self.database.dialect != "postgresql" or not keeping.is_plain:
            return self.database.transact(keeping)
        with told_as_down(), self.database.glancing() as db:
            return keeping.at_once(db)

    def think(
        self,
        db: Session,
        incoming: Incoming,
        waiting: Sequence[Waiting],
        photos: Sequence[NewDocument | str],
    ) -> Thought | None:
        """Decide what to say, without changing anything; None when an earlier message must be answered first."""
        account = self.accounts[incoming.sender.account]
        now = self.clock.now().astimezone(account.house.zone)
        found = talks.find(db, incoming.sender, this_one=waiting[0].id if waiting else 0)
        waits = found.waits if found else received.has_waiting(db, incoming.sender)
        if waits and not waiting:
            return None
        is_new = found is None
        found = found or somebody_new(incoming, now)
        if may_be_anothers(db, found, incoming, now):
            return Thought(found, is_new, Turn(Standing(), ()), may_be_anothers=True)
        facts = Facts(
            house=account.house,
            person_id=found.person_id,
            address_id=found.address_id,
            language=found.language,
            now=now,
            incoming=incoming,
            turn=found.next_turn,
            photos=tuple(as_received(photo) for photo in photos),
            shares_contact=account.shares_contact,
            nik_in_chat=account.nik_in_chat,
            pages=account.pages,
            carry=self.carry,
            look=lambda: db,
            is_new=found.turn == 0 and found.came_from is None,
            shared=found.shared,
        )
        standing = Standing.from_json(found.remembered)
        if found.came_from:
            standing = carried_over(standing, Standing.from_json(found.came_from.left_here), self.repertoire.who)
        silence = engine.PAUSE if found.came_from else now - found.heard_at
        turn = engine.reply(self.repertoire, standing, facts, incoming, silence)
        return Thought(found, is_new, turn)

    def carry(self, account: str, reply: Reply) -> Sequence[Reply]:
        """A reply in the pieces in which an account carries it."""
        known = self.accounts.get(account)
        return fit(reply, known.abilities) if known else [reply]

    def let_wait(self, incoming: Incoming, *, delay: timedelta, attempts: int = 0, trouble: str = "") -> Outcome:
        """Store a message to be answered later."""
        now = self.clock.now()
        house = self.accounts[incoming.sender.account].house

        def store(db: Session) -> int | None:
            return received.add(
                db,
                incoming,
                association_id=house.id,
                status="waiting",
                now=now,
                next_at=now + delay,
                attempts=attempts,
                trouble=trouble,
            )

        stored = self.database.transact(store)
        return Outcome(Ended.DUPLICATE if stored is None else Ended.WAITS)

    def take_blocking(self, incoming: Incoming) -> Outcome:
        """She blocked us, or let us in again: what waits for her is held back."""
        now = self.clock.now()
        house = self.accounts[incoming.sender.account].house
        blocked = incoming.kind is Kind.BLOCKED

        def mark(db: Session) -> Outcome:
            if received.add(db, incoming, association_id=house.id, status="done", now=now) is None:
                return Outcome(Ended.DUPLICATE)
            address = people.find_address(db, incoming.sender.account, incoming.sender.id)
            if address:
                people.mark_address(db, address.id, "blocked" if blocked else "open")
            if address and blocked:
                outbox.suppress(db, address.id, "blocked_us", now)
            return Outcome(Ended.ANSWERED)

        return self.database.transact(mark)


class Keeping:
    """Stores what a turn decided: the message, what the steps want done, the new place, and every reply."""

    def __init__(
        self,
        turns: Turns,
        incoming: Incoming,
        thought: Thought,
        waiting: Sequence[Waiting],
        photos: Sequence[NewDocument | str],
    ) -> None:
        self.account = turns.accounts[incoming.sender.account]
        self.incoming = incoming
        self.thought = thought
        self.waiting = waiting
        self.photos = photos
        self.now = turns.clock.now()

    def __call__(self, db: Session) -> Outcome:
        """All of it. Raises `Overtaken` when the facts changed since the thought."""
        if not self.is_first_time(db):
            return Outcome(Ended.DUPLICATE)
        found = self.thought.found
        if self.thought.is_new:
            found = talks.begin(db, found, association_id=self.account.house.id, incoming=self.incoming, now=self.now)
        elif found.turn == 0:
            people.call(db, found.person_id, self.incoming.profile_name)
        if found.address_status != "open":
            people.mark_address(db, found.address_id, "open")
        if found.parked:
            parked.release(db, found.address_id, self.now)
        self.keep_photos(db)
        gaps = self.do_effects(db)
        self.move(db, found)
        self.put_replies(db, found, gaps)
        return Outcome(Ended.ANSWERED, self.thought.turn.notice)

    def is_first_time(self, db: Session) -> bool:
        """Store the message, or settle the waiting one; False when that happened before."""
        if self.waiting:
            received.redact(db, self.waiting)
            return received.settle(db, [row.id for row in self.waiting], "done")
        house = self.account.house
        stored = received.add(db, self.incoming, association_id=house.id, status="done", now=self.now)
        return stored is not None

    def keep_photos(self, db: Session) -> None:
        """Seal the photos that answered a question; the others are not ours to keep."""
        place = self.thought.turn.standing.place
        answered = str(place.draft) if place else ""
        for photo in self.photos:
            if isinstance(photo, NewDocument) and photo.id in answered:
                documents.add(
                    db,
                    photo,
                    association_id=self.account.house.id,
                    person_id=self.thought.found.person_id,
                    kind=kind_of(place),
                    now=self.now,
                )

    def do_effects(self, db: Session) -> dict[str, str]:
        """Whatever the steps want done, in their order; the words that fill the gaps of the replies."""
        gaps: dict[str, str] = {}
        for effect, talk in self.thought.turn.effects:
            gaps.update(effect(db, talk) or {})
        return gaps

    def move(self, db: Session, found: talks.Standing) -> None:
        """Store where she stands now."""
        talks.move(db, found, self.thought.turn.standing.as_json(), **self.stands(), now=self.now)

    def stands(self) -> Mapping[str, Any]:
        """The open question, for counting where people stop."""
        place = self.thought.turn.standing.place
        if place is None:
            return {"conversation": "", "version": 0, "step": ""}
        return {"conversation": place.conversation, "version": place.version, "step": place.step}

    def put_replies(self, db: Session, found: talks.Standing, gaps: Mapping[str, str]) -> None:
        """Queue every reply in pieces that the channel can carry."""
        replies = [reply.filled(gaps) for reply in self.thought.turn.replies]
        for number, piece in enumerate(self.pieces(replies), start=1):
            outbox.put(db, **self.sending(found, piece, number))

    def pieces(self, replies: Iterable[Reply]) -> list[Reply]:
        """Replies in pieces that the channel can carry."""
        return [piece for reply in replies for piece in fit(reply, self.account.abilities)]

    def sending(self, found: talks.Standing, piece: Reply, number: int) -> dict[str, Any]:
        """How a piece is queued."""
        return {
            "association_id": self.account.house.id,
            "account": self.account.id,
            "address_id": found.address_id,
            "key": f"turn:{found.talk_id}:{found.next_turn}:{number}",
            "reply": piece,
            "now": self.now,
        }

    @cached_property
    def plain_piece(self) -> Reply | None:
        """The one piece that a plain turn says; None when the turn does more than that."""
        thought = self.thought
        if (
            self.waiting
            or self.photos
            or thought.found.turn == 0
            or thought.turn.effects
            or thought.found.parked
            or thought.found.came_from
            or thought.found.address_status != "open"
        ):
            return None
        pieces = self.pieces(thought.turn.replies)
        return pieces[0] if len(pieces) == 1 else None

    @property
    def is_plain(self) -> bool:
        """True when all there is to store is the message, the standing and one reply."""
        return self.plain_piece is not None

    def at_once(self, db: Session) -> Outcome:
        """A plain turn in one statement. Raises `Overtaken`."""
        found, piece = self.thought.found, self.plain_piece
        assert piece is not None
        remembered = self.thought.turn.standing.as_json()
        new = turns.keep(
            db,
            talks.values_of(found, remembered, **self.stands(), now=self.now),
            received.values_of(self.incoming, association_id=self.account.house.id, status="done", now=self.now),
            outbox.values_of(**self.sending(found, piece, 1)),
        )
        return Outcome(Ended.ANSWERED, self.thought.turn.notice) if new else Outcome(Ended.DUPLICATE)


def kind_of(place: Place | None) -> str:
    """What a photo is that answered there."""
    if place and place.conversation in OF_KTPS:
        return "ktp"
    return ANNOUNCED if place and place.conversation == "announcing" else "proof"


def somebody_new(incoming: Incoming, now: datetime) -> talks.Standing:
    """A person whom we never heard: her ids are chosen now, and stored with her first turn."""
    language = incoming.language.partition("-")[0]
    return talks.Standing(
        talk_id=0,
        turn=0,
        address_id=new_id(),
        person_id=new_id(),
        language=language if language in LANGUAGES else SOURCE_LANGUAGE,
        address_status="open",
        heard_at=now,
        remembered={},
        waits=False,
    )


def may_be_anothers(db: Session, found: talks.Standing, incoming: Incoming, now: datetime) -> bool:
    """True when a phone number was silent for so long that it may belong to somebody else by now.

    Where the provider says who is behind the number, and it is the same as before, it does not.
    """
    if not identities.is_number(incoming.sender.id) or now - found.heard_at < identities.RECYCLED or not found.turn:
        return False
    vouched = incoming.user_id != "" and incoming.user_id == found.user_id
    return not vouched and identities.is_worth_doubting(db, found.address_id, now)


def as_received(photo: NewDocument | str) -> ReceivedPhoto:
    """A photo as the engine knows it."""
    if isinstance(photo, str):
        return ReceivedPhoto(trouble=photo)
    return ReceivedPhoto(document_id=photo.id, mime=photo.file_mime or "image/jpeg")
