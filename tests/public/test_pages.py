"""Home, privacy, and what machines ask for."""

import itertools
import re
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
import time_machine

from clinic_app import clock, database, privacy_notice
from clinic_app.blog import posts
from clinic_app.booking import profiles
from clinic_app.extensions import db
from tests.blog.make import post
from tests.reading import page_of, parsed, text_of

PAGES = ("/", "/blog", "/blog/search", "/testimonials", "/contact", "/privacy")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_on_an_empty_site_and_sets_no_cookie(client, path):
    page = client.get(path)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_all_it_loads_is_there(client, path):
    page = page_of(client, path)
    loaded = [tag.get("src") or tag.get("href") for tag in page.find_all(["script", "img", "link"])]
    loaded = [
        url for tag, url in zip(page.find_all(["script", "img", "link"]), loaded, strict=True) if _loads(tag)
    ]
    assert loaded
    for url in loaded:
        assert url.startswith("/"), url
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert "immutable" in answer.headers["Cache-Control"], url


def _loads(tag) -> bool:
    if tag.name == "link":
        return bool({"stylesheet", "icon", "apple-touch-icon"} & set(tag["rel"]))
    return bool(tag.get("src"))


def test_the_home_page_is_headed_by_the_clinics_own_line(client, with_settings):
    with_settings(tagline="Hands & feet for Riverside")
    page = page_of(client, "/")
    assert page.h1.text == "Hands & feet for Riverside"
    assert page.title.text.startswith("Hands & feet for Riverside · ")
    with_settings(tagline="", name="Riverside Chiro")
    assert page_of(client, "/").h1.text == "Riverside Chiro"


def test_the_mark_and_the_front_picture_can_be_the_clinics_own(client, own_template):
    picture = "<img src=\"{{ static_url('img/favicon.svg') }}\" alt=''>{% endmacro %}"
    own_template("components/spine.html", "{% macro spine(shape='mark') %}" + picture)
    own_template("components/runner.html", "{% macro runner() %}" + picture)
    page = page_of(client, "/")
    assert page.select_one(".wordmark img") and page.select_one(".hero-art img")


def test_robots_are_told_of_the_sitemap(client):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Sitemap: https://clinic.example/sitemap.xml" in answer.text


def located(client, path) -> list[str]:
    """The addresses in a sitemap, of our own site, without the site."""
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    found = [location.text for location in ElementTree.fromstring(client.get(path).text).iter(name)]
    assert all(address.startswith("https://clinic.example/") for address in found)
    return [address.removeprefix("https://clinic.example") for address in found]


def test_the_sitemap_leads_to_all_pages_and_posts_by_their_public_address(client, monkeypatch):
    monkeypatch.setattr(posts, "SITEMAP_SIZE", 2)
    for n in range(5):
        post(f"p{n}", published_at=clock.now() - timedelta(days=9 - n))
    post("draft", draft=True)
    db.session.commit()
    parts = located(client, "/sitemap.xml")
    assert parts == ["/sitemap-pages.xml", *(f"/sitemap-posts-{n}.xml" for n in (1, 2, 3))]
    pages, *others = (located(client, part) for part in parts)
    assert {"/", "/contact"} <= set(pages)
    assert others == [["/blog/p0", "/blog/p1"], ["/blog/p2", "/blog/p3"], ["/blog/p4"]]
    for missing in (0, 4, 10**30):
        assert client.get(f"/sitemap-posts-{missing}.xml").status_code == 404


def test_the_sitemap_has_a_place_for_a_scheduled_post_once_it_is_out(client, monkeypatch):
    monkeypatch.setattr(posts, "SITEMAP_SIZE", 1)
    post("out")
    post("later", published_at=clock.now() + timedelta(minutes=5))
    db.session.commit()
    before = ["/sitemap-pages.xml", "/sitemap-posts-1.xml"]
    assert located(client, "/sitemap.xml") == before
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert located(client, "/sitemap.xml") == [*before, "/sitemap-posts-2.xml"]


def test_a_sitemap_without_posts_names_the_pages_alone(client):
    assert located(client, "/sitemap.xml") == ["/sitemap-pages.xml"]


def test_the_health_check_answers(client):
    assert client.get("/healthz").json == {"status": "ok"}


def test_the_privacy_notice_tells_its_version_which_changes_with_its_words(client, with_settings):
    before = client.get("/privacy").text
    with_settings(phone="02 5550 0199")
    after = client.get("/privacy").text
    version = [parsed(page).find(string=lambda s: "Version" in s) for page in (before, after)]
    assert version[0] != version[1]


ABROAD = {
    "country": "GB",
    "state": "ENG",
    "suburb": "Manchester",
    "timezone": "Europe/London",
    "emergency_number": "999",
}


@pytest.mark.parametrize("path", [*PAGES, "/book", "/blog/feed.atom", "/site.webmanifest", "/staff/sign-in"])
def test_nothing_is_australian_on_pages_of_a_clinic_elsewhere(client, with_settings, path):
    with_settings(**ABROAD)
    page = client.get(path)
    assert page.status_code == 200
    assert "en-GB" in page.text
    assert not re.search("Australia|AU\\b|NSW|ENG\\b", page.text)


