"""The social cards of pages and posts: what pages say of them, and how they are served."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from clinic_app import database
from clinic_app.blog import redirects
from clinic_app.booking import profiles
from clinic_app.pictures import media, social_cards
from tests.blog import make
from tests.reading import page_of, parsed

PUBLIC = "https://clinic.example"
PAGES = ("/", "/privacy", "/book", "/blog", "/testimonials", "/contact")

pytestmark = pytest.mark.usefixtures("own_folder")


def save_post(slug="hill-runs", **fields):
    with database.transaction():
        return make.post(slug, **fields)


def sharing(client, path) -> dict[str, str]:
    """What the page tells other sites of itself."""
    metas = parsed(client.get(path).text).find_all("meta", attrs={"content": True})
    return {meta.get("property") or meta.get("name"): meta["content"] for meta in metas}


def card_path(client, path) -> str:
    return sharing(client, path)["og:image"].removeprefix(PUBLIC)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_tells_its_card_which_is_there(client, path):
    told = sharing(client, path)
    answer = client.get(told["og:image"].removeprefix(PUBLIC))
    assert answer.status_code == 200
    assert answer.mimetype == "image/png"
    assert Image.open(BytesIO(answer.data)).size == (int(told["og:image:width"]), int(told["og:image:height"]))
    assert told["twitter:card"] == "summary_large_image"
    assert page_of(client, path).h1.get_text(" ", strip=True) in told["og:image:alt"]


def test_each_page_has_a_card_of_its_own(client):
    assert len({card_path(client, path) for path in PAGES}) == len(PAGES)


def test_browsers_keep_a_card_for_good(client):
    answer = client.get(card_path(client, "/"))
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_of_an_area_without_a_card_show_the_areas(client):
    assert card_path(client, "/blog/search") == card_path(client, "/blog")


def test_a_posts_card_shows_its_title(client):
    save_post(title="Hill runs “for all”")
    told = sharing(client, "/blog/hill-runs")
    assert told["og:image"].startswith(f"{PUBLIC}/cards/post-hill-runs.")
    assert told["og:image:alt"] == "Hill runs “for all”. Westside Sports Chiro"
    assert client.get(told["og:image"].removeprefix(PUBLIC)).mimetype == "image/png"


def test_search_engines_are_told_of_the_card_where_the_posts_picture_is_a_drawing(client):
    media.write("hill.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    save_post(hero="hill.svg")
    page = page_of(client, "/blog/hill-runs")
    data = json.loads(page.find("script", type="application/ld+json").string)
    assert data["image"] == page.find("meta", property="og:image")["content"]
    assert data["image"].endswith(".png")


def test_a_posts_photo_is_on_its_card_and_told_to_search_engines(client):
    photo = BytesIO()
    Image.new("RGB", (1600, 900), (220, 0, 0)).save(photo, "WEBP")
    media.write("hill.3f2a9c01d4aa.1600x900.webp", photo.getvalue())
    save_post(hero="hill.3f2a9c01d4aa.1600x900.webp")
    page = page_of(client, "/blog/hill-runs")
    data = json.loads(page.find("script", type="application/ld+json").string)
    assert data["image"] == f"{PUBLIC}/media/hill.3f2a9c01d4aa.1600x900.webp"
    answer = client.get(card_path(client, "/blog/hill-runs"))
    assert answer.mimetype == "image/jpeg"
    assert Image.open(BytesIO(answer.data)).getpixel((1100, 300))[0] > 180


def test_a_card_is_drawn_when_it_is_first_asked_for(client, own_folder):
    path = card_path(client, "/contact")
    assert not (own_folder / "cards").exists()
    client.get(path)
    assert [file.name for file in social_cards.folder().iterdir()] == [Path(path).name]


def test_an_older_address_leads_to_the_card_as_it_is_now(client, with_settings):
    before = card_path(client, "/")
    client.get(before)
    with_settings(name="Eastside Sports Chiro")
    answer = client.get(before)
    assert (answer.status_code, answer.location) == (302, card_path(client, "/"))
    assert client.get(answer.location).status_code == 200
    assert len(list(social_cards.folder().iterdir())) == 1


def test_the_card_of_a_post_whose_address_has_changed_is_found_by_its_old_one(client):
    post = save_post()
    before = card_path(client, "/blog/hill-runs")
    with database.transaction():
        post.slug = "running-up-hills"
        redirects.note(post, old="hill-runs")
    answer = client.get(before)
    assert (answer.status_code, answer.location) == (302, card_path(client, "/blog/running-up-hills"))


@pytest.mark.parametrize(
    "path",
    [
        "/cards/nothing.0123456789ab.png",
        "/cards/post-nothing.0123456789ab.png",
        "/cards/post-%00.0123456789ab.png",
        "/cards/..%2fclinic.toml",
        "/cards/.png",
        "/cards/a%20b",
    ],
)
def test_strangers_make_the_server_draw_nothing_else(client, own_folder, path):
    assert client.get(path).status_code == 404
    assert not (own_folder / "cards").exists()


def test_a_made_up_digest_draws_nothing(client, own_folder):
    assert client.get("/cards/home.0123456789ab.png").status_code == 302
    assert not (own_folder / "cards").exists()


def test_a_draft_has_no_card(client, own_folder):
    save_post(draft=True)
    assert client.get("/cards/post-hill-runs.0123456789ab.png").status_code == 404


@pytest.mark.parametrize("path", ["/nowhere", "/a/nothing", "/book/visit/robin/nothing"])
def test_pages_that_nobody_shares_tell_nothing(client, path):
    assert "og:image" not in sharing(client, path)


def test_a_title_that_a_clinic_has_put_in_place_is_on_the_card(client, own_template, with_settings):
    first = card_path(client, "/privacy")
    own_template(
        "public/pages/privacy.html",
        "{% extends 'layouts/base.html' %}{% block title %}Your data & you{% endblock %}"
        "{% block main %}<h1>{{ self.title() }}</h1>{% endblock %}",
    )
    with_settings()  # read anew, as when the server starts
    assert sharing(client, "/privacy")["og:image:alt"] == "Your data & you. Westside Sports Chiro"
    assert card_path(client, "/privacy") != first


@pytest.mark.parametrize(
    "title", ["", "{% block title %}{% endblock %}", "{% block title %}{{ services[0].name }}{% endblock %}"]
)
def test_a_page_of_the_clinics_own_whose_title_says_nothing_to_others_has_the_clinics_name_on_its_card(
    client, own_template, with_settings, title
):
    with database.transaction():
        profiles.save_service("visit", name="Visit", minutes=30, price_cents=8500)
    main = "{% block main %}<h1>Welcome</h1>{% endblock %}"
    own_template("public/pages/home.html", "{% extends 'layouts/base.html' %}" + title + main)
    with_settings()  # read anew, as when the server starts
    client.check_pages = False
    assert client.get("/").status_code == 200
    assert client.get("/cards/home.0123456789ab.png").status_code == 302
    assert sharing(client, "/")["og:image:alt"] == "Westside Sports Chiro. Westside Sports Chiro"
