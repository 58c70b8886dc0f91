"""The only reader of the environment. Secrets have no working default and never print."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial
from ipaddress import ip_address
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from domain.cost import FREE_SERVICE, Prices

MAIN = "main"
TELEGRAM_API = "https://api.telegram.org"
TWILIO_API = "https://api.twilio.com"
CHANNELS = ("telegram", "whatsapp")
TELEGRAM_PORTS = (None, 443, 80, 88, 8443)  # to which Telegram posts (Bot API, setWebhook)
ASSOCIATION = re.compile(r"[a-z][a-z0-9-]{0,31}")
NO_CODE = "a code is a letter, then letters, digits or dashes, 32 at most"
TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")
ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")
KEY_SID = re.compile(r"SK[0-9a-f]{32}")
SECRET = re.compile(r"[\x21-\x7e]{16,}")
SENDER = re.compile(r"\+\d{7,15}")
CURRENCIES = ("USD", "IDR", "")
PRICED = ("service", "utility", "marketing", "authentication", "fee")
PRICE = re.compile(r"\d{1,6}(\.\d{1,6})?")
NO_PRICES = (
    "write USD or IDR, then what a message costs, as in USD,utility:0.0200,marketing:0.0400,service:0.0200,fee:0.0050"
)
NOT_A_BOT = "that is no bot token; @BotFather writes one as 123456789:AAF…"
WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
ADDRESS = re.compile(r"[a-z]+:\S+")
URL = re.compile(r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(/[A-Za-z0-9._~/-]*)?")


class Misconfigured(Exception):
    """A setting is missing or cannot be used; the text says which and what to do, one fault a line."""


# ── what a value must look like; no message repeats the value ────────────────────────────────────────────────────


def listed(value: object) -> object:
    """A list from "a,b , c"."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def lowered(value: object) -> object:
    """Capitals do not count."""
    return value.lower() if isinstance(value, str) else value


def raised(value: object) -> object:
    """Small letters do not count."""
    return value.upper() if isinstance(value, str) else value


def shaped(pattern: re.Pattern[str], advice: str, value: str) -> str:
    """A text that is wholly of that form."""
    if not pattern.fullmatch(value):
        raise ValueError(advice)
    return value


def shaped_secret(pattern: re.Pattern[str], advice: str, value: SecretStr) -> SecretStr:
    """A secret that is wholly of that form."""
    shaped(pattern, advice, value.get_secret_value())
    return value


def url(value: str) -> str:
    """The beginning of web addresses: so plain a form that nobody can take its host for another one."""
    try:
        usable = not value or (URL.fullmatch(value) and urlsplit(value).port != 0)
    except ValueError:  # no such port, or no such address
        usable = False
    if not usable:
        raise ValueError("write it as https://host, without a user, a password or a question mark")
    return value.rstrip("/")


def database(value: str) -> str:
    """An SQLite file or a PostgreSQL; "" when that is left to us."""
    if not value:
        return value
    advice = "write it as sqlite:///data/jagalapak.db or postgresql://user:password@host/name"
    try:
        address = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError(advice) from None
    kind, _plus, driver = address.drivername.partition("+")
    if kind == "sqlite" and not driver and address.database not in (None, "", ":memory:"):
        return value
    if kind in ("postgresql", "postgres") and driver in ("", "psycopg"):
        return value
    raise ValueError(advice)


def each_secret(value: object) -> object:
    """Secrets in a list with commas, each hidden from now on."""
    return [SecretStr(part.strip()) for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def sender(value: object) -> object:
    """Twilio writes the number as "whatsapp:+62…"; the number alone will do."""
    return value.strip().lower().removeprefix("whatsapp:") if isinstance(value, str) else value


def prices(value: object) -> object:
    """Prices from "USD,utility:0.02,fee:0.005"; none from nothing. No message repeats the value."""
    if not isinstance(value, str):
        return value
    currency, *parts = [part.strip() for part in value.split(",") if part.strip()] or [""]
    each: dict[str, Decimal] = {}
    for part in parts:
        name, _colon, price = part.partition(":")
        if name.lower() not in PRICED or not PRICE.fullmatch(price.strip()):
            raise ValueError(NO_PRICES)
        each[name.lower()] = Decimal(price.strip())
    if currency.upper() not in CURRENCIES or (parts and not currency):
        raise ValueError(NO_PRICES)
    fee = each.pop("fee", Decimal(0))
    return Prices(currency.upper(), each, fee)


def channel_name(value: str) -> str:
    """A channel that there is."""
    if value not in CHANNELS:
        raise ValueError(f"write {' or '.join(CHANNELS)}, or both with a comma, or none")
    return value


Listed = BeforeValidator(listed)
Code = Annotated[
    str,
    BeforeValidator(lowered),
    AfterValidator(partial(shaped, ASSOCIATION, NO_CODE)),
]
Url = Annotated[str, AfterValidator(url)]
Person = Annotated[str, AfterValidator(partial(shaped, ADDRESS, "write each as telegram:9001"))]
Token = Annotated[
    SecretStr,
    AfterValidator(partial(shaped_secret, TOKEN, NOT_A_BOT)),
]
WebhookSecret = Annotated[
    SecretStr,
    AfterValidator(partial(shaped_secret, WEBHOOK_SECRET, "16 to 256 of A-Z, a-z, 0-9, _ and -")),
]
AccountSid = Annotated[
    str, AfterValidator(partial(shaped, ACCOUNT_SID, "that is no account; Twilio writes one as AC and 32 digits"))
]
KeySid = Annotated[
    str, AfterValidator(partial(shaped, KEY_SID, "that is no API key; Twilio writes one as SK and 32 digits"))
]
Secret = Annotated[
    SecretStr, AfterValidator(partial(shaped_secret, SECRET, "at least 16 letters and digits, without spaces"))
]
Sender = Annotated[
    str,
    BeforeValidator(sender),
    AfterValidator(partial(shaped, SENDER, "write the WhatsApp number of the association as +6281…")),
]
Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(raised)]


