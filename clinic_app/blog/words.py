"""How search breaks texts into words: the same for posts and queries, whatever the database. Pure."""

import re
from itertools import takewhile

from markupsafe import Markup

from ..text import folding, word_index

MAX_QUERY_WORDS = 32
EXCERPT = 220  # characters
_BEFORE = 60  # characters of an excerpt before its first word found
_SCANNED = 100_000  # characters of a post that are looked through for an excerpt
_TOKEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f]|['\u2019](?=[^\W_]))*")


def query_words(text: str) -> list[str]:
    """The words that a query asks for, the first 32 different ones."""
    return _distinct(text)[:MAX_QUERY_WORDS]


def index_words(*texts: str) -> str:
    """The different words of the texts with blanks between, as many as an index takes."""
    return word_index.fitting(_distinct(" ".join(texts)))


def excerpt(plain: str, words: list[str]) -> Markup | None:
    """The text around the first of the words, escaped, each of them in <mark>; None when it has none of them."""
    hits = (match.span() for match in _TOKEN.finditer(plain, 0, _SCANNED) if _hit(match[0], words))
    first = next(hits, None)
    if first is None:
        return None
    start = plain.rfind(" ", 0, first[0] - _BEFORE) + 1 if first[0] > _BEFORE else 0
    end = len(plain)
    if end > start + EXCERPT:
        end = max(plain.rfind(" ", start, start + EXCERPT), first[1])
    parts, at = ["… " if start else ""], start
    for left, right in (first, *takewhile(lambda span: span[1] <= end, hits)):
        parts += [plain[at:left], Markup("<mark>{}</mark>").format(plain[left:right])]
        at = right
    return Markup("").join([*parts, plain[at:end], " …" if end < len(plain) else ""])


def _hit(token: str, words: list[str]) -> bool:
    return any(known.startswith(word) for known in _distinct(token) for word in words)


def _distinct(text: str) -> list[str]:
    return word_index.distinct(_stem(word) for word in folding.words(text))


def _stem(word: str) -> str:
    """The word without a plural s. What begins a word begins its stem too, so a word half typed finds it."""
    plural = len(word) > 3 and word[-1] == "s" and word[-2] not in "siu"
    return word[:-1] if plural else word
