"""What is read from the environment, what is refused, and that no word about it shows a secret."""

import logging
from decimal import Decimal

import pytest
from pydantic import ValidationError

from bot import settings as module
from bot.settings import TELEGRAM_API, ChannelSettings, Misconfigured, Settings, is_deaf_to, names_of, read_settings

TOKEN = "700000001:AAF-a-token-of-no-real-bot"
SECRET = "a-webhook-secret-of-no-bot"


@pytest.fixture(autouse=True)
def nothing_set(tmp_path, monkeypatch):
    """An empty folder and none of our settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in names_of(["ntt", "ntt-timur"]):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def write(tmp_path):
    def writing(text: str) -> None:
        (tmp_path / ".env").write_text(text, encoding="utf-8")

    return writing


def refusal() -> str:
    with pytest.raises(Misconfigured) as refused:
        read_settings()
    return str(refused.value)


def test_nothing_has_to_be_set_to_read_the_settings():
    settings = read_settings()
    assert settings.database_url == "sqlite:///data/jagalapak.db"
    assert list(settings.channels) == ["main"]
    assert settings.channels["main"].telegram_mode == "webhook"


def test_secrets_have_no_working_default():
    settings = read_settings()
    channel = settings.channels["main"]
    assert (settings.secret_keys, channel.telegram_bot_token, channel.telegram_webhook_secret) == (None, None, None)
    with pytest.raises(Misconfigured, match="jagalapak init"):
        settings.keys()


def test_the_environment_counts_before_the_file(write, monkeypatch):
    write("LOG_LEVEL=ERROR\nDATA_DIR=/srv/a\n")
    monkeypatch.setenv("DATA_DIR", "/srv/b")
    settings = read_settings()
    assert (settings.log_level, settings.database_url) == ("ERROR", "sqlite:////srv/b/jagalapak.db")


def test_an_empty_line_of_the_file_is_as_good_as_none(write):
    write("TELEGRAM_BOT_TOKEN=\nTELEGRAM_MODE=\nDATABASE_URL=\n")
    settings = read_settings()
    assert settings.channels["main"].telegram_bot_token is None
    assert settings.channels["main"].telegram_mode == "webhook"
    assert settings.database_url == "sqlite:///data/jagalapak.db"


def test_a_further_association_has_the_same_names_under_its_code(write):
    write(
        f"ASSOCIATIONS=NTT, ntt-timur\nTELEGRAM_BOT_TOKEN={TOKEN}\nNTT_TELEGRAM_BOT_TOKEN=2:b\n"
        "NTT_TELEGRAM_MODE=polling\nNTT_TIMUR_TELEGRAM_BOT_TOKEN=3:c\n"
    )
    channels = read_settings().channels
    assert list(channels) == ["main", "ntt", "ntt-timur"]
    assert [channels[code].telegram_bot_token.get_secret_value() for code in channels] == [TOKEN, "2:b", "3:c"]
    assert [channels[code].telegram_mode for code in channels] == ["webhook", "polling", "webhook"]


def test_a_further_association_borrows_nothing_from_the_first(write):
    write(f"ASSOCIATIONS=ntt\nTELEGRAM_BOT_TOKEN={TOKEN}\nTELEGRAM_WEBHOOK_SECRET={SECRET}\n")
    ntt = read_settings().channels["ntt"]
    assert (ntt.telegram_bot_token, ntt.telegram_webhook_secret) == (None, None)


def test_two_associations_cannot_share_one_bot(write):
    write(f"ASSOCIATIONS=ntt\nTELEGRAM_BOT_TOKEN={TOKEN}\nNTT_TELEGRAM_BOT_TOKEN=700000001:another-token\n")
    assert "NTT_TELEGRAM_BOT_TOKEN is the bot of main already" in refusal()


@pytest.mark.parametrize("code", ["9x", "a_b", "pasar raya", "x" * 33, "a/b"])
def test_an_association_code_must_fit_into_an_address(code, write):
    write(f"ASSOCIATIONS={code}\n")
    assert refusal().startswith("ASSOCIATIONS: a code is a letter")


# ── secrets stay secret ──────────────────────────────────────────────────────────────────────────────────────────

BROKEN = {
    "TELEGRAM_BOT_TOKEN": "geheim-without-a-number",
    "TELEGRAM_WEBHOOK_SECRET": "geheim",
    "TELEGRAM_MODE": "geheim",
    "TELEGRAM_API_BASE_URL": "https://user:geheim@api.telegram.org",
    "TELEGRAM_PER_SECOND": "geheim",
    "PUBLIC_BASE_URL": "https://user:geheim@bot.example.org",
    "DATABASE_URL": "mysql://user:geheim@host/name",
    "ADMIN_ADDRESSES": "geheim",
    "LOG_LEVEL": "geheim",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_used_is_named_and_not_repeated(name, monkeypatch):
    monkeypatch.setenv(name, BROKEN[name])
    told = refusal()
    assert told.startswith(f"{name}: ")
    assert "geheim" not in told


@pytest.mark.parametrize("name", BROKEN)
def test_not_even_the_error_of_the_library_shows_the_value(name, monkeypatch):
    monkeypatch.setenv(name, BROKEN[name])
    with pytest.raises(ValidationError) as refused:
        ChannelSettings() if name.startswith("TELEGRAM") else Settings()
    assert "geheim" not in str(refused.value)
    assert "geheim" not in repr(refused.value)


def test_every_fault_is_told_at_once(monkeypatch):
    for name in ("PUBLIC_BASE_URL", "DATABASE_URL", "LOG_LEVEL"):
        monkeypatch.setenv(name, BROKEN[name])
    assert len(refusal().splitlines()) == 3


def test_the_fault_of_a_further_association_is_told_under_its_own_name(monkeypatch):
    monkeypatch.setenv("ASSOCIATIONS", "ntt")
    monkeypatch.setenv("NTT_TELEGRAM_MODE", "pigeon")
    assert refusal().startswith("NTT_TELEGRAM_MODE: ")


def test_settings_print_without_their_secrets(write):
    write(
        f"TELEGRAM_BOT_TOKEN={TOKEN}\nTELEGRAM_WEBHOOK_SECRET={SECRET}\nSECRET_KEYS=k1:geheim\n"
        "DATABASE_URL=postgresql://user:geheim@host/name\nADMIN_ADDRESSES=telegram:9001\n"
    )
    settings = read_settings()
    shown = f"{settings!r} {settings} {settings.channels!r}"
    for secret in (TOKEN, SECRET, "geheim", "9001"):
        assert secret not in shown


# ── the file itself ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_is_no_text_is_explained(tmp_path):
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")
    assert refusal() == ".env is not plain text (UTF-8): write it anew"


def test_a_file_that_may_not_be_read_is_explained(monkeypatch):
    def forbidden() -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "Settings", forbidden)
    assert refusal() == ".env cannot be read: Permission denied"


# ── where a token may go ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    [TELEGRAM_API, f"{TELEGRAM_API}/", "http://127.0.0.1:8081", "http://localhost:8081", "http://[::1]:8081/"],
)
def test_a_token_goes_to_telegram_and_to_this_machine(address, monkeypatch):
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", address)
    assert read_settings().channels["main"].telegram_api_base_url == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    [
        "https://api.telegram.org.example.org",
        "https://127.0.0.1.example.org",
        "http://10.0.0.5:8081",
        "http://0.0.0.0:8081",
        "https://example.org/api.telegram.org",
    ],
)
def test_a_token_goes_nowhere_else(address, monkeypatch):
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", address)
    assert "ALLOWED_API_HOSTS" in refusal()


@pytest.mark.parametrize(
    "address",
    [
        "https://api.telegram.org@example.org",
        "https://example.org\\@127.0.0.1",
        "https://127.0.0.1#@example.org",
        "https://example.org?api.telegram.org",
        "ftp://127.0.0.1",
        "127.0.0.1:8081",
        "http://127.0.0.1:99999",
        "http://[::::]:8081",
        "http://exa\nmple.org",
    ],
)
def test_an_address_that_two_readers_could_read_differently_is_refused(address, monkeypatch):
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", address)
    assert refusal().startswith("TELEGRAM_API_BASE_URL: write it as https://host")


def test_a_host_is_trusted_once_it_is_allowed_by_name(monkeypatch):
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", "http://bot-api:8081")
    monkeypatch.setenv("ALLOWED_API_HOSTS", "elsewhere, Bot-API")
    assert read_settings().channels["main"].telegram_api_base_url == "http://bot-api:8081"


def test_telegram_itself_is_asked_only_over_https(monkeypatch):
    monkeypatch.setenv("TELEGRAM_API_BASE_URL", "http://api.telegram.org")
    assert "use https" in refusal()


def test_a_further_association_is_no_way_around_the_rule(monkeypatch):
    monkeypatch.setenv("ASSOCIATIONS", "ntt")
    monkeypatch.setenv("NTT_TELEGRAM_API_BASE_URL", "https://example.org")
    assert "ALLOWED_API_HOSTS" in refusal()


@pytest.mark.parametrize(
    ("address", "trouble"),
    [
        ("https://bot.example.org", ""),
        ("https://bot.example.org:8443/app", ""),
        ("http://bot.example.org", "https"),
        ("https://bot.example.org:9000", "ports"),
        ("https://127.0.0.1", "this machine alone"),
    ],
)
def test_where_telegram_cannot_post(address, trouble):
    assert trouble in is_deaf_to(address, TELEGRAM_API)
    assert bool(trouble) == bool(is_deaf_to(address, TELEGRAM_API))
    assert is_deaf_to(address, "http://127.0.0.1:8081") == ""


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address", ["postgres://u:p@host/name", "postgresql+psycopg://host/name", "sqlite:////tmp/a.db"]
)
def test_both_databases_may_be_named(address, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", address)
    assert read_settings().database_url == address


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite:///:memory:", "mysql://h/x", "postgresql+asyncpg://h/x", "x", "/a.db"]
)
def test_no_other_database_may_be_named(address, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", address)
    assert refusal().startswith("DATABASE_URL: write it as")


@pytest.mark.parametrize("secret", ["short", "x" * 257, "sixteen letters and spaces", "sixteen-letters-é"])
def test_a_webhook_secret_is_long_and_of_letters_that_telegram_takes(secret, monkeypatch):
    monkeypatch.setenv("TELEGRAM_WEBHOOK_SECRET", secret)
    assert refusal() == "TELEGRAM_WEBHOOK_SECRET: 16 to 256 of A-Z, a-z, 0-9, _ and -"


def test_capitals_do_not_matter_where_words_are_chosen(monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("TELEGRAM_MODE", "Polling")
    settings = read_settings()
    assert (settings.log_level, settings.channels["main"].telegram_mode) == ("DEBUG", "polling")
    assert settings.log_level in logging.getLevelNamesMapping()


def test_administrators_are_named_with_their_channel(monkeypatch):
    monkeypatch.setenv("ADMIN_ADDRESSES", "telegram:9001, telegram:9002")
    assert read_settings().admin_addresses == ["telegram:9001", "telegram:9002"]
    monkeypatch.setenv("ADMIN_ADDRESSES", "9001")
    assert refusal() == "ADMIN_ADDRESSES: write each as telegram:9001"


def test_prices_are_read_to_the_last_digit(write):
    write("TWILIO_PRICES=usd, utility:0.0200, Marketing:0.0411,service:0.02,fee:0.005\nTWILIO_FREE_SERVICE=500\n")
    prices = read_settings().channels["main"].prices
    assert (prices.currency, prices.fee, prices.free_service) == ("USD", Decimal("0.005"), 500)
    assert prices.each == {"utility": Decimal("0.0200"), "marketing": Decimal("0.0411"), "service": Decimal("0.02")}


def test_without_prices_none_is_known():
    channel = read_settings().channels["main"]
    assert (channel.prices.currency, channel.twilio_people_per_day) == ("", 250)


@pytest.mark.parametrize(
    "prices",
    ["EUR,utility:1", "utility:0.02", "USD,utility:0,02", "USD,utility:-1", "USD,replies:1", "USD,utility:1e3"],
)
def test_prices_that_cannot_be_are_refused_and_not_repeated(write, prices):
    write(f"TWILIO_PRICES={prices}\n")
    assert refusal() == (
        "TWILIO_PRICES: write USD or IDR, then what a message costs, as in "
        "USD,utility:0.0200,marketing:0.0400,service:0.0200,fee:0.0050"
    )
