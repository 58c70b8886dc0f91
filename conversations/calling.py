"""A collector calls whom reminders did not move: choose_whom → look → ask_day | noted → choose_whom"""

from datetime import date

from sqlmodel import Session

from conversations.answers import Answers
from conversations.month_words import spans
from conversations.promising import day_to_come
from conversations.steps import Ask, Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _, long_date, rupiah
from storage.queries import audit, call_list, reminders
from storage.queries.call_list import ToCall


class Draft(Answers):
    """Whom, and what came of it."""

    member: str  # the end of her id
    outcome: str
    pay_on: date
    done: list[str]  # who was called in this talk


T = Talk[Draft]


def choose_whom(talk: T) -> Question | End:
    waiting = everybody(talk)
    if not waiting:
        return End(_("Tidak ada anggota yang perlu ditelepon sekarang."))
    options = [Option(f"{one.member.name}: {rupiah(one.owed)}", value=end_of(one), key=end_of(one)) for one in waiting]
    text = _("{count} anggota belum membayar dan belum menjawab pengingat. Telepon siapa?").format(count=len(waiting))
    return Choose(text, [*options, Option(_("Selesai"), finished, key="end")], save="member", then=look)


def everybody(talk: T) -> list[ToCall]:
    """The collector's list, without those whom he has just called."""
    waiting = call_list.of_collector(talk.db, talk.house.id, talk.person_id, talk.today)
    return [one for one in waiting if end_of(one) not in talk.draft.get("done", [])]


def done_with(talk: T) -> dict[str, list[str]]:
    """The member at hand is called."""
    return {"done": [*talk.draft.get("done", []), talk.draft.member]}


def end_of(one: ToCall) -> str:
    """What stands for a member in a button."""
    return one.member.id[-12:]


def chosen(db: Session, talk: T) -> ToCall | None:
    """The member at hand; None when she is not on the list any more."""
    waiting = call_list.of_collector(db, talk.house.id, talk.person_id, talk.today)
    return next((one for one in waiting if end_of(one) == talk.draft.member), None)


def look(talk: T) -> Question | Show:
    one = chosen(talk.db, talk)
    if one is None:
        return Show(_("Anggota itu sudah membayar atau sudah menjawab."), then=choose_whom)
    phone = call_list.phone_of(one.member) or _("belum ada")
    text = _("{name}\nHP: {phone}\nBelum dibayar: {owed} (iuran {months}).\nTempat jualan: {place}").format(
        name=one.member.name,
        phone=phone,
        owed=rupiah(one.owed),
        months=spans(one.months),
        place=one.member.workplace,
    )
    return Choose(
        text,
        [
            Option(_("Janji bayar"), ask_day),
            Option(_("Tidak terhubung"), noted, value="not_reached", key="not_reached"),
            Option(_("Tidak mau lanjut"), noted, value="wants_to_stop", key="wants_to_stop"),
            Option(_("Lainnya"), noted, value="other", key="other"),
            Option(_("Kembali ke daftar"), choose_whom),
        ],
        save="outcome",
        do=note_look,
    )


def note_look(db: Session, talk: T) -> None:
    """Whoever sees a number leaves a trace."""
    one = chosen(db, talk)
    if one:
        tell_trail(db, talk, "saw_phone", one)


def ask_day(talk: T) -> Question:
    return Ask(
        _("Kapan mau bayar?"),
        read=lambda text: day_to_come(text, talk.today),
        save="pay_on",
        then=promised,
        options=[Option(_("Tidak jadi"), look)],
        example=_("Contoh: tanggal 20, atau 20 Desember."),
    )


def promised(talk: T) -> Show:
    if chosen(talk.db, talk) is None:
        return Show(_("Anggota itu sudah membayar atau sudah menjawab."), then=choose_whom)
    text = _("Dicatat: janji bayar {day}. Sampai hari itu tidak diingatkan.").format(day=long_date(talk.draft.pay_on))
    return Show(text, do=keep_promise, keep=done_with(talk), then=choose_whom)


def keep_promise(db: Session, talk: T) -> None:
    """What she promised on the phone counts as if she had written it."""
    one = chosen(db, talk)
    if one:
        reminders.promise(db, one.member, talk.draft.pay_on, now=talk.now)
        tell_trail(db, talk, "called", one, outcome="promised")


def noted(talk: T) -> Show:
    if chosen(talk.db, talk) is None:
        return Show(_("Anggota itu sudah membayar atau sudah menjawab."), then=choose_whom)
    return Show(_("Dicatat. Terima kasih sudah menelepon."), do=keep_outcome, keep=done_with(talk), then=choose_whom)


def keep_outcome(db: Session, talk: T) -> None:
    """The list forgets her for this month."""
    one = chosen(db, talk)
    if one:
        call_list.note(db, one.member, one.month, talk.draft.outcome, by=talk.person_id, now=talk.now)
        tell_trail(db, talk, "called", one, outcome=talk.draft.outcome)


def tell_trail(db: Session, talk: T, action: str, one: ToCall, **facts: str) -> None:
    """One row in the audit trail."""
    audit.note(
        db,
        association_id=talk.house.id,
        actor_id=talk.person_id,
        action=action,
        subject=f"member/{one.member.id}",
        now=talk.now,
        facts={"month": str(one.month), **facts},
    )


def finished(talk: T) -> End:
    return End(_('Baik. Ketik "telepon" kapan saja.'))


calling = Conversation(
    name="calling",
    title=N_("daftar telepon"),
    version=1,
    draft=Draft,
    start=choose_whom,
    further_steps=(look, ask_day, promised, noted, finished),
    words=("telepon", "daftar telepon", "telpon", "call list"),
    only_for=frozenset({"collector"}),
)
