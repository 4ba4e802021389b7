"""Someone books, moves and cancels an appointment, and gets the mails and calendar files that belong to it."""

import email
import email.policy
import re
from urllib.parse import urlsplit

import icalendar
import pytest

from tests.server import wait_for

from .conftest import mails_in


class Mailbox:
    """The mails to one address, as the site without a mail server has written them."""

    def __init__(self, site, address: str):
        self.site = site
        self.address = address

    def mails(self) -> list:
        files = mails_in(self.site.instance)
        read = (email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files)
        return [mail for mail in read if mail["To"].addresses[0].addr_spec == self.address]

    def wait_for(self, number: int):
        """The mail of this number, the first being 1, once it has come."""
        return wait_for(lambda: self.mails()[number - 1 :], f"mail {number}", self.site.output)[0]


def event_in(mail) -> tuple[str, icalendar.Event]:
    """The method and the event of the mail's calendar part."""
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    calendar = icalendar.Calendar.from_ical(part.get_content())
    assert part.get_param("method") == calendar["METHOD"]
    (event,) = calendar.walk("VEVENT")
    return calendar["METHOD"], event


def told_on(page) -> str:
    """The time that the page tells: `Wednesday 25 November 2026, 10:00 am AEDT`."""
    return " ".join(page.locator(".slip-when time").inner_text().split())


def slot_on(page) -> tuple[str, str]:
    """The time that the page tells, and with whom."""
    return told_on(page), page.locator(".slip dd").nth(2).inner_text()


def link_in(mail) -> str:
    """The path of the link to manage the appointment."""
    text = mail.get_body("plain").get_content()
    return urlsplit(re.search(r"https?://\S+/a/\S+", text)[0]).path


@pytest.fixture
def mailbox(site, request):
    return Mailbox(site, f"alex-{abs(hash(request.node.name))}@example.org")


def open_form(page, *, service="Follow-up", person="Robin Sample"):
    """From the home page to the form for a time at least a week ahead."""
    page.goto("/")
    page.get_by_role("banner").get_by_role("link", name="Book now").click()
    page.get_by_role("heading", name=service).get_by_role("link").click()
    page.get_by_role("link", name=person).click()
    page.get_by_role("link", name="Later times").click()
    page.locator("details[open] .slot").first.click()


def fill_in(page, address: str):
    page.get_by_label("Full name").fill("Alex Placeholder")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Yes").check()


def test_a_visitor_books_moves_and_cancels(page, site, mailbox):
    open_form(page)
    assert page.locator(".chosen").inner_text().count("Follow-up") == 1
    fill_in(page, mailbox.address)
    page.get_by_role("button", name="Book ").click()

    page.get_by_role("heading", name="Your appointment is booked").wait_for()
    booked_for = told_on(page)
    with page.expect_download() as saving:
        page.get_by_role("link", name="Add to your calendar").click()
    (saved,) = icalendar.Calendar.from_ical(saving.value.path().read_bytes()).walk("VEVENT")
    mail = mailbox.wait_for(1)
    method, booked = event_in(mail)
    assert booked_for in mail.get_body("plain").get_content()
    assert (method, booked["UID"], booked.start, booked["SEQUENCE"]) == ("REQUEST", saved["UID"], saved.start, 0)

    page.goto(link_in(mail))
    page.get_by_role("link", name="Move it").click()
    page.locator("details:not([open]) summary").first.click()
    page.locator("details[open] .slot").last.click()
    page.get_by_text("It’s now on").wait_for()
    assert told_on(page) != booked_for
    mail = mailbox.wait_for(2)
    method, moved = event_in(mail)
    assert told_on(page) in mail.get_body("plain").get_content()
    assert (method, moved["UID"], moved["SEQUENCE"]) == ("REQUEST", booked["UID"], 1)
    assert moved.start != booked.start

    page.get_by_role("link", name="Cancel it").click()
    page.get_by_label("Would you like to tell us why?").fill("I am away.")
    page.get_by_role("button", name="Cancel the appointment").click()
    page.get_by_role("heading", name="This appointment is cancelled").wait_for()
    mail = mailbox.wait_for(3)
    method, cancelled = event_in(mail)
    assert (method, cancelled["UID"], cancelled["SEQUENCE"]) == ("CANCEL", booked["UID"], 2)
    assert link_in(mail) == urlsplit(page.url).path
    page.get_by_role("link", name="Book a new time").wait_for()
    assert len(mailbox.mails()) == 3


def test_when_the_time_has_just_gone_another_is_one_press_away(page, site, mailbox):
    open_form(page)
    fill_in(page, mailbox.address)
    page.get_by_label("A note for us").fill("Is there a rack for bikes?")
    other = page.context.new_page()
    other.goto(page.url)
    fill_in(other, f"x{mailbox.address}")
    other.get_by_role("button", name="Book ").click()
    other.get_by_role("heading", name="Your appointment is booked").wait_for()

    page.get_by_role("button", name="Book ").click()
    alert = page.get_by_role("alert")
    assert "Someone has just taken" in alert.inner_text()
    assert page.get_by_label("A note for us").input_value() == "Is there a rack for bikes?"
    page.get_by_label("Full name").press("Enter")  # chooses nothing
    assert page.get_by_role("alert").is_visible()
    alert.get_by_role("button").first.click()
    page.get_by_role("heading", name="Your appointment is booked").wait_for()
    assert slot_on(page) != slot_on(other)  # the same time with somebody else is another
    assert mailbox.wait_for(1)


def test_the_next_times_on_the_home_page_lead_to_the_form(page, site):
    page.goto("/")
    time = page.locator(".next-list a").first
    wanted = time.locator("time").get_attribute("datetime")
    time.click()
    page.get_by_role("heading", name="Your details").wait_for()
    assert page.locator(".chosen-when time").get_attribute("datetime") == wanted
