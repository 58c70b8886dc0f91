"""Every question of every conversation, and at each of them whatever somebody may send.

The questions are met by the walks in `world`; none is left out. At each, every word, kind of message, button and kind
of garbage is tried at once, and after three days a third of them, by turns; after each the same things must hold.
"""

import re
import sys
from collections.abc import Iterator
from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from conversations.asides import SPELLINGS, WORDS
from conversations.keepsakes import keep
from conversations.links import open_form, open_look
from conversations.ours import repertoire
from conversations.place import Place, Standing
from conversations.scene import Turn
from domain.message import Kind
from storage.database import open_database
from storage.migrate import upgrade
from storage.sealed import KeyRing, use_keys
from tests.conversations.pure import Phone, fits_everywhere
from tests.conversations.world import ENGINES_OWN, WALKS, World, founded, walk

NIK = re.compile(r"\d{16}|(?:\d{4} ){3}\d{4}")
EXAMPLE = "5271 0145 0587 0002"
BEGINNINGS = sorted(conversation.words[0] for conversation in repertoire.conversations.values() if conversation.words)
GARBAGE = [
    "",
    " ",
    "\n\n",
    "🙏🙏🙏",
    "👩🏽‍🌾",
    "مرحبا بكم",
    "\u202eterbalik",
    "\u200b\u200d\ufeff",
    "a\u0301" * 40,
    "\0",
    "x\0y",
    "\ud800",
    "nama \udfff saya",
    "x" * 10_000,
    "1" * 10_000,
    "e\u0301" * 990,
    "{number}",
    "%s {0} {}",
    "'; DROP TABLE talk; --",
    "<b>*tebal*</b> _miring_ `kode`",
    "-1",
    "0",
    "99",
    "1️⃣",
    "🔟",
    "ya",
    "tidak",
    "1\n1\n1",
    "gabung 12345678",
    "5271 0145 0587 0009",
]
OTHER_KINDS = [kind for kind in Kind if kind not in (Kind.TEXT, Kind.TAP, Kind.BLOCKED, Kind.UNBLOCKED)]


# ── the questions ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, a_ring: KeyRing) -> Iterator[World]:
    use_keys(a_ring)
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('world') / 'world.db'}")
    upgrade(database)
    with founded(database) as world:
        yield world
    database.close()


@pytest.fixture
def standings(world: World) -> dict[str, Phone]:
    """A phone at every question: "conversation/step", and further ones where the engine's own question stands."""
    found: dict[str, Phone] = {}
    for who, said in [*(w for walks in WALKS.values() for w in walks), *ENGINES_OWN]:
        phone = world.phone(who)
        for line in said:
            walk(phone, line)
            place = phone.standing.place
            found.setdefault(name_of(place), at_rest(phone))
    return found


def name_of(place: Place | None) -> str:
    """Where somebody stands, in a word."""
    if place is None:
        return "nowhere"
    special = [
        place.aside.partition(":")[0],
        f"changing {place.editing}" * bool(place.editing),
        "searching" * bool(place.search),
        "turned" * bool(place.page),
        f"over {place.below.conversation}" if place.below else "",
    ]
    return " ".join([f"{place.conversation}/{place.step}", *filter(None, special)])


def at_rest(phone: Phone) -> Phone:
    """A copy that may be played with."""
    twin = copy(phone)
    twin.buttons, twin.effects = list(phone.buttons), []
    return twin


def test_no_step_is_left_out(world):
    """Every step of every conversation runs in some walk."""
    ran = set()

    def watch(frame: Any, event: str, _argument: Any) -> None:
        if event == "call":
            ran.add(frame.f_code)

    sys.setprofile(watch)
    try:
        for who, said in [w for walks in WALKS.values() for w in walks]:
            phone = world.phone(who)
            for line in said:
                walk(phone, line)
        sita = world.phone("rina")
        sita.say(f"gabung {world.code}")
    finally:
        sys.setprofile(None)
    steps = {f"{c.name}/{name}": step for c in repertoire.conversations.values() for name, step in c.steps.items()}
    assert [name for name, step in steps.items() if step.__code__ not in ran] == []
    assert set(WALKS) == set(repertoire.conversations)


