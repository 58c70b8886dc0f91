"""Phone numbers, written the one way that every provider understands (E.164)."""

import re

import phonenumbers
from phonenumbers import PhoneNumberType

from domain.text import plain

_OF_PEOPLE = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
}
_TYPED = re.compile(r"[0-9 +().-]{6,40}")


class NotAPhoneNumber(ValueError):
    """Nobody can be called at this."""


def normalise(text: str, region: str = "ID") -> str:
    """The phone number in `text` as E.164, such as "+6281200000001".

    A number without a country is one of `region` (ISO 3166). The letter O counts as zero; with any other letter it is
    no phone number, as with WhatsApp's id of a user who hides hers ("ID.13491208655302741918"). Nor are the numbers of
    services, such as 175.
    """
    number = re.sub(r"^00(?=62)", "+", re.sub("[Oo]", "0", plain(text)))
    if not _TYPED.fullmatch(number):
        raise NotAPhoneNumber("not written like a phone number")
    return _e164(number, region)


def masked(phone: str) -> str:
    """`phone` with all but its last four characters hidden."""
    return "•" * (len(phone) - 4) + phone[-4:] if len(phone) > 4 else "•" * len(phone)


def _e164(number: str, region: str) -> str:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        raise NotAPhoneNumber("not written like a phone number") from None
    if phonenumbers.number_type(parsed) not in _OF_PEOPLE:  # a number that cannot exist has no type
        raise NotAPhoneNumber("no such phone number")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
