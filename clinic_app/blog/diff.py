"""What changed between two texts, line by line, with the changed words of a line marked. Pure."""

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

SAME, REMOVED, ADDED = "same", "removed", "added"
ALIKE = 0.4  # two lines of which at least so much is alike are one line that was changed
AROUND = 2  # unchanged lines that are shown on either side of a change
_PAIRED = 60  # lines of a replaced part that are compared with each other
_MARKED = 4_000  # words and gaps of a line that are compared
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    """A part of a line."""

    text: str
    changed: bool = False


class Line(NamedTuple):
    """A line that stayed, went or came; `before` and `after` are its numbers in the two texts."""

    kind: str
    before: int | None
    after: int | None
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


class Skipped(NamedTuple):
    """Unchanged lines that are not shown."""

    count: int


def lines(before: str, after: str) -> list[Line]:
    """Every line of both texts; a changed line stands twice, first as it was."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 4_000)
    for _, i, i_end, j, j_end in matcher.get_opcodes():
        if old[i:i_end] == new[j:j_end]:
            found += [_whole(SAME, old[i + n], i + n, j + n) for n in range(i_end - i)]
        else:
            found.extend(_replaced(old[i:i_end], new[j:j_end], i, j))
    return found


def folded(all_lines: list[Line]) -> list[Line | Skipped]:
    """The changed lines with a few of their neighbours; the rest counted."""
    changed = [n for n, line in enumerate(all_lines) if line.kind != SAME]
    near = {n + step for n in changed for step in range(-AROUND, AROUND + 1)}
    shown: list[Line | Skipped] = []
    skipped = 0
    for n, line in enumerate(all_lines):
        if n not in near:
            skipped += 1
            continue
        shown += [Skipped(skipped)] if skipped else []
        shown.append(line)
        skipped = 0
    return shown + ([Skipped(skipped)] if skipped else [])


def _whole(kind: str, text: str, before: int | None, after: int | None, *, changed: bool = False) -> Line:
    numbers = [None if n is None else n + 1 for n in (before, after)]
    return Line(kind, *numbers, (Piece(text, changed),))


def _replaced(old: list[str], new: list[str], i: int, j: int) -> Iterator[Line]:
    """Lines that went and came: those that are alike stand beside each other, in the order of the texts."""
    n = m = 0
    for left, right in [*_pairs(old, new), (len(old), len(new))]:
        yield from (_whole(REMOVED, old[k], i + k, None, changed=True) for k in range(n, left))
        yield from (_whole(ADDED, new[k], None, j + k, changed=True) for k in range(m, right))
        if left < len(old):
            was, now = _words(old[left], new[right])
            yield Line(REMOVED, i + left + 1, None, was)
            yield Line(ADDED, None, j + right + 1, now)
        n, m = left + 1, right + 1


def _pairs(old: list[str], new: list[str]) -> Iterator[tuple[int, int]]:
    """Which old line became which new one, both in order."""
    if len(old) > _PAIRED or len(new) > _PAIRED:
        return
    known = [Counter(_TOKEN.findall(line)) for line in old]
    start = 0
    for m, line in enumerate(new):
        words = Counter(_TOKEN.findall(line))
        alike = [(_alike(known[n], words), -n) for n in range(start, len(old))]
        best, n = max(alike, default=(0, 0))
        if best >= ALIKE:
            yield -n, m
            start = 1 - n


def _alike(one: Counter, other: Counter) -> float:
    """How much of two lines' words is the same, from 0 to 1."""
    return 2 * (one & other).total() / ((one + other).total() or 1)


def _words(was: str, now: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both lines in pieces, those that differ marked."""
    old, new = _TOKEN.findall(was), _TOKEN.findall(now)
    if len(old) + len(new) > _MARKED:
        return (Piece(was),), (Piece(now),)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    codes = matcher.get_opcodes()
    left, right = [], []
    for n, (kind, i, i_end, j, j_end) in enumerate(codes):
        gap = kind == "equal" and 0 < n < len(codes) - 1 and not "".join(old[i:i_end]).strip()
        changed = kind != "equal" or gap  # a gap between two changes is part of one
        _add(left, "".join(old[i:i_end]), changed)
        _add(right, "".join(new[j:j_end]), changed)
    return tuple(left), tuple(right)


def _add(pieces: list[Piece], text: str, changed: bool) -> None:
    """Add a text to pieces of a line, to the last one where that is of the same kind."""
    if pieces and pieces[-1].changed == changed:
        pieces[-1] = Piece(pieces[-1].text + text, changed)
    elif text:
        pieces.append(Piece(text, changed))
