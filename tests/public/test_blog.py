"""The blog as visitors and feed readers meet it."""

import json
import xml.etree.ElementTree as ElementTree
from datetime import timedelta

import pytest
from werkzeug.http import http_date

from clinic_app import clock, database
from clinic_app.blog.content import Person
from clinic_app.pictures import media
from tests.blog.make import post
from tests.reading import read

ATOM = "{http://www.w3.org/2005/Atom}"
BODY = (
    "Hello [you](/contact) and [there](#section-first).\n\n## First\n\nText.\n\n## Second\n\n"
    "[A slow warm-up](https://www.youtube.com/watch?v=aqz-KE-bpKQ)\n\n![A hill](/media/hill.svg)"
)


@pytest.fixture
def write(app):
    """Saves and commits a post."""

    def save(slug, **fields):
        with database.transaction():
            post(slug, **fields)

    return save


def test_the_index_shows_thirteen_posts_a_page_newest_first(client, write):
    for n in range(15):
        write(f"p{n:02}", published_at=clock.now() - timedelta(hours=n + 1))
    first, second = read(client.get("/blog")), read(client.get("/blog?page=2"))
    assert [a["href"] for a in first.select(".card h2 a")] == [f"/blog/p{n:02}" for n in range(13)]
    assert [a["href"] for a in second.select(".card h2 a")] == ["/blog/p13", "/blog/p14"]
    assert first.find("a", rel="next")["href"] == "/blog?page=2"


@pytest.mark.parametrize(("count", "leads"), [(1, 1), (2, 0), (3, 1), (4, 1), (5, 0), (6, 0), (13, 1)])
def test_the_newest_post_stands_out_where_the_others_fill_their_rows(client, write, count, leads):
    for n in range(count):
        write(f"p{n:02}", published_at=clock.now() - timedelta(hours=n + 1))
    page = read(client.get("/blog"))
    assert len(page.select(".card-lead")) == leads
    assert page.select(".card")[:leads] == page.select(".card-lead")


def test_an_empty_blog_is_a_page_too_and_has_nothing_to_search(client):
    page = read(client.get("/blog"))
    assert page.h1 and not page.select("[type=search]")


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "", "1e9", "99999999999999999999", "²"])
def test_a_page_that_is_not_there_is_not_found(client, number):
    for path in ("/blog", "/blog/search", "/blog/tag/running"):
        assert client.get(path, query_string={"page": number, "q": "word"}).status_code == 404


def test_a_topic_shows_its_posts_and_an_unused_one_is_not_found(client, write):
    write("one", tags=("Running",))
    write("draft", tags=("Hidden",), draft=True)
    assert read(client.get("/blog/tag/running")).select_one(".card h2 a")["href"] == "/blog/one"
    assert client.get("/blog/tag/hidden").status_code == client.get("/blog/tag/none").status_code == 404


def test_a_post_shows_all_its_parts(client, write):
    robin = Person("Robin Sample", "Chiropractor", "robin.svg", "Robin, smiling", "Runs.")
    write(
        "one", title="On <knees>", body=BODY, author=robin, tags=("Running",), hero="hill.svg", hero_alt="A hill"
    )
    page = read(client.get("/blog/one"))
    assert page.h1.text == "On <knees>"
    assert page.find("link", rel="canonical")["href"] == "https://clinic.example/blog/one"
    assert page.find("meta", property="og:type")["content"] == "article"
    assert "/cards/post-one." in page.find("meta", property="og:image")["content"]
    assert [a["href"] for a in page.select(".contents-side a")] == ["#section-first", "#section-second"]
    assert page.select_one("figure.video")["data-video-id"] == "aqz-KE-bpKQ"
    assert page.find("img", src="/media/robin.svg")["alt"] == "Robin, smiling"
    assert "min read" in page.text and "Need chiropractic services?" in page.text


def test_a_post_describes_itself_to_machines(client, write):
    write("one", title="On </script> knees", body=BODY, hero="hill.svg")
    data = json.loads(read(client.get("/blog/one")).find("script", type="application/ld+json").string)
    assert (data["@type"], data["headline"]) == ("BlogPosting", "On </script> knees")
    assert data["mainEntityOfPage"] == "https://clinic.example/blog/one"
    assert data["author"] == {"@type": "Person", "name": "Robin Sample", "jobTitle": "Chiropractor"}
    assert (data["video"][0]["@type"], data["video"][0]["name"]) == ("VideoObject", "A slow warm-up")


def test_a_post_leads_to_related_ones(client, write):
    write("one", tags=("Running",))
    write("two", tags=("Running",))
    assert read(client.get("/blog/one")).select_one(".related a")["href"] == "/blog/two"


