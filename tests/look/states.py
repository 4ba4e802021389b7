"""The table of pages and the states in which they are looked at. A page of staff's is a row with a `role`.

State("staff: queue", "/staff", role="reception"),
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from .sites import Site

Step = Callable[[Page, Site], None]


@dataclass(frozen=True)
class State:
    """A page in one state: its address (with the site's facts in braces), and what is done there."""

    name: str
    path: str
    steps: tuple[Step, ...] = ()
    site: str = "starter"
    status: int = 200
    role: str = ""  # of the member of staff who looks at it; nobody's for a visitor

    def open(self, page: Page, site: Site) -> None:
        page.goto(self.path.format_map(site.facts))
        for step in self.steps:
            step(page, site)


def press(button: str, /, **fields: str) -> Step:
    """Fill the fields in by their names, then press the button whose words begin so."""

    def step(page: Page, _site: Site) -> None:
        for field, value in fields.items():
            page.locator(f"[name={field}]").first.fill(value)
        with page.expect_navigation():
            page.get_by_role("button", name=button).first.click()

    return step


def post_from_elsewhere(path: str) -> Step:
    """Send a form to `path` from a page that is not the site's."""

    def step(page: Page, site: Site) -> None:
        page.goto("about:blank")
        with page.expect_navigation():
            page.evaluate(
                """action => {
                    const form = Object.assign(document.createElement("form"), {method: "post", action});
                    document.body.append(form);
                    form.submit();
                }""",
                site.server.url + path,
            )

    return step


def choose_time(page: Page, site: Site) -> None:
    """Open the form for a time that is free."""
    page.goto(site.free_time())


def choose_visit(page: Page, _site: Site) -> None:
    page.locator("[name=visits]").last.check()


def write_too_much(page: Page, _site: Site) -> None:
    """As a browser may that knows no limits of fields."""
    page.locator("textarea").evaluate("field => { field.maxLength = 100_000; field.value = 'x'.repeat(70_000); }")


def taken_meanwhile(_page: Page, site: Site) -> None:
    site.take_time()


def with_database_broken(step: Step) -> Step:
    def broken(page: Page, site: Site) -> None:
        with site.without_table("rate_limit_counts"):
            step(page, site)

    return broken


def shown(template: str, status: int) -> Step:
    """An error page that no ordinary request leads to."""

    def step(page: Page, site: Site) -> None:
        with site.app.test_request_context("/", base_url=site.server.url):
            html = site.app.jinja_env.get_template(template).render(clinic=site.app.config["CLINIC"])
        page.route("**/never", lambda route: route.fulfill(status=status, body=html, content_type="text/html"))
        page.goto("/never")

    return step


FIRST = "/book/{service}/{person}"
POST = "/blog/ten-areas-of-the-spine-every-runner-should-know"
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
    State("post: with a video", "/blog/coming-back-to-running-after-a-break"),
    State("post: with contents", POST),
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
        status=503,
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
        status=503,
    ),
    State("manage: booked", "/a/{booked}?note=booked"),
    State("manage: moved", "/a/{booked}?note=moved"),
    State("manage: too late", "/a/{booked}", site="full"),
    State("manage: requested", "/a/{requested}"),
    State("manage: offered", "/a/{offered}"),
    State("manage: cancelled", "/a/{cancelled}"),
    State("manage: cancelled by staff", "/a/{withdrawn}"),
    State("manage: past", "/a/{past}"),
    State("manage: move", "/a/{booked}/move"),
    State("manage: cancel", "/a/{booked}/cancel"),
    State("manage: unknown link", "/a/nothing", status=404),
    State("privacy", "/privacy"),
    State("error: bad request", "/", (shown("errors/400.html", 400),), status=400),
    State("error: from elsewhere", "/", (post_from_elsewhere("/contact"),), status=403),
    State("error: not found", "/nothing", status=404),
    State("error: wrong method", "/", (post_from_elsewhere("/privacy"),), status=405),
    State("error: too large", "/contact", (write_too_much, press("Send message")), status=413),
    State("error: too often", "/", (shown("errors/429.html", 429),), status=429),
    State("error: ours", "/blog/feed.atom", site="full", status=500),
)
STAFF = (
    State("staff: signing in", "/staff/sign-in"),
    State("staff: health", "/staff/health", role="owner"),
)
STATES = PUBLIC + STAFF
