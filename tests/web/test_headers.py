"""Security headers: nothing is allowed that no page needs."""

import pytest

from clinic_app import database
from tests.blog.make import post

PAGES = ("/", "/blog", "/book", "/contact", "/nothing", "/a/nothing", "/staff/sign-in", "/media/none.webp")


def policy_of(answer) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith("/media")])
def test_pages_load_from_this_site_only_and_nothing_that_stands_in_them(client, path):
    policy = policy_of(client.get(path))
    assert policy.pop("default-src") == policy.pop("base-uri") == policy.pop("frame-ancestors") == "'none'"
    for name, sources in policy.items():
        allowed = sources.split()
        assert "'unsafe-inline'" not in allowed, name
        assert all(s == "'self'" or s.startswith("'sha256-") for s in allowed), (name, sources)


def test_only_a_post_may_frame_and_only_the_player_of_its_video(client):
    with database.transaction():
        post("first")
    assert policy_of(client.get("/blog/first"))["frame-src"] == "https://www.youtube-nocookie.com"
    assert "frame-src" not in policy_of(client.get("/blog"))


@pytest.mark.parametrize("path", ["/staff/sign-in", "/contact"])
def test_scripts_connect_to_this_site_only(client, path):
    assert policy_of(client.get(path))["connect-src"] == "'self'"


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_keeps_to_itself(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()"} <= set(
        headers["Permissions-Policy"].split(", ")
    )
    shared = path.startswith("/media")  # pictures of the feed are shown by readers elsewhere
    assert headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if shared else "same-origin")


def test_browsers_are_told_to_stay_with_tls_where_they_came_by_it_and_not_otherwise(client):
    assert "Strict-Transport-Security" not in client.get("/").headers
    by_tls = client.get("/", base_url="https://clinic.example").headers["Strict-Transport-Security"]
    assert int(by_tls.partition("max-age=")[2]) >= 31_536_000


@pytest.mark.parametrize(
    ("path", "told"),
    [("/", "strict-origin-when-cross-origin"), ("/a/nothing", "no-referrer"), ("/staff/sign-in", "same-origin")],
)
def test_other_sites_learn_no_address_that_holds_a_secret(client, path, told):
    assert client.get(path).headers["Referrer-Policy"] == told


def test_what_is_secret_is_kept_by_no_browser_and_no_search_engine(client):
    for path in ("/a/nothing", "/calendar/nothing.ics", "/staff/sign-in"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
