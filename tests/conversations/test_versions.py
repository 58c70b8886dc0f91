"""A talk that began on an older version of a conversation goes on in today's."""

from dataclasses import replace

import pytest

from conversations.ours import repertoire
from conversations.repertoire import NoWayOn
from conversations.steps import Ask, Chapter, Conversation, Migration
from domain.message import Kind
from tests.conversations import fiction, shapes
from tests.conversations.fiction import Order, fruit, order
from tests.conversations.pure import Phone


class Order2(Order):
    """The second version also asks how ripe, and counts in kilos."""

    kilos: int
    ripe: str


def ask_kilos(talk):
    return Ask("Berapa kilo?", read=fiction.number, save="kilos", then=ask_ripe)


def ask_ripe(talk):
    return Ask("Seberapa matang?", read=str, save="ripe", then=fiction.choose_village)


def in_kilos(draft):
    return {**{name: value for name, value in draft.items() if name != "count"}, "kilos": draft.get("count", 0)}


STEPS = {step: step for step in order.steps if step not in ("ask_count", "none_yet")}
ORDER_2 = replace(
    order,
    version=2,
    draft=Order2,
    chapters=tuple(
        Chapter("count", "Jumlah", (ask_kilos, ask_ripe)) if chapter.name == "count" else chapter
        for chapter in order.chapters
    ),
    migrations={1: Migration(steps={**STEPS, "ask_count": "ask_kilos"}, draft=in_kilos)},
)


def begun(*said: str) -> Phone:
    """Somebody in the middle of an order of the first version, and then the second one is released."""
    phone = Phone(fruit())
    phone.say("pesan", *said)
    phone.repertoire = fruit(ORDER_2)
    return phone


def test_an_answer_given_after_the_release_counts_in_the_new_version():
    phone = begun("mangga")
    assert phone.say("3") == "(2/5) Seberapa matang?"
    assert phone.place.version == 2
    assert phone.place.draft == {"fruit": "mango", "kilos": 3}


def test_answers_questions_behind_her_and_changes_move_on_together():
    phone = begun("mangga", "12")
    assert phone.say("kembali") == "(2/5) Berapa kilo?"
    phone = begun("mangga", "12", "ubah", "buah")
    phone.say("pisang")
    assert phone.place.step == "choose_village"
    assert phone.place.draft == {"fruit": "banana", "kilos": 12}


def test_what_waits_below_and_what_was_cancelled_move_on_too():
    phone = begun("mangga", "menu")
    assert phone.say("lanjutkan") == "Kita lanjutkan: pesanan.\n\n(2/5) Berapa kilo?"
    phone = begun("mangga", "batal", "ya")
    assert phone.say("urungkan") == "Kita lanjutkan: pesanan.\n\n(2/5) Berapa kilo?"


NOWHERE = [
    replace(ORDER_2, migrations={}),
    replace(ORDER_2, version=3),
    replace(ORDER_2, migrations={1: Migration(steps={"choose_fruit": "choose_fruit"})}),
    replace(order, chapters=tuple(chapter for chapter in order.chapters if chapter.name != "count")),
]


@pytest.mark.parametrize("conversation", NOWHERE)
def test_without_a_way_on_she_is_told_and_begins_anew(conversation: Conversation):
    phone = begun("mangga")
    phone.repertoire = fruit(conversation)
    place = phone.place
    with pytest.raises(NoWayOn):
        phone.repertoire.migrated(place)
    assert phone.say("3").startswith(
        "Maaf, pertanyaan yang tadi sudah kami ganti. Kita mulai lagi dari sini.\n\nMau apa?"
    )


@pytest.mark.parametrize("conversation", NOWHERE)
def test_without_a_way_on_nothing_else_is_lost(conversation: Conversation):
    phone = begun("mangga")
    phone.repertoire = fruit()
    phone.send(Kind.TAP, tap=">|greeting|")
    phone.repertoire = fruit(conversation)
    assert "Apa kabar?" in phone.say("baik")
    assert phone.say("baik").startswith("Syukurlah.")
    phone = begun("mangga", "batal", "ya")
    phone.repertoire = fruit(conversation)
    assert "Tidak ada yang bisa dikembalikan." in phone.say("urungkan")


def test_a_conversation_that_is_gone_is_left():
    phone = begun("mangga")
    phone.repertoire = replace(fruit(), conversations={n: c for n, c in fruit().conversations.items() if n != "order"})
    with pytest.raises(NoWayOn, match="order is no conversation any more"):
        phone.repertoire.migrated(phone.place)
    assert "Mau apa?" in phone.say("3")


def test_whether_a_way_leads_on_is_known_beforehand():
    assert ORDER_2.leads_on(1, "ask_count")
    assert ORDER_2.leads_on(2, "ask_kilos")
    assert not ORDER_2.leads_on(1, "none_yet")
    assert not NOWHERE[0].leads_on(1, "choose_fruit")
    assert not NOWHERE[3].leads_on(1, "ask_count")


# ── the lock on our own conversations ────────────────────────────────────────────────────────────────────────────

ADVICE = """{name} version {version} has changed its steps or its draft.
Released already? Raise the version and write a Migration.
Not yet? Renew the lock: python -m tests.conversations.shapes"""


@pytest.mark.parametrize("name", list(repertoire.conversations))
def test_no_conversation_changes_its_shape_without_a_new_version(name):
    conversation = repertoire.conversations[name]
    advice = ADVICE.format(name=name, version=conversation.version)
    assert shapes.locked().get(name, {}).get(str(conversation.version)) == shapes.shape_of(conversation), advice


@pytest.mark.parametrize("name", list(shapes.locked()))
def test_from_every_version_that_ever_was_a_way_leads_on(name):
    for version, shape in shapes.locked()[name].items():
        conversation = repertoire.conversations[name]
        stuck = [step for step in shape["steps"] if not conversation.leads_on(int(version), step)]
        assert stuck == [], f"{name} version {version}"
