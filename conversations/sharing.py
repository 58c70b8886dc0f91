"""How the cash in a collector's hand is divided among those who gave it: what is short or over is never hidden."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from conversations.collecting_answers import Draft
from conversations.month_words import spans
from conversations.words import _, rupiah
from domain.dues import split
from domain.money import Rupiah
from domain.month import Month
from storage.queries import collections
from storage.queries.collections import Due
from storage.tables import Member

SHOWN = 8  # lines of a split in one message
NAMED = 5  # people in one sentence


@dataclass(frozen=True, slots=True)
class Part:
    """What one member gets of it."""

    due: Due
    months: tuple[Month, ...]
    owed: Rupiah
    amount: Rupiah

    @property
    def member(self) -> Member:
        """Whose it is."""
        return self.due.member

    @property
    def short(self) -> Rupiah:
        """What is missing."""
        return Rupiah(max(0, self.owed - self.amount))

    @property
    def over(self) -> Rupiah:
        """What is kept for her next months."""
        return Rupiah(max(0, self.amount - self.owed))


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who gets what; `rest` is what nobody gets yet."""

    parts: tuple[Part, ...]
    total: Rupiah
    rest: Rupiah

    @property
    def taken(self) -> list[Part]:
        """Whoever gets something."""
        return [part for part in self.parts if part.amount]

    @property
    def uneven(self) -> list[Part]:
        """Whoever gets less or more than she owes."""
        return [part for part in self.parts if part.short or part.over]

    @property
    def short(self) -> Rupiah:
        """What is missing for all of them together."""
        return Rupiah(sum(part.short for part in self.parts))

    @property
    def owed(self) -> dict[str, str]:
        """What each of them owed when it was divided, and for which months, by member: it tells whether that stands."""
        return {part.member.id: " ".join([str(part.due.amount), *map(str, part.due.months)]) for part in self.parts}


def givers(db: Session, association_id: str, collector_id: str, draft: Draft) -> list[Member]:
    """From whom the cash is; nobody confirms her own money."""
    found = collections.members_named(db, association_id, draft.get("members", []))
    return [one for one in found if one.person_id != collector_id]


def share(db: Session, members: Sequence[Member], draft: Draft, today: date) -> Sharing:
    """Divide the total: to each what an amount was named for, else what she owes, in the order of the list."""
    total, named, rest_to = Rupiah(draft.total), draft.get("amounts", {}), draft.get("rest_to", "")
    dues = collections.dues_of(db, members, today)
    alone = total if len(dues) == 1 else Rupiah(0)
    meant = [collections.reach(db, due, Rupiah(named.get(due.member.id) or alone), today) for due in dues]
    wanted = [(due.member.id, named.get(due.member.id, cost)) for due, (_months, cost) in zip(dues, meant, strict=True)]
    divided = split([(member_id, Rupiah(amount)) for member_id, amount in wanted], total)
    kept = divided.rest if rest_to in {due.member.id for due in dues} else Rupiah(0)
    parts = [
        Part(due, months, cost, Rupiah(one.amount + (kept if one.member == rest_to else 0)))
        for due, (months, cost), one in zip(dues, meant, divided.shares, strict=True)
    ]
    return Sharing(tuple(parts), total, Rupiah(divided.rest - kept))


# ── in words ─────────────────────────────────────────────────────────────────────────────────────────────────────


def told(sharing: Sharing) -> str:
    """The whole split; of many, those who do not get just what they owe."""
    if len(sharing.parts) == 1:
        return "\n".join([line_alone(sharing.parts[0]), *balance(sharing)])
    shown = sharing.parts if len(sharing.parts) <= SHOWN else sharing.uneven
    more = len(shown) - SHOWN
    exact = len(sharing.parts) - len(sharing.uneven)
    head = _("Uang {total} dari {count} orang dibagi begini:") if shown else _("Uang {total} dari {count} orang.")
    return "\n".join(
        [
            head.format(total=rupiah(sharing.total), count=len(sharing.parts)),
            *map(line, shown[:SHOWN]),
            *([_("dan {count} orang lagi, lihat rinciannya.").format(count=more)] if more > 0 else []),
            *([_("{count} orang lainnya pas.").format(count=exact)] if shown is not sharing.parts and exact else []),
            *balance(sharing),
        ]
    )


def line_alone(part: Part) -> str:
    """The only one."""
    facts = {"name": part.member.name, "amount": rupiah(part.amount), "months": spans(part.months)}
    if not part.months:
        return _("{name}: {amount}.").format(**facts)
    return _("{name}: {amount} untuk {months}.").format(**facts)


def line(part: Part) -> str:
    """One of many."""
    facts = {"name": named(part.member), "amount": rupiah(part.amount)}
    if not part.amount:
        return _("{name}: belum kebagian, kurang {short}").format(**facts, short=rupiah(part.short))
    if part.short:
        return _("{name}: {amount}, kurang {short}").format(**facts, short=rupiah(part.short))
    if part.over:
        return _("{name}: {amount}, titipan {over}").format(**facts, over=rupiah(part.over))
    return _("{name}: {amount}").format(**facts)


def detail(part: Part) -> str:
    """One of many, with the months."""
    if not (part.amount and part.months):
        return line(part)
    return _("{part}, untuk {months}").format(part=line(part), months=spans(part.months))


def balance(sharing: Sharing) -> list[str]:
    """Whether it is what they owe, in a sentence of its own."""
    found = []
    if sharing.short:
        found.append(_("Kurang {short} dari yang seharusnya.").format(short=rupiah(sharing.short)))
    if sharing.rest:
        found.append(_("Lebih {rest}: belum jelas untuk siapa.").format(rest=rupiah(sharing.rest)))
    if len(sharing.parts) == 1 and sharing.parts[0].over:
        found.append(_("Titipan {over} untuk bulan berikutnya.").format(over=rupiah(sharing.parts[0].over)))
    return found if found or sharing.uneven else [_("Jumlahnya pas.")]


def named(member: Member) -> str:
    """A member's name, with the end of her NIK, since many are called alike."""
    return _("{name} ({end})").format(name=member.name, end=member.nik_end)


def some(members: Iterable[Member]) -> str:
    """A few names, and how many more there are."""
    names = [member.name for member in members]
    shown = ", ".join(names[:NAMED])
    if len(names) <= NAMED:
        return shown
    return _("{names} dan {count} orang lagi").format(names=shown, count=len(names) - NAMED)
