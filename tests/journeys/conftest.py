"""A real browser on a real server."""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser import PATIENCE, new_context
from tests.server import Server

# What browsers say and what is meant: a form came back; somebody at the keyboard was quicker than the page.
MEANT = re.compile(r"status of 4(09|22)|Autofocus processing was blocked")


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site with its starter content."""
    with Server(tmp_path_factory.mktemp("site"), rate_limits="off") as server:
        yield server


@contextmanager
def visiting(browser, site, **options):
    """A visitor's page in a browser of its own; fails on any request that leaves the site, and on what it says."""
    context = new_context(browser, base_url=site.url, **options)
    page = context.new_page()
    strangers, messages = [], []
    page.on("request", lambda sent: None if sent.url.startswith(site.url) else strangers.append(sent.url))
    page.on("console", lambda message: None if MEANT.search(message.text) else messages.append(message.text))
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()
    assert strangers == []
    assert messages == []


@pytest.fixture(params=["with script", "without script"])
def page(request, browser, site):
    """A visitor's page, with JavaScript and without."""
    with visiting(browser, site, java_script_enabled=request.param == "with script") as page:
        yield page


@pytest.fixture(params=["with script", "without script"])
def phone(request, browser, site):
    """A phone, held upright, that is touched."""
    with visiting(
        browser,
        site,
        java_script_enabled=request.param == "with script",
        viewport={"width": 360, "height": 740},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
    ) as page:
        yield page


def mails_in(folder: Path) -> list[Path]:
    """The mails that a site without a mail server has written."""
    return sorted((folder / "outbox").glob("*.eml"))
