"""Debian's Chromium, driven by Playwright."""

import os
import shutil
from contextlib import contextmanager

from .needs import missing

PATIENCE = 60_000  # milliseconds, for whatever a page is waited for
# The first has no windows that could be seen, and draws for less than half of the others' cost.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Without these a headless Chromium asks its maker's servers for things; tests stay on this machine.
SWITCHES = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
# Scripts of pages that are seen for a second only are not worth compiling well.
SWITCHES += ["--js-flags=--no-turbofan --no-maglev --always-sparkplug"]


def path() -> str | None:
    """Where the browser is: `$CHROMIUM`, or the first of the usual names that is there."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def launched():
    """A browser without a window; a test that lacks it is skipped by name."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright", "pip install playwright")
    if not path():
        missing("Chromium", "apt-get install chromium-headless-shell (or set CHROMIUM to its path)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=SWITCHES)
        yield browser
        browser.close()


def new_context(browser, **options):
    """A context of somebody who reads English and wishes for stillness.

    Each frame of what moves is drawn by this machine's processors, and would cost more than the pages.
    """
    return browser.new_context(**{"locale": "en-AU", "reduced_motion": "reduce"} | options)
