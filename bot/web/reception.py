"""Receives what a page of ours brings: the link is looked up, the form checked, the talk taken up again."""

import asyncio
from datetime import datetime

from sqlmodel import Session

from bot import photos
from bot.running import Running
from bot.turn import Ended
from bot.web.intake_desk import Asked, LinkState, Sent
from conversations import hints, readers
from conversations.steps import Unclear
from conversations.words import speaking
from domain.message import Address, Incoming, Kind, ProviderId
from storage.columns import new_id
from storage.queries import documents, links, people, talks
from storage.queries.documents import NewDocument
from storage.tables import Address as AddressRow
from storage.tables import Link


class Reception:
    """The house behind the intake page."""

    def __init__(self, running: Running) -> None:
        self.running = running

    async def see(self, token: str) -> tuple[LinkState, Asked | None]:
        """How it stands with a link, and what it asks for. Raises `StorageDown`."""
        return await asyncio.to_thread(self.running.database.read, lambda db: self.look_up(db, token)[:2])

    def look_up(self, db: Session, token: str) -> tuple[LinkState, Asked | None, Link | None, AddressRow | None]:
        """A link, and whose it is."""
        link = links.find(db, token, "fill")
        if link is None:
            return LinkState.UNKNOWN, None, None, None
        address = people.get_address(db, link.address_id)
        return self.state_of(db, link, address), self.asked(db, link, address), link, address

    def state_of(self, db: Session, link: Link, address: AddressRow) -> LinkState:
        """Good once, for half an hour, while its question is open and the same person speaks there."""
        if link.used_at:
            return LinkState.USED
        if link.tries >= links.TRIES:
            return LinkState.TOO_MANY
        if self.now() > link.expires_at:
            return LinkState.EXPIRED
        speaks = address.person_id == link.person_id and link.step in talks.open_steps(db, link.person_id)
        return LinkState.GOOD if speaks else LinkState.PASSED

    def asked(self, db: Session, link: Link, address: AddressRow) -> Asked:
        """What a link asks for."""
        fields = link.fields.split()
        account = self.running.turns.accounts[link.account]
        return Asked(
            association=account.house.name,
            who=people.name_of(db, link.person_id) if address.shared else "",
            nik="nik" in fields,
            photo="ktp" in fields or "ktp?" in fields,
            photo_needed="ktp" in fields,
            channel=link.account.partition("/")[0],
            language=address.language,
            back=self.running.channels[link.account].back,
        )

    def now(self) -> datetime:
        """The moment."""
        return self.running.clock.now()

    async def send(self, token: str, nik: str, photo: bytes | None) -> Sent:
        """Check the form and take it, once. Raises `StorageDown`."""
        database = self.running.database
        state, asked, link, address = await asyncio.to_thread(database.read, lambda db: self.look_up(db, token))
        if state is not LinkState.GOOD or asked is None or link is None or address is None:
            return Sent(state)
        tries = await asyncio.to_thread(database.transact, lambda db: links.count_try(db, link.id))
        if tries > links.TRIES:
            return Sent(LinkState.TOO_MANY)
        with speaking(address.language):
            nik_error = trouble_with_nik(nik, asked)
            document, photo_error = await developed(photo, asked)
        if nik_error or photo_error:
            return Sent(LinkState.GOOD, nik_error=nik_error, photo_error=photo_error)
        if document:
            await asyncio.to_thread(database.transact, lambda db: self.keep(db, link, document))
        return await self.hand_over(link, address, asked, nik, document.id if document else "")

    def keep(self, db: Session, link: Link, document: NewDocument) -> None:
        """Seal the photo at once; one that came before through this link makes room."""
        now = self.now()
        documents.add(db, document, association_id=link.association_id, person_id=link.person_id, kind="ktp", now=now)
        links.bring(db, link.id, document.id)

    async def hand_over(self, link: Link, address: AddressRow, asked: Asked, nik: str, document_id: str) -> Sent:
        """The talk goes on as if she had said it there."""
        form = {"step": link.step}
        form |= {"nik": nik} if asked.nik else {}
        form |= {"ktp": document_id} if asked.photo else {}
        incoming = Incoming(
            sender=Address(link.account, address.external_id),
            provider_id=ProviderId(f"form:{link.id}"),
            kind=Kind.FORM,
            sent_at=self.now(),
            form=form,
        )
        outcome = await self.running.take(incoming)
        await asyncio.to_thread(
            self.running.database.transact, lambda db: links.use_up(db, link.person_id, link.step, self.now())
        )
        return Sent(LinkState.USED, taken=outcome.ended is not Ended.DUPLICATE)


def trouble_with_nik(nik: str, asked: Asked) -> str:
    """Why it is no NIK, kindly; "" when it is one, or was not asked for."""
    if not asked.nik:
        return ""
    try:
        readers.nik(nik)
    except Unclear as unclear:
        return str(unclear)
    return ""


async def developed(photo: bytes | None, asked: Asked) -> tuple[NewDocument | None, str]:
    """The photo, checked and made ready to be sealed; or why it cannot be used, kindly."""
    if not photo:
        return None, hints.photo_trouble("EmptyFile") if asked.photo_needed else ""
    try:
        found = await photos.check_photo(photo)
    except photos.PhotoRefused as refusal:
        return None, hints.photo_trouble(type(refusal).__name__)
    except photos.NoDarkroom:
        return None, hints.photo_trouble("")
    return NewDocument(new_id(), found.jpeg, found.sha256, found.phash, found.width, found.height), ""
