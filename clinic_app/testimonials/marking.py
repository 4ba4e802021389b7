"""A testimonial's words cut into pieces: those that its reasons point at, and those that another's has not. Pure.

Put together again the pieces are the text, to the last character.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import count, pairwise
from typing import NamedTuple

WORDS_COMPARED = 2_000  # of each text; more take longer than a page may
_WORD = re.compile(r"\s*\S+|\s+")


class Piece(NamedTuple):
    """A run of a text. `notes` are the numbers of the notes that point at it, `mark` its own number among such."""

    text: str
    notes: tuple[int, ...] = ()
    mark: int | None = None


class Note(NamedTuple):
    """Why a text is held, numbered from 1, with the `marks` that it points at: (number, words) of each."""

    number: int
    rule: str
    why: str
    marks: tuple[tuple[int, str], ...] = ()


class Stretch(NamedTuple):
    """A run of words of one text; `differs` says that the other text has not got it there."""

    text: str
    differs: bool


def mark(text: str, reasons: Sequence[dict]) -> tuple[list[Piece], list[Note]]:
    """The text in pieces, and the notes that explain the marked ones; reasons that say the same are one note.

    `reasons` are as `compliance.check` gives them. Notes are numbered in the order in which their words come, and
    those about the whole text follow.
    """
    spans = sorted((r["start"], r["end"], _said(r)) for r in reasons if _points_into(text, r))
    rest = (_said(r) for r in reasons if not _points_into(text, r))
    numbers = {said: n for n, said in enumerate(dict.fromkeys([*(said for *_, said in spans), *rest]), start=1)}
    pieces: list[Piece] = []
    marks = count(1)
    for start, end, over in _cuts(text, spans):
        notes = tuple(dict.fromkeys(numbers[said] for said in over))
        pieces.append(Piece(text[start:end], notes, next(marks) if notes else None))
    return pieces, [Note(n, *said, _marks(pieces, n)) for said, n in numbers.items()]


def _points_into(text: str, reason: dict) -> bool:
    start, end = reason["start"], reason["end"]
    return start is not None and 0 <= start < end <= len(text) and text[start:end] == reason["words"]


def _said(reason: dict) -> tuple[str, str]:
    return reason["rule"], reason["why"]


def _cuts(text: str, spans: Sequence[tuple]) -> Iterator[tuple[int, int, list]]:
    """(start, end, what lies over it) from the text's beginning to its end; spans are in order and may overlap."""
    edges = sorted({0, len(text), *(edge for start, end, _ in spans for edge in (start, end))})
    waiting, over = deque(spans), []
    for start, end in pairwise(edges):
        over = [span for span in over if span[1] > start]
        while waiting and waiting[0][0] == start:
            over.append(waiting.popleft())
        yield start, end, [said for *_, said in over]


def _marks(pieces: Sequence[Piece], number: int) -> tuple[tuple[int, str], ...]:
    return tuple((piece.mark, piece.text) for piece in pieces if piece.mark and number in piece.notes)


def compare(one: str, other: str) -> tuple[list[Stretch], list[Stretch]]:
    """Both texts in stretches of words that the other has too, in the same order, and of words that it has not.

    White space is no difference. Texts of more than `WORDS_COMPARED` words are not compared: nothing is marked.
    """
    left, right = _WORD.findall(one), _WORD.findall(other)
    if max(len(left), len(right)) > WORDS_COMPARED:
        return [Stretch(one, differs=False)], [Stretch(other, differs=False)]
    matcher = SequenceMatcher(None, [w.strip() for w in left], [w.strip() for w in right])
    ones: list[Stretch] = []
    others: list[Stretch] = []
    for what, start, end, from_, to in matcher.get_opcodes():
        ones += _stretches("".join(left[start:end]), what != "equal")
        others += _stretches("".join(right[from_:to]), what != "equal")
    return ones, others


def _stretches(text: str, differs: bool) -> Iterator[Stretch]:
    """The white space before words that differ is no difference."""
    words = text.lstrip() if differs else text
    if gap := text[: len(text) - len(words)]:
        yield Stretch(gap, differs=False)
    if words:
        yield Stretch(words, differs)