def how_long(client) -> str:
    """What the notice says of how long things are kept."""
    heading = page_of(client, "/privacy").find(id="how-long")
    told = itertools.takewhile(lambda tag: tag.name != "h2", heading.find_next_siblings())
    return " ".join(tag.get_text() for tag in told)


def test_the_privacy_notice_tells_how_long_things_are_kept_by_the_settings(client, with_settings):
    told = how_long(client)
    assert "An appointment: at least 7 years after your last one with us." in told
    assert "under 18 by our notes, also at least until the end of the year in which you turn 25" in told
    assert "A message to us: at least 7 years" in told
    assert "junk: at least 90 days." in told
    assert "emails to you: at least 730 days" in told
    assert "Whoever shares an email address or a phone number with you counts as you in this" in told
    assert "After that, our staff decide when it is deleted. Nothing is deleted by itself." in told
    assert told.endswith("your name, its day, and the day it was deleted.")
    with_settings(purge="daily", keep_enquiries_years=1, keep_spam_days=30, disposal_register="off")
    told = how_long(client)
    assert "An appointment: 7 years after your last one with us." in told
    assert "A message to us: 1 year, or" in told
    assert "junk: 30 days." in told
    assert told.endswith("After that, it is deleted by itself.")
    assert "at least" not in told
    with_settings(backup_folder="/mnt/backups")
    assert how_long(client).endswith("Our backups hold what was deleted for up to 56 days more.")


def test_the_privacy_notice_says_since_when_it_is_shown(client, travel):
    privacy_notice.keep()
    db.session.commit()
    assert "This notice dates from Sun 22 Nov 2026 (version " in text_of(page_of(client, "/privacy"))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/%00", 404), ("DELETE", "/contact", 405)],
)
def test_errors_have_a_page_in_the_sites_look(client, method, path, status):
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert 'class="site-head"' in answer.text


@pytest.mark.parametrize("path", ["/contact", "/blog", "/testimonials", "/privacy"])
def test_an_address_with_a_slash_behind_leads_to_the_page(client, path):
    answer = client.get(path + "/")
    assert (answer.status_code, answer.location) == (308, path)
    assert client.get("/nowhere/").status_code == 404


@pytest.mark.parametrize("host", ["..", "a" * 300, "a..b", "[::1", "a b", "a/b", "a:b", "é.example"])
def test_a_host_that_cannot_be_one_is_refused_before_anything_else(client, host):
    assert client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["clinic.example", "clinic.example:8000", "127.0.0.1:80", "[::1]:8000", "a_b"])
def test_a_host_that_can_be_one_is_served(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/blog/%00", "/blog/tag/%00", "/post/%00"])
def test_addresses_that_no_database_can_be_asked_for_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_an_unexpected_error_shows_nothing_of_itself(app, client, monkeypatch):
    from clinic_app.public import pages

    def fail(limit):
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(pages.posts, "latest", fail)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "a secret detail" not in answer.text
    assert "02 5550 0142" in answer.text


def test_a_clinic_can_put_a_page_of_its_own_in_the_instance_folder(app, client):
    own = Path(app.instance_path) / "templates" / "public" / "pages" / "privacy_notice.html"
    own.parent.mkdir(parents=True)
    own.write_text("<p>Our own words, {{ clinic.name }}.</p>")
    try:
        app.jinja_env.cache.clear()
        assert "Our own words, Westside Sports Chiro." in client.get("/privacy").text
    finally:
        own.unlink()
        app.jinja_env.cache.clear()


def test_the_home_page_lists_a_few_services_and_says_how_many_there_are(client):
    with database.transaction():
        for number in range(9):
            profiles.save_service(f"visit-{number}", name=f"Visit {number}", minutes=30, price_cents=8000)
    page = page_of(client, "/")
    assert len(page.select(".service")) == 8
    link = page.select_one("#services .more")
    assert (link.text.strip(), link["href"]) == ("See all 9 services", "/book")


@pytest.mark.parametrize(("count", "leads"), [(1, 1), (2, 0)])
def test_the_only_post_takes_the_width_of_the_list_on_the_home_page(client, count, leads):
    with database.transaction():
        for number in range(count):
            post(slug=f"post-{number}")
    page = page_of(client, "/")
    assert len(page.select(".posts .card")) == count
    assert len(page.select(".posts .card-lead")) == leads


def of_another_site(client):
    return client.post("/contact", headers={"Sec-Fetch-Site": "cross-site"})


def too_large(client):
    return client.post("/contact", data={"message": "x" * 100_000})


@pytest.mark.parametrize(
    ("ask", "status", "says"),
    [
        (lambda client: client.get("/privacy"), 500, "Sorry, something went wrong"),
        (lambda client: client.get("/nowhere"), 404, "may be mistyped"),
        (lambda client: client.put("/privacy"), 405, ""),
        (of_another_site, 403, ""),
        (too_large, 413, "x" * 1000),
    ],
    ids=["broken", "not found", "not allowed", "of another site", "too large"],
)
def test_where_a_clinics_own_frame_of_pages_fails_errors_are_told_in_the_programs(
    app, client, own_template, ask, status, says
):
    own_template("layouts/base.html", "{{ 1 / 0 }}")
    app.testing = False
    try:
        answer = ask(client)
    finally:
        app.testing = True
    assert answer.status_code == status
    assert "ZeroDivisionError" not in answer.text
    assert "<h1>" in answer.text
    assert says in answer.text
