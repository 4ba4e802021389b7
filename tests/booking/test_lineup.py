"""The order of services and practitioners, who leaves, what is retired, and what may be removed."""

import pytest

from clinic_app import clock, database
from clinic_app.booking import appointments, hours, lineup, profiles, requests
from clinic_app.booking.models import HoursException, Practitioner, Service
from clinic_app.booking.refusals import HasHistory, SlotNotOffered
from clinic_app.extensions import db
from tests.queries import noted, selects
from tests.scans import scans

from .conftest import LEE, MONDAY, TUESDAY, days, do, last_mail


def change(verb, thing, **words):
    """Call a verb of the domain as an edge does, on the row as it is now."""
    with database.transaction():
        return verb(db.session.get(type(thing), thing.id), **words)


def names():
    return [service.name for service in profiles.services()]


def test_a_new_service_comes_last_with_an_address_of_its_own(clinic):
    with database.transaction():
        made = [lineup.add_service("Kids’ visit", minutes=30, price_cents=9000) for _ in range(2)]
    assert [service.slug for service in made] == ["kids-visit", "kids-visit-2"]
    assert names()[-2:] == ["Kids’ visit", "Kids’ visit"]
    assert {person.name for person in made[0].practitioners} == {"Robin Sample", "Kit Example"}


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("前台", "practitioner"),
        ("Anyone", "anyone-2"),
        ("All", "all-2"),
        ("Zoë O’Example", "zoe-oexample"),
        ("x" * 300, "x" * 90),
        ("Robin", "robin-2"),
    ],
)
def test_addresses_are_made_of_names_and_stand_for_one_thing_only(clinic, name, slug):
    with database.transaction():
        assert lineup.add_practitioner(name).slug == slug


def test_two_at_once_with_one_name_get_two_addresses(clinic, monkeypatch):
    slugs = iter(["robin", "robin-2"])
    monkeypatch.setattr(lineup, "_free_slug", lambda *_: next(slugs))  # the first was free a moment ago
    with database.transaction():
        assert lineup.add_practitioner("Robin").slug == "robin-2"


def test_services_move_up_and_down_and_no_further_than_the_ends(clinic):
    assert names() == ["First visit", "Follow-up", "Running check"]
    change(lineup.move, clinic.check, places=-1)
    assert names() == ["First visit", "Running check", "Follow-up"]
    change(lineup.move, clinic.first, places=5)
    assert names() == ["Running check", "Follow-up", "First visit"]
    change(lineup.move, clinic.first, places=1)
    assert names() == ["Running check", "Follow-up", "First visit"]


def test_what_stood_at_one_place_gets_places_of_its_own(app):
    with database.transaction():
        for slug in ("a", "b", "c"):
            profiles.save_service(slug, name=slug, minutes=30, price_cents=0)
    change(lineup.move, profiles.service("c"), places=-1)
    assert names() == ["a", "c", "b"]


def test_practitioners_move_and_who_left_stays_behind(clinic):
    change(lineup.leave, clinic.robin, last_day=clock.today() - days(1))
    change(lineup.move, clinic.robin, places=1)
    with database.transaction():
        jo = lineup.add_practitioner("Jo Fictional")
    change(lineup.move, jo, places=-1)
    assert [person.name for person in lineup.all_practitioners()] == [
        "Jo Fictional",
        "Kit Example",
        "Robin Sample",
    ]
    assert [lineup.has_left(person) for person in lineup.all_practitioners()] == [False, False, True]


@pytest.mark.parametrize(("last_day", "works"), [(None, True), (MONDAY, True), (MONDAY - days(1), False)])
def test_a_query_and_a_row_agree_on_who_works_on_a_day(clinic, last_day, works):
    change(lineup.leave, clinic.robin, last_day=last_day)
    assert clinic.robin.works_on(MONDAY) is works
    assert (clinic.robin in profiles.practitioners(on=MONDAY)) is works


def test_a_retired_service_keeps_its_appointments_and_comes_back_where_it_stood(book, clinic):
    made, before = book(), names()
    change(lineup.retire, clinic.visit)
    assert names() == ["First visit", "Running check"]
    assert [service.name for service in lineup.all_services()][-1] == "Follow-up"
    assert db.session.get(type(made), made.id).status == "booked"
    change(lineup.bring_back, clinic.visit)
    assert names() == before


def test_the_appointments_of_a_retired_service_can_be_moved_and_have_other_times_offered(book, clinic, at):
    made = book()
    asked = book(TUESDAY, "13:00", service=clinic.check, patient=LEE)
    change(lineup.retire, clinic.visit)
    change(lineup.retire, clinic.check)
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "09:00"))
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "10:00"), practitioner=clinic.kit, by="staff")
    do(requests.offer, asked, times=[(clinic.robin, at(TUESDAY, "15:00"))])
    do(requests.choose, asked, practitioner=clinic.robin, starts_at=at(TUESDAY, "15:00"))
    assert (made.starts_at, asked.starts_at) == (at(TUESDAY, "10:00"), at(TUESDAY, "15:00"))
    with pytest.raises(SlotNotOffered):
        book(wall="14:00", patient=LEE)


