"""Every page and state of the table, by tools and measures. A failure names the page, its state and the fault."""

import pytest

from .visit import NARROW, WIDE

MOST_BYTES = 60_000
MOST_REQUESTS = 8


def none_of(faults: list[str]) -> None:
    assert not faults, "\n".join(faults)


def test_it_is_the_page_that_was_meant(visit):
    assert visit.status == visit.state.status, visit.page.title()


def test_no_request_leaves_the_site(visit):
    none_of([url for url in visit.requests if not url.startswith((visit.site.server.url, "about:"))])


def test_the_console_is_silent(visit):
    none_of(visit.messages)


def test_nothing_moves_while_it_loads(visit):
    none_of(visit.ask("shifts"))


def test_it_is_light(visit):
    weight = visit.ask("weight")
    assert weight["bytes"] <= MOST_BYTES, weight
    assert weight["requests"] <= MOST_REQUESTS, weight


@pytest.mark.parametrize(("scheme", "width"), (("light", NARROW), ("dark", WIDE)))
def test_axe_finds_nothing(visit, scheme, width):
    visit.show(width=width, color_scheme=scheme)
    none_of(visit.axe())


@pytest.mark.parametrize(("zoom", "width", "height"), ((100, 1280, 1024), (200, 640, 512), (400, 320, 256)))
def test_zoomed_it_stays_whole(visit, zoom, width, height):
    visit.show(width=width, height=height)
    none_of(visit.ask("sideways") + visit.ask("cutOff") + visit.ask("overlaps"))


@pytest.mark.parametrize("width", (NARROW, WIDE))
def test_with_text_twice_as_large_it_stays_whole(visit, width):
    visit.show(width=width)
    visit.enlarge_text(200)
    faults = visit.ask("sideways") + visit.ask("cutOff") + visit.ask("overlaps")
    visit.enlarge_text(100)
    none_of(faults)


def test_the_keyboard_reaches_everything_and_sees_where_it_is(visit):
    visit.show(width=WIDE, reduced_motion="reduce")
    none_of(visit.tab_through("main"))


def test_in_forced_colours_controls_and_focus_can_be_seen(visit):
    visit.show(width=WIDE, forced_colors="active")
    visit.page.keyboard.press("Tab")
    none_of(visit.ask("flat") + visit.ask("ringless"))


def test_nothing_moves_for_those_who_ask_for_stillness(visit):
    visit.show(reduced_motion="reduce")
    none_of(visit.ask("moving"))
