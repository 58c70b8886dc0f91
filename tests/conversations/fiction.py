"""Conversations about fruit, invented to try the engine on: an order that takes effort, a greeting, a menu."""

from collections.abc import Mapping
from dataclasses import replace

from conversations import readers
from conversations.answers import Answers
from conversations.repertoire import Repertoire
from conversations.steps import Ask, Chapter, Choose, Conversation, End, Migration, Option, Question, Show, Unclear
from conversations.talk import Talk

FLOWERS = ["Anggrek", "Bakung", "Cempaka", "Dahlia", "Edelweis", "Flamboyan", "Gaharu", "Hanjuang", "Irama", "Jati"]
TREES = ["Kamboja", "Lontar", "Melati", "Nangka", "Orkid", "Pinus", "Randu", "Sawo", "Teratai", "Ulin"]
VILLAGES = [*(f"Desa {flower}" for flower in FLOWERS), *(f"Dusun {tree}" for tree in TREES)]


class Order(Answers):
    """What somebody orders."""

    fruit: str
    count: int
    village: str
    photo: str
    name: str


class Nothing(Answers):
    """Nothing is kept."""


def number(text: str) -> int:
    """How many."""
    if not text.isdecimal():
        raise Unclear("Ketik angka.")
    return int(text)


def choose_fruit(talk: Talk[Order]) -> Question:
    return Choose(
        "Buah apa?",
        [Option("Mangga", value="mango"), Option("Pisang", value="banana"), Option("Sawo atau salak", value="snake")],
        save="fruit",
        then=ask_count,
    )


def ask_count(talk: Talk[Order]) -> Question:
    return Ask(
        "Berapa buah yang mau dipesan?",
        read=number,
        save="count",
        then=choose_village,
        simple="Berapa?",
        example="Contoh: 12.",
        sure=True,
        options=[Option("Belum tahu", none_yet)],
    )


def none_yet(talk: Talk[Order]) -> Show:
    return Show("Baik, satu saja.", keep={"count": 1}, then=choose_village)


def choose_village(talk: Talk[Order]) -> Question:
    return Choose("Desa mana?", [Option(v, value=v) for v in VILLAGES], save="village", then=ask_photo)


def ask_photo(talk: Talk[Order]) -> Question:
    return Ask(
        "Kirim foto keranjangnya.",
        read=None,
        save="photo",
        then=ask_name,
        photo=True,
        sure=True,
        options=[Option("Nanti", no_photo)],
    )


def no_photo(talk: Talk[Order]) -> Show:
    return Show("", keep={"photo": ""}, then=ask_name)


def ask_name(talk: Talk[Order]) -> Question:
    return Ask("Atas nama siapa?", read=readers.name, save="name", then=review)


def review(talk: Talk[Order]) -> Question:
    draft = talk.draft
    return Choose(
        f"{draft.count} {draft.fruit} ke {draft.village} untuk {draft.name}. Benar?",
        [Option("Benar, pesan", ordered), Option("Ubah jawaban", says="ubah")],
    )


def ordered(talk: Talk[Order]) -> End:
    return End("Pesanan {number} diterima.", do=keep_order)


def keep_order(db: object, talk: Talk[Order]) -> Mapping[str, str]:
    return {"number": "1"}


def choose_from_menu(talk: Talk[Nothing]) -> Question:
    waiting = [Option(f"Lanjutkan {talk.facts.waiting}", says="lanjutkan")] if talk.facts.waiting else []
    return Choose("Mau apa?", [*waiting, Option("Pesan buah", to_order, words=("pesan",)), Option("Sapa", to_greet)])


def to_order(talk: Talk[Nothing]) -> End:
    return End("", opens="order")


def to_greet(talk: Talk[Nothing]) -> End:
    return End("", opens="greeting")


def greet(talk: Talk[Nothing]) -> Question:
    return Choose("Apa kabar?", {"Baik": glad, "Sakit": sorry})


def glad(talk: Talk[Nothing]) -> End:
    return End("Syukurlah.")


def sorry(talk: Talk[Nothing]) -> End:
    return End("Lekas sembuh.")


def call_human(db: object, talk: Talk[Order]) -> None:
    """A human hears of it."""


order = Conversation(
    name="order",
    title="pesanan",
    version=1,
    draft=Order,
    start=choose_fruit,
    words=("pesan", "order"),
    counted=True,
    kept=True,
    chapters=(
        Chapter("fruit", "Buah", (choose_fruit,), lambda draft: draft.fruit),
        Chapter("count", "Jumlah", (ask_count, none_yet), lambda draft: str(draft.count)),
        Chapter("village", "Desa", (choose_village,), lambda draft: draft.village),
        Chapter("photo", "Foto", (ask_photo, no_photo), lambda draft: draft.photo or "nanti"),
        Chapter("name", "Nama", (ask_name,), lambda draft: draft.name),
    ),
    further_steps=(review, ordered),
)
menu = Conversation(
    name="menu",
    title="menu",
    version=1,
    draft=Nothing,
    start=choose_from_menu,
    further_steps=(to_order, to_greet),
)
greeting = Conversation(
    name="greeting",
    title="sapaan",
    version=1,
    draft=Nothing,
    start=greet,
    further_steps=(glad, sorry),
    words=("sapa",),
)
welcome = replace(greeting, name="welcome", title="perkenalan", words=())
secret = Conversation(
    name="secret",
    title="rahasia",
    version=1,
    draft=Nothing,
    start=greet,
    further_steps=(glad, sorry),
    words=("rahasia",),
    only_for=frozenset({"officer"}),
)


def fruit(*conversations: Conversation) -> Repertoire:
    """A repertoire about fruit; `conversations` take the place of those of the same name."""
    every = {one.name: one for one in (welcome, menu, order, greeting, secret, *conversations)}
    return Repertoire.of(
        every.values(),
        welcome=welcome,
        menu=menu,
        everywhere={"menu": menu, "petugas": greeting},
        call_human=call_human,
    )


__all__ = ["Migration", "fruit", "order"]