def test_drafts_and_posts_still_to_come_are_not_found(client, write):
    write("draft", draft=True)
    write("later", published_at=clock.now() + timedelta(hours=1))
    for path in ("/blog/draft", "/blog/later", "/post/draft", "/blog/none"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("old", ["post", "posts", "blog-posts"])
def test_links_to_the_old_site_lead_on_for_good(client, write, old):
    write("one")
    response = client.get(f"/{old}/one")
    assert (response.status_code, response.location) == (301, "/blog/one")
    assert client.get(f"/{old}/none").status_code == 404


def test_search_shows_what_it_found_with_the_words_marked(client, write):
    write("one", body="Mind your <knees>.")
    page = read(client.get("/blog/search?q=knee"))
    assert page.select_one(".card mark").text == "knees"
    assert page.find("input", id="q")["value"] == "knee"


@pytest.mark.parametrize(
    "typed", ["", "\0", '"', "<script>alert(1)</script>", "*", "🙂", "x " * 5000, "%ff", "' OR 1=1 --"]
)
def test_anything_may_be_typed_into_search(client, write, typed):
    write("one")
    assert client.get("/blog/search", query_string={"q": typed}).status_code == 200


def test_bytes_that_are_no_text_may_be_typed_into_search(client):
    assert client.get("/blog/search?q=%ff%fe%00%ed%a0%80").status_code == 200


def test_the_feed_has_whole_posts_with_whole_addresses(client, write):
    write("one", title="Knees & more", body=BODY, tags=("Running",))
    write("draft", draft=True)
    response = client.get("/blog/feed.atom")
    feed = ElementTree.fromstring(response.data)
    entry = feed.findall(f"{ATOM}entry")
    assert response.mimetype == "application/atom+xml" and len(entry) == 1
    assert entry[0].findtext(f"{ATOM}title") == "Knees & more"
    assert entry[0].find(f"{ATOM}link").get("href") == "https://clinic.example/blog/one"
    assert entry[0].findtext(f"{ATOM}author/{ATOM}name") == "Robin Sample"
    content = entry[0].findtext(f"{ATOM}content")
    assert 'src="https://clinic.example/media/hill.svg"' in content
    assert 'href="https://clinic.example/contact"' in content
    assert 'href="https://clinic.example/blog/one#section-first"' in content
    assert '<h2 id="section-first">First</h2>' in content


HILL = "hill.3f2a9c01d4aa.1600x900.webp"


def test_pictures_that_were_uploaded_are_offered_in_their_sizes(client, write):
    robin = Person("Robin Sample", "Chiropractor", "robin.3f2a9c01d4aa.1600x1600.webp", "Robin, smiling")
    write("one", author=robin, hero=HILL, hero_alt="A hill", body=f"![A hill](/media/{HILL})")
    pictures = read(client.get("/blog/one")).find_all("img", srcset=True)
    assert len(pictures) == 4  # the small portrait, the cover, the body's, the large portrait
    for each in pictures:
        assert each["srcset"].split(", ")[0].endswith(" 480w") and each["sizes"] and each["width"] == "1600"
    card = read(client.get("/blog")).select_one(".card img")
    assert card["srcset"] and (card["width"], card["height"]) == ("1600", "900")
    assert "srcset" not in client.get("/blog/feed.atom").text


def test_an_entry_keeps_its_id_when_its_address_changes_and_says_that_it_was_updated(client, app):
    with database.transaction():
        saved = post("one")
    before = ElementTree.fromstring(client.get("/blog/feed.atom").data).find(f"{ATOM}entry")
    with database.transaction():
        saved.slug, saved.updated_at = "another", clock.now()
    after = ElementTree.fromstring(client.get("/blog/feed.atom").data).find(f"{ATOM}entry")
    assert before.findtext(f"{ATOM}id") == after.findtext(f"{ATOM}id")
    assert before.findtext(f"{ATOM}updated") < after.findtext(f"{ATOM}updated")


def test_a_feed_that_has_not_changed_is_not_sent_again(client, write):
    write("one")
    first = client.get("/blog/feed.atom")
    assert client.get("/blog/feed.atom", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    write("two", published_at=clock.now())
    assert client.get("/blog/feed.atom", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_who_asks_by_a_date_hears_of_an_older_entry_that_is_hidden(client, app):
    newest_at = clock.now() - timedelta(hours=1)
    with database.transaction():
        older = post("one")
        post("two", published_at=newest_at)
    assert "/blog/one" in client.get("/blog/feed.atom").text
    with database.transaction():
        older.draft = True
    answer = client.get("/blog/feed.atom", headers={"If-Modified-Since": http_date(newest_at)})
    assert answer.status_code == 200 and "/blog/one" not in answer.text


def test_no_sign_that_a_post_names_by_its_number_breaks_the_feed(client, write):
    write("one", body="".join(f"a&#{number};" for number in range(160)))
    assert ElementTree.fromstring(client.get("/blog/feed.atom").data).find(f"{ATOM}entry") is not None


def test_an_empty_feed_is_a_feed(client):
    assert ElementTree.fromstring(client.get("/blog/feed.atom").data).findtext(f"{ATOM}updated")


def test_pictures_are_served_for_good_and_can_run_nothing(client, app, tmp_path):
    (tmp_path / "hill.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>')
    staging = media.Staging()
    name = staging.add(tmp_path / "hill.svg")
    assert client.get(f"/media/{name}").status_code == 404
    staging.write()
    response = client.get(f"/media/{name}")
    assert response.mimetype == "image/svg+xml" and "immutable" in response.headers["Cache-Control"]
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    for path in ("/media/../secret_key", "/media/%2e%2e/secret_key", "/media/", "/media/none.svg"):
        assert client.get(path).status_code == 404
