"""What many ask for at once is made by one of them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from clinic_app.web.turns import Turns

DEADLINE_SECONDS = 10


@pytest.fixture
def crowd():
    with ThreadPoolExecutor(8) as crowd:
        yield crowd


def test_who_waits_for_one_that_has_got_stuck_makes_it_and_keeps_nobody_waiting_longer(crowd):
    turns, stuck, freed = Turns(patience=0.2), Event(), Event()

    def never() -> str:
        stuck.set()
        freed.wait(DEADLINE_SECONDS)
        return "late"

    first = crowd.submit(turns.ask, "page", never, bool)
    stuck.wait(DEADLINE_SECONDS)
    waited = [crowd.submit(turns.ask, "page", lambda: "made", bool) for _ in range(3)]
    assert [each.result(DEADLINE_SECONDS) for each in waited] == ["made"] * 3
    assert turns._under_way == {}
    freed.set()
    assert first.result(DEADLINE_SECONDS) == "late"


def test_who_waits_for_what_does_not_suit_takes_what_was_begun_later(crowd):
    turns, begun, go = Turns(), Event(), Event()

    def old() -> str:
        begun.set()
        go.wait(DEADLINE_SECONDS)
        return "old"

    made = []

    def new() -> str:
        made.append("new")
        return "new"

    first = crowd.submit(turns.ask, "page", old, bool)
    begun.wait(DEADLINE_SECONDS)
    later = [crowd.submit(turns.ask, "page", new, lambda made: made == "new") for _ in range(4)]
    go.set()
    assert first.result(DEADLINE_SECONDS) == "old"
    assert {each.result(DEADLINE_SECONDS) for each in later} == {"new"}
    assert turns._under_way == {}


def test_what_is_for_nobody_else_is_made_by_each_at_the_same_time(crowd):
    turns, begun, go = Turns(), Event(), Event()

    def nothing() -> None:
        begun.set()
        go.wait(DEADLINE_SECONDS)

    crowd.submit(turns.ask, "page", nothing, bool)
    begun.wait(DEADLINE_SECONDS)
    own = [crowd.submit(turns.ask, "page", lambda: "own", bool) for _ in range(3)]
    go.set()
    assert [each.result(DEADLINE_SECONDS) for each in own] == ["own"] * 3


def test_other_things_wait_for_nobody(crowd):
    turns, begun, go = Turns(), Event(), Event()

    def slow() -> None:
        begun.set()
        go.wait(DEADLINE_SECONDS)

    crowd.submit(turns.ask, "page", slow, bool)
    begun.wait(DEADLINE_SECONDS)
    assert turns.ask("another", lambda: "made", bool) == "made"
    go.set()


def test_a_failure_is_that_of_who_made_it(crowd):
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        turns.ask("page", lambda: 1 / 0, bool)
    assert turns._under_way == {}
    assert turns.ask("page", lambda: "made", bool) == "made"
