"""The treasurer's batches to BPJS: choose_batch → batch, its sheet and its lines.

What takes more than a step is a conversation of its own: `composing`, `remitting_payment`, `reconciling`, `seconding`.
"""

from sqlmodel import Session

from conversations import remittance_words as words
from conversations.batches import (
    AFTERWARDS,
    OfBatch,
    at_hand,
    changed,
    find,
    line_at_hand,
    locked,
    told_state,
)
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _
from domain.month import Month
from domain.remittance import LineStatus
from domain.remittance import RemittanceStatus as Status
from storage.queries import remittances
from storage.queries.remittances import UNPAID
from storage.tables import Remittance


class Draft(OfBatch):
    """The batch that is looked at."""


T = Talk[Draft]


def begin(talk: T) -> Show:
    named = talk.draft.get("argument", "")
    if named.startswith(AFTERWARDS):
        return Show("", keep={"argument": named.removeprefix(AFTERWARDS)}, then=and_now)
    return Show("", then=batch if find(talk) else choose_batch)


def choose_batch(talk: T) -> Question:
    found = remittances.standing_so(talk.db, talk.house.id)
    text = (
        _("Ada {count} setoran ke BPJS yang belum selesai.")
        if found
        else _("Tidak ada setoran ke BPJS yang belum selesai.")
    )
    options = [Option(words.label(talk.db, one), value=one.id, key=one.id[-16:], words=(one.number,)) for one in found]
    return Choose(
        text.format(count=len(found)),
        [
            *options,
            Option(_("Susun baru"), to_composing, words=("susun",)),
            Option(_("Selesai"), rest, words=("cukup",)),
        ],
        save="argument",
        then=batch,
    )


def rest(talk: T) -> End:
    return End(_('Baik. Ketik "setor bpjs" kapan saja.'))


def and_now(talk: T) -> Question:
    return Choose(
        _("Lihat setoran ini?"),
        [
            Option(_("Ya, lihat"), batch),
            Option(_("Setoran lain"), choose_batch),
            Option(_("Cukup"), rest, words=("tidak", "selesai")),
        ],
    )


def to_composing(talk: T) -> End:
    return End("", opens="composing")


# ── one batch ────────────────────────────────────────────────────────────────────────────────────────────────────


def batch(talk: T) -> Question | Show:
    remittance = find(talk)
    if remittance is None:
        return Show("", then=choose_batch)
    text = words.details(talk.db, remittance)
    if remittance.status == Status.PROPOSED:
        text += "\n" + _("Dicatat {who}; harus dipastikan orang lain.").format(who=words.who_said(talk.db, remittance))
    return Choose(text, [*deeds(talk, remittance), Option(_("Setoran lain"), choose_batch)])


def deeds(talk: T, remittance: Remittance) -> list[Option]:
    """What can be done with a batch as it stands."""
    found = [Option(_("Lihat baris"), choose_line, words=("baris",))]
    if remittance.status != Status.CANCELLED:
        found.append(Option(_("Unduh lembar"), sheet, words=("unduh", "lembar")))
    if remittance.status in UNPAID:
        return [
            Option(_("Isi kode bayar"), to_codes, words=("kode",)),
            Option(_("Catat pembayaran"), to_payment, words=("catat",)),
            *found,
            Option(_("Batalkan setoran ini"), confirm_cancel, words=("batalkan setoran",)),
        ]
    if remittance.status == Status.PROPOSED:
        mine = remittance.proposed_by == talk.person_id
        return [Option(_("Tarik kembali"), taken_back) if mine else Option(_("Pastikan"), to_seconding), *found]
    if remittance.status == Status.PAID:
        return [
            Option(_("Unggah hasil BPJS"), upload, words=("unggah",)),
            Option(_("Catat hasil"), to_results, words=("hasil", "uang kembali")),
            *found,
        ]
    return found


def to_codes(talk: T) -> End:
    return End("", opens="coding", about=talk.draft.argument)


def to_payment(talk: T) -> End:
    return End("", opens="remitting_payment", about=talk.draft.argument)


def to_seconding(talk: T) -> End:
    return End("", opens="seconding", about=talk.draft.argument)


def to_results(talk: T) -> End:
    return End("", opens="reconciling", about=talk.draft.argument)


def sheet(talk: T) -> Question | Show:
    text = _("{number}: unduh lembarnya di sini, paling lama 30 menit. Isinya NIK lengkap, hanya untuk BPJS.\n{link}")
    return on_page(talk, text)


def upload(talk: T) -> Question | Show:
    text = _(
        "{number}: unggah jawaban BPJS di sini, paling lama 30 menit. Isinya ditunjukkan dulu, baru dicatat.\n{link}"
    )
    return on_page(talk, text)


def on_page(talk: T, text: str) -> Question | Show:
    """A page of ours carries what the chat must not."""
    remittance = at_hand(talk)
    if not talk.facts.pages:
        return Show(_("Halaman kami belum bisa dibuka dari sini. Minta bantuan pengelola sistem."), then=batch)
    return Choose(
        text.replace("{number}", remittance.number),
        [Option(_("Lihat setoran"), batch), Option(_("Minta tautan baru"), says="ulang", words=("tautan",))],
        look=f"remittance/{remittance.id}",
    )


