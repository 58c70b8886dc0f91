"""What BPJS answered, by the treasurer's word: choose_line → line → its result; all at once; and what comes back."""

from sqlmodel import Session

from conversations import readers
from conversations import remittance_words as words
from conversations.batches import OfBatch, at_hand, back, changed, done, find, line_at_hand, locked
from conversations.settling import ready_made
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _, rupiah
from domain.ledger import Account
from domain.money import Rupiah
from domain.remittance import LineStatus
from domain.remittance import RemittanceStatus as Status
from storage.database import Overtaken
from storage.queries import remittance_results, remittances
from storage.queries.remittance_results import UNSETTLED
from storage.queries.remittances import Found
from storage.tables import Remittance

FAILURES = (N_("NIK tidak cocok."), N_("Data belum terdaftar di BPJS."), N_("Pembayaran ditolak."))
RIGHT = (N_("Tagihan resmi BPJS memang begitu."),)
ALL = "all"  # instead of one line


class Draft(OfBatch):
    """What BPJS said."""

    seen: list[int]  # how many lines, and how many rupiah, were shown
    told: int
    reason: str
    why_right: str  # the amount that BPJS counts
    to: str  # "bank" | "till": where what came back lies


T = Talk[Draft]


def choose_deed(talk: T) -> Question | Show:
    if find(talk) is None:
        return Show("", then=back)
    remittance = at_hand(talk)
    if remittance.status != Status.PAID:
        return changed(talk)
    totals = remittances.totals(talk.db, remittance)
    count, failed = (totals.get(status, (0, 0))[0] for status in (LineStatus.OPEN, LineStatus.FAILED))
    everything = Option(_("Semua diterima ({count})").format(count=count), confirm_all, words=("semua",))
    returned = Option(_("Uang kembali ({count})").format(count=failed), choose_returned, words=("uang kembali",))
    return Choose(
        _("Apa jawaban BPJS untuk {number}?").format(number=remittance.number),
        [
            *([everything] if count else []),
            Option(_("Satu per satu"), choose_line, words=("satu",)),
            *([returned] if failed else []),
            Option(_("Lihat setoran"), back),
        ],
    )


# ── all at once ──────────────────────────────────────────────────────────────────────────────────────────────────


def open_lines(db: Session, remittance: Remittance) -> list[Found]:
    """The lines of which BPJS has not said anything."""
    return remittances.lines_of(db, remittance, (LineStatus.OPEN,)) if remittance.status == Status.PAID else []


def sums(found: list[Found]) -> list[int]:
    """How many lines, and how many rupiah."""
    return [len(found), sum(line.amount for line, _member in found)]


def confirm_all(talk: T) -> Question | Show:
    found = open_lines(talk.db, at_hand(talk))
    if not found:
        return changed(talk)
    count, total = sums(found)
    return Choose(
        _("BPJS sudah menerima {count} baris, {amount}? Anggotanya langsung diberi tahu.").format(
            count=count, amount=rupiah(total)
        ),
        [Option(_("Ya, semua diterima"), all_accepted), Option(_("Belum tentu"), choose_deed, words=("tidak",))],
        keep={"seen": [count, total]},
    )


def all_accepted(talk: T) -> End | Show:
    found = open_lines(talk.db, at_hand(talk))
    if not found or sums(found) != talk.draft.seen:
        return changed(talk)
    return done(_("{count} baris diterima BPJS.").format(count=len(found)), talk, accept_all)


def accept_all(db: Session, talk: T) -> None:
    """BPJS has all that waited. Raises `Overtaken`."""
    remittance = locked(db, talk)
    found = open_lines(db, remittance)
    if sums(found) != talk.draft.seen:
        raise Overtaken("some lines have their result by now")
    tell_results(db, talk, remittance, found, accepted=True)


def tell_results(
    db: Session,
    talk: T,
    remittance: Remittance,
    found: list[Found],
    *,
    accepted: bool,
    amount: Rupiah | None = None,
    reason: str = "",
) -> None:
    """Settle these lines by the treasurer's word; whoever's months BPJS has hears of it. Raises `Overtaken`."""
    facts = {"accepted": accepted, "amount": amount, "reason": reason}
    matched = remittance_results.tell_by_hand(db, remittance, found, **facts, by=talk.person_id, now=talk.now)  # type: ignore[arg-type]
    words.tell_members(db, matched, now=talk.now)


# ── one by one ───────────────────────────────────────────────────────────────────────────────────────────────────


