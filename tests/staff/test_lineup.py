"""Staff keep services and practitioners."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from clinic_app import clock, database
from clinic_app.accounts.models import AuditEntry
from clinic_app.booking import appointments, lineup, profiles
from clinic_app.booking.models import Practitioner, Service
from clinic_app.extensions import db
from clinic_app.pictures import media
from tests.queries import count
from tests.reading import page_of, parsed, trail

from ..booking.conftest import ALEX
from .conftest import is_told_gone

SERVICES, PEOPLE = "/staff/services", "/staff/practitioners"
VISIT = {
    "name": "Follow-up",
    "minutes": "30",
    "price_cents": "85.50",
    "description": "For *you*.",
    "confirm": "staff",
    "gap_minutes": "",
    "notice_minutes": "60",
    "horizon_days": "",
    "cutoff_hours": "0",
}


@pytest.fixture
def owner(staff):
    return staff("owner")


@pytest.fixture
def robin(app):
    with database.transaction():
        return lineup.add_practitioner("Robin Sample").id


@pytest.fixture
def visit(robin):
    with database.transaction():
        return lineup.add_service("Follow-up", minutes=30, price_cents=8500).id


def get(model, number):
    db.session.rollback()
    return db.session.get(model, number)


def send(client, path, follow=True, **data):
    answer = client.post(path, data=data)
    return client.get(answer.location) if follow and answer.status_code == 303 else answer


def book(visit: int, robin: int, days: int):
    """An appointment of Alex with Robin, so many days from now."""
    with database.transaction():
        made = appointments.book(
            service=db.session.get(Service, visit),
            practitioner=db.session.get(Practitioner, robin),
            starts_at=clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days),
            patient=ALEX,
            by="staff",
            override="A favour",
        )
        return made.id


# Services


def test_a_service_is_added_with_an_address_and_its_own_rules(owner, robin):
    with database.transaction():
        kit = lineup.add_practitioner("Kit Example").id
    assert "can be booked now" in send(owner, f"{SERVICES}/new", **VISIT, offered_by=[robin]).text
    db.session.rollback()
    service = profiles.service("follow-up")
    assert (service.minutes, service.price_cents, service.confirm) == (30, 8550, "staff")
    assert service.description_html == "<p>For <em>you</em>.</p>\n"
    assert (service.gap_minutes, service.notice_minutes, service.cutoff_hours) == (None, 60, 0)
    assert [person.id for person in service.practitioners] == [robin] != [kit]
    assert trail() == [("added", "service", service.id)]


def test_a_service_is_changed_and_its_address_stays(owner, visit, robin):
    changed = VISIT | {"name": "Follow-up visit", "first_visit": "y"}
    assert "Saved." in send(owner, f"{SERVICES}/{visit}", **changed).text
    service = get(Service, visit)
    assert (service.slug, service.name, service.first_visit) == ("follow-up", "Follow-up visit", True)
    assert service.practitioners == []
    page = page_of(owner, f"{SERVICES}/{visit}")
    assert page.select_one("#price_cents")["value"] == "85.50"
    assert page.select_one("#notice_minutes")["value"] == "60"
    assert "Nobody offers it" in owner.get(SERVICES).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Enter the name"),
        ({"name": "x" * 101}, "Shorten the name"),
        ({"minutes": "3"}, "as a whole number from 5 to 720"),
        ({"price_cents": "a lot"}, "as a number, like 95.00"),
        ({"description": "x" * 20_001}, "Shorten the description"),
        ({"confirm": "maybe"}, "Not a valid choice"),
        ({"gap_minutes": "241"}, "from 0 to 240"),
        ({"offered_by": "999"}, "999"),
        ({"offered_by": "x"}, "Invalid"),
    ],
)
def test_a_service_that_cannot_be_saved_comes_back_with_all_that_was_typed(owner, visit, wrong, said):
    typed = VISIT | {"name": "Another", "description": "Kept as typed", "cutoff_hours": "5"} | wrong
    for path in (f"{SERVICES}/{visit}", f"{SERVICES}/new"):
        answer = owner.post(path, data=typed)
        page = parsed(answer.text)
        assert answer.status_code == 200 and "<title>Error: " in answer.text
        assert said in page.select_one(".notice-wrong").text
        for name in ("name", "minutes", "price_cents", "gap_minutes", "cutoff_hours"):
            assert page.select_one(f"#{name}")["value"] == typed[name]
        assert page.select_one("textarea").text.strip() == typed["description"]
    assert get(Service, visit).name == "Follow-up"
    assert trail() == []


def test_services_are_moved_retired_and_brought_back(owner, visit):
    with database.transaction():
        check = lineup.add_service("Running check", minutes=60, price_cents=0).id
    answer = owner.post(f"{SERVICES}/{check}/move", data={"to": "up"})
    assert (answer.status_code, answer.location) == (303, f"{SERVICES}#s{check}")
    assert [link.text for link in page_of(owner, SERVICES).select(".row-main a")] == [
        "Running check",
        "Follow-up",
    ]
    page = send(owner, f"{SERVICES}/{check}/retire")
    assert "Retired. It cannot be booked any more" in page.text
    assert get(Service, check).retired
    assert "It is retired already" in send(owner, f"{SERVICES}/{check}/retire").text
    assert "can be booked again" in send(owner, parsed(page.text).select_one(".flash form")["action"]).text
    assert "It can be booked already" in send(owner, f"{SERVICES}/{check}/bring-back").text
    owner.post(f"{SERVICES}/{check}/move", data={"to": "up"})
    assert page_of(owner, SERVICES).select_one(".row-main a").text == "Running check", "where it stood"
    assert owner.post(f"{SERVICES}/{check}/move", data={"to": "away"}).status_code == 400
    assert [action for action, *_ in trail()] == ["moved", "retired", "brought back"]


def test_a_service_is_removed_only_where_no_appointment_names_it(owner, visit, robin):
    with database.transaction():
        check = lineup.add_service("Running check", minutes=60, price_cents=0).id
    book(visit, robin, 3)
    assert "Removed Running check." in send(owner, f"{SERVICES}/{check}/remove").text
    assert get(Service, check) is None
    assert "it cannot be removed" in send(owner, f"{SERVICES}/{visit}/remove").text
    page = owner.get(f"{SERVICES}/{visit}").text
    assert get(Service, visit) and "Remove it for good" not in page and "1 appointment is still to come" in page


def test_who_left_goes_on_having_offered_what_they_did(owner, visit, robin):
    with database.transaction():
        db.session.get(Practitioner, robin).left_on = clock.today() - timedelta(days=1)
    send(owner, f"{SERVICES}/{visit}", **VISIT)
    assert [person.id for person in get(Service, visit).practitioners] == [robin]
    assert "Nobody offers it" in owner.get(SERVICES).text


def test_texts_are_rendered_before_others_wait_to_write(owner, visit, robin, render_before_writing):
    render_before_writing()
    for path in (f"{SERVICES}/new", f"{SERVICES}/{visit}"):
        assert owner.post(path, data=VISIT).status_code == 303
    for path in (f"{PEOPLE}/new", f"{PEOPLE}/{robin}"):
        assert owner.post(path, data={"name": "Kit Example", "bio": "Likes *hills*."}).status_code == 303


# Practitioners


def test_a_practitioner_is_added_and_has_no_hours_yet(owner, visit):
    typed = {"name": "Kit Example", "role": "Chiropractor", "bio": "Likes *hills*.", "email": "Kit@Example.org"}
    page = send(owner, f"{PEOPLE}/new", **typed, offers=[visit]).text
    assert "As soon as they have hours" in page and "no weekly hours yet" in page
    db.session.rollback()
    kit = profiles.practitioner("kit-example")
    assert (kit.role, kit.email) == ("Chiropractor", "Kit@example.org")
    assert "<em>hills</em>" in kit.bio_html and [s.id for s in kit.services] == [visit]
    assert "No hours yet" in owner.get(PEOPLE).text
    hours = page_of(owner, f"{PEOPLE}/{kit.id}").find("a", string="Hours and time off")["href"]
    assert "Kit Example" in owner.get(hours).text


def test_a_practitioner_is_changed_and_keeps_retired_services_and_address(owner, visit, robin):
    with database.transaction():
        lineup.retire(db.session.get(Service, visit))
    assert "Saved." in send(owner, f"{PEOPLE}/{robin}", name="Robin S.", role="", bio="", email="").text
    person = get(Practitioner, robin)
    assert (person.slug, person.name, person.email) == ("robin-sample", "Robin S.", None)
    assert [service.id for service in person.services] == [visit]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Enter the name"),
        ({"email": "nobody"}, "Enter an email address in the correct format"),
        ({"role": "r" * 101}, "Shorten the role"),
    ],
)
def test_a_practitioner_that_cannot_be_saved_comes_back_with_all_that_was_typed(owner, robin, wrong, said):
    typed = {"name": "Robin S.", "role": "Chiro", "bio": "About me", "email": "r@example.org"} | wrong
    for path in (f"{PEOPLE}/{robin}", f"{PEOPLE}/new"):
        answer = owner.post(path, data=typed)
        page = parsed(answer.text)
        assert answer.status_code == 200 and said in page.select_one(".notice-wrong").text
        assert page.select_one("#role")["value"] == typed["role"]
        assert page.select_one("#email")["value"] == typed["email"]
        assert page.select_one("textarea").text.strip() == "About me"
    assert trail() == []


def picture(kind="PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 600), "teal").save(out, kind)
    return out.getvalue()


def send_photo(client, robin, content: bytes, name="me.png", alt="Robin, smiling"):
    # In memory: the test client would leave a file of its own open.
    data = {"photo": FileStorage(io.BytesIO(content), name), "alt": alt}
    boundary, body = encode_multipart({key: value for key, value in data.items() if value is not None})
    kind = f"multipart/form-data; boundary={boundary}"
    answer = client.post(f"{PEOPLE}/{robin}/photo", data=body, content_type=kind)
    return client.get(answer.location) if answer.status_code == 303 else answer


def test_a_photo_is_taken_up_with_what_it_shows_and_removed(owner, robin, client):
    assert "Saved the photo." in send_photo(owner, robin, picture("JPEG"), "me.jpg").text
    person = get(Practitioner, robin)
    assert person.photo.endswith(".600x600.webp") and person.photo_alt == "Robin, smiling"
    assert (media.folder() / person.photo).exists()
    assert client.get(person.photo_url).mimetype == "image/webp"
    send(owner, f"{PEOPLE}/{robin}/photo", alt="Robin, laughing")
    assert get(Practitioner, robin).photo_alt == "Robin, laughing" and get(Practitioner, robin).photo
    send(owner, f"{PEOPLE}/{robin}/photo/remove")
    assert (get(Practitioner, robin).photo, get(Practitioner, robin).photo_alt) == ("", "")
    assert "There is no photo" in send(owner, f"{PEOPLE}/{robin}/photo/remove").text
    assert [action for action, *_ in trail()] == ["changed the photo of"] * 2 + ["removed the photo of"]


@pytest.mark.parametrize(
    ("content", "alt", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Robin", "An SVG drawing can hold scripts"),
        (b"GIF89a, or so it says", "Robin", "The file is not a picture that we can read"),
        (b"\x89PNG\r\n\x1a\n and then nothing", "Robin", "cture"),
        (b"x" * (8 * 1024 * 1024 + 1), "Robin", "larger than 8 MB"),
        (b"x" * (9 * 1024 * 1024), "Robin", "larger than 8 MB"),
        (picture(), "", "Enter what the photo shows"),
        (picture(), "", "Choose the photo again"),
        (picture(), "x" * 301, "Shorten what the photo shows"),
    ],
    ids=["svg", "no picture", "cut off", "large", "larger", "no words", "not kept", "many words"],
)
def test_a_photo_that_cannot_be_used_says_why(owner, robin, content, alt, said):
    answer = send_photo(owner, robin, content, alt=alt)
    assert answer.status_code == 200 and said in parsed(answer.text).select_one(".notice-wrong").text
    assert get(Practitioner, robin).photo == ""
    assert trail() == []


def test_no_photo_is_asked_for(owner, robin):
    assert "Choose a photo" in send(owner, f"{PEOPLE}/{robin}/photo", alt="Robin").text


def test_a_calendar_address_is_shown_once_and_works_until_it_is_replaced_or_ended(owner, robin, client):
    page = owner.post(f"{PEOPLE}/{robin}/feed", data={"shows_names": "y"})
    address = parsed(page.text).select_one("#address").text.removeprefix("https://clinic.example")
    assert page.headers["Cache-Control"] == "no-store"
    assert client.get(address).status_code == 200
    assert get(Practitioner, robin).feed_shows_names
    assert address not in owner.get(f"{PEOPLE}/{robin}").text
    send(owner, f"{PEOPLE}/{robin}/feed/names")
    assert not get(Practitioner, robin).feed_shows_names
    assert "shows that already" in send(owner, f"{PEOPLE}/{robin}/feed/names").text
    owner.post(f"{PEOPLE}/{robin}/feed")
    assert "doesn’t work" in client.get(address).text
    send(owner, f"{PEOPLE}/{robin}/feed/end")
    assert get(Practitioner, robin).feed_token_hash is None
    assert "There is no calendar address" in send(owner, f"{PEOPLE}/{robin}/feed/end").text
    assert [action for action, *_ in trail()] == [
        "made a calendar address for",
        "changed the calendar of",
        "made a calendar address for",
        "ended the calendar address of",
    ]
    assert address.split("/")[-1].removesuffix(".ics") not in str(
        [e.details for e in db.session.query(AuditEntry)]
    )


def test_a_last_day_lists_the_appointments_after_it_first(owner, visit, robin):
    soon, late = book(visit, robin, 3), book(visit, robin, 9)
    day = (clock.today() + timedelta(days=5)).isoformat()
    page = owner.post(f"{PEOPLE}/{robin}/leave", data={"last_day": day})
    assert "1 appointment would be outside hours" in page.text and "Alex Placeholder" in page.text
    assert owner.get(parsed(page.text).select_one(".rows a")["href"]).status_code == 200
    assert get(Practitioner, robin).left_on is None
    assert "set the last day of" not in [action for action, *_ in trail()]
    fields = {field["name"]: field["value"] for field in parsed(page.text).select("main input[type=hidden]")}
    assert fields == {"last_day": day, "seen": str(late)}
    later = book(visit, robin, 10)  # meanwhile
    page = owner.post(f"{PEOPLE}/{robin}/leave", data=fields)
    assert "2 appointments would be outside hours" in page.text
    assert (
        "Saved their last day."
        in send(owner, f"{PEOPLE}/{robin}/leave", last_day=day, seen=f"{late},{later}").text
    )
    assert get(Practitioner, robin).left_on.isoformat() == day
    again = send(owner, f"{PEOPLE}/{robin}/leave", last_day=day, seen=f"{late},{later}")
    assert "That is their last day already" in again.text
    assert db.session.get(appointments.Appointment, soon).status == "booked"
    assert "Last day" in owner.get(PEOPLE).text
    assert "They have no last day any more" in send(owner, f"{PEOPLE}/{robin}/come-back").text
    assert get(Practitioner, robin).left_on is None
    assert "They have no last day, so" in send(owner, f"{PEOPLE}/{robin}/come-back").text
    assert [action for action, *_ in trail()][-2:] == ["set the last day of", "ended the leaving of"]


@pytest.mark.parametrize("day", ["", "soon", "2026-02-30"])
def test_a_last_day_that_cannot_be_read_comes_back(owner, robin, day):
    page = parsed(owner.post(f"{PEOPLE}/{robin}/leave", data={"last_day": day, "seen": "x," + "9" * 40}).text)
    assert page.select_one("#last_day")["value"] == day
    assert "Enter the last day" in page.select_one(".notice-wrong").text


def test_practitioners_are_moved_and_who_left_is_listed_apart(owner, robin):
    with database.transaction():
        kit = lineup.add_practitioner("Kit Example").id
    send(owner, f"{PEOPLE}/{kit}/move", to="up")
    assert [link.text for link in page_of(owner, PEOPLE).select(".row-main a")] == [
        "Kit Example",
        "Robin Sample",
    ]
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    send(owner, f"{PEOPLE}/{kit}/leave", last_day=yesterday)
    page = page_of(owner, PEOPLE)
    assert "Kit Example" in page.select_one("section[aria-labelledby=left]").text


def test_a_practitioner_is_removed_only_where_no_appointment_names_them(owner, visit, robin):
    with database.transaction():
        kit = lineup.add_practitioner("Kit Example").id
    book(visit, robin, 3)
    assert "Removed Kit Example." in send(owner, f"{PEOPLE}/{kit}/remove").text
    assert "they cannot be removed" in send(owner, f"{PEOPLE}/{robin}/remove").text
    assert get(Practitioner, kit) is None and get(Practitioner, robin)


@pytest.mark.parametrize("number", [999, 2**31, 2**64, 10**40])
def test_one_that_is_not_there_is_not_found(owner, number):
    for path in (f"{SERVICES}/{number}", f"{PEOPLE}/{number}"):
        assert owner.get(path).status_code == 404
        for verb in ("move", "remove"):
            assert is_told_gone(owner, f"{path}/{verb}", {"to": "up"})
    for verb in ("retire", "bring-back"):
        assert is_told_gone(owner, f"{SERVICES}/{number}/{verb}")
    for verb in ("photo", "photo/remove", "feed", "feed/names", "feed/end", "leave", "come-back"):
        assert is_told_gone(owner, f"{PEOPLE}/{number}/{verb}", {"alt": "x", "last_day": "2026-01-01"}), verb


def test_the_lists_take_the_same_few_queries_however_long_they_are(owner, visit):
    few = [count(lambda path=path: owner.get(path)) for path in (SERVICES, PEOPLE)]
    with database.transaction():
        for number in range(9):
            lineup.add_practitioner(f"Sample {number}")
            lineup.add_service(f"Service {number}", minutes=30, price_cents=0)
    assert [count(lambda path=path: owner.get(path)) for path in (SERVICES, PEOPLE)] == few
