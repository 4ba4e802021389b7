"""The project's drawings in pixels: what templates and stylesheets draw as SVG and CSS, for where neither goes.

A test keeps the shapes and colours the same as theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # colours and shapes are asked for at each start; few processes draw anything
    from PIL import Image, ImageDraw

GROUND = "#faf6f0"
SPRUCE, LANE, LIMB = "#0f4f4c", "#1d625e", "#2b7f78"
PALE, PALE_QUIET, CORAL = "#fbf7f1", "#bcd9d3", "#ff9877"
FINE = 3  # everything is drawn so many times larger, then made smaller: Pillow's own edges are jagged

_STEP = re.compile(r"([MLHVlhv])([^A-Za-z]*)")
_NUMBER = re.compile(r"-?\d*\.?\d+")
Point = tuple[float, float]


class Stroke(NamedTuple):
    """A path of straight lines, as SVG writes it, with round ends."""

    path: str
    width: float
    colour: str


class Shape(NamedTuple):
    """A drawing of strokes and dots (x, y, radius, colour), in units of its own: `width` by `height`."""

    width: float
    height: float
    strokes: tuple[Stroke, ...]
    dots: tuple[tuple[float, float, float, str], ...] = ()


def spine(colour: str = PALE) -> Shape:
    """The mark: five vertebrae, one of them lit."""
    return Shape(
        48,
        50,
        (
            Stroke("M19.2 6.5l9.6-3M20.9 14.5h13M11.1 33.5h19M14 46.1l20.1-6.2", 6.5, colour),
            Stroke("M16.4 21.6l15.3 4.7", 6.5, CORAL),
        ),
    )


RUNNER = Shape(
    520,
    560,
    (
        Stroke("M322 200L232 238L170 190M258 345L222 440L96 448", 38, LANE),
        Stroke("M266 345L372 388L352 510L392 516M328 196L372 282L456 250", 38, LIMB),
        Stroke(
            "M332.9 159.2l24.2 17.7M320.3 173.8l26.7 19.4M307.7 188.9l29.7 20.4M295.4 205l33.1 20.7"
            "M283.6 221.9l36.7 20.4M263 257.3l44.2 18.7M254.1 275.8l47.9 17.5M246 295l51.6 16.1"
            "M239 313.8l55.1 14.6M232.7 333.5l58.6 13",
            12,
            PALE,
        ),
        Stroke("M273 239.1l40.4 19.8", 12, CORAL),
    ),
    ((386, 112, 40, CORAL),),
)


def drawn(shape: Shape, height: int) -> Image.Image:
    """The shape so many pixels high, on nothing."""
    from PIL import Image, ImageDraw

    scale = height * FINE / shape.height
    image = Image.new("RGBA", (round(shape.width * scale), height * FINE))
    pen = ImageDraw.Draw(image)
    for stroke in shape.strokes:
        for line in _lines(stroke.path):
            _draw_line(pen, [(x * scale, y * scale) for x, y in line], stroke.width * scale, stroke.colour)
    for x, y, radius, colour in shape.dots:
        pen.circle((x * scale, y * scale), radius * scale, fill=colour)
    return image.resize((round(image.width / FINE), height), Image.Resampling.LANCZOS)


def lanes(size: tuple[int, int], centre: Point, step: float) -> Image.Image:
    """Running-track lanes on nothing: rings `step` pixels apart."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (size[0] * FINE, size[1] * FINE))
    pen = ImageDraw.Draw(image)
    x, y = centre
    farthest = max(abs(x), abs(size[0] - x)) + max(abs(y), abs(size[1] - y))
    for ring in range(1, int(farthest / step) + 1):
        pen.circle((x * FINE, y * FINE), ring * step * FINE, outline=255, width=2 * FINE)
    layer = Image.new("RGBA", size, LANE)
    layer.putalpha(image.resize(size, Image.Resampling.LANCZOS))
    return layer


def _draw_line(pen: ImageDraw.ImageDraw, points: list[Point], width: float, colour: str) -> None:
    for (x1, y1), (x2, y2) in pairwise(points):  # Pillow's own wide lines are uneven where they slope
        scale = width / 2 / (hypot(x2 - x1, y2 - y1) or 1)
        across, down = (y2 - y1) * scale, (x2 - x1) * scale
        corners = [(x1 - across, y1 + down), (x1 + across, y1 - down), (x2 + across, y2 - down)]
        pen.polygon([*corners, (x2 - across, y2 + down)], fill=colour)
    for point in points:  # round ends and joints
        pen.circle(point, width / 2, fill=colour)


def _lines(path: str) -> Iterator[list[Point]]:
    """The lines of a path of the commands M, L, H, V, l, h and v."""
    line: list[Point] = []
    for command, text in _STEP.findall(path):
        numbers = [float(number) for number in _NUMBER.findall(text)]
        if command == "M":
            if line:
                yield line
            line = []
        line.append(_end(command, numbers, line[-1] if line else (0, 0)))
    yield line


def _end(command: str, numbers: list[float], at: Point) -> Point:
    x, y = at if command.islower() else (0, 0)
    if command in "Hh":
        return x + numbers[0], at[1]
    if command in "Vv":
        return at[0], y + numbers[0]
    return x + numbers[0], y + numbers[1]
