"""Booking, moving and ending appointments."""

from datetime import timedelta

import pytest

from clinic_app.booking import appointments, availability, links, profiles
from clinic_app.booking.models import Appointment
from clinic_app.booking.refusals import (
    NotUpcoming,
    SlotNotOffered,
    SlotTaken,
    TooEarly,
    TooLateToChange,
    TooManyAppointments,
)
from clinic_app.database import transaction
from clinic_app.extensions import db

from ..factories import enquire
from ..reading import how_many
from .conftest import LEE, MONDAY, NOW, TUESDAY, days, do, mails

STAFF_MAIL = "hello@clinic.example"


def test_booking_takes_the_time_and_queues_each_mail_once(book, clinic, at):
    made = book(practitioner=clinic.robin)
    assert (made.status, made.starts_at, made.ends_at) == ("booked", at(MONDAY, "09:30"), at(MONDAY, "10:00"))
    assert (made.name, made.email, made.email_key, made.phone) == (
        *("Alex Placeholder", "Alex@example.org", "alex@example.org", "+61491570006"),
    )
    assert mails() == [("booked", "Alex@example.org"), ("notice", STAFF_MAIL), ("notice", "robin@example.org")]


def test_a_time_that_is_taken_is_refused_as_taken(book, clinic):
    book()
    for wall in ("09:30", "09:15", "09:45"):
        with pytest.raises(SlotTaken):
            book(wall=wall, patient=LEE)
    assert how_many(Appointment) == 1
    assert len(mails()) == 3


@pytest.mark.parametrize("wall", ["08:30", "11:45", "09:37", "12:00"])
def test_a_time_outside_hours_or_grid_is_refused_as_not_offered(book, wall):
    with pytest.raises(SlotNotOffered):
        book(wall=wall)


def test_notice_and_horizon_bind_patients_and_not_staff(book, clinic, with_settings):
    with_settings(booking_notice_minutes=72 * 60, booking_horizon_days=5)
    for day in (MONDAY, MONDAY + days(4)):
        with pytest.raises(SlotNotOffered):
            book(day)
        book(day, by=appointments.STAFF)


def test_anyone_falls_to_the_next_practitioner_who_is_free(book, clinic):
    assert book(TUESDAY).practitioner.slug == "robin"
    assert book(TUESDAY, patient=LEE).practitioner.slug == "kit"
    with pytest.raises(SlotTaken):
        book(TUESDAY)


def test_the_same_form_again_gives_the_same_appointment_and_no_mail(book):
    first = book(nonce="form 1")
    queued = mails()
    assert book(nonce="form 1").id == first.id
    assert book(TUESDAY, nonce="form 1", patient=LEE).id == first.id
    assert (how_many(Appointment), mails()) == (1, queued)
    assert book(wall="10:00", nonce="form 2").id != first.id


def test_a_person_has_a_cap_by_e_mail_and_by_phone(book, with_settings):
    with_settings(appointments_per_person=2)
    book()
    book(wall="10:00")
    same_mail = appointments.Patient(name="Alex", email="ALEX@example.org")
    same_phone = appointments.Patient(name="Alex", phone="+61491570006")
    for patient in (same_mail, same_phone):
        with pytest.raises(TooManyAppointments):
            book(wall="10:30", patient=patient)
    book(wall="10:30", patient=LEE)
    book(wall="11:00", by=appointments.STAFF)


def test_past_and_cancelled_appointments_do_not_count_towards_the_cap(book, with_settings):
    with_settings(appointments_per_person=1)
    do(appointments.cancel, book())
    book()
    book(TUESDAY + days(7), now=NOW + days(7))


def test_a_gap_is_kept_after_each_appointment(book, with_settings, at):
    with_settings(appointment_gap_minutes=15)
    assert book().busy_until == at(MONDAY, "10:15")
    for wall in ("09:00", "10:00"):
        with pytest.raises(SlotTaken):
            book(wall=wall)
    book(wall="10:15")


