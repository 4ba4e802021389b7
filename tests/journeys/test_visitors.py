"""People who come by other roads than a mouse on a large screen."""

import re

from playwright.sync_api import Page

from tests.server import wait_for

from .test_booking import Mailbox, link_in, told_on

MOST_STOPS = 200  # of the Tab key, on any one page
DAY = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
WORDS_IN_FOCUS = """() => {
    const element = document.activeElement;
    return [element.labels?.[0], element].filter(Boolean).map((each) => each.textContent).join(" ");
}"""


def test_a_visitor_finds_a_post_by_search_and_books_from_it(page, site):
    page.goto("/")
    page.get_by_role("link", name="Read all posts").click()
    page.get_by_role("searchbox", name="Search the blog").fill("neck")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("heading", name="for “neck”").wait_for()

    page.get_by_role("link", name="Ten areas of the spine every runner should know").click()
    assert "neck" in page.get_by_role("article").first.inner_text()
    page.get_by_role("link", name="Book now!").click()
    page.get_by_role("link", name="First visit").click()
    page.get_by_role("link", name="Anyone").click()
    page.get_by_role("link", name="Later times").click()
    page.locator("details[open] .slot").first.click()
    assert page.get_by_label("No, ").is_checked()  # a first visit is for people who are new
    page.get_by_label("Full name").fill("Jo Fictional")
    page.get_by_label("Phone number").fill("0491 570 158")
    page.get_by_role("button", name="Book ").click()
    page.get_by_role("heading", name="Your appointment is booked").wait_for()
    assert "Keep the address of this page" in page.inner_text("main")


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what says these words has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if re.search(words, " ".join(page.evaluate(WORDS_IN_FOCUS).split())):
            return
    raise AssertionError(f"Tab never came to {words!r} on {page.url}")


def go_by_key(page: Page, words: str, key: str = "Enter") -> None:
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press(key)


def test_someone_books_and_cancels_by_keyboard_alone(page, site):
    page.goto("/")
    page.keyboard.press("Tab")
    assert "Skip to the main content" in page.evaluate(WORDS_IN_FOCUS)
    page.keyboard.press("Enter")
    go_by_key(page, "^Book now$")
    go_by_key(page, "^Follow-up$")
    go_by_key(page, "^Kit Example$")
    go_by_key(page, "^Later times")
    tab_to(page, f"^{DAY} .* times?")
    page.keyboard.press("Enter")  # folds the day
    page.keyboard.press("Enter")  # and unfolds it
    go_by_key(page, r"^\d+:\d\d [ap]m, ")

    go_by_key(page, f"^Book {DAY}")
    assert "There is a problem" in page.evaluate(WORDS_IN_FOCUS)
    tab_to(page, "^Enter your full name$")
    page.keyboard.press("Enter")
    page.keyboard.type("Lee Invented")
    tab_to(page, "^Email address")
    page.keyboard.type(f"lee-{site.port}@example.org")
    tab_to(page, "^(Yes|No)")
    page.keyboard.press("Space")
    go_by_key(page, f"^Book {DAY}")
    page.get_by_role("heading", name="Your appointment is booked").wait_for()

    go_by_key(page, "^Cancel it$")
    tab_to(page, "^Would you like to tell us why")
    page.keyboard.type("I am away.")
    go_by_key(page, "^Cancel the appointment$")
    page.get_by_role("heading", name="This appointment is cancelled").wait_for()


def test_someone_on_a_phone_moves_their_appointment(phone, site, request):
    mailbox = Mailbox(site, f"max-{abs(hash(request.node.name))}@example.org")
    phone.goto("/book/follow-up/robin-sample")
    phone.get_by_role("link", name="Later times").tap()
    phone.locator("details[open] .slot").first.tap()
    phone.get_by_role("button", name="Book ").tap()
    phone.get_by_role("link", name="Choose whether").tap()
    phone.wait_for_function("document.activeElement.id === 'visits'")
    question, above = (phone.locator(part).bounding_box() for part in ("legend", ".chosen"))
    assert question["y"] >= above["y"] + above["height"], "what stays on top covers the question"
    phone.get_by_label("Full name").fill("Max Madeup")
    phone.get_by_label("Email address").fill(mailbox.address)
    phone.get_by_label("Yes").tap()
    phone.get_by_role("button", name="Book ").tap()
    phone.get_by_role("heading", name="Your appointment is booked").wait_for()
    before = told_on(phone)

    phone.goto(link_in(mailbox.wait_for(1)))
    phone.get_by_role("link", name="Move it").tap()
    phone.locator(".week details:not([open]) summary").last.tap()
    time = phone.locator(".week details[open] .slot").last
    box = time.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    time.tap()
    phone.get_by_text("It’s now on").wait_for()
    assert told_on(phone) != before
    assert told_on(phone) in mailbox.wait_for(2).get_body("plain").get_content()
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    wait_for(lambda: len(mailbox.mails()) == 2, "both mails")
