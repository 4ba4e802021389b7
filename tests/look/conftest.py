"""Each page of the table, in a real browser, on a real server."""

from contextlib import ExitStack

import pytest

from . import nu, sites
from .states import STATES
from .visit import Visit, Window


@pytest.fixture(scope="session")
def all_sites(tmp_path_factory):
    """The sites by name, all running."""
    folder = tmp_path_factory.mktemp("look")
    with ExitStack() as running:
        made = {}
        for name, (settings, fill) in sites.SITES.items():
            made[name] = sites.Site(folder / name, **settings)
            made[name].start()
            running.callback(made[name].stop)
            fill(made[name])
        yield made


@pytest.fixture(scope="session")
def nu_checker(tmp_path_factory):
    with nu.running(tmp_path_factory.mktemp("nu")) as checker:
        yield checker


@pytest.fixture(scope="session")
def windows(browser, all_sites):
    """A window on each site."""
    return {name: Window(browser, site) for name, site in all_sites.items()}


@pytest.fixture(scope="session", params=STATES, ids=lambda state: state.name)
def visit(request, windows):
    """A page of the table, open; all tests of one page run in a row, on one load."""
    visit = Visit(windows[request.param.site], request.param)
    yield visit
    visit.close()
