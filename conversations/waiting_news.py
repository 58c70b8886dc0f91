"""Somebody answers a knock: what waited for her word goes out with it, and here is the word that says so."""

from conversations.answers import Answers
from conversations.steps import Conversation, End
from conversations.talk import Talk
from conversations.words import N_, _
from storage.queries import parked


class Draft(Answers):
    """Nothing is kept."""


def open_news(talk: Talk[Draft]) -> End:
    if parked.are_there(talk.db, talk.address_id):  # this very turn lets them go
        return End(_('Pesan yang menunggu kami kirim sekarang. Perlu yang lain? Ketik "menu".'))
    return End(_('Tidak ada pesan lain yang menunggu. Perlu sesuatu? Ketik "menu".'))


waiting_news = Conversation(
    name="waiting_news",
    title=N_("pesan yang menunggu"),
    version=1,
    draft=Draft,
    start=open_news,
    words=("buka", "buka pesan", "open"),
)
