"""Who speaks at an address: several people on one phone, one person on several, and numbers that change hands.

A person's rights and data hang on the person, never on the address; so whoever is not proven to be her is given a
person of their own, and can see nothing of hers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import exists
from sqlmodel import Session, col, or_, select, update

from domain import message
from storage.queries import applications, audit, members, outbox, people, received, talks
from storage.sealed import keys
from storage.tables import Address, Application, JoinCode, Member, Person, Role, Talk

RECYCLED = timedelta(days=90)  # after such a silence a number may have gone to somebody else
CODE_LASTS = timedelta(minutes=10)
AWAY = timedelta(hours=1)  # a pause after which she is told where she was
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
EFFORT = ("registration", "repair")  # conversations in which somebody answered what must not be lost


class NotRecognised(Exception):
    """Something about this address must be settled before it can be answered."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who speaks at an address."""

    person_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Reached:
    """An address of somebody, as she would call it."""

    address_id: str
    channel: str
    end: str  # the last four digits of a phone number; else ""


# ── on the way of every message that says who sends it ───────────────────────────────────────────────────────────


def canonical(db: Session, sender: message.Address, user_id: str) -> str:
    """The id under which we know an address. Raises `NotRecognised` when that must be settled first."""
    by_user, by_id = both(db, sender, user_id)
    if by_user is None and by_id is None:
        return sender.id
    if by_user is None or (by_id is not None and by_id.id != by_user.id):
        raise NotRecognised
    if by_id is None and is_number(sender.id) and by_user.external_id != sender.id:
        raise NotRecognised
    return by_user.external_id


def both(db: Session, sender: message.Address, user_id: str) -> tuple[Address | None, Address | None]:
    """The address of that user, and the address of that id."""
    ours = (Address.account == sender.account, Address.status != "left")
    by_user = db.exec(select(Address).where(*ours, Address.user_id == user_id)).first()
    by_id = db.exec(select(Address).where(*ours, Address.external_id == sender.id)).first()
    return by_user, by_id


def is_number(external_id: str) -> bool:
    """True when an address is a phone number, which may one day belong to somebody else."""
    return external_id.startswith("+")


def settle(db: Session, sender: message.Address, user_id: str, now: datetime) -> list[str]:
    """Bring together what belongs together, and keep apart what does not, before the message is answered.

    Gives the persons of whom it is in doubt whether they write here any more.
    """
    by_user, by_id = both(db, sender, user_id)
    doubted: list[str] = []
    if by_id is not None and by_id is not by_user and must_prove(db, by_id, user_id, now):
        received.give_up(db, message.Address(by_id.account, by_id.external_id), "changed_hands")
        doubted = doubt(db, by_id, now)
        by_id.user_id = ""
    if by_user is None and by_id is not None:
        by_id.user_id = user_id
    elif by_user is not None and by_id is None and is_number(sender.id):
        note(db, by_user, "number_appeared" if not is_number(by_user.external_id) else "number_changed", now)
        by_user.external_id = sender.id
    elif by_user is not None and by_id is not None and by_user is not by_id:
        move_in(db, by_user, by_id, now)
        by_id.user_id = user_id
    db.flush()
    return doubted


def must_prove(db: Session, address: Address, user_id: str, now: datetime) -> bool:
    """True when whoever writes from here now may not be who wrote before."""
    if address.user_id:
        return address.user_id != user_id
    return was_silent(db, address, now)


def was_silent(db: Session, address: Address, now: datetime) -> bool:
    """True when nobody wrote from here for so long that the number may have changed hands."""
    return is_number(address.external_id) and is_worth_doubting(db, address.id, now)


def move_in(db: Session, left: Address, address: Address, now: datetime) -> None:
    """The same user is known at two addresses: from now on at `address`, with all who spoke at the other."""
    for talk in active(db, left.id):
        db.add(moved(talk, address))
        talk.ended_at, talk.ended_why = now, "moved"
    left.status, left.user_id = "left", ""
    db.flush()
    newcomer = left.person_id
    if has_anything(db, newcomer) or not has_anything(db, address.person_id):
        address.person_id = newcomer
    forget_the_empty(db, address, now)
    outbox.suppress(db, left.id, "moved", now)
    note(db, address, "number_appeared", now)


