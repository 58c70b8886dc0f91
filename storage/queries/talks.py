"""Where people stand in their talks. On every message's way, so written in Core."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, exists, func, insert, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from domain import message
from storage.database import Overtaken
from storage.prepared import Prepared, moment
from storage.sealed import bound, keys
from storage.tables import Address, Message, Person, Received, Talk


@dataclass(frozen=True, slots=True)
class Standing:
    """A talk as it was found: whose it is, at which turn, and everything it remembers (JSON)."""

    talk_id: int
    turn: int
    address_id: str
    person_id: str
    language: str
    address_status: str
    heard_at: datetime
    remembered: dict[str, Any]
    waits: bool  # an earlier message of hers is not answered yet
    parked: bool = False  # messages wait for her next word
    shared: bool = False  # several people speak at this address
    joined: bool = False  # she speaks at other addresses too
    user_id: str = ""  # who is behind the address, as the provider says
    came_from: "Elsewhere | None" = None  # she left off at another address of hers: the talk goes on here

    @property
    def next_turn(self) -> int:
        """The number of the turn that follows; higher than any of hers, wherever she had it."""
        return max(self.turn, self.came_from.turn if self.came_from else 0) + 1


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Her talk at another address, where she was last."""

    talk_id: int
    turn: int
    left_here: dict[str, Any]  # what the talk remembered here


waiting_before = exists().where(
    col(Received.account) == Address.account,
    col(Received.sender) == Address.external_id,
    literal_column("received.status = 'waiting'"),
    col(Received.id) != bindparam("this_one"),
)
parked_here = exists().where(col(Message.address_id) == col(Address.id), literal_column("message.status = 'parked'"))
find_standing = Prepared(
    select(
        col(Talk.id),
        col(Talk.turn),
        col(Address.id),
        col(Address.person_id),
        col(Address.language),
        col(Address.status),
        col(Talk.heard_at),
        col(Talk.standing_sealed),
        waiting_before,
        parked_here,
        col(Address.shared),
        col(Address.joined),
        col(Address.user_id),
    )  # type: ignore[call-overload]
    .join(Address, (col(Talk.address_id) == col(Address.id)) & (col(Talk.person_id) == col(Address.person_id)))
    .where(col(Address.account) == bindparam("account"), col(Address.external_id) == bindparam("external_id"))
)
find_elsewhere = Prepared(
    select(col(Talk.id), col(Talk.turn), col(Talk.address_id), col(Talk.standing_sealed))
    .where(
        col(Talk.person_id) == bindparam("person_id"),
        col(Talk.id) != bindparam("but"),
        col(Talk.ended_at).is_(None) | (col(Talk.ended_why) == "doubted"),  # what she said there is hers all the same
        col(Talk.heard_at) > bindparam("later_than"),
    )
    .order_by(col(Talk.heard_at).desc())
    .limit(1)
)
heard_here = Prepared(
    select(func.max(Talk.heard_at)).where(col(Talk.address_id) == bindparam("named"), col(Talk.turn) > 0)
)
NEXT_STANDING: dict[str, Any] = {  # column → what `values_of` says
    "turn": bindparam("to_turn"),
    "conversation": bindparam("to_conversation"),
    "version": bindparam("to_version"),
    "step": bindparam("to_step"),
    "standing_sealed": bindparam("remembered"),
    "heard_at": bindparam("now"),
}
move_on = Prepared(
    update(Talk)
    .where(col(Talk.id) == bindparam("talk_id"), col(Talk.turn) == bindparam("at_turn"))
    .values(NEXT_STANDING)
    .returning(col(Talk.id))
)


add_person = Prepared(
    insert(Person).values(
        id=bindparam("person_id"),
        association_id=bindparam("association_id"),
        called=bindparam("called"),
        created_at=bindparam("now"),
    )
)


def adding_address(insert: Any) -> Any:
    """The statement that keeps a new address unless it exists."""
    return (
        insert(Address)
        .values(
            id=bindparam("address_id"),
            association_id=bindparam("association_id"),
            account=bindparam("account"),
            external_id=bindparam("external_id"),
            user_id=bindparam("user_id"),
            person_id=bindparam("person_id"),
            language=bindparam("language"),
            status="open",
            shared=False,
            joined=False,
            created_at=bindparam("now"),
        )
        .on_conflict_do_nothing()
        .returning(col(Address.id))
    )


add_address = Prepared(adding_address(postgresql.insert), sqlite=adding_address(sqlite.insert))
add_talk = Prepared(
    insert(Talk)
    .values(
        association_id=bindparam("association_id"),
        address_id=bindparam("address_id"),
        person_id=bindparam("person_id"),
        turn=0,
        conversation="",
        version=0,
        step="",
        standing_sealed="",
        heard_at=bindparam("now"),
        ended_why="",
    )
    .returning(col(Talk.id))
)


def find(db: Session, sender: message.Address, *, this_one: int = 0) -> Standing | None:
    """The talk at an address, and whether another message of hers than `this_one` still waits."""
    row = find_standing.one(db, account=sender.account, external_id=sender.id, this_one=this_one)
    if row is None:
        return None
    talk_id, turn, address_id, person_id, language, status, heard_at, standing, waits, parked, shared, joined, who = row
    found = Standing(
        talk_id,
        turn,
        address_id,
        person_id,
        language,
        status,
        moment(heard_at),
        opened(standing, address_id, person_id),
        bool(waits),
        bool(parked),
        bool(shared),
        bool(joined),
        who,
    )
    return followed(db, found) if found.joined else found


