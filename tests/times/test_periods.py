"""The arithmetic of periods, and hours on the wall on days when the clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from clinic_app.clock import instant_of
from clinic_app.times.periods import Period, covering, merge, on_the_wall, subtract, touching, whole_day

SYDNEY = ZoneInfo("Australia/Sydney")
SUMMER_BEGINS = date(2026, 10, 4)  # 2 am becomes 3 am
SUMMER_ENDS = date(2027, 4, 4)  # 3 am becomes 2 am
ZERO = datetime(2026, 11, 1, tzinfo=UTC)


def tick(n: int) -> datetime:
    return ZERO + timedelta(minutes=5 * n)


def period(a: int, b: int) -> Period:
    return Period(tick(a), tick(b))


ticks = st.integers(0, 30)
some_periods = st.lists(st.builds(period, ticks, ticks), max_size=6)


def held(periods) -> set[int]:
    return {n for n in range(31) for p in periods if p.start <= tick(n) < p.end}


@given(some_periods)
def test_merging_keeps_every_instant_and_leaves_no_two_that_touch(periods):
    merged = merge(periods)
    assert held(merged) == held(periods)
    assert all(a.end < b.start for a, b in zip(merged, merged[1:], strict=False))
    assert all(p.start < p.end for p in merged)


@given(some_periods, some_periods)
def test_subtracting_leaves_what_is_in_no_hole(periods, holes):
    assert held(subtract(periods, holes)) == held(periods) - held(holes)


@given(some_periods, ticks, st.integers(1, 10))
def test_covering_and_touching_agree_with_looking_at_every_instant(periods, start, length):
    wanted, instants = period(start, start + length), set(range(start, start + length))
    everything = {n for n in range(45) for p in periods if p.start <= tick(n) < p.end}
    assert covering(merge(periods), wanted) == (instants <= everything)
    assert touching(merge(periods), wanted) == bool(instants & everything)


def test_periods_that_only_meet_do_not_overlap():
    assert not period(0, 2).overlaps(period(2, 4))
    assert period(0, 3).overlaps(period(2, 4))


def test_hours_that_begin_in_the_skipped_hour_begin_at_the_change():
    change = datetime(2026, 10, 3, 16, tzinfo=UTC)
    assert instant_of(SUMMER_BEGINS, time(2, 30), SYDNEY) == change
    assert instant_of(SUMMER_BEGINS, time(2), SYDNEY) == change
    assert instant_of(SUMMER_BEGINS, time(2, 30, fold=1), SYDNEY) == change
    assert instant_of(SUMMER_BEGINS, time(3), SYDNEY) == change
    assert instant_of(SUMMER_BEGINS, time(3, 30), SYDNEY) == change + timedelta(minutes=30)


def test_a_time_that_comes_twice_means_the_first():
    assert instant_of(SUMMER_ENDS, time(2, 30), SYDNEY) == datetime(2027, 4, 3, 15, 30, tzinfo=UTC)
    assert instant_of(SUMMER_ENDS, time(2, 30, fold=1), SYDNEY) == datetime(2027, 4, 3, 16, 30, tzinfo=UTC)
    assert instant_of(SUMMER_ENDS, time(3), SYDNEY) == datetime(2027, 4, 3, 17, tzinfo=UTC)


def test_days_of_a_clock_change_are_23_and_25_hours_long():
    lengths = [
        (p.end - p.start) / timedelta(hours=1)
        for p in (whole_day(d, SYDNEY) for d in (SUMMER_BEGINS, SUMMER_ENDS))
    ]
    assert lengths == [23, 25]


def test_hours_across_midnight_and_a_clock_change_last_as_long_as_they_do():
    night = on_the_wall(SUMMER_BEGINS - timedelta(days=1), time(22), time(6), SYDNEY)
    assert night.end - night.start == timedelta(hours=7)
    night = on_the_wall(SUMMER_ENDS - timedelta(days=1), time(22), time(6), SYDNEY)
    assert night.end - night.start == timedelta(hours=9)


def test_a_day_that_has_no_midnight_begins_when_it_begins():
    havana = ZoneInfo("America/Havana")  # 8 March 2026: midnight becomes 1 am
    assert whole_day(date(2026, 3, 8), havana).start == datetime(2026, 3, 8, 5, tzinfo=UTC)
