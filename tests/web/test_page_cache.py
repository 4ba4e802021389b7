"""Pages kept as ready bytes: what is sent of them, to whom, and what is never kept."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import brotli
import pytest
from sqlalchemy import event

from clinic_app import database
from clinic_app.extensions import db
from clinic_app.testimonials import moderation
from clinic_app.web.kept_page import coding_for
from clinic_app.web.page_cache import PageCache
from tests.blog.make import post
from tests.testimonials.invented import received

WHOLE = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}
ASK_AGAIN = "public, max-age=0, must-revalidate"
MANY = 12


def headers_of(response) -> dict:
    """Those that each answer has alike."""
    return {name: text for name, text in response.headers.items() if name != "X-Request-ID"}


@pytest.mark.parametrize("coding", WHOLE)
def test_a_page_comes_in_each_coding_the_same_under_an_etag_of_its_own(client, coding):
    plain = client.get("/privacy")
    for _ in range(2):  # as it is made, and as it is kept
        page = client.get("/privacy", headers={"Accept-Encoding": coding or "identity"})
        assert page.headers.get("Content-Encoding") == coding
        assert WHOLE[coding](page.data) == plain.data
        assert page.headers["Vary"] == "Accept-Encoding"
        assert page.headers["Cache-Control"] == ASK_AGAIN
        assert page.content_length == len(page.data)
        assert page.headers["ETag"].startswith('"')
        assert (page.headers["ETag"] == plain.headers["ETag"]) == (coding is None)


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_other_bytes_of_the_same_page_have_another_etag(client, page_cache, monkeypatch, coding):
    """As two servers send them whose libraries to compress are of different releases."""
    here = client.get("/privacy", headers={"Accept-Encoding": coding})
    page_cache._pages.clear()
    library, level = {"br": (brotli, "quality"), "gzip": (gzip, "compresslevel")}[coding]
    compress = library.compress
    monkeypatch.setattr(library, "compress", lambda body, **how: compress(body, **how | {level: 1}))
    there = client.get("/privacy", headers={"Accept-Encoding": coding})
    assert there.data != here.data and WHOLE[coding](there.data) == WHOLE[coding](here.data)
    assert there.headers["ETag"] != here.headers["ETag"]


def test_a_kept_page_has_the_headers_of_the_one_that_was_made(client):
    assert headers_of(client.get("/privacy")) == headers_of(client.get("/privacy"))
    assert client.get("/privacy").headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("ready", [False, True])
def test_head_gives_the_headers_of_get_and_nothing_else(client, ready):
    client.check_pages = False  # there is none
    if ready:
        client.get("/privacy")
    head, get = client.head("/privacy"), client.get("/privacy")
    assert headers_of(head) == headers_of(get)
    assert head.data == b"" and get.data


@pytest.mark.parametrize("method", ["get", "head"])
def test_who_has_the_page_is_told_that_it_has_not_changed(client, method):
    br = {"Accept-Encoding": "br"}
    page = client.get("/privacy", headers=br)
    for known in (page.headers["ETag"], f'"other", W/{page.headers["ETag"]}', "*"):
        answer = getattr(client, method)("/privacy", headers=br | {"If-None-Match": known})
        assert (answer.status_code, answer.data) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert answer.headers[name] == page.headers[name]
        assert not {"Content-Length", "Content-Type", "Content-Encoding"} & set(answer.headers.keys())


def test_who_has_another_page_or_another_coding_of_it_gets_it(client):
    plain = client.get("/privacy").headers["ETag"]
    for known in ('"other"', plain):
        answer = client.get("/privacy", headers={"Accept-Encoding": "br", "If-None-Match": known})
        assert answer.status_code == 200
    since = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}  # no date of ours
    assert client.get("/privacy", headers=since).status_code == 200
    assert client.get("/blog/feed.atom", headers=since).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip;q=0", "identity"),
        ("identity, br;q=0.5", "identity"),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("identity;q=0", "identity"),
        ("BR", "br"),
        (";;q=x,,", "identity"),
    ],
)
def test_the_coding_is_the_one_that_the_asker_likes_best(accepted, coding):
    assert coding_for(accepted) == coding


@pytest.mark.parametrize("path", ["/", "/blog", "/testimonials", "/privacy", "/sitemap.xml", "/blog/feed.atom"])
def test_a_page_that_is_ready_asks_the_database_once_and_by_nothing_but_a_look(app, client, path):
    client.get(path)
    watch, looks, queries = app.extensions["content_version"], [], []
    if db.engine.dialect.name == "sqlite":
        watch._connection.set_trace_callback(looks.append)
    with db.engine.connect():  # so that its own first statements are made
        event.listen(db.engine, "before_cursor_execute", lambda *what: queries.append(what[2]))
        assert client.get(path).status_code == 200
    assert queries == []
    if looks:
        watch._connection.set_trace_callback(None)
        assert len(looks) == 1


OF_TRACKERS = (
    *("utm_source=a&utm_medium=b", "gclid=1&gad_source=1&gad_campaignid=2", "gbraid=1", "wbraid=1", "msclkid=1"),
    *("fbclid=2&gclid=3", "mc_cid=4", "srsltid=5", "_gl=1*x", "_hsenc=p2&_hsmi=3", "mkt_tok=1", "igsh=1"),
    *("li_fat_id=1", "ttclid=1", "whatever-comes-next=1", "&&&&", "q=caf%C3%A9", "page", "Page=1", "=", "%00=%ff"),
)


@pytest.mark.parametrize("query", OF_TRACKERS)
def test_what_trackers_put_behind_an_address_makes_no_other_page(client, page_cache, query):
    plain = client.get("/privacy")
    page = client.get(f"/privacy?{query}")
    assert headers_of(page) == headers_of(plain) and page.data == plain.data
    assert len(page_cache._pages) == 1


def test_a_page_that_was_first_asked_for_by_an_advertisement_is_that_of_all(client, page_cache):
    """Whatever stands behind the address, also in letters that no address has as they are."""
    client.get("/blog?utm_source=caf\u00e9&page=1&gad_source=1")
    with_raw_bytes = {"QUERY_STRING": "\u00c3\u00a9=1&page=1"}
    assert client.get("/blog", environ_overrides=with_raw_bytes).headers["Cache-Control"] == ASK_AGAIN
    assert [address.query for address in page_cache._pages] == ["page=1"]


def test_words_that_are_searched_for_stay_as_they_are(client):
    client.check_pages = False
    raw = {"QUERY_STRING": "q=caf\u00c3\u00a9&utm_source=x"}  # as servers tell of bytes that nobody has encoded
    assert 'value="caf\u00e9"' in client.get("/blog/search", environ_overrides=raw).text


def test_what_one_visitor_puts_behind_an_address_stands_in_no_page_of_anothers(client, page_cache):
    with database.transaction():
        for n in range(30):
            post(f"post-{n}")
    assert "spam" not in client.get("/blog?utm_source=spam&page=1&gclid=spam").text
    page = client.get("/blog?page=1").text
    assert "?page=2" in page and "spam" not in page
    assert len(page_cache._pages) == 1


def test_a_page_is_kept_under_the_true_form_of_its_arguments_only(client, page_cache):
    with database.transaction():
        for n in range(30):
            post(f"post-{n}")
    for path in ("/blog?page=0002", "/blog?page=2&page=2", "/blog?page=+2", "/blog?page=", "/blog?page=%D9%A2"):
        assert client.get(path).headers["Cache-Control"] == "private, no-cache"
    assert client.get("/sitemap-posts-1.xml").status_code == 200
    for number in ("0", "01", "0" * 4000 + "1", "-1", "%D9%A1", "2"):
        assert client.get(f"/sitemap-posts-{number}.xml").status_code == 404
    assert [address.path for address in page_cache._pages] == ["/sitemap-posts-1.xml"]


@pytest.mark.parametrize("path", ["/nothing", "/blog?page=9", "/blog/none", "/post/none", "/blog/"])
def test_only_whole_pages_are_kept(client, page_cache, path):
    assert client.get(path).status_code != 200
    assert "public" not in client.get(path).headers["Cache-Control"]
    assert len(page_cache._pages) == 0


def test_a_page_with_a_form_is_made_for_the_asker(client, page_cache):
    first, second = client.get("/contact"), client.get("/contact")
    assert first.text != second.text
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert len(page_cache._pages) == 0


KEPT = (
    "/",
    "/blog",
    "/testimonials",
    "/privacy",
    "/book",
    "/sitemap.xml",
    "/sitemap-pages.xml",
    "/blog/feed.atom",
)
EVIL = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}


@pytest.mark.parametrize("path", KEPT)
def test_a_page_is_the_same_under_whatever_host_it_was_asked_for(client, page_cache, path):
    hers, his = client.get(path, headers=EVIL), client.get(path)
    assert hers.status_code == 200 and "evil" not in hers.text + str(hers.headers)
    assert (hers.data, headers_of(hers)) == (his.data, headers_of(his))
    assert len(page_cache._pages) == 1


def test_not_even_a_template_of_the_clinics_own_puts_one_visitors_host_into_the_page_of_all(client, own_template):
    client.check_pages = False
    own_template("public/pages/privacy.html", "{{ request.host }} {{ url_for('pages.home', _external=True) }}")
    assert client.get("/privacy", headers=EVIL).text == "clinic.example http://clinic.example/"
    assert client.get("/privacy").text == "clinic.example http://clinic.example/"


def test_a_page_is_told_apart_by_the_scheme_since_its_headers_differ(client):
    plain = client.get("/privacy")
    encrypted = client.get("/privacy", base_url="https://clinic.example")
    assert "Strict-Transport-Security" not in client.get("/privacy").headers
    assert "Strict-Transport-Security" in encrypted.headers and encrypted.data == plain.data


@pytest.mark.parametrize("header", [("Set-Cookie", "a=b"), ("Vary", "Cookie"), ("Cache-Control", "no-store")])
def test_a_page_that_depends_on_who_asks_is_not_kept(client, page_cache, header):
    def of_one(environ, start_response):
        def start(status, headers, exc_info=None):
            return start_response(status, [*headers, header], exc_info)

        return inner(environ, start)

    inner, page_cache._wsgi_app = page_cache._wsgi_app, of_one
    name, value = header
    assert value in client.get("/privacy").headers.getlist(name)
    assert len(page_cache._pages) == 0


def test_other_settings_make_another_page(client, with_settings):
    before = client.get("/privacy")
    with_settings(phone="02 5550 0000")
    after = client.get("/privacy", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and "02 5550 0000" in after.text


def test_shared_caches_need_not_ask_for_a_while_where_the_clinic_says_so(client, with_settings):
    with_settings(shared_cache_seconds=1)
    assert client.get("/privacy").headers["Cache-Control"] == "public, max-age=0, s-maxage=1, must-revalidate"


def test_programmers_see_their_changes_at_once(app, client, page_cache):
    app.debug = True
    try:
        assert "ETag" not in client.get("/privacy").headers
    finally:
        app.debug = False
    assert len(page_cache._pages) == 0


def test_pages_take_no_more_room_than_they_are_given(client, page_cache):
    client.get("/privacy")
    page_cache._pages = type(page_cache._pages)(page_cache._pages.currsize * 3, getsizeof=lambda page: page.size)
    for path in ("/", "/blog", "/testimonials", "/privacy", "/sitemap.xml", "/blog/feed.atom") * 2:
        assert client.get(path).status_code == 200
        assert page_cache._pages.currsize <= page_cache._pages.maxsize
    assert 0 < len(page_cache._pages) < 6


def test_the_address_counts_too(client, page_cache):
    with database.transaction():
        post("one")
        post("o" * 80)
    for path in ("/blog/one", "/blog/" + "o" * 80):
        client.get(path)
    for address, page in page_cache._pages.items():
        assert page.size >= sum(len(form.body) for form in page._forms.values()) + sum(map(len, address)) + 4096


def test_a_page_that_is_larger_than_the_room_is_sent_and_not_kept(client, page_cache):
    page_cache._pages = type(page_cache._pages)(100, getsizeof=lambda page: page.size)
    assert client.get("/privacy").data == client.get("/privacy").data
    assert len(page_cache._pages) == 0


@pytest.mark.parametrize("ready", [False, True])
def test_a_page_that_many_ask_for_at_once_is_made_once(app, client, page_cache, made_by, ready):
    if ready:
        client.get("/")
        with database.transaction():
            post("one")

    def slowly(ask):
        time.sleep(0.3)
        return ask()

    made = made_by(slowly)
    with ThreadPoolExecutor(MANY) as crowd:
        pages = list(crowd.map(lambda _: app.test_client().get("/"), range(MANY)))
    assert len(made) == 1
    assert {(page.status_code, page.data) for page in pages} == {(200, client.get("/").data)}
    assert page_cache._turns._under_way == {}


def test_who_asks_after_a_change_gets_no_page_that_was_begun_before_it(app, client, made_by):
    with database.transaction():
        voice = received(name="Pat Pretend")
    rendered, asked_again = Event(), Event()

    def held_back(ask):
        answer = ask()
        rendered.set()
        assert asked_again.wait(10)
        return answer

    made = made_by(held_back)
    with ThreadPoolExecutor(MANY) as crowd:
        before = crowd.submit(app.test_client().get, "/testimonials")
        assert rendered.wait(10)
        with database.transaction():
            moderation.hide(voice, by="Kit Example")
        after = [crowd.submit(app.test_client().get, "/testimonials") for _ in range(MANY - 1)]
        time.sleep(0.3)  # they wait for the one that is being made
        asked_again.set()
        assert "Pat Pretend" in before.result().text
        assert not [page for page in after if "Pat Pretend" in page.result().text]
    assert len(made) == 2


def test_where_making_a_page_fails_the_others_make_it(app, page_cache, made_by):
    def failing_at_first(ask):
        if len(made) > 1:
            return ask()
        time.sleep(0.3)
        raise RuntimeError

    made = made_by(failing_at_first)
    with ThreadPoolExecutor(MANY) as crowd:
        pages = [crowd.submit(app.test_client().get, "/privacy") for _ in range(MANY)]
    assert sum(isinstance(page.exception(), RuntimeError) for page in pages) == 1
    assert sum(page.exception() is None and page.result().status_code == 200 for page in pages) == MANY - 1
    assert page_cache._turns._under_way == {}


@pytest.mark.parametrize("path", ["/contact", "/nothing", "/blog/search?q=a", "/staff/sign-in", "/robots.txt"])
def test_nobody_waits_for_a_page_that_is_made_for_the_asker(app, made_by, path):
    both = Barrier(2, timeout=10)

    def together(ask):
        both.wait()
        return ask()

    made_by(together)
    with ThreadPoolExecutor(2) as crowd:
        assert len({page.status_code for page in crowd.map(lambda _: app.test_client().get(path), range(2))}) == 1


@pytest.fixture
def made_by(page_cache):
    """`made_by(how)` has `how(ask)` ask the application behind the cache; gives the paths that were asked for."""
    inner, paths = page_cache._wsgi_app, []

    def put(how) -> list[str]:
        def asked(environ, start_response):
            paths.append(environ["PATH_INFO"])
            return how(lambda: inner(environ, start_response))

        page_cache._wsgi_app = asked
        return paths

    return put


@pytest.fixture
def page_cache(app):
    """The application's page cache, empty for this test."""
    stack = app.wsgi_app
    while not isinstance(stack, PageCache):
        stack = getattr(stack, "app", None) or stack.application
    whole, inner = stack._pages, stack._wsgi_app
    stack._pages = type(whole)(whole.maxsize, getsizeof=whole.getsizeof)
    yield stack
    stack._pages, stack._wsgi_app = whole, inner
