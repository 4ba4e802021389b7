"""Loading what decides availability, and asking it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from clinic_app import create_app, database
from clinic_app.booking import availability, closed_days, profiles
from clinic_app.booking.models import Appointment, HoursException
from clinic_app.checks import SettingsError
from clinic_app.extensions import db
from tests.queries import noted

from .conftest import MONDAY, NOW, TUESDAY, days


def fill(clinic, rows):
    """Rows straight into the table: (start, minutes)."""
    with database.transaction():
        db.session.execute(
            insert(Appointment),
            [
                {
                    "practitioner_id": clinic.robin.id,
                    "service_id": clinic.visit.id,
                    "status": "booked",
                    "starts_at": start,
                    "ends_at": start + timedelta(minutes=minutes),
                    "busy_until": start + timedelta(minutes=minutes),
                    "name": "Alex Placeholder",
                    "email": "alex@example.org",
                    "token_hash": f"hash {start}",
                    "made_by": "staff",
                }
                for start, minutes in rows
            ],
        )


def except_hours(kind, who, starts_at, ends_at):
    with database.transaction():
        db.session.add(
            HoursException(kind=kind, practitioner_id=who and who.id, starts_at=starts_at, ends_at=ends_at)
        )


def test_a_slot_of_anyone_names_all_who_are_free_in_their_order(clinic, at, wall):
    openings = availability.load(clinic.visit, first=MONDAY, last=TUESDAY, now=NOW)
    found = {wall(slot): [p.slug for p in slot.practitioners] for slot in openings.slots()}
    assert found["23 Nov 09:00"] == ["robin"]
    assert found["24 Nov 09:00"] == ["robin", "kit"]
    assert found["24 Nov 16:30"] == ["robin"]
    assert list(found) == sorted(found)


def test_appointments_time_off_and_closures_take_slots_away(clinic, at, wall):
    fill(clinic, [(at(MONDAY, "09:00"), 60)])
    except_hours("time_off", clinic.robin, at(MONDAY, "10:00"), at(MONDAY, "11:00"))
    except_hours("closure", None, at(MONDAY, "13:00"), at(TUESDAY, "23:00"))
    openings = availability.load(clinic.visit, practitioner=clinic.robin, first=MONDAY, last=TUESDAY, now=NOW)
    assert [wall(slot) for slot in openings.slots()] == ["23 Nov 11:00", "23 Nov 11:15", "23 Nov 11:30"]


def test_extra_hours_add_slots_to_one_practitioner(clinic, at, wall):
    sunday = MONDAY - days(1)
    except_hours("extra_hours", clinic.kit, at(sunday, "15:00"), at(sunday, "15:45"))
    openings = availability.load(clinic.visit, first=sunday, last=sunday, now=NOW)
    assert [(wall(s), [p.slug for p in s.practitioners]) for s in openings.slots()] == [
        ("22 Nov 15:00", ["kit"]),
        ("22 Nov 15:15", ["kit"]),
    ]


def test_cancelled_appointments_and_no_shows_take_nothing_away(clinic, at):
    fill(clinic, [(at(MONDAY, "09:00"), 60)])
    openings = availability.load(clinic.visit, first=MONDAY, last=MONDAY, now=NOW)
    before = len(list(openings.slots()))
    for status in ("cancelled", "noshow"):
        with database.transaction():
            db.session.execute(db.update(Appointment).values(status=status))
        openings = availability.load(clinic.visit, first=MONDAY, last=MONDAY, now=NOW)
        assert len(list(openings.slots())) == before + 4


def test_an_appointment_about_to_move_does_not_stand_in_its_own_way(clinic, at):
    fill(clinic, [(at(MONDAY, "09:15"), 30)])
    moving = db.session.scalar(db.select(Appointment))
    openings = availability.load(clinic.visit, first=MONDAY, last=MONDAY, now=NOW, ignoring=moving)
    starts = [slot.starts_at for slot in openings.slots()]
    assert starts[:2] == [at(MONDAY, "09:00"), at(MONDAY, "09:30")], "where it is now is nowhere to move"


def test_a_service_goes_by_its_own_rules_before_the_clinics(clinic, app, with_settings, at):
    with_settings(booking_notice_minutes=60, booking_horizon_days=10, appointment_gap_minutes=10)
    with database.transaction():
        service = profiles.save_service("visit", notice_minutes=0, horizon_days=0, gap_minutes=0)
    rules = availability.rules_of(service, now=NOW)
    assert (rules.notice, rules.gap, rules.last_day) == (days(0), days(0), MONDAY - days(2))
    rules = availability.rules_of(profiles.service("first"), now=NOW)
    assert (rules.notice, rules.gap) == (timedelta(hours=1), timedelta(minutes=10))
    assert rules.last_day == MONDAY + days(8)


def test_an_appointment_that_runs_past_midnight_takes_the_next_days_first_slots(clinic, at, wall, book):
    friday, saturday = MONDAY + days(4), MONDAY + days(5)
    book(friday, "23:45", practitioner=clinic.kit)
    openings = availability.load(clinic.visit, first=saturday, last=saturday, now=NOW)
    assert [wall(slot) for slot in openings.slots()] == ["28 Nov 00:15", "28 Nov 00:30"]


def test_a_day_that_was_not_loaded_has_no_slots_since_nobody_knows_who_is_busy(clinic):
    openings = availability.load(clinic.visit, first=TUESDAY, last=TUESDAY, now=NOW)
    assert [bool(day.slots) for day in openings.days(MONDAY, 3)] == [False, True, False]


def test_afternoon_begins_at_noon_and_evening_at_five(clinic, at):
    except_hours("extra_hours", clinic.robin, at(MONDAY, "12:00"), at(MONDAY, "18:00"))
    parts = availability.load(clinic.visit, first=MONDAY, last=MONDAY, now=NOW).day(MONDAY).parts
    firsts = [(name, slots[0].at.time().hour, slots[0].ends_at - slots[0].starts_at) for name, slots in parts]
    half_an_hour = timedelta(minutes=30)
    assert firsts == [("Morning", 9, half_an_hour), ("Afternoon", 12, half_an_hour), ("Evening", 17, half_an_hour)]


def test_the_step_between_slots_is_a_setting(clinic, with_settings, wall):
    with_settings(slot_step_minutes=60)
    openings = availability.load(clinic.visit, first=MONDAY, last=MONDAY, now=NOW)
    assert [wall(slot)[7:] for slot in openings.slots()][:3] == ["09:00", "10:00", "11:00"]


def test_who_is_free_stands_in_the_clinics_own_order(clinic):
    with database.transaction():
        profiles.save_practitioner("kit", position=0)
    openings = availability.load(clinic.visit, first=TUESDAY, last=TUESDAY, now=NOW)
    both = [slot.practitioners for slot in openings.slots() if len(slot.practitioners) > 1]
    assert {tuple(person.slug for person in people) for people in both} == {("kit", "robin")}


def test_the_horizon_bounds_what_is_offered(clinic, with_settings, wall):
    with_settings(booking_horizon_days=2)
    assert {wall(s)[:6] for s in availability.load(clinic.visit, now=NOW).slots()} == {"23 Nov"}


def test_a_retired_service_and_one_that_nobody_offers_have_no_slots(clinic):
    with database.transaction():
        profiles.save_service("visit", retired=True)
        profiles.save_service("first", offered_by=[])
    for slug in ("visit", "first"):
        assert not list(availability.load(profiles.service(slug), now=NOW).slots())


def test_someone_who_left_has_no_slots_after_their_last_day(clinic, wall):
    with database.transaction():
        profiles.save_practitioner("robin", left_on=MONDAY)
    openings = availability.load(profiles.service("visit"), practitioner=profiles.practitioner("robin"), now=NOW)
    assert {wall(s)[:6] for s in openings.slots()} == {"23 Nov"}


@pytest.mark.parametrize("by_now", [{"retired": True}, {"offered_by": []}, {"retired": True, "offered_by": []}])
def test_an_appointment_that_moves_needs_no_offering_and_ends_with_its_practitioner(book, clinic, wall, by_now):
    made = book(TUESDAY, practitioner=clinic.robin)
    with database.transaction():
        visit = profiles.save_service("visit", **by_now)
        robin = profiles.save_practitioner("robin", left_on=TUESDAY)
    openings = availability.load(visit, practitioner=robin, now=NOW, ignoring=made)
    assert {wall(s)[:6] for s in openings.slots()} == {"23 Nov", "24 Nov"}
    assert not list(availability.load(visit, practitioner=robin, now=NOW).slots())


def test_a_week_lists_every_day_and_groups_times(clinic, at):
    openings = availability.load(clinic.visit, now=NOW)
    week = openings.days(MONDAY)
    assert [day.date for day in week] == [MONDAY + days(n) for n in range(7)]
    assert [name for name, _ in week[0].parts] == ["Morning", "Afternoon"]
    assert [name for name, _ in week[4].parts] == ["Morning", "Afternoon", "Evening"]
    assert week[5].parts[0][1][0].starts_at == at(MONDAY + days(5), "00:00")
    assert not week[6].slots


def test_a_day_without_times_knows_the_next_that_has_one(clinic):
    openings = availability.load(clinic.visit, practitioner=clinic.kit, now=NOW)
    assert openings.next_day(TUESDAY) == TUESDAY + days(3)
    assert openings.next_day(date(2027, 12, 1)) is None


def test_the_next_slots_are_spread_over_parts_of_days(clinic, wall):
    openings = availability.load(clinic.visit, now=NOW)
    assert [wall(s) for s in openings.next_slots()] == ["23 Nov 09:00", "23 Nov 13:00", "24 Nov 09:00"]


def test_the_nearest_slots_to_one_that_has_gone_are_offered_in_order(clinic, at, wall):
    fill(clinic, [(at(MONDAY, "11:00"), 60)])
    openings = availability.load(clinic.visit, practitioner=clinic.robin, first=MONDAY, last=MONDAY, now=NOW)
    assert [wall(s) for s in openings.nearest(at(MONDAY, "11:00"))] == [
        "23 Nov 10:00",
        "23 Nov 10:15",
        "23 Nov 10:30",
    ]


@pytest.mark.parametrize("state, closed", [("WA", False), ("NSW", True), ("", False), ("Victoria", False)])
def test_public_holidays_are_those_of_the_state(clinic, with_settings, state, closed):
    labour_day = date(2026, 10, 5)  # in New South Wales, not in Western Australia
    with_settings(state=state)
    openings = availability.load(clinic.visit, first=labour_day, last=labour_day, now=NOW - days(60))
    assert (not list(openings.slots())) == closed
    assert list(closed_days.public_holidays(labour_day, labour_day).values()) == (["Labour Day"] if closed else [])


@pytest.mark.parametrize(
    "country, state, told",
    [
        ("GB", "ENG", ["Late Summer Bank Holiday"]),
        ("GB", "England", ["Late Summer Bank Holiday"]),
        ("GB", "SCT", []),
        ("IE", "Co. Cork", []),  # whose states are not known
        ("AQ", "Ross Sea", []),  # nor are its holidays
    ],
)
def test_public_holidays_abroad_are_those_of_its_own_states(app, with_settings, country, state, told):
    with_settings(country=country, state=state)
    assert list(closed_days.public_holidays(date(2026, 8, 31), date(2026, 8, 31)).values()) == told


@pytest.mark.parametrize(
    "country, state, first",
    [
        ("AU", "nsw", "ACT (Australian Capital Territory), NSW"),
        ("GB", "NSW", "ENG (England)"),
        ("US", "Cal", "AK"),
    ],
)
def test_a_site_does_not_start_with_a_state_that_is_none(tmp_path, country, state, first):
    environ = {"CLINIC_COUNTRY": country, "CLINIC_STATE": state}
    with pytest.raises(SettingsError) as refusal:
        create_app(instance=tmp_path, environ=environ)
    assert f"state was '{state}'; for public holidays it should be one of {first}" in str(refusal.value)
    assert str(refusal.value).endswith('or set public_holidays to "open").')
    assert create_app(instance=tmp_path, environ=environ | {"CLINIC_PUBLIC_HOLIDAYS": "open"})


def test_public_holidays_are_kept_for_the_release_of_the_library_that_told_them(app, monkeypatch):
    kept = Path(app.instance_path) / closed_days.KEPT
    new_year = date(2027, 1, 1)

    def told() -> str:
        closed_days._of_year.cache_clear()
        return closed_days.public_holidays(new_year, new_year)[new_year]

    assert told() == "New Year’s Day"
    kept.write_text(kept.read_text().replace("New Year’s Day", "The first day"))
    assert told() == "The first day"
    monkeypatch.setattr(closed_days, "version", lambda _: "newer")
    assert told() == "New Year’s Day"
    for damaged in ("", "[]", "{"):
        kept.write_text(damaged)
        assert told() == "New Year’s Day"
    kept.unlink()
    kept.mkdir()  # which nobody can write to
    assert told() == "New Year’s Day"
    kept.rmdir()


def test_a_clinic_may_open_on_public_holidays(clinic, with_settings):
    with_settings(public_holidays="open")
    assert list(
        availability.load(
            clinic.visit, first=date(2026, 10, 5), last=date(2026, 10, 5), now=NOW - days(60)
        ).slots()
    )


@pytest.mark.parametrize("appointments", [1, 500])
def test_two_months_take_four_queries_however_many_appointments(clinic, at, appointments):
    start = at(MONDAY, "00:00")
    fill(clinic, [(start + timedelta(minutes=15 * n), 15) for n in range(appointments)])
    assert clinic.visit.id  # read afresh before counting
    with noted() as queries:
        openings = availability.load(clinic.visit, now=NOW)
        openings.days(MONDAY, 28)
        openings.next_slots()
        openings.next_day(MONDAY)
    assert len(queries) == 4
