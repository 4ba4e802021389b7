"""The pages and states that visitors see."""

from playwright.sync_api import Page

from .sites import Site
from .state import State, post_from_elsewhere, press, shown, with_database_broken, write


def choose_time(page: Page, site: Site) -> None:
    """Open the form for a time that is free."""
    page.goto(site.free_time())


def choose_visit(page: Page, _site: Site) -> None:
    page.locator("[name=visits]").last.check()


def taken_meanwhile(_page: Page, site: Site) -> None:
    site.take_time()


def told_another_price(page: Page, _site: Site) -> None:
    """As on a page that was opened before its service got dearer."""
    page.locator("[name=terms]").evaluate("field => { field.value = '30 100 instant'; }")


def move(page: Page, _site: Site) -> None:
    with page.expect_navigation():
        page.locator(".pick").first.click()


FIRST = "/book/{service}/{person}"
MESSAGE = {"name": "Alex Placeholder", "email": "alex@example.org", "message": "Do you have parking?"}
PERSON = {"name": "Alex Placeholder", "email": "new@example.org"}

PUBLIC = (
    State("home", "/"),
    State("home: empty", "/", site="empty"),
    State("home: overfull", "/", site="full"),
    State("blog", "/blog"),
    State("blog: empty", "/blog", site="empty"),
    State("blog: overfull", "/blog", site="full"),
    State("blog: last page", "/blog?page=2", site="full"),
    State("blog: topic", "/blog/tag/running"),
    State("blog: search", "/blog/search"),
    State("blog: search with hits", "/blog/search?q=spine"),
    State("blog: search without hits", "/blog/search?q=%22xyzzy%22"),
    State("blog: search of 200 letters", "/blog/search?q=" + "x" * 200, site="full"),
    State("post: with a video", "/blog/ten-areas-of-the-spine-every-runner-should-know"),
    State("post: with contents", "/blog/coming-back-to-running-after-a-break"),
    State("post: overfull", "/blog/overfull", site="full"),
    State("post: right to left", "/blog/rtl", site="full"),
    State("testimonials", "/testimonials"),
    State("testimonials: empty", "/testimonials", site="empty"),
    State("testimonials: overfull", "/testimonials", site="full"),
    State("contact", "/contact"),
    State("contact: overfull", "/contact", site="full"),
    State("contact: sent empty", "/contact", (press("Send message"),)),
    State("contact: wrong and long", "/contact", (press("Send", name="x" * 300, email="x" * 99, phone="12"),)),
    State("contact: thanks", "/contact", (press("Send message", **MESSAGE),)),
    State("contact: too often", "/contact", (press("Send message", **MESSAGE),), site="full", status=429),
    State(
        "contact: not stored",
        "/contact",
        (with_database_broken(press("Send message", **MESSAGE)),),
        site="full",
        status=500,
    ),
    State("booking: services", "/book"),
    State("booking: services with a note", "/book?note=service"),
    State("booking: services, empty", "/book", site="empty"),
    State("booking: services, overfull", "/book", site="full"),
    State("booking: people", "/book/follow-up"),
    State("booking: people, overfull", "/book/{service}", site="full"),
    State("booking: times", "/book/follow-up/robin-sample"),
    State("booking: times with anyone", "/book/follow-up/anyone"),
    State("booking: times, overfull", FIRST, site="full"),
    State("booking: details", "/book", (choose_time,)),
    State("booking: details sent empty", "/book", (choose_time, press("Book "))),
    State(
        "booking: time gone",
        "/book",
        (choose_time, choose_visit, taken_meanwhile, press("Book ", **PERSON)),
        status=409,
    ),
    State(
        "booking: other terms",
        "/book",
        (choose_time, choose_visit, told_another_price, press("Book ", **PERSON)),
        status=409,
    ),
    State(
        "booking: too many",
        "/book",
        (choose_time, choose_visit, press("Book ", name="Jo Fictional", email="jo@example.org")),
        status=409,
    ),
    State(
        "booking: too often",
        "/book",
        (choose_time, choose_visit, press("Request ", **PERSON)),
        site="full",
        status=429,
    ),
    State(
        "booking: not stored",
        "/book",
        (choose_time, choose_visit, with_database_broken(press("Request ", **PERSON))),
        site="full",
        status=500,
    ),
    State("manage: booked", "/a/{booked}?note=booked"),
    State("manage: corrected", "/a/{booked}?note=corrected"),
    State("manage: moved", "/a/{booked}?note=moved"),
    State("manage: too late", "/a/{booked}", site="full"),
    State("manage: requested", "/a/{requested}"),
    State("manage: offered", "/a/{offered}"),
    State("manage: offers gone", "/a/{offers_gone}"),
    State("manage: lapsed", "/a/{lapsed}"),
    State("manage: cancelled", "/a/{cancelled}"),
    State("manage: cancelled by staff", "/a/{withdrawn}"),
    State("manage: past", "/a/{past}"),
    State("manage: move", "/a/{booked}/move"),
    State("manage: move, to confirm", "/a/{to_confirm}/move"),
    State("manage: move, too often", "/a/{requested}/move", (move,), site="full", status=429),
    State("manage: cancel", "/a/{booked}/cancel"),
    State("manage: cancel a request", "/a/{requested}/cancel"),
    State("manage: unknown link", "/a/nothing", status=404),
    State("privacy", "/privacy"),
    State("error: bad request", "/", (shown("errors/400.html", 400),), status=400),
    State("error: from elsewhere", "/", (post_from_elsewhere("/contact"),), status=403),
    State("error: not found", "/nothing", status=404),
    State("error: wrong method", "/", (post_from_elsewhere("/privacy"),), status=405),
    State(
        "error: too large",
        "/contact",
        (write(70_000), press("Send message")),
        status=413,
        comes_back=70_000,
    ),
    State("error: too often", "/", (shown("errors/429.html", 429),), status=429),
    State("error: ours", "/blog/feed.atom", site="full", status=500),
)
