"""Pages that are likely next are there before they are asked for, in a browser that can do so."""

import pytest

from tests.browser import new_context


@pytest.fixture
def visitor(browser, site):
    """A page on a wide screen, the paths that it fetched ahead, and what its console said."""
    context = new_context(browser, base_url=site.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.said, page.ahead = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("request", lambda sent: page.ahead.append(sent.url) if "sec-purpose" in sent.headers else None)
    yield page
    context.close()


def test_the_page_behind_a_link_is_there_when_the_pointer_has_rested_on_it(visitor, site):
    visitor.goto("/")
    with visitor.expect_request(lambda sent: sent.headers.get("sec-purpose") == "prefetch"):
        visitor.get_by_role("link", name="Testimonials", exact=True).hover()
    visitor.wait_for_timeout(300)
    visitor.get_by_role("link", name="Testimonials", exact=True).click()
    visitor.wait_for_url("**/testimonials")
    how = "performance.getEntriesByType('navigation')[0].deliveryType"
    assert visitor.evaluate(how) == "navigational-prefetch"
    assert visitor.ahead == [f"{site.url}/testimonials"]
    assert visitor.said == []


def test_staffs_pages_and_files_are_left_alone(visitor):
    visitor.goto("/")
    for name in ("Staff sign-in", "Blog feed"):
        visitor.get_by_role("link", name=name, exact=True).hover()
        visitor.wait_for_timeout(500)
    assert visitor.ahead == []
