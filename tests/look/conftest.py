"""Each page of the table, in a real browser, on a real server."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from . import sites
from .states import STATES, State
from .visit import Visit


@pytest.fixture(scope="session")
def all_sites(tmp_path_factory):
    """The sites by name, all running; they are set up side by side."""
    folder = tmp_path_factory.mktemp("look")
    made = {name: sites.Site(folder / name, **settings) for name, (settings, _) in sites.SITES.items()}
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(sites.Site.start, made.values()))
        for name, (_, fill) in sites.SITES.items():
            fill(made[name])
        yield made
    finally:
        for site in made.values():
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