# ── the settings ─────────────────────────────────────────────────────────────────────────────────────────────────


class ChannelSettings(BaseSettings):
    """One association's channels: `TELEGRAM_…` for the main one, `NTT_TELEGRAM_…` for the association "ntt"."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, enable_decoding=False, hide_input_in_errors=True
    )

    telegram_bot_token: Token | None = None
    telegram_mode: Annotated[Literal["webhook", "polling"], BeforeValidator(lowered)] = "webhook"
    telegram_webhook_secret: WebhookSecret | None = None
    telegram_api_base_url: Url = TELEGRAM_API
    telegram_per_second: float = Field(default=25.0, gt=0)  # of the 30 that Telegram lets a bot send
    twilio_account_sid: AccountSid | None = None
    twilio_auth_token: Annotated[list[Secret], BeforeValidator(each_secret)] = Field(default_factory=list)
    twilio_api_key_sid: KeySid | None = None
    twilio_api_key_secret: Secret | None = None
    twilio_whatsapp_from: Sender | None = None
    twilio_api_base_url: Url = TWILIO_API
    twilio_per_second: float = Field(default=10.0, gt=0)  # of the 80 that a number may send and receive
    twilio_pair_seconds: float = Field(default=6.0, ge=0)  # between two messages to one person, over time
    twilio_people_per_day: int = Field(default=250, gt=0)  # to whom the number may write first; Meta's lowest limit
    twilio_prices: Annotated[Prices, BeforeValidator(prices)] = Field(default_factory=Prices)
    twilio_free_service: int = Field(default=FREE_SERVICE, ge=0)  # messages a month

    @model_validator(mode="after")
    def demand_all_of_whatsapp(self) -> Self:
        """WhatsApp needs every part of its access, or none."""
        parts = {
            "TWILIO_ACCOUNT_SID": self.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": self.twilio_auth_token,
            "TWILIO_API_KEY_SID": self.twilio_api_key_sid,
            "TWILIO_API_KEY_SECRET": self.twilio_api_key_secret,
            "TWILIO_WHATSAPP_FROM": self.twilio_whatsapp_from,
        }
        missing = [name for name, value in parts.items() if not value]
        if missing and len(missing) < len(parts):
            raise ValueError(f"WhatsApp needs these as well: {', '.join(missing)}")
        return self

    @property
    def prices(self) -> Prices:
        """What a message on WhatsApp costs, as far as somebody said so."""
        return replace(self.twilio_prices, free_service=self.twilio_free_service)

    @property
    def has_whatsapp(self) -> bool:
        """Whether a WhatsApp number is set up; all that it needs is there then."""
        return self.twilio_whatsapp_from is not None


def channel_settings(prefix: str) -> ChannelSettings:
    """The settings whose names begin so. Raises `pydantic.ValidationError`."""

    class Prefixed(ChannelSettings):
        model_config = SettingsConfigDict(env_prefix=prefix)

    return Prefixed()


class Settings(BaseSettings):
    """Everything that the environment or `.env` decides."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, enable_decoding=False, hide_input_in_errors=True
    )

    data_dir: str = "data"
    database_url: Annotated[str, AfterValidator(database)] = Field(default="", repr=False)  # may hold a password
    public_base_url: Url = ""
    secret_keys: SecretStr | None = None
    associations: Annotated[list[Code], Listed] = Field(default_factory=list)
    admin_addresses: Annotated[list[Person], Listed] = Field(default_factory=list, repr=False)
    nik_in_chat: Annotated[list[Annotated[str, BeforeValidator(lowered), AfterValidator(channel_name)]], Listed] = (
        Field(default_factory=lambda: ["telegram"])
    )
    allowed_api_hosts: Annotated[list[Annotated[str, BeforeValidator(lowered)]], Listed] = Field(default_factory=list)
    log_level: Level = "INFO"

    @model_validator(mode="after")
    def keep_the_database_with_the_data(self) -> Self:
        """Unless `DATABASE_URL` says otherwise."""
        self.database_url = self.database_url or f"sqlite:///{self.data_dir}/jagalapak.db"
        return self

    @cached_property
    def channels(self) -> dict[str, ChannelSettings]:
        """The channels of every association, by its code. Raises `Misconfigured`."""
        found: dict[str, ChannelSettings] = {}
        for association in dict.fromkeys([MAIN, *self.associations]):
            prefix = prefix_of(association)
            with explained(prefix):
                found[association] = channel_settings(prefix)
            self.demand_trusted(found[association].telegram_api_base_url, TELEGRAM_API, "Telegram")
            self.demand_trusted(found[association].twilio_api_base_url, TWILIO_API, "Twilio")
        demand_one_bot_each(found)
        self.demand_pages(found)
        return found

    def demand_pages(self, channels: dict[str, ChannelSettings]) -> None:
        """What must not be asked in a chat is asked on a page, and Twilio signs our address. Raises `Misconfigured`."""
        if self.public_base_url:
            return
        if any(channel.has_whatsapp for channel in channels.values()):
            raise Misconfigured("PUBLIC_BASE_URL is not set: Twilio signs it with every message, and pages open at it")
        if "telegram" not in self.nik_in_chat:
            raise Misconfigured("PUBLIC_BASE_URL is not set, but NIK_IN_CHAT leaves it to a page to ask for the NIK")

    def demand_trusted(self, address: str, own: str, provider: str) -> None:
        """A token goes only to the provider over https, to this machine, or to a host that was allowed by name."""
        host = urlsplit(address).hostname or ""
        if is_loopback(host) or host in self.allowed_api_hosts:
            return
        if host != urlsplit(own).hostname:
            raise Misconfigured(f"{host} is not {provider}'s own address: add it to ALLOWED_API_HOSTS to trust it")
        if not address.startswith("https://"):
            raise Misconfigured(f"{host} is asked over http, where anybody reads the token: use https")

    def keys(self) -> str:
        """The key ring as text. Raises `Misconfigured`."""
        if self.secret_keys is None:
            raise Misconfigured("SECRET_KEYS is not set: `jagalapak init` makes one")
        return self.secret_keys.get_secret_value()


