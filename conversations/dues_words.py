"""How a member's dues and cover read: what is owed and what is known, and never more of her cover than is sure."""

from conversations.month_words import spans
from conversations.outlook import Outlook
from conversations.words import _, long_date, month_name, rupiah
from domain.cover import Certainty
from domain.dues import BPJS_PARTS
from domain.month import Month
from domain.reminder import end_of_cover
from storage.tables import Payment

MOST_WAITING = 2  # payments that are named one by one


def told(hers: Outlook) -> list[str]:
    """Everything that she should know of her own dues today, in as few lines as it takes."""
    if hers.member.status == "left":
        return [_("Bapak/Ibu sudah tidak tercatat sebagai anggota."), *waiting(hers), *ready(hers)]
    if hers.member.status == "lapsed":
        return [lapsed(), *waiting(hers), *ready(hers)]
    first = " ".join(filter(None, [owed(hers), what_to_do(hers)]))
    return list(filter(None, [first, *waiting(hers), cover(hers), coming(hers), change(hers), *ready(hers)]))


def for_staff(hers: Outlook) -> list[str]:
    """The same facts for an officer."""
    if hers.member.status != "active":
        return list(filter(None, [owed(hers) if hers.left else "", *waiting(hers), *ready(hers)]))
    return list(filter(None, [owed(hers), *waiting(hers), cover(hers), coming(hers), *ready(hers)]))


def lapsed() -> str:
    """Too long in arrears: what that means, and the way back."""
    return _(
        "Lebih dari 3 bulan belum dibayar, jadi iuran dan tunggakan lama tidak ditagih lagi.\n"
        'Perlindungan tidak bisa dipastikan. Mau ikut lagi? Ketik "bayar".'
    )


# ── what is owed ─────────────────────────────────────────────────────────────────────────────────────────────────


def owed(hers: Outlook) -> str:
    """How much, for which months, and until when."""
    if not hers.left:
        return nothing_owed(hers)
    facts = {"amount": rupiah(hers.owed), "months": spans(hers.months)}
    if hers.is_late or hers.due is None:
        return _("Belum dibayar: {amount} untuk {months}.").format(**facts)
    text = _("Perlu dibayar: {amount} untuk {months}, paling lambat {day}.")
    return text.format(day=long_date(hers.due), **facts)


def what_to_do(hers: Outlook) -> str:
    """How to pay, unless nothing is owed or a payment for all of it waits."""
    return _('Ketik "bayar".') if hers.left and not hers.is_waiting else ""


def nothing_owed(hers: Outlook) -> str:
    """That nothing is owed, and until when it is paid."""
    until = hers.book.paid_until()
    if until is None:
        return _("Belum ada iuran yang harus dibayar.")
    if until < Month.of(hers.today):
        return _("Tidak ada iuran yang harus dibayar sekarang.")
    return _("Iuran lunas sampai {month}.").format(month=month_name(until))


def waiting(hers: Outlook) -> list[str]:
    """Payments that an officer has yet to look at."""
    if len(hers.waiting) > MOST_WAITING:
        return [_("{count} pembayaran menunggu diperiksa petugas.").format(count=len(hers.waiting))]
    text = _("Pembayaran {number} sebesar {amount} menunggu diperiksa petugas.")
    return [text.format(number=one.number, amount=rupiah(said(one))) for one in hers.waiting]


def said(payment: Payment) -> int:
    """How much a payment is: as somebody has seen it, else as she said, else as it was to be."""
    known = (payment.received, payment.declared, payment.expected)
    return next(amount for amount in known if amount is not None)


def ready(hers: Outlook) -> list[str]:
    """Money of hers that pays the next months by itself."""
    amount = hers.book.credit + hers.book.ahead
    if amount <= 0:
        return []
    if hers.member.status != "active":
        return [_("Titipan {amount} diurus bendahara.").format(amount=rupiah(amount))]
    return [_("Titipan {amount} sudah dikurangkan di sini.").format(amount=rupiah(amount))]


# ── what comes next ──────────────────────────────────────────────────────────────────────────────────────────────


