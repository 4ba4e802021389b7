"""Correcting the details of an appointment, and who hears of what afterwards."""

import re

import pytest

from clinic_app import clock, database
from clinic_app.accounts.models import AuditEntry
from clinic_app.booking import appointments, links, privacy, reminders
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.locks import ON_POSTGRESQL, begin
from tests.reading import all_appointments, only_appointment, trail
from tests.server import DEADLINE_SECONDS

from .conftest import MONDAY, NOW, TUESDAY, all_sent, flashes, last_mail, mail_page, mails, page_of


def correct(desk, appointment, **changes):
    """Send the form as it opened, but for the changes; gives the page that it leads to."""
    path = f"{page_of(appointment)}/correct"
    form = desk.get(path).find("form", action=path)
    return desk.post(path, **{field["name"]: field.get("value", "") for field in form.select("input")} | changes)


def bounces(name: str):
    """The mail server refuses the last mail of this name for good."""
    with database.transaction():
        mail = last_mail(name)
        mail.state, mail.attempts, mail.last_error = "failed", 1, "550 No such user"


def links_in(name: str) -> list[str]:
    """The addresses of the patient's page in the mails of this name, in order."""
    db.session.rollback()
    query = db.select(OutboxMail).filter_by(name=f"appointment_{name}").order_by(OutboxMail.id)
    return [re.search(r"https://clinic\.example(/a/\S+)", mail.text_body)[1] for mail in db.session.scalars(query)]


def test_an_address_that_bounced_is_corrected_and_the_new_one_gets_the_confirmation(desk, made, client):
    bounces("booked")
    assert desk.get(page_of(made)).find("a", href=f"{page_of(made)}/correct")
    page = correct(desk, made, email="Alexa@example.org", name="Alexa Placeholder", phone="0491 570 156")
    assert flashes(page) == [
        "Details corrected. The new address gets an email with a new link."
        " The link in earlier emails no longer works."
    ]
    stands = only_appointment()
    assert (stands.name, stands.email, stands.phone) == ("Alexa Placeholder", "Alexa@example.org", "+61491570156")
    assert mails() == ["booked", "notice", "notice", "booked"]
    old, new = links_in("booked")
    assert client.get(old).status_code == 404
    assert "Alexa Placeholder" in client.get(new).text
    assert "it can’t be sent any more" in flashes(desk.post(f"{mail_page('booked')}/retry"))[0]
    history = page.select_one(".history")
    assert "Details corrected by Casey Invented" in history.text
    assert "alex" not in history.text
    done = [entry for entry in trail() if entry[0] != "opened"]
    assert done == [("corrected the details of", "appointment", made.id)]
    assert "alex" not in str([entry.details for entry in db.session.scalars(db.select(AuditEntry))]).lower()
    assert not page.select(".flash form"), "it cannot be undone, but corrected again"


def test_another_name_or_number_sends_no_email_and_saving_what_stands_changes_nothing(desk, made):
    all_sent()
    assert flashes(correct(desk, made, name="Alexa Placeholder")) == ["Details corrected. No email goes out."]
    lines = len(desk.get(page_of(made)).select(".history li"))
    assert flashes(correct(desk, made)) == ["Nothing was changed: the details were so already."]
    assert flashes(correct(desk, made, email="Alex@Example.org")) == ["Details corrected. No email goes out."]
    assert mails() == ["booked", "notice", "notice"]
    assert len(desk.get(page_of(made)).select(".history li")) == lines + 1
    assert links_in("booked")[0] == f"/a/{links.token_of(only_appointment())}"


def test_who_has_no_address_any_more_is_to_be_told_by_phone(desk, made):
    said = flashes(correct(desk, made, email=""))[0]
    assert "There is no email address any more: please tell them by phone." in said
    assert (only_appointment().email, only_appointment().email_key) == (None, None)
    page = desk.post(f"{page_of(made)}/correct", status=200, name="Alex", email="", phone="")
    assert "Enter a phone number or an email address" in page.find(role="alert").text


def test_nobodys_details_are_put_to_an_appointment_that_was_made_anonymous(desk, made):
    with database.transaction():
        privacy.anonymise([made.id])
    path = f"{page_of(made)}/correct"
    page = desk.get(page_of(made))
    assert "This appointment was made anonymous" in page.select_one(".notice").text
    assert not page.find("a", href=path)
    said = ["This was made anonymous. It is nobody’s any more, so there are no details to correct."]
    assert flashes(desk.post(path, name="Alex Placeholder", email="alex@example.org", phone="")) == said
    assert flashes(desk.get(desk.client.get(path).location)) == said
    stands = only_appointment()
    assert (stands.name, stands.email) == ("Anonymous", f"appointment-{made.id}@erased.invalid")


