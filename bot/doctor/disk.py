"""The disk, and what waits on it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.doctor.check import Check, well, wrong
from bot.doctor.database import LATE, file_of
from bot.settings import Settings

LEAST_FREE = 500 * 1024 * 1024  # bytes


def about_disk(settings: Settings) -> Check:
    """There is room for what comes."""
    file = file_of(settings) or Path(settings.data_dir)
    folder = next(parent for parent in file.absolute().parents if parent.is_dir())
    free = shutil.disk_usage(folder).free
    says = f"{free / 1024**3:,.1f} GiB free at {folder}"
    return well("disk", says) if free >= LEAST_FREE else wrong("disk", says, "Make room, or the database stops taking.")


def about_spool(settings: Settings) -> Iterator[Check]:
    """What came while the database did not answer was taken in since; what could not be is a human's."""
    folder = Path(settings.data_dir) / "spool"
    if not folder.is_dir():
        return
    unreadable, failed = (len(list(folder.glob(f"*.{fate}"))) for fate in ("unreadable", "failed"))
    if unreadable:
        todo = f"It was changed or damaged in {folder}: the log of messages in Twilio's console tells who wrote then."
        yield wrong("spool", f"what came cannot be opened: {unreadable}", todo)
    if failed:
        todo = f"Mend what the log says of it, then rename it in {folder} so that it ends in .sealed."
        yield wrong("spool", f"what came could not be taken in: {failed}", todo)
    yield about_waiting(folder)


def about_waiting(folder: Path) -> Check:
    """Files wait only as long as the database does not answer, or their key is missing."""
    came = [datetime.fromtimestamp(moment, UTC) for moment in filter(None, map(changed, folder.glob("*.sealed")))]
    if came and min(came) < datetime.now(UTC) - LATE:
        waits = f"{len(came)} wait in {folder} since {min(came):%d %b %H:%M} UTC"
        todo = "Does the database answer, has SECRET_KEYS every key, and does `jagalapak serve` run in this folder?"
        return wrong("spool", waits, todo)
    return well("spool", f"{len(came)} wait to be taken in" if came else "nothing waits")


def changed(path: Path) -> float | None:
    """When a file was written, as Unix time; None when it was taken in just now."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None
