"""Charts as SVG, drawn by the server: bars, dots and a grid of heat. Pure.

Across, lengths are per cent, and down they are pixels: a chart is as wide as its column while its letters keep
their size, on a phone as on a desk. Looks are classes of static/css/staff_figures.css, never inline. To a screen
reader a chart is one picture with a title and a sentence; its numbers stand in the table beside it.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise
from math import ceil, floor, log10
from typing import NamedTuple

from markupsafe import Markup, escape

HEIGHT, TOP, BOTTOM = 230, 22, 26  # pixels: the whole, above the plot, below it
LEFT = 9  # per cent, for the numbers of the scale
WIDEST_BAR = 6  # per cent
ALL_TOLD = 13  # with more columns than this, only the highest says its number
NAMED = 6  # about so many columns are named on a wide screen, half of them on a narrow one
ROW, GRID_LEFT = 30, 14  # of the grid: pixels, per cent
LEVELS = 5
Place = tuple[str, float]  # across in per cent, down in pixels


class Column(NamedTuple):
    """A bar, stacked of `parts` from the ground up; `said` is shown when it is pointed at."""

    name: str
    said: str
    parts: tuple[float, ...]

    @property
    def total(self) -> float:
        return sum(self.parts)


class Dot(NamedTuple):
    """A value, and how far above it a thin line reaches; None where there is none."""

    name: str
    said: str
    value: float | None
    reach: float | None = None


def bars(name: str, title: str, said: str, columns: Sequence[Column], kinds: Sequence[str]) -> Markup:
    """Stacked bars; the parts of each have the classes `bar bar-<kind>`. `name` begins the chart's ids."""
    scale = Scale.up_to(max((column.total for column in columns), default=0))
    across = Across(len(columns))
    told = _told([column.total for column in columns])
    drawn = [
        *scale.lines(),
        *across.names([column.name for column in columns]),
        *(_bar(column, across, number, scale, kinds) for number, column in enumerate(columns)),
        *(_value(across, number, scale.y(columns[number].total), f"{columns[number].total:g}") for number in told),
    ]
    return _picture(name, title, said, HEIGHT, drawn)


def dots(
    name: str,
    title: str,
    said: str,
    marks: Sequence[Dot],
    *,
    write: Callable[[float], str],
    short: Callable[[float], str],
    joined: bool = False,
) -> Markup:
    """Dots, joined by a line where neighbours have values.

    `write` makes text of a value for the scale, `short` for above its dot.
    """
    heights = [max(mark.value, mark.reach or 0) for mark in marks if mark.value is not None]
    scale = Scale.up_to(max(heights, default=0), write)
    across = Across(len(marks))
    told = _told([mark.value or 0 for mark in marks])
    places = [
        None if mark.value is None else (_percent(across.middle(number)), scale.y(mark.value))
        for number, mark in enumerate(marks)
    ]
    drawn = [
        *scale.lines(),
        *across.names([mark.name for mark in marks]),
        *(_joined(places) if joined else ()),
        *(_dot(mark, place, scale) for mark, place in zip(marks, places, strict=True) if place),
        *(
            _value(across, number, scale.y(value) - 4, short(value))
            for number in told
            if (value := marks[number].value) is not None
        ),
    ]
    return _picture(name, title, said, HEIGHT, drawn)


def heat(
    name: str,
    title: str,
    said: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[int]]],
    say: Callable[[str, str, int], str],
) -> Markup:
    """A grid of counts: the more, the deeper. `say(column, row, count)` is shown when a cell is pointed at."""
    most = max((count for _, counts in rows for count in counts), default=0)
    width = (100 - GRID_LEFT) / len(columns)
    drawn = [
        _tag("text", column, class_="tick", x=_percent(GRID_LEFT + width * (n + 0.5)), y=14, text_anchor="middle")
        for n, column in enumerate(columns)
    ]
    for line, (row, counts) in enumerate(rows):
        top = TOP + ROW * line
        drawn.append(_tag("text", row, class_="tick", x=0, y=top + ROW / 2 + 4))
        for number, count in enumerate(counts):
            left = GRID_LEFT + width * number
            drawn.append(_cell(left, top, width, count, _level(count, most), say(columns[number], row, count)))
    return _picture(name, title, said, TOP + ROW * len(rows) + 4, drawn)


class Scale(NamedTuple):
    """Values up to `steps[-1]`, from the ground up to the top of the plot."""

    steps: tuple[float, ...]
    write: Callable[[float], str] = "{:g}".format

    @classmethod
    def up_to(cls, most: float, write: Callable[[float], str] = "{:g}".format) -> "Scale":
        step = nice_step(most)
        return cls(tuple(step * n for n in range(max(1, ceil(most / step)) + 1)), write)

    def y(self, value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / self.steps[-1], 1)

    def lines(self) -> Iterable[Markup]:
        for step in self.steps:
            y = self.y(step)
            kind = "grid" if step else "ground"
            yield _tag("line", class_=kind, x1="0", x2="100%", y1=y, y2=y)
            if step:
                yield _tag("text", self.write(step), class_="tick", x=0, y=y - 4)


