"""How batches to BPJS read: to the treasurer, and to the member whose month BPJS has."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from conversations.month_words import spans
from conversations.notices import tell
from conversations.words import N_, _, long_date, month_name, rupiah
from domain.dues import BPJS_PARTS
from domain.money import Rupiah
from domain.month import Month
from domain.remittance import LineStatus, MemberMonth, NotReady, Verdict, Why
from domain.remittance import RemittanceStatus as Status
from storage.queries import people, remittances
from storage.queries.remittance_results import Outcome
from storage.queries.remittances import Change, Found
from storage.tables import Remittance, RemittanceLine

Words = Callable[[], str]
PLACES = {"bank": N_("bank"), "till": N_("kas")}
STATUS = {
    Status.COMPOSED: N_("belum dibayar"),
    Status.CODED: N_("belum dibayar"),
    Status.PROPOSED: N_("menunggu orang kedua"),
    Status.PAID: N_("sudah dibayar, menunggu hasil BPJS"),
    Status.CLOSED: N_("selesai"),
    Status.CANCELLED: N_("dibatalkan"),
}
LINES = {
    LineStatus.OPEN: N_("menunggu"),
    LineStatus.MATCHED: N_("diterima BPJS"),
    LineStatus.UNMATCHED: N_("jumlahnya lain"),
    LineStatus.FAILED: N_("gagal"),
    LineStatus.RETURNED: N_("uang kembali"),
    LineStatus.LEFT_OUT: N_("dikeluarkan"),
}
WHY = {
    Why.OWES: N_("belum bayar"),
    Why.PARTLY: N_("baru sebagian"),
    Why.PENDING: N_("pembayarannya sedang diperiksa"),
    Why.DISPUTED: N_("pembayarannya disanggah"),
    Why.IN_BATCH: N_("sudah di setoran lain"),
    Why.AT_BPJS: N_("sudah di BPJS"),
    Why.STRAIGHT: N_("bayar langsung ke BPJS"),
    Why.LAPSED: N_("terlalu lama menunggak"),
    Why.LEFT: N_("sudah keluar"),
}
VERDICTS = {
    Verdict.MATCHED: N_("diterima"),
    Verdict.UNMATCHED: N_("jumlahnya lain"),
    Verdict.FAILED: N_("gagal"),
    Verdict.KNOWN: N_("sudah tercatat"),
    Verdict.CONTRARY: N_("berbeda dari yang tercatat, tidak diubah"),
    Verdict.STRANGER: N_("tidak ada di setoran ini"),
    Verdict.UNCLEAR: N_("tidak jelas, tidak diubah"),
}


def begun(text: str) -> str:
    """Words at the beginning of a line; the rest of them keep their capitals."""
    return text[:1].upper() + text[1:]


# ── batches ──────────────────────────────────────────────────────────────────────────────────────────────────────


def heading(remittance: Remittance) -> str:
    """A batch and how it stands."""
    status = _(STATUS[Status(remittance.status)])
    return _("{number}: {status}").format(number=remittance.number, status=status)


def label(db: Session, remittance: Remittance) -> str:
    """A batch among others."""
    _count, amount = remittances.counted(db, remittance)
    return _("{number}, {amount}, {status}").format(
        number=remittance.number, amount=rupiah(amount), status=_(STATUS[Status(remittance.status)])
    )


def details(db: Session, remittance: Remittance) -> str:
    """A batch as the treasurer sees it."""
    count, amount = remittances.counted(db, remittance)
    return "\n".join(
        [
            heading(remittance),
            _("{count} baris, {amount}.").format(count=count, amount=rupiah(amount)),
            *filter(None, [code_of(db, remittance), payment_of(remittance), results_of(db, remittance)]),
        ]
    )


def code_of(db: Session, remittance: Remittance) -> str:
    """The payment code, or codes, before it is paid."""
    if remittance.status not in remittances.UNPAID:
        return ""
    own = sum(bool(line.code) for line, _member in remittances.lines_of(db, remittance, (LineStatus.OPEN,)))
    if own:
        return _("Kode bayar sendiri: {count} baris.").format(count=own)
    return _("Kode bayar: {code}.").format(code=remittance.code or "-")


def payment_of(remittance: Remittance) -> str:
    """How it was paid, where somebody said so."""
    if remittance.paid is None or remittance.paid_on is None:
        return ""
    text = _("Dibayar {amount} dari {place}, {day}, referensi {reference}.").format(
        amount=rupiah(remittance.paid),
        place=_(PLACES[remittance.paid_from]),
        day=long_date(remittance.paid_on),
        reference=remittance.reference or "-",
    )
    return f"{text} " + _("Alasan selisih: {reason}").format(reason=remittance.reason) if remittance.reason else text


def results_of(db: Session, remittance: Remittance) -> str:
    """How its lines stand, once it is paid."""
    if remittance.status not in (Status.PAID, Status.CLOSED):
        return ""
    found = remittances.totals(db, remittance)
    return counted({_(LINES[status]): found[status][0] for status in LINES if status in found})


def counted(counts: dict[str, int]) -> str:
    """Several counts in a row, as in "3 diterima, 1 gagal"."""
    return ", ".join(_("{count} {what}").format(count=count, what=what) for what, count in counts.items() if count)


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def of_month(one: MemberMonth) -> str:
    """A member's month that is ready."""
    return _("{name} {nik_end}, {month}, {amount}").format(
        name=one.name, nik_end=one.nik_end, month=month_name(one.month), amount=rupiah(one.amount)
    )


