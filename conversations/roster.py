"""Lines that a collector typed or pasted, matched to members: by name, nearly, or by the end of the NIK."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from rapidfuzz import fuzz, process
from sqlmodel import Session, select

from conversations.choices import bare
from conversations.steps import Unclear
from conversations.words import _
from domain.name import clean_text
from domain.nik import Nik, NotANik, hide_niks
from storage.queries import members
from storage.tables import Member

NEAR = 78  # of 100: how alike a name must be, to be asked about
NEAR_WORD = 72  # the same for one word of it
MOST_LINES = 200
MOST_OFFERED = 6  # members that a line may mean
LONGEST = 40  # characters of a line that are shown again

NUMBERING = re.compile(r"^\s*(?:\d{1,3}\s*[.)\]:]\s*|[-*•·–]+\s*)")
MONEY = re.compile(
    r"[\s:=,–-]*(?:rp\.?\s*\d[\d.,]*|\d{1,3}(?:[.,]\d{3})+|\d+(?:[.,]\d+)?\s*(?:rb|ribu|k|jt|juta)\b)[\s,.-]*$",
    re.IGNORECASE,
)
END = re.compile(r"(?<!\d)(\d{4})(?!\d)")
WHOLE_NIK = re.compile(r"(?<!\d)(?:\d[\s.-]?){15}\d(?!\d)")
SEVERAL = re.compile(r"\s*[,;]\s*|\s+dan\s+")


@dataclass(frozen=True, slots=True)
class Known:
    """A member as far as a line can name her."""

    id: str
    name: str  # bare
    nik_end: str
    own: bool  # the collector's own


@dataclass(frozen=True, slots=True)
class Meant:
    """Whom a line may mean, the likeliest first; `sure` when it can be nobody else."""

    line: str
    members: tuple[str, ...] = ()
    sure: bool = False


def everybody(db: Session, association_id: str, collector_id: str) -> list[Known]:
    """The members of an association, the collector's own first."""
    rows = db.exec(
        select(Member.id, Member.name, Member.nik_end, Member.collector_id).where(
            Member.association_id == association_id, Member.status != "left"
        )
    )
    known = [Known(row[0], bare(row[1]), row[2], row[3] == collector_id) for row in rows]
    return sorted(known, key=lambda one: (not one.own, one.name, one.nik_end))


def read(db: Session, association_id: str, collector_id: str, text: str) -> list[Meant]:
    """Whom each line means. Raises `Unclear` where there is no line, or nobody at all is found."""
    lines = [line for line in map(str.strip, clean_text(text, 4_000).splitlines()) if any(map(str.isalnum, line))]
    if not lines:
        raise Unclear(_("Ketik nama anggota, satu nama satu baris."))
    if len(lines) > MOST_LINES:
        raise Unclear(_("Terlalu banyak baris. Kirim paling banyak 200 nama sekali kirim."))
    known = everybody(db, association_id, collector_id)
    found = list(chain.from_iterable(meant_by(db, association_id, line, known) for line in lines))
    if len(found) == 1 and not found[0].members:
        raise Unclear(
            _('"{line}" belum ketemu di daftar anggota. Coba nama lengkap, atau 4 angka akhir NIK.').format(
                line=found[0].line
            )
        )
    return found


def meant_by(db: Session, association_id: str, line: str, known: Sequence[Known]) -> Iterator[Meant]:
    """Whom a line means; of one that names nobody, its parts between commas."""
    bared = MONEY.sub("", NUMBERING.sub("", line))
    shown = hide_niks(bared)[:LONGEST]
    if whole := WHOLE_NIK.search(line):
        yield by_nik(db, association_id, whole[0], shown)
        return
    found = match(bared, shown, known)
    parts = [part for part in SEVERAL.split(bared) if part]
    if found.members or len(parts) < 2:
        yield found
        return
    yield from (match(part, part[:LONGEST], known) for part in parts)


def by_nik(db: Session, association_id: str, digits: str, shown: str) -> Meant:
    """The member with this whole NIK."""
    try:
        found = members.find_by_nik(db, association_id, Nik.parse(digits))
    except NotANik:
        found = None
    return Meant(shown, (found.id,), sure=True) if found and found.status != "left" else Meant(shown)


def match(line: str, shown: str, known: Sequence[Known]) -> Meant:
    """Whom one name, the end of a NIK, or both may mean."""
    ends = END.findall(line)
    said = bare(END.sub(" ", re.sub(r"\bnik\b", " ", line, flags=re.IGNORECASE)))
    pool = [one for one in known if one.nik_end in ends] if ends else known
    if not said:
        return Meant(shown, ids(pool), sure=len(pool) == 1) if ends else Meant(shown)
    same = [one for one in pool if one.name == said]
    found = same or alike(said, pool)
    return Meant(shown, ids(found), sure=len(found) == 1 and bool(same or ends))


def alike(said: str, pool: Sequence[Known]) -> list[Known]:
    """Whose names hold every word that was said, else whose resemble it; the best first."""
    words = set(said.split())
    holding = [one for one in pool if words <= set(one.name.split())]
    if holding:
        return holding
    scorer = fuzz.token_sort_ratio if len(words) > 1 else fuzz.token_set_ratio
    names = {index: one.name for index, one in enumerate(pool)}
    scored = process.extract(said, names, scorer=scorer, score_cutoff=NEAR, limit=MOST_OFFERED)
    found = [pool[index] for _name, _score, index in scored]
    return found or [one for one in pool if len(words) == 1 and resembles(said, one.name)]


def resembles(word: str, name: str) -> bool:
    """True when one word of a name is nearly this; whoever mistypes a name gets its first letter right."""
    alike = (part for part in name.split() if part[0] == word[0])
    return len(word) > 2 and any(fuzz.ratio(word, part) >= NEAR_WORD for part in alike)


def ids(found: Sequence[Known]) -> tuple[str, ...]:
    """Their ids, as many as can be asked about."""
    return tuple(one.id for one in found[:MOST_OFFERED])


def names_amounts(text: str) -> bool:
    """True when amounts stand behind the names: they are not read, since the total is asked for."""
    return any(MONEY.search(line) for line in text.splitlines())
