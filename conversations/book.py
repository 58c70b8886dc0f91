"""The dues book, twelve months at a glance: open_book → show_book"""

from conversations.answers import Answers
from conversations.book_words import in_words, picture_of, shown_months
from conversations.keepsakes import DRAWING, keeping
from conversations.outlook import outlook
from conversations.steps import Choose, Conversation, End, Question, Show
from conversations.talk import Talk
from conversations.whose import hers_to_see, names, one_of
from conversations.words import N_, _
from domain.month import Month
from storage.queries import dues


class Draft(Answers):
    """Whose book."""

    member: str


T = Talk[Draft]


def open_book(talk: T) -> Question | Show | End:
    found = hers_to_see(talk.db, talk.house.id, talk.person_id)
    if not found:
        return End(_('Buku iuran ada setelah pendaftaran disetujui. Untuk mendaftar, ketik "daftar".'))
    if len(found) == 1:
        return Show("", keep={"member": found[0].id}, then=show_book)
    return Choose(_("Buku iuran siapa?"), names(found), save="member", then=show_book)


def show_book(talk: T) -> End:
    member = one_of(hers_to_see(talk.db, talk.house.id, talk.person_id), talk.draft.member)
    if member is None:
        return End(_("Buku iuran itu bukan untuk Bapak/Ibu lagi."))
    hers = outlook(talk.db, member, talk.today)
    current = Month.of(talk.today)
    first = Month.parse(member.first_month or str(current))
    months = shown_months(hers.book, current, first)
    coming = [month for month in months if month > current and month >= first] if member.status == "active" else []
    book = dues.with_months(talk.db, member, hers.book, coming)
    return End(
        in_words(hers, book, months),
        do=keeping(picture_of(hers, book, months, talk.house.name)),
        document=DRAWING,
    )


book = Conversation(
    name="book",
    title=N_("buku iuran"),
    version=1,
    draft=Draft,
    start=open_book,
    further_steps=(show_book,),
    words=("buku", "buku iuran", "book"),
)
