"""Social cards: how words are set, and what is drawn from them."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from clinic_app.pictures import card_drawing, drawing, lettering, media, social_cards
from clinic_app.pictures.social_cards import Card
from tests.databases import ON_EITHER

ROOT = Path(__file__).parent.parent
SIZES = (76, 60, 46)
BOX = (690, 305)
# Letters of a script that no font of ours or of a usual machine has (Linear A).
UNKNOWN = "\U00010600\U00010601"


def card(**changes) -> Card:
    ordinary = {"name": "home", "title": "Run with us", "note": "Since 1990", "clinic": "Westside Sports Chiro"}
    return Card(**(ordinary | changes))


def image_of(card: Card) -> Image.Image:
    return Image.open(BytesIO(card_drawing.drawn(card)))


def test_a_short_title_is_large_and_a_long_one_smaller():
    assert lettering.fitted("Blog", box=BOX, sizes=SIZES).font.size == 76
    long = lettering.fitted("Ten areas of the spine " * 4, box=BOX, sizes=SIZES)
    assert long.font.size < 76
    assert long.height <= BOX[1]


def test_a_title_that_never_fits_is_cut_with_an_ellipsis():
    set_ = lettering.fitted("and so it goes on " * 40, box=BOX, sizes=SIZES)
    assert set_.lines[-1].endswith("…")
    assert all(set_.font.getlength(line) <= BOX[0] for line in set_.lines)


@pytest.mark.parametrize("title", ["x" * 400, "a b " * 300, "https://example.org/" + "long" * 60])
def test_no_line_is_wider_than_its_box(title):
    set_ = lettering.fitted(title, box=BOX, sizes=SIZES)
    assert all(set_.font.getlength(line) <= BOX[0] for line in set_.lines)
    assert set_.height <= BOX[1]


def test_lines_are_of_about_the_same_length():
    set_ = lettering.fitted("What happens at your very first visit to us here", box=BOX, sizes=(76,))
    widths = [set_.font.getlength(line) for line in set_.lines]
    assert min(widths) > max(widths) / 2


def test_emoji_are_left_out_and_the_words_stay():
    assert lettering.plain("Run 🏃🏽‍♀️ well ✌️\n\tnow") == "Run well now"
    assert lettering.fitted("🏃🏽‍♀️", box=BOX, sizes=SIZES) is None


@pytest.mark.parametrize("title", ["Café à Zürich", "Ελληνικά", "Разминка", "Cafe\u0301 – “so” ½"])
def test_accents_greek_and_cyrillic_are_set_in_the_font_of_headings(title):
    assert lettering.fitted(title, box=BOX, sizes=SIZES).font.getname() == ("Source Serif Pro", "Bold")


@pytest.mark.parametrize(("title", "from_right"), [("שלום Robin", True), ("مرحبا", True), ("Robin שלום", False)])
def test_the_first_letter_tells_which_way_a_title_is_read(title, from_right):
    assert lettering.reads_from_right(title) is from_right


def test_letters_that_no_font_has_are_not_drawn_as_boxes():
    assert lettering.fitted(UNKNOWN, box=BOX, sizes=SIZES) is None
    without_title = card_drawing.drawn(card(title=""))
    assert card_drawing.drawn(card(title=UNKNOWN)) == without_title


@pytest.mark.parametrize("title", ["", "مرحبا بكم", "🏃🏽‍♀️", "x" * 1000, "a\u202eb\x00c", UNKNOWN])
def test_whatever_the_title_the_card_is_a_png_of_the_size_that_other_sites_want(title):
    image = image_of(card(title=title, clinic=title, note=title))
    assert (image.format, image.size) == ("PNG", (1200, 630))


def test_a_card_weighs_little():
    assert len(card_drawing.drawn(card(title="Ten areas of the spine every runner should know"))) < 90_000


@ON_EITHER
def test_a_picture_stands_beside_the_words(own_folder):
    red = BytesIO()
    Image.new("RGB", (1600, 900), (220, 0, 0)).save(red, "WEBP")
    media.write("hill.3f2a9c01d4aa.1600x900.webp", red.getvalue())
    image = image_of(card(picture="hill.3f2a9c01d4aa.1600x900.webp"))
    assert (image.format, image.size) == ("JPEG", (1200, 630))
    assert image.getpixel((1100, 300))[0] > 180 > image.getpixel((700, 600))[0]


@ON_EITHER
@pytest.mark.parametrize("content", [None, b"", b"not a picture", b"RIFF0000WEBP"])
def test_a_picture_that_cannot_be_read_gives_way_to_the_drawing(own_folder, content):
    if content is not None:
        media.write("broken.webp", content)
    assert image_of(card(picture="broken.webp")).size == (1200, 630)


def test_a_cards_name_changes_with_everything_on_it():
    changes = [{}, {"title": "Ride"}, {"note": "x"}, {"clinic": "East"}, {"art": "runner"}, {"picture": "a.webp"}]
    names = {card(**change).file_name for change in changes}
    assert len(names) == len(changes)
    assert all(re.fullmatch(r"home\.[0-9a-f]{12}\.(png|jpg)", name) for name in names)


@ON_EITHER
def test_a_card_is_drawn_once_and_takes_the_place_of_the_pages_older_one(own_folder):
    old = social_cards.kept(card())
    written = old.stat().st_mtime_ns
    assert social_cards.kept(card()) == old
    assert old.stat().st_mtime_ns == written
    other_page = social_cards.kept(card(name="home-2"))
    new = social_cards.kept(card(title="Ride with us"))
    assert {path.name for path in social_cards.folder().iterdir()} == {new.name, other_page.name}


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("static/img/favicon.svg", drawing.spine()),
        ("templates/components/spine.html", drawing.spine()),
        ("templates/components/runner.html", drawing.RUNNER),
    ],
)
def test_pages_and_pictures_show_the_same_drawings(name, shape):
    source = (ROOT / name).read_text()
    drawn = {line for stroke in shape.strokes for line in lines_of(stroke.path)}
    assert drawn <= {line for path in re.findall(r' d="([^"]+)"', source) for line in lines_of(path)}


def lines_of(path: str) -> list[str]:
    return re.findall(r"M[^M]+", path)


def test_pages_and_pictures_have_the_same_colours():
    css = (ROOT / "static/css/site.css").read_text()
    light = css[: css.index("prefers-color-scheme: dark")]
    for token, colour in [
        ("ground", drawing.GROUND),
        ("deep", drawing.SPRUCE),
        ("deep-lane", drawing.LANE),
        ("deep-limb", drawing.LIMB),
        ("on-deep", drawing.PALE),
        ("on-deep-quiet", drawing.PALE_QUIET),
        ("deep-coral", drawing.CORAL),
    ]:
        assert f"--{token}: {colour};" in light
