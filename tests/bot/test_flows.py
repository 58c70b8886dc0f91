"""The drawing is made from the code: nothing is missing, nothing is invented, and docs/flows.md is current."""

import re
from pathlib import Path

import pytest

from bot import flows
from bot.flows import BORROWED, Edge
from conversations.answers import Answers
from conversations.ours import repertoire
from conversations.steps import Choose, Conversation, End, Option, Question, Show
from conversations.talk import Talk
from conversations.words import N_, _

DOCUMENT = Path(__file__).parents[2] / "docs" / "flows.md"
OURS = list(repertoire.conversations.values())
NODE = re.compile(r'^\s*(\w+)(?:\["|\("|\(\["|\[\["|\[/"|\(\(")')
EDGE = re.compile(r'^\s*(\w+)(?:\(\(" "\)\))? (?:-->|-\.->)(?:\|"[^"]*"\|)? (\w+)$')
RESERVED = {"end", "graph", "subgraph", "style", "class", "click", "default", "flowchart"}


# ── a small conversation, drawn ──────────────────────────────────────────────────────────────────────────────────


def choose_colour(talk: Talk[Answers]) -> Question:
    more = [Option(_("Lain {count}").format(count=2), says="bahasa"), *further()]
    return Choose("", [Option(_("Merah"), red), *more, Option(_("Ubah"), says="ubah")], save="colour", then=after)


def further() -> list[Option]:
    return [Option(_('Biru "laut"'), then=blue)]


def red(talk: Talk[Answers]) -> Show:
    return Show("", then=after)


def blue(talk: Talk[Answers]) -> Show | End:
    return End("") if talk.draft else Show("", then=choose_colour)


def after(talk: Talk[Answers]) -> End:
    return End("", opens="registration")


def unknown(talk: Talk[Answers]) -> Question:
    return Choose("", {_("Ya"): after, _("Tidak"): after})


colours = Conversation(
    name="colours",
    title=N_("warna"),
    version=1,
    draft=Answers,
    start=choose_colour,
    further_steps=(red, blue, after, unknown),
)
EVERYWHERE = {"bahasa": "language"}


def ways_from(step: str) -> list[tuple[str, str]]:
    return [(edge.target, edge.label) for edge in flows.edges(colours, EVERYWHERE) if edge.source == step]


def test_a_choice_is_drawn_with_its_label_also_from_a_helper():
    assert ways_from("choose_colour") == [
        ("language", "Lain {count}"),
        ("red", "Merah"),
        ("after", ""),
        ("blue", 'Biru "laut"'),
    ]


def test_two_answers_that_lead_to_one_step_are_two_lines():
    assert ways_from("unknown") == [("after", "Ya"), ("after", "Tidak")]


def test_a_way_into_another_conversation_is_dotted():
    assert Edge("after", "registration", leaves=True) in flows.edges(colours, EVERYWHERE)
    assert "after -.-> conversation_registration" in flows.diagram(colours, EVERYWHERE)


def test_a_step_looks_like_what_it_does():
    drawn = flows.diagram(colours, EVERYWHERE)
    assert 'choose_colour["choose_colour"]' in drawn  # asks
    assert 'red("red")' in drawn  # goes on by itself
    assert 'after(["after"])' in drawn  # the last word
    assert 'blue("blue")' in drawn  # may go on


def test_a_quotation_mark_does_not_break_the_drawing():
    assert 'choose_colour -->|"Biru #quot;laut#quot;"| blue' in flows.diagram(colours, EVERYWHERE)


# ── our own conversations ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("conversation", OURS, ids=lambda conversation: conversation.name)
def test_every_step_is_reached(conversation):
    ways = flows.edges(conversation, dict(repertoire.everywhere))
    reached, waiting = set(), [conversation.start.__name__]
    while waiting:
        step = waiting.pop()
        reached.add(step)
        waiting += [edge.target for edge in ways if edge.source == step and edge.target not in reached]
    assert {step.__name__ for step in flows.own_steps(conversation)} - reached == set()


@pytest.mark.parametrize("conversation", OURS, ids=lambda conversation: conversation.name)
def test_every_line_joins_two_boxes_that_are_drawn(conversation):
    lines = flows.diagram(conversation, dict(repertoire.everywhere)).splitlines()
    edges = [match.groups() for match in map(EDGE.match, lines) if match]
    nodes = {
        match[1] for line, match in zip(lines, map(NODE.match, lines), strict=True) if match and not EDGE.match(line)
    }
    frames = [line for line in lines if re.fullmatch(r'    (subgraph chapter_\w+ \["[^"]+"\]|end)|flowchart TD', line)]
    assert {name for edge in edges for name in edge} - {"begin_here"} <= nodes
    assert not nodes & RESERVED
    assert len(lines) == len(edges) + len(nodes) + len(frames)


def test_only_conversations_that_exist_are_led_into():
    for conversation in OURS:
        led_into = {edge.target for edge in flows.edges(conversation, dict(repertoire.everywhere)) if edge.leaves}
        assert led_into <= repertoire.conversations.keys()


def test_a_repair_asks_one_chapter_of_the_registration_and_comes_back():
    ways = flows.edges(repertoire.conversations["repair"], dict(repertoire.everywhere))
    assert Edge("begin_repair", BORROWED) in ways
    assert Edge(BORROWED, "confirm") in ways
    assert 'borrowed[/"one chapter, as in registration"/]' in flows.drawn()["repair"]


def test_chapters_are_framed_under_their_title():
    assert 'subgraph chapter_ktp ["Foto KTP"]' in flows.drawn()["registration"]


def test_the_document_is_current():
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == flows.document(), "run: .venv/bin/jagalapak flows --write docs/flows.md"


def test_the_document_shows_every_conversation_and_every_life():
    told = flows.document()
    for name in repertoire.conversations:
        assert f"\n## {name}\n" in told
    assert "stateDiagram-v2" in told
    assert told.count("```mermaid") == len(repertoire.conversations) + len(flows.lives())