def coming(hers: Outlook) -> str:
    """The next month: how much, and until when."""
    if hers.next is None:
        return ""
    facts = {
        "amount": rupiah(hers.next.amount),
        "month": month_name(hers.next.month),
        "day": long_date(hers.next.due),
    }
    if hers.change and hers.change.month == hers.next.month and hers.next.amount == hers.change.after:
        text = _(
            "Berikutnya: {amount} untuk {month} (sebelumnya {before}, kecuali ada aturan baru), paling lambat {day}."
        )
        return text.format(before=rupiah(hers.change.before), **facts)
    return _("Berikutnya: {amount} untuk {month}, paling lambat {day}.").format(**facts)


def change(hers: Outlook) -> str:
    """When the price changes, unless the next month has said it."""
    if hers.change is None or (hers.next and hers.next.month >= hers.change.month):
        return ""
    text = _("Mulai {month} {amount} sebulan, kecuali ada aturan baru.")
    return text.format(month=month_name(hers.change.month), amount=rupiah(hers.change.after))


# ── cover ────────────────────────────────────────────────────────────────────────────────────────────────────────


def cover(hers: Outlook) -> str:
    """What may be said of her cover; "" where there is nothing to say yet."""
    found = hers.cover
    if found.certainty is Certainty.TOLD and found.until:
        return _("Perlindungan menurut BPJS sampai {day}.").format(day=long_date(found.until))
    if not hers.pays_herself:
        return _("Iuran BPJS dibayar pemerintah. Cek perlindungan di JMO atau 175.")
    if found.certainty is Certainty.NONE:
        return " ".join([_("Selama belum lunas, perlindungan tidak bisa dipastikan."), countdown(hers)]).strip()
    if found.certainty is Certainty.PAID and found.paid_until:
        text = _(
            "Iuran sudah masuk ke BPJS sampai {month}. Tanggal perlindungan belum dikabarkan BPJS; cek di JMO atau 175."
        )
        return text.format(month=month_name(found.paid_until))
    if found.certainty is Certainty.UNDER_WAY:
        until = hers.book.paid_until(BPJS_PARTS)
        assert until is not None
        text = _("Iuran sampai {month} sudah di asosiasi, sedang diteruskan ke BPJS.")
        return text.format(month=month_name(until))
    return at_bpjs(found.paid_until)


def at_bpjs(until: Month | None) -> str:
    """Until which month BPJS has her money; "" where it has none that we know of."""
    return _("Iuran sudah masuk ke BPJS sampai {month}.").format(month=month_name(until)) if until else ""


def countdown(hers: Outlook) -> str:
    """How long until her membership may end: a possibility, for the sources disagree by a month."""
    arrears = hers.book.arrears(Month.of(hers.today), BPJS_PARTS)
    if not arrears:
        return ""
    end = end_of_cover(arrears[0])
    days = (end - hers.today).days
    if days < 0:
        return _("Tunggakan sudah 3 bulan atau lebih: kepesertaan bisa berakhir.")
    if days == 0:
        return _("Kepesertaan bisa berakhir hari ini.")
    return _("Kepesertaan bisa berakhir {day} ({days} hari lagi).").format(day=long_date(end), days=days)


# ── in one line ──────────────────────────────────────────────────────────────────────────────────────────────────


def in_short(hers: Outlook) -> str:
    """One member in one line, for whoever registered her."""
    name = hers.member.name
    if hers.member.status != "active":
        return _("{name}: iuran tidak ditagih lagi.").format(name=name)
    if hers.is_waiting:
        return _("{name}: pembayaran menunggu diperiksa petugas.").format(name=name)
    if hers.left:
        text = _("{name}: belum dibayar {amount} ({months}).")
        return text.format(name=name, amount=rupiah(hers.owed), months=spans(hers.months))
    until = hers.book.paid_until()
    if until and until >= Month.of(hers.today):
        return _("{name}: lunas sampai {month}.").format(name=name, month=month_name(until))
    return _("{name}: belum ada yang harus dibayar.").format(name=name)
