"""PostgreSQL stopped and started while people write, book and read; and while it is away or hangs."""

import random
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from ..databases import cluster, create_database
from ..server import wait_for
from ..tally import times
from .asking import enquiry_form, read, send
from .conftest import served
from .stream import Stream, survivors

RESTARTS = times(2, 30)
MODES = ("fast", "immediate")  # as an update does it, and as a crash
READ = ("/", "/blog", "/book", "/book/visit/robin", "/testimonials", "/privacy", "/staff/sign-in")
AT_ONCE = 100  # more than a process has connections
ASK_NOTHING = ("/privacy", "/staff/sign-in")  # of the database


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    runtime = tmp_path_factory.mktemp("runtime")
    # Not in pytest's folder, which is closed to the user that PostgreSQL runs as where the tests are root's.
    with tempfile.TemporaryDirectory(prefix="cluster") as folder, cluster(folder, runtime=runtime) as running:
        yield running


@pytest.fixture(scope="module")
def site_on_it(postgresql, tmp_path_factory):
    url = create_database(postgresql.url, "clinic")
    with served(tmp_path_factory.mktemp("site"), "postgresql", workers=2, database_url=url) as site:
        yield site


@pytest.fixture
def site(site_on_it):
    with site_on_it.looked_into():
        yield site_on_it


def test_whoever_was_answered_is_there_after_every_restart(site, postgresql, tally):
    pages = Counter()
    with Stream(site.app, site.server) as stream:
        for turn in range(RESTARTS):
            stream.wait_for(random.randint(1, 12))
            postgresql.stop(MODES[turn % len(MODES)])
            pages.update(read(site, path)[0] for path in READ)
            postgresql.start()
            pages.update(read(site, path)[0] for path in READ)
        stream.wait_for(1)
    assert set(pages) <= {200, 503}, "no page fails in any other way"
    figures = {"faults": RESTARTS, "tried": len(stream.answered), "survived": survivors(stream.answered)}
    remarks = f"{stream.statuses[503]} forms given back, {pages[503]} of {pages.total()} pages said to try again"
    tally("PostgreSQL stopped or crashed", "postgresql", **figures, remarks=remarks)


def test_pages_say_so_kindly_while_the_database_is_away_and_recover_by_themselves(site, postgresql):
    postgresql.stop("fast")
    for path in READ:
        status, page = read(site, path)
        assert status == (200 if path in ASK_NOTHING else 503), path
        assert "psycopg" not in page
    assert read(site, "/healthz")[0] == 503
    assert read(site, "/contact")[0] == 200, "what was to be typed can be typed"
    status, page, _ = send(site, "/a/some-link/cancel", {"reason": "I’m away that day"})
    assert status == 503
    assert 'name="reason" value="I’m away that day"' in page, "any other form comes back to be sent again"
    typed = {"email": "kit@example.org", "password": "not to be seen"}
    status, page, _ = send(site, "/staff/sign-in", typed, "staff=x")
    assert status == 503
    assert "not to be seen" not in page
    postgresql.start()
    wait_for(lambda: read(site, "/")[0] == 200, "the site to recover", site.server.output)
    assert {read(site, path)[0] for path in READ} == {200}


def test_a_server_that_hangs_holds_nobody_up_for_long_and_all_is_well_when_it_goes_on(site, postgresql):
    def ask(path):
        begun = time.monotonic()
        return path, read(site, path)[0], time.monotonic() - begun

    form = enquiry_form()
    assert {ask(path)[1] for path in READ * 3} == {200}, "pages are kept, connections are open"
    with ThreadPoolExecutor(2 * AT_ONCE) as pool, postgresql.hanging():
        for path, status, seconds in pool.map(ask, [*READ, "/healthz", *["/"] * AT_ONCE]):
            assert status == (200 if path in ASK_NOTHING else 503), path
            assert seconds < 30, path
        status, page, _ = send(site, *form)
        assert status == 503
        assert form[1]["email"] in page
    wait_for(lambda: read(site, "/")[0] == 200, "the site to recover", site.server.output)
    assert {read(site, path)[0] for path in READ} == {200}
    assert send(site, *form)[0] == 303
    assert survivors([form[1]["email"]]) == 1
