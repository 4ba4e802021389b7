"""Lists of wordings to look for in texts, as TOML files keep them: what advertising checks are written in.

A file has `[choices]`, lists of words by name, and any number of `[[rule]]` with `category`, `why`, `words` and
`unless`. A wording is plain lower-case words; * is the rest of a word; (a|b) is a choice and ? makes the thing
before it optional, as in a regular expression; {name} stands for one of the choices of that name.
A space stands for any gap, a hyphen's or a line's end included. A match stands between letters' ends, never
inside a word. `unless` lists what makes words harmless: a match that lies wholly within one of these is let go.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from .plain import plain


class Rule(NamedTuple):
    """Words of one category that say one thing, and the wordings in which they are harmless."""

    category: str
    why: str
    words: re.Pattern
    unless: re.Pattern


class Found(NamedTuple):
    """Where a rule's words stand in a text: `start` and `end` count code points, `text[start:end] == words`."""

    start: int
    end: int
    words: str
    rule: Rule


class Wordings:
    """The rules of a TOML file, which is read when they are first asked for; `data` is all that is in it."""

    def __init__(self, path: Path):
        self.path = path

    @cached_property
    def data(self) -> dict:
        return tomllib.loads(self.path.read_text(encoding="utf-8"))

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        patterns = partial(_pattern, choices=self.data["choices"])
        return tuple(
            Rule(rule["category"], rule["why"], words=patterns(rule["words"]), unless=patterns(rule["unless"]))
            for rule in self.data["rule"]
        )

    def find(self, text: str) -> Iterator[Found]:
        """What in the text the rules' words match, in order, without overlaps; the longer of two at one place."""
        read, offsets = plain(text)
        for start, end, rule in _without_overlaps(_matches(read, self.rules)):
            first, last = offsets[start], offsets[end - 1] + 1
            yield Found(first, last, text[first:last], rule)


def _matches(read: str, known: Sequence[Rule]) -> Iterator[tuple[int, int, Rule]]:
    for rule in known:
        found = list(rule.words.finditer(read))
        harmless = [match.span() for match in rule.unless.finditer(read)] if found else ()
        for match in found:
            if not any(start <= match.start() and match.end() <= end for start, end in harmless):
                yield match.start(), match.end(), rule


def _without_overlaps(matches) -> Iterator[tuple[int, int, Rule]]:
    reached = 0
    for start, end, rule in sorted(matches, key=lambda match: (match[0], -match[1])):
        if start >= reached:
            yield start, end, rule
            reached = end


def _pattern(wordings: list[str], choices: dict[str, list[str]]) -> re.Pattern:
    """One expression for all the wordings; the longer come first, so that the most is matched.

    None begins amid a number, whose every digit would else be begun with.
    """
    alternatives = [_expression(w, choices) for w in sorted(wordings, key=len, reverse=True)]
    if not alternatives:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<![a-z])(?!(?<=\d)\d)(?:{'|'.join(alternatives)})(?![a-z])")


def _expression(wording: str, choices: dict[str, list[str]]) -> str:
    # After a letter or a choice of words, * is the rest of the word; after a space in brackets it repeats words.
    wording = re.sub(r"(?<=[a-z])\*|(?<=[a-z][)}])\*", "[a-z]*", wording)
    return re.sub(r"\{(\w+)\}", lambda match: f"(?:{'|'.join(choices[match[1]])})", wording)
