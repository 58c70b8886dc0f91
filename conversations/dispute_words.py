"""A disputed payment in words: what both sides say, and what came of it."""

from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from conversations.month_words import spans
from conversations.words import N_, _, long_date, rupiah
from domain.month import Month
from storage.queries import collections, disputes, members, payments, people, receipts
from storage.queries.disputes import Bar, Kind
from storage.tables import Dispute, Payment, PaymentEvent

SAYS = {
    Kind.NOT_ME: N_("bukan saya yang bayar"),
    Kind.NOT_PAID: N_("saya belum bayar"),
    Kind.OTHER_AMOUNT: N_("jumlahnya lain"),
}
HAPPENED = {
    "submit": N_("dilaporkan"),
    "propose": N_("dilihat petugas pertama"),
    "confirm": N_("dicatat"),
    "dispute": N_("dibantah"),
    "uphold": N_("dinyatakan benar"),
    "reverse": N_("dibatalkan"),
}
LATEST = 4  # lines of history


def barred(bar: Bar) -> str:
    """Why a payment cannot be disputed."""
    sentences = {
        Bar.NOT_HERS: _("Pembayaran itu bukan atas nama Bapak/Ibu."),
        Bar.NOT_CONFIRMED: _("Pembayaran itu tidak tercatat lagi, jadi tidak ada yang perlu diperiksa."),
        Bar.OPEN: _("Keberatan itu sudah kami terima, petugas sedang memeriksanya."),
        Bar.SETTLED: _('Pembayaran itu sudah pernah diperiksa petugas. Masih ada pertanyaan? Ketik "petugas".'),
        Bar.TOO_LATE: _('Pembayaran itu sudah lebih dari 90 hari. Ceritakan ke petugas: ketik "petugas".'),
    }
    return sentences[bar]


def number_of(db: Session, payment: Payment) -> str:
    """The receipt's number, which both sides have."""
    receipt = receipts.of_payment(db, payment.id)
    return receipt.printed if receipt else payment.number


def amount_of(payment: Payment) -> str:
    """What was received."""
    return rupiah(payment.received or 0)


def in_short(db: Session, payment: Payment) -> str:
    """A payment in one sentence: its receipt, for whom, who has seen the money and when."""
    who = payment.collector_id or payment.decided_by
    return _("Kwitansi {receipt}: {amount} untuk {name}, diterima {who} pada {day}.").format(
        receipt=number_of(db, payment),
        amount=amount_of(payment),
        name=members.get(db, payment.association_id, payment.member_id).name,
        who=people.name_of(db, who) if who else "?",
        day=long_date(payment.paid_on or payment.queued_at.date()),
    )


def both_sides(db: Session, row: Dispute, payment: Payment, zone: ZoneInfo) -> str:
    """Everything that an officer needs to settle it."""
    said = disputes.words_of(row)
    who = people.name_of(db, row.by_person)
    hers = _('{number}: {who} berkata "{says}".').format(number=row.number, who=who, says=_(SAYS[Kind(row.kind)]))
    history = payments.history(db, payment.id)[-LATEST:]
    return "\n".join(
        filter(
            None,
            [
                hers,
                _('Katanya: "{said}"').format(said=said) if said else "",
                in_short(db, payment),
                taken_with(db, payment),
                _("Riwayat: {events}.").format(events="; ".join(happened(db, event, zone) for event in history)),
            ],
        )
    )


def taken_with(db: Session, payment: Payment) -> str:
    """What the collector recorded beside it."""
    collection = collections.find(db, payment.association_id, payment.collection_id or "")
    months = spans(map(Month.parse, payment.months)) or "-"
    if collection is None:
        return _("Untuk bulan {months}.").format(months=months)
    return _("Dalam {number}: {count} orang, {total}. Untuk bulan {months}.").format(
        number=collection.number, count=collection.members, total=rupiah(collection.total), months=months
    )


def happened(db: Session, event: PaymentEvent, zone: ZoneInfo) -> str:
    """One thing that happened to a payment."""
    what = _(HAPPENED[event.event]) if event.event in HAPPENED else event.event
    who = people.name_of(db, event.by_person) if event.by_person else "-"
    return _("{day} {what} {who}").format(day=long_date(event.at.astimezone(zone).date()), what=what, who=who)


def payment_of(db: Session, row: Dispute) -> Payment:
    """The payment that it is about."""
    return db.exec(
        select(Payment).where(Payment.id == row.payment_id, Payment.association_id == row.association_id)
    ).one()


def settled(db: Session, row: Dispute) -> str:
    """What an officer decided, for both sides."""
    payment = payment_of(db, row)
    facts = {
        "number": row.number,
        "receipt": number_of(db, payment),
        "amount": amount_of(payment),
        "reason": _(row.reason),
    }
    if row.status == "upheld":
        return _("Keberatan {number} selesai: {receipt}, {amount}, tetap tercatat. {reason}").format(**facts)
    return _(
        "Keberatan {number} selesai: {receipt}, {amount}, dibatalkan. {reason}\n"
        "Iurannya kembali seperti sebelum pembayaran itu."
    ).format(**facts)
