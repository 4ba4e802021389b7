"""Phone numbers: how they are kept (E.164), and how they are written for people."""

import phonenumbers
from phonenumbers import PhoneNumberFormat


def parse(text: str, country: str) -> str | None:
    """E.164 of what somebody typed, in the clinic's country unless it says another; None where it is no number.

    Any number of a possible length is taken: numbering plans change faster than programs.
    """
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def dialled(number: str, country: str) -> str:
    """As one dials it in the country: `0491 570 006`, `0011 44 20 7946 0018`; as it is where it cannot be read."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_out_of_country_calling_number(parsed, country)
