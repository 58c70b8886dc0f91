"""The conversations, drawn from their own code, so that the drawing never lies.

An edge is a step that another step names in its code, or in a function of its module that it calls; what stands
beside that name in the code, as in `{_("Benar"): ask_name}`, is written on the edge.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import FunctionType
from typing import Any, get_args, get_type_hints

from conversations.ours import repertoire
from conversations.repertoire import Repertoire
from conversations.steps import Chapter, Conversation, End, Question, Step
from domain import application, campaign, payment, remittance

BORROWED = "borrowed"
BEGINNING = 'begin_here((" "))'
MARKS = ("_", "N_")
LEGEND = """\
A box asks and waits for an answer, a box with round corners goes on by itself, a box with round ends is the last word
of a conversation. Frames are chapters: what is counted, reviewed, changed and sent back as a whole. A dotted line leads
into another conversation. The words on the lines are those of the buttons.

`menu`, `bantuan`, `kembali`, `ubah`, `batal`, `status`, `bahasa`, `petugas` and `berhenti` work at every question; they
are drawn only where a step offers them.
"""


@dataclass(frozen=True, slots=True)
class Edge:
    """From one step to another (or to `BORROWED`, or into a conversation), and what must be answered for it."""

    source: str
    target: str
    label: str = ""
    leaves: bool = False  # the target is another conversation


# ── reading the code ─────────────────────────────────────────────────────────────────────────────────────────────


def edges(conversation: Conversation, everywhere: dict[str, str]) -> list[Edge]:
    """Every way through a conversation, in the order of its steps. `everywhere`: which conversation a word opens."""
    found: dict[Edge, None] = {}
    for step in own_steps(conversation):
        for part in (step, *helpers(step, conversation)):
            found |= dict.fromkeys(ways(step.__name__, part, conversation, everywhere))
    labelled = {(edge.source, edge.target) for edge in found if edge.label}
    return [edge for edge in found if edge.label or (edge.source, edge.target) not in labelled]


def ways(
    source: str, part: Callable[..., Any], conversation: Conversation, everywhere: dict[str, str]
) -> Iterator[Edge]:
    """Where the code of a step, or a helper of its, leads."""
    code = tree(part)
    said = labels(code)
    returns = names_behind(code, "back_to")
    for node in as_written(code):
        if isinstance(node, ast.Name) and is_step(node.id, part, conversation):
            begins = BORROWED if node in returns else source
            target = node.id if is_own(conversation.steps[node.id], conversation) else BORROWED
            if begins != target:
                yield Edge(begins, target, said.get(node, ""))
        elif isinstance(node, ast.keyword) and node.arg == "changes":
            yield Edge(source, BORROWED)
        elif isinstance(node, ast.Call) and called(node) in ("End", "Option"):
            yield from leaving(source, node, everywhere)


def as_written(code: ast.AST) -> list[ast.AST]:
    """The parts of the code in the order in which one reads them."""
    placed = [
        (node.lineno, node.col_offset, node) for node in ast.walk(code) if isinstance(node, ast.expr | ast.keyword)
    ]
    return [node for _line, _column, node in sorted(placed, key=lambda found: found[:2])]


def leaving(source: str, call: ast.Call, everywhere: dict[str, str]) -> Iterator[Edge]:
    """`End(opens="…")`, and `Option(says="…")` with a word that opens a conversation."""
    for keyword in call.keywords:
        word = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
        if keyword.arg == "opens" and isinstance(word, str):
            yield Edge(source, word, leaves=True)
        elif keyword.arg == "says" and word in everywhere:
            yield Edge(source, everywhere[word], marked(call.args[0]), leaves=True)


def labels(code: ast.AST) -> dict[ast.Name, str]:
    """What stands beside the names in the code: the keys of `{label: step}`, the label of `Option(label, step)`."""
    found: dict[ast.Name, str] = {}
    for node in ast.walk(code):
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found |= {value: marked(key) for key, value in pairs if isinstance(value, ast.Name)}
        elif isinstance(node, ast.Call) and called(node) == "Option":
            behind = [*node.args[1:], *(keyword.value for keyword in node.keywords if keyword.arg == "then")]
            found |= {value: marked(node.args[0]) for value in behind if isinstance(value, ast.Name)}
    return found


def marked(label: ast.AST | None) -> str:
    """The text in `_("text")`, also below `.format(…)`; "" when it is made otherwise."""
    for node in ast.walk(label) if label else ():
        if isinstance(node, ast.Call) and called(node) in MARKS and isinstance(node.args[0], ast.Constant):
            return str(node.args[0].value)
    return ""


def called(call: ast.Call) -> str:
    """The plain name of what is called."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def names_behind(code: ast.AST, keyword: str) -> set[ast.Name]:
    """The names that are given by that keyword."""
    given = [node.value for node in ast.walk(code) if isinstance(node, ast.keyword) and node.arg == keyword]
    return {value for value in given if isinstance(value, ast.Name)}


