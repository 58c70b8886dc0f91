"""The conversation engine: (standing, message, facts) → (standing, replies, effects). It reads, and never writes.

Every step of every conversation gets from here: the words that work everywhere, one step back, changing an earlier
answer, cancelling with a day to undo it, help that grows with every answer that we cannot read, going on after any
pause, and buttons that are safe to press long after.

`scene` moves from question to question, `everywhere` knows the words, `hearing` finds out what a message means.
"""

from datetime import timedelta

from conversations.hearing import Hearing
from conversations.place import Standing
from conversations.repertoire import Repertoire
from conversations.scene import Turn
from conversations.talk import Facts
from conversations.words import speaking
from domain.message import Incoming

PAUSE = timedelta(minutes=30)  # after such a silence she is told where she was


def reply(repertoire: Repertoire, standing: Standing, facts: Facts, heard: Incoming, silence: timedelta) -> Turn:
    """Answer one message. `silence`: how long it was since her last one."""
    with speaking(facts.language):
        scene = Hearing(repertoire, standing, facts, heard)
        scene.hear(paused=silence >= PAUSE)
        return scene.turn()
