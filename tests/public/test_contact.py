"""The contact form: whatever happens, what was typed is stored or still there."""

import re
from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from clinic_app.enquiries import inbox
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.privacy_notice import privacy_notice
from tests.reading import how_many, page_of, parsed

TYPED = {
    "name": "Robin Sample",
    "email": "robin@example.org",
    "phone": "0491 570 006",
    "topic": "A question",
    "message": "Do you have parking?\r\nFor a van.",
}


def token(client) -> str:
    page = page_of(client, "/contact")
    return page.find("input", attrs={"name": "token"})["value"]


def send(client, **changes):
    return client.post("/contact", data=TYPED | {"token": token(client)} | changes)


def stored() -> Enquiry:
    db.session.rollback()
    return db.session.scalars(select(Enquiry)).one()


def test_an_enquiry_is_stored_and_thanked_for_with_its_reference(client):
    answer = send(client)
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Thank you! Your submission has been received!" in page
    enquiry = stored()
    assert re.search(r"\d{3}-\d{3}-\d{3}", page)[0].replace("-", "") == enquiry.reference
    assert enquiry.phone == "+61491570006"
    assert enquiry.message == "Do you have parking?\nFor a van."
    assert enquiry.privacy_version == privacy_notice().version


def test_no_cookie_is_set_or_needed(app):
    client = app.test_client(use_cookies=False)
    page = client.get("/contact")
    assert "Set-Cookie" not in page.headers
    answer = send(client)
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers


def test_a_double_click_gives_the_same_reference_and_nothing_new(client):
    form_token = token(client)
    answers = [client.post("/contact", data=TYPED | {"token": form_token}) for _ in range(3)]
    assert len({answer.location for answer in answers}) == 1
    assert (how_many(Enquiry), how_many(OutboxMail)) == (1, 2)


def test_sending_again_counts_towards_no_limit(client, with_settings):
    with_settings(contact_limit="1 per hour", rate_limits="on")
    form_token = token(client)
    answers = [client.post("/contact", data=TYPED | {"token": form_token}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]


def test_a_form_of_unknown_origin_is_stored_too(client):
    answers = [client.post("/contact", data=TYPED) for _ in range(2)]
    assert answers[0].location == answers[1].location
    assert stored().state == "new"


def test_an_empty_form_comes_back_with_each_mistake_named(client):
    answer = client.post("/contact", data={"topic": "A question"})
    assert answer.status_code == 200
    page = parsed(answer.text)
    assert page.title.text.startswith("Error: ")
    summary = page.find(attrs={"role": "alert"})
    assert [(link["href"], link.text) for link in summary.find_all("a")] == [
        ("#name", "Enter your full name"),
        ("#email", "Enter an email address or a phone number, so we can reach you"),
        ("#message", "Enter your message"),
    ]
    assert how_many(Enquiry) == 0


def test_a_form_with_a_mistake_keeps_all_that_was_typed(client):
    answer = send(client, email="robin@", message="x" * 5001, phone="call me")
    page = parsed(answer.text)
    assert page.find(id="name")["value"] == "Robin Sample"
    assert page.find(id="email")["value"] == "robin@"
    assert page.find(id="phone")["value"] == "call me"
    assert page.find(id="message").text.strip() == "x" * 5001
    assert "it is 1 over the limit of 5,000 characters" in answer.text
    assert page.find("input", attrs={"name": "token"})["value"]


@pytest.mark.parametrize(("email", "phone"), [("", "0491 570 006"), ("robin@example.org", "")])
def test_one_way_to_answer_is_enough(client, email, phone):
    assert send(client, email=email, phone=phone).status_code == 303


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("", {}, Exception("disk full")), 503), (OSError(), 500)]
)
def test_when_storing_fails_the_form_comes_back_with_all_that_was_typed(client, monkeypatch, error, status):
    def fail(prepared, **_):
        raise error

    form_token = token(client)
    with monkeypatch.context() as broken:
        broken.setattr(inbox, "store", fail)
        answer = client.post("/contact", data=TYPED | {"token": form_token})
    assert answer.status_code == status
    page = parsed(answer.text)
    assert "Oops! Something went wrong while submitting the form." in answer.text
    assert "02 5550 0142" in page.find(attrs={"role": "alert"}).text
    assert "disk full" not in answer.text
    assert page.find(id="message").text.strip() == "Do you have parking?\nFor a van."
    assert page.find("input", attrs={"name": "token"})["value"] == form_token


def test_what_looks_like_spam_gets_the_ordinary_thanks(client):
    answer = send(client, leave_empty="https://spam.example")
    assert "Thank you!" in client.get(answer.location).text
    assert stored().state == "spam"
    assert how_many(OutboxMail) == 0


def test_too_many_messages_from_one_address_wait_with_all_that_was_typed(client, with_settings):
    with_settings(contact_limit="2 per hour", rate_limits="on")
    answers = [send(client, message=f"Message {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Message 2" in answers[2].text
    summary = parsed(answers[2].text).find(attrs={"data-error-summary": True})
    assert summary.h2.text == "Please try again in an hour or so"
    assert summary.p.text.endswith("or call us on 02 5550 0142.")
    assert summary.a["href"] == "tel:0255500142"
    assert how_many(Enquiry) == 2
    assert send(client, name="").status_code == 200, "mistakes are not counted"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 303),
        ({"Origin": "http://localhost"}, 303),
    ],
)
def test_a_form_that_another_site_sends_is_refused(client, headers, status):
    assert client.post("/contact", data=TYPED, headers=headers).status_code == status


def test_a_body_that_is_too_large_is_refused_kindly(client):
    answer = client.post("/contact", data=TYPED | {"message": "x" * 70_000})
    assert answer.status_code == 413
    assert "02 5550 0142" in answer.text


def test_a_file_in_place_of_text_is_no_text(client):
    answer = client.post("/contact", data=TYPED | {"name": (BytesIO(b"x"), "name.txt")})
    assert answer.status_code == 200
    assert "Enter your full name" in answer.text


def test_the_version_of_the_notice_is_the_one_that_was_shown(client, with_settings):
    form_token, shown = token(client), privacy_notice().version
    with_settings(phone="02 5550 0199")
    assert privacy_notice().version != shown
    client.post("/contact", data=TYPED | {"token": form_token})
    assert stored().privacy_version == shown


def test_an_unknown_reference_leads_back_to_the_form(client):
    assert client.get("/contact/thanks/482-173-096").location == "/contact"
    assert client.get("/contact/thanks/%00%F0%9F%91%8D").location == "/contact"


def test_no_text_at_all_makes_the_form_fall_over(client):
    for bad in (
        "\x00",
        "\ud800".encode("utf-8", "surrogatepass"),
        "🏃" * 40,
        "{{7*7}}",
        "a\r\nBcc: x@example.org",
    ):
        answer = client.post("/contact", data=TYPED | {"name": bad, "topic": "A question"})
        assert answer.status_code in (200, 303)
