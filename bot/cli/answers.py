"""What `init` asks, in order: a bot, how its messages come in, a WhatsApp number, where we are, the association."""

from dataclasses import replace
from functools import partial

import typer

from bot import at_twilio
from bot.cli.asking import (
    Asker,
    Mode,
    a_bot,
    a_mode,
    a_name,
    a_number,
    a_secret,
    an_account,
    an_address,
    an_api_key,
    auth_tokens,
    known_to_twilio,
    sentence,
)
from bot.cli.console import told
from bot.first_run import Access, Given
from bot.settings import MAIN, Settings, is_deaf_to
from domain.text import visible


def ask_settings(asker: Asker, settings: Settings, given: Given) -> Given:
    """What is not set yet. Either channel may be left out, not both. Raises `typer.BadParameter`."""
    channel = settings.channels[MAIN]
    token = mode = ""
    if channel.telegram_bot_token is None:
        token = ask_token(asker, channel.telegram_api_base_url, given)
    if (token or channel.telegram_bot_token) and "telegram_mode" not in channel.model_fields_set:
        mode = ask_mode(asker, settings, given)
    access = Access()
    if not channel.has_whatsapp:
        needed = not (token or channel.telegram_bot_token)
        access = ask_whatsapp(asker, channel.twilio_api_base_url, given.whatsapp, needed=needed)
    answers = Given(token, mode, "", access)
    return replace(answers, public_url=ask_address(asker, settings, given, answers))


def ask_token(asker: Asker, api: str, given: Given) -> str:
    """A bot's token; "" for no bot."""
    question = "The Telegram bot's token, from @BotFather (typing stays invisible; empty: no Telegram)"
    return asker.ask("--token", question, partial(a_bot, api), given=given.token, default="", hide=True)


def ask_mode(asker: Asker, settings: Settings, given: Given) -> str:
    """How messages come in from Telegram."""
    question = "How do messages come in: webhook (needs a public https address) or polling?"
    default = Mode.WEBHOOK if given.public_url or settings.public_base_url else Mode.POLLING
    return asker.ask("--mode", question, a_mode, given=given.mode, default=default.value)


def ask_whatsapp(asker: Asker, api: str, given: Access, *, needed: bool) -> Access:
    """The access to a WhatsApp number, with which Twilio agrees; an empty one for no WhatsApp."""
    question = "Twilio's account SID for WhatsApp (AC…; empty: no WhatsApp)"
    check = partial(an_account, needed)
    sid = asker.ask("--twilio-account-sid", question, check, given=given.account_sid, default="")
    if not sid:
        return Access()
    while True:
        access = ask_access(asker, replace(given, account_sid=sid))
        try:
            known_to_twilio(access, api)
        except ValueError as error:
            if given.key_secret or not asker.interactive:
                raise typer.BadParameter(sentence(error), param_hint="--twilio-api-key-secret") from None
            told.print(f"[yellow]{sentence(error)}[/]")
            question = "Twilio's account SID"
            sid = asker.ask("--twilio-account-sid", question, partial(an_account, True), default=sid)
        else:
            return access


def ask_access(asker: Asker, given: Access) -> Access:
    """Everything besides the account."""
    hidden = "(typing stays invisible)"
    return Access(
        given.account_sid,
        asker.ask(
            "--twilio-auth-token",
            f"The account's auth token, with which Twilio signs {hidden}",
            auth_tokens,
            given=given.auth_token,
            hide=True,
        ),
        asker.ask("--twilio-api-key-sid", "The SID of an API key (SK…)", an_api_key, given=given.key_sid),
        asker.ask(
            "--twilio-api-key-secret",
            f"The API key's secret {hidden}",
            a_secret,
            given=given.key_secret,
            hide=True,
        ),
        asker.ask(
            "--twilio-whatsapp-from",
            "The WhatsApp number that writes to vendors (+62…)",
            a_number,
            given=given.number,
        ),
    )


def ask_address(asker: Asker, settings: Settings, given: Given, answers: Given) -> str:
    """Where the world reaches us, as far as anybody posts there; "" when that is known or needless."""
    channel = settings.channels[MAIN]
    has_bot = bool(answers.token or channel.telegram_bot_token)
    telegram_posts = has_bot and (answers.mode or channel.telegram_mode) == Mode.WEBHOOK
    twilio_posts = bool(answers.whatsapp.account_sid or channel.has_whatsapp)
    if settings.public_base_url or not (telegram_posts or twilio_posts):
        return ""
    troubles = [
        *([partial(is_deaf_to, api=channel.telegram_api_base_url)] if telegram_posts else []),
        *([partial(at_twilio.is_deaf_to, api=channel.twilio_api_base_url)] if twilio_posts else []),
    ]
    question = "Where is this machine reached from outside (https://…)?"
    return asker.ask("--public-url", question, partial(an_address, troubles), given=given.public_url)


def ask_association(asker: Asker, name: str, help_contact: str | None) -> tuple[str, str]:
    """What the association is called, and whom to call for help. Raises `typer.BadParameter`."""
    called = asker.ask("--association", "The association's name, as vendors know it", a_name, given=name)
    question = "A human's number for whoever asks for help (empty: none)"
    contact = help_contact if help_contact is not None else asker.ask("--help-contact", question, visible, default="")
    return called, visible(contact)