def test_a_request_with_other_times_offered_hears_of_these_at_the_new_address(desk, asked):
    offers = [box["value"] for box in desk.get(f"{page_of(asked)}/offer").select("input[name=times]")]
    desk.post(f"{page_of(asked)}/offer", times=offers[:2], practitioner="robin")
    correct(desk, asked, email="alexa@example.org")
    db.session.rollback()
    offered = db.session.scalars(db.select(OutboxMail).filter_by(name="appointment_offered", state="queued")).one()
    assert offered.to_address == "alexa@example.org"


@ON_POSTGRESQL
def test_details_are_corrected_while_a_colleague_gives_it_to_somebody_else(app, desk, made, clinic, at):
    with database.transaction():
        moved = {"starts_at": at(TUESDAY, "09:00"), "practitioner": clinic.kit, "by": "staff"}
        appointments.reschedule(db.session.get(Appointment, made.id), **moved)
        second = begin(app, lambda: correct(desk, made, name="Alexa Placeholder"))
    second.join(DEADLINE_SECONDS)
    stands = only_appointment()
    assert (stands.name, stands.practitioner.slug) == ("Alexa Placeholder", "kit")


def test_details_of_what_is_over_are_corrected_without_an_email(desk, made, asked, travel, at):
    desk.post(f"{page_of(made)}/cancel")
    travel.move_to(at(MONDAY, "14:00"))
    queued = mails()
    for appointment in (made, asked):
        said = flashes(correct(desk, appointment, email="alexa@example.org"))[0]
        assert "No email goes out, as there is nothing to come." in said
    assert set(mails()) <= set(queued)
    assert {appointment.email for appointment in all_appointments()} == {"alexa@example.org"}


ENDS = {"cancel": ("made", "cancelled"), "decline": ("asked", "declined")}


@pytest.mark.parametrize("is_held", [True, False])
@pytest.mark.parametrize("end", ENDS)
def test_news_of_an_end_that_did_not_reach_the_old_address_goes_to_the_new_one(desk, request, end, is_held):
    fixture, name = ENDS[end]
    appointment = request.getfixturevalue(fixture)
    all_sent()
    undo = desk.post(f"{page_of(appointment)}/{end}", tell="y", reason="Robin is ill.").select_one(".flash form")
    if not is_held:
        bounces(name)
    page = correct(desk, appointment, email="alexa@example.org", name="Alexa Placeholder")
    assert flashes(page) == [
        f"Details corrected. The new address gets an email that it was {name}."
        " The link in earlier emails no longer works."
    ]
    news = last_mail(name)
    assert (news.to_address, news.state) == ("alexa@example.org", "queued")
    assert news.due_at <= NOW
    assert "Alexa Placeholder" in news.text_body and "Robin is ill." in news.text_body
    assert news.calendar_method == ("CANCEL" if end == "cancel" else None)
    assert links_in(name)[-1] == f"/a/{links.token_of(only_appointment())}"
    assert mails().count(name) == 2
    assert "changed again since" in flashes(desk.post(undo["action"]))[0]
    assert only_appointment().status == "cancelled" and last_mail(name).state == "queued"


def test_who_heard_of_no_cancellation_and_has_no_address_any_more_is_to_be_phoned(desk, made):
    desk.post(f"{page_of(made)}/cancel", tell="y")
    bounces("cancelled")
    page = correct(desk, made, email="")
    assert flashes(page) == [
        "Details corrected. They have not heard that it was cancelled. There is no email address any more: please"
        " tell them by phone. The link in earlier emails no longer works."
    ]


def test_news_of_a_cancellation_that_was_sent_goes_to_no_other_address(desk, made):
    desk.post(f"{page_of(made)}/cancel", tell="y")
    all_sent()
    assert "No email goes out" in flashes(correct(desk, made, email="alexa@example.org"))[0]
    assert mails().count("cancelled") == 1