# ── what may be sent ─────────────────────────────────────────────────────────────────────────────────────────────


def messages(phone: Phone, everyone: dict[str, Phone]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that is tried at one question: what it is, and how it is sent."""
    for word in WORDS:
        yield f"word {word}", {"text": word}
    for word in BEGINNINGS:
        yield f"beginning {word}", {"text": word}
    for garbage in GARBAGE:
        yield f"garbage {garbage[:20]!r}", {"text": garbage}
    for kind in OTHER_KINDS:
        yield (
            f"kind {kind}",
            {"kind": kind, "text": "somebody", "photos": ("",) if kind is Kind.PHOTO else ("NotAPhoto",)},
        )
    yield "kind album", {"kind": Kind.PHOTO, "photos": ("", "", "Broken")}
    yield "kind own contact", {"kind": Kind.CONTACT, "text": ""}
    for button in {button.data: button for button in phone.buttons}.values():
        yield f"button {button.label}", {"kind": Kind.TAP, "tap": button.data}
    for label in {button.label for button in phone.buttons[-10:]}:
        yield f"label {label}", {"text": label}
    for name in ("registration/review", "welcome/ask_consent over menu", "verification/decide"):
        for button in everyone[name].buttons[-3:]:
            yield f"foreign button {button.data}", {"kind": Kind.TAP, "tap": button.data.replace(".", "9.", 1)}
    for number in range(1, 11):
        yield f"number {number}", {"text": str(number)}


def drafts(standing: Standing) -> list[tuple[str, Any]]:
    """Everything that somebody has answered and could lose: the open conversations and the cancelled one."""
    return [(place.conversation, place.draft) for top in (standing.place, standing.undo) for place in stack(top)]


def stack(place: Place | None) -> list[Place]:
    """A place, and what waits below it."""
    return [place, *stack(place.below)] if place else []


def holds(other: tuple[str, Any], one: tuple[str, Any]) -> bool:
    """True when nothing of one draft is missing in the other."""
    return other[0] == one[0] and all(other[1].get(name) == value for name, value in one[1].items())


def allowed(conversation: str, phone: Phone) -> bool:
    """True when she may hold this conversation now."""
    only_for = repertoire.conversations[conversation].only_for
    return not only_for or bool(only_for & (phone.roles or frozenset()))


def open_button(phone: Phone, data: str) -> bool:
    """True when this button belongs to the open question."""
    head, step, _key = data.split("|", 2) if data.count("|") > 1 else ("", "", "")
    turn = head.partition(".")[0]
    place = phone.standing.place
    if place is None or turn == ">":
        return turn == ">"
    here = (place.step, place.aside.partition(":")[0])
    return step in here and turn.isdecimal() and int(turn) >= place.asked


def but_for_links(turn: Turn) -> list[Any]:
    """What a turn wants done, apart from a new link or a new picture wherever the question has one."""
    ours = (open_form, open_look, keep)
    return [effect for effect, _talk in turn.effects if getattr(effect, "func", effect) not in ours]


LOOKS = ("/see_ktp", "/see_proof", "calling/look")
"""Questions that leave a trace whenever they are asked."""

PASSING = {"menu", "status", "language", "handover", "stop", "begin", "welcome", "repair", "joining", "roles"} | {
    "who",
    "linking",
    "parting",
    "proving",
    "disputing",
}
"""Conversations that hold no effort: leaving one loses nothing that was typed with care."""


def check(name: str, before: Standing, phone: Phone, turn: Turn, message: dict[str, Any], was_open: bool) -> None:
    """What must hold after every message, wherever it was sent."""
    assert turn.replies or turn.notice, f"{name}: silence"
    for reply in turn.replies:
        assert reply.text.strip(), f"{name}: an empty reply"
        fits_everywhere(reply)
        shown_niks = set(NIK.findall(reply.text)) - {EXAMPLE}
        audited = any(getattr(effect, "args", ()) == ("saw_nik",) for effect, _talk in turn.effects)
        assert not shown_niks or audited, f"{name}: a NIK is shown"
    assert Standing.from_json(turn.standing.as_json()) == turn.standing, f"{name}: does not survive a restart"
    word = name.startswith("word ") or (name.startswith("beginning ") and begins(message["text"], phone))
    if word and SPELLINGS.get(message.get("text", "")) != "batal":
        kept = drafts(phone.standing)
        held = [one for one in drafts(before) if one[1] and one[0] not in PASSING and allowed(one[0], phone)]
        lost = [one for one in held if not any(holds(other, one) for other in kept)]
        assert lost == [], f"{name}: lost {lost}"
    if message.get("kind") is Kind.TAP and not was_open:
        assert but_for_links(turn) == [], f"{name}: an old button had an effect"
        changed = [one for one in drafts(phone.standing) if one not in drafts(before) and one[1]]
        assert changed == [], f"{name}: an old button changed {changed}"
    if message.get("kind") is Kind.EDITED:
        assert but_for_links(turn) == [], f"{name}: an edited message had an effect"
        assert [one for one in drafts(phone.standing) if one not in drafts(before)] == [], f"{name}: changed an answer"


def begins(text: str, phone: Phone) -> bool:
    """True when this is a word that begins something for her; to others it is a word as any other."""
    begun = repertoire.by_word(text)
    return begun is not None and allowed(begun[0].name, phone)


def is_no_dead_end(name: str, phone: Phone) -> None:
    """Whatever happened, the menu is reached, and what is open can be asked for again."""
    twin = at_rest(phone)
    assert twin.say("ulang").strip(), f"{name}: nothing is said"
    assert twin.standing.place, f"{name}: nothing is asked"
    twin = at_rest(phone)
    twin.say("menu")
    assert twin.place.conversation in ("menu", "welcome"), f"{name}: no menu"


AFTER_A_PAUSE = ("garbage 'ya'", "garbage 'tidak'", "number 1", "number 2")
"""What would answer a question, and does not after three days."""


@pytest.mark.parametrize("pause", [timedelta(0), timedelta(days=3)], ids=["at once", "after three days"])
def test_whatever_is_sent_at_whatever_question(world, standings, pause):
    for number, (where, at) in enumerate(standings.items()):
        led_on: list[Standing] = []  # to different places; from each we look once whether it leads on
        for nth, (what, message) in enumerate(messages(at, standings)):
            if pause and what not in AFTER_A_PAUSE and (number + nth) % 3:
                continue  # each is tried at every third question, at the next one another third
            phone = at_rest(at)
            phone.now += pause
            before = phone.standing
            was_open = message.get("kind") is Kind.TAP and open_button(phone, message["tap"])
            turn = phone.send(**message)
            name = f"{what} at {where}"
            check(name, before, phone, turn, message, was_open)
            if pause and what in AFTER_A_PAUSE:
                assert but_for_links(turn) == [] or where.endswith(LOOKS), (
                    f"{name}: taken for an answer after three days"
                )
                assert [d for d in drafts(phone.standing) if d[1] and d not in drafts(before)] == []
            if not pause and phone.standing not in led_on:
                is_no_dead_end(name, phone)
                led_on.append(phone.standing)


def test_nothing_is_said_more_than_three_times_in_a_row(standings):
    for where, at in standings.items():
        phone = at_rest(at)
        answers = [phone.say("qwrtp zxcvb") for _again in range(9)]
        assert all(len(set(answers[i : i + 4])) > 1 for i in range(6)), where


LISTS = (
    "registration/review",
    "verification/decide",
    "confirming/decide",
    "roles/choose_deed",
    "tickets/ask_answer",
    "collecting/propose",
    "collecting/see_detail",
    "settling/decide",
    "handing_over/ask_amount",
    "counting/overview",
    "members/card",
    "members/preview",
    "announcing/preview",
    "approving/decide",
    "announcements/report",
)
"""Questions that show what somebody else, or she herself, answered before."""


def test_a_question_has_five_lines_at_most(standings):
    for where, at in standings.items():
        (reply,) = at_rest(at).send(text="ulang").replies
        assert where.startswith(LISTS) or reply.text.count("\n") < 5, f"{where}: {reply.text}"


def test_every_question_is_visited(standings):
    visited = {name.split(" ")[0] for name in standings}
    assert len(visited) > 40
    assert {"registration/review", "verification/decide", "repair/confirm", "roles/confirm_taking"} <= visited
    specials = {"cancel", "edit", "stuck", "meant", "word", "searching", "turned", "changing nik", "over registration"}
    assert [special for special in specials if not any(f" {special}" in name for name in standings)] == []


# ── random talks ─────────────────────────────────────────────────────────────────────────────────────────────────

SAID = st.one_of(
    st.sampled_from([*SPELLINGS, *BEGINNINGS, *GARBAGE]),
    st.sampled_from([line for walks in WALKS.values() for _who, said in walks for line in said if line != "[photo]"]),
    st.integers(0, 14).map(str),
    st.text(max_size=40),
)


class RandomTalk(RuleBasedStateMachine):
    """Somebody who says anything at all, in any order."""

    world: World
    standings: dict[str, Phone]

    def __init__(self) -> None:
        super().__init__()
        self.phone: Phone = self.world.phone("rina")
        self.turn: Turn | None = None

    def send(self, name: str, **message: Any) -> None:
        before, phone = self.phone.standing, self.phone
        was_open = message.get("kind") is Kind.TAP and open_button(phone, message["tap"])
        self.turn = phone.send(**message)
        check(name, before, phone, self.turn, message, was_open)

    @precondition(lambda self: self.turn is None)
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.phone = at_rest(self.standings[data.draw(st.sampled_from(sorted(self.standings)))])
        self.send("hello", text="ulang")

    @rule(text=SAID)
    def say(self, text: str) -> None:
        self.send(f"word {text}" if text in WORDS else "text", text=text)

    @precondition(lambda self: self.phone.buttons)
    @rule(data=st.data())
    def tap(self, data: st.DataObject) -> None:
        button = data.draw(st.sampled_from(self.phone.buttons[-12:]))
        if button.data:
            self.send("button", kind=Kind.TAP, tap=button.data)

    @rule(kind=st.sampled_from(OTHER_KINDS), photos=st.lists(st.sampled_from(["", "Broken"]), min_size=1, max_size=3))
    def send_something(self, kind: Kind, photos: list[str]) -> None:
        self.send("kind", kind=kind, text="somebody", photos=tuple(photos))

    @rule(minutes=st.sampled_from([1, 29, 31, 120, 1500, 4500]))
    def wait(self, minutes: int) -> None:
        self.phone.wait(minutes=minutes)

    @rule(roles=st.frozensets(st.sampled_from(["officer", "admin"])))
    def change_roles(self, roles: frozenset[str]) -> None:
        self.phone.roles = roles

    @invariant()
    def the_menu_is_always_reached(self) -> None:
        if self.turn:
            is_no_dead_end("random talk", self.phone)

    @invariant()
    def nobody_stands_where_she_may_not(self) -> None:
        place = self.phone.standing.place
        asked = self.turn.replies[-1] if self.turn and self.turn.replies else None
        if place and asked:
            assert place.conversation in repertoire.conversations


def test_random_talks_break_nothing(world, standings):
    RandomTalk.world, RandomTalk.standings = world, standings
    often = settings(max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(RandomTalk, settings=often)
