"""Looks a receipt up for whoever holds its code."""

import asyncio
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.running import Running
from bot.web.check_page import Checked
from domain.money import Rupiah
from domain.name import initials
from domain.payment import PaymentStatus
from storage.queries import associations, members, payments, receipts


class Checking:
    """The house behind the check page."""

    def __init__(self, running: Running) -> None:
        self.running = running

    async def look_up(self, code: str) -> Checked | None:
        """The receipt of that code. Raises `StorageDown`."""
        return await asyncio.to_thread(self.running.database.read, lambda db: checked(db, code))


def checked(db: Session, code: str) -> Checked | None:
    """What anybody may see of a receipt; of an association that gave it, none other is named."""
    receipt = receipts.find_by_code(db, code)
    if receipt is None:
        return None
    payment = payments.find(db, receipt.association_id, receipt.payment_id)
    assert payment is not None
    association = associations.get(db, receipt.association_id)
    return Checked(
        number=receipt.printed,
        amount=Rupiah(receipt.amount),
        day=payment.paid_on or receipt.at.astimezone(ZoneInfo(association.zone)).date(),
        initials=initials(members.get(db, receipt.association_id, receipt.member_id).name),
        association=association.name,
        voided=payment.status == PaymentStatus.REVERSED,
    )
