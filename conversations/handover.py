"""Talk to a human: ask_question → handed_over; and what the officers do with it: next_ticket → answer → answered"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.notices import tell, tell_staff
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show
from conversations.talk import House, Talk
from conversations.words import N_, _
from domain.name import clean_text
from domain.nik import hide_niks
from storage.database import Overtaken
from storage.queries import people, tickets
from storage.tables import Address, Ticket


class Draft(Answers):
    """The question."""

    question: str


class TicketDraft(Answers):
    """The ticket at hand, and its answer."""

    ticket: str
    answer: str
    left: list[str]  # the tickets that he left for later just now


# ── the vendor ───────────────────────────────────────────────────────────────────────────────────────────────────


def ask_question(talk: Talk[Draft]) -> Question:
    lines = [_("Tulis pertanyaan Bapak/Ibu dalam satu pesan, nanti petugas menjawab di sini.")]
    lines.append(_("Kecelakaan kerja? Lapor paling lambat 2x24 jam ke 175 atau kantor cabang BPJS Ketenagakerjaan."))
    if talk.house.help_contact:
        lines.append(_("Bicara langsung: {contact}.").format(contact=talk.house.help_contact))
    return Ask("\n".join(lines), read=readers.long_text, save="question", then=handed_over)


def handed_over(talk: Talk[Draft]) -> End:
    return End(_("Sudah kami teruskan ke petugas, nomor {number}. Jawabannya datang di sini."), do=open_ticket)


def open_ticket(db: Session, talk: Talk[Draft]) -> dict[str, str]:
    return {"number": hand_over(db, talk, "question", talk.draft.question)}


def call_human(db: Session, talk: Talk[Any]) -> None:
    """Somebody is stuck at a question: the officers get a ticket, one while it is open."""
    if not tickets.has_open(db, talk.house.id, talk.person_id, "stuck"):
        said = clean_text(talk.facts.incoming.text, readers.LONG) or talk.facts.incoming.kind.value
        hand_over(db, talk, "stuck", hide_niks(f"{talk.facts.asked} → {said}"))


def hand_over(db: Session, talk: Talk[Any], kind: str, words: str) -> str:
    """Open a ticket and tell the officers; its number."""
    ticket = tickets.open_ticket(
        db,
        association_id=talk.house.id,
        kind=kind,
        person_id=talk.person_id,
        address_id=talk.address_id,
        words=words,
        now=talk.now,
    )
    tell_officers(db, talk.house.id, ticket, now=talk.now, but={talk.person_id})
    return ticket.number


def tell_officers(
    db: Session, association_id: str, ticket: Ticket, *, now: datetime, but: Collection[str] = ()
) -> None:
    """Every officer hears that a ticket waits."""

    def said() -> str:
        return _('Ada pertanyaan menunggu: {number}. Ketik "tiket" untuk menjawab.').format(number=ticket.number)

    tell_staff(db, association_id, "officer", said, key=f"ticket:{ticket.id}", now=now, but=but, opens="tickets")


def report_unreachable(db: Session, house: House, address: Address, *, now: datetime) -> None:
    """The provider knows nobody at her only address: the officers must find her."""
    if tickets.has_open(db, house.id, address.person_id, "unreachable"):
        return
    ticket = tickets.open_ticket(
        db,
        association_id=house.id,
        kind="unreachable",
        person_id=address.person_id,
        words=_("Nomor atau akunnya tidak dikenal lagi. Tolong hubungi langsung dan minta menulis ke sini."),
        now=now,
    )
    tell_officers(db, house.id, ticket, now=now)


# ── the officer ──────────────────────────────────────────────────────────────────────────────────────────────────


def next_ticket(talk: Talk[TicketDraft]) -> Show | End:
    waiting = tickets.oldest_open(talk.db, talk.house.id, but=talk.draft.get("left", []))
    if waiting is None and talk.draft.has("left"):
        return End(_("Tidak ada pertanyaan lain yang menunggu."))
    if waiting is None:
        return End(_("Tidak ada pertanyaan yang menunggu."))
    return Show("", keep={"ticket": waiting.id}, then=ask_answer)


def ask_answer(talk: Talk[TicketDraft]) -> Question | End:
    ticket = tickets.find(talk.db, talk.house.id, talk.draft.ticket)
    if ticket is None or ticket.status == "closed":
        return End(_("Pertanyaan itu sudah dijawab petugas lain."))
    kinds = {
        "question": _("bertanya"),
        "stuck": _("kesulitan saat mengisi"),
        "duplicate_nik": _("NIK sama"),
        "not_processed": _("pesannya gagal diolah"),
        "unreachable": _("tidak bisa dihubungi"),
        "identity": _("nomornya perlu dipastikan"),
    }
    told = _("{number}, {who} ({kind}):\n{words}").format(
        number=ticket.number,
        who=people.name_of(talk.db, ticket.person_id),
        kind=kinds[ticket.kind],
        words=tickets.words_of(ticket),
    )
    options = [Option(_("Tutup tanpa jawaban"), closed), Option(_("Nanti saja"), left_open)]
    if ticket.address_id is None:  # nobody asked; an officer only has to know
        return Choose(told, options)
    told += "\n\n" + _("Tulis jawabannya, atau pilih:")
    return Ask(told, read=readers.long_text, save="answer", then=answered, options=options)


def answered(talk: Talk[TicketDraft]) -> End:
    return End(_('Jawaban kami kirim begitu bisa. Ketik "tiket" untuk pertanyaan berikutnya.'), do=send_answer)


def closed(talk: Talk[TicketDraft]) -> End:
    return End(_('Sudah ditutup. Ketik "tiket" untuk pertanyaan berikutnya.'), do=close_ticket)


def left_open(talk: Talk[TicketDraft]) -> Show:
    left = [*talk.draft.get("left", []), talk.draft.ticket]
    return Show(_("Baik, dibiarkan menunggu."), keep={"left": left}, then=next_ticket)


def send_answer(db: Session, talk: Talk[TicketDraft]) -> None:
    """Tell her what the officer wrote, and close the ticket. Raises `Overtaken`."""
    close_ticket(db, talk)
    ticket = tickets.find(db, talk.house.id, talk.draft.ticket)
    assert ticket is not None
    if ticket.address_id is None:
        return

    def words() -> str:
        return _("Jawaban petugas untuk {number}:\n{answer}").format(number=ticket.number, answer=talk.draft.answer)

    tell(db, ticket.person_id, words, key=f"ticket:{ticket.id}:answer", now=talk.now, at=ticket.address_id)


def close_ticket(db: Session, talk: Talk[TicketDraft]) -> None:
    """Close it in the officer's name. Raises `Overtaken` when another did."""
    if not tickets.close(db, talk.house.id, talk.draft.ticket, by=talk.person_id, now=talk.now):
        raise Overtaken("another officer answered it")


handover = Conversation(
    name="handover",
    title=N_("pertanyaan ke petugas"),
    version=1,
    draft=Draft,
    start=ask_question,
    further_steps=(handed_over,),
)
answering = Conversation(
    name="tickets",
    title=N_("jawab pertanyaan"),
    version=1,
    draft=TicketDraft,
    start=next_ticket,
    further_steps=(ask_answer, answered, closed, left_open),
    words=("tiket", "ticket", "tickets"),
    only_for=frozenset({"officer"}),
)
