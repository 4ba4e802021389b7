"""Rate limits."""

import contextvars
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text

from clinic_app import clock, rate_limits
from clinic_app.database import transaction
from clinic_app.extensions import db

from .server import wait_for

LIMITS = "2 per minute; 3 per hour"


@pytest.fixture(autouse=True)
def limits_on(with_settings):
    with_settings(rate_limits="on")


def hit(visitor="192.0.2.1") -> bool:
    try:
        with transaction():
            rate_limits.hit("contact", visitor, LIMITS)
    except rate_limits.TooOften:
        return False
    return True


def test_the_shorter_limit_ends_with_its_window_and_the_longer_one_later(app):
    with time_machine.travel("2026-11-23 09:00+11:00", tick=False) as now:
        assert [hit(), hit(), hit()] == [True, True, False]
        now.shift(60)
        assert [hit(), hit()] == [True, False]
        now.shift(3600)
        assert hit()


def test_a_window_lasts_from_its_first_event_whoever_comes_meanwhile(app):
    with time_machine.travel("2026-11-23 09:00+11:00", tick=False) as now:
        for seconds in (40, 25):
            assert hit()
            now.shift(seconds)
        assert hit()


@pytest.mark.parametrize(
    ("limits", "times", "minutes"),
    [(LIMITS, 3, 1), ("2 per minute; 2 per hour", 3, 60), ("9 per minute; 2 per day", 3, 24 * 60)],
)
def test_a_refusal_tells_when_the_last_limit_that_is_reached_ends(app, limits, times, minutes):
    with time_machine.travel("2026-11-23 09:00+11:00", tick=False), pytest.raises(rate_limits.TooOften) as refusal:
        for _ in range(times):
            with transaction():
                rate_limits.hit("contact", "192.0.2.1", limits)
    assert refusal.value.ends_at == datetime(2026, 11, 22, 22, tzinfo=UTC) + timedelta(minutes=minutes)


def test_visitors_are_counted_apart(app):
    assert [hit(), hit(), hit()] == [True, True, False]
    assert hit("192.0.2.2")


def test_who_has_many_networks_is_counted_by_all_of_them_too(app):
    networks = [f"2001:db8:1:{number:x}::/64" for number in range(20)]
    assert [hit(network) for network in networks] == [True] * 10 + [False] * 10
    assert hit("2001:db8:2:1::/64")
    assert hit("192.0.2.1")
    assert hit("kit/64"), "what is no network at all is a visitor too"


def test_what_is_taken_back_counts_for_no_network(app):
    for number in range(20):
        network = f"2001:db8:1:{number:x}::/64"
        assert hit(network)
        with transaction():
            rate_limits.take_back("contact", network, LIMITS)


def test_one_is_taken_back_for_each_that_did_not_count_and_no_more(app):
    def take_back():
        with transaction():
            rate_limits.take_back("contact", "192.0.2.1", LIMITS)

    assert hit()
    for _ in range(2):  # the second time, nothing is left that was counted
        take_back()
    assert [hit(), hit(), hit()] == [True, True, False]
    take_back()
    take_back()
    assert [hit(), hit()] == [True, True]


def test_who_begins_afresh_does_so_alone(app):
    for visitor in ("192.0.2.1", "192.0.2.2"):
        assert [hit(visitor), hit(visitor), hit(visitor)] == [True, True, False]
    with transaction():
        rate_limits.forget("contact", "192.0.2.1", LIMITS)
    assert [hit("192.0.2.1"), hit("192.0.2.2")] == [True, False]


def test_no_address_is_stored(app):
    hit()
    assert not any("192.0.2.1" in key for key in db.session.scalars(select(rate_limits.RateLimitCount.key)))


def test_off_means_off(app, with_settings):
    with_settings(rate_limits="off")
    assert all(hit() for _ in range(10))


def test_visits_at_the_same_moment_are_all_counted(app):
    def visit(_):
        with app.app_context():
            return hit()

    with ThreadPoolExecutor(8) as pool:
        let_in = list(pool.map(lambda n: contextvars.Context().run(visit, n), range(24)))
    assert sum(let_in) == 2


def test_a_clock_that_was_wrong_for_a_while_locks_nobody_out_longer_than_a_window(app):
    with time_machine.travel("2026-11-23 09:00+11:00", tick=False) as now:
        now.shift(timedelta(days=365))
        assert [hit(), hit(), hit()] == [True, True, False]
        now.shift(-timedelta(days=365))
        assert [hit(), hit(), hit()] == [True, True, False]


def forget_all(app):
    """What a mail worker does."""
    (chore,) = (chore for chore in app.extensions["chores"] if chore.name == "rate limits")
    with transaction():
        chore.do()


def forget_one(_app):
    with transaction():
        rate_limits.forget("contact", "192.0.2.1", LIMITS)


def test_ended_windows_are_forgotten(app):
    with time_machine.travel("2026-11-23 09:00+11:00", tick=False) as now:
        hit()
        now.shift(60)
        forget_all(app)
        assert len(db.session.scalars(select(rate_limits.RateLimitCount)).all()) == 1


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def is_waited_for() -> bool:
    with db.engine.connect() as connection:
        return connection.scalar(text(WAITING)) > 0


@pytest.mark.parametrize("forget", [forget_all, forget_one])
@pytest.mark.parametrize("migrated_app", ["postgresql"], indirect=True)
def test_forgetting_and_a_visitor_who_comes_again_wait_for_each_other_in_one_order(app, forget):
    first, second = [key for key, _, _ in rate_limits._windows("contact", "192.0.2.1", LIMITS)]
    ended = clock.now() - timedelta(minutes=1)
    with transaction():  # rows as a search of the table finds them: in the other order
        for key in (second, first):
            db.session.add(rate_limits.RateLimitCount(key=key, count=1, ends_at=ended))
            db.session.flush()

    def forget_meanwhile():
        with app.app_context():
            forget(app)

    with ThreadPoolExecutor() as pool:
        with transaction():
            rate_limits._count(first, timedelta(minutes=1))
            other = pool.submit(forget_meanwhile)
            wait_for(lambda: other.done() or is_waited_for(), "the other to end, or to wait")
            rate_limits._count(second, timedelta(hours=1))
        other.result(60)