def taken_back(talk: T) -> Show:
    remittance = at_hand(talk)
    if remittance.status != Status.PROPOSED or remittance.proposed_by != talk.person_id:
        return Show(told_state(remittance), then=batch)
    return Show(_("Catatan pembayaran ditarik kembali."), do=take_back, then=and_now)


def take_back(db: Session, talk: T) -> None:
    """What was said about the payment is not so. Raises `Overtaken`."""
    remittances.object_to(db, locked(db, talk), by=talk.person_id, now=talk.now)


def confirm_cancel(talk: T) -> Question | Show:
    remittance = at_hand(talk)
    if remittance.status not in UNPAID:
        return Show(told_state(remittance), then=batch)
    return Choose(
        _("Batalkan {number}? Semua barisnya bisa disusun lagi nanti.").format(number=remittance.number),
        [Option(_("Ya, batalkan setoran"), cancelled), Option(_("Tidak"), batch)],
    )


def cancelled(talk: T) -> Show:
    remittance = at_hand(talk)
    if remittance.status not in UNPAID:
        return Show(told_state(remittance), then=batch)
    return Show(_("{number} dibatalkan.").format(number=remittance.number), do=cancel, then=and_now)


def cancel(db: Session, talk: T) -> None:
    """The batch is not paid. Raises `Overtaken`."""
    remittances.cancel(db, locked(db, talk), by=talk.person_id, now=talk.now)


# ── its lines ────────────────────────────────────────────────────────────────────────────────────────────────────


def choose_line(talk: T) -> Question:
    remittance = at_hand(talk)
    found = remittances.lines_of(talk.db, remittance)
    options = [Option(words.with_status(one), value=str(one[0].id), key=str(one[0].id)) for one in found]
    return Choose(
        _("{number}: {count} baris. Pilih satu untuk melihatnya.").format(number=remittance.number, count=len(found)),
        [*options, Option(_("Kembali ke setoran"), batch, words=("setoran",))],
        save="which",
        then=line,
    )


def line(talk: T) -> Question:
    remittance = at_hand(talk)
    found = line_at_hand(talk.db, talk, remittance)
    text = "\n".join(filter(None, [words.with_status(found), words.told_of(found[0])]))
    switch: list[Option] = []
    if remittance.status in UNPAID and found[0].status == LineStatus.OPEN:
        switch = [Option(_("Keluarkan"), line_out)]
    elif remittance.status in UNPAID and found[0].status == LineStatus.LEFT_OUT:
        switch = [Option(_("Masukkan lagi"), line_in)]
    return Choose(text, [*switch, Option(_("Kembali ke daftar"), choose_line, words=("daftar",))])


def line_out(talk: T) -> Show:
    remittance = at_hand(talk)
    found = line_at_hand(talk.db, talk, remittance)
    if remittance.status not in UNPAID or found[0].status != LineStatus.OPEN:
        return changed(talk)
    text = _("{line}: dikeluarkan.").format(line=words.of_line(found))
    if remittance.code:
        text += " " + _("Kalau kode bayarnya sudah ada, minta yang baru.")
    return Show(text, do=leave_out, then=after_line)


def leave_out(db: Session, talk: T) -> None:
    """Take the line out. Raises `Overtaken`."""
    remittance = locked(db, talk)
    remittances.leave_out(db, remittance, line_at_hand(db, talk, remittance)[0], by=talk.person_id, now=talk.now)


def line_in(talk: T) -> Show:
    remittance = at_hand(talk)
    found = line_at_hand(talk.db, talk, remittance)
    if remittance.status not in UNPAID or found[0].status != LineStatus.LEFT_OUT:
        return changed(talk)
    ready = remittances.candidates(talk.db, talk.house.id, Month.parse(found[0].month)).ready
    if (found[0].member_id, found[0].month) not in {(one.member_id, str(one.month)) for one in ready}:
        return Show(_("Baris itu tidak siap disetor lagi, atau sudah di setoran lain."), then=choose_line)
    return Show(_("{line}: masuk lagi.").format(line=words.of_line(found)), do=put_in, then=after_line)


def put_in(db: Session, talk: T) -> None:
    """The line is in the batch again. Raises `Overtaken`."""
    remittance = locked(db, talk)
    remittances.take_back(db, remittance, line_at_hand(db, talk, remittance)[0], by=talk.person_id, now=talk.now)


def after_line(talk: T) -> Question:
    return Choose(
        _("Lihat baris lain?"),
        [Option(_("Ya, baris lain"), choose_line), Option(_("Kembali ke setoran"), batch, words=("setoran", "tidak"))],
    )


remitting = Conversation(
    name="remitting",
    title=N_("setoran ke BPJS"),
    version=1,
    draft=Draft,
    start=begin,
    further_steps=(
        choose_batch,
        to_composing,
        batch,
        to_codes,
        to_payment,
        to_seconding,
        to_results,
        sheet,
        upload,
        taken_back,
        confirm_cancel,
        cancelled,
        choose_line,
        line,
        line_out,
        line_in,
        after_line,
        and_now,
        rest,
    ),
    words=("setor bpjs", "bayar bpjs", "remit"),
    only_for=frozenset({"treasurer"}),
)
