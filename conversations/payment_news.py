"""What follows a decision about money: whoever it concerns hears of it at once, with the receipt."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlmodel import Session

from conversations.month_words import spans
from conversations.notices import opening, tell, tell_staff
from conversations.receipt_words import receipt_picture, still_owed, sums
from conversations.templates import receipt_told, whom
from conversations.words import _, rupiah
from domain.dues import Way
from domain.message import Reply
from domain.money import Rupiah
from storage.queries import associations, documents, members, people
from storage.tables import Address, Member, Payment, Receipt

CHECKERS = ("officer", "treasurer")
"""The roles of those who look for the money."""

Buttons = Callable[[str], Sequence[tuple[str, str]]]
"""Person → labels and data of the buttons for her, in the language spoken now."""


def tell_paid(
    db: Session, payment: Payment, receipt: Receipt, *, pages: str, now: datetime, buttons: Buttons | None = None
) -> None:
    """The member hears what came of the payment, and so does whoever paid for her; each gets the receipt."""
    member = members.get(db, payment.association_id, payment.member_id)
    for person_id in concerned(payment, member):
        tell(
            db,
            person_id,
            partial(paid, db, payment, receipt, member),
            key=f"payment:{payment.id}:paid:{person_id}",
            now=now,
            at=payment.address_id,
            buttons=partial(buttons, person_id) if buttons else None,
            document=partial(drawn, db, receipt, member, pages=pages, now=now),
            outside=partial(in_short, db, receipt, person_id),
        )


def in_short(db: Session, receipt: Receipt, person_id: str, address: Address, reply: Reply) -> Reply:
    """That there is a receipt, for somebody who has not written for long."""
    house = associations.get(db, receipt.association_id).name
    return receipt_told(reply, house, whom(db, address, person_id), Rupiah(receipt.amount), receipt.printed)


def concerned(payment: Payment, member: Member) -> list[str]:
    """The member, and whoever paid for her."""
    return list(dict.fromkeys((member.person_id, payment.payer_id)))


def drawn(db: Session, receipt: Receipt, member: Member, *, pages: str, now: datetime) -> str:
    """The receipt as a picture that is drawn when it is sent; its id."""
    stored = receipt_picture(db, receipt, pages).as_json()
    return documents.add_drawing(db, stored, association_id=receipt.association_id, person_id=member.person_id, now=now)


def paid(db: Session, payment: Payment, receipt: Receipt, member: Member) -> str:
    """What was received, what it paid, and what is still owed or left over."""
    by_month, _by_part = sums(receipt)
    left = _("Sisanya {amount} dihitung untuk bulan berikutnya.").format(amount=rupiah(receipt.credit))
    lines = [
        received(db, payment, receipt, member),
        _("Untuk {months}.").format(months=spans(by_month)) if by_month else "",
        still_owed(db, payment, member),
        left if receipt.credit else "",
        "" if payment.way == Way.BPJS else _("Berikutnya asosiasi menyetorkannya ke BPJS."),
    ]
    return "\n".join(filter(None, lines))


def received(db: Session, payment: Payment, receipt: Receipt, member: Member) -> str:
    """The money, the member, and the number of the receipt; of cash, who took it."""
    facts = {"amount": rupiah(receipt.amount), "name": member.name, "receipt": receipt.printed}
    if payment.collector_id:
        who = people.name_of(db, payment.collector_id)
        return _("{who} menerima {amount} tunai, iuran {name}. Kwitansi {receipt}.").format(who=who, **facts)
    return _("Pembayaran {number} diterima: {amount}, iuran {name}. Kwitansi {receipt}.").format(
        number=payment.number, **facts
    )


def tell_refused(db: Session, payment: Payment, *, now: datetime) -> None:
    """Whoever told of the payment hears why it was not found, and what she can do."""
    whose = payment.submitted_by

    def again() -> tuple[str, str]:
        return _("Kirim ulang"), opening("paying", person_id=whose)

    key = f"payment:{payment.id}:refused"
    tell(db, whose, partial(refused, payment), key=key, now=now, at=payment.address_id, button=again)


def refused(payment: Payment) -> str:
    """An officer's refusal in the words for the vendor."""
    return _(
        "Maaf, pembayaran {number} belum bisa kami terima. {reason}\n"
        'Sudah benar bayar? Ketik "bayar" untuk kirim ulang, atau "petugas".'
    ).format(number=payment.number, reason=_(payment.reason))


def tell_checkers(
    db: Session, payment: Payment, words: Callable[[], str], *, key: str, now: datetime, but: Sequence[str] = ()
) -> None:
    """Whoever may look for the money hears of it, with a button that opens the queue; nobody whose own money it is."""
    member = members.get(db, payment.association_id, payment.member_id)
    own = {payment.payer_id, payment.submitted_by, member.person_id, *but}
    for role in CHECKERS:  # who holds both is told once: the key is the same
        tell_staff(db, payment.association_id, role, words, key=key, now=now, but=own, opens="confirming")
