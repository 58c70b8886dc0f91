"""What happens in the season, day by day, from autumn until the 18th of January 2027."""

from datetime import UTC, date, datetime

from bot.arrivals import ASSOCIATION
from bot.cast import AMAT, BUDI, RINA, SITI, SRI, WAYAN
from bot.season import cash, paying, remitting, talking
from bot.season.fiction import (
    BAIQ,
    COLLECTORS,
    DEWI,
    DRIVERS,
    EARLY,
    GOES,
    LALU,
    NENGAH,
    NEVER,
    ONCE,
    STRAIGHT,
    Somebody,
    everybody,
    phone_of,
)
from bot.season.joining import join
from bot.season.leaving import correct_sector, leave
from bot.season.remitting import Answer
from bot.season.season import Season
from domain.dues import Way
from domain.money import Rupiah
from domain.month import Month
from storage.queries import associations, terms
from storage.queries.disputes import Kind

BEGINNING = datetime(2026, 8, 26, 1, tzinfo=UTC)
LIMIT = Rupiah(400_000)  # above which two people confirm
FEE = Rupiah(1_000)  # the association's own, from January on
DECEMBER, JANUARY = Month(2026, 12), Month(2027, 1)
SHOWN = (SITI.name, WAYAN.name, RINA.name)


def play(season: Season) -> None:
    """The whole of it."""
    for phone in (AMAT, SRI, BUDI):
        season.know(phone)
    people = everybody(season.chance)
    autumn(season, people)
    november(season, people)
    december_begins(season)
    december_is_disputed(season)
    december_goes_to_bpjs(season)
    december_ends(season)
    january_begins(season)
    january_goes_to_bpjs(season)
    what_waits(season)


# ── before ───────────────────────────────────────────────────────────────────────────────────────────────────────


def autumn(season: Season, people: list[Somebody]) -> None:
    """The first staff and members; one never pays, one stops after a month, one pays straight to BPJS."""
    season.reach(8, 27)
    season.write(lambda db, _now: setattr(associations.get(db, ASSOCIATION), "second_above", LIMIT))
    season.meet(phone_of(DEWI, 0), "officer", "treasurer")
    for who in people:
        if who.name in COLLECTORS:
            season.meet(who.phone, "collector")
    for who in people:
        if who.name in EARLY:
            join(season, who, by=BUDI.name)
    for month in (9, 10, 11):
        season.reach(month, 6)
        paying.confirm(season, paying.tell(season, STRAIGHT, Way.BPJS), BUDI.name)
        if month == 9:
            cash.collect(season, AMAT.name, {ONCE: cash.ALL})
            cash.count(season, SRI.name, cash.offer(season, AMAT.name))


def november(season: Season, people: list[Somebody]) -> None:
    """Everybody else joins, and is to pay from December on."""
    others = [who for who in people if who.name not in EARLY]
    for day, some in ((18, others[:12]), (20, others[12:25]), (24, others[25:])):
        season.reach(11, day)
        for who in some:
            join(season, who, by=BUDI.name)
    season.reach(11, 26)
    season.write(lambda db, now: terms.set_fee(db, ASSOCIATION, FEE, from_month=JANUARY, now=now))


# ── December ─────────────────────────────────────────────────────────────────────────────────────────────────────


def december_begins(season: Season) -> None:
    """Collectors go round, and others pay in every other way."""
    season.reach(12, 1)
    talking.siti_pays(season, 8_400)
    talking.rina_pays_ahead(season, 44_000)
    season.reach(12, 2)
    talking.wayan_pays_in_cash(season)
    paying.confirm(season, paying.tell(season, GOES, Way.TRANSFER, count=3), BUDI.name)
    first, second, third, *rest = owing(season, AMAT.name)
    cash.collect(season, AMAT.name, {first: cash.ALL, second: 5_000, third: 20_000})
    cash.collect(season, AMAT.name, dict.fromkeys(rest[:2], cash.ALL))
    season.reach(12, 3)
    ahead, *others = owing(season, LALU)
    cash.collect(season, LALU, {ahead: 42_000, **dict.fromkeys(others[:4], cash.ALL)})
    season.reach(12, 4)
    for collector in (NENGAH, BAIQ):
        cash.collect(season, collector, dict.fromkeys(owing(season, collector)[:5], cash.ALL))
    season.reach(12, 5)
    pay_by_other_ways(season)


def pay_by_other_ways(season: Season) -> None:
    """To the association's account, by its code and straight to BPJS: as told, less, more, or not at all."""
    told = [name for collector in (LALU, NENGAH, BAIQ) for name in owing(season, collector)]
    exact, less, more, nothing, back, code, straight, *_rest = told
    paying.confirm(season, paying.tell(season, exact, Way.TRANSFER), BUDI.name)
    paying.confirm(season, paying.tell(season, less, Way.TRANSFER, declared=8_400), SRI.name, received=4_000)
    paying.confirm(season, paying.tell(season, more, Way.QRIS, declared=50_000), BUDI.name)
    paying.refuse(season, paying.tell(season, nothing, Way.TRANSFER, bare=True), BUDI.name, "Uangnya belum masuk.")
    paying.withdraw(season, paying.tell(season, back, Way.TRANSFER))
    paying.confirm(season, paying.tell(season, code, Way.QRIS), SRI.name)
    paying.confirm(season, paying.tell(season, straight, Way.BPJS, count=3), BUDI.name)


