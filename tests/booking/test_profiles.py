"""Practitioners, services and who offers what."""

from datetime import date, time, timedelta

import pytest

from clinic_app import clock
from clinic_app.booking import profiles

pytestmark = pytest.mark.usefixtures("writing")


def test_practitioners_and_services_come_in_their_order():
    for position, name in ((2, "kit"), (1, "robin")):
        profiles.save_practitioner(name, name=name.title(), position=position)
        profiles.save_service(f"{name}-visit", name="Visit", minutes=30, price_cents=9500, position=position)
    assert [p.slug for p in profiles.practitioners()] == ["robin", "kit"]
    assert [s.slug for s in profiles.services()] == ["robin-visit", "kit-visit"]


def test_someone_who_left_is_listed_up_to_their_last_day():
    profiles.save_practitioner("kit", name="Kit Example", left_on=date(2026, 11, 27))
    assert profiles.practitioners(on=date(2026, 11, 27))
    assert not profiles.practitioners(on=date(2026, 11, 28))
    profiles.save_practitioner("kit", left_on=clock.today() - timedelta(days=1))
    assert not profiles.practitioners()
    assert profiles.practitioner("kit").name == "Kit Example"


def test_a_retired_service_is_not_listed_and_still_found():
    profiles.save_service("old", name="Old", minutes=30, price_cents=0, retired=True)
    assert not profiles.services()
    assert profiles.service("old").retired


def test_an_unknown_slug_is_refused_by_name():
    with pytest.raises(profiles.NotFound):
        profiles.practitioner("nobody")
    with pytest.raises(profiles.NotFound):
        profiles.service("nothing")


def test_everybody_offers_everything_unless_said_otherwise():
    robin = profiles.save_practitioner("robin", name="Robin Sample")
    visit = profiles.save_service("visit", name="Visit", minutes=30, price_cents=9500)
    kit = profiles.save_practitioner("kit", name="Kit Example")
    assert set(visit.practitioners) == {robin, kit}
    check = profiles.save_service("check", name="Check", minutes=60, price_cents=0, offered_by=[kit])
    assert check.practitioners == [kit]
    profiles.save_practitioner("kit", offers=[check], role="Chiropractor")
    assert kit.services == [check]


def test_saving_hours_again_replaces_the_week():
    morning, evening = (time(8), time(12)), (time(18), time(1))
    robin = profiles.save_practitioner("robin", name="Robin", hours={0: [morning], 4: [evening]})
    kept = next(row for row in robin.hours if row.weekday == 4)
    profiles.save_practitioner("robin", hours={0: [(time(8), time(13))], 4: [evening]})
    assert [(r.weekday, r.starts, r.ends) for r in robin.hours if r.weekday == 0] == [(0, time(8), time(13))]
    assert kept in robin.hours
    profiles.save_practitioner("robin", role="Chiropractor")
    assert len(robin.hours) == 2
