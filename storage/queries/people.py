"""People, their addresses and their roles."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select, update

from storage.prepared import Prepared
from storage.sealed import keys
from storage.tables import Address, Invitation, Member, Person, Role, Talk

set_language = Prepared(
    update(Address).where(col(Address.id) == bindparam("named")).values(language=bindparam("to_language"))
)
set_ready = Prepared(update(Address).where(col(Address.id) == bindparam("named")).values(ready_at=bindparam("moment")))
STAFF = ("collector", "officer", "treasurer", "admin")


class AlreadyGranted(Exception):
    """She holds this role already."""


class LastAdmin(Exception):
    """Without her nobody could grant a role again."""


@dataclass(frozen=True, slots=True)
class RoleHolder:
    """Somebody with a role, as an administrator sees her."""

    person_id: str
    name: str
    role: str


def roles_of(db: Session, association_id: str, person_id: str) -> frozenset[str]:
    """What a person may do."""
    hers = select(Role.role).where(Role.association_id == association_id, Role.person_id == person_id)
    return frozenset(db.exec(hers))


def role_holders(db: Session, association_id: str) -> list[RoleHolder]:
    """Everybody with a role, by role and name."""
    found = db.exec(
        select(Role.person_id, Role.role, Person.called, Member.name)
        .join(Person, col(Person.id) == col(Role.person_id))
        .join(Member, col(Member.person_id) == col(Role.person_id), isouter=True)
        .where(Role.association_id == association_id)
    )
    holders = [RoleHolder(person, name or called or "?", role) for person, role, called, name in found]
    return sorted(holders, key=lambda holder: (holder.role, holder.name))


def with_role(db: Session, association_id: str, role: str) -> list[str]:
    """The ids of everybody with that role."""
    return list(db.exec(select(Role.person_id).where(Role.association_id == association_id, Role.role == role)))


def grant(db: Session, *, association_id: str, person_id: str, role: str, by: str | None, now: datetime) -> None:
    """Give a role. Raises `AlreadyGranted`."""
    if role in roles_of(db, association_id, person_id):
        raise AlreadyGranted(role)
    db.add(Role(association_id=association_id, person_id=person_id, role=role, granted_by=by, granted_at=now))
    db.flush()


def ensure_role(db: Session, *, association_id: str, person_id: str, role: str, now: datetime) -> None:
    """Give a role unless she holds it."""
    if role not in roles_of(db, association_id, person_id):
        grant(db, association_id=association_id, person_id=person_id, role=role, by=None, now=now)


def take(db: Session, *, association_id: str, person_id: str, role: str) -> bool:
    """Take a role away; False when she does not hold it. Raises `LastAdmin`.

    All who hold the role are locked first: two administrators cannot take it from each other at once.
    """
    holders = select(Role).where(Role.association_id == association_id, Role.role == role).order_by(col(Role.id))
    held = {row.person_id: row for row in db.exec(holders.with_for_update())}
    if person_id not in held:
        return False
    if role == "admin" and len(held) == 1:
        raise LastAdmin
    db.delete(held[person_id])
    db.flush()
    return True


def name_of(db: Session, person_id: str) -> str:
    """How we call somebody: the name on the KTP where she is a member, else the name she gave herself."""
    member = db.exec(select(Member.name).where(Member.person_id == person_id)).first()
    called = db.exec(select(Person.called).where(Person.id == person_id)).first()
    return member or called or "?"


def call(db: Session, person_id: str, name: str) -> None:
    """The name she gives herself at the provider, known from her first message on, unless somebody named her."""
    nameless = (col(Person.id) == person_id, col(Person.called) == "")
    db.exec(update(Person).where(*nameless).values(called=name))


def addresses_of(db: Session, person_id: str, *, status: str = "open") -> list[Address]:
    """Where a person can be reached now, the one that she wrote from last at the end."""
    hers = (
        select(Address)
        .join(Talk, col(Talk.address_id) == col(Address.id))
        .where(Talk.person_id == person_id, col(Talk.ended_at).is_(None), Address.status == status)
    )
    return list(db.exec(hers.order_by(col(Talk.heard_at), col(Talk.id))))


def reach(db: Session, person_id: str, address_id: str | None) -> Address | None:
    """Where to tell her something: the address that she told us from, while she speaks there, else her last one."""
    hers = addresses_of(db, person_id) or addresses_of(db, person_id, status="blocked")
    return next((address for address in hers if address.id == address_id), hers[-1] if hers else None)


def find_address(db: Session, account: str, external_id: str) -> Address | None:
    """The address with the provider's own id."""
    return db.exec(select(Address).where(Address.account == account, Address.external_id == external_id)).first()


def get_address(db: Session, address_id: str) -> Address:
    """One address. Raises `sqlalchemy.exc.NoResultFound`."""
    return db.exec(select(Address).where(Address.id == address_id)).one()


def by_ids(db: Session, ids: Collection[str]) -> dict[str, Address]:
    """Addresses by their ids."""
    return {address.id: address for address in db.exec(select(Address).where(col(Address.id).in_(ids)))}


def mark_address(db: Session, address_id: str, status: str) -> None:
    """Open, blocked or bad."""
    db.exec(update(Address).where(col(Address.id) == address_id).values(status=status))


def close_address(db: Session, address_id: str, at: datetime) -> None:
    """The provider found then that she had not written for too long; what she writes later opens it again."""
    db.exec(update(Address).where(col(Address.id) == address_id).values(closed_at=at))


def move_address(db: Session, address_id: str, external_id: str) -> None:
    """The provider knows her under a new id."""
    db.exec(update(Address).where(col(Address.id) == address_id).values(external_id=external_id))


def mark_ready(db: Session, moments: Mapping[str, datetime]) -> None:
    """When the next message may go to each of these addresses."""
    rows = [{"named": address_id, "moment": moment} for address_id, moment in moments.items()]
    set_ready.many(db, rows)


def speak(db: Session, address_id: str, language: str) -> None:
    """The language of an address."""
    set_language.run(db, {"named": address_id, "to_language": language})


def invite(db: Session, *, association_id: str, role: str, code: str, by: str | None, expires_at: datetime) -> None:
    """Keep an invitation; the code itself is kept only as a blind index."""
    index = keys().blind_index(association_id, "invitation", code)
    db.add(Invitation(association_id=association_id, role=role, code_index=index, invited_by=by, expires_at=expires_at))
    db.flush()


def find_invitation(
    db: Session, association_id: str, code: str, now: datetime, *, lock: bool = False
) -> Invitation | None:
    """The unused invitation of that code, while it lasts; with `lock`, held until the commit."""
    indexes = keys().indexes(association_id, "invitation", code)
    open_one = select(Invitation).where(
        Invitation.association_id == association_id,
        col(Invitation.code_index).in_(indexes),
        col(Invitation.used_at).is_(None),
        Invitation.expires_at > now,
    )
    return db.exec(open_one.with_for_update() if lock else open_one).first()