def december_is_disputed(season: Season) -> None:
    """One member has not paid, says she, and is right; another one is not. Then the cash is handed over."""
    season.reach(12, 7)
    wrong, right = owing(season, BAIQ)[0], owing(season, NENGAH)[0]
    taken = cash.collect(season, BAIQ, {wrong: cash.ALL}) | cash.collect(season, NENGAH, {right: 8_400})
    season.reach(12, 8)
    first = cash.dispute(season, wrong, taken[wrong], Kind.NOT_PAID, "Saya belum kasih uang.")
    other = cash.dispute(season, right, taken[right], Kind.OTHER_AMOUNT, "Saya kasih sepuluh ribu.")
    season.reach(12, 9)
    cash.reverse(season, DEWI, first, "Pengumpul mengaku salah pilih nama.")
    cash.uphold(season, BUDI.name, other, "Kembaliannya sudah diterima, saksi ada.")
    season.reach(12, 10)
    talking.amat_brings(season)
    talking.sri_counts(season)
    cash.count(season, SRI.name, cash.offer(season, LALU), differs=-2_000, reason="Kurang selembar dua ribu.")
    cash.take_back(season, NENGAH, cash.offer(season, NENGAH))
    cash.count(season, DEWI, cash.offer(season, NENGAH, less=8_400))
    cash.count(season, SRI.name, cash.offer(season, BAIQ), differs=1_000, reason="Lebih seribu, pemiliknya dicari.")


def december_goes_to_bpjs(season: Season) -> None:
    """The first batch; BPJS does not know one of them, and gives the money back."""
    season.reach(12, 11)
    cash.deposit(season, SRI.name)
    batch = remitting.compose(season, SRI.name, DECEMBER, leave_out=(BAIQ,))
    season.reach(12, 14)
    remitting.pay(season, SRI.name, batch, "260112345678")
    season.reach(12, 16)
    unknown = season.write(lambda db, _now: remitting.names_in(db, batch)[-1])
    remitting.hear(season, SRI.name, batch, Answer(date(2026, 12, 31), failed=(unknown,)))
    season.reach(12, 18)
    remitting.money_back(season, SRI.name, batch)


def december_ends(season: Season) -> None:
    """The late ones, and one who pays a whole year: two people must have seen that much."""
    season.reach(12, 21)
    for collector in (NENGAH, BAIQ):
        cash.collect(season, collector, dict.fromkeys(owing(season, collector)[:3], cash.ALL))
    season.reach(12, 28)
    a_year = paying.tell(season, "Zulkifli", Way.TRANSFER, count=12)
    paying.confirm(season, a_year, BUDI.name)
    paying.confirm(season, a_year, DEWI)


# ── January ──────────────────────────────────────────────────────────────────────────────────────────────────────


def january_begins(season: Season) -> None:
    """The discount of most has ended; whoever never paid is not charged any more; two turn out to be drivers."""
    season.reach(1, 1)
    season.reach(1, 5)
    for collector in COLLECTORS:
        cash.collect(season, collector, dict.fromkeys(owing(season, collector)[:6], cash.ALL))
    season.reach(1, 6)
    talking.siti_pays(season, 17_800)
    season.reach(1, 8)
    for name in DRIVERS:
        correct_sector(season, name, by=BUDI.name, from_month=DECEMBER)
    season.reach(1, 11)
    leave(season, GOES, by=BUDI.name)
    for collector in (LALU, NENGAH, BAIQ):
        cash.count(season, SRI.name, cash.offer(season, collector))


def january_goes_to_bpjs(season: Season) -> None:
    """The second batch is above the limit. BPJS counts another amount for one, does not take one, forgets one."""
    season.reach(1, 12)
    cash.deposit(season, SRI.name)
    batch = remitting.compose(season, SRI.name, JANUARY)
    season.reach(1, 13)
    remitting.pay(season, SRI.name, batch, "270198765432")
    remitting.second(season, DEWI, batch)
    season.reach(1, 15)
    otherwise, failed, silent = season.write(lambda db, _now: remitting.names_in(db, batch)[:3])
    said = Answer(date(2027, 1, 31), failed=(failed,), otherwise=(otherwise,), silent=(silent,))
    remitting.hear(season, SRI.name, batch, said)


def what_waits(season: Season) -> None:
    """What the staff find on their phones: payments, a dispute, a hand-over."""
    season.reach(1, 16)
    *_rest, first, second, third = [name for collector in (LALU, BAIQ, NENGAH) for name in owing(season, collector)]
    slip = paying.slip(season, 16_800)
    paying.tell(season, first, Way.TRANSFER, slip=slip)
    paying.tell(season, second, Way.QRIS, slip=paying.again(slip))
    paying.confirm(season, paying.tell(season, "Ratna Dewi", Way.TRANSFER, count=12), BUDI.name)
    season.reach(1, 17, hour=16)
    taken = cash.collect(season, BAIQ, {third: cash.ALL})
    cash.dispute(season, third, taken[third], Kind.NOT_ME, "Itu bukan saya.")
    cash.offer(season, BAIQ)
    talking.wayan_pays_late(season, 17_800)
    talking.amat_brings(season)
    talking.they_look(season)
    season.reach(1, 18)


def owing(season: Season, collector: str) -> list[str]:
    """Who of a collector's list owes something now and will pay; the vendors on the page speak for themselves."""
    return [name for name in cash.owing(season, collector) if name not in (*SHOWN, NEVER)]
