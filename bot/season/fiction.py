"""Who takes part in the season. All of them are invented; whoever really has such a name is not meant."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bot.cast import AMAT, RINA, SITI, WAYAN
from bot.channels.webchat_looks import Look
from bot.web.simulator_world import PhoneInfo
from domain.nik import Nik
from domain.rates import Programme, Sector

LALU, NENGAH, BAIQ = "Lalu Hidayat", "I Nengah Wirata", "Baiq Suriani"
COLLECTORS = (AMAT.name, LALU, NENGAH, BAIQ)
DEWI = "Dewi Anggraini"  # officer and treasurer beside the first ones: of two who confirm, she is the second

WOMEN = (
    "Nurhayati", "Sumiati", "Fatimah Zahra", "Kartini", "Maryam", "Halimah", "Nuraini", "Siti Khadijah",
    "Ni Made Suartini", "Rohani", "Zaenab", "Sakinah", "Ratna Dewi", "Marlina", "Hikmah", "Aisyah Putri", "Yuliana",
    "Raehan", "Mariani", "Ni Luh Ayu Lestari",
)  # fmt: skip
MEN = (
    "Ahmad Fauzi", "Sahrul Ramdani", "Muhammad Yusuf", "Jumahir", "Mahsun", "Suparman", "I Gede Artana", "Sabarudin",
    "Haerudin", "Marzuki", "Zulkifli", "Amrullah", "Hasan Basri", "Munawir",
)  # fmt: skip

TRADES = ("food", "souvenirs", "clothes", "toys", "vegetables", "jualan mutiara")
PLACES = ("Pasar Kebon Roek", "Pasar Cakranegara", "Pantai Ampenan", "Taman Sangkareang", "Pantai Senggigi")
DRIVERS = ("Jumahir", "Sabarudin")  # who drive a motorcycle taxi, as it turns out later
SAVERS = ("Ratna Dewi", "Zulkifli", "Aisyah Putri")  # with old-age savings
NEVER, ONCE, STRAIGHT = "Nurhayati", "Mahsun", "Kartini"  # how they pay
EARLY = (NEVER, ONCE, STRAIGHT)  # members since September
GOES = "Yuliana"  # gives up her stall in January

MALE, FEMALE = "male", "female"


@dataclass(frozen=True, slots=True)
class Somebody:
    """A member of the season, as she registers."""

    phone: PhoneInfo
    sex: str
    born: date
    nik: Nik
    tier: int
    programmes: tuple[Programme, ...]
    collector: str
    trade: str
    workplace: str
    sector: Sector = Sector.OTHER

    @property
    def name(self) -> str:
        """As on the KTP."""
        return self.phone.name


def everybody(chance: Random) -> list[Somebody]:
    """All members: the vendors whose phones lie on the page first."""
    shown = [(phone, FEMALE) for phone in (SITI, WAYAN, RINA)]
    others = [*((name, MALE) for name in (LALU, NENGAH, *MEN)), *((name, FEMALE) for name in (BAIQ, *WOMEN))]
    unseen = [(phone_of(name, number), sex) for number, (name, sex) in enumerate(others, start=len(shown) + 1)]
    return [somebody(phone, sex, number, chance) for number, (phone, sex) in enumerate([*shown, *unseen], start=1)]


def phone_of(name: str, number: int) -> PhoneInfo:
    """A phone that lies on nobody's desk."""
    return PhoneInfo(f"season-{number}", name, "", f"season-{number}", f"+62 812-0000-1{number:03}", Look.TELEGRAM)


def somebody(phone: PhoneInfo, sex: str, number: int, chance: Random) -> Somebody:
    """What one of them registers; the vendors on the page have the numbers that their sample cards show."""
    shown = phone in (SITI, WAYAN, RINA)
    born = date(1987, 5, 5) if shown else date(1968, 1, 1) + timedelta(days=chance.randrange(30 * 365))
    day = born.day + (40 if sex == FEMALE else 0)
    return Somebody(
        phone=phone,
        sex=sex,
        born=born,
        nik=Nik.parse(f"527101{day:02}{born:%m%y}{number:04}"),
        tier=1 if shown else chance.choice((1, 1, 1, 1, 2, 4)),
        programmes=tuple(Programme) if phone.name in SAVERS else (Programme.JKK, Programme.JKM),
        collector=collector_of(phone.name, number),
        trade=chance.choice(TRADES),
        workplace=chance.choice(PLACES),
    )


def collector_of(name: str, number: int) -> str:
    """Whose list she is on; collectors pay to Amat, and he takes the vendors on the page as well."""
    if name in COLLECTORS or number <= 3:
        return AMAT.name
    return COLLECTORS[number % len(COLLECTORS)]
