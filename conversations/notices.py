"""News that concerns somebody who did not ask just now, in the language of each address."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlmodel import Session

from conversations.words import _, speaking
from domain.message import Button, Reply
from storage.queries import outbox, people
from storage.tables import Address


def opening(conversation: str, argument: str = "") -> str:
    """The data of a button that opens a conversation, whenever it is pressed."""
    return f">|{conversation}|{argument}"


def tell(
    db: Session,
    address: Address,
    words: Callable[[], str],
    *,
    key: str,
    now: datetime,
    button: Callable[[], tuple[str, str]] | None = None,
) -> None:
    """Queue one notice for an address, once for each `key`. `button`: label and data, in her language."""
    with speaking(address.language):
        buttons = (Button(*button()),) if button else ()
        reply = Reply(words(), buttons, numbered=False)
    outbox.put(
        db,
        association_id=address.association_id,
        account=address.account,
        address_id=address.id,
        key=f"{key}:{address.id}",
        kind="notice",
        reply=reply,
        now=now,
    )


def tell_staff(
    db: Session,
    association_id: str,
    role: str,
    words: Callable[[], str],
    *,
    key: str,
    now: datetime,
    but: Collection[str] = (),
    opens: str = "",
) -> None:
    """Queue a notice for everybody with a role, at the address that each used last."""
    for person_id in people.with_role(db, association_id, role):
        addresses = people.addresses_of(db, person_id)
        if person_id in but or not addresses:
            continue
        button = (lambda: (_("Buka"), opening(opens))) if opens else None
        tell(db, addresses[-1], words, key=key, now=now, button=button)
