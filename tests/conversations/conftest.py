"""A small association to talk with."""

import pytest

from storage.database import Database
from tests.transcript import Player


@pytest.fixture
def play(database: Database) -> Player:
    """Plays written talks; once on each kind of database."""
    return Player(database)
