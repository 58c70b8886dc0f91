"""Which of the offered choices somebody meant: by label, number, keycap, word, or nearly."""

import re
from collections.abc import Sequence
from functools import lru_cache

import regex
from rapidfuzz import fuzz, process

from conversations.steps import Option

YES = frozenset({"ya", "iya", "iye", "y", "ok", "oke", "okey", "benar", "betul", "setuju", "lanjut", "siap", "yes"})
NO = frozenset({"tidak", "tdk", "tak", "ndak", "nggak", "gak", "ga", "bukan", "belum", "salah", "no", "n", "t"})
NUMBERS = ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh")
NUMBERS_EN = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
POLITE = frozenset(
    {"pak", "bapak", "bu", "ibu", "min", "admin", "kak", "mas", "mbak", "dong", "deh", "saja", "aja", "yang"}
    | {"mau", "ingin", "pengen"}
)
WITH_YES_OR_NO = frozenset({"usah", "perlu", "boleh", "mau", "bisa", "jadi", "dulu", "setuju"})
NEAR = 78  # of 100: how alike a near miss must be
CUT = (20, 24)  # labels come back cut at the lengths at which phones show them

KEYCAP = re.compile("^([0-9])\ufe0f?\u20e3$|^(\U0001f51f)$")
NUMBERED = re.compile(r"^(?:no|nomor|nomer|pilih|pilihan|number)?\.?\s*\(?\s*(\d{1,2})\s*[.)]?$")
NOT_SAID = regex.compile(r"[^\p{L}\p{N}\s+]")  # emoji and punctuation
PARTS = re.compile(", | atau | or ")  # "Tidak, cukup" is also "cukup"; "Suami atau istri" also "istri"


def plain(text: str) -> str:
    """Lower case, one space between words, no emoji and no punctuation around or between them."""
    kept = NOT_SAID.sub(" ", text.casefold())
    return " ".join(kept.split())


def bare(text: str) -> str:
    """Plain, and without the courtesies around a one-word answer; what is only courtesy stays."""
    words = plain(text).split()
    kept = [word for word in words if word not in POLITE]
    return " ".join(kept or words)


def number_in(text: str) -> int | None:
    """The number of a choice: "2", "2.", "(2)", "nomor 2", "dua", or a keycap."""
    keycap = KEYCAP.match(text.strip())
    if keycap:
        return int(keycap[1]) if keycap[1] else 10
    numbered = NUMBERED.match(text.strip().casefold())
    if numbered:
        return int(numbered[1])
    word = bare(text)
    for numbers in (NUMBERS, NUMBERS_EN):
        if word in numbers:
            return numbers.index(word) + 1
    return None


def match(text: str, visible: Sequence[Option], every: Sequence[Option] = ()) -> Option | None:
    """The option that was surely meant. `visible` are numbered on the screen; `every` may be named as well."""
    every = tuple({option.id: option for option in (*visible, *every)}.values())
    said = bare(text)
    if not said and not KEYCAP.match(text.strip()):
        return None
    named = [option for option in every if said in names_of(option) or text.strip() in cut_labels_of(option)]
    if named:
        return named[0] if len(named) == 1 else None
    number = number_in(text)
    if number is not None:
        return visible[number - 1] if 1 <= number <= len(visible) else None
    return by_yes_or_no(said, visible) or by_beginning(said, every)


def names_of(option: Option) -> frozenset[str]:
    """Every exact way to say an option."""
    return names_in(option.label, tuple(option.words))


@lru_cache(maxsize=4096)
def names_in(label: str, words: tuple[str, ...]) -> frozenset[str]:
    """A label, its parts and its further words, bare; kept, since the same choices are offered all day."""
    return frozenset(bare(name) for name in (label, *PARTS.split(label), *words))


def cut_labels_of(option: Option) -> set[str]:
    """A long label as phones show it and send it back."""
    return {option.label[:length] for length in CUT if len(option.label) > length}


def by_yes_or_no(said: str, options: Sequence[Option]) -> Option | None:
    """A yes or no in other words, where exactly one option begins with a yes or no."""
    first, *rest = said.split()
    if not WITH_YES_OR_NO.issuperset(rest):
        return None
    for words in (YES, NO):
        meant = [option for option in options if bare(option.label).split(" ")[0] in words]
        if first in words and len(meant) == 1:
            return meant[0]
    return None


def by_beginning(said: str, options: Sequence[Option]) -> Option | None:
    """The only option that begins like this, from three letters on."""
    meant = [option for option in options if any(name.startswith(said) for name in names_of(option))]
    return meant[0] if len(said) >= 3 and len(meant) == 1 else None


def nearest(text: str, options: Sequence[Option]) -> Option | None:
    """The option that was perhaps meant; ask before using it."""
    said = bare(text)
    if len(said) < 3:
        return None
    names = {name.split(" ")[0]: option for option in options for name in names_of(option)}
    names |= {name: option for option in options for name in names_of(option)}
    best = process.extractOne(said, list(names), scorer=fuzz.ratio, score_cutoff=NEAR)
    return names[best[0]] if best else None


def search(text: str, options: Sequence[Option], most: int = 8) -> list[Option]:
    """The options whose names hold or resemble what was typed, best first."""
    said = bare(text)
    if len(said) < 2 or said in YES | NO:  # "ya" is a part of many names, and means none of them
        return []
    holding = [option for option in options if said in bare(option.label)]
    if holding:
        return holding[:most]
    names = {index: bare(option.label) for index, option in enumerate(options)}
    found = process.extract(said, names, scorer=fuzz.WRatio, score_cutoff=NEAR, limit=most)
    return [options[index] for _name, _score, index in found]
