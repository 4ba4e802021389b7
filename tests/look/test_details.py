"""Details of single pages that no tool asks for."""

import pytest

from .visit import USUAL, Window

CALENDAR = "/staff/calendar?day={busy_day}"


@pytest.fixture
def at_the_desk(browser, all_sites):
    """Opens a page of staff's, 1280 pixels wide, and gives what the script finds in it."""
    window = Window(browser, all_sites["starter"])
    window.clear([window.site.sign_in("reception")])
    window.show(1280, 1024, drawn=True, **USUAL)

    def asked(path: str, script: str):
        window.page.goto(path.format_map(window.site.facts))
        return window.page.evaluate(script)

    yield asked
    window.context.close()


def test_marks_of_appointments_stay_within_their_day_of_the_week(at_the_desk):
    marked = """[...document.querySelectorAll(".week-made li:has(.chip)")].map((each) => {
      const head = each.closest(".week-day").querySelector("h2");
      return each.getBoundingClientRect().right - head.getBoundingClientRect().right;
    })"""
    over = at_the_desk(f"{CALENDAR}&view=week", marked)
    assert over and max(over) <= 0


def test_a_time_and_a_name_in_one_link_have_one_line_under_them(at_the_desk):
    linked = """(() => {
      document.querySelector("main").innerHTML = "<a href='/'><time>9:30 am</time> Alex Placeholder</a>";
      return getComputedStyle(document.querySelector("main time")).display;
    })()"""
    assert at_the_desk("/staff", linked) == "inline"