def in_parts(one: MemberMonth) -> str:
    """What it consists of."""
    return ", ".join(f"{part} {rupiah(one.parts[part])}" for part in BPJS_PARTS if part in one.parts)


def of_line(found: Found) -> str:
    """A line of a batch."""
    line, member = found
    return _("{name} {nik_end}, {month}, {amount}").format(
        name=member.name, nik_end=member.nik_end, month=month_name(Month.parse(line.month)), amount=rupiah(line.amount)
    )


def with_status(found: Found) -> str:
    """A line of a batch, and how it stands."""
    return _("{line}: {status}").format(line=of_line(found), status=_(LINES[LineStatus(found[0].status)]))


def told_of(line: RemittanceLine) -> str:
    """What BPJS or somebody of ours said about a line, and its own code."""
    said = [
        _("Kode bayar: {code}.").format(code=line.code) if line.code else "",
        _("Menurut BPJS: {amount}.").format(amount=rupiah(line.told)) if line.told is not None else "",
        _("Keterangan: {reason}").format(reason=_(WHY.get(line.reason, line.reason))) if line.reason else "",  # type: ignore[call-overload]
    ]
    return "\n".join(filter(None, said))


def why(left: NotReady) -> str:
    """A member's month that is left out, and why."""
    sentence = _("{name} {nik_end}, {month}: {why}").format(
        name=left.of.name, nik_end=left.of.nik_end, month=month_name(left.of.month), why=_(WHY[left.why])
    )
    if left.number:
        return f"{sentence} ({left.number})"
    return sentence + (f", {missing(left.missing)}" if left.missing else "")


def missing(amount: Rupiah) -> str:
    """What she still owes."""
    return _("kurang {amount}").format(amount=rupiah(amount))


def reasons(left_out: Iterable[NotReady]) -> dict[Why, int]:
    """How many are left out for which reason, in one order."""
    counts = Counter(left.why for left in left_out)
    return {each: counts[each] for each in Why if counts[each]}


def changed(change: Change) -> str:
    """A line that is not as it was composed."""
    now = _(WHY[change.why]) if change.why else _("sekarang {amount}").format(amount=rupiah(change.owed))
    return _("{line}: {now}").format(line=of_line((change.line, change.member)), now=now)


# ── what BPJS answered ───────────────────────────────────────────────────────────────────────────────────────────


def verdicts(outcomes: Iterable[Outcome]) -> dict[Verdict, int]:
    """How many words of BPJS mean what, in one order."""
    counts = Counter(outcome.verdict for outcome in outcomes)
    return {each: counts[each] for each in Verdict if counts[each]}


def outcome(one: Outcome) -> str:
    """What one word of BPJS means, for whom."""
    whom = (
        of_line((one.line, one.member))
        if one.line and one.member
        else _("NIK berakhir {nik_end}").format(nik_end=one.told.nik.last4)
    )
    said = _(VERDICTS[one.verdict])
    if one.verdict is Verdict.UNMATCHED and one.told.amount is not None:
        said = _("menurut BPJS {amount}").format(amount=rupiah(one.told.amount))
    return _("{whom}: {said}").format(whom=whom, said=said + (f" ({one.told.reason})" if one.told.reason else ""))


def tell_members(db: Session, found: Sequence[Found], *, now: datetime) -> None:
    """Whoever's months BPJS has by now hears of it, once."""
    by_member: dict[str, list[Found]] = {}
    for line, member in found:
        by_member.setdefault(member.id, []).append((line, member))
    for hers in by_member.values():
        tell_one(db, hers, now=now)


def tell_one(db: Session, hers: Sequence[Found], *, now: datetime) -> None:
    """One member, of all her months."""
    months = sorted(Month.parse(line.month) for line, _member in hers)
    member = hers[0][1]

    def words() -> str:
        return _('BPJS sudah menerima iuran {months} atas nama {name}. Lihat kapan saja: ketik "status".').format(
            months=spans(months), name=member.name
        )

    tell(db, member.person_id, words, key=f"remittance_line:{min(line.id or 0 for line, _m in hers)}:accepted", now=now)


def who_said(db: Session, remittance: Remittance) -> str:
    """Who said first that a batch was paid."""
    return people.name_of(db, remittance.proposed_by or "")
