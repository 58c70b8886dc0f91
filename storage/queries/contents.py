"""Content that we made at a provider."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, select

from storage.tables import Content


def known(db: Session, account: str) -> dict[str, str]:
    """The ids of the content of one account, by its name."""
    return {content.name: content.sid for content in db.exec(select(Content).where(Content.account == account))}


def remember(db: Session, *, association_id: str, account: str, sids: Mapping[str, str], now: datetime) -> None:
    """Keep these ids; a name that has another one by now gets the new one."""
    for name, sid in sids.items():
        found = db.get(Content, (account, name))
        if found is None:
            found = Content(account=account, name=name, association_id=association_id, sid=sid, made_at=now)
        if found.sid != sid:
            found.sid, found.made_at = sid, now
        db.add(found)
    db.flush()
