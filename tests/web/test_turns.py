"""What many ask for at once is made by one of them."""

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from clinic_app.web.turns import Turns

from ..server import wait_for

DEADLINE_SECONDS = 10


@pytest.fixture
def crowd():
    with ThreadPoolExecutor(8) as crowd:
        yield crowd


class Held:
    """Makes something, once it is let `go`."""

    def __init__(self, made: str | None):
        self._made = made
        self._begun, self.go = Event(), Event()

    def __call__(self) -> str | None:
        self._begun.set()
        self.go.wait(DEADLINE_SECONDS)
        return self._made

    def asked_for_by(self, crowd, turns: Turns) -> Future:
        """Have somebody ask for it, who has begun to make it."""
        asked = crowd.submit(turns.ask, "page", self, bool)
        self._begun.wait(DEADLINE_SECONDS)
        return asked


class Counted(Turns):
    """Notes each wait for another one's."""

    def __init__(self):
        super().__init__()
        self.waits = []

    def _waited_for(self, key, turn):
        self.waits.append(key)
        return super()._waited_for(key, turn)


def test_who_waits_for_one_that_has_got_stuck_makes_it_and_keeps_nobody_waiting_longer(crowd):
    turns, stuck = Turns(patience=0.2), Held("late")
    first = stuck.asked_for_by(crowd, turns)
    waited = [crowd.submit(turns.ask, "page", lambda: "made", bool) for _ in range(3)]
    assert [each.result(DEADLINE_SECONDS) for each in waited] == ["made"] * 3
    assert turns._under_way == {}
    stuck.go.set()
    assert first.result(DEADLINE_SECONDS) == "late"


def test_who_waits_for_what_does_not_suit_takes_what_was_begun_later(crowd):
    turns, old = Turns(), Held("old")
    first = old.asked_for_by(crowd, turns)
    later = [crowd.submit(turns.ask, "page", lambda: "new", lambda made: made == "new") for _ in range(4)]
    old.go.set()
    assert first.result(DEADLINE_SECONDS) == "old"
    assert {each.result(DEADLINE_SECONDS) for each in later} == {"new"}
    assert turns._under_way == {}


def test_what_was_begun_later_is_made_once_for_all_who_waited_whatever_suits_them(crowd):
    turns, old, makers = Counted(), Held("old"), [Held("one"), Held("another")]
    old.asked_for_by(crowd, turns)
    asked = [crowd.submit(turns.ask, "page", make, lambda made: False) for make in makers]
    wait_for(lambda: len(turns.waits) == 2, "both to wait for the old")
    old.go.set()
    wait_for(lambda: len(turns.waits) == 3, "one to wait for the other")
    for make in makers:
        make.go.set()
    one, other = (each.result(DEADLINE_SECONDS) for each in asked)
    assert one == other != "old"


def test_what_is_for_nobody_else_is_made_by_each_at_the_same_time(crowd):
    turns, nothing, together = Counted(), Held(None), Barrier(3, timeout=DEADLINE_SECONDS)

    def make_together() -> str:
        together.wait()
        return "own"

    nothing.asked_for_by(crowd, turns)
    own = [crowd.submit(turns.ask, "page", make_together, bool) for _ in range(3)]
    wait_for(lambda: len(turns.waits) == 3, "all to wait for what is being made")
    nothing.go.set()
    assert [each.result(DEADLINE_SECONDS) for each in own] == ["own"] * 3


def test_other_things_wait_for_nobody(crowd):
    turns, slow = Turns(), Held("slow")
    slow.asked_for_by(crowd, turns)
    assert turns.ask("another", lambda: "made", bool) == "made"
    slow.go.set()


def test_a_failure_is_that_of_who_made_it(crowd):
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        turns.ask("page", lambda: 1 / 0, bool)
    assert turns._under_way == {}
    assert turns.ask("page", lambda: "made", bool) == "made"