def moved(talk: Talk, address: Address) -> Talk:
    """The same talk at another address, with all that it remembers."""
    remembered = talks.opened(talk.standing_sealed, talk.address_id, talk.person_id)
    return Talk(
        association_id=talk.association_id,
        address_id=address.id,
        person_id=talk.person_id,
        turn=talk.turn,
        conversation=talk.conversation,
        version=talk.version,
        step=talk.step,
        standing_sealed=talks.sealed(remembered, address.id, talk.person_id),
        heard_at=talk.heard_at,
    )


# ── a number that changed hands ──────────────────────────────────────────────────────────────────────────────────


def doubt(db: Session, address: Address, now: datetime) -> list[str]:
    """Whoever writes from here now is somebody new until proven otherwise; the persons who spoke here before."""
    before = end_all(db, address.id, "doubted", now)
    outbox.suppress(db, address.id, "changed_hands", now)
    stranger(db, address, now)
    note(db, address, "doubted_address", now, persons=len(before))
    return before


def is_worth_doubting(db: Session, address_id: str, now: datetime) -> bool:
    """True when nobody wrote from here for long, and somebody who did has anything that another must not see."""
    last = talks.last_heard(db, address_id)
    silent = last is not None and now - last >= RECYCLED
    return silent and any(has_anything(db, talk.person_id) for talk in active(db, address_id))


def doubt_silent(db: Session, sender: message.Address, now: datetime) -> list[str]:
    """Doubt an address, unless somebody did so just now; the persons who spoke there."""
    address = people.find_address(db, sender.account, sender.id)
    return doubt(db, address, now) if address and is_worth_doubting(db, address.id, now) else []


def stranger(db: Session, address: Address, now: datetime) -> None:
    """A person of whom we know nothing, at this address."""
    person = Person(association_id=address.association_id, created_at=now)
    db.add(person)
    db.flush()
    address.shared, address.joined, address.language = False, False, "id"
    let_speak(db, address, person.id, now)


def doubted_here(db: Session, address_id: str) -> list[str]:
    """The persons who spoke here before the number was doubted."""
    here = select(Talk.person_id).where(Talk.address_id == address_id, Talk.ended_why == "doubted")
    return list(db.exec(here.order_by(col(Talk.id))))


def proofs(db: Session, association_id: str, person_id: str) -> list[tuple[str, date]]:
    """What only she would know: the last four digits of her NIK and her birth date, as she gave them to us."""
    member = members.find_of_person(db, association_id, person_id)
    known = [(member.nik_end, member.birth_date)] if member else []
    for application in applications.of_applicant(db, association_id, person_id):
        answers = applications.answers_of(application)
        if application.person_id == person_id:
            known.append((answers["nik"][-4:], date.fromisoformat(answers["birth_date"])))
    return known


def reinstate(db: Session, address_id: str, person_id: str, now: datetime) -> None:
    """She proved who she is: the address is hers again."""
    address = people.get_address(db, address_id)
    let_speak(db, address, person_id, now)
    forget_the_empty(db, address, now)
    note(db, address, "reinstated_address", now)


# ── several people at one address ────────────────────────────────────────────────────────────────────────────────


def speakers(db: Session, address_id: str) -> list[Speaker]:
    """Everybody who speaks at an address, in the order in which they came."""
    return [Speaker(talk.person_id, people.name_of(db, talk.person_id)) for talk in active(db, address_id)]


def active(db: Session, address_id: str) -> list[Talk]:
    """The talks that go on at an address."""
    return list(
        db.exec(select(Talk).where(Talk.address_id == address_id, col(Talk.ended_at).is_(None)).order_by(col(Talk.id)))
    )


