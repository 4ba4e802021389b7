"""Pages are made in line: a few at a time, in their order, and nobody waits for long."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from clinic_app.web.line import ON_POSTGRESQL, ON_SQLITE, Line, PagesInLine

from ..server import wait_for

PAGE = {"REQUEST_METHOD": "GET", "PATH_INFO": "/book"}


class Slow:
    """A WSGI application whose pages are made once they are let go."""

    def __init__(self):
        self.begun, self.go = [], threading.Semaphore(0)

    def __call__(self, environ, _start_response):
        self.begun.append(environ["number"])
        self.go.acquire()
        return environ["number"]

    @contextmanager
    def let_go_at_the_end(self):
        """So that a test that fails leaves no thread waiting."""
        try:
            yield
        finally:
            self.go.release(100)


def ask(pool, pages: PagesInLine, line: Line, count: int) -> list:
    """So many pages, each asked for when the one before is made or waits."""
    asked = []
    for number in range(count):
        asked.append(pool.submit(pages, PAGE | {"number": number}, None))
        wait_for(lambda: len(pages._wsgi_app.begun) + len(line._waiting) > number, "the page to be asked for")  # noqa: B023
    return asked


def test_pages_are_made_a_few_at_a_time_in_their_order():
    slow, line = Slow(), Line(2, patience=60)
    pages = PagesInLine(slow, line)
    with ThreadPoolExecutor(6) as pool, slow.let_go_at_the_end():
        asked = ask(pool, pages, line, 6)
        for made in range(4):
            assert slow.begun == list(range(made + 2))
            slow.go.release()
            wait_for(lambda: len(slow.begun) > made + 2, "the next one")  # noqa: B023
        assert slow.begun == list(range(6))
    assert [page.result() for page in asked] == slow.begun


def test_who_has_waited_too_long_is_served_out_of_turn_and_gives_none_back():
    line = Line(1, patience=0)
    assert line.enter()
    assert PagesInLine(lambda environ, _: environ["PATH_INFO"], line)(PAGE, None) == "/book"
    assert not line.enter()
    line.leave()
    assert line.enter()
    assert not line.enter()


@pytest.mark.parametrize(
    ("asked", "is_free"),
    [
        ({}, False),
        ({"REQUEST_METHOD": "POST"}, True),
        ({"PATH_INFO": "/staff"}, True),
        ({"PATH_INFO": "/staff/health"}, True),
        ({"PATH_INFO": "/staffing"}, False),
    ],
)
def test_pages_take_a_turn_and_forms_and_the_staff_area_take_none(asked, is_free):
    line = Line(1, patience=0)
    assert PagesInLine(lambda _environ, _start_response: line.enter(), line)(PAGE | asked, None) == is_free


def test_a_page_that_fails_gives_its_turn_back():
    def fail(_environ, _start_response):
        raise ZeroDivisionError

    line = Line(1, patience=0)
    with pytest.raises(ZeroDivisionError):
        PagesInLine(fail, line)(PAGE, None)
    assert line.enter()


def test_no_turn_is_lost_where_patience_ends_as_one_is_given(monkeypatch):
    line = Line(1)
    assert line.enter()

    class Late:
        def acquire(self, timeout=None):
            if timeout is not None:
                line.leave()
            return timeout is None

        def release(self):
            pass

    monkeypatch.setattr("clinic_app.web.line.threading", SimpleNamespace(Lock=Late))
    assert line.enter()


def test_no_turn_is_lost_or_made_up_by_many_who_lose_patience():
    line, inside, most = Line(2, patience=0.0002), [], []

    def visit(_number):
        if line.enter():
            inside.append(1)
            most.append(len(inside))
            inside.pop()
            line.leave()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(5_000)))
    assert max(most) <= 2
    assert [line.enter() for _ in range(3)] == [True, True, False]


def test_a_site_makes_more_pages_at_once_where_they_wait_for_another_process(app):
    is_sqlite = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    step = app.wsgi_app
    while not isinstance(step, PagesInLine):
        step = getattr(step, "_wsgi_app", None) or getattr(step, "application", None) or step.app
    assert step._line._free == (ON_SQLITE if is_sqlite else ON_POSTGRESQL)
