"""Shows an officer on a page of ours what the chat does not carry: whether he may is asked anew at every look."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import NoResultFound
from sqlmodel import Session

from bot.running import Running
from bot.turn import Account
from bot.web.intake_desk import LinkState
from bot.web.look_page import Closed, Sight, Subject, Wanted
from conversations.application_words import answers_of
from conversations.payment_news import CHECKERS
from storage.queries import applications, audit, documents, links, payments, people
from storage.tables import Address, Application, Link, Payment

ACTIONS = {Subject.KTP: "saw_ktp", Subject.NIK: "saw_nik", Subject.PROOF: "saw_proof"}
Matter = Application | Payment


@dataclass(frozen=True, slots=True)
class Found:
    """A good link and what it leads to."""

    link: Link
    matter: Matter
    account: Account
    wanted: Wanted
    purpose: str  # why the NIK is wanted


class Viewing:
    """The house behind the look page."""

    def __init__(self, running: Running) -> None:
        self.running = running

    async def see(self, token: str) -> Wanted | Closed:
        """What a link would show; changes nothing. Raises `StorageDown`."""
        found = await asyncio.to_thread(self.running.database.read, lambda db: self.look_up(db, token))
        return found if isinstance(found, Closed) else found.wanted

    async def show(self, token: str) -> Sight | Closed:
        """Count the look and note it; only when both are kept, what is to be seen. Raises `StorageDown`."""
        return await asyncio.to_thread(self.running.database.transact, lambda db: self.open(db, token))

    def open(self, db: Session, token: str) -> Sight | Closed:
        """One look: counted and noted in this transaction, and shown to nobody before its commit."""
        found = self.look_up(db, token)
        if isinstance(found, Closed):
            return found
        try:
            sight = self.sight(db, found)
        except NoResultFound:
            return Closed(LinkState.EXPIRED, found.wanted.language)
        if links.count_try(db, found.link.id) > links.LOOKS:
            return Closed(LinkState.USED, found.wanted.language)
        self.note(db, found)
        return sight

    def look_up(self, db: Session, token: str) -> Found | Closed:
        """A link and what it leads to, while whoever got it may see that."""
        link = links.find(db, token, "look")
        if link is None or link.subject.startswith("remittance/"):  # that one is for the batch page
            return Closed(LinkState.UNKNOWN)
        address = people.get_address(db, link.address_id)
        if link.tries >= links.LOOKS:
            return Closed(LinkState.USED, address.language)
        subject, matter_id, purpose = read_subject(link.subject)
        matter = matter_of(db, link.association_id, subject, matter_id)
        account = self.running.turns.accounts.get(link.account)
        if not (matter and account and self.may_look(db, link, address, matter)):
            return Closed(LinkState.EXPIRED, address.language)
        wanted = Wanted(
            subject=subject,
            number=matter.number,
            who=people.name_of(db, link.person_id),
            association=account.house.name,
            channel=link.account.partition("/")[0],
            language=address.language,
            back=self.running.channels[link.account].back,
        )
        return Found(link, matter, account, wanted, purpose)

    def may_look(self, db: Session, link: Link, address: Address, matter: Matter) -> bool:
        """For half an hour, while he holds the role, speaks where he got the link, and may decide on the matter."""
        return (
            self.now() <= link.expires_at
            and address.person_id == link.person_id
            and is_his_to_check(db, matter, link.person_id, self.now())
        )

    def sight(self, db: Session, found: Found) -> Sight:
        """What is to be seen. Raises `sqlalchemy.exc.NoResultFound` when the photo is gone."""
        at = self.now().astimezone(found.account.house.zone)
        if isinstance(found.matter, Payment):
            shown = [proof.document_id for proof in payments.proofs_of(db, found.matter.id)][-1:]
            return Sight(found.wanted, at, photo=documents.get_content(db, found.link.association_id, "".join(shown)))
        answers = answers_of(found.matter)
        if found.wanted.subject is Subject.NIK:
            return Sight(found.wanted, at, nik=answers.nik, purpose=found.purpose)
        return Sight(
            found.wanted, at, photo=documents.get_content(db, found.link.association_id, answers.get("ktp") or "")
        )

    def note(self, db: Session, found: Found) -> None:
        """Whoever looks at an identifier or a proof leaves a trace."""
        why = {"purpose": found.purpose} if found.wanted.subject is Subject.NIK else {}
        audit.note(
            db,
            association_id=found.link.association_id,
            actor_id=found.link.person_id,
            action=ACTIONS[found.wanted.subject],
            subject=f"{found.matter.__tablename__}/{found.matter.id}",
            now=self.now(),
            facts={**why, "by": "page"},
        )

    def now(self) -> datetime:
        """The moment."""
        return self.running.clock.now()


def read_subject(subject: str) -> tuple[Subject, str, str]:
    """What a link shows, of which application or payment, and why; as in "nik/<application>/<purpose>"."""
    what, _slash, rest = subject.partition("/")
    matter_id, _slash, purpose = rest.partition("/")
    return Subject(what), matter_id, purpose


def matter_of(db: Session, association_id: str, subject: Subject, matter_id: str) -> Matter | None:
    """The application or the payment that a link is about."""
    if subject is Subject.PROOF:
        return payments.find(db, association_id, matter_id)
    return applications.find(db, association_id, matter_id)


def is_his_to_check(db: Session, matter: Matter, officer_id: str, now: datetime) -> bool:
    """As in the chat: it waits for a decision, no other officer holds it, and he has no part in it himself."""
    roles = people.roles_of(db, matter.association_id, officer_id)
    if isinstance(matter, Payment):
        return bool(roles & set(CHECKERS)) and payments.may_be_decided_by(db, matter, officer_id, now)
    own = officer_id in (matter.person_id, matter.applicant_id)
    return "officer" in roles and applications.is_open_to(matter, officer_id, now) and not own
