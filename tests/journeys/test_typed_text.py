"""What staff have typed into one form of a page, with script, when they press a button of another."""

from types import SimpleNamespace

import pytest
from PIL import Image

from clinic_app import clock, create_app, database
from clinic_app.accounts.models import Member
from clinic_app.booking import appointments, profiles
from clinic_app.enquiries import references
from clinic_app.extensions import db
from tests.booking.conftest import ALEX
from tests.factories import enquire
from tests.look.sites import soonest
from tests.server import served_here
from tests.staff.conftest import PASSWORD, PASSWORD_HASH

from .conftest import visiting

SETTINGS = {"CLINIC_RATE_LIMITS": "off", "CLINIC_MAIL_WORKER": "separate", "CLINIC_PUBLIC_URL": "http://127.0.0.1"}
REPLY = "Yes, behind the house.\n\nCome in by the side gate."


@pytest.fixture
def clinic(tmp_path):
    """An enquiry, and Robin, with whom somebody has booked."""
    app = create_app(instance=tmp_path, environ=SETTINGS)
    app.test_cli_runner().invoke(args=["setup", "--starter"], catch_exceptions=False)
    with app.app_context(), database.transaction():
        columns = {"role_names": ["owner"], "password": PASSWORD_HASH}
        db.session.add(Member(name="Casey Invented", email="casey@clinic.example", **columns))
        robin, visit = profiles.practitioner("robin-sample"), profiles.service("follow-up")
        app.facts = SimpleNamespace(enquiry=f"/staff/enquiries/{references.shown(enquire().reference)}")
        app.facts.robin = f"/staff/practitioners/{robin.id}"
        starts_at = soonest(visit, robin).starts_at
        appointments.book(service=visit, practitioner=robin, starts_at=starts_at, patient=ALEX)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def desk(browser, clinic):
    """A browser in which the owner is signed in."""
    with served_here(clinic) as url, visiting(browser, SimpleNamespace(url=url)) as page:
        sign_in(page)
        yield page


def sign_in(page) -> None:
    page.goto("/staff")
    page.get_by_label("Email address").fill("casey@clinic.example")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    page.get_by_role("heading", name="Queue").wait_for()


