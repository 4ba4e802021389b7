"""Someone writes to the clinic."""

import email
import email.policy
import re

from playwright.sync_api import expect

from tests.browser import PATIENCE
from tests.server import wait_for

from .conftest import mails_in


def test_a_visitor_writes_and_both_sides_get_a_mail(page, site):
    already = len(mails_in(site.instance))
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Contact").click()
    page.get_by_label("Full name").fill("Robin Sample")
    page.get_by_label("Email address").fill("robin@example.org")
    page.get_by_label("What is it about?").select_option("Something else")
    page.get_by_label("Message").fill("Do you have parking?\nFor a van.")
    page.get_by_role("button", name="Send message").click()

    page.get_by_role("heading", name="Thank you! Your submission has been received!").wait_for()
    reference = re.search(r"\d{3}-\d{3}-\d{3}", page.inner_text("main"))[0]
    paths = wait_for(lambda: (now := mails_in(site.instance))[already + 1 :] and now[already:], "two mails")
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
    by_recipient = {mail["To"].addresses[0].addr_spec: mail for mail in mails}
    assert set(by_recipient) == {"hello@clinic.example", "robin@example.org"}
    assert by_recipient["hello@clinic.example"]["Reply-To"].addresses[0].addr_spec == "robin@example.org"
    for mail in mails:
        assert reference in mail.get_body("plain").get_content()

    page.reload()
    assert reference in page.inner_text("main")
    page.go_back()
    page.go_forward()
    assert len(mails_in(site.instance)) == already + 2


def test_mistakes_are_named_on_top_and_beside_their_fields(page, site):
    page.goto("/contact")
    page.get_by_label("Full name").fill("Robin Sample")
    page.get_by_label("Message").fill("Do you have parking?")
    page.get_by_role("button", name="Send message").click()
    alert = page.get_by_role("alert")
    alert.get_by_role("link", name="Enter an email address or a phone number").click()
    assert page.evaluate("document.activeElement.id") == "email"
    assert page.get_by_label("Message").input_value() == "Do you have parking?"
    assert page.title().startswith("Error: ")


def complains_of(page, *mistakes: str) -> None:
    """What stands beside the fields, once the form is back; the list on top says the same, in the same order."""
    expect(page.locator(".field .error")).to_have_text([f"Error: {each}" for each in mistakes], timeout=PATIENCE)
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text(mistakes)


def test_a_form_with_every_mistake_in_it_is_mended_mistake_by_mistake(page, site):
    already = len(mails_in(site.instance))
    page.goto("/contact")
    send = page.get_by_role("button", name="Send message")
    send.click()
    complains_of(
        page,
        "Enter your full name",
        "Enter an email address or a phone number, so we can reach you",
        "Enter your message",
    )

    page.get_by_label("Full name").fill("Robin Sample")
    page.get_by_label("Email address").fill("robin at example.org")
    page.get_by_label("Phone number").fill("call me")
    page.get_by_label("Message").fill("   ")
    send.click()
    complains_of(
        page,
        "Enter an email address in the correct format, like name@example.com",
        "Enter a phone number, like (02)\xa05550\xa00142, or with the country code, like +61\xa02\xa05550\xa00142",
        "Enter your message",
    )
    assert page.get_by_label("Phone number").input_value() == "call me"
    assert page.get_by_label("Full name").get_attribute("aria-invalid") == "false"

    page.get_by_role("alert").get_by_role("link").first.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("robin@example.org")
    page.get_by_label("Phone number").fill("")
    send.click()
    complains_of(page, "Enter your message")

    page.get_by_role("alert").get_by_role("link").click()
    page.keyboard.type("Do you have parking?")
    send.click()
    page.get_by_role("heading", name="Thank you! Your submission has been received!").wait_for()
    wait_for(lambda: len(mails_in(site.instance)) == already + 2, "two mails")