def opened(sealed: str, address_id: str, person_id: str) -> dict[str, Any]:
    """What a talk remembers."""
    if not sealed:
        return {}
    remembered: dict[str, Any] = orjson.loads(keys().open(sealed, bound_to=place_of(address_id, person_id)))
    return remembered


def sealed(remembered: dict[str, Any], address_id: str, person_id: str) -> str:
    """What a talk remembers, as it is stored."""
    return keys().seal(orjson.dumps(remembered), bound_to=place_of(address_id, person_id))


def followed(db: Session, found: Standing) -> Standing:
    """The same talk; where she was at another address of hers since, with what it remembers there."""
    row = find_elsewhere.one(db, person_id=found.person_id, but=found.talk_id, later_than=found.heard_at)
    if row is None:
        return found
    talk_id, turn, address_id, standing = row
    remembered = opened(standing, address_id, found.person_id)
    return replace(found, remembered=remembered, came_from=Elsewhere(talk_id, turn, found.remembered))


def last_heard(db: Session, address_id: str) -> datetime | None:
    """When somebody last wrote from an address, whoever it was; None: nobody ever did."""
    row = heard_here.one(db, named=address_id)
    return moment(row[0]) if row and row[0] else None


def place_of(address_id: str, person_id: str) -> str:
    """What a talk's memory is sealed to."""
    return bound("", "talk", "standing", f"{address_id}/{person_id}")


def move(
    db: Session,
    found: Standing,
    remembered: dict[str, Any],
    *,
    conversation: str,
    version: int,
    step: str,
    now: datetime,
) -> None:
    """Store where she stands now. Raises `Overtaken` when another message of hers was answered in between."""
    values = values_of(found, remembered, conversation=conversation, version=version, step=step, now=now)
    if move_on.one(db, **values) is None or not left_there(db, found):
        raise Overtaken("another message of hers was answered in between")


def left_there(db: Session, found: Standing) -> bool:
    """Let the talk at her other address know that it went on here; False when it went on there in between."""
    other = found.came_from
    if other is None:
        return True
    left = update(Talk).where(col(Talk.id) == other.talk_id, col(Talk.turn) == other.turn).values(turn=found.next_turn)
    return db.connection().execute(left.returning(col(Talk.id))).first() is not None


def values_of(
    found: Standing, remembered: dict[str, Any], *, conversation: str, version: int, step: str, now: datetime
) -> dict[str, Any]:
    """A talk's next standing, sealed, and the turn that it follows."""
    return {
        "talk_id": found.talk_id,
        "at_turn": found.turn,
        "to_turn": found.next_turn,
        "to_conversation": conversation,
        "to_version": version,
        "to_step": step,
        "remembered": sealed(remembered, found.address_id, found.person_id),
        "now": now,
    }


def begin(
    db: Session, somebody: Standing, *, association_id: str, incoming: message.Incoming, now: datetime
) -> Standing:
    """A person whom we never heard, at an address that we never saw. Raises `Overtaken` when it exists by now."""
    sender = incoming.sender
    facts = {"association_id": association_id, "person_id": somebody.person_id, "now": now}
    add_person.run(db, {**facts, "called": incoming.profile_name})
    address = {"address_id": somebody.address_id, "account": sender.account, "external_id": sender.id}
    address["user_id"] = incoming.user_id
    if add_address.one(db, **facts, **address, language=somebody.language) is None:
        raise Overtaken("her first message was answered in between")
    added = add_talk.one(db, **facts, address_id=somebody.address_id)
    assert added is not None
    return replace(somebody, talk_id=added[0])


def ensure_address(db: Session, *, association_id: str, account: str, external_id: str, now: datetime) -> Address:
    """The address, with a person and a talk of its own if it never wrote to us."""
    found = db.exec(select(Address).where(Address.account == account, Address.external_id == external_id)).first()
    if found:
        return found
    person = Person(association_id=association_id, created_at=now)
    db.add(person)
    db.flush()
    address = Address(
        association_id=association_id,
        account=account,
        external_id=external_id,
        person_id=person.id,
        created_at=now,
    )
    db.add(address)
    db.flush()
    db.add(Talk(association_id=association_id, address_id=address.id, person_id=person.id, heard_at=now))
    db.flush()
    return address


def open_steps(db: Session, person_id: str) -> set[str]:
    """The questions that are open for a person, wherever she speaks, those that wait below another included."""
    hers = select(Talk).where(Talk.person_id == person_id, col(Talk.ended_at).is_(None))
    remembered = [opened(talk.standing_sealed, talk.address_id, person_id) for talk in db.exec(hers)]
    return {place["step"] for one in remembered for place in stack(one.get("place"))}


def stack(place: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """A place as it is remembered, and what waits below it."""
    while place:
        yield place
        place = place.get("below")


def kinds_in_flight(db: Session) -> list[tuple[str, int, str]]:
    """Where people stand now: each conversation, version and step once."""
    standing = select(Talk.conversation, Talk.version, Talk.step).where(col(Talk.conversation) != "").distinct()
    return list(db.exec(standing))
