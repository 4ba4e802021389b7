"""Whether a post has as many sections as its title promises, and whether numbered headings miss one. Pure."""

import re
from collections import Counter
from typing import NamedTuple

from . import numbers
from .numbers import Count
from .outline import Heading, Outline

_NUMBERED = re.compile(
    rf"(?:(?:step|tip|way|reason|no\.?|#)\s*)?(\d{{1,2}}|{numbers.SPELT})[.):]\s",
    re.IGNORECASE,
)
# Sections that open or close a post: none of the things that it counts.
_AROUND = re.compile(
    r"(?:in )?(?:conclusions?|summary|short|brief|closing|(?:the )?bottom line|final (?:thoughts?|words?)|wrap"
    r"|to finish|last words|(?:key )?take-?aways?|next steps?|faqs?|frequently|references|sources"
    r"|further reading|intro\w*|overview)\b",
    re.IGNORECASE,
)
# Sections that may be or may not be.
_PERHAPS_AROUND = re.compile(
    r"(?:questions|before you|when to|about|what to do|what's next|need|book|contents|if you|how to use|why)\b",
    re.IGNORECASE,
)


class Gap(NamedTuple):
    """A numbered heading that does not follow the one before."""

    heading: Heading
    before: int
    number: int


class Mismatch(NamedTuple):
    """How many sections there are in place of those promised; `line` and `words` are the last one's."""

    found: int
    line: int
    words: str


def gaps(parts: Outline) -> list[Gap]:
    """Numbered headings that skip or repeat a number; beginning again at one is no fault."""
    known = _numbered(parts)
    pairs = zip(known, known[1:], strict=False)
    return [
        Gap(heading, before, number) for (before, _), (number, heading) in pairs if number not in (before + 1, 1)
    ]


def mismatch(promised: Count, parts: Outline) -> Mismatch | None:
    """What contradicts the title's number; None where a way of counting agrees, or nothing is there."""
    known = _numbered(parts)
    if known and not any(number == 1 for number, _ in known[1:]):
        last = known[-1][1]
        return None if len(known) == promised.number else Mismatch(len(known), last.line, last.text)
    top = _top(parts)
    sections = [h for h in parts.headings if h.level == top and not _AROUND.match(h.text)]
    own = [heading for heading in sections if not _PERHAPS_AROUND.match(heading.text)]
    if promised.number in _ways_of_counting(parts, sections, own):
        return None
    if len(own) < 2:
        return None
    return Mismatch(len(own), own[-1].line, own[-1].text)


def _ways_of_counting(parts: Outline, sections: list[Heading], own: list[Heading]) -> set[int]:
    """Every number of things that a reader could come to."""
    items = [each.items for each in parts.lists]
    within = _within(parts.headings, sections[0].level) if sections else []
    bold = sum(block.bold for block in parts.blocks)
    return {*range(len(own), len(sections) + 1), sum(within), *within, *items, sum(items), bold}


def _within(headings: list[Heading], level: int) -> list[int]:
    """How many headings of the next level each section has; the first number is of those before all sections."""
    found = [0]
    for heading in headings:
        if heading.level == level:
            found.append(0)
        elif heading.level == level + 1:
            found[-1] += 1
    return found


def _top(parts: Outline) -> int:
    """The level of the sections: the body's highest, but for a single heading that repeats the title."""
    levels = Counter(heading.level for heading in parts.headings)
    return min((level for level, count in levels.items() if count > 1 or level > 1), default=2)


def _numbered(parts: Outline) -> list[tuple[int, Heading]]:
    """The numbered headings of the level that has most of them; none where fewer than two are."""
    found = [(m, heading) for heading in parts.headings if (m := _NUMBERED.match(heading.text))]
    levels = [heading.level for _, heading in found]
    most = max(set(levels), key=lambda level: (levels.count(level), -level), default=0)
    kept = [(numbers.value(m[1]), heading) for m, heading in found if heading.level == most]
    return kept if len(kept) > 1 else []
