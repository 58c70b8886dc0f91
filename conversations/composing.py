"""A batch to BPJS is put together: choose_until → ready ⇄ choose_month → month, choose_why → left_out; → composed."""

from dataclasses import replace

from sqlmodel import Session

from conversations import remittance_words as words
from conversations.batches import OfBatch, back, done
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _, month_name, rupiah
from domain.month import Month
from domain.remittance import Candidates, MemberMonth, Why
from storage.columns import new_id
from storage.database import Overtaken
from storage.queries import remittances

LAST = Month(9999, 12)  # later than any month that is charged


class Draft(OfBatch):
    """Up to which month, and what is left out of it."""

    until: Month
    out: list[str]  # member-months
    seen: list[int]  # how many lines, and how many rupiah, were shown before composing
    why: str


T = Talk[Draft]


def choose_until(talk: T) -> Question:
    found = remittances.candidates(talk.db, talk.house.id, LAST)
    months = sorted({one.month for one in found.ready})
    if not months:
        left = [Option(_("Lihat siapa yang belum"), choose_why)] if found.left_out else []
        return Choose(
            _("Belum ada iuran yang siap disetor. Iuran siap setelah dibayar lunas."),
            [*left, Option(_("Kembali ke setoran"), back, words=("setoran",))],
            keep={"until": LAST},
        )
    return Choose(
        _("Setor iuran sampai bulan apa?"),
        [*(up_to(month, found) for month in months), Option(_("Tidak jadi"), back)],
        save="until",
        then=ready,
        keep={"out": []},
    )


def up_to(month: Month, found: Candidates) -> Option:
    """All that is ready up to a month."""
    those = [one for one in found.ready if one.month <= month]
    label = _("Sampai {month}: {count} baris, {amount}").format(
        month=month_name(month), count=len(those), amount=rupiah(sum(one.amount for one in those))
    )
    return Option(label, value=month, key=str(month), words=(month_name(month),))


def candidates(db: Session, talk: T) -> Candidates:
    """What can be paid up to the month that was chosen."""
    return remittances.candidates(db, talk.house.id, talk.draft.until)


def chosen(talk: T, found: Candidates) -> list[MemberMonth]:
    """What is ready and was not left out."""
    out = talk.draft.get("out", [])
    return [one for one in found.ready if one.key not in out]


def sums(those: list[MemberMonth]) -> list[int]:
    """How many lines, and how many rupiah."""
    return [len(those), sum(one.amount for one in those)]


def ready(talk: T) -> Question:
    found = candidates(talk.db, talk)
    those = chosen(talk, found)
    return Choose(
        summary(found, those),
        [
            *([Option(_("Susun sekarang"), composed, words=("susun", "ya"))] if those else []),
            *([Option(_("Lihat atau keluarkan baris"), choose_month, words=("lihat",))] if found.ready else []),
            *([Option(left_label(found), choose_why, words=("belum ikut",))] if found.left_out else []),
            Option(_("Ganti bulan"), choose_until),
            Option(_("Tidak jadi"), back),
        ],
        keep={"seen": sums(those)},
    )


def summary(found: Candidates, those: list[MemberMonth]) -> str:
    """What is ready, and where its money lies."""
    count, total = sums(those)
    lines = [
        _("Siap disetor: {count} baris, {amount}.").format(count=count, amount=rupiah(total)),
        _("Uang di bank {bank}, di kas {till}, di tangan pengumpul {hands}.").format(
            bank=rupiah(found.bank), till=rupiah(found.till), hands=rupiah(found.hands)
        ),
    ]
    if total > max(found.bank, found.till):
        lines.append(_('Bank atau kas belum cukup. Terima uang pengumpul atau setor ke bank dulu: ketik "kas".'))
    if len(found.ready) > count:
        lines.append(_("Dikeluarkan: {count} baris.").format(count=len(found.ready) - count))
    return "\n".join(lines)


def left_label(found: Candidates) -> str:
    """How many are left out."""
    return _("Yang belum ikut ({count})").format(count=len(found.left_out))


# ── line by line ─────────────────────────────────────────────────────────────────────────────────────────────────


