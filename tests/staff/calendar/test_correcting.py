"""Correcting the details of an appointment, and who hears of what afterwards."""

import re

from clinic_app import database
from clinic_app.accounts.models import AuditEntry
from clinic_app.booking import appointments, links, privacy, reminders
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from tests.booking.test_locks import ON_POSTGRESQL, begin
from tests.server import DEADLINE_SECONDS

from .conftest import (
    MONDAY,
    TUESDAY,
    all_appointments,
    flashes,
    mail_page,
    mails,
    only_appointment,
    page_of,
    trail,
)


def correct(desk, appointment, **changes):
    """Send the form as it opened, but for the changes; gives the page that it leads to."""
    path = f"{page_of(appointment)}/correct"
    form = desk.get(path).find("form", action=path)
    return desk.post(path, **{field["name"]: field.get("value", "") for field in form.select("input")} | changes)


def links_in(name: str) -> list[str]:
    """The addresses of the patient's page in the mails of this name, in order."""
    db.session.rollback()
    query = db.select(OutboxMail).filter_by(name=f"appointment_{name}").order_by(OutboxMail.id)
    return [re.search(r"https://clinic\.example(/a/\S+)", mail.text_body)[1] for mail in db.session.scalars(query)]


def test_an_address_that_bounced_is_corrected_and_the_new_one_gets_the_confirmation(desk, made, client):
    with database.transaction():
        bounced = db.session.scalars(db.select(OutboxMail).filter_by(name="appointment_booked")).one()
        bounced.state, bounced.attempts, bounced.last_error = "failed", 1, "550 No such user"
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
    assert not desk.get(page_of(made)).find("a", href=path)
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
    offered = db.session.scalars(db.select(OutboxMail).filter_by(name="appointment_offered")).one()
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


def test_after_a_correction_the_patient_is_reminded_at_the_new_address(desk, book, travel, at):
    made = book(TUESDAY)
    travel.move_to(at(MONDAY, "10:30"))
    with database.transaction():
        reminders.send_due()
    correct(desk, made, email="alexa@example.org")
    with database.transaction():
        reminders.send_due()
    reminder = db.session.scalars(db.select(OutboxMail).filter_by(name="appointment_reminder")).one()
    assert reminder.to_address == "alexa@example.org"
