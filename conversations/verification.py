"""Officers verify registrations.

next_application → decide → approved | choose_chapter → choose_note → sent_back | choose_reason → refused → ask_next
"""

from datetime import timedelta
from functools import partial
from typing import Any

from sqlmodel import Session

from conversations import readers
from conversations.admission import admit, tell_applicant
from conversations.answers import Answers
from conversations.application_words import answers_of, details, told_who
from conversations.registration import registration
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _
from domain.application import ApplicationEvent as Event
from storage.queries import applications, audit, members
from storage.tables import Application

CLAIM = timedelta(minutes=15)
NOTES = (
    N_("Fotonya buram, tolong foto lagi."),
    N_("Belum sama dengan KTP."),
    N_("Belum lengkap."),
)
REASONS = (
    N_("Sudah terdaftar."),
    N_("Data tidak sesuai KTP."),
    N_("Bukan anggota asosiasi."),
)


class Draft(Answers):
    """The application at hand, and what the officer says about it."""

    application: str
    chapter: str
    note: str
    reason: str
    purpose: str  # why the whole NIK was shown
    put_back: list[str]  # the applications that he left to others just now


T = Talk[Draft]


def next_application(talk: T) -> Show | End:
    found = applications.oldest_waiting(
        talk.db, talk.house.id, officer_id=talk.person_id, now=talk.now, but=talk.draft.get("put_back", [])
    )
    if found is None:
        return End(_("Antrean kosong. Terima kasih."))
    return Show("", keep={"application": found.id}, do=claim, then=decide)


def claim(db: Session, talk: T) -> None:
    """Hold it for this officer. Raises `Overtaken`."""
    applications.claim(
        db,
        talk.draft.application,
        association_id=talk.house.id,
        by=talk.person_id,
        now=talk.now,
        until=talk.now + CLAIM,
    )


def decide(talk: T) -> Question | Show:
    application = at_hand(talk)
    if already_decided(talk, application):
        return Show(told_who(talk.db, application), then=ask_next)
    photo = [Option(_("Lihat foto KTP"), see_ktp)] if answers_of(application).get("ktp") else []
    return Choose(
        details(talk.db, application),
        [
            Option(_("Setujui"), approved, words=("setuju", "terima")),
            Option(_("Minta perbaikan"), choose_chapter, words=("kembalikan",)),
            Option(_("Tolak"), choose_reason),
            *photo,
            Option(_("Lihat NIK lengkap"), ask_purpose),
            Option(_("Nanti saja"), put_back, words=("lewati",)),
        ],
    )


def at_hand(talk: T) -> Application:
    """The application that this officer looks at."""
    application = applications.find(talk.db, talk.house.id, talk.draft.application)
    assert application is not None
    return application


def already_decided(talk: T, application: Application) -> bool:
    """True when it is not this officer's to decide any more."""
    return not applications.is_open_to(application, talk.person_id, talk.now)


# ── looking closer ───────────────────────────────────────────────────────────────────────────────────────────────


def see_ktp(talk: T) -> Question | Show:
    application = at_hand(talk)
    if already_decided(talk, application):
        return Show(told_who(talk.db, application), then=ask_next)
    if not talk.facts.nik_in_chat:
        return on_page(application, f"ktp/{application.id}")
    return Choose(
        _("Foto KTP {number}. Hanya untuk pemeriksaan, jangan disebarkan.").format(number=application.number),
        {_("Lihat pendaftaran"): decide},
        do=partial(note_look, "saw_ktp"),
        document=answers_of(application).ktp,
    )


def on_page(application: Application, subject: str) -> Question:
    """What this chat must not carry is shown on a page; whoever opens it leaves a trace."""
    text = _("{number}: buka di halaman ini, paling lama 30 menit. Hanya untuk pemeriksaan, jangan disebarkan.\n{link}")
    return Choose(
        text.replace("{number}", application.number),
        [Option(_("Lihat pendaftaran"), decide), Option(_("Minta tautan baru"), says="ulang", words=("tautan",))],
        look=subject,
    )


def ask_purpose(talk: T) -> Question:
    return Ask(
        _("Untuk apa NIK lengkapnya? Alasannya dicatat."),
        read=readers.long_text,
        save="purpose",
        then=see_nik,
        options=[Option(_("Tidak jadi"), decide)],
    )


def see_nik(talk: T) -> Question | Show:
    application = at_hand(talk)
    if already_decided(talk, application):
        return Show(told_who(talk.db, application), then=ask_next)
    if not talk.facts.nik_in_chat:
        return on_page(application, f"nik/{application.id}/{talk.draft.purpose}")
    nik = answers_of(application).nik
    return Show(
        _("NIK {number}: {nik}").format(number=application.number, nik=nik.digits),
        do=partial(note_look, "saw_nik"),
        then=decide,
    )


def note_look(action: str, db: Session, talk: T) -> None:
    """Whoever looks at an identifier leaves a trace."""
    purpose = {"purpose": talk.draft.get("purpose", "")} if action == "saw_nik" else {}
    note(db, talk, action, purpose)


# ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────


def approved(talk: T) -> Show:
    application = at_hand(talk)
    bar = why_not(talk, application)
    if bar:
        talk.db.refresh(application)  # another officer may have made her a member in this very moment
    if already_decided(talk, application):
        return Show(told_who(talk.db, application), then=ask_next)
    if bar:
        return Show(bar, then=decide)
    return Show(_("{number} disetujui.").format(number=application.number), do=verify, then=ask_next)


