"""Which appointments a change of hours would strand."""

from datetime import time

import pytest

from clinic_app.booking import appointments, hours, profiles, stranding
from clinic_app.database import transaction
from clinic_app.times.periods import Period
from tests.queries import noted, selects

from .conftest import LEE, MONDAY, TUESDAY, days, do

NINE_TO_TEN = {0: [(time(9), time(10))]}


def test_new_weekly_hours_strand_what_they_no_longer_hold(book, clinic, at, travel):
    book()
    late, tuesday = book(wall="10:00"), book(TUESDAY)
    do(appointments.cancel, book(wall="11:00"))
    assert stranding.by_weekly_hours(clinic.robin, NINE_TO_TEN) == [late, tuesday]
    assert stranding.by_weekly_hours(clinic.kit, {}) == []
    travel.move_to(at(MONDAY, "10:00"))
    assert stranding.by_weekly_hours(clinic.robin, {}) == [late, tuesday]


def test_what_is_outside_hours_already_is_not_stranded_by_new_ones(book, clinic):
    book(wall="12:15", practitioner=clinic.robin, by="staff", override="Emergency")
    assert stranding.by_weekly_hours(clinic.robin, {}) == []


def test_extra_hours_hold_what_weekly_hours_do_not(book, clinic, at):
    made = book(wall="10:00")
    with transaction():
        extra = [
            hours.add_extra_hours(clinic.robin, Period(at(MONDAY, "09:00"), at(MONDAY, "11:00"))) for _ in range(2)
        ]
    assert stranding.by_weekly_hours(clinic.robin, NINE_TO_TEN) == []
    with transaction():
        profiles.save_practitioner("robin", hours=NINE_TO_TEN)
    assert stranding.by_removing(extra[0]) == []
    with transaction():
        hours.remove(extra[0])
    assert stranding.by_removing(extra[1]) == [made]
    with transaction():
        hours.remove(extra[1])
    assert stranding.outside_hours([clinic.robin, clinic.kit]) == [made]
    assert stranding.outside_hours([clinic.kit]) == []


def test_an_absence_strands_what_is_still_to_come(book, clinic, at, travel):
    made, kits = book(), book(TUESDAY, practitioner=clinic.kit, patient=LEE)
    both = hours.between(MONDAY, TUESDAY)
    assert stranding.by_absence(both, practitioner=clinic.robin) == [made]
    assert stranding.by_absence(both) == [made, kits]
    travel.move_to(at(MONDAY, "10:00"))
    assert stranding.by_absence(both) == [kits]
    travel.move_to(at(TUESDAY + days(1), "09:00"))
    assert stranding.by_absence(both) == []


def test_taking_time_off_back_strands_nobody(book, clinic, travel):
    book()
    with transaction():
        off = hours.take_time_off(clinic.robin, hours.between(MONDAY, MONDAY), reason="Away")
        closure = hours.close_clinic(hours.between(MONDAY, MONDAY))
    assert stranding.by_removing(off) == stranding.by_removing(closure) == []
    assert [one.id for one in hours.exceptions_of(clinic.robin)] == [off.id]
    assert [one.id for one in hours.exceptions_of(None)] == [closure.id]
    travel.shift(days(5))
    assert hours.exceptions_of(None) == []


def test_leaving_strands_what_comes_after_the_last_day(book, clinic):
    book()
    after = book(TUESDAY)
    assert stranding.by_leaving(clinic.robin, MONDAY) == [after]
    assert stranding.by_leaving(clinic.robin, TUESDAY) == []


def test_the_last_day_ends_at_midnight_whatever_its_hours(book, clinic):
    friday = MONDAY + days(4)
    book(friday, "22:00", practitioner=clinic.kit)
    over = book(friday, "23:45", practitioner=clinic.kit, patient=LEE)
    assert stranding.by_leaving(clinic.kit, friday) == [over]


def test_leaving_strands_what_staff_put_outside_hours_too(book, clinic):
    sunday = book(MONDAY + days(6), "10:00", practitioner=clinic.robin, by="staff", override="A favour")
    assert stranding.by_leaving(clinic.robin, MONDAY) == [sunday]


def test_leaving_strands_neither_what_is_over_nor_what_was_cancelled(book, clinic, travel):
    book()
    do(appointments.cancel, book(TUESDAY, patient=LEE))
    travel.shift(days(3))
    assert stranding.by_leaving(clinic.robin, MONDAY - days(7)) == []


def test_what_lies_outside_hours_is_told_in_the_order_of_the_days_whoever_it_is_with(book, clinic):
    made = [
        book(day, wall, practitioner=person, by="staff", override="A favour")
        for day, wall, person in (
            (MONDAY, "06:00", clinic.robin),
            (MONDAY, "07:00", clinic.kit),
            (MONDAY, "08:00", clinic.robin),
            (TUESDAY, "06:00", clinic.kit),
        )
    ]
    assert stranding.outside_hours([clinic.robin, clinic.kit]) == made


@pytest.mark.parametrize("rows", [1, 30])
def test_what_lies_outside_hours_is_found_in_the_same_few_queries(book, clinic, rows):
    for n in range(rows):
        book(MONDAY + days(n // 5 * 7 + n % 5), "12:15", practitioner=clinic.robin, by="staff", override="Busy")
    people = profiles.practitioners(on=MONDAY)
    with noted() as queries:
        assert len(stranding.outside_hours(people)) == rows
    assert len(selects(queries)) == 4
