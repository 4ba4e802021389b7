"""Near-duplicates: texts that say the same in nearly the same words, whatever name stands under them.

Texts are compared by their pairs of neighbouring words, plain and with British and American spelling made one.
Two are alike when they share at least `ALIKE` of all pairs that either has (Jaccard). For each pair the index
keeps who has it, so that one pass over a text's pairs counts what it shares with all at once, and misses none.
"""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple
from zlib import crc32

from ..text.plain import words

ALIKE = 0.6
# People do write "Great service, thank you" by themselves; so few words are a duplicate only under the same name.
FEW_WORDS = 6
BITS, PLACES = 0xFFFF, 0xFFFFFFFF

_SPELLINGS = (
    (re.compile(r"(?<=[a-z]{3})(i|y)z(?=(e|es|ed|er|ers|ing|ation|ations)$)"), r"\1s"),
    (re.compile(r"(?<=[a-z]{2})our(?=(s|ed|ing|ite|ites|able|ably|ful|hood|hoods|er|ers)?$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})tre(s?)$"), r"ter\1"),
    (re.compile(r"(?<=[a-z]{3})ll(?=(ed|ing|er|ers)$)"), "l"),
    (re.compile(r"(?<=[a-z]{2})og(?:ue|e)?(s|d)?$"), r"og\1"),
    (re.compile(r"(?<=[a-z]{2})ence$"), "ense"),
)


class Alike(NamedTuple):
    """A text known before that another resembles, and the share of word pairs that both have, from 0 to 1."""

    key: Hashable
    share: float


@dataclass
class _Shelf:
    """Texts as sets of pairs, found by what they share.

    Most pairs are of one text only. To keep room, those that end in the same BITS stand together: each is a number
    of 64 bits, the pair before the text's place in `known`.
    """

    known: list[tuple[Hashable, int]] = field(default_factory=list)  # key, number of pairs
    by_end: dict[int, array] = field(default_factory=lambda: defaultdict(lambda: array("Q")))

    def add(self, key: Hashable, found: frozenset[int]) -> None:
        for pair in found:
            self.by_end[pair & BITS].append(pair << 32 | len(self.known))
        self.known.append((key, len(found)))

    def most_alike(self, wanted: frozenset[int]) -> Alike | None:
        shared = Counter(chain.from_iterable(map(self._having, wanted)))
        least = ALIKE * len(wanted)  # who shares fewer cannot be alike, however short
        likely = [(number, common) for number, common in shared.items() if common >= least]
        shares = ((common / (len(wanted) + self.known[number][1] - common), -number) for number, common in likely)
        share, number = max(shares, default=(0, 0))
        return Alike(self.known[-number][0], share) if share >= ALIKE else None

    def _having(self, pair: int) -> list[int]:
        return [each & PLACES for each in self.by_end.get(pair & BITS, ()) if each >> 32 == pair]


@dataclass
class Index:
    """The texts known so far, ready to be asked for the one that another text resembles most.

    Those that resemble nothing before them are looked at first, the others only where none of these is alike:
    ten thousand variations of one text are each compared with that one, not with each other.
    """

    _firsts: _Shelf = field(default_factory=_Shelf)
    _others: _Shelf = field(default_factory=_Shelf)
    _same: dict[bytes, Hashable] = field(default_factory=dict)

    def add(self, key: Hashable, *, name: str, text: str, is_first: bool = True) -> None:
        """Make a text known under `key`; `is_first` says that it resembles none known before."""
        found = pairs(text)
        identity = _identity(name, found)
        if identity in self._same:
            return  # whatever resembles it resembles its twin, which was known before
        self._same[identity] = key
        if not _is_short(found):
            (self._firsts if is_first else self._others).add(key, found)

    def most_alike(self, *, name: str, text: str) -> Alike | None:
        """The known text that this one resembles most, the one known longest among equals; None for none."""
        wanted = pairs(text)
        if (twin := self._same.get(_identity(name, wanted))) is not None:
            return Alike(twin, 1.0)
        if _is_short(wanted):
            return None
        return self._firsts.most_alike(wanted) or self._others.most_alike(wanted)


@lru_cache(maxsize=8)  # a text that is asked for is made known next
def pairs(text: str) -> frozenset[int]:
    """The text's pairs of neighbouring words, as numbers; of a text of one word, the word."""
    spelt = [spelling(word) for word in words(text)]
    together = zip(spelt, spelt[1:], strict=False) if len(spelt) > 1 else [tuple(spelt)]
    return frozenset(crc32("\0".join(pair).encode()) for pair in together)


@lru_cache(maxsize=20_000)
def spelling(word: str) -> str:
    """One spelling for the British and the American one: made by rule, for comparing only."""
    for pattern, common in _SPELLINGS:
        word = pattern.sub(common, word)
    return word


def _is_short(all_pairs: frozenset[int]) -> bool:
    return len(all_pairs) < FEW_WORDS - 1


def _identity(name: str, all_pairs: frozenset[int]) -> bytes:
    """What two texts share when they are the same; a short one's name is part of it."""
    told = array("Q", sorted(all_pairs)).tobytes()
    if _is_short(all_pairs):
        told += " ".join(words(name)).encode()
    return blake2b(told, digest_size=16).digest()
