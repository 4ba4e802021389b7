"""Words in pictures: which font has their letters, and how they break into lines.

Headings are set in Source Serif, which a package brings, so they look alike on every machine. It has Latin, Greek
and Cyrillic letters; for others a font of the machine is taken, if there is one. Emoji are left out. What no
font has is not written at all: better no words than boxes.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from font_source_serif_pro import SourceSerifPro, SourceSerifProBold
from PIL import Image, ImageDraw, ImageFont, features

HEADING, TEXT = "heading", "text"
OWN = {HEADING: SourceSerifProBold, TEXT: SourceSerifPro}
# Names by which FreeType finds fonts that many systems have.
OF_THE_MACHINE = (
    "DejaVuSans-Bold.ttf",
    "NotoSans-Bold.ttf",
    "NotoSansHebrew-Bold.ttf",
    "NotoNaskhArabic-Bold.ttf",
    "NotoSansArabic-Bold.ttf",
    "NotoSansDevanagari-Bold.ttf",
    "NotoSansThai-Bold.ttf",
    "NotoSansCJK-Bold.ttc",
)
MISSING = "\uffff"  # no character, so what a font draws for it is what it draws for those it lacks
LEADING = 1.14
_ORNAMENTS = {"So", "Sk", "Cf", "Cs", "Co", "Cn"}  # emoji, their colours and joints; nothing that is read aloud


class Lettering(NamedTuple):
    """Words as they fit a box: lines, from the right where they are read so."""

    lines: tuple[str, ...]
    font: ImageFont.FreeTypeFont
    from_right: bool

    @property
    def line_height(self) -> int:
        return _line_height(self.font)

    @property
    def height(self) -> int:
        return self.line_height * len(self.lines)

    def draw(self, image: Image.Image, at: tuple[int, int], width: int, colour: str) -> None:
        """Write them with their upper left corner `at`, in a box of this width."""
        pen = ImageDraw.Draw(image)
        for number, line in enumerate(self.lines):
            y = at[1] + number * self.line_height
            x, anchor = (at[0] + width, "ra") if self.from_right else (at[0], "la")
            pen.text((x, y), line, font=self.font, fill=colour, anchor=anchor)


def fitted(text: str, *, box: tuple[int, int], sizes: tuple[int, ...], face: str = HEADING) -> Lettering | None:
    """The words in the largest of the sizes in which they fit the box; cut in the smallest, if need be.

    `box` is (width, height) in pixels. None where there are no words, or no font has their letters.
    """
    words = plain(text)
    path = _path_for(words, face)
    if path is None:
        return None
    width, height = box
    for size in sizes:
        font = _font(path, size)
        lines = _broken(words, font, width)
        most = max(1, height // _line_height(font))
        if len(lines) <= most and all(font.getlength(line) <= width for line in lines):
            break
    lines = _cut(lines, font, width, most)
    return Lettering(tuple(_balanced(lines, font, width)), font, reads_from_right(words))


def plain(text: str) -> str:
    """The words on one line, without emoji and marks that are not seen."""
    kept = (c for c in text if unicodedata.category(c) not in _ORNAMENTS and not "\ufe00" <= c <= "\ufe0f")
    return " ".join("".join(c if c.isprintable() else " " for c in kept).split())


def reads_from_right(text: str) -> bool:
    """Whether the first letter is of a script that does, such as Hebrew and Arabic (as `dir=auto` decides)."""
    kinds = (unicodedata.bidirectional(c) for c in text)
    return next((kind in ("R", "AL") for kind in kinds if kind in ("L", "R", "AL")), False)


def _path_for(words: str, face: str) -> str | None:
    """The first font that has all of the letters."""
    letters = set(words) - {" "}
    shaped = any(unicodedata.bidirectional(c) in ("R", "AL") for c in letters)
    if not letters or (shaped and not features.check("raqm")):  # without it, letters stand in the wrong order
        return None
    for path in (OWN[face], *OF_THE_MACHINE):
        if all(_has(path, letter) for letter in letters):
            return path
    return None


@lru_cache(maxsize=4096)
def _has(path: str, character: str) -> bool:
    try:
        font = _font(path, 20)
    except OSError:  # not on this machine
        return False
    # A mark that is set on a letter is asked for with one: by itself it is drawn on a dotted ring.
    wanted = f"a{character}" if unicodedata.combining(character) else character
    missing = f"a{MISSING}" if wanted != character else MISSING
    return bytes(font.getmask(wanted)) != bytes(font.getmask(missing))


@lru_cache(maxsize=64)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def _line_height(font: ImageFont.FreeTypeFont) -> int:
    return round(font.size * LEADING)


def _broken(words: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Lines no wider than this; only a word that is wider by itself sticks out."""
    lines: list[str] = []
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _cut(lines: list[str], font: ImageFont.FreeTypeFont, width: int, most: int) -> list[str]:
    """At most so many lines, none too wide; an ellipsis says that there is more."""
    pieces = [piece for line in lines for piece in _chopped(line, font, width)]
    if len(pieces) <= most:
        return pieces
    last = pieces[most - 1]
    while last and font.getlength(last + "…") > width:
        last = last[:-1]
    return [*pieces[: most - 1], last.rstrip(" ,;:.–—-") + "…"]


def _chopped(line: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """A line; one that is a word too wide, in pieces."""
    pieces = [""]
    for character in line:
        if pieces[-1] and font.getlength(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _balanced(lines: list[str], font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """The same number of lines, as even as they can be."""
    best, words = lines, " ".join(lines)
    for narrower in range(width, width // 3, -10):
        again = _broken(words, font, narrower)
        if len(again) != len(lines) or any(font.getlength(line) > narrower for line in again):
            break
        best = again
    return best
