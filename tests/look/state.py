"""A page in a state: where it is and what is done there; and the steps that states are made of."""

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
    moves: str = ""  # why something moves when it has just come
    role: str = ""  # of the member of staff who looks at it, or a name in the site's `members`; a visitor has none
    comes_back: int = 0  # bytes that were typed, and that the page gives back

    def open(self, page: Page, site: Site) -> None:
        page.goto(self.path.format_map(site.facts))
        for step in self.steps:
            step(page, site)


def press(button: str, /, **fields: str) -> Step:
    """Fill the fields in by their names, then press the button whose words begin so; folded parts are opened."""

    def step(page: Page, _site: Site) -> None:
        unfold(page, _site)
        for field, value in fields.items():
            page.locator(f"[name={field}]:visible").first.fill(value)
        with page.expect_navigation():
            page.locator("main").get_by_role("button", name=button).first.click()

    return step


def unfold(page: Page, _site: Site) -> None:
    """Open all parts of the page that are folded."""
    page.evaluate("document.querySelectorAll('main details').forEach(part => part.open = true)")


def choose(**options: str) -> Step:
    """Choose in lists and among radio buttons, by the values."""

    def step(page: Page, _site: Site) -> None:
        for name, value in options.items():
            if page.locator(f"select[name={name}]").count():
                page.locator(f"select[name={name}]").select_option(value)
            else:
                page.locator(f"[name={name}][value='{value}']").check()

    return step


def untick(name: str) -> Step:
    """Take the ticks off all boxes of this name."""

    def step(page: Page, _site: Site) -> None:
        for box in page.locator(f"[name={name}]:checked").all():
            box.uncheck()

    return step


def write(length: int) -> Step:
    """Write so many letters into the first text, as a browser may that knows no limits of fields."""

    def step(page: Page, _site: Site) -> None:
        unfold(page, _site)
        field = page.locator("main textarea:visible").first
        field.evaluate("(field, n) => { field.maxLength = n; field.value = 'x'.repeat(n); }", length)

    return step


def attach(content: bytes | str, file_name: str = "voices.csv") -> Step:
    """Choose a file with this content."""

    def step(page: Page, _site: Site) -> None:
        data = content.encode() if isinstance(content, str) else content
        file = {"name": file_name, "mimeType": "application/octet-stream", "buffer": data}
        page.locator("main input[type=file]").first.set_input_files(file)

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
                site.url + path,
            )

    return step


def with_database_broken(step: Step) -> Step:
    def broken(page: Page, site: Site) -> None:
        with site.without_table("rate_limit_counts"):
            step(page, site)

    return broken


def shown(template: str, status: int = 200, **context) -> Step:
    """A page that no ordinary request leads to; what is callable in the context is called first."""

    def step(page: Page, site: Site) -> None:
        with site.app.test_request_context("/", base_url=site.url):
            given = {name: value() if callable(value) else value for name, value in context.items()}
            html = site.app.jinja_env.get_template(template).render(clinic=site.app.config["CLINIC"], **given)
        page.route("**/never", lambda route: route.fulfill(status=status, body=html, content_type="text/html"))
        page.goto("/never")

    return step
