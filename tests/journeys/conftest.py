"""A real browser on a real server."""

import re
from pathlib import Path

import pytest

from tests.server import Server

FORM_CAME_BACK = re.compile(r"status of 4(09|22)")  # the browser says so, and it is meant


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site with its starter content."""
    with Server(tmp_path_factory.mktemp("site"), rate_limits="off") as server:
        yield server


@pytest.fixture(params=["with script", "without script"])
def page(request, browser, site):
    """A visitor's page, with JavaScript and without; fails on any request that leaves the site."""
    context = browser.new_context(
        base_url=site.url, java_script_enabled=request.param == "with script", locale="en-AU"
    )
    page = context.new_page()
    strangers, messages = [], []
    page.on("request", lambda sent: None if sent.url.startswith(site.url) else strangers.append(sent.url))
    page.on(
        "console", lambda message: None if FORM_CAME_BACK.search(message.text) else messages.append(message.text)
    )
    page.set_default_timeout(10_000)
    page.strangers = strangers
    yield page
    context.close()
    assert strangers == []
    assert messages == []


def mails_in(folder: Path) -> list[Path]:
    """The mails that a site without a mail server has written."""
    return sorted((folder / "outbox").glob("*.eml"))
