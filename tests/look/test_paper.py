"""What stands on paper: what there is to read, and nothing that is there to be pressed."""

import pytest

from .visit import PATIENCE, new_context


@pytest.fixture(scope="module")
def page(browser, all_sites):
    """A page of the owner's, as it is printed."""
    site = all_sites["starter"]
    context = new_context(browser, base_url=site.url)
    context.add_cookies([site.sign_in("owner")])
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.emulate_media(media="print")
    yield page
    context.close()


@pytest.mark.parametrize(
    "path, kept, left_out",
    [
        ("/staff/enquiries/{new}", "Who wrote", ("Correct details", "Who has looked")),
        ("/staff/people/{who}", "Not counted here", ("Give it to them", "Make it anonymous", "See the trail")),
        ("/staff/figures", "Busiest hours", ("Table",)),
        ("/staff/audit", "Audit trail", ("Kind of thing",)),
        ("/a/{booked}", "cancel it online until", ("Move it", "Add to your calendar", "here until")),
        ("/contact", "Find us", ("See the map",)),
        ("/testimonials", "Visit us", ("See the map",)),
    ],
)
def test_paper_has_nothing_to_press(page, all_sites, path, kept, left_out):
    page.goto(path.format(**all_sites["starter"].facts))
    printed = page.locator("body").inner_text()
    assert kept in printed
    assert [words for words in left_out if words in printed] == []


def test_a_long_list_begins_on_the_page_that_has_room(page, all_sites):
    page.goto("/staff/people/{who}".format(**all_sites["starter"].facts))
    lists = page.locator(".panel:has(> .rows)")
    assert lists.count() > 1
    assert {each.evaluate("it => getComputedStyle(it).breakInside") for each in lists.all()} == {"auto"}