def add_speaker(db: Session, address_id: str, name: str, now: datetime) -> str:
    """Somebody new at this phone, who speaks now."""
    address = people.get_address(db, address_id)
    person = Person(association_id=address.association_id, called=name, created_at=now)
    db.add(person)
    db.flush()
    let_speak(db, address, person.id, now)
    note(db, address, "added_speaker", now)
    return person.id


def switch(db: Session, address_id: str, person_id: str, now: datetime) -> None:
    """Another one of those who speak here speaks now."""
    let_speak(db, people.get_address(db, address_id), person_id, now)


def let_speak(db: Session, address: Address, person_id: str, now: datetime, *, current: bool = True) -> None:
    """She speaks here, from now on or again; with `current`, at once."""
    talk = db.exec(select(Talk).where(Talk.address_id == address.id, Talk.person_id == person_id)).first()
    if talk is None:
        talk = Talk(
            association_id=address.association_id, address_id=address.id, person_id=person_id, heard_at=LONG_AGO
        )
    talk.ended_at, talk.ended_why = None, ""
    db.add(talk)
    if current:
        address.person_id = person_id
    db.flush()
    count_again(db, address)


def separate(db: Session, address_id: str, person_id: str, now: datetime, *, by: str | None, but_for: str = "") -> None:
    """She speaks there no more; who is left there goes on, or a stranger.

    `but_for`: the conversation in which that was decided, and which does not go on elsewhere.
    """
    address = people.get_address(db, address_id)
    take_along(db, address_id, person_id, now, but_for)
    end(db, address_id, [person_id], "separated", now)
    left = active(db, address_id)
    if address.person_id == person_id and left:
        address.person_id = left[0].person_id
    elif not left:
        stranger(db, address, now)
    if len(left) == 0:
        outbox.suppress(db, address_id, "separated", now)
    note(db, address, "separated_address", now, by=by, person=person_id)
    for reached in [address, *people.addresses_of(db, person_id)]:
        count_again(db, reached)


def take_along(db: Session, address_id: str, person_id: str, now: datetime, but_for: str) -> None:
    """Where she leaves off here she goes on at the other address of hers that she used last, and is told so there."""
    hers = select(Talk).where(Talk.person_id == person_id, col(Talk.ended_at).is_(None))
    *others, newest = sorted(db.exec(hers), key=lambda talk: talk.heard_at)
    if newest.address_id != address_id or not others:
        return
    heir = others[-1]
    remembered = talks.opened(newest.standing_sealed, newest.address_id, person_id)
    remembered["place"] = next(
        (one for one in talks.stack(remembered.get("place")) if one["conversation"] != but_for), None
    )
    heir.standing_sealed = talks.sealed(remembered, heir.address_id, person_id)
    heir.conversation, heir.version, heir.step = newest.conversation, newest.version, newest.step
    heir.turn, heir.heard_at = max(heir.turn, newest.turn) + 1, min(heir.heard_at, now - AWAY)
    db.flush()


# ── one person at several addresses ──────────────────────────────────────────────────────────────────────────────


def make_code(db: Session, *, association_id: str, person_id: str, address_id: str, code: str, now: datetime) -> None:
    """Keep a code for another address of hers; earlier ones are good no more."""
    open_ones = update(JoinCode).where(col(JoinCode.person_id) == person_id, col(JoinCode.used_at).is_(None))
    db.connection().execute(open_ones.values(used_at=now))
    db.add(
        JoinCode(
            association_id=association_id,
            code_index=keys().blind_index(association_id, "join_code", code),
            person_id=person_id,
            address_id=address_id,
            expires_at=now + CODE_LASTS,
        )
    )
    db.flush()


def find_code(db: Session, association_id: str, code: str, now: datetime, *, lock: bool = False) -> JoinCode | None:
    """The unused code, while it lasts; with `lock`, held until the commit."""
    fits = select(JoinCode).where(
        JoinCode.association_id == association_id,
        col(JoinCode.code_index).in_(keys().indexes(association_id, "join_code", code)),
        col(JoinCode.used_at).is_(None),
        JoinCode.expires_at > now,
    )
    return db.exec(fits.with_for_update() if lock else fits).first()


