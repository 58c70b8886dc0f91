"""Finds a member by her name, also nearly, or by the end of her NIK."""

import re

from rapidfuzz import fuzz, process
from sqlmodel import Session

from conversations.choices import bare
from conversations.steps import Unclear
from conversations.words import _
from storage.queries import members
from storage.tables import Member

MOST = 40  # members to choose from
NEAR = 74  # of 100: how alike a name must be; one letter of four may differ
DIGITS = re.compile(r"[\d\s.-]+")


def wanted(text: str) -> str:
    """What to look for: a name, or four digits. Of a whole NIK only its end is kept."""
    if DIGITS.fullmatch(text.strip()):
        digits = re.sub(r"\D", "", text)
        if len(digits) in (4, 16):
            return digits[-4:]
    said = bare(text)
    if any(sign.isdigit() for sign in said) or sum(sign.isalpha() for sign in said) < 2:
        raise Unclear(_("Ketik nama anggota, atau 4 angka terakhir NIK. Contoh: 0001."))
    return said[:80]


def search(db: Session, association_id: str, said: str) -> list[Member]:
    """The members that may be meant: of that end, of that name, else of one that is nearly so, the likeliest first."""
    if said.isdecimal():
        return members.by_nik_end(db, association_id, said, MOST)
    return members.by_words(db, association_id, said.split(), MOST) or nearly(db, association_id, said)


def nearly(db: Session, association_id: str, said: str) -> list[Member]:
    """The members whose names, or one word of them, resemble this."""
    scores = {
        member_id: max(fuzz.token_sort_ratio(said, name), alike(said, name))
        for member_id, name in ((member_id, bare(name)) for member_id, name in members.names(db, association_id))
    }
    best = sorted((-score, member_id) for member_id, score in scores.items() if score >= NEAR)
    found = [members.find(db, association_id, member_id) for _score, member_id in best[:MOST]]
    return [member for member in found if member]


def alike(said: str, name: str) -> float:
    """How alike a single word is to the best word of a name; of several words, the least alike of them."""
    scores = [process.extractOne(word, name.split(), scorer=fuzz.ratio) for word in said.split()]
    return min((best[1] for best in scores if best), default=0)