def press(page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def kept(page) -> list[str]:
    return page.evaluate("Object.keys(sessionStorage)")


def follow(page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=name, exact=True).click()


def typed(page) -> tuple[str, str]:
    return page.locator("#reply").input_value(), page.locator("#note").input_value()


def test_a_reply_and_a_note_outlive_the_other_buttons_of_their_enquiry(desk, clinic):
    desk.goto(clinic.facts.enquiry)
    desk.locator("#reply").fill(REPLY)
    desk.locator("#note").fill("Rang twice.")
    for button in ("I’ll look after it", "Close", "Open again", "This is spam", "Undo"):
        press(desk, button)
        if button != "This is spam":  # which nobody replies to
            assert typed(desk) == (REPLY, "Rang twice."), button
            assert kept(desk) == [], "it is on the page again, and nowhere else"
    press(desk, "Send")
    assert typed(desk) == ("", "Rang twice.")
    press(desk, "Save note")
    assert typed(desk) == ("", "")
    assert REPLY.split()[-1] in desk.locator(".thread").inner_text()


def test_a_reply_outlives_the_correction_of_its_address_and_a_booking(desk, clinic):
    desk.goto(clinic.facts.enquiry)
    desk.locator("#reply").fill(REPLY)
    follow(desk, "Correct details")
    desk.get_by_label("Email address").fill("no address")
    press(desk, "Save the details")  # which comes back with what is wrong
    desk.get_by_label("Email address").fill("other@example.org")
    press(desk, "Save the details")
    assert typed(desk) == (REPLY, "") and kept(desk) == []
    follow(desk, "Book an appointment")
    press(desk, "Show free times")
    desk.goto(clinic.facts.enquiry)
    assert typed(desk) == (REPLY, "")
    follow(desk, "Correct details")
    desk.goto("/staff")
    assert kept(desk) == []


def test_what_came_back_from_the_server_outlives_them_too(desk, clinic):
    desk.goto(clinic.facts.enquiry)
    desk.locator("#reply").fill(REPLY)
    press(desk, "Save note")
    desk.get_by_role("alert").get_by_text("Enter your note").wait_for()
    assert typed(desk) == (REPLY, "")
    desk.locator("#reply").evaluate("field => { field.maxLength = 20_000; field.value = 'x'.repeat(10_001); }")
    press(desk, "Send")
    desk.get_by_role("alert").get_by_text("Shorten your reply").wait_for()
    press(desk, "Close")
    assert typed(desk) == ("x" * 10_001, "")


def set_last_day(page, day: str) -> None:
    page.get_by_text("Set a last day").click()
    page.locator("[name=last_day]").fill(day)


def test_what_is_typed_about_a_practitioner_outlives_a_question_about_their_last_day(desk, clinic):
    desk.goto(clinic.facts.robin)
    desk.locator("#bio").fill("Likes hills.")
    with clinic.app_context():
        set_last_day(desk, clock.today().isoformat())
    press(desk, "Save the last day")
    desk.get_by_role("heading", level=1, name="outside hours").wait_for()
    press(desk, "Save the last day anyway")
    assert desk.locator("#bio").input_value() == "Likes hills."
    assert "Saved their last day." in desk.locator("main").inner_text()


def test_what_somebody_else_has_saved_meanwhile_is_told_of_what_was_put_back(desk, clinic):
    desk.goto(clinic.facts.robin)
    desk.locator("#role").fill("Podiatrist")
    with clinic.app_context(), database.transaction():
        profiles.practitioner("robin-sample").role = "Osteopath"
    set_last_day(desk, "2099-12-31")
    press(desk, "Save the last day")
    assert desk.locator("#role").input_value() == "Podiatrist"
    press(desk, "Save")
    told = desk.get_by_role("alert").inner_text()
    assert "Someone else has changed this meanwhile" in told and "Osteopath" in told


@pytest.fixture
def hills(desk, tmp_path):
    """The library, with two pictures of hills."""
    desk.goto("/staff/posts/pictures")
    for colour in ("green", "grey"):
        upload(desk, colour, f"A {colour} hill", tmp_path)
    return desk


def upload(page, colour: str, alt: str, folder) -> None:
    Image.new("RGB", (60, 40), colour).save(folder / f"{colour}.png")
    page.locator("#picture").set_input_files(folder / f"{colour}.png")
    page.locator("#picture_alt").fill(alt)
    press(page, "Upload")


def picture(page, alt: str):
    return page.locator(f".picture:has(img[alt='{alt}'])")


def describe(page, alt: str, anew: str) -> None:
    picture(page, alt).locator("summary").click()
    picture(page, alt).locator("[name=alt]").fill(anew)


def described(page) -> dict[str, str]:
    """What each picture shows, and what stands in its form."""
    shown = page.locator(".picture").all()
    return {one.locator("img").get_attribute("alt"): one.locator("[name=alt]").input_value() for one in shown}


def test_what_is_typed_of_a_picture_is_not_put_to_one_that_came_meanwhile(hills, tmp_path):
    hills.goto("/staff/posts/pictures?q=hill")
    describe(hills, "A green hill", "A hill in May")
    upload(hills, "blue", "A lake", tmp_path)
    assert described(hills) == {
        "A lake": "A lake",
        "A grey hill": "A grey hill",
        "A green hill": "A hill in May",
    }, "and outlives the end of a search"


def test_saving_what_a_picture_shows_leads_back_to_what_was_searched_for(hills, tmp_path):
    upload(hills, "blue", "A lake", tmp_path)
    hills.goto("/staff/posts/pictures?q=hill")
    describe(hills, "A green hill", "A hill in May")
    describe(hills, "A grey hill", "A hill in fog")
    with hills.expect_navigation():
        picture(hills, "A green hill").get_by_role("button", name="Save").click()
    assert hills.url.endswith("/staff/posts/pictures?q=hill")
    assert described(hills) == {"A grey hill": "A hill in fog", "A hill in May": "A hill in May"}
    hills.goto("/staff/posts/pictures")
    assert described(hills)["A lake"] == "A lake"


def test_signing_out_asks_first_and_leaves_nothing_behind(desk, clinic):
    desk.goto(clinic.facts.enquiry)
    desk.locator("#reply").press_sequentially("Yes")
    asked = []
    desk.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    desk.get_by_role("button", name="Sign out").click()
    desk.wait_for_timeout(300)
    assert asked == ["beforeunload"] and typed(desk)[0] == "Yes"
    desk.once("dialog", lambda dialog: dialog.accept())
    press(desk, "Sign out")
    desk.get_by_role("heading", name="Sign in").wait_for()
    sign_in(desk)
    desk.goto(clinic.facts.enquiry)
    assert (typed(desk), kept(desk)) == (("", ""), [])


def test_what_no_page_takes_back_is_forgotten_with_the_next_one(desk, clinic):
    desk.goto(clinic.facts.enquiry)
    desk.locator("#reply").fill(REPLY)
    press(desk, "This is spam")
    assert kept(desk) == ["typed"], "it may be taken back"
    desk.goto("/staff/enquiries")
    assert kept(desk) == []
