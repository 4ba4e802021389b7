"""Time off, extra hours and closures."""

from clinic_app.booking import availability, hours
from clinic_app.database import transaction
from clinic_app.times.periods import Period

from .conftest import MONDAY, NOW, TUESDAY, days


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
