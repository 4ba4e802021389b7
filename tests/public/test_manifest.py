"""Icons and the manifest: how phones show the site among their own."""

from io import BytesIO

import pytest
from PIL import Image

from tests.reading import page_of


def test_the_manifest_has_the_clinics_name_and_colours(client, with_settings):
    with_settings(name="Östliche Sportpraxis", tagline="For people who move")
    answer = client.get("/site.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    assert answer.json["name"] == "Östliche Sportpraxis"
    assert answer.json["description"] == "For people who move"
    assert answer.json["start_url"] == "/"
    assert (answer.json["theme_color"], answer.json["background_color"]) == ("#0f4f4c", "#faf6f0")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Westside Sports Chiro", "Westside"),
        ("Sports Chiro", "Sports Chiro"),
        ("Wirbelsäulenpraxis", "Wirbelsäulenpraxis"),
    ],
)
def test_what_stands_under_the_icon_is_whole_words(client, with_settings, name, short):
    with_settings(name=name)
    assert client.get("/site.webmanifest").json["short_name"] == short


def test_each_icon_of_the_manifest_is_there_in_the_size_it_tells(client):
    icons = client.get("/site.webmanifest").json["icons"]
    assert {icon["purpose"] for icon in icons} == {"any", "maskable"}
    for icon in icons:
        answer = client.get(icon["src"])
        assert (answer.status_code, answer.mimetype) == (200, icon["type"])
        if icon["sizes"] != "any":
            width, height = Image.open(BytesIO(answer.data)).size
            assert icon["sizes"] == f"{width}x{height}"


def test_an_icon_to_be_cut_out_has_colour_to_its_edges_and_its_mark_inside(client):
    (icon,) = [i for i in client.get("/site.webmanifest").json["icons"] if i["purpose"] == "maskable"]
    image = Image.open(BytesIO(client.get(icon["src"]).data)).convert("RGB")
    ground = (15, 79, 76)
    middle, radius = image.width / 2, image.width * 0.4
    for x in range(0, image.width, 8):
        for y in range(0, image.height, 8):
            if (x - middle) ** 2 + (y - middle) ** 2 > radius**2:
                assert image.getpixel((x, y)) == ground


def test_the_manifest_is_asked_for_again_only_when_it_has_changed(client, with_settings):
    first = client.get("/site.webmanifest")
    assert "max-age" in first.headers["Cache-Control"]
    again = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/site.webmanifest", headers=again).status_code == 304
    with_settings(name="Eastside Sports Chiro")
    assert client.get("/site.webmanifest", headers=again).status_code == 200


@pytest.mark.parametrize("path", ["/favicon.ico", "/apple-touch-icon.png"])
def test_icons_are_found_where_programs_look_by_themselves(client, path):
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200
    assert answer.mimetype.startswith("image/")
    assert Image.open(BytesIO(answer.data)).width in (48, 180)


def test_pages_tell_of_manifest_and_icons(client):
    page = page_of(client, "/")
    for rel in ("icon", "apple-touch-icon", "manifest"):
        assert client.get(page.find("link", rel=rel)["href"]).status_code == 200