def join(db: Session, address_id: str, code: JoinCode, now: datetime) -> None:
    """Whoever asked for the code speaks here as well, and now; who was nobody yet is forgotten."""
    code.used_at = now
    address = people.get_address(db, address_id)
    address.language = people.get_address(db, code.address_id).language
    let_speak(db, address, code.person_id, now)
    forget_the_empty(db, address, now)
    for reached in people.addresses_of(db, code.person_id):
        count_again(db, reached)
    note(db, address, "joined_address", now, by=code.person_id)


def reached_at(db: Session, person_id: str) -> list[Reached]:
    """Every address at which a person speaks, in an order that does not change while she chooses."""
    return [as_reached(one) for one in sorted(people.addresses_of(db, person_id), key=lambda address: address.id)]


def as_reached(address: Address) -> Reached:
    """An address as its owner would call it."""
    number = address.external_id if is_number(address.external_id) else ""
    return Reached(address.id, address.account.partition("/")[0], number[-4:])


def forget_the_empty(db: Session, address: Address, now: datetime) -> None:
    """Who spoke here without beginning anything speaks here no more, now that somebody else does."""
    others = [talk for talk in active(db, address.id) if talk.person_id != address.person_id]
    empty = [talk.person_id for talk in others if not has_anything(db, talk.person_id)]
    end(db, address.id, empty, "joined", now)
    count_again(db, address)


def has_anything(db: Session, person_id: str) -> bool:
    """True when something hangs on a person: an application, a membership, a role, answers that took effort."""
    applied = exists().where(or_(col(Application.person_id) == person_id, col(Application.applicant_id) == person_id))
    member = exists().where(col(Member.person_id) == person_id)
    role = exists().where(col(Role.person_id) == person_id)
    return bool(db.exec(select(or_(applied, member, role))).one()) or has_begun(db, person_id)


def has_begun(db: Session, person_id: str) -> bool:
    """True when she stands in a conversation, or lately left one, in which an answer took effort."""
    for talk in db.exec(select(Talk).where(Talk.person_id == person_id, Talk.ended_why != "moved")):
        remembered = talks.opened(talk.standing_sealed, talk.address_id, person_id)
        if any(
            place["conversation"] in EFFORT for top in ("place", "undo") for place in talks.stack(remembered.get(top))
        ):
            return True
    return False


# ── what the above have in common ────────────────────────────────────────────────────────────────────────────────


def end_all(db: Session, address_id: str, why: str, now: datetime) -> list[str]:
    """Nobody speaks there any more; who did."""
    ended = [talk.person_id for talk in active(db, address_id)]
    end(db, address_id, ended, why, now)
    return ended


def end(db: Session, address_id: str, persons: Collection[str], why: str, now: datetime) -> None:
    """These speak there no more."""
    for talk in active(db, address_id):
        if talk.person_id in persons:
            talk.ended_at, talk.ended_why = now, why
    db.flush()


def count_again(db: Session, address: Address) -> None:
    """Whether several people speak there, and whether any of them speaks elsewhere too."""
    here = [talk.person_id for talk in active(db, address.id)]
    elsewhere = select(Talk.id).where(
        col(Talk.person_id).in_(here), Talk.address_id != address.id, col(Talk.ended_at).is_(None)
    )
    address.shared = len(here) > 1
    address.joined = db.exec(elsewhere.limit(1)).first() is not None
    db.flush()


def note(
    db: Session, address: Address, action: str, now: datetime, *, by: str | None = None, **facts: str | int
) -> None:
    """One row in the audit trail."""
    audit.note(
        db,
        association_id=address.association_id,
        actor_id=by,
        action=action,
        subject=f"address/{address.id}",
        now=now,
        facts=facts,
    )
