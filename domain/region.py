"""Regions by the codes of the interior ministry (Kemendagri).

2 digits are a province, 4 a regency, 6 a district, 10 a village.

Provinces and regencies of the whole country, districts and villages of Nusa Tenggara Barat. The first six digits of a
NIK are such a code. The codes of the statistics office (BPS) are others: never mix them.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from itertools import dropwhile

from rapidfuzz import fuzz

from domain.packaged import rows

NTB = "52"
"""Nusa Tenggara Barat."""

_LONGEST = 80  # characters of a name to search for
_CLOSE_ENOUGH = 70.0  # of 100; below, a suggestion puzzles more than it helps

_LEVEL_WORDS = {"provinsi", "kabupaten", "kota", "administrasi", "kecamatan", "kelurahan", "desa"}
_IN_FULL = {
    "prov": "provinsi",
    "kab": "kabupaten",
    "kotamadya": "kota",
    "kec": "kecamatan",
    "kel": "kelurahan",
    "ds": "desa",
    "lobar": "lombok barat",
    "loteng": "lombok tengah",
    "lotim": "lombok timur",
    "klu": "kabupaten lombok utara",
    "ksb": "kabupaten sumbawa barat",
}


class UnknownRegion(LookupError):
    """No region on record has this code."""

    def __init__(self, code: str) -> None:
        super().__init__("no region on record has this code")
        self.code = code


class Level(StrEnum):
    """What kind of region it is."""

    PROVINCE = "province"
    REGENCY = "regency"  # kabupaten or kota
    DISTRICT = "district"  # kecamatan
    VILLAGE = "village"  # desa
    URBAN_VILLAGE = "urban_village"  # kelurahan


@dataclass(frozen=True, slots=True)
class Region:
    """One region as the ministry names it."""

    code: str
    name: str
    level: Level
    parent_code: str  # "" for a province


def get_region(code: str) -> Region:
    """The region with this code, or `UnknownRegion`."""
    try:
        return _regions()[code]
    except KeyError:
        raise UnknownRegion(code) from None


def find_region(code: str) -> Region | None:
    """The region with this code, if it is on record."""
    return _regions().get(code)


def is_retired(region_code: str) -> bool:
    """Whether a NIK that begins with this district code was given where the codes have changed since."""
    return region_code in _retired_prefixes() or region_code[:4] in _retired_prefixes()


def regencies(province_code: str) -> list[Region]:
    """The regencies and cities of a province, by code."""
    return _within(province_code, {Level.REGENCY})


def districts(regency_code: str) -> list[Region]:
    """The districts of a regency, by code; on record for Nusa Tenggara Barat only."""
    return _within(regency_code, {Level.DISTRICT})


def villages(district_code: str) -> list[Region]:
    """The villages, rural and urban, of a district, by code; on record for Nusa Tenggara Barat only."""
    return _within(district_code, {Level.VILLAGE, Level.URBAN_VILLAGE})


def search(text: str, among: Iterable[Region], limit: int = 5) -> list[Region]:
    """The regions `among` these whose name is, begins with, or resembles `text`; best first, `limit` at most.

    Case, spaces, accents and words like "kec." or "kab." make no difference, except that "kota bima" puts the city of
    Bima before the regency. Where a name is `text`, those that merely resemble it stay out. Empty `text` finds nothing.
    """
    asked = _words(text[:_LONGEST])
    if not asked:
        return []
    ranked = [(_rank(asked, _words_of_name(region.name)), region) for region in among]
    found = any(likeness >= _Likeness.IS for (likeness, _), _ in ranked)
    least = (_Likeness.BEGINS, 0.0) if found else (_Likeness.RESEMBLES, _CLOSE_ENOUGH)
    near = [(rank, region) for rank, region in ranked if rank >= least]
    near.sort(key=lambda pair: (-pair[0][0], -pair[0][1], pair[1].code))
    return [region for _, region in near[:limit]]


def search_regencies(text: str) -> list[Region]:
    """The regencies and cities of the whole country that `text` may mean, best first."""
    return search(text, [region for region in _regions().values() if region.level is Level.REGENCY])


class _Likeness(IntEnum):
    """How the name of a region answers a search."""

    RESEMBLES = 0
    BEGINS = 1
    IS = 2  # but for words like "kota"
    IS_WHOLLY = 3


def _rank(asked: list[str], named: list[str]) -> tuple[_Likeness, float]:
    """How well the words of a name answer those of a search: greater is better. Closeness is 0 to 100."""
    ask, name = _without_level(asked), _without_level(named)
    text, title = "".join(ask), "".join(name)
    closeness = max(fuzz.ratio(text, title), fuzz.token_set_ratio(" ".join(ask), " ".join(name)))
    if "".join(asked) == "".join(named):
        return _Likeness.IS_WHOLLY, closeness
    if text == title:
        return _Likeness.IS, closeness
    return (_Likeness.BEGINS if title.startswith(text) else _Likeness.RESEMBLES), closeness


def _words(text: str) -> list[str]:
    """The words of a name or of a search: plain letters and digits in lower case, short forms written out."""
    words = re.findall(r"[a-z0-9]+", unicodedata.normalize("NFKD", text.casefold()))
    return " ".join(_IN_FULL.get(word, word) for word in words).split()


@cache
def _words_of_name(name: str) -> list[str]:
    """`_words`, kept for the names on record."""
    return _words(name)


def _without_level(words: list[str]) -> list[str]:
    """The words after "kota", "kecamatan" and the like, unless these are all there is."""
    named = list(dropwhile(_LEVEL_WORDS.__contains__, words))
    return named or words


def _within(code: str, levels: set[Level]) -> list[Region]:
    """The regions directly in the one with this code, if they are of these levels."""
    parent = get_region(code)
    return [region for region in _children().get(parent.code, []) if region.level in levels]


@cache
def _regions() -> dict[str, Region]:
    """Every region on record, by code and in its order."""
    tables = rows("regencies.csv") + rows("regions_ntb.csv")
    known = [Region(row["code"], row["name"], Level(row["level"]), row["parent_code"]) for row in tables]
    return {region.code: region for region in sorted(known, key=lambda region: region.code)}


@cache
def _children() -> dict[str, list[Region]]:
    children: dict[str, list[Region]] = {}
    for region in _regions().values():
        children.setdefault(region.parent_code, []).append(region)
    return children


@cache
def _retired_prefixes() -> frozenset[str]:
    return frozenset(row["prefix"] for row in rows("nik_prefixes_retired.csv"))
