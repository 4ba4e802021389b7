"""Staff's day, from the invitation to the mail that failed, in a real browser with a real mail server."""

import csv
import io
import time
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from passlib.totp import TOTP
from PIL import Image

from tests.browser import PATIENCE, new_context
from tests.mail.servers import MailServer
from tests.server import Server

PASSWORD = "four words in a row"
TITLE = "10 best warm-ups before a run"
BODY = "Begin slowly.\n\nThese nine warm-ups need no kit.\n\n## Walk\n\nFive minutes.\n"
COLUMNS = ("Name", "Slug", "Collection ID", "Item ID", "Created On", "Updated On", "Published On", "Testimonial")
DAY = "Mon Nov 03 2025 00:00:00 GMT+0000 (Coordinated Universal Time)"
VOICES = (
    ("Alex Placeholder", "The desk was kind and there is room for a bicycle."),
    ("Lee Invented", "After two sessions my sore elbow was cured."),
)


@pytest.fixture(params=["with script", "without script"])
def office(request, browser, tmp_path):
    """A site with a mail server of its own, and a browser: `site`, `mail`, `page`."""
    with (
        MailServer() as mail,
        Server(
            tmp_path / "site",
            rate_limits="off",
            mail_server="127.0.0.1",
            mail_port=mail.port,
            mail_security="none",
            undo_seconds=0,
        ) as site,
    ):
        has_script = request.param == "with script"
        context = new_context(browser, base_url=site.url, java_script_enabled=has_script)
        page = context.new_page()
        strangers, messages = [], []
        page.on("request", lambda sent: None if sent.url.startswith(site.url) else strangers.append(sent.url))
        page.on("console", lambda message: messages.append(message.text))
        page.set_default_timeout(PATIENCE)
        yield SimpleNamespace(site=site, mail=mail, page=page)
        context.close()
        assert strangers == []
        assert messages == []


def test_staffs_day(office, tmp_path):
    join_with_a_second_factor(office)
    answer_an_enquiry(office)
    make_an_appointment_of_it(office)
    publish_a_post_with_a_picture(office, tmp_path)
    bring_testimonials_in_and_decide(office, tmp_path)
    send_a_failed_mail_again(office)


def join_with_a_second_factor(office) -> None:
    page = office.page
    link = office.site.flask("staff", "invite", "kit@clinic.example", "--role", "owner").stdout.strip()
    page.goto(urlsplit(link).path)
    page.get_by_label("Your name").fill("Kit Example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.get_by_text("Welcome to the staff area").wait_for()

    page.goto("/staff/account")
    page.get_by_role("link", name="Codes from an app").click()
    page.get_by_role("button", name="Show the QR code").click()
    key = page.locator(".secret-key code").inner_text()
    page.get_by_label("Code from your app").fill(TOTP(key=key).generate().token)
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("button", name="Sign out").click()

    page.get_by_label("Email address").fill("kit@clinic.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code from your app").fill(TOTP(key=key).generate(time=time.time() + 30).token)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Queue").wait_for()


def answer_an_enquiry(office) -> None:
    page = office.page
    page.goto("/contact")
    page.get_by_label("Full name").fill("Jo Fictional")
    page.get_by_label("Email address").fill("jo@example.org")
    page.get_by_label("Message").fill("Could I come on a Thursday?")
    page.get_by_role("button", name="Send message").click()
    page.get_by_role("heading", name="Thank you!").wait_for()

    page.goto("/staff")
    page.locator(".row", has_text="Jo Fictional").get_by_role("link", name="Answer").click()
    page.get_by_text("Could I come on a Thursday?").wait_for()
    page.get_by_label("Your reply").fill("Yes, we are here until eight.")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator(".thread").get_by_text("Yes, we are here until eight.").wait_for()
    office.mail.wait_until(
        lambda: ("jo@example.org", True) in [(to, "until eight" in text(m)) for to, m in office.mail.taken]
    )


def make_an_appointment_of_it(office) -> None:
    page = office.page
    page.get_by_role("link", name="Book an appointment").click()
    assert page.get_by_label("Full name").input_value() == "Jo Fictional"
    assert page.get_by_label("Email address").input_value() == "jo@example.org"
    page.locator(".slot:visible").last.click()
    page.get_by_role("button", name="Book the appointment").click()
    page.locator(".thread .event").filter(has_text="Appointment booked").get_by_role("link").click()
    page.locator("main").get_by_role("link", name="Enquiry").click()
    page.get_by_text("Could I come on a Thursday?").first.wait_for()


def publish_a_post_with_a_picture(office, folder) -> None:
    page = office.page
    Image.new("RGB", (900, 600), "#0f4f4c").save(folder / "track.jpg")
    page.goto("/staff/posts/new")
    page.get_by_label("Title", exact=True).fill(TITLE)
    page.locator("#body").fill(BODY)
    page.get_by_label("Author").fill("Kit Example")
    page.get_by_text("Add a picture").click()
    page.locator("#picture").set_input_files(folder / "track.jpg")
    page.locator("#picture_alt").fill("A running track")
    page.get_by_role("button", name="Put it into the text").click()
    page.locator("[data-live] img, .live img").first.wait_for()
    page.get_by_role("button", name="Publish now").click()

    advice = page.get_by_role("alert").filter(has_text="Before it goes out")
    assert "10" in advice.inner_text()
    assert "nine" in advice.inner_text()
    advice.get_by_role("button", name="Publish anyway").click()
    page.get_by_role("link", name="See it on the site").click()
    page.get_by_role("heading", name=TITLE).wait_for()
    page.get_by_role("img", name="A running track").wait_for()


def bring_testimonials_in_and_decide(office, folder) -> None:
    page = office.page
    (folder / "voices.csv").write_text(webflow_file(), encoding="utf-8")
    page.goto("/staff/testimonials")
    page.get_by_role("link", name="Import", exact=True).click()
    page.locator("input[type=file]").set_input_files(folder / "voices.csv")
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Bring in 2 testimonials").click()

    page.goto("/staff")
    page.locator(".row", has_text="Lee Invented").get_by_role("link", name="Decide").click()
    page.locator(".voice-words mark", has_text="cured").first.wait_for()
    page.get_by_role("button", name="Hide").click()
    page.goto("/testimonials")
    page.get_by_text("room for a bicycle").wait_for()
    assert not page.get_by_text("sore elbow").count()


def send_a_failed_mail_again(office) -> None:
    page = office.page
    office.mail.replies["RCPT", "max@example.org"] = ["550 5.1.1 No such person here"]
    page.goto("/contact")
    page.get_by_label("Full name").fill("Max Madeup")
    page.get_by_label("Email address").fill("max@example.org")
    page.get_by_label("Message").fill("Do you have parking?")
    page.get_by_role("button", name="Send message").click()
    page.get_by_role("heading", name="Thank you!").wait_for()

    page.goto("/staff/mail?state=failed")
    while not page.get_by_text("No such person here").count():
        page.reload()
    page.get_by_text("No such person here").first.wait_for()
    page.locator(".rows a").first.click()
    page.get_by_role("button", name="Try again").click()
    office.mail.wait_until(lambda: "max@example.org" in office.mail.addresses)


def text(mail) -> str:
    return mail.get_body("plain").get_content()


def webflow_file() -> str:
    """A collection as Webflow exports it, of invented words."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for number, (name, words) in enumerate(VOICES):
        rows.writerow([name, name.lower().replace(" ", "-"), "c", f"item{number}", DAY, DAY, DAY, words])
    return out.getvalue()