def test_who_left_keeps_no_appointment_from_being_moved_to_someone_else(book, clinic, at):
    made = book(TUESDAY, practitioner=clinic.robin)
    with database.transaction():
        profiles.save_practitioner("robin", left_on=MONDAY - days(1))
    with pytest.raises(SlotNotOffered):
        do(appointments.reschedule, made, starts_at=at(TUESDAY, "11:00"))
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "11:00"), practitioner=clinic.kit, by="staff")
    assert made.practitioner_id == clinic.kit.id


def test_the_appointments_of_a_service_still_to_come_are_counted(book, clinic):
    far = clock.today() + days(400)
    with database.transaction():
        profiles.save_service("visit", horizon_days=400)
        hours.add_extra_hours(db.session.get(Practitioner, clinic.robin.id), hours.between(far, far))
    book(far, "10:00", by="staff", override="Far away")
    do(appointments.cancel, book(far, "12:00", patient=LEE, by="staff", override="Far away"))
    assert lineup.upcoming_of(db.session.get(Service, clinic.visit.id)) == 1
    assert lineup.upcoming_of(db.session.get(Service, clinic.first.id)) == 0


def test_who_leaves_keeps_the_appointments_after_their_last_day_until_they_are_moved(book, clinic):
    made = book()
    change(lineup.leave, clinic.robin, last_day=MONDAY - days(1))
    assert db.session.get(Practitioner, clinic.robin.id).left_on == MONDAY - days(1)
    assert db.session.get(type(made), made.id).status == "booked"
    change(lineup.come_back, clinic.robin)
    assert db.session.get(Practitioner, clinic.robin.id).left_on is None


def test_what_has_no_history_can_be_removed(clinic):
    with database.transaction():
        hours.take_time_off(db.session.get(Practitioner, clinic.kit.id), hours.between(MONDAY, MONDAY))
    change(lineup.remove, clinic.kit)
    change(lineup.remove, clinic.check)
    assert [person.slug for person in profiles.practitioners()] == ["robin"]
    assert names() == ["First visit", "Follow-up"]
    assert db.session.query(HoursException).count() == 0


def test_what_appointments_name_cannot_be_removed_whatever_became_of_them(book, clinic):
    do(appointments.cancel, book())
    for thing in (clinic.robin, clinic.visit):
        with pytest.raises(HasHistory):
            change(lineup.remove, thing)
    assert len(profiles.practitioners()) == 2 and len(names()) == 3


def test_who_was_offered_at_another_time_cannot_be_removed(book, clinic, at):
    asked = book(service=clinic.check, practitioner=clinic.robin)
    do(requests.offer, asked, times=[(clinic.kit, at(TUESDAY, "10:00"))])
    with pytest.raises(HasHistory):
        change(lineup.remove, clinic.kit)


def test_whose_appointment_was_given_to_somebody_else_cannot_be_removed(book, clinic, at):
    """Its patient may know of no other: the news of its end would have nobody to name."""
    made = book(TUESDAY, practitioner=clinic.robin)
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "10:00"), practitioner=clinic.kit, by="staff")
    with pytest.raises(HasHistory):
        change(lineup.remove, clinic.robin)
    do(appointments.cancel, made, by="staff")
    assert "With: Robin Sample" in last_mail("cancelled").text_body


def test_whether_somebody_new_can_be_removed_is_found_without_reading_all_that_was_ever_done(clinic):
    with database.transaction():
        somebody = lineup.add_practitioner("Sam Sample")
    with noted() as seen:
        assert not lineup.has_history(somebody)
    assert not [scan for each in seen for scan in scans(each)]


def test_what_is_booked_in_the_moment_of_removing_stays(book, clinic, monkeypatch):
    book()
    monkeypatch.setattr(lineup, "has_history", lambda _: False)  # as it was when it was asked for
    with pytest.raises(HasHistory):
        change(lineup.remove, clinic.visit)


def test_the_lists_take_a_fixed_number_of_queries(clinic):
    with database.transaction():
        for number in range(8):
            lineup.add_practitioner(f"Sample {number}")
            lineup.add_service(f"Service {number}", minutes=30, price_cents=0)
    db.session.expunge_all()
    with noted() as seen:
        assert all(service.practitioners for service in lineup.all_services())
        assert len([person.hours for person in lineup.all_practitioners() if person.services]) == 10
    assert len(selects(seen)) == 5
