"""How a member reads to an officer, and what she is told of what he changed."""

from collections.abc import Sequence

from sqlmodel import Session

from conversations import dues_words, price_words
from conversations.outlook import Outlook
from conversations.registration_answers import TRADES
from conversations.words import N_, _, long_date, month_name, rupiah
from domain.dues import Terms
from domain.month import Month
from domain.payment import PaymentStatus as Status
from domain.rates import Funding, Sector, tiers
from storage.queries import payments, people
from storage.queries.charges import Preview
from storage.tables import Member, Payment

LAST = 3  # payments
SHOWN = 6  # months of a preview

STATUSES = {
    "active": N_("anggota"),
    "lapsed": N_("tidak ditagih lagi"),
    "left": N_("sudah keluar"),
}
PAYMENTS = {
    Status.SUBMITTED: N_("menunggu petugas"),
    Status.SECONDED: N_("menunggu petugas kedua"),
    Status.CONFIRMED: N_("diterima"),
    Status.REFUSED: N_("ditolak"),
    Status.WITHDRAWN: N_("ditarik"),
    Status.DISPUTED: N_("disanggah"),
    Status.REVERSED: N_("dibatalkan"),
}
CHANGED = {
    "tier": N_("Golongan penghasilan: {value}."),
    "with_jht": N_("Ditambah JHT."),
    "without_jht": N_("Tanpa JHT."),
    "transport": N_("Sektor transportasi."),
    "no_transport": N_("Bukan sektor transportasi."),
    "government": N_("Iuran BPJS dibayar pemerintah."),
    "herself": N_("Iuran BPJS dibayar sendiri."),
}


def card(db: Session, hers: Outlook, by: Terms | None) -> str:
    """Everything about a member that an officer sees at a glance; of her NIK only the end."""
    lines = [
        _("{name}, NIK berakhir {end}, {status}").format(
            name=hers.member.name, end=hers.member.nik_end, status=_(STATUSES[hers.member.status])
        ),
        _("{trade}, {place}").format(trade=trade(hers.member), place=hers.member.workplace),
        _("Pengumpul: {who}").format(who=collector(db, hers.member)),
        _("Dasar iuran: {terms}").format(terms=terms_told(by)) if by else "",
        *dues_words.for_staff(hers),
        last_payments(db, hers.member),
    ]
    return "\n".join(filter(None, lines))


def trade(member: Member) -> str:
    """What she sells."""
    return _(TRADES[member.trade]) if member.trade in TRADES else member.trade


def collector(db: Session, member: Member) -> str:
    """Who takes her cash."""
    return people.name_of(db, member.collector_id) if member.collector_id else _("belum ada")


def terms_told(by: Terms) -> str:
    """By what she is priced."""
    facts = [price_words.bracket(tiers()[by.tier - 1]), " + ".join(by.programmes)]
    facts += [_("transportasi")] if by.sector is Sector.TRANSPORT else []
    facts += [_("dibayar pemerintah")] if by.funding is Funding.GOVERNMENT else []
    return ", ".join(facts)


def last_payments(db: Session, member: Member) -> str:
    """Her last payments, and what became of them."""
    found = payments.of_member(db, member.id)[:LAST]
    return _("Pembayaran terakhir: {payments}").format(payments="; ".join(map(in_short, found))) if found else ""


def in_short(payment: Payment) -> str:
    """A payment and what became of it."""
    return _("{number} {amount} {status}").format(
        number=payment.number, amount=rupiah(dues_words.said(payment)), status=_(PAYMENTS[Status(payment.status)])
    )


# ── other terms ──────────────────────────────────────────────────────────────────────────────────────────────────


def changed(change: str) -> str:
    """What is to be changed, as people say it."""
    name, _colon, tier = change.partition(":")
    return _(CHANGED[name]).format(value=price_words.bracket(tiers()[int(tier) - 1]) if tier else "")


def preview(found: Preview, change: str, from_month: Month) -> str:
    """What other terms change, month by month; nothing of it is written yet."""
    text = _("Mulai {month}: {what} Iuran bulan itu menjadi {amount}.")
    shown = found.months[:SHOWN]
    more = len(found.months) - len(shown)
    lines = [
        text.format(month=month_name(from_month), what=changed(change), amount=rupiah(found.monthly)),
        *(
            _("{month}: {before} menjadi {after}").format(
                month=month_name(one.month), before=rupiah(one.before), after=rupiah(one.after)
            )
            for one in shown
        ),
        _("dan {count} bulan lagi").format(count=more) if more else "",
        *difference(found),
    ]
    return "\n".join(filter(None, lines))


