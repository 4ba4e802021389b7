"""What staff see of a day and a week."""

from datetime import date, time, timedelta

import pytest

from clinic_app import clock
from clinic_app.booking import agenda, appointments, hours, profiles
from clinic_app.database import transaction
from clinic_app.times.periods import Period
from tests.queries import noted, selects

from .conftest import LEE, MONDAY, NOW, TUESDAY, days, do
from .test_availability import fill


def told(day) -> list[str]:
    """`09:30-10:00 appointment` for each item of a practitioner's day."""
    walls = [(clock.local(item.period.start), clock.local(item.period.end)) for item in day.items]
    return [
        f"{start:%H:%M}-{end:%H:%M} {item.kind} {item.reason}".strip()
        for item, (start, end) in zip(day.items, walls, strict=True)
    ]


@pytest.fixture
def see(clinic):
    """A day of Robin's (or of Kit's), as staff see it."""

    def see(day=MONDAY, who=clinic.robin):
        ((found,),) = agenda.load([who], day, day).values()
        return found

    return see


def test_a_day_tells_appointments_and_the_free_time_around_them(book, see, clinic, at):
    book(practitioner=clinic.robin)
    book(wall="14:00", service=clinic.check, patient=LEE)
    day = see()
    assert told(day) == [
        "09:00-09:30 free",
        "09:30-10:00 appointment",
        "10:00-12:00 free",
        "13:00-14:00 free",
        "14:00-15:00 appointment",
        "15:00-17:00 free",
    ]
    assert [made.status for made in day.appointments] == ["booked", "requested"]
    assert day.free_minutes(NOW) == 30 + 120 + 60 + 120
    assert day.free_minutes(at(MONDAY, "14:30")) == 120


def test_a_gap_is_not_free(book, see, with_settings):
    with_settings(appointment_gap_minutes=15)
    book()
    assert told(see())[1:3] == ["09:30-10:00 appointment", "10:15-12:00 free"]


def test_what_frees_its_time_is_told_beside_it(book, see, at):
    do(appointments.cancel, book())
    missed = do(appointments.mark_no_show, book(patient=LEE), now=at(MONDAY, "09:40"))
    day = see()
    assert told(day) == ["09:00-12:00 free", "13:00-17:00 free"]
    assert [made.status for made in day.freed] == ["cancelled", missed.status]


def test_time_off_and_closures_are_told_with_their_reasons_around_what_they_strand(book, see, clinic, at):
    book(wall="14:00")
    with transaction():
        hours.take_time_off(clinic.robin, Period(at(MONDAY, "11:00"), at(MONDAY, "16:00")), reason="Course")
        hours.close_clinic(Period(at(MONDAY, "15:30"), at(TUESDAY, "00:00")), reason="Painting")
        hours.take_time_off(clinic.kit, hours.between(MONDAY, MONDAY), reason="Not Robin's")
    assert told(see()) == [
        "09:00-11:00 free",
        "11:00-14:00 away Course",
        "14:00-14:30 appointment",
        "14:30-15:30 away Course",
        "15:30-17:00 away Painting",
    ]


def test_a_public_holiday_is_told_where_nobody_works(see, clinic, at):
    christmas = MONDAY.replace(month=12, day=25)
    assert (told(see(christmas)), see(christmas).holiday) == ([], "Christmas Day")
    with transaction():
        hours.add_extra_hours(clinic.robin, Period(at(christmas, "10:00"), at(christmas, "11:00")))
    assert (told(see(christmas)), see(christmas).holiday) == (["10:00-11:00 free"], "")


def test_an_override_outside_hours_is_seen(book, see, clinic):
    book(wall="12:15", practitioner=clinic.robin, by="staff", override="Emergency")
    assert told(see())[1:3] == ["12:15-12:45 appointment", "13:00-17:00 free"]


def test_hours_and_appointments_over_midnight_are_on_both_days(book, see, clinic):
    friday, saturday = MONDAY + days(4), MONDAY + days(5)
    book(friday, "23:45", practitioner=clinic.kit)
    assert told(see(friday, clinic.kit)) == ["22:00-23:45 free", "23:45-00:15 appointment"]
    assert told(see(saturday, clinic.kit)) == ["23:45-00:15 appointment", "00:15-01:00 free"]


@pytest.mark.parametrize(
    ("day", "hours_long"), [(date(2026, 10, 4), 23), (date(2027, 4, 4), 25), (date(2026, 11, 22), 24)]
)
def test_days_on_which_clocks_change_are_as_long_as_they_are(see, clinic, day, hours_long):
    with transaction():
        profiles.save_practitioner("robin", hours={6: [(time(0), time(0))]})
    (item,) = see(day).items
    assert item.period == hours.between(day, day)
    assert item.minutes == hours_long * 60


def test_who_left_is_seen_on_days_on_which_somebody_still_expects_them(book, clinic):
    book(TUESDAY, practitioner=clinic.kit)
    with transaction():
        profiles.save_practitioner("kit", left_on=MONDAY)
    seen = [[person.slug for person in agenda.people(day, day)] for day in (MONDAY, TUESDAY, TUESDAY + days(1))]
    assert seen == [["robin", "kit"], ["robin", "kit"], ["robin"]]


def test_a_week_of_all_takes_the_same_five_queries_however_many_appointments(clinic, at):
    def week():
        people = profiles.practitioners(on=MONDAY)
        with noted() as queries:
            found = agenda.load(people, MONDAY, MONDAY + days(6))
            assert {made.service.name for day in found.values() for one in day for made in one.appointments} <= {
                "Follow-up"
            }
        return found, selects(queries)

    empty, few = week()
    fill(clinic, [(at(MONDAY) + timedelta(minutes=15 * n), 15) for n in range(300)])
    full, many = week()
    assert len(few) == len(many) == 5, "\n".join(many)
    assert list(full) == [MONDAY + days(n) for n in range(7)]
    assert len(full[MONDAY][0].appointments) == 96
    assert [day.practitioner.slug for day in full[MONDAY]] == ["robin", "kit"]
