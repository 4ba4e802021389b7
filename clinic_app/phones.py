"""Phone numbers: how they are kept (E.164), and how they are written for people.

The library that knows the countries' plans is loaded with the first number, not at the start.
"""

import re

SHORTEST, LONGEST = 3, 15  # digits of a number that can be dialled (E.164 has up to 15)
# Kept free by these countries for films and examples, so that nobody answers.
FICTIONAL = {
    "AU": "+61255500142",
    "CA": "+16135550142",
    "DE": "+493023125142",
    "FR": "+33199000142",
    "GB": "+442079460142",
    "US": "+12025550142",
}


def parse(text: str, country: str) -> str | None:
    """E.164 of what somebody typed, in the clinic's country unless it says another; None where it is no number.

    Any number of a possible length is taken: numbering plans change faster than programs. E.164 has no room for
    an extension: see `has_extension`.
    """
    import phonenumbers

    number = _read(text, country)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def has_extension(text: str, country: str) -> bool:
    """Whether a number that was typed leads on to another, such as `02 5550 0142 ext 5`."""
    number = _read(text, country)
    return number is not None and number.extension is not None


def can_be_dialled(text: str, country: str) -> bool:
    """Whether `link` leads to one number. Signs and digits alone are told without the countries' plans."""
    if re.fullmatch(r"[\d\s().+-]*", text):
        return SHORTEST <= sum(c.isdigit() for c in text) <= LONGEST
    return parse(text, country) is not None


def link(text: str, country: str) -> str:
    """A `tel:` link (RFC 3966) to a number as people write it, such as `+44 (0)20 7946 0018`.

    Its digits alone, where it has nothing else that could mislead or cannot be read.
    """
    is_plain = re.fullmatch(r"[\d\s+.-]*", text)
    number = None if is_plain else parse(text, country)
    return "tel:" + (number or "".join(c for c in text if c.isdigit() or c == "+"))


def example(country: str) -> tuple[str, str]:
    """A number of the country as one writes it there, and with the country's code."""
    import phonenumbers

    known = FICTIONAL.get(country)
    number = _read(known, country) if known else phonenumbers.example_number(country)
    formats = phonenumbers.PhoneNumberFormat
    return tuple(phonenumbers.format_number(number, form) for form in (formats.NATIONAL, formats.INTERNATIONAL))


def dialled(number: str, country: str) -> str:
    """As one dials it in the country: `0491 570 006`, `0011 44 20 7946 0018`; as it is where it cannot be read."""
    import phonenumbers

    parsed = _read(number, country)
    if parsed is None:
        return number
    if parsed.country_code == phonenumbers.country_code_for_region(country):
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)  # no 1 before (415)
    return phonenumbers.format_out_of_country_calling_number(parsed, country)


def written(number: str) -> list[str]:
    """A number that is kept (E.164) as people write it: from abroad, at home, and without the zero before it.

    As it is where it cannot be read.
    """
    import phonenumbers

    parsed = _read(number, None)
    if parsed is None:
        return [number]
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return [number, national, phonenumbers.national_significant_number(parsed)]


def _read(text: str, country: str | None):
    import phonenumbers

    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
