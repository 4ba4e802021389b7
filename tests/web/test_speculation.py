"""Which pages browsers may fetch ahead: the rules that pages carry, and what they never reach."""

import hashlib
import json
from base64 import b64encode
from fnmatch import fnmatch

import pytest

from clinic_app.web import speculation
from tests.reading import page_of


def rules_of(client, path="/") -> str:
    page = page_of(client, path)
    return page.find("script", type="speculationrules").string


def fetched_ahead(path: str) -> bool:
    """Whether any of the rules names the path, as a browser reads them."""
    return any(_holds(rule["where"], path) for rule in json.loads(speculation.RULES)["prefetch"])


def _holds(condition: dict, path: str) -> bool:
    if "and" in condition:
        return all(_holds(part, path) for part in condition["and"])
    if "not" in condition:
        return not _holds(condition["not"], path)
    patterns = condition["href_matches"]
    return any(fnmatch(path, pattern) for pattern in ([patterns] if isinstance(patterns, str) else patterns))


def test_the_policy_of_pages_allows_their_very_rules_and_no_other_script(client):
    answer = client.get("/")
    digest = b64encode(hashlib.sha256(rules_of(client).encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"


@pytest.mark.parametrize("path", ["/", "/blog", "/blog/hill-runs", "/blog/tag/running", "/contact", "/book/visit"])
def test_pages_for_everybody_may_be_fetched_ahead(path):
    assert fetched_ahead(path)


@pytest.mark.parametrize(
    "path",
    [
        "/a/token",
        "/a/token/appointment.ics",
        "/calendar/token.ics",
        "/staff",
        "/staff/sign-in",
        "/staff/sign-out",
        "/contact/thanks/482-173-096",
        "/healthz",
        "/media/hill.webp",
    ],
)
def test_secrets_staff_and_thanks_are_never_fetched_ahead(path):
    assert not fetched_ahead(path)


def test_the_feed_is_no_page():
    moderate = json.loads(speculation.RULES)["prefetch"][0]
    assert not _holds(moderate["where"], "/blog/feed.atom")


def test_times_are_fetched_only_when_they_are_pressed():
    moderate, pressed = json.loads(speculation.RULES)["prefetch"]
    assert (moderate["eagerness"], pressed["eagerness"]) == ("moderate", "conservative")
    assert not _holds(moderate["where"], "/book/visit/robin/2026-11-25T1000")
    assert _holds(pressed["where"], "/book/visit/robin/2026-11-25T1000")


def test_a_fetch_ahead_leaves_nothing_behind(client):
    answer = client.get("/contact", headers={"Sec-Purpose": "prefetch"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