def choose_line(talk: T) -> Question | Show:
    remittance = at_hand(talk)
    found = remittances.lines_of(talk.db, remittance, UNSETTLED)
    if remittance.status != Status.PAID or not found:
        return changed(talk)
    options = [Option(words.with_status(one), value=str(one[0].id), key=str(one[0].id)) for one in found]
    return Choose(
        _("{number}: {count} baris belum selesai. Pilih satu.").format(number=remittance.number, count=len(found)),
        [*options, Option(_("Cukup dulu"), choose_deed, words=("cukup",))],
        save="which",
        then=line,
    )


def waits(talk: T) -> bool:
    """True while the line at hand waits for its result."""
    remittance = at_hand(talk)
    return remittance.status == Status.PAID and line_at_hand(talk.db, talk, remittance)[0].status in UNSETTLED


def settled_by_now(talk: T) -> Show:
    """Somebody was faster."""
    return Show(words.with_status(line_at_hand(talk.db, talk, at_hand(talk))), then=choose_line)


def line(talk: T) -> Question | Show:
    if not waits(talk):
        return settled_by_now(talk)
    found = line_at_hand(talk.db, talk, at_hand(talk))
    status = LineStatus(found[0].status)
    right = [Option(_("Jumlah BPJS benar"), ask_right)] if status is LineStatus.UNMATCHED else []
    returned = [Option(_("Uangnya sudah kembali"), choose_to)] if status is LineStatus.FAILED else []
    return Choose(
        "\n".join(filter(None, [words.with_status(found), words.told_of(found[0])])),
        [
            *right,
            *returned,
            Option(_("Diterima BPJS"), accepted, words=("diterima",)),
            Option(_("Jumlahnya lain"), ask_told, words=("jumlah lain",)),
            Option(_("Gagal"), ask_failure),
            Option(_("Kembali ke daftar"), choose_line, words=("daftar",)),
        ],
    )


def accepted(talk: T) -> Show:
    if not waits(talk):
        return settled_by_now(talk)
    text = _("{line}: diterima BPJS.").format(line=words.of_line(line_at_hand(talk.db, talk, at_hand(talk))))
    return Show(text, do=accept_line, then=after_line)


def accept_line(db: Session, talk: T) -> None:
    """BPJS has it. Raises `Overtaken`."""
    remittance = locked(db, talk)
    tell_results(db, talk, remittance, [line_at_hand(db, talk, remittance)], accepted=True)


def ask_told(talk: T) -> Question | Show:
    if not waits(talk):
        return settled_by_now(talk)
    return Ask(
        _("Berapa menurut BPJS?"),
        read=readers.amount,
        save="told",
        then=unmatched,
        options=[Option(_("Tidak jadi"), line)],
    )


def unmatched(talk: T) -> Show:
    if not waits(talk):
        return settled_by_now(talk)
    found = line_at_hand(talk.db, talk, at_hand(talk))
    text = _("{line}: menurut BPJS {told}.").format(line=words.of_line(found), told=rupiah(talk.draft.told))
    return Show(text, do=tell_amount, then=after_line)


def tell_amount(db: Session, talk: T) -> None:
    """BPJS counts this amount. Raises `Overtaken`."""
    remittance = locked(db, talk)
    found = [line_at_hand(db, talk, remittance)]
    tell_results(db, talk, remittance, found, accepted=True, amount=Rupiah(talk.draft.told))


def ask_failure(talk: T) -> Question | Show:
    if not waits(talk):
        return settled_by_now(talk)
    return Choose(
        _("Kenapa gagal menurut BPJS? Pilih, atau ketik sendiri."),
        [*ready_made(FAILURES), Option(_("Tidak jadi"), line)],
        save="reason",
        read=readers.long_text,
        then=failed,
    )


def failed(talk: T) -> Show:
    if not waits(talk):
        return settled_by_now(talk)
    found = line_at_hand(talk.db, talk, at_hand(talk))
    text = _("{line}: gagal. Uangnya masih di BPJS sampai kembali.").format(line=words.of_line(found))
    return Show(text, do=fail_line, then=after_line)


def fail_line(db: Session, talk: T) -> None:
    """BPJS did not take it. Raises `Overtaken`."""
    remittance = locked(db, talk)
    found = [line_at_hand(db, talk, remittance)]
    tell_results(db, talk, remittance, found, accepted=False, reason=talk.draft.reason)


def ask_right(talk: T) -> Question | Show:
    if not waits(talk):
        return settled_by_now(talk)
    return Choose(
        _("Kenapa jumlah BPJS yang benar? Pilih, atau ketik sendiri."),
        [*ready_made(RIGHT), Option(_("Tidak jadi"), line)],
        save="why_right",
        read=readers.long_text,
        then=right,
    )


