"""The shape of every conversation, locked: its steps, and what its draft holds, by version.

Talks that are under way are stored with step names and draft fields. Whoever changes these after a release raises the
conversation's version and writes a `Migration`. Before the first release of a version, renew the lock instead:

    python -m tests.conversations.shapes
"""

import json
from pathlib import Path
from typing import Any, get_type_hints

from conversations.ours import repertoire
from conversations.steps import Conversation

LOCK = Path(__file__).with_name("shapes.json")


def shape_of(conversation: Conversation) -> dict[str, Any]:
    """What stored talks rely on."""
    kinds = {name: kind for name, kind in get_type_hints(conversation.draft).items() if not name.startswith("_")}
    return {
        "steps": sorted(conversation.steps),
        "draft": {name: getattr(kind, "__name__", str(kind)) for name, kind in sorted(kinds.items())},
    }


def locked() -> dict[str, dict[str, Any]]:
    """The lock: conversation → version → shape."""
    stored: dict[str, dict[str, Any]] = json.loads(LOCK.read_text())
    return stored


def renew() -> None:
    """Lock today's versions as they are; older ones stay."""
    shapes = locked() if LOCK.exists() else {}
    for conversation in repertoire.conversations.values():
        shapes.setdefault(conversation.name, {})[str(conversation.version)] = shape_of(conversation)
    LOCK.write_text(json.dumps(shapes, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    renew()