def test_a_cancellation_of_a_time_that_has_come_is_news_no_more_but_an_answer_is(desk, made, asked, travel, at):
    desk.post(f"{page_of(made)}/cancel", tell="y")
    desk.post(f"{page_of(asked)}/decline", tell="y")
    bounces("cancelled")
    bounces("declined")
    travel.move_to(at(MONDAY, "14:10"))
    said = flashes(correct(desk, made, email="alexa@example.org"))[0]
    assert "No email goes out, as there is nothing to come." in said
    said = flashes(correct(desk, asked, email="alexa@example.org"))[0]
    assert "The new address gets an email that it was declined." in said


def remind():
    with database.transaction():
        reminders.send_due()


WAITING = {
    "booked": lambda desk, made, asked: made,
    "moved": lambda desk, made, asked: desk.post(f"{page_of(made)}/move", to="2026-11-24T0930 robin", tell="y"),
    "cancelled": lambda desk, made, asked: desk.post(f"{page_of(made)}/cancel", tell="y"),
    "reminder": lambda desk, made, asked: remind(),
    "requested": lambda desk, made, asked: asked,
    "declined": lambda desk, made, asked: desk.post(f"{page_of(asked)}/decline", tell="y"),
    "offered": lambda desk, made, asked: desk.post(
        f"{page_of(asked)}/offer", times=["2026-11-24T0930 robin"], practitioner="robin"
    ),
}


@pytest.mark.parametrize("name", WAITING)
def test_an_email_that_still_waits_goes_out_with_the_corrected_name(
    desk, book, asked, name, travel, with_settings
):
    with_settings(reminder_hours=36)
    made = book(TUESDAY, "11:00")
    if name not in ("booked", "requested"):
        all_sent()
    WAITING[name](desk, made, asked)
    held, count = last_mail(name), mails().count(name)
    old_text, old_calendar = held.text_body, held.calendar_text
    travel.shift(1)
    appointment = db.session.get(Appointment, held.about_id)
    page = correct(desk, appointment, name="Zoe Fictional")
    assert flashes(page) == ["Details corrected. The email that was still waiting goes out with them."]
    waits = last_mail(name)
    assert mails().count(name) == count
    assert (waits.id, waits.state, waits.to_name) == (held.id, "queued", "Zoe Fictional")
    assert waits.due_at <= clock.now()
    assert waits.text_body == old_text.replace("Alex Placeholder", "Zoe Fictional") != old_text
    assert bool(waits.calendar_text) == bool(old_calendar)
    assert "Placeholder" not in (waits.calendar_text or "") + waits.html_body
    assert correct(desk, appointment, name="Zoe Fictional") and last_mail(name).id == waits.id


def test_what_a_server_may_have_taken_with_the_wrong_name_is_not_sent_twice(desk, made):
    with database.transaction():
        last_mail("booked").attempts = 1
    assert flashes(correct(desk, made, name="Zoe Fictional")) == ["Details corrected. No email goes out."]
    assert mails().count("booked") == 1


def test_who_is_told_within_the_last_day_at_another_address_hears_once_and_true_words(desk, book, travel, at):
    made = book(TUESDAY)
    travel.move_to(at(MONDAY, "10:30"))
    all_sent()
    correct(desk, made, email="alexa@example.org")
    remind()
    told = db.session.scalars(db.select(OutboxMail).filter_by(to_address="alexa@example.org")).one()
    assert told.name == "appointment_booked"
    assert "You can move or cancel it yourself" not in told.text_body
    assert "If you can’t come, please call us" in told.text_body


def test_who_is_told_earlier_at_another_address_is_reminded_there(desk, book, travel, at):
    made = book(TUESDAY, "11:00")
    travel.move_to(at(MONDAY, "10:50"))
    correct(desk, made, email="alexa@example.org")
    travel.move_to(at(MONDAY, "11:10"))
    remind()
    assert last_mail("reminder").to_address == "alexa@example.org"


def test_a_request_waits_for_its_answer_as_long_as_before_at_another_address(desk, asked):
    waits_since = asked.told_at
    correct(desk, asked, email="alexa@example.org")
    assert only_appointment().told_at == waits_since


def test_an_email_that_failed_under_another_spelling_is_withdrawn_with_its_link_too(desk, book):
    made = book(patient=appointments.Patient(name="Alex Placeholder", email="Alex@Example.org"))
    bounces("booked")
    correct(desk, made, email="alex@example.org")
    correct(desk, made, email="alexa@example.org")
    assert "it can’t be sent any more" in flashes(desk.post(f"{mail_page('booked')}/retry"))[0]
