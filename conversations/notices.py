"""News that concerns somebody who did not ask just now, in the language of each address."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from conversations.words import _, speaking
from domain.message import Button, Reply
from storage.queries import outbox, people
from storage.tables import Address


def opening(conversation: str, argument: str = "", *, person_id: str = "") -> str:
    """The data of a button that opens a conversation, whenever it is pressed: for one person, or for whoever it is."""
    whose = f".{person_id[-4:]}" if person_id else ""
    return f">{whose}|{conversation}|{argument}"


def tell(
    db: Session,
    person_id: str,
    words: Callable[[], str],
    *,
    key: str,
    now: datetime,
    at: str | None = None,
    button: Callable[[], tuple[str, str]] | None = None,
    buttons: Callable[[], Sequence[tuple[str, str]]] | None = None,
    document: Callable[[], str] | None = None,
    outside: Callable[[Address, Reply], Reply] | None = None,
) -> None:
    """Queue one notice for a person, once for each `key`, `at` the address where she waits for it or at her last one.

    `button`, `buttons`: label and data, in her language; `document`: makes what is shown with it, in her language too,
    and gives its id; `outside`: names the template that goes where she may not be written to freely. On a phone that
    several people share it says whom it is for. Somebody who can be reached nowhere is left to the officers, who see
    what the notice is about.
    """
    address = people.reach(db, person_id, at)
    if address is None:
        return
    with speaking(address.language):
        pressed = [*([button()] if button else []), *(buttons() if buttons else [])]
        reply = Reply(
            headed(db, address, person_id, words()),
            tuple(Button(label, data) for label, data in pressed),
            numbered=False,
            document=document() if document else "",
        )
        reply = outside(address, reply) if outside else reply
    queue(db, address, reply, key=f"{key}:{address.id}", now=now)


def queue(db: Session, address: Address, reply: Reply, *, key: str, now: datetime) -> None:
    """One notice. A picture goes before words with buttons: not every channel can show both in one message."""
    if reply.document and reply.buttons:
        queue(db, address, Reply("", document=reply.document), key=f"{key}:picture", now=now)
        reply = replace(reply, document="")
    outbox.put(
        db,
        association_id=address.association_id,
        account=address.account,
        address_id=address.id,
        key=key,
        kind="notice",
        reply=reply,
        now=now,
    )


def headed(db: Session, address: Address, person_id: str, words: str) -> str:
    """The words, with the name of whom they concern where several people would read them."""
    if not address.shared:
        return words
    return _("Untuk {name}:").format(name=people.name_of(db, person_id)) + "\n" + words


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
        if person_id in but:
            continue
        button = opening_button(opens, person_id) if opens else None
        tell(db, person_id, words, key=key, now=now, button=button)


def opening_button(opens: str, person_id: str) -> Callable[[], tuple[str, str]]:
    """A button that opens a conversation for one person, in her language."""
    return lambda: (_("Buka"), opening(opens, person_id=person_id))
