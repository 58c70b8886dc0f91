"""What stands on a receipt, in the language spoken now."""

from sqlmodel import Session

from conversations.month_words import rates, span, spans
from conversations.words import N_, _, long_date, rupiah
from domain.dues import FEE, PARTS, Way
from domain.money import Rupiah
from domain.month import Month
from domain.payment import PaymentEvent, PaymentStatus
from domain.picture import Pair, ReceiptPicture
from storage.queries import associations, dues, members, payments, people
from storage.tables import Member, Payment, Receipt

WAYS = {
    Way.BPJS: N_("langsung ke BPJS"),
    Way.TRANSFER: N_("transfer ke asosiasi"),
    Way.QRIS: N_("QRIS asosiasi"),
    Way.CASH: N_("tunai"),
}
SEEN = (PaymentEvent.PROPOSE, PaymentEvent.CONFIRM)
"""What somebody says who has seen the money."""


def receipt_picture(db: Session, receipt: Receipt, pages: str) -> ReceiptPicture:
    """A receipt as it is drawn; `pages`: where our own begin, "" where nobody can check it on one."""
    payment = payments.find(db, receipt.association_id, receipt.payment_id)
    assert payment
    member = members.get(db, receipt.association_id, receipt.member_id)
    return ReceiptPicture(
        association=associations.get(db, receipt.association_id).name,
        title=_("Kwitansi"),
        number=receipt.printed,
        lines=(*who_and_how(db, payment, member), *what_for(receipt), (_("Diterima oleh"), seen_by(db, payment))),
        total=(_("Jumlah"), rupiah(receipt.amount)),
        notes=tuple(notes(db, payment, member)),
        check_url=f"{pages}/r/{receipt.code}" if pages else "",
        check_words=_("Periksa keaslian") if pages else "",
        voided=_("DIBATALKAN") if payment.status == PaymentStatus.REVERSED else "",
    )


def who_and_how(db: Session, payment: Payment, member: Member) -> list[Pair]:
    """For whom, when and how."""
    when = payment.paid_on or payment.queued_at.date()
    return [
        (_("Untuk"), member.name),
        (_("NIK"), _("berakhir {end}").format(end=member.nik_end)),
        (_("Tanggal bayar"), long_date(when)),
        (_("Cara"), way_of(db, payment)),
    ]


def way_of(db: Session, payment: Payment) -> str:
    """How it was paid; cash, to whom."""
    if payment.collector_id:
        return _("tunai ke {who}").format(who=people.name_of(db, payment.collector_id))
    return _(WAYS[Way(payment.way)])


def what_for(receipt: Receipt) -> list[Pair]:
    """The months and the parts that it paid, and what is kept for later ones."""
    by_month, by_part = sums(receipt)
    months = [
        (span(found[0], found[-1]), rupiah(cost) if len(found) == 1 else f"{len(found)} × {rupiah(cost)}")
        for found, cost in rates(by_month.items())
    ]
    parts = [
        (_("termasuk {part}").format(part=part_name(part)), rupiah(by_part[part])) for part in PARTS if part in by_part
    ]
    kept = [(_("Titipan untuk bulan berikutnya"), rupiah(receipt.credit))] if receipt.credit else []
    return [*months, *(parts if len(parts) > 1 else []), *kept]


def part_name(part: str) -> str:
    """What a part of the dues is called."""
    return _("iuran asosiasi") if part == FEE else part


def sums(receipt: Receipt) -> tuple[dict[Month, Rupiah], dict[str, Rupiah]]:
    """What a receipt paid, by month and by part."""
    by_month: dict[Month, Rupiah] = {}
    by_part: dict[str, Rupiah] = {}
    for written, name, amount in receipt.paid:
        month, part = Month.parse(str(written)), str(name)
        by_month[month] = Rupiah(by_month.get(month, 0) + int(amount))
        by_part[part] = Rupiah(by_part.get(part, 0) + int(amount))
    return by_month, by_part


def seen_by(db: Session, payment: Payment) -> str:
    """Who has seen this money; above the limit two."""
    told = payments.history(db, payment.id)
    seen = [one.by_person or "" for one in told if one.event in SEEN and one.amount == payment.received]
    names = [people.name_of(db, who) for who in dict.fromkeys(seen)]
    if len(names) == 1:
        return names[0]
    return _("{first} dan {second}").format(first=names[-2], second=names[-1])


def notes(db: Session, payment: Payment, member: Member) -> list[str]:
    """What else is to be known; never a word of cover."""
    lines = [still_owed(db, payment, member)]
    if payment.way != Way.BPJS:
        lines.append(_("Uang ini diterima asosiasi, lalu disetorkan ke BPJS Ketenagakerjaan."))
    lines.append(_("Kwitansi ini bukti bayar, bukan bukti perlindungan."))
    return list(filter(None, lines))


def still_owed(db: Session, payment: Payment, member: Member) -> str:
    """What is still owed of the months that were meant, and before; "" when nothing is."""
    book = dues.book_of(db, member, payment.updated_at.date())
    last = max(payment.months, default="")
    unpaid = [one for one in book.months if str(one.month) <= last and one.total_owed > 0]
    if not unpaid:
        return ""
    return _("Masih harus dibayar: {amount} untuk {months}.").format(
        amount=rupiah(sum(one.total_owed for one in unpaid)), months=spans(one.month for one in unpaid)
    )
