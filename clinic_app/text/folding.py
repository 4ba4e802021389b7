"""Text reduced to what people mean by "the same word": for search, and for names in addresses."""

import re
import unicodedata
from collections.abc import Container
from itertools import count

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_APOSTROPHE = re.compile(r"(?<=\w)['\u2018\u2019](?=\w)|\u02bc")  # the last is a letter to Unicode
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Lower case, without accents; compatibility forms (fullwidth, ligatures) become plain ones.

    Folding twice changes nothing.
    """
    folded = _NOT_ASCII.sub(_plain, text).lower()
    return folded if folded.isascii() else _NOT_ASCII.sub(_plain, folded)


def _plain(match: re.Match) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", match[0]).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """The folded runs of letters and digits, in order; an apostrophe inside is no break (`don't` is `dont`)."""
    return _WORD.findall(_APOSTROPHE.sub("", fold(text)))


def slug(text: str) -> str:
    """A name for an address: ASCII letters and digits with single hyphens between; may be empty."""
    return "-".join(re.findall(r"[a-z0-9]+", _APOSTROPHE.sub("", fold(text))))


def free_name(wanted: str, taken: Container[str]) -> str:
    """The wanted name, with a number behind it where it is taken: `kit`, `kit-2`."""
    if wanted not in taken:
        return wanted
    return next(name for number in count(2) if (name := f"{wanted}-{number}") not in taken)
