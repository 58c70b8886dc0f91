"""One-time links to pages of ours: made in a talk, good once and for a short while, and for that talk alone."""

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from storage.sealed import keys
from storage.tables import Document, Link

LASTS = timedelta(minutes=30)
LOOKS = 20  # how often a page may be looked at within that time: phones load pages again
TRIES = 10  # forms that may be refused before the link is dead


def make(
    db: Session,
    *,
    association_id: str,
    account: str,
    address_id: str,
    person_id: str,
    now: datetime,
    step: str = "",
    fields: str = "",
    subject: str = "",
) -> str:
    """A new link; its token, which is kept nowhere. With a `subject` it shows something, else it asks."""
    token = secrets.token_urlsafe(24)
    link = Link(
        association_id=association_id,
        token_index=index_of(token),
        purpose="look" if subject else "fill",
        account=account,
        address_id=address_id,
        person_id=person_id,
        step=step,
        fields=fields,
        subject=subject,
        expires_at=now + LASTS,
    )
    db.add(link)
    db.flush()
    return token


def index_of(token: str) -> str:
    """What a token is found by."""
    return keys().blind_index("", "link", token)


def find(db: Session, token: str, purpose: str) -> Link | None:
    """The link of that token, used and expired ones included."""
    indexes = keys().indexes("", "link", token)
    return db.exec(select(Link).where(col(Link.token_index).in_(indexes), Link.purpose == purpose)).first()


def lock(db: Session, link_id: str) -> Link:
    """One link, held until the commit."""
    return db.exec(select(Link).where(Link.id == link_id).with_for_update()).one()


def count_try(db: Session, link_id: str) -> int:
    """One more look or form; how many there were."""
    more = update(Link).where(col(Link.id) == link_id).values(tries=Link.tries + 1).returning(col(Link.tries))
    return int(db.connection().execute(more).scalar_one())


def bring(db: Session, link_id: str, document_id: str) -> None:
    """A photo came through this link; one that came before, with a form that was not taken, is not ours to keep."""
    link = lock(db, link_id)
    before, link.document_id = link.document_id, document_id
    db.flush()
    if before:
        forget(db, before)


def forget(db: Session, document_id: str) -> None:
    """Delete a photo that nothing points to."""
    document = db.get(Document, document_id)
    if document:
        db.delete(document)
        db.flush()


def use_up(db: Session, person_id: str, step: str, now: datetime) -> None:
    """What this link and its like asked for was answered: none of them is good any more."""
    open_ones = (col(Link.person_id) == person_id, col(Link.step) == step, col(Link.used_at).is_(None))
    db.connection().execute(update(Link).where(*open_ones, col(Link.purpose) == "fill").values(used_at=now))


def forget_stray_photos(db: Session, now: datetime) -> None:
    """Photos that came through a link whose form was never taken are not ours to keep."""
    stray = select(Link).where(
        col(Link.document_id).is_not(None), col(Link.used_at).is_(None), Link.expires_at < now - timedelta(days=1)
    )
    for link in db.exec(stray.limit(50)):
        document_id, link.document_id = link.document_id, None
        db.flush()
        forget(db, document_id or "")