def test_staff_book_outside_hours_with_an_override_and_never_twice(book, clinic):
    with pytest.raises(SlotNotOffered):
        book(wall="12:15", by=appointments.STAFF, practitioner=clinic.robin)
    made = book(wall="12:15", by=appointments.STAFF, practitioner=clinic.robin, override="Emergency")
    assert made.override == "Emergency"
    with pytest.raises(SlotTaken):
        book(wall="12:30", by=appointments.STAFF, practitioner=clinic.robin, override="Another")


def test_an_override_books_with_somebody_who_does_not_offer_the_service(book, clinic):
    with transaction():
        profiles.save_service("visit", offered_by=[db.session.merge(clinic.kit)])
    asked_for = {"by": appointments.STAFF, "practitioner": clinic.robin}
    with pytest.raises(SlotNotOffered):
        book(**asked_for)
    assert book(**asked_for, override="Kit is ill").practitioner.slug == "robin"


def test_an_appointment_remembers_its_enquiry_while_that_is_kept(book):
    with transaction():
        enquiry = enquire()
    made = book(enquiry_id=enquiry.id)
    assert made.enquiry_id == enquiry.id
    with transaction():
        db.session.delete(enquiry)
    db.session.expire_all()
    assert made.enquiry_id is None


def test_whom_staff_tell_themselves_gets_no_mail_and_staff_do(book):
    book(by="staff", tell_patient=False)
    assert {name for name, _ in mails()} == {"notice"}


def test_someone_without_e_mail_gets_no_mail_and_staff_do(book):
    book(patient=appointments.Patient(name="Jo Fictional", phone="+61491570156"))
    assert [name for name, _ in mails()] == ["notice", "notice"]


def test_rescheduling_frees_the_old_slot_and_keeps_link_and_uid(book, at):
    made = book()
    token, uid = links.token_of(made), made.uid
    moved = do(appointments.reschedule, made, starts_at=at(MONDAY, "10:00"))
    assert (moved.id, moved.sequence, moved.uid) == (made.id, 1, uid)
    assert links.find(token).starts_at == at(MONDAY, "10:00")
    book(patient=LEE)
    assert [name for name, _ in mails()[3:6]] == ["moved", "notice", "notice"]


def test_moving_by_less_than_its_length_does_not_meet_itself(book, at):
    assert do(appointments.reschedule, book(), starts_at=at(MONDAY, "09:45")).ends_at == at(MONDAY, "10:15")


@pytest.mark.parametrize("by", ["patient", "staff"])
def test_it_keeps_its_length_when_it_moves_whatever_its_service_takes_by_now(book, at, by):
    made = book(wall="09:00")
    with transaction():
        profiles.save_service("visit", minutes=90)
    openings = availability.load(made.service, practitioner=made.practitioner, now=NOW, ignoring=made)
    assert at(MONDAY, "11:30") in [slot.starts_at for slot in openings.day(MONDAY).slots]
    do(appointments.reschedule, made, starts_at=at(MONDAY, "11:30"), by=by)
    assert (made.minutes, made.ends_at) == (30, at(MONDAY, "12:00"))


def test_moving_to_where_it_is_changes_nothing(book, at):
    made = book()
    queued = mails()
    assert do(appointments.reschedule, made, starts_at=at(MONDAY, "09:30")).sequence == 0
    assert mails() == queued


def test_moving_to_a_taken_time_leaves_it_where_it_was(book, clinic, at):
    book(wall="10:00", patient=LEE)
    made = book()
    queued = mails()
    with pytest.raises(SlotTaken):
        do(appointments.reschedule, made, starts_at=at(MONDAY, "10:15"))
    with pytest.raises(SlotTaken):
        do(appointments.reschedule, made, starts_at=at(MONDAY, "10:20"), by="staff", override="Squeezed in")
    assert (made.starts_at, made.sequence, made.override) == (at(MONDAY, "09:30"), 0, None)
    assert mails() == queued