def why_not(talk: T, application: Application) -> str:
    """Why she cannot become a member now; "" when she can."""
    if members.find_by_nik(talk.db, talk.house.id, answers_of(application).nik):
        return _("NIK ini sudah dipakai anggota lain, jadi belum bisa disetujui. Tolak, atau minta perbaikan.")
    if members.find_of_person(talk.db, talk.house.id, application.person_id):
        return _("Orang ini sudah menjadi anggota, jadi tidak bisa disetujui dua kali.")
    return ""


def verify(db: Session, talk: T) -> None:
    """She becomes a member and hears of it. Raises `Overtaken`."""
    application = decide_on(db, talk, Event.VERIFY)
    admit(db, application, answers_of(application), now=talk.now)
    tell_applicant(db, application, now=talk.now)


def choose_chapter(talk: T) -> Question:
    options = [Option(_(c.title), value=c.name) for c in registration.chapters if c.shows and c.name != "whom"]
    return Choose(
        _("Apa yang harus diperbaiki?"), [*options, Option(_("Tidak jadi"), decide)], save="chapter", then=choose_note
    )


def choose_note(talk: T) -> Question:
    return Choose(
        _("Pesan untuk pendaftar? Pilih, atau ketik sendiri."),
        [*ready_made(NOTES), Option(_("Tidak jadi"), decide)],
        save="note",
        read=readers.long_text,
        then=sent_back,
    )


def ready_made(sentences: tuple[str, ...]) -> list[Option]:
    """Sentences to choose from; kept in Indonesian, and said in the language of whoever reads them."""
    return [Option(_(words), value=words, key=str(number)) for number, words in enumerate(sentences)]


def sent_back(talk: T) -> Show:
    application = at_hand(talk)
    if already_decided(talk, application):
        return Show(told_who(talk.db, application), then=ask_next)
    return Show(_("{number} dikembalikan ke pendaftar.").format(number=application.number), do=send_back, then=ask_next)


def send_back(db: Session, talk: T) -> None:
    """She is asked for that one thing. Raises `Overtaken`."""
    application = decide_on(db, talk, Event.SEND_BACK, reason=talk.draft.note, to_repair=talk.draft.chapter)
    tell_applicant(db, application, now=talk.now)


def choose_reason(talk: T) -> Question:
    return Choose(
        _("Alasannya? Pilih, atau ketik sendiri. Pendaftar akan membacanya."),
        [*ready_made(REASONS), Option(_("Tidak jadi"), decide)],
        save="reason",
        read=readers.long_text,
        then=confirm_refusal,
    )


def confirm_refusal(talk: T) -> Question | Show:
    application = at_hand(talk)
    if already_decided(talk, application):
        return Show(told_who(talk.db, application), then=ask_next)
    return Choose(
        _("Tolak {number} dengan alasan: {reason}").format(number=application.number, reason=_(talk.draft.reason)),
        {_("Ya, tolak"): refused, _("Ganti alasan"): choose_reason, _("Tidak jadi"): decide},
    )


def refused(talk: T) -> Show:
    application = at_hand(talk)
    if already_decided(talk, application):
        return Show(told_who(talk.db, application), then=ask_next)
    return Show(_("{number} ditolak.").format(number=application.number), do=refuse, then=ask_next)


def refuse(db: Session, talk: T) -> None:
    """She hears why. Raises `Overtaken`."""
    application = decide_on(db, talk, Event.REFUSE, reason=talk.draft.reason)
    tell_applicant(db, application, now=talk.now)


def decide_on(db: Session, talk: T, event: Event, *, reason: str = "", to_repair: str = "") -> Application:
    """Decide in this officer's name, and leave a trace. Raises `Overtaken`."""
    application = applications.lock(db, talk.house.id, talk.draft.application)
    applications.decide(db, application, event, by=talk.person_id, now=talk.now, reason=reason, to_repair=to_repair)
    note(db, talk, str(event), {"chapter": to_repair} if to_repair else {})
    return application


def note(db: Session, talk: T, action: str, facts: dict[str, Any]) -> None:
    """One row in the audit trail about the application at hand."""
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action=action,
        subject=f"application/{talk.draft.application}",
        now=talk.now,
        facts=facts,
    )


def put_back(talk: T) -> Show:
    return Show(
        _("Baik, {number} kembali ke antrean.").format(number=at_hand(talk).number),
        keep={"put_back": [*talk.draft.get("put_back", []), talk.draft.application]},
        do=leave_to_others,
        then=ask_next,
    )


def leave_to_others(db: Session, talk: T) -> None:
    """The application is free again."""
    applications.put_back(db, talk.house.id, talk.draft.application, by=talk.person_id)


def ask_next(talk: T) -> Question:
    return Choose(
        _("Lanjut ke pendaftaran berikutnya?"),
        [
            Option(_("Ya, berikutnya"), next_application, words=("antrean", "antrian", "queue")),
            Option(_("Cukup"), rest),
        ],
    )


def rest(talk: T) -> End:
    return End(_('Ketik "antrean" untuk melanjutkan kapan saja.'))


verification = Conversation(
    name="verification",
    title=N_("pemeriksaan pendaftaran"),
    version=1,
    draft=Draft,
    start=next_application,
    further_steps=(
        decide,
        see_ktp,
        ask_purpose,
        see_nik,
        approved,
        choose_chapter,
        choose_note,
        sent_back,
        choose_reason,
        confirm_refusal,
        refused,
        put_back,
        ask_next,
        rest,
    ),
    words=("antrean", "antrian", "verifikasi", "periksa", "queue"),
    only_for=frozenset({"officer"}),
)