def difference(found: Preview) -> list[str]:
    """What comes of it in the end."""
    if not found.months:
        return [_("Belum ada bulan yang sudah ditagih, jadi tidak ada selisih.")]
    lines = []
    if found.difference > 0:
        lines.append(_("Selisih: {amount} lebih banyak.").format(amount=rupiah(found.difference)))
    if found.difference < 0:
        lines.append(_("Selisih: {amount} lebih sedikit.").format(amount=rupiah(-found.difference)))
    if found.kept:
        lines.append(_("Yang sudah dibayar dan menjadi titipan: {amount}.").format(amount=rupiah(found.kept)))
    return lines


def terms_news(found: Preview, change: str, from_month: Month) -> str:
    """What the member is told of her new terms."""
    text = _("Dasar iuran Bapak/Ibu diubah petugas mulai {month}. {what}\nIuran bulan itu menjadi {amount}.")
    lines = [text.format(month=month_name(from_month), what=changed(change), amount=rupiah(found.monthly))]
    if found.difference > 0:
        owed_more = _("Untuk bulan yang sudah ditagih ada tambahan {amount}.")
        lines.append(owed_more.format(amount=rupiah(found.difference)))
    if found.kept:
        lines.append(_("Kelebihan {amount} disimpan untuk bulan berikutnya.").format(amount=rupiah(found.kept)))
    return "\n".join([*lines, _('Ada yang tidak cocok? Ketik "petugas".')])


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────────────────────


def leaving(hers: Outlook, next_month: Month, kept: int) -> str:
    """What an officer should know before somebody leaves; `kept`: of what she paid for later months."""
    ready = hers.book.credit + hers.book.ahead + kept
    lines = [
        _("Keluarkan {name}? Mulai {month} tidak ditagih lagi.").format(
            name=hers.member.name, month=month_name(next_month)
        ),
        _("Yang belum dibayar tetap tercatat: {amount}.").format(amount=rupiah(hers.owed)) if hers.left else "",
        _("Titipan {amount} dikabarkan ke bendahara.").format(amount=rupiah(ready)) if ready > 0 else "",
        *dues_words.waiting(hers),
    ]
    return "\n".join(filter(None, lines))


def left_news(last: Month, credit: int) -> str:
    """What a member is told who has left."""
    lines = [_("Bapak/Ibu tercatat keluar. Iuran tidak ditagih lagi setelah {month}.").format(month=month_name(last))]
    if credit > 0:
        lines.append(_("Titipan Bapak/Ibu {amount} diurus bendahara.").format(amount=rupiah(credit)))
    return "\n".join([*lines, _('Tidak merasa keluar? Ketik "petugas".')])


def credit_news(member: Member, credit: int, ahead: int) -> str:
    """What the treasurer is told of somebody who left and has money of hers here."""
    facts = [_("{name} ({end}) keluar.").format(name=member.name, end=member.nik_end)]
    if credit > 0:
        facts.append(_("Titipannya {amount} perlu dikembalikan.").format(amount=rupiah(credit)))
    if ahead > 0:
        facts.append(_("Di BPJS ada kelebihan {amount}.").format(amount=rupiah(ahead)))
    return " ".join(facts)


def back_news(first: Month) -> str:
    """What a member is told who is back."""
    text = _('Bapak/Ibu tercatat lagi sebagai anggota. Iuran mulai {month}. Ketik "status".')
    return text.format(month=month_name(first))


def told_day_news(member: Member) -> str:
    """What a member is told of the day that BPJS told."""
    assert member.protected_until is not None
    return _("Kabar dari BPJS: perlindungan Bapak/Ibu tercatat sampai {day}.").format(
        day=long_date(member.protected_until)
    )


def names_of(found: Sequence[Member]) -> list[str]:
    """Members as an officer tells them apart: by name, end of the NIK and place."""
    return [_("{name} ({end}), {place}").format(name=one.name, end=one.nik_end, place=one.workplace) for one in found]
