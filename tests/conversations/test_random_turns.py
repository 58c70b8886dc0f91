"""Everybody talks at random, and everything that the steps want done is really done: nothing fails, all adds up."""

import logging
from random import Random

from sqlmodel import func, select

from storage.queries import applications, audit
from storage.tables import Application, Member, Role
from tests.conversations.people import ANSWERS, BUDI, RINA, arrive, register, staff
from tests.conversations.test_every_state import BEGINNINGS, GARBAGE, WORDS
from tests.conversations.world import WALKS

LINES = [line for walks in WALKS.values() for _who, said in walks for line in said]
USUAL = [line for answers in (ANSWERS, BUDI, RINA) for lines in answers.values() for line in lines]
WHOLE = [garbage for garbage in GARBAGE if garbage.isprintable() and garbage]  # a channel hands over nothing else
NUMBERS = [str(number) for number in range(1, 10)]
SINGLE = [*WORDS, *BEGINNINGS]
BRACKETS = [
    "[after 40 minutes]",
    "[photo]",
    "[photo Broken]",
    "[album of 2]",
    "[sticker]",
    "[voice]",
    "[my number 081200000001]",
    "[edits ya]",
]


def test_random_turns_of_everybody_add_up(play, caplog):
    caplog.set_level(logging.ERROR)
    chance = Random(20261122)
    staff(play, "lalu", "officer", "admin")
    staff(play, "dewi", "officer")
    register(play, "siti")
    arrive(play, "budi")
    for _turn in range(260):
        who = chance.choice(["lalu", "dewi", "siti", "budi", "rina"])
        said = chance.choice(chance.choices([LINES, USUAL, NUMBERS, SINGLE, WHOLE, BRACKETS], [8, 6, 3, 2, 1, 1])[0])
        buttons = [button for button in play.buttons.get(who, ()) if button.data]
        if buttons and chance.random() < 0.3:
            said = f"[tap {chance.choice(buttons[-8:]).label}]"
        assert play.say(who, said) or said.startswith("[after")
    assert caplog.records == []
    play.database.read(add_up)


def add_up(db):
    """Everything that must be true whatever was said."""
    assert audit.first_break(db, "main") is None
    members = db.exec(select(func.count()).select_from(Member)).one()
    verified = [a for a in db.exec(select(Application)) if a.status == "verified"]
    assert members == len(verified)
    assert all(a.decided_by not in (a.applicant_id, a.person_id) for a in verified)
    assert all(a.to_repair for a in db.exec(select(Application).where(Application.status == "returned")))
    assert [role.role for role in db.exec(select(Role))].count("admin") >= 1
    for application in db.exec(select(Application)):
        events = [event.event for event in applications.history(db, application)]
        assert events[0] == "submit"
