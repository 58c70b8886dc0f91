"""The people of the talks, all of them invented, and what they answer when nothing special happens."""

from tests.transcript import Player

WELCOMED = ("1", "setuju", "1", "1")  # Indonesian, consent, reminders, announcements

ANSWERS = {
    "whom": ["saya sendiri"],
    "nik": ["5271 0145 0587 0001", "benar"],
    "name": ["Siti Aminah"],
    "birth_place": ["Mataram"],
    "mother": ["Inaq Rahmah"],
    "phone": ["0812 0000 0001"],
    "home": ["kota mataram", "ampenan", "bintaro", "Jalan Mawar 3, RT 02"],
    "trade": ["makanan"],
    "workplace": ["Depan Pasar Kebon Roek"],
    "hours": ["pagi sampai siang"],
    "income": ["900rb"],
    "programmes": ["JKK + JKM"],
    "heirs": ["Ahmad Fauzi", "anak", "cukup"],
    "ktp": ["[photo]"],
}
"""Chapter → what Siti says in it."""

BUDI = {"nik": ["5271 0105 0587 0002", "benar"], "name": ["Budi Santoso"], "phone": ["0812 0000 0002"]}
RINA = {"nik": ["5271 0145 0590 0003", "benar"], "name": ["Rina Wati"], "phone": ["lewati"]}
ANI = {"nik": ["5271 0145 0591 0004", "benar"], "name": ["Ani Lestari"], "phone": ["0812 0000 0004"]}
ANA = {"nik": ["5271 0145 0592 0005", "benar"], "name": ["Ana Kurnia"], "phone": ["0812 0000 0005"]}


def arrive(play: Player, who: str) -> None:
    """Say hello, and agree to everything that is asked at the beginning."""
    play.say_all(who, ["halo", *WELCOMED])


def begin(play: Player, who: str, until: str, **answers: list[str]) -> str:
    """Register up to the question of the chapter `until`; the last answer of the bot."""
    play.say(who, "daftar")
    given = {**ANSWERS, **answers}
    chapters = [*given, "review"]
    return play.say_all(who, [line for chapter in chapters[: chapters.index(until)] for line in given[chapter]])


def register(play: Player, who: str, **answers: list[str]) -> str:
    """Register and send it in; the last answer of the bot."""
    arrive(play, who)
    begin(play, who, "review", **answers)
    return play.say(who, "benar")


def staff(play: Player, who: str, *roles: str) -> None:
    """Somebody with these roles, past the welcome."""
    arrive(play, who)
    for role in roles:
        play.grant(who, role)
