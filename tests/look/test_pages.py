"""Every page and state of the table, by tools and measures. A failure names the page, its state and the faults."""

from .visit import NARROW, WIDE

MOST_REQUESTS = 8
MOST_BYTES = 60_000
MOST_BYTES_FOR_STAFF = 160_000  # whose pages go out uncompressed, days of 24 hours among them
TALL = 2000  # so that what stays at the window's edge covers nothing
# As windows of 1280 by 1024 pixels are at 100, 200 and 400 %; the last is also what no page may outgrow sideways.
ZOOMED = ((1280, 1024), (640, 512), (320, 256))


def none_of(faults: list[str]) -> None:
    assert not faults, "\n".join(faults)


def test_it_is_the_page_that_was_meant_and_comes_lightly(visit):
    assert visit.status == visit.state.status, visit.page.title()
    none_of(visit.ask("error"))
    none_of([url for url in visit.requests if not url.startswith((visit.site.url, "about:"))])
    none_of(visit.messages)
    none_of([] if visit.state.moves else visit.ask("shifts"))
    weight = visit.ask("weight")
    most = MOST_BYTES_FOR_STAFF if visit.state.role else MOST_BYTES
    assert weight["bytes"] <= most + visit.state.comes_back, weight
    assert weight["requests"] <= MOST_REQUESTS, weight


def test_axe_finds_nothing_in_both_widths_and_both_schemes(visit):
    faults = []
    for width in (NARROW, WIDE):
        visit.show(width=width, height=TALL)
        faults += [f"{width} px: {fault}" for fault in visit.axe()]
        visit.show(width=width, height=TALL, color_scheme="dark")
        faults += [f"{width} px, dark: {fault}" for fault in visit.colours()]
    none_of(faults)


def test_zoomed_and_with_larger_text_it_stays_whole(visit):
    for width, height in ZOOMED:
        visit.show(width=width, height=height)
        none_of([f"in {width} px: {fault}" for fault in visit.fit()])
    visit.enlarge_text(200)
    visit.show(width=NARROW)
    faults = visit.fit()
    visit.enlarge_text(100)
    none_of([f"with text twice as large: {fault}" for fault in faults])


def test_the_keyboard_reaches_everything_and_sees_where_it_is_in_forced_colours_too(visit):
    visit.show(width=NARROW)
    none_of(visit.focus())
    visit.show(width=WIDE, forced_colors="active")
    none_of(visit.focus() + visit.ask("flat"))
    none_of(visit.ask("moving"))


def test_the_nu_checker_finds_no_error(visit, nu_checker):
    none_of(nu_checker.faults(visit.html))
