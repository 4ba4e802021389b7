"""Charts are valid SVG that a stylesheet dresses and a screen reader can read."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic_app.web import charts
from clinic_app.web.charts import Column, Dot

SVG_PARTS = {"svg", "title", "desc", "g", "rect", "line", "circle", "text"}


def drawn_bars(*totals, **changes):
    columns = [Column(f"week {n}", f"Week {n}: {total}", (total,)) for n, total in enumerate(totals)]
    return charts.bars("weeks", "Appointments a week", "Most in week 2.", columns, ["came"], **changes)


def parsed(svg):
    """The picture's elements; it must be well-formed and hold neither style nor script."""
    root = ET.fromstring(str(svg))
    for element in root.iter():
        assert element.tag in SVG_PARTS
        assert not {name for name in element.attrib if name == "style" or name.startswith("on")}
    return root


def all_of(root, tag, of_class):
    return [e for e in root.iter(tag) if of_class in e.get("class", "").split()]


def test_a_chart_is_one_picture_with_a_title_and_a_sentence():
    root = parsed(drawn_bars(1, 4))
    assert root.get("role") == "img"
    told = {e.get("id"): e.text for e in root if e.tag in ("title", "desc")}
    assert [told[name] for name in root.get("aria-labelledby").split()] == [
        "Appointments a week",
        "Most in week 2.",
    ]


def test_the_tallest_bar_is_the_largest_number_and_all_stand_on_the_ground():
    rects = all_of(parsed(drawn_bars(1, 4, 2)), "rect", "bar")
    heights = [float(r.get("height")) for r in rects]
    assert heights[1] == pytest.approx(4 * heights[0], abs=0.3)
    assert {float(r.get("y")) + float(r.get("height")) for r in rects} == {charts.HEIGHT - charts.BOTTOM}


def test_parts_of_a_bar_stand_on_each_other():
    columns = [Column("week", "Week: 5", (3, 0, 2))]
    lower, upper = all_of(
        parsed(charts.bars("w", "W", "S", columns, ["came", "missed", "to-come"])), "rect", "bar"
    )
    assert (lower.get("class"), upper.get("class")) == ("bar bar-came", "bar bar-to-come")
    assert float(upper.get("y")) + float(upper.get("height")) == pytest.approx(float(lower.get("y")), abs=0.2)


def test_few_columns_all_say_their_number_and_of_many_only_the_highest():
    assert [e.text for e in all_of(parsed(drawn_bars(3, 0, 7)), "text", "value")] == ["3", "7"]
    assert [e.text for e in all_of(parsed(drawn_bars(*range(50))), "text", "value")] == ["49"]


def test_about_six_columns_are_named_on_wide_screens_and_half_of_them_on_narrow_ones():
    ticks = [e for e in parsed(drawn_bars(*range(1, 53))).iter("text") if (e.text or "").startswith("week")]
    assert len(ticks) == 6
    assert sum("tick-minor" in t.get("class") for t in ticks) == 3


def test_words_cannot_become_markup():
    svg = charts.bars("w", "<b>&", '"><script>', [Column("<i>", "<u>", (1,))], ["came"])
    assert {e.tag for e in parsed(svg).iter()} <= SVG_PARTS


def test_dots_without_a_value_are_left_out_and_break_the_line():
    marks = [Dot("a", "a", 1.0), Dot("b", "b", 2.0), Dot("c", "c", None), Dot("d", "d", 1.0)]
    root = parsed(charts.dots("d", "D", "S", marks, write=str, short=str, joined=True))
    assert len(all_of(root, "circle", "dot")) == 3
    assert len(all_of(root, "line", "join")) == 1


def test_a_thin_line_reaches_from_a_dot_to_its_upper_value():
    root = parsed(
        charts.dots("d", "D", "S", [Dot("a", "a", 2.0, 8.0), Dot("b", "b", 2.0, 2.0)], write=str, short=str)
    )
    (reach,) = all_of(root, "line", "reach")
    assert float(reach.get("y2")) < float(reach.get("y1"))


def test_cells_of_a_grid_are_the_deeper_the_more_they_count():
    rows = [("9 am", (0, 1)), ("10 am", (5, 10))]
    root = parsed(charts.heat("h", "H", "S", ["Mon", "Tue"], rows, "{} {}: {}".format))
    assert [r.get("class") for r in all_of(root, "rect", "heat")] == [
        "heat heat-0",
        "heat heat-1",
        "heat heat-3",
        "heat heat-5",
    ]
    assert [e.text for e in all_of(root, "text", "tally")] == ["1", "5", "10"]
    assert "Tue 10 am: 10" in [e.text for e in root.iter("title")]


@pytest.mark.parametrize(
    ("most", "step"), [(0, 1), (1, 1), (3, 1), (4, 1), (5, 2), (17, 5), (40, 10), (999, 500), (0.3, 0.1)]
)
def test_steps_of_a_scale_are_round_numbers(most, step):
    assert charts.nice_step(most) == pytest.approx(step)


@given(st.lists(st.integers(0, 10**6), max_size=120))
def test_any_numbers_at_all_make_a_chart_within_its_height(totals):
    for rect in all_of(parsed(drawn_bars(*totals)), "rect", "bar"):
        assert charts.TOP - 0.1 <= float(rect.get("y")) <= charts.HEIGHT - charts.BOTTOM


def test_charts_of_nothing_can_be_drawn():
    parsed(drawn_bars())
    parsed(charts.dots("d", "D", "S", [], write=str, short=str))
    parsed(charts.heat("h", "H", "S", ["Mon"], [], "{} {}: {}".format))
