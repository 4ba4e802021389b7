"""Text as a comparison sees it: without case, accents, ornament; with the way back to the original.

Checks and comparisons read this anew each time. Words that are stored, to be searched for, are those of `folding`,
which takes some texts otherwise: what it finds may not change without a migration.
"""

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = "'`\u00b4\u02bc\u2018\u2019\u201b\uff07"


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    """What one character reads as: lower case, no accent, plain apostrophe, one kind of gap; may be nothing."""
    if character in _APOSTROPHES:
        return "'"
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    kept = "".join(c for c in decomposed if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return "".join(" " if c.isspace() or unicodedata.category(c) == "Pd" else c for c in kept)


def plain(text: str) -> tuple[str, list[int]]:
    """The text as it reads, and for each of its characters the offset (in code points) of the original one.

    Styled letters become letters, soft hyphens and other invisible characters vanish, and each run of
    spaces, line ends and hyphens is one space; so `plain` of what people see alike is alike.
    """
    read: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text):
        for c in _plain_character(character):
            if c == " " and read and read[-1] == " ":
                continue
            read.append(c)
            offsets.append(offset)
    return "".join(read), offsets


# Scripts that put no space between words; there each character counts as one.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ua4cf\uf900-\ufaff\U00020000-\U0003ffff]")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text, plain; of a text without any, such as one of emoji only, its characters."""
    read = "".join(map(_plain_character, text))
    found: list[str] = []
    for word in _WORD.findall(read):
        word = word.replace("'", "")
        found += list(word) if _UNSPACED.search(word) else [word]
    return found or [c for c in read if not c.isspace()]
