"""BPJS's payment codes, one for a batch or one for each member: choose_code → ask_code | ask_codes → check_codes."""

import re

from sqlmodel import Session

from conversations.batches import OfBatch, at_hand, back, changed, done, find, locked
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show, Unclear
from conversations.talk import Talk
from conversations.words import N_, _
from domain.nik import Nik, NotANik
from domain.remittance import LineStatus
from domain.text import plain
from storage.queries import remittances
from storage.queries.remittances import UNPAID, Found

FEW = 3  # names in one message
CODE = re.compile(r"(?=.*\d)[A-Za-z0-9-]{6,20}")
AROUND = " :;,=-"  # what people put between a name and a code


class Draft(OfBatch):
    """The codes."""

    code: str
    pairs: list[list[str]]  # whose, and the code


T = Talk[Draft]


def choose_code(talk: T) -> Question | Show:
    if find(talk) is None:
        return Show("", then=back)
    if at_hand(talk).status not in UNPAID:
        return changed(talk)
    return Choose(
        _("Kode bayar dari BPJS: satu untuk semua, atau satu untuk setiap anggota?"),
        [
            Option(_("Satu untuk semua"), ask_code, words=("satu", "semua")),
            Option(_("Per anggota"), ask_codes, words=("anggota",)),
            Option(_("Tidak jadi"), back),
        ],
    )


def payment_code(text: str) -> str:
    """BPJS's payment code, in capitals."""
    code = re.sub(r"[\s.]", "", plain(text))
    if not CODE.fullmatch(code):
        raise Unclear(_("Kode bayar itu 6 sampai 20 huruf atau angka. Coba ketik lagi."))
    if is_nik(code):
        raise Unclear(_("Itu NIK. Jangan tulis NIK di chat, tulis kode bayarnya."))
    return code.upper()


def is_nik(code: str) -> bool:
    """True when it may be somebody's."""
    try:
        Nik.parse(code)
    except NotANik:
        return False
    return True


def ask_code(talk: T) -> Question:
    return Ask(
        _("Ketik kode bayarnya."), read=payment_code, save="code", then=coded, options=[Option(_("Tidak jadi"), back)]
    )


def coded(talk: T) -> End | Show:
    if at_hand(talk).status not in UNPAID:
        return changed(talk)
    return done(_("Kode bayar {code} dicatat.").format(code=talk.draft.code), talk, set_code)


def set_code(db: Session, talk: T) -> None:
    """Keep the code of the batch. Raises `Overtaken`."""
    remittances.set_code(db, locked(db, talk), talk.draft.code, by=talk.person_id, now=talk.now)


# ── one for each member ──────────────────────────────────────────────────────────────────────────────────────────


def ask_codes(talk: T) -> Question:
    return Ask(
        _("Tempel satu baris untuk setiap anggota: nama atau 4 angka akhir NIK, spasi, lalu kodenya."),
        read=codes,
        save="pairs",
        then=check_codes,
        options=[Option(_("Tidak jadi"), back)],
        example=_("Contoh: Siti Aminah AB123456"),
    )


def codes(text: str) -> list[list[str]]:
    """Whose code, and the code, line by line."""
    found = []
    for number, line in enumerate(filter(None, map(plain, text.splitlines())), start=1):
        whose, _space, code = line.rpartition(" ")
        if not whose.strip(AROUND):
            advice = _("Baris {number} belum bisa dibaca. Tulis nama atau 4 angka akhir NIK, spasi, lalu kodenya.")
            raise Unclear(advice.format(number=number))
        found.append([whose_of(whose), payment_code(code)])
    return found


def whose_of(text: str) -> str:
    """A name, or the end of a NIK."""
    digits = re.sub(r"\D", "", text)
    return digits[-4:] if len(digits) >= 4 else " ".join(text.strip(AROUND).casefold().split())


def fitted(db: Session, talk: T) -> tuple[dict[int, str], list[str]]:
    """Line → code, and the names that fit nobody, or several."""
    remittance = remittances.find(db, talk.house.id, talk.draft.argument)
    lines = remittances.lines_of(db, remittance, (LineStatus.OPEN,)) if remittance else []
    known: dict[int, str] = {}
    unknown: list[str] = []
    for whose, code in talk.draft.pairs:
        found = [one for one in lines if is_whose(one, whose)]
        if len({member.id for _line, member in found}) == 1:
            known |= {line.id or 0: code for line, _member in found}
        else:
            unknown.append(whose)
    return known, unknown


def is_whose(found: Found, whose: str) -> bool:
    """True when the line is of whoever is named so."""
    member = found[1]
    if whose.isdecimal():
        return member.nik_end == whose
    return set(whose.split()) <= set(member.name.casefold().split())


def check_codes(talk: T) -> Question | Show:
    remittance = at_hand(talk)
    if remittance.status not in UNPAID:
        return changed(talk)
    known, unknown = fitted(talk.db, talk)
    count = remittances.totals(talk.db, remittance).get(LineStatus.OPEN, (0, 0))[0]
    lines = [_("Cocok: {known} dari {count} baris.").format(known=len(known), count=count)]
    if unknown:
        named = ", ".join(unknown[:FEW]) + ("…" if len(unknown) > FEW else "")
        lines.append(_("Tidak cocok dengan satu orang: {names}.").format(names=named))
    return Choose(
        "\n".join(lines),
        [
            *([Option(_("Simpan yang cocok"), all_coded, words=("simpan", "ya"))] if known else []),
            Option(_("Tempel lagi"), ask_codes),
            Option(_("Tidak jadi"), back),
        ],
    )


def all_coded(talk: T) -> End | Show:
    if at_hand(talk).status not in UNPAID:
        return changed(talk)
    known, _unknown = fitted(talk.db, talk)
    return done(_("Kode bayar {count} baris dicatat.").format(count=len(known)), talk, set_codes)


def set_codes(db: Session, talk: T) -> None:
    """Keep the codes of the lines. Raises `Overtaken`."""
    remittances.set_line_codes(db, locked(db, talk), fitted(db, talk)[0], by=talk.person_id, now=talk.now)


coding = Conversation(
    name="coding",
    title=N_("kode bayar BPJS"),
    version=1,
    draft=Draft,
    start=choose_code,
    further_steps=(ask_code, coded, ask_codes, check_codes, all_coded, back),
    only_for=frozenset({"treasurer"}),
)
