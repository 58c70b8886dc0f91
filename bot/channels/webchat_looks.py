"""The two looks of the simulator's phones: what each app can carry, and how a reply looks in it."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from bot.channels.fitting import fit, shorten, units
from domain.message import Abilities, Button, Reply


class Look(StrEnum):
    """Which app a phone looks like."""

    TELEGRAM = "telegram"
    WHATSAPP = "whatsapp"


TELEGRAM_LIKE = Abilities(text=4096, caption=1024, buttons=12, label=64)
"""Bot API 10.1, as our own bot uses it. The roomier of the two: replies are stored to fit it, and drawn to fit both."""

WHATSAPP_LIKE = Abilities(
    text=1600, caption=1024, buttons=3, label=20, extras={"interactive": 1024, "rows": 10, "row": 24, "description": 72}
)
"""WhatsApp through Twilio: bodies of 1,600 (error 21617), 3 quick replies of 20 or a list of 10 rows of 24."""

ABILITIES: Mapping[Look, Abilities] = {Look.TELEGRAM: TELEGRAM_LIKE, Look.WHATSAPP: WHATSAPP_LIKE}


def draw(reply: Reply) -> dict[str, Any]:
    """The reply as both looks show it: `{document, looks: {look: {texts, menu, buttons}}}`.

    `texts` are one bubble each, the document above the first; `buttons` belong to the last, and `menu` says how they
    are offered: "inline", "keyboard" (Telegram), "quick", "list" (WhatsApp), or "" when there are none. A button is
    `{label, data, description, contact}`: `contact` when it shares her own number; one without data types its label.
    """
    return {
        "document": reply.document,
        "looks": {Look.TELEGRAM.value: _like_telegram(reply), Look.WHATSAPP.value: _like_whatsapp(reply)},
    }


def _like_telegram(reply: Reply) -> dict[str, Any]:
    return _fitted(reply, TELEGRAM_LIKE, "keyboard" if reply.asks_contact else "inline")


def _like_whatsapp(reply: Reply) -> dict[str, Any]:
    fits = WHATSAPP_LIKE
    if not reply.buttons:
        return _fitted(reply, fits, "")
    interactive = replace(fits, text=fits.extras["interactive"])
    cut = any(units(button.label) > fits.label for button in reply.buttons)
    if len(reply.buttons) <= fits.buttons and (reply.numbered or not cut):
        return _fitted(reply, interactive, "quick")
    rows = replace(interactive, buttons=fits.extras["rows"], label=fits.extras["row"])
    numbered = reply.numbered or len(reply.buttons) > rows.buttons  # what no row offers is answered by its number
    return _fitted(replace(reply, numbered=numbered), rows, "list")


def _fitted(reply: Reply, abilities: Abilities, menu: str) -> dict[str, Any]:
    parts = fit(reply, abilities)
    pairs = zip(parts[-1].buttons, reply.buttons, strict=False)  # none are shown where there is no room for all
    buttons = [_drawn(button, asked) for button, asked in pairs]
    if buttons and reply.asks_contact:
        buttons[0]["contact"] = True
    return {"texts": [part.printed() for part in parts], "menu": menu if buttons else "", "buttons": buttons}


def _drawn(button: Button, asked: Button) -> dict[str, Any]:
    """A button; where its label was cut, a list shows it in full below."""
    below = "" if button.label == asked.label else shorten(asked.label, WHATSAPP_LIKE.extras["description"])
    return {"label": button.label, "data": button.data, "description": below, "contact": False}