def read_settings() -> Settings:
    """The settings as they stand, those of the channels included. Raises `Misconfigured`."""
    with explained():
        settings = Settings()
    assert settings.channels
    return settings


@contextmanager
def explained(prefix: str = "") -> Iterator[None]:
    """What is wrong in words that name the setting and never its value."""
    try:
        yield
    except ValidationError as error:
        told = error.errors(include_url=False, include_context=False, include_input=False)
        raise Misconfigured("\n".join(fault_in_words(fault, prefix) for fault in told)) from None
    except UnicodeDecodeError:
        raise Misconfigured(".env is not plain text (UTF-8): write it anew") from None
    except OSError as error:
        raise Misconfigured(f".env cannot be read: {error.strerror}") from None


def fault_in_words(fault: Any, prefix: str) -> str:
    """One fault; one that several settings share names them itself."""
    what = str(fault["msg"]).removeprefix("Value error, ")
    return f"{prefix}{fault['loc'][0]}".upper() + f": {what}" if fault["loc"] else what


def prefix_of(association: str) -> str:
    """What stands before the names of an association's settings."""
    return "" if association == MAIN else association.replace("-", "_") + "_"


def names_of(associations: list[str]) -> frozenset[str]:
    """The name of every setting that is read when there are these associations."""
    prefixes = [prefix_of(association) for association in dict.fromkeys([MAIN, *associations])]
    of_channels = {f"{prefix}{name}" for prefix in prefixes for name in ChannelSettings.model_fields}
    return frozenset(name.upper() for name in of_channels | Settings.model_fields.keys())


def demand_one_bot_each(channels: dict[str, ChannelSettings]) -> None:
    """One bot, or one number, cannot tell for which of two associations a message came. Raises `Misconfigured`."""
    owners: dict[str, str] = {}
    for association, channel in channels.items():
        token = channel.telegram_bot_token
        bot = token.get_secret_value().partition(":")[0] if token else None
        for what, name, one in (
            ("bot", "telegram_bot_token", bot),
            ("number", "twilio_whatsapp_from", channel.twilio_whatsapp_from),
        ):
            owner = owners.setdefault(f"{what} {one}", association) if one else association
            if owner != association:
                setting = f"{prefix_of(association)}{name}".upper()
                raise Misconfigured(
                    f"{setting} is the {what} of {owner} already: every association needs a {what} of its own"
                )


def is_loopback(host: str) -> bool:
    """This machine, and nobody else."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_deaf_to(address: str, api: str) -> str:
    """Why Telegram cannot post to that address; "" when it can. A Bot API of our own may post anywhere."""
    if api != TELEGRAM_API:
        return ""
    parts = urlsplit(address)
    if parts.scheme != "https":
        return "Telegram posts only to https"
    if parts.port not in TELEGRAM_PORTS:
        return "Telegram posts only to the ports 443, 80, 88 and 8443"
    if is_loopback(parts.hostname or ""):
        return "Telegram cannot reach an address of this machine alone"
    return ""