def helpers(step: Step, conversation: Conversation) -> list[Callable[..., Any]]:
    """The functions of a step's own module that it names and that are no steps, and those that these name in turn."""
    found: dict[Callable[..., Any], None] = {}
    waiting: list[Callable[..., Any]] = [step]
    while waiting:
        new = [part for part in named_in(waiting.pop(0), conversation) if part not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return list(found)


def named_in(part: Callable[..., Any], conversation: Conversation) -> list[Callable[..., Any]]:
    """The functions of its own module that a part of the code names and that are no steps."""
    names = dict.fromkeys(node.id for node in ast.walk(tree(part)) if isinstance(node, ast.Name))
    near = [vars(inspect.getmodule(part)).get(name) for name in names]
    return [
        other
        for other in near
        if isinstance(other, FunctionType)
        and other.__module__ == part.__module__
        and conversation.steps.get(other.__name__) is not other
    ]


def is_step(name: str, part: Callable[..., Any], conversation: Conversation) -> bool:
    """True when that name means a step of the conversation there."""
    return name in conversation.steps and vars(inspect.getmodule(part)).get(name) is conversation.steps[name]


def is_own(step: Step, conversation: Conversation) -> bool:
    """True for what a conversation does not borrow: chapters are another's, single steps may lie in several modules."""
    return not conversation.chapters or step.__module__ == conversation.start.__module__


def own_steps(conversation: Conversation) -> list[Step]:
    """The steps that were written for this conversation."""
    return [step for step in conversation.steps.values() if is_own(step, conversation)]


def own_chapters(conversation: Conversation) -> list[Chapter]:
    """The chapters that were written for this conversation."""
    return [chapter for chapter in conversation.chapters if is_own(chapter.steps[0], conversation)]


@cache
def tree(part: Callable[..., Any]) -> ast.AST:
    """The code of a function."""
    return ast.parse(textwrap.dedent(inspect.getsource(part)))


# ── drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def diagram(conversation: Conversation, everywhere: dict[str, str]) -> str:
    """A conversation as a Mermaid flow chart."""
    ways_through = edges(conversation, everywhere)
    chapters = own_chapters(conversation)
    framed = {step.__name__ for chapter in chapters for step in chapter.steps}
    loose = [step for step in own_steps(conversation) if step.__name__ not in framed]
    others = dict.fromkeys(edge.target for edge in ways_through if edge.leaves)
    lines = ["flowchart TD", f"    {BEGINNING} --> {conversation.start.__name__}"]
    lines += [line for chapter in chapters for line in frame(chapter)]
    lines += [f"    {node(step)}" for step in loose]
    if any(edge.target == BORROWED for edge in ways_through):
        owner = conversation.chapters[0].steps[0].__module__.rpartition(".")[2]
        lines.append(f'    {BORROWED}[/"one chapter, as in {owner}"/]')
    lines += [f'    {elsewhere(name)}[["{name}"]]' for name in others]
    return "\n".join([*lines, *(f"    {line(edge)}" for edge in ways_through)])


def frame(chapter: Chapter) -> list[str]:
    """A chapter and its steps."""
    head = f"    subgraph chapter_{chapter.name} [{quoted(chapter.title)}]"
    return [head, *(f"        {node(step)}" for step in chapter.steps), "    end"]


def node(step: Step) -> str:
    """A step by its name, in the form that tells what it does."""
    name = step.__name__
    kinds = returned(step)
    if Question in kinds:
        return f'{name}["{name}"]'
    return f'{name}(["{name}"])' if kinds == {End} else f'{name}("{name}")'


def returned(step: Step) -> set[type]:
    """What a step may return: Question, Show, End."""
    told = get_type_hints(step)["return"]
    return set(get_args(told)) or {told}


def line(edge: Edge) -> str:
    """An edge, and the answer that leads along it."""
    arrow, target = ("-.->", elsewhere(edge.target)) if edge.leaves else ("-->", edge.target)
    return f"{edge.source} {arrow}|{quoted(edge.label)}| {target}" if edge.label else f"{edge.source} {arrow} {target}"


def elsewhere(name: str) -> str:
    """The node of another conversation."""
    return f"conversation_{name}"


def quoted(text: str) -> str:
    """A text as Mermaid takes it, whatever is in it."""
    return '"' + text.replace("#", "#35;").replace('"', "#quot;").replace("\n", " ") + '"'


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────


def drawn(conversations: Repertoire = repertoire) -> dict[str, str]:
    """Every conversation as a diagram, by name."""
    everywhere = dict(conversations.everywhere)
    return {name: diagram(conversation, everywhere) for name, conversation in conversations.conversations.items()}


TITLES = {
    "application": "an application",
    "payment": "a payment",
    "remittance": "a remittance",
    "campaign": "an announcement",
}


def lives() -> dict[str, str]:
    """What the conversations are about, each with its life as a diagram."""
    modules = {"application": application, "payment": payment, "remittance": remittance, "campaign": campaign}
    return {name: module.diagram().strip() for name, module in modules.items()}


def facts(conversation: Conversation) -> dict[str, Any]:
    """What a table tells of a conversation; what it borrows from another one is not counted."""
    return {
        "name": conversation.name,
        "version": conversation.version,
        "steps": len(own_steps(conversation)),
        "chapters": len(own_chapters(conversation)),
        "words": list(conversation.words),
        "only_for": sorted(conversation.only_for),
        "needs_consent": conversation.needs_consent,
    }


def document(conversations: Repertoire = repertoire) -> str:
    """`docs/flows.md`: every conversation, and the lives of what they are about."""
    parts = [
        "# How the conversations flow",
        "Generated from the code by `jagalapak flows --write docs/flows.md`; do not edit it by hand.",
        LEGEND.strip(),
    ]
    for name, chart in drawn(conversations).items():
        parts += [f"## {name}", introduction(conversations, name), f"```mermaid\n{chart}\n```"]
    for name, chart in lives().items():
        parts += [f"## The life of {TITLES[name]}", f"```mermaid\n{chart}\n```"]
    return "\n\n".join(parts) + "\n"


def introduction(conversations: Repertoire, name: str) -> str:
    """Who may hold a conversation, and how it begins."""
    conversation = conversations.conversations[name]
    words = [*conversation.words, *(word for word, opens in conversations.everywhere.items() if opens == name)]
    begins = f"Begins with {', '.join(f'`{word}`' for word in words)}" if words else "Begins by itself"
    who = f", only for {' and '.join(sorted(conversation.only_for))}" if conversation.only_for else ""
    consent = ", after consent" if conversation.needs_consent else ""
    return f"{begins}{who}{consent}. Version {conversation.version}."
