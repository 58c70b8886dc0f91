"""She says when she will pay, and is left alone until then: begin_promise → ask_day → promised"""

import re
from contextlib import suppress
from datetime import date, timedelta

from sqlmodel import Session

from conversations import readers
from conversations.answers import Answers
from conversations.choices import bare
from conversations.steps import Ask, Conversation, End, Option, Question, Show, Unclear
from conversations.talk import Talk
from conversations.words import N_, _, long_date, rupiah
from domain.month import Month
from storage.queries import dues, members, reminders

WORDS_OF_DAYS = {"hari ini": 0, "sekarang": 0, "besok": 1, "lusa": 2, "today": 0, "tomorrow": 1}
COMING = re.compile(r"^(\d{1,2})(?:[\s./-]*(\d{1,2}|[a-z]+))?$")
LONGEST = 45  # days that may be promised


class Draft(Answers):
    """The day."""

    argument: str
    pay_on: date


T = Talk[Draft]


def begin_promise(talk: T) -> Show:
    try:
        return Show("", keep={"pay_on": day_to_come(talk.draft.get("argument", ""), talk.today)}, then=weigh)
    except Unclear:
        return Show("", then=ask_day)


def weigh(talk: T) -> Show:
    """The day was said at once; is anything owed at all?"""
    return Show("", then=promised if owed_now(talk) else ask_day)


def owed_now(talk: T) -> int:
    """What she owes by now; 0 for somebody who is no member."""
    member = members.find_of_person(talk.db, talk.house.id, talk.person_id)
    return dues.book_of(talk.db, member, talk.today).owed(Month.of(talk.today)) if member else 0


def ask_day(talk: T) -> Question | End:
    member = members.find_of_person(talk.db, talk.house.id, talk.person_id)
    if member is None:
        return End(_('Belum ada iuran atas nama Bapak/Ibu. Untuk mendaftar, ketik "daftar".'))
    owed = owed_now(talk)
    if owed == 0:
        return End(_("Tidak ada iuran yang harus dibayar sekarang. Terima kasih."))
    soon = [talk.today + timedelta(days=days) for days in (1, 3, 7)]
    return Ask(
        _("Yang belum dibayar {amount}. Kapan Bapak/Ibu mau bayar? Pilih, atau ketik tanggalnya.").format(
            amount=rupiah(owed)
        ),
        read=lambda text: day_to_come(text, talk.today),
        save="pay_on",
        then=promised,
        options=[
            *(Option(long_date(day), value=day, key=day.isoformat()) for day in soon),
            Option(_("Tidak jadi"), unchanged, key="no"),
        ],
        example=_("Contoh: tanggal 20, atau 20 Desember."),
    )


def day_to_come(text: str, today: date) -> date:
    """A day on which she will pay: today or later, and not too far away."""
    day = coming_day(text, today)
    if day > today + timedelta(days=LONGEST):
        raise Unclear(_("Itu terlalu lama. Pilih tanggal dalam 45 hari ini."))
    return day


def coming_day(text: str, today: date) -> date:
    """A day from today on: "besok", "tanggal 20", "20", "20 Desember", "5/12"; a bare number is the next such day."""
    said = bare(text).removeprefix("tanggal ").removeprefix("tgl ").strip()
    if said in WORDS_OF_DAYS:
        return today + timedelta(days=WORDS_OF_DAYS[said])
    found = COMING.match(said)
    if not found:
        raise Unclear(_("Ketik tanggalnya. Contoh: tanggal 20, atau 20 Desember."))
    number, month = int(found[1]), readers.month_number(found[2]) if found[2] else 0
    for ahead in range(13):
        of_month = Month.of(today) + ahead
        with suppress(ValueError):
            day = date(of_month.year, of_month.month, number)
            if day >= today and month in (0, day.month):
                return day
    raise Unclear(_("Tanggal itu tidak ada. Coba lihat kalender, lalu ketik lagi."))


def promised(talk: T) -> End:
    return End(
        _("Baik, kami tunggu sampai {day}. Sebelum itu kami tidak mengingatkan.").format(
            day=long_date(talk.draft.pay_on)
        ),
        do=keep_promise,
    )


def keep_promise(db: Session, talk: T) -> None:
    """No reminder until then."""
    member = members.find_of_person(db, talk.house.id, talk.person_id)
    assert member is not None
    reminders.promise(db, member, talk.draft.pay_on, now=talk.now)


def unchanged(talk: T) -> End:
    return End(_("Baik, tidak ada yang berubah."))


promising = Conversation(
    name="promising",
    title=N_("janji bayar"),
    version=1,
    draft=Draft,
    start=begin_promise,
    further_steps=(weigh, ask_day, promised, unchanged),
    words=("bayar nanti", "janji bayar", "saya bayar tanggal", "saya bayar tgl", "bayar tanggal", "promise"),
    takes_argument=True,
)
