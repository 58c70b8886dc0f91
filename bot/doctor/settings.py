"""The settings and the keys."""

import stat
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from bot.doctor.check import Check, well, wrong
from bot.settings import Misconfigured, Settings, names_of
from storage.sealed import KeyRing, KeysUnreadable, use_keys

ALIKE = 0.85  # of 1: a name in `.env` that somebody meant to be a setting


def about_settings(settings: Settings, env: Path) -> Iterator[Check]:
    """What is set can be used, is read, and is nobody else's to read."""
    source = env.name if env.is_file() else "the environment alone"
    yield well("settings", f"for {', '.join(settings.channels)}, from {source}")
    if not env.is_file():
        return
    if stat.S_IMODE(env.stat().st_mode) & 0o077:
        yield wrong("settings", f"others may read {env}, which holds secrets", f"chmod 600 {env}")
    known = names_of(settings.associations)
    for name in sorted({name.upper() for name in dotenv_values(env, interpolate=False)} - known):
        for meant in get_close_matches(name, known, n=1, cutoff=ALIKE):
            yield wrong("settings", f"nobody reads {name}", f"Is it meant to be {meant}?")


def about_keys(settings: Settings) -> Check:
    """The key ring can be used; from now on it is in use, or none is."""
    use_keys(None)
    try:
        ring = KeyRing.parse(settings.keys())
    except Misconfigured as error:
        return wrong("keys", str(error), "If there was one before, put it back; else run `jagalapak init`.")
    except KeysUnreadable as error:
        return wrong("keys", str(error), "Write SECRET_KEYS as id:base64 of 32 bytes, the newest first, with commas.")
    use_keys(ring)
    primary, *older = ring.kids
    return well("keys", f"{primary} seals" + (f", {', '.join(older)} still open" if older else ""))