def right(talk: T) -> Show:
    found = line_at_hand(talk.db, talk, at_hand(talk))
    if not waits(talk) or found[0].status != LineStatus.UNMATCHED:
        return settled_by_now(talk)
    return Show(_("{line}: diterima BPJS.").format(line=words.of_line(found)), do=accept_amount, then=after_line)


def accept_amount(db: Session, talk: T) -> None:
    """The amount that BPJS counts is right. Raises `Overtaken`."""
    remittance = locked(db, talk)
    found = line_at_hand(db, talk, remittance)
    remittance_results.accept(db, remittance, found, reason=talk.draft.why_right, by=talk.person_id, now=talk.now)
    words.tell_members(db, [found], now=talk.now)


def after_line(talk: T) -> Question:
    return Choose(
        _("Baris berikutnya?"),
        [Option(_("Ya, berikutnya"), choose_line), Option(_("Cukup"), back, words=("tidak", "selesai"))],
    )


# ── what comes back ──────────────────────────────────────────────────────────────────────────────────────────────


def returned_lines(db: Session, talk: T, remittance: Remittance) -> list[Found]:
    """The lines whose money came back: the one at hand, or all that failed."""
    if remittance.status != Status.PAID:
        return []
    found = remittances.lines_of(db, remittance, (LineStatus.FAILED,))
    return found if talk.draft.which == ALL else [one for one in found if str(one[0].id) == talk.draft.which]


def choose_returned(talk: T) -> Question | Show:
    remittance = at_hand(talk)
    found = remittances.lines_of(talk.db, remittance, (LineStatus.FAILED,))
    if not found or remittance.status != Status.PAID:
        return changed(talk)
    count, total = sums(found)
    every = _("Semua yang gagal ({count}), {amount}").format(count=count, amount=rupiah(total))
    options = [Option(words.of_line(one), value=str(one[0].id), key=str(one[0].id)) for one in found]
    return Choose(
        _("Uang siapa yang dikembalikan BPJS?"),
        [
            Option(every, value=ALL, key=ALL, words=("semua",)),
            *options,
            Option(_("Belum ada yang kembali"), choose_deed, words=("belum", "tidak jadi")),
        ],
        save="which",
        then=choose_to,
    )


def choose_to(talk: T) -> Question | Show:
    found = returned_lines(talk.db, talk, at_hand(talk))
    if not found:
        return changed(talk)
    return Choose(
        _("{amount} kembali ke mana?").format(amount=rupiah(sums(found)[1])),
        [
            *(place(account) for account in (Account.BANK, Account.TILL)),
            Option(_("Belum kembali"), choose_deed, words=("belum", "tidak jadi")),
        ],
        save="to",
        then=confirm_return,
    )


def place(account: Account) -> Option:
    """The bank or the till."""
    name = _(words.PLACES[account.value])
    return Option(words.begun(name), value=account.value, key=account.value)


def confirm_return(talk: T) -> Question | Show:
    found = returned_lines(talk.db, talk, at_hand(talk))
    if not found:
        return changed(talk)
    count, total = sums(found)
    text = _("{amount} untuk {count} baris sudah kembali ke {place}? Barisnya lalu bisa disetor lagi.")
    return Choose(
        text.format(amount=rupiah(total), count=count, place=_(words.PLACES[talk.draft.to])),
        [Option(_("Ya, sudah kembali"), came_back), Option(_("Belum"), choose_deed)],
        keep={"seen": [count, total]},
    )


def came_back(talk: T) -> End | Show:
    found = returned_lines(talk.db, talk, at_hand(talk))
    if not found or sums(found) != talk.draft.seen:
        return changed(talk)
    text = _("{amount} tercatat kembali ke {place}.")
    return done(text.format(amount=rupiah(sums(found)[1]), place=_(words.PLACES[talk.draft.to])), talk, take_money)


def take_money(db: Session, talk: T) -> None:
    """The money is in the till or the bank again. Raises `Overtaken`."""
    remittance = locked(db, talk)
    found = returned_lines(db, talk, remittance)
    if sums(found) != talk.draft.seen:
        raise Overtaken("some of it came back by now")
    to = Account(talk.draft.to)
    remittance_results.money_back(db, remittance, found, to=to, by=talk.person_id, now=talk.now)


reconciling = Conversation(
    name="reconciling",
    title=N_("hasil setoran BPJS"),
    version=1,
    draft=Draft,
    start=choose_deed,
    further_steps=(
        confirm_all,
        all_accepted,
        choose_line,
        line,
        accepted,
        ask_told,
        unmatched,
        ask_failure,
        failed,
        ask_right,
        right,
        after_line,
        choose_returned,
        choose_to,
        confirm_return,
        came_back,
        back,
    ),
    only_for=frozenset({"treasurer"}),
)
