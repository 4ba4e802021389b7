"""Phone numbers: how they are kept (E.164), and how they are written for people.

The library that knows the countries' plans is loaded with the first number, not at the start.
"""


def parse(text: str, country: str) -> str | None:
    """E.164 of what somebody typed, in the clinic's country unless it says another; None where it is no number.

    Any number of a possible length is taken: numbering plans change faster than programs.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def dialled(number: str, country: str) -> str:
    """As one dials it in the country: `0491 570 006`, `0011 44 20 7946 0018`; as it is where it cannot be read."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_out_of_country_calling_number(parsed, country)


def written(number: str) -> list[str]:
    """A number that is kept (E.164) as people write it: from abroad, at home, and without the zero before it.

    As it is where it cannot be read.
    """
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return [number]
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    return [number, national, phonenumbers.national_significant_number(parsed)]
