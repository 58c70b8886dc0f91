"""The house behind the batch page: who may is asked anew each time, what leaves is noted, what comes is looked at."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from sqlmodel import Session

from bot import reconciliation
from bot.bpjs_results import Answer, answer_in
from bot.reconciliation import Report
from bot.remittance_sheets import rows_of, sheet_of
from bot.running import Running
from bot.sheets import Format
from bot.web.batch_page import Examined, Offered
from bot.web.intake_desk import LinkState
from bot.web.look_page import Closed
from conversations.remittance_words import STATUS
from conversations.words import _, speaking
from domain.remittance import RemittanceStatus as Status
from storage.queries import links, people, remittances
from storage.queries.remittance_results import TOLD_OF
from storage.tables import Address, Link, Remittance

SUBJECT = "remittance/"  # begins what such a link shows
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """A good link, and the batch that it leads to."""

    link: Link
    remittance: Remittance
    offered: Offered


class Counter:
    """Each call raises `StorageDown` when the database does not answer."""

    def __init__(self, running: Running) -> None:
        self.running = running

    async def see(self, token: str) -> Offered | Closed:
        """What can be done through a link; changes nothing."""
        found = await asyncio.to_thread(self.running.database.read, lambda db: self.look_up(db, token))
        return found if isinstance(found, Closed) else found.offered

    async def sheet(self, token: str, form: Format) -> bytes | Closed:
        """The sheet for BPJS; counted and noted before it leaves."""

        def take_out(db: Session, found: Found) -> bytes | Closed:
            if links.count_try(db, found.link.id) > links.LOOKS:
                return Closed(LinkState.USED, found.offered.language)
            rows = rows_of(db, found.remittance)
            now, by = self.now(), found.link.person_id
            remittances.note(db, found.remittance, "exported", by=by, now=now, lines=len(rows), to="page")
            return sheet_of(rows, form)

        return await self.do(token, take_out)

    async def examine(self, token: str, content: bytes) -> Examined | Closed:
        """What BPJS's answer would settle. Raises `NotASheet`, `DoesNotFit`."""
        answer = await asyncio.to_thread(answer_in, content)

        def look(db: Session, found: Found) -> Examined | Closed:
            if links.count_try(db, found.link.id) > links.LOOKS:
                return Closed(LinkState.USED, found.offered.language)
            return looked(db, found, answer, content)

        return await self.do(token, look)

    async def take(self, token: str, content: bytes, seen: str) -> Examined | Closed:
        """Settle what was shown; when it would be something else by now, that is shown instead.

        Raises `NotASheet`, `DoesNotFit`.
        """
        answer = await asyncio.to_thread(answer_in, content)

        def settle(db: Session, found: Found) -> Examined | Closed:
            remittances.lock(db, found.link.association_id, found.remittance.id)
            examined = looked(db, found, answer, content)
            if examined.seen != seen:
                return examined
            zone = self.running.turns.accounts[found.link.account].house.zone
            report = reconciliation.take(
                db,
                found.link.association_id,
                answer,
                number=found.remittance.number,
                by=found.link.person_id,
                now=self.now().astimezone(zone),
            )
            return Examined(found.offered, report)

        return await self.do(token, settle)

    async def do(self, token: str, work: Callable[[Session, Found], T | Closed]) -> T | Closed:
        """Work in one transaction, while whoever got the link may do it."""

        def guarded(db: Session) -> T | Closed:
            found = self.look_up(db, token)
            return found if isinstance(found, Closed) else work(db, found)

        return await asyncio.to_thread(self.running.database.transact, guarded)

    def look_up(self, db: Session, token: str) -> Found | Closed:
        """A link and its batch, while it is good."""
        link = links.find(db, token, "look")
        if link is None or not link.subject.startswith(SUBJECT):
            return Closed(LinkState.UNKNOWN)
        address = people.get_address(db, link.address_id)
        if link.tries >= links.LOOKS:
            return Closed(LinkState.USED, address.language)
        remittance = remittances.find(db, link.association_id, link.subject.removeprefix(SUBJECT))
        if remittance is None or not self.is_hers(db, link, address):
            return Closed(LinkState.EXPIRED, address.language)
        if remittance.status == Status.CANCELLED:
            return Closed(LinkState.PASSED, address.language)
        return Found(link, remittance, self.offered(db, link, address, remittance))

    def is_hers(self, db: Session, link: Link, address: Address) -> bool:
        """For half an hour, while she is treasurer and speaks where she got the link."""
        return (
            self.now() <= link.expires_at
            and address.person_id == link.person_id
            and "treasurer" in people.roles_of(db, link.association_id, link.person_id)
            and link.account in self.running.turns.accounts
        )

    def offered(self, db: Session, link: Link, address: Address, remittance: Remittance) -> Offered:
        """What the page tells of a batch."""
        lines, total = remittances.counted(db, remittance)
        with speaking(address.language):
            status = _(STATUS[Status(remittance.status)])
        return Offered(
            number=remittance.number,
            status=status,
            lines=lines,
            total=total,
            answers=remittance.status in TOLD_OF,
            association=self.running.turns.accounts[link.account].house.name,
            channel=link.account.partition("/")[0],
            language=address.language,
            back=self.running.channels[link.account].back,
        )

    def now(self) -> datetime:
        """The moment."""
        return self.running.clock.now()


def looked(db: Session, found: Found, answer: Answer, content: bytes) -> Examined:
    """What an answer would settle, with the sheet itself, so that the very same is confirmed. Raises `DoesNotFit`."""
    report = reconciliation.look(db, found.link.association_id, answer, number=found.remittance.number)
    return Examined(found.offered, report, seen=in_short(report), content=b64encode(content).decode())


def in_short(report: Report) -> str:
    """What a report tells, as a hash: two that are alike settle the same."""
    told = [(one.told.row, one.verdict.value, one.adds, one.line.id if one.line else 0) for one in report.outcomes]
    return sha256(repr(told).encode()).hexdigest()
