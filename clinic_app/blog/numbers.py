"""How many things a post's title promises, and whether its sections and its text keep to that. Pure.

Titles such as "10 best stretches" or "Ten areas of the spine" count what the post is made of. Numbers that count
something else (minutes, kilometres, ages, prices, dates, "day 3", "3 in 10") promise nothing.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_LISTS = tomllib.loads((Path(__file__).parent / "counting.toml").read_text(encoding="utf-8"))
_UNITS, _ORDERS, _STOPS, _GENERIC, _PRAISE, _PLURALS = (
    frozenset(_LISTS[name]) for name in ("units", "orders", "stops", "generic", "praise", "plurals")
)
_ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_TEENS = ["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
WORDS = {word: number for number, word in enumerate([*_ONES, *_TEENS], 1)}
WORDS |= {word: number for number, word in zip(range(20, 100, 10), _TENS, strict=True)}
WORDS |= {f"{ten}-{one}": WORDS[ten] + WORDS[one] for ten in _TENS for one in _ONES[:-1]}

_NEAR = 60  # characters before a number that are looked at; after it twice as many
SPELT = "|".join(sorted(WORDS, key=len, reverse=True))
# Digits that are no part of a price, a decimal, a time, a range, a date, a percentage, "10km" or "40s".
_DIGITS = r"(?<![\d.,:/$£€#\u2013-])\d{1,2}(?![\d%\u2013]|[.,:/]\d|-\d)(?![a-z])"
_NUMBER = re.compile(rf"(?<![a-z\d-])(?:{_DIGITS}|(?:{SPELT}))(?![a-z]|-[a-z])", re.IGNORECASE)
_WORD = re.compile(r"[a-z]+(?:['\u2019-][a-z]+)*", re.IGNORECASE)

_RANGE = re.compile(
    rf"(?<![a-z\d])(?:\d{{1,2}}|{SPELT})\s+(?:to|or|and|in|out of)\s+$", re.IGNORECASE
)  # "two or three"
_OPENING = re.compile(r"(?:.*[:\u2013\u2014?!-])?\s*(?:(?:the|our|my|these|top|here are) )*")
# What announces how many there are, as against "try three of them".
_ANNOUNCING = re.compile(
    r"(?:\b(?:these|those|following|all|top|here are|here['\u2019]re|below are|these are|list of|comes? down to)"
    r"(?: (?:the|our|my|of|of these|of the))?) $",
    re.IGNORECASE,
)


class Count(NamedTuple):
    """A number that counts things: `words` as written with what is counted, `nouns` what that may be (or none)."""

    number: int
    words: str
    nouns: frozenset[str]
    start: int
    announced: bool = False


def promised(title: str) -> Count | None:
    """What the title says there will be; None for a title that promises no number of things."""
    for count in counts(title):
        opens = _OPENING.fullmatch(title[: count.start].lower()) and count.number > 2
        listed = count.nouns & _GENERIC or _PRAISE & set(count.words.lower().split()) or count.announced
        if count.number > 1 and (count.nouns or count.announced) and (opens or listed):
            return count
    return None


def counts(text: str) -> Iterator[Count]:
    """The numbers of a text that count things, in order."""
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - _NEAR) : match.start()]
        follows = _phrase(text[match.end() : match.end() + 2 * _NEAR])
        if follows is None or _is_part(before):
            continue
        nouns = [word.lower() for word in follows if _is_plural(word.lower())]
        words = " ".join([match[0], *_up_to(follows, nouns[-1] if nouns else "")])
        announced = _ANNOUNCING.search(" ".join(before.split()) + " ") is not None
        yield Count(value(match[0]), words, frozenset(nouns), match.start(), announced)


def value(number: str) -> int:
    """The number that digits or a word stand for."""
    return int(number) if number.isdecimal() else WORDS[number.lower()]


def contradicts(title: Count, said: Count, *, in_opening: bool) -> bool:
    """Whether a number in the text says otherwise than the title: "10 best stretches", "these nine stretches".

    In an opening (summary, heading, before the first heading) a number with the title's noun is enough; elsewhere
    it must be announced ("these nine"). Much smaller numbers are taken for a part ("these two together").
    """
    if said.number == title.number or said.number * 2 <= title.number:
        return False
    same_noun = bool({_stem(noun) for noun in said.nouns} & {_stem(noun) for noun in title.nouns})
    if said.announced:
        return same_noun or not said.nouns or bool(said.nouns & _GENERIC and title.nouns & _GENERIC)
    return in_opening and same_noun


def _is_part(before: str) -> bool:
    """Whether what stands before a number makes it an order, a limit or the end of a range."""
    word = re.search(r"([a-z]+)\s+$", before, re.IGNORECASE)
    return bool(word and word[1].lower() in _ORDERS) or _RANGE.search(before) is not None


def _phrase(rest: str) -> list[str] | None:
    """The words that say what is counted, up to five; None where it is a unit."""
    if not (close := re.match(r"(?:[ \n]+[a-z]+(?:['\u2019-][a-z]+)*)*", rest, re.IGNORECASE)):
        return []
    words = _WORD.findall(close[0])[:5]
    if words and (
        words[0].lower() in _UNITS or re.match(rf"(?:and|to|or)\s+(?:{SPELT}|\d)", close[0].strip(), re.IGNORECASE)
    ):
        return None
    kept = []
    for word in words:
        if word.lower() in _STOPS or word.lower() in WORDS:
            break
        kept.append(word)
    return kept


def _up_to(words: list[str], noun: str) -> list[str]:
    lower = [word.lower() for word in words]
    return words[: len(lower) - lower[::-1].index(noun)] if noun else []


def _is_plural(word: str) -> bool:
    return word in _PLURALS or (len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")))


def _stem(noun: str) -> str:
    return noun.removesuffix("s").removesuffix("e")
