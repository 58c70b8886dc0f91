"""The two apps on the simulator's phones: what each of them can carry, and how it shows a reply."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from bot.channels import whatsapp
from bot.channels.fitting import TextTooLong, units
from bot.channels.text import clean
from bot.channels.whatsapp_templates import CATALOGUE, filled, variables_of
from domain.message import Abilities, Address, Button, Reply


class Look(StrEnum):
    """Which app it is; the channel of an address in it has the same name."""

    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"

    @property
    def account(self) -> str:
        """Our channel account in this app."""
        return f"{self}/main"


TELEGRAM_LIKE = Abilities(text=4096, caption=1024, buttons=12, label=64, edits=True)
"""Bot API 10.1, as our own bot uses it."""

ABILITIES: Mapping[Look, Abilities] = {Look.TELEGRAM: TELEGRAM_LIKE, Look.WHATSAPP: whatsapp.ABILITIES}


def look_of(address: Address) -> Look:
    """The app in which an address is."""
    return Look(address.channel)


def draw(reply: Reply, look: Look) -> dict[str, Any]:
    """The reply as an app shows it: `{text, document, file, menu, buttons}`. Raises TextTooLong: `fit` comes first.

    `menu` says how the buttons are offered: "inline", "keyboard" (Telegram), "quick", "list" (WhatsApp), or "" when
    there are none. A button is `{label, data, description, contact}`: `contact` when it shares her own number; one
    without data types its label.
    """
    return DRAWN[look](reply)


def draw_sent(reply: Reply, look: Look) -> dict[str, Any]:
    """What was sent, as it is shown later on: a reply that names a template went as that."""
    return template_like_whatsapp(reply) if reply.template and look is Look.WHATSAPP else draw(reply, look)


def like_telegram(reply: Reply) -> dict[str, Any]:
    """In one bubble, every choice below it; or in place of the letters, where her number is asked for."""
    text, room = clean(reply.printed()), TELEGRAM_LIKE.caption if reply.document else TELEGRAM_LIKE.text
    if units(text) > room:
        raise TextTooLong(f"{units(text)} units, not {room} at most")
    menu = "keyboard" if reply.asks_contact else "inline"
    buttons = [_key(button, contact=reply.asks_contact and not place) for place, button in enumerate(reply.buttons)]
    shown = {"text": text, "document": reply.document, "file": reply.file}
    return {**shown, "menu": menu if buttons else "", "buttons": buttons}


def _key(button: Button, *, contact: bool) -> dict[str, Any]:
    return {"label": clean(button.label), "data": button.data, "description": "", "contact": contact}


def like_whatsapp(reply: Reply) -> dict[str, Any]:
    """As the channel that talks with WhatsApp draws it: quick replies, a list, or the numbers alone."""
    drawn = whatsapp.draw(reply)
    rows = [
        {"label": row.title, "data": row.data, "description": row.description, "contact": False} for row in drawn.rows
    ]
    shown = {"text": drawn.text, "document": drawn.document, "file": drawn.file}
    return {**shown, "menu": drawn.kind, "buttons": rows}


def template_like_whatsapp(reply: Reply, _sid: str = "") -> dict[str, Any]:
    """The template that a reply names, filled, as WhatsApp shows it."""
    model = CATALOGUE[reply.template]
    buttons = [{"label": label, "data": data, "description": "", "contact": False} for label, data in model.buttons]
    text = filled(model, variables_of(reply).values())
    return {"text": text, "document": "", "file": False, "menu": "quick" if buttons else "", "buttons": buttons}


DRAWN: Mapping[Look, Callable[[Reply], dict[str, Any]]] = {
    Look.TELEGRAM: like_telegram,
    Look.WHATSAPP: like_whatsapp,
}
