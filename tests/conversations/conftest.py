"""A small association to talk with."""

import re
from collections.abc import Iterator

import pytest

from storage.database import Database
from tests.transcript import Player

NIK = re.compile(r"\d{16}|(?:\d{4} ){3}\d{4}")
MAY_BE_SHOWN = re.compile(r"NIK (of )?P-\d{4}-\d{4}: \d{16}")  # with a reason, and audited
EXAMPLE = "5271 0145 0587 0002"


@pytest.fixture
def play(database: Database) -> Iterator[Player]:
    """Plays written talks; once on each kind of database. No reply of any talk may show a NIK unasked."""
    player = Player(database)
    yield player
    replies = [MAY_BE_SHOWN.sub("", said) for said in player.said if said.startswith(("bot", "notice"))]
    assert [reply for reply in replies if set(NIK.findall(reply)) - {EXAMPLE}] == []
