"""Names, subjects and addresses that are safe to stand in a mail's header."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

from .. import checks

# What a display name or an address may be given as.
Recipient = str | tuple[str, str]

NAME_LENGTH = 100
TOLD_NAME_LENGTH, TOLD_NAME_WORDS = 50, 6
SUBJECT_LENGTH = 200
# They turn the direction of what follows them, and so can make a subject read as something else.
_TURNERS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
_BREAKERS = {"Cc", "Cs", "Zl", "Zp"}  # controls, lone surrogates, line and paragraph separators
# All of Unicode's controls (Cc) but line feed and tab, and its surrogates (Cs).
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class BadAddress(ValueError):
    """The text is not an email address."""


def one_line(text: str, length: int) -> str:
    """The text on one line: controls and line separators of any script become a space, runs of space one.

    Cut to `length` characters. What comes out starts no new header, and no encoded word (RFC 2047), which mail
    programs would show as what it stands for.
    """
    spaced = "".join(" " if unicodedata.category(c) in _BREAKERS else c for c in text.translate(_TURNERS))
    return " ".join(spaced.replace("=?", "= ?").split())[:length].rstrip()


def plain_text(text: str) -> str:
    """The text of a body: line ends as \\n, no other controls (PostgreSQL stores no NUL), no lone surrogates."""
    return _NO_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def pair(given: Recipient) -> tuple[str, str]:
    """(display name, address) of an address, or of such a pair. Raises BadAddress."""
    name, address = ("", given) if isinstance(given, str) else given
    try:
        return one_line(name, NAME_LENGTH), _checked(address)
    except ValueError:
        raise BadAddress(f"{address!r} is not an email address") from None


@lru_cache(maxsize=100)
def _checked(address: str) -> str:
    """The address as it is written to. Staff's is the same in mail after mail."""
    return checks.email(address)


def as_kept(address: str) -> set[str]:
    """How the outbox may hold the address, in lower case: it writes domains of other scripts as they are read."""
    try:
        return {address.lower(), _checked(address).lower()}
    except ValueError:
        return {address.lower()}


def mailbox(address: str) -> str:
    """Whose address it is, for limits: in lower case, and without what stands behind a plus (`kit+2@`)."""
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def mailto(address: str) -> str:
    """A link to write to the address (RFC 6068). An address may hold `?` and `&`, which would add recipients.

    Calendars compare it with whose they are as it is written, so O'Brien's stays as it is.
    """
    return "mailto:" + quote(address, safe="@+'")


def name_to_tell(name: str) -> str:
    """The name, or nothing where it reads like anything but one.

    Anybody can type anybody's address into a form, and a line of advertising as the name.
    """
    words = name.split()
    like_a_name = len(name) <= TOLD_NAME_LENGTH and 0 < len(words) <= TOLD_NAME_WORDS
    return name if like_a_name and not re.search(r"[0-9@/:$€£%<>\[\]]|\w\.\w", name) else ""


def greeting(name: str) -> str:
    """`Hello Robin Sample`, or `Hello` alone where there is no name to tell."""
    return f"Hello {name_to_tell(name)}".rstrip()
