"""A word with Twilio: whether it knows us, the content in which choices are shown, and where it must post."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session

from bot.channels.whatsapp import WhatsApp
from bot.channels.whatsapp_content import NAMES
from bot.channels.whatsapp_templates import Judged
from bot.settings import TWILIO_API, Settings, is_loopback
from conversations.templates import tell_changes
from storage.queries import contents, templates
from storage.queries.templates import Filed
from storage.tables import ChannelAccount

CONTENT_PATIENCE = 60.0  # seconds: each content is a request of its own

OVERRIDES = "#rc=5&rp=all&rt=5000"
"""Come again five times, whatever went wrong, and wait five seconds for an answer; without it Twilio comes again only
once, and only where it found nobody (twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""


def webhook_address(settings: Settings, association: str) -> str:
    """What must stand in Twilio's console as the webhook of an association's number."""
    return f"{settings.public_base_url}/webhooks/twilio/{association}{OVERRIDES}"


def is_deaf_to(address: str, api: str) -> str:
    """Why Twilio and a vendor's phone cannot reach that address; "" when they can. A stand-in may post anywhere."""
    if api != TWILIO_API:
        return ""
    parts = urlsplit(address)
    if parts.scheme != "https":
        return "WhatsApp needs https: Twilio posts there, and pages with a NIK open there"
    if is_loopback(parts.hostname or ""):
        return "Twilio cannot reach an address of this machine alone"
    return ""


@dataclass(frozen=True, slots=True)
class Kept:
    """How the content in which choices are shown stands at Twilio."""

    sids: Mapping[str, str]  # by name
    put_right: list[str]  # names that we knew nothing of, or under an id that serves no more
    refused: list[str]  # names that Twilio does not take: such choices go as numbers


async def keep_contents(wire: WhatsApp, known: Mapping[str, str]) -> Kept:
    """Find the content that we need, and make what is missing. Raises the kinds of `ProviderError`."""
    wire.contents = dict(known)
    await wire.make_contents()
    there = dict(wire.contents)
    put_right = [name for name, sid in there.items() if known.get(name) != sid]
    return Kept(there, put_right, [name for name in NAMES if name not in there])


def standing_of(judged: Sequence[Judged]) -> str:
    """How many templates stand where, as in "10 approved, 2 pending"."""
    counts = Counter(one.status for one in judged)
    return ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))


def remember_templates(
    db: Session, *, association_id: str, account: str, judged: Sequence[Judged], now: datetime
) -> None:
    """Keep how WhatsApp judges each template, where the account is known already; administrators hear what changed."""
    if db.get(ChannelAccount, account):
        filed = {one.name: Filed(one.sid, one.asked, one.category, one.status, one.reason) for one in judged}
        changes = templates.keep(db, association_id=association_id, account=account, filed=filed, now=now)
        tell_changes(db, association_id, account, changes, now)


def remember_contents(db: Session, *, association_id: str, account: str, kept: Kept, now: datetime) -> None:
    """Keep the ids, where the account is known already; `serve` makes it known."""
    if db.get(ChannelAccount, account):
        contents.remember(db, association_id=association_id, account=account, sids=kept.sids, now=now)
