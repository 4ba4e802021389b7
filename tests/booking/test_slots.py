"""The laws of availability, against a reference that looks at every five minutes."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_app.booking.slots import Diary, Rules, fits, is_free, starts
from clinic_app.times.periods import Period

FIVE = timedelta(minutes=5)
DAY = timedelta(days=1)
SYDNEY = ZoneInfo("Australia/Sydney")
# Days around changes of the clock: an hour in Sydney, half an hour on Lord Howe Island, at midnight in Havana.
PLACES = [
    (SYDNEY, date(2026, 10, 4)),
    (SYDNEY, date(2027, 4, 4)),
    (SYDNEY, date(2026, 11, 24)),
    (ZoneInfo("Australia/Lord_Howe"), date(2026, 10, 4)),
    (ZoneInfo("Australia/Lord_Howe"), date(2027, 4, 4)),
    (ZoneInfo("America/Havana"), date(2026, 3, 8)),
]


def wall_times():
    return st.integers(0, 24 * 12 - 1).map(lambda n: time(n // 12, n % 12 * 5))


@st.composite
def situations(draw):
    """A practitioner's diary, a service's rules and a few days, in which much is cut close."""
    zone, day = draw(st.sampled_from(PLACES))
    around = datetime.combine(day, time.min, tzinfo=UTC)
    instants = st.integers(-24 * 12, 60 * 12).map(lambda n: around + n * FIVE)
    periods = st.lists(st.builds(lambda a, n: Period(a, a + n * FIVE), instants, st.integers(1, 60)), max_size=4)
    weekdays = st.integers(-2, 2).map(lambda n: (day + n * DAY).weekday())
    diary = Diary(
        weekly=draw(st.lists(st.tuples(weekdays, wall_times(), wall_times()), max_size=5)),
        holidays=frozenset(draw(st.sets(st.integers(-2, 2).map(lambda n: day + n * DAY), max_size=1))),
        extra=draw(periods),
        off=draw(periods),
        busy=draw(periods),
        last_day=draw(st.none() | st.integers(-1, 2).map(lambda n: day + n * DAY)),
    )
    minutes = st.integers(0, 24).map(lambda n: n * FIVE)
    rules = Rules(
        now=around - draw(st.integers(0, 2000)) * timedelta(minutes=1),
        zone=zone,
        length=draw(st.integers(1, 24)) * FIVE,
        gap=draw(st.just(timedelta(0)) | minutes),
        step=draw(st.integers(1, 12)) * FIVE,
        notice=draw(minutes),
        horizon_days=draw(st.integers(0, 5)),
    )
    first = day + draw(st.integers(-1, 1)) * DAY
    return diary, rules, first, first + draw(st.integers(0, 1)) * DAY


def reference(diary, rules, first, last):
    """Every start, by looking at each five minutes and asking the question in words."""
    hours = [p for p in _all_hours(diary, rules.zone, first, last) if p.start < p.end]

    def within(instant, periods):
        return any(p.start <= instant < p.end for p in periods)

    def every(start, length):
        return [start + n * FIVE for n in range(length // FIVE)]

    def works(instant):
        return within(instant, hours) and not within(instant, diary.off)

    found = []
    for n in range(-24 * 12, 24 * 12 * 4):
        start = datetime.combine(first, time.min, tzinfo=UTC) + n * FIVE
        day = start.astimezone(rules.zone).date()
        if (
            first <= day <= last
            and day <= rules.now.astimezone(rules.zone).date() + rules.horizon_days * DAY
            and start >= rules.now + rules.notice
            and any(p.start <= start < p.end and (start - p.start) % rules.step == timedelta(0) for p in hours)
            and all(works(instant) for instant in every(start, rules.length))
            and not any(within(instant, diary.busy) for instant in every(start, rules.length + rules.gap))
        ):
            found.append(start)
    return found


def _all_hours(diary, zone, first, last):
    for n in range(-3, (last - first).days + 4):
        day = first + n * DAY
        for weekday, a, b in diary.weekly:
            if weekday == day.weekday() and day not in diary.holidays:
                end_day = day if b > a else day + DAY
                yield _cut(Period(_first(day, a, zone), _first(end_day, b, zone)), diary, zone)
    for period in diary.extra:
        yield _cut(period, diary, zone)


def _cut(period, diary, zone):
    if diary.last_day is None:
        return period
    return Period(period.start, min(period.end, _first(diary.last_day + DAY, time.min, zone)))


def _first(day, at, zone):
    """The first instant at which the clock on the wall shows this or later, found by waiting for it."""
    wanted = datetime.combine(day, at)
    instant = datetime.combine(day - DAY, time.min, tzinfo=UTC) + DAY / 4
    if zone.utcoffset(wanted) > timedelta(0):
        instant -= DAY / 2
    while instant.astimezone(zone).replace(tzinfo=None) < wanted:
        instant += FIVE
    return instant


@settings(max_examples=300, deadline=None)
@given(situations())
def test_exactly_the_slots_of_the_reference_are_offered(situation):
    assert list(starts(*situation)) == reference(*situation)


@settings(max_examples=100, deadline=None)
@given(situations())
def test_no_slot_overlaps_anything_busy_or_off_gaps_included(situation):
    diary, rules, first, last = situation
    for start in starts(diary, rules, first, last):
        assert not any(Period(start, start + rules.length + rules.gap).overlaps(p) for p in diary.busy)
        assert not any(Period(start, start + rules.length).overlaps(p) for p in diary.off)


@settings(max_examples=100, deadline=None)
@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_inputs_does_not_matter(situation, chance: random.Random):
    diary, rules, first, last = situation

    def shuffled(items):
        return chance.sample(list(items), len(list(items)))

    other = Diary(
        weekly=shuffled(diary.weekly),
        holidays=diary.holidays,
        extra=shuffled(diary.extra),
        off=shuffled(diary.off),
        busy=shuffled(diary.busy),
        last_day=diary.last_day,
    )
    assert list(starts(other, rules, first, last)) == list(starts(diary, rules, first, last))


@settings(max_examples=100, deadline=None)
@given(situations())
def test_two_days_asked_together_are_the_two_days_asked_singly(situation):
    diary, rules, first, _ = situation
    together = list(starts(diary, rules, first, first + DAY))
    assert together == [*starts(diary, rules, first, first), *starts(diary, rules, first + DAY, first + DAY)]


@settings(max_examples=100, deadline=None)
@given(situations())
def test_what_is_offered_is_free_and_stays_unoffered_once_taken(situation):
    diary, rules, first, last = situation
    for start in list(starts(diary, rules, first, last))[:3]:
        assert is_free(diary, rules, start)
        taken = Period(start, start + rules.length + rules.gap)
        assert not is_free(replace(diary, busy=[*diary.busy, taken]), rules, start)


def rules(**changes):
    values = {"now": datetime(2026, 9, 1, tzinfo=UTC), "zone": SYDNEY, "length": timedelta(minutes=30)}
    return Rules(**{**values, "step": timedelta(minutes=30), "horizon_days": 400, **changes})


def on_the_clock(diary, rules, day, last=None):
    return [f"{s.astimezone(rules.zone):%H:%M}" for s in starts(diary, rules, day, last or day)]


def test_no_slot_lies_in_the_hour_that_summer_time_skips():
    night = Diary(weekly=[(6, time(1), time(4))])
    assert on_the_clock(night, rules(), date(2026, 10, 4)) == ["01:00", "01:30", "03:00", "03:30"]


def test_the_hour_that_comes_twice_is_offered_twice():
    night = Diary(weekly=[(6, time(1, 30), time(3))])
    assert on_the_clock(night, rules(), date(2027, 4, 4)) == ["01:30", "02:00", "02:30", "02:00", "02:30"]


def test_hours_across_midnight_belong_to_both_days():
    late = Diary(weekly=[(0, time(23), time(1))])
    assert on_the_clock(late, rules(), date(2026, 11, 23)) == ["23:00", "23:30"]
    assert on_the_clock(late, rules(), date(2026, 11, 24)) == ["00:00", "00:30"]


def test_an_appointment_may_run_into_the_next_days_hours_where_they_join():
    always = Diary(weekly=[(day, time(0), time(0)) for day in range(7)])
    hour = rules(length=timedelta(hours=1))
    assert on_the_clock(always, hour, date(2026, 11, 24))[-1] == "23:30"


def test_a_service_longer_than_what_is_left_is_not_offered():
    day = date(2026, 11, 23)
    diary = Diary(weekly=[(0, time(9), time(10))], busy=[])
    assert on_the_clock(diary, rules(length=timedelta(minutes=45)), day) == ["09:00"]
    assert on_the_clock(diary, rules(length=timedelta(minutes=75)), day) == []


def test_someone_who_left_is_not_offered_after_their_last_day():
    diary = Diary(weekly=[(0, time(9), time(10)), (1, time(9), time(10))], last_day=date(2026, 11, 23))
    assert on_the_clock(diary, rules(), date(2026, 11, 23), date(2026, 12, 31)) == ["09:00", "09:30"]


def test_a_gap_keeps_its_distance_on_both_sides_and_may_pass_closing_time():
    nine = datetime(2026, 11, 22, 22, tzinfo=UTC)  # 9 am on Monday in Sydney
    taken = Period(nine + timedelta(minutes=60), nine + timedelta(minutes=60 + 30 + 15))
    diary = Diary(weekly=[(0, time(9), time(12))], busy=[taken])
    assert on_the_clock(
        diary, rules(gap=timedelta(minutes=15), step=timedelta(minutes=15)), date(2026, 11, 23)
    ) == [
        *("09:00", "09:15", "10:45", "11:00", "11:15", "11:30"),
    ]


def test_what_staff_book_off_the_grid_keeps_its_gap_from_what_follows_too():
    nine = datetime(2026, 11, 22, 22, tzinfo=UTC)  # 9 am on Monday in Sydney
    taken = Period(nine + timedelta(minutes=60), nine + timedelta(minutes=60 + 30 + 15))
    diary = Diary(weekly=[(0, time(9), time(12))], busy=[taken])
    with_gap = rules(gap=timedelta(minutes=15))
    suited = [minutes for minutes in (10, 15, 20, 100, 105) if fits(diary, with_gap, nine + minutes * FIVE / 5)]
    assert suited == [10, 15, 105]


def test_an_afternoon_off_does_not_shift_the_mornings_times():
    nine = datetime(2026, 11, 22, 22, tzinfo=UTC)
    off = Period(nine + timedelta(minutes=7), nine + timedelta(minutes=40))
    diary = Diary(weekly=[(0, time(9), time(11))], off=[off])
    assert on_the_clock(diary, rules(), date(2026, 11, 23)) == ["10:00", "10:30"]


def test_extra_hours_win_over_a_public_holiday_and_lose_to_a_closure():
    monday = date(2026, 11, 23)
    nine = datetime(2026, 11, 22, 22, tzinfo=UTC)
    extra = Period(nine, nine + timedelta(hours=1))
    diary = Diary(weekly=[(0, time(8), time(18))], holidays=frozenset({monday}), extra=[extra])
    assert on_the_clock(diary, rules(), monday) == ["09:00", "09:30"]
    closed = Diary(extra=[extra], off=[Period(nine, nine + timedelta(minutes=30))])
    assert on_the_clock(closed, rules(), monday) == ["09:30"]
