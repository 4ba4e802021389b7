"""Each page of the table, in a real browser, on a real server."""

import pytest

from . import sites
from .states import STATES, State
from .visit import Visit


class AllSites(dict):
    """The sites by name; one that is asked for is started."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> sites.Site:
        settings, fill = sites.SITES[name]
        self[name] = site = sites.Site(self.folder / name, **settings)
        fill(site)
        return site


@pytest.fixture(scope="session")
def all_sites(tmp_path_factory):
    running = AllSites(tmp_path_factory.mktemp("look"))
    yield running
    for site in running.values():
        site.stop()


class AllHtml(dict):
    """The HTML of each state; one that has not been looked at yet is opened."""

    def __init__(self, browser, all_sites):
        super().__init__()
        self.browser = browser
        self.all_sites = all_sites

    def visit(self, state: State) -> Visit:
        """The state, open; the caller closes it."""
        visit = Visit(self.browser, self.all_sites[state.site], state)
        self[state] = visit.html
        return visit

    def __missing__(self, state: State) -> str:
        self.visit(state).close()
        return self[state]


@pytest.fixture(scope="session")
def all_html(browser, all_sites):
    return AllHtml(browser, all_sites)


@pytest.fixture(scope="session", params=STATES, ids=lambda state: state.name)
def visit(request, all_html):
    """A page of the table, open; all tests of one page run in a row, on one load."""
    visit = all_html.visit(request.param)
    yield visit
    visit.close()
