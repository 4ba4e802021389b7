"""A real browser on a real server."""

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.needs import missing
from tests.server import Server

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without these a headless Chromium asks its maker's servers for things; tests stay on this machine.
SWITCHES = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

FORM_CAME_BACK = re.compile(r"status of 4(09|22)")  # the browser says so, and it is meant


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright", "pip install playwright")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not path:
        missing("Chromium", "apt-get install chromium (or set CHROMIUM to its path)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


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