class Across(NamedTuple):
    """Where each of `count` columns stands, in per cent."""

    count: int

    @property
    def width(self) -> float:
        return (100 - LEFT) / max(1, self.count)

    def middle(self, number: int) -> float:
        return LEFT + self.width * (number + 0.5)

    def names(self, names: Sequence[str]) -> Iterable[Markup]:
        """Every so many columns their name; on narrow screens every other of those."""
        step = ceil(len(names) / NAMED)
        for turn, number in enumerate(range(0, len(names), step or 1)):
            kind = "tick tick-minor" if turn % 2 else "tick"
            at_end = number == len(names) - 1 and number > 0
            where = {"x": "100%", "text_anchor": "end"} if at_end else {"x": _percent(self.middle(number))}
            yield _tag("text", names[number], class_=kind, y=HEIGHT - 6, **({"text_anchor": "middle"} | where))


def nice_step(most: float) -> float:
    """The step of a scale up to `most`: 1, 2 or 5 and noughts, so that three to five steps reach it."""
    if most <= 0:
        return 1
    rough = most / 4
    power = 10 ** floor(log10(rough))
    step = next(step for step in (1, 2, 5, 10) if step * power >= rough) * power
    return step if most < 1 else max(1, step)


def _level(count: int, most: int) -> int:
    return ceil(LEVELS * count / most) if count else 0


def _told(values: Sequence[float]) -> list[int]:
    """The columns that say their number: all of a few, else the highest."""
    if len(values) <= ALL_TOLD:
        return [number for number, value in enumerate(values) if value]
    return [max(range(len(values)), key=values.__getitem__)] if any(values) else []


# What a chart has by the hundred is written out: `_tag` would take most of the time of a page of two years.


def _bar(column: Column, across: Across, number: int, scale: Scale, kinds: Sequence[str]) -> Markup:
    width = min(across.width * 0.66, WIDEST_BAR)
    left, wide = _percent(across.middle(number) - width / 2), _percent(width)
    total, ground, parts = 0, scale.y(0), []
    for kind, part in zip(kinds, column.parts, strict=True):
        if part:
            total += part
            y = scale.y(total)
            sizes = f'x="{left}" y="{y}" width="{wide}" height="{round(ground - y, 1)}"'
            parts.append(f'<rect class="bar bar-{kind}" {sizes}></rect>')
            ground = y
    return _pointed_at(column.said, *parts)


def _dot(mark: Dot, place: Place, scale: Scale) -> Markup:
    x, y = place
    dot = f'<circle class="dot" cx="{x}" cy="{y}" r="4.5"></circle>'
    if mark.reach is None or mark.reach <= mark.value:
        return _pointed_at(mark.said, dot)
    return _pointed_at(mark.said, _line("reach", place, (x, scale.y(mark.reach))), dot)


def _joined(places: Sequence[Place | None]) -> Iterable[Markup]:
    return (_line("join", one, next_one) for one, next_one in pairwise(places) if one and next_one)


def _line(kind: str, start: Place, end: Place) -> Markup:
    (x1, y1), (x2, y2) = start, end
    return Markup(f'<line class="{kind}" x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}"></line>')  # noqa: S704


def _pointed_at(said: str, *drawn: str) -> Markup:
    """What is drawn, which says something when it is pointed at."""
    return Markup(f"<g><title>{escape(said)}</title>{''.join(drawn)}</g>")  # noqa: S704


def _value(across: Across, number: int, y: float, text: str) -> Markup:
    x = _percent(across.middle(number))
    return _tag("text", text, class_="value", x=x, y=round(y - 6, 1), text_anchor="middle")


def _cell(left: float, top: float, width: float, count: int, level: int, said: str) -> Markup:
    sizes = f'x="{_percent(left + 0.25)}" y="{top + 1.5}" width="{_percent(width - 0.5)}" height="{ROW - 3}"'
    drawn = [f'<rect class="heat heat-{level}" rx="3" {sizes}></rect>']
    if count:
        middle = f'x="{_percent(left + width / 2)}" y="{top + ROW / 2 + 4}" text-anchor="middle"'
        drawn.append(f'<text class="tally tally-{level}" {middle}>{count:,}</text>')
    return _pointed_at(said, *drawn)


def _picture(name: str, title: str, said: str, height: float, drawn: Iterable[Markup]) -> Markup:
    ids = f"{name}-title", f"{name}-said"
    return _tag(
        "svg",
        _tag("title", title, id=ids[0]),
        _tag("desc", said, id=ids[1]),
        *drawn,
        class_="chart",
        role="img",
        aria_labelledby=" ".join(ids),
        width="100%",
        height=height,
    )


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _tag(name: str, *children: str, **attributes) -> Markup:
    """An element; names of attributes have _ for -, and class_ for class. Texts are escaped."""
    written = "".join(
        f'{_attribute(key)}="{escape(value) if isinstance(value, str) else value}"'
        for key, value in attributes.items()
    )
    inside = "".join(child if isinstance(child, Markup) else escape(child) for child in children)
    return Markup(f"<{name}{written}>{inside}</{name}>")  # noqa: S704


@cache
def _attribute(key: str) -> str:
    return f" {key.rstrip('_').replace('_', '-')}"