def choose_month(talk: T) -> Question:
    out = talk.draft.get("out", [])
    options = [
        Option(marked(one, out=one.key in out), value=one.key, key=one.key) for one in candidates(talk.db, talk).ready
    ]
    return Choose(
        _("Baris mana? Pilih untuk melihat, mengeluarkan atau memasukkan lagi."),
        [*options, Option(_("Kembali ke ringkasan"), ready, words=("ringkasan",))],
        save="which",
        then=month,
    )


def marked(one: MemberMonth, *, out: bool) -> str:
    """A member's month in the list."""
    text = words.of_month(one)
    return _("{line} (dikeluarkan)").format(line=text) if out else text


def month(talk: T) -> Question | Show:
    found = next((one for one in candidates(talk.db, talk).ready if one.key == talk.draft.which), None)
    if found is None:
        return Show(_("Baris itu tidak siap disetor lagi, atau sudah di setoran lain."), then=ready)
    is_out = found.key in talk.draft.get("out", [])
    switch = Option(_("Masukkan lagi"), month_in) if is_out else Option(_("Keluarkan"), month_out)
    return Choose(
        f"{marked(found, out=is_out)}\n{words.in_parts(found)}",
        [switch, Option(_("Kembali ke daftar"), choose_month, words=("daftar",))],
    )


def month_out(talk: T) -> Show:
    return Show("", keep={"out": [*talk.draft.get("out", []), talk.draft.which]}, then=choose_month)


def month_in(talk: T) -> Show:
    return Show("", keep={"out": [key for key in talk.draft.out if key != talk.draft.which]}, then=choose_month)


def choose_why(talk: T) -> Question:
    counts = words.reasons(candidates(talk.db, talk).left_out)
    options = [
        Option(
            _("{why} ({count})").format(why=words.begun(_(words.WHY[why])), count=count), value=why.value, key=why.value
        )
        for why, count in counts.items()
    ]
    return Choose(
        _("Yang belum ikut, dan sebabnya. Pilih untuk melihat siapa."),
        [*options, Option(_("Kembali ke ringkasan"), back_to_summary, words=("ringkasan",))],
        save="why",
        then=left_out,
    )


def back_to_summary(talk: T) -> Show:
    return Show("", then=choose_until if talk.draft.until == LAST else ready)


def left_out(talk: T) -> Question:
    why = Why(talk.draft.why)
    found = [one for one in candidates(talk.db, talk).left_out if one.why == why]
    return Choose(
        _("{why}: {count} baris.").format(why=words.begun(_(words.WHY[why])), count=len(found)),
        [
            *(Option(words.why(one), choose_why, key=one.of.key) for one in found),
            Option(_("Kembali ke sebab lain"), choose_why, key="back", words=("sebab",)),
        ],
    )


# ── composed ─────────────────────────────────────────────────────────────────────────────────────────────────────


def composed(talk: T) -> End | Show:
    those = chosen(talk, candidates(talk.db, talk))
    count, total = sums(those)
    if not those or [count, total] != talk.draft.seen:
        return Show(_("Yang siap disetor baru saja berubah. Periksa sekali lagi."), then=ready)
    text = _("{number} disusun: {count} baris, {amount}.")
    text = text.replace("{count}", str(count)).replace("{amount}", rupiah(total))
    named = new_id()
    return replace(done(text, talk, compose, named), keep={"argument": named})


def compose(db: Session, talk: T) -> dict[str, str]:
    """A batch of what was shown. Raises `Overtaken`."""
    those = chosen(talk, candidates(db, talk))
    if sums(those) != talk.draft.seen:
        raise Overtaken("what is ready changed")
    remittance = remittances.compose(
        db,
        talk.house.id,
        [(one.member_id, str(one.month)) for one in those],
        until=talk.draft.until,
        by=talk.person_id,
        now=talk.now,
        remittance_id=talk.draft.argument,
    )
    return {"number": remittance.number}


composing = Conversation(
    name="composing",
    title=N_("penyusunan setoran BPJS"),
    version=1,
    draft=Draft,
    start=choose_until,
    further_steps=(
        ready,
        choose_month,
        month,
        month_out,
        month_in,
        choose_why,
        back_to_summary,
        left_out,
        composed,
        back,
    ),
    words=("susun setoran", "compose"),
    only_for=frozenset({"treasurer"}),
    kept=True,
)
