"""What is published, hidden or booked through one server is seen by the next request of another."""

import sqlite3
import urllib.parse
import urllib.request
from contextlib import ExitStack, closing

import pytest

from tests.reading import parsed

from .server import Server, hidden_value

TYPED = {"name": "Alex Placeholder", "email": "alex@example.org", "phone": "", "visits": "new"}
REQUESTS = 8  # so that each of a server's processes has been asked


@pytest.fixture
def servers(tmp_path):
    """Two servers, one of them of two processes, on one folder and its SQLite.

    For PostgreSQL see test_many_machines.
    """
    one, two = (Server(tmp_path / "one", workers=workers, rate_limits="off") for workers in (1, 2))
    with ExitStack() as stack:
        stack.enter_context(one)
        two.start()
        stack.callback(two.kill)
        yield one, two


def get(server, path: str) -> str:
    return urllib.request.urlopen(server.url + path, timeout=30).read().decode()


def seen(server, path: str) -> list[str]:
    """The page as each of the server's processes has it."""
    return [get(server, path) for _ in range(REQUESTS)]


def number_of(server, name: str) -> str:
    """That of the testimonial of somebody's."""
    with closing(sqlite3.connect(server.instance / "clinic.sqlite")) as database:
        query = "SELECT id FROM testimonials WHERE name = ?"
        return str(database.execute(query, [name]).fetchone()[0])


def test_every_process_of_every_server_shows_what_is_so_from_the_next_request_on(servers):
    here, there = servers
    for server in servers:
        assert all("Lee Invented" in page for page in seen(server, "/testimonials"))
    here.flask("testimonials", "hide", number_of(here, "Lee Invented"))
    for server in servers:
        assert not any("Lee Invented" in page for page in seen(server, "/testimonials"))

    path = parsed(seen(there, "/")[0]).select_one(".next-list a")["href"]
    assert all(path in page for page in seen(there, "/"))
    form = TYPED | {"token": hidden_value(get(here, path), "token")}
    booked = urllib.request.urlopen(here.url + path, urllib.parse.urlencode(form).encode(), timeout=30)
    assert "/a/" in booked.url
    for server in servers:
        assert not any(path in page for page in seen(server, "/"))
