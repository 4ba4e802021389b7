"""Time off, extra hours and closures."""

from clinic_app.booking import appointments, availability, hours
from clinic_app.database import transaction
from clinic_app.periods import Period

from .conftest import LEE, MONDAY, NOW, TUESDAY, days, do


def test_time_off_strands_appointments_and_says_which(book, clinic, at):
    made = book(TUESDAY)
    kits = book(TUESDAY, practitioner=clinic.kit, patient=LEE)
    do(appointments.cancel, book(TUESDAY, "10:00"))
    day = hours.between(TUESDAY, TUESDAY)
    assert hours.stranded(day, practitioner=clinic.robin) == [made]
    assert hours.stranded(day) == [made, kits]
    assert hours.stranded(Period(at(TUESDAY, "10:00"), at(TUESDAY, "11:00"))) == []
    assert hours.upcoming(now=NOW) == [made, kits]
    assert hours.upcoming(now=at(TUESDAY, "11:00")) == []


def test_time_off_extra_hours_and_closures_change_what_is_offered(clinic, at):
    sunday = MONDAY - days(1)
    with transaction():
        hours.add_extra_hours(clinic.kit, Period(at(sunday, "09:00"), at(sunday, "09:30")))
        hours.take_time_off(clinic.robin, hours.between(MONDAY, MONDAY))
        hours.close_clinic(hours.between(TUESDAY, TUESDAY), reason="Painting")
    openings = availability.load(clinic.visit, now=NOW)
    assert [slot.starts_at for slot in openings.next_slots(2)] == [
        at(sunday, "09:00"),
        at(TUESDAY + days(1), "09:00"),
    ]


def test_the_clinic_is_closed_at_closures_and_on_public_holidays(clinic):
    christmas = MONDAY.replace(month=12, day=25)
    eve, day = (hours.between(one, one) for one in (christmas - days(1), christmas))
    with transaction():
        hours.close_clinic(eve, reason="Christmas Eve")
    found = hours.exceptions(christmas - days(2), christmas)
    assert (found.closed, found.holidays) == ([eve, day], {christmas: "Christmas Day"})
