"""References that a person can read out over the phone: nine digits, the last a check digit.

Digits, since letters are misheard (B, D, P, T). The check digit is Luhn's (ISO/IEC 7812-1, annex B): any one
wrong digit and nearly all swapped neighbours are noticed.
"""

import re
import secrets


def new() -> str:
    """A random reference: nine digits."""
    return checked(f"{secrets.randbelow(10**8):08d}")


def checked(digits: str) -> str:
    """These eight digits, and the check digit."""
    return digits + _check_digit(digits)


def shown(reference: str) -> str:
    """`482-173-096`."""
    return "-".join(re.findall("...", reference))


def parse(text: str) -> str | None:
    """The reference in what somebody typed, with any spaces and dashes; None where it cannot be one."""
    digits = re.sub(r"[\s-]", "", text)
    if re.fullmatch(r"[0-9]{9}", digits) and _check_digit(digits[:-1]) == digits[-1]:
        return digits
    return None


def _check_digit(digits: str) -> str:
    doubled = [int(d) * (2 - i % 2) for i, d in enumerate(reversed(digits))]
    return str(-sum(n // 10 + n % 10 for n in doubled) % 10)
