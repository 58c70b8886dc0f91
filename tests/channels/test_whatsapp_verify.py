"""Twilio's signature, and everything that is nearly one (F2)."""

import base64
import hmac
from hashlib import sha1

import pytest

from bot.channels.whatsapp import form_of, verify
from tests.channels.whatsapp_samples import MESSAGES, body

TOKEN = "0123456789abcdef0123456789abcdef"
URL = "https://bot.example.org/webhooks/twilio/main"


def signature(url: str, fields: list[tuple[str, str]], token: str = TOKEN) -> str:
    """As Twilio signs: the URL, then every name and value, sorted."""
    signed = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()


def pairs(name: str) -> list[tuple[str, str]]:
    return list(form_of(body(name)).items())


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_of_twilios_passes(name: str):
    assert verify([TOKEN], URL, form_of(body(name)), signature(URL, pairs(name)))


def test_a_photo_without_caption_passes_for_blank_fields_are_signed_too():
    assert ("Body", "") in pairs("photo_without_caption")
    assert verify([TOKEN], URL, form_of(body("photo_without_caption")), signature(URL, pairs("photo_without_caption")))


def test_a_field_that_nobody_knows_yet_is_signed_too():
    fields = [*pairs("text"), ("Aura", "blue"), ("Blank", ""), ("Spaces", "  kept ")]
    assert verify([TOKEN], URL, fields, signature(URL, fields))
    assert not verify([TOKEN], URL, pairs("text"), signature(URL, fields))


def test_fields_that_come_twice_are_signed_with_both_values():
    fields = [("MediaUrl", "b"), ("MediaUrl", "a"), ("Body", "x")]
    assert verify([TOKEN], URL, fields, signature(URL, fields))
    assert not verify([TOKEN], URL, fields[1:], signature(URL, fields))


@pytest.mark.parametrize(
    ("signed", "ours", "passes"),
    [
        (URL, URL, True),
        ("https://bot.example.org:443/webhooks/twilio/main", URL, True),
        (URL, "https://bot.example.org:443/webhooks/twilio/main", True),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x", True),
        ("http://127.0.0.1/x", "http://127.0.0.1:8000/x", True),
        (f"{URL}?m=123.2&x=%20", f"{URL}?m=123.2&x=%20", True),
        (URL, f"{URL}#rc=5&rp=all", True),
        (f"{URL}#rc=5", URL, False),
        (f"{URL}?m=123.2", URL, False),
        (f"{URL}?m=123.2", f"{URL}?m=123.3", False),
        (URL.replace("https", "http"), URL, False),
        (f"{URL}/", URL, False),
        (URL.replace("bot.", "evil."), URL, False),
    ],
)
def test_the_address_is_signed_to_the_letter_but_for_its_port_and_fragment(signed: str, ours: str, passes: bool):
    assert verify([TOKEN], ours, form_of(body("text")), signature(signed, pairs("text"))) is passes


def test_a_changed_word_does_not_pass():
    changed = [(name, "bayar" if name == "Body" else value) for name, value in pairs("text")]
    assert not verify([TOKEN], URL, changed, signature(URL, pairs("text")))


def test_any_of_several_tokens_passes_while_one_takes_anothers_place():
    signed = signature(URL, pairs("text"))
    assert verify(["f" * 32, TOKEN], URL, form_of(body("text")), signed)
    assert not verify(["f" * 32], URL, form_of(body("text")), signed)


def test_without_a_token_of_ours_nothing_passes():
    assert not verify([], URL, [], signature(URL, []))
    assert not verify([""], URL, [], signature(URL, [], token=""))


@pytest.mark.parametrize("odd", [None, "", "ä", "\ud83c", "a" * 28, "a" * 10_000, "\0"])
def test_an_odd_signature_does_not_pass_and_does_not_raise(odd: str | None):
    assert not verify([TOKEN], URL, form_of(body("text")), odd)


@pytest.mark.parametrize("url", ["", "https://bot.example.org:99999/", "https://[::1/", "\ud83c"])
def test_an_odd_address_does_not_raise(url: str):
    assert not verify([TOKEN], url, form_of(body("text")), "a" * 28)


def test_half_a_character_does_not_raise():
    assert not verify([TOKEN], URL, [("Body", "\ud83c")], "a" * 28)


def test_a_form_keeps_its_blanks_its_order_and_what_came_twice():
    assert list(form_of(b"b=1&a=&b=%202&c=a%2Bb+c").items()) == [("b", "1"), ("a", ""), ("b", " 2"), ("c", "a+b c")]


@pytest.mark.parametrize("raw", [b"&".join([b"a=1"] * 202), b"a=\xff"])
def test_a_form_that_no_message_has_is_refused(raw: bytes):
    with pytest.raises(ValueError):
        form_of(raw)