def test_moving_to_another_practitioner_tells_both(book, clinic, at):
    with transaction():
        profiles.save_practitioner("kit", email="kit@example.org")
    made = book(TUESDAY, practitioner=clinic.robin)
    moved = do(appointments.reschedule, made, starts_at=at(TUESDAY, "09:30"), practitioner=clinic.kit)
    assert moved.practitioner.slug == "kit"
    assert {to for name, to in mails()[3:]} == {
        "Alex@example.org",
        STAFF_MAIL,
        "robin@example.org",
        "kit@example.org",
    }


def test_after_the_cut_off_patients_can_change_nothing_and_staff_can(book, at):
    made = book()
    late = at(MONDAY, "09:30") - timedelta(hours=23)
    with pytest.raises(TooLateToChange) as refusal:
        do(appointments.cancel, made, now=late)
    assert refusal.value.until == at(MONDAY, "09:30") - timedelta(hours=24)
    with pytest.raises(TooLateToChange):
        do(appointments.reschedule, made, starts_at=at(TUESDAY, "09:30"), now=late)
    do(appointments.reschedule, made, starts_at=at(MONDAY, "09:45"), now=late, by="staff")
    assert do(appointments.cancel, made, now=late, by="staff").status == "cancelled"


def test_a_service_may_have_its_own_cut_off(book, clinic, at):
    with transaction():
        profiles.save_service("visit", cutoff_hours=1)
    assert do(appointments.cancel, book(), now=at(MONDAY, "08:30")).status == "cancelled"


def test_cancelling_frees_the_time_and_twice_is_once(book):
    made = book()
    do(appointments.cancel, made, reason="Away")
    queued = mails()
    again = do(appointments.cancel, made)
    assert (again.status, again.cancelled_by, again.cancel_reason, again.sequence) == (
        "cancelled",
        "patient",
        "Away",
        1,
    )
    assert mails() == queued
    assert [name for name, _ in queued[3:]] == ["cancelled", "notice", "notice"]
    book(patient=LEE)


def test_a_cancelled_appointment_cannot_move(book, at):
    made = do(appointments.cancel, book())
    with pytest.raises(NotUpcoming):
        do(appointments.reschedule, made, starts_at=at(TUESDAY, "09:30"))


def test_staff_may_cancel_without_telling_the_patient(book):
    do(appointments.cancel, book(), by="staff", tell_patient=False)
    assert [name for name, _ in mails()[3:]] == ["notice"]


def test_a_no_show_frees_its_time_and_coming_after_all_needs_it(book, at):
    made, late = book(), at(MONDAY, "09:45")
    do(appointments.fulfil, made, now=late)
    do(appointments.mark_no_show, made, now=late)
    assert made.status == "noshow"
    book(patient=LEE)
    for come_after_all in (appointments.fulfil, appointments.reopen):
        with pytest.raises(SlotTaken):
            do(come_after_all, made, now=late)
    assert made.status == "noshow"
    with pytest.raises(NotUpcoming):
        do(appointments.cancel, made)


def test_nobody_has_come_long_before_the_start_or_failed_to_before_it(book, at):
    made = book()
    with pytest.raises(TooEarly) as refusal:
        do(appointments.fulfil, made, now=at(MONDAY, "08:29"))
    assert refusal.value.since == at(MONDAY, "08:30")
    with pytest.raises(TooEarly):
        do(appointments.mark_no_show, made, now=at(MONDAY, "09:29"))
    assert do(appointments.fulfil, made, now=at(MONDAY, "08:30")).status == "fulfilled"
    assert do(appointments.reopen, made).status == "booked"
    assert do(appointments.mark_no_show, made, now=at(MONDAY, "09:30")).status == "noshow"


def test_a_request_has_to_be_accepted_before_anybody_comes(book, clinic, at):
    asked = book(service=clinic.check)
    for close in (appointments.fulfil, appointments.mark_no_show, appointments.reopen):
        with pytest.raises(NotUpcoming):
            do(close, asked, now=at(MONDAY, "10:00"))


def test_a_practitioner_among_the_recipients_hears_once(book, with_settings):
    with_settings(staff_recipients=("Robin@example.org",))
    book()
    assert mails() == [("booked", "Alex@example.org"), ("notice", "Robin@example.org")]
