"""Pictures that were uploaded, to be used again."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from clinic_app.extensions import db
from clinic_app.pictures import library, uploads
from clinic_app.pictures.library import Picture
from clinic_app.text import markup
from tests.reading import parsed


@pytest.fixture
def take(own_folder):
    """Uploads a picture of a colour."""

    def upload(colour="red", alt="A hill", file_name="Hill.PNG"):
        out = BytesIO()
        Image.new("RGB", (1000, 500), colour).save(out, "PNG")
        stored = uploads.take(out.getvalue(), file_name)
        return library.keep(stored, alt=alt, file_name=file_name, by="Casey Invented", member_id=1)

    return upload


def test_a_picture_is_kept_with_what_it_shows(take):
    picture = take()
    assert (picture.width, picture.height, picture.sizes) == (1000, 500, [[480, 240], [1000, 500]])
    assert (picture.alt, picture.file_name, picture.by) == ("A hill", "Hill.PNG", "Casey Invented")
    assert picture.small_url.endswith(".480x240.webp") and picture.url.endswith(".1000x500.webp")


def test_the_same_picture_is_kept_once_and_described_anew(take):
    assert take(alt="A hill").id == take(alt="A hill at dawn").id
    assert db.session.query(Picture).one().alt == "A hill at dawn"


@pytest.mark.parametrize("alt", ["A hill", "a ] b [ c", "*so* `much` <b>", "back\\slash", "two\nlines", "![x](y)"])
def test_its_markdown_shows_it_with_its_description_whatever_that_is(take, alt):
    html = markup.render(take(alt=alt).markdown).html

    assert parsed(html).img["alt"] == " ".join(alt.split())


def test_pictures_are_found_by_what_they_show_and_what_they_were_called(take):
    take("red", "A hill at dawn", "one.png")
    take("blue", "100% cotton_wool", "Sea.png")

    def found(q):
        query = library.listed(q).order_by(Picture.id)
        return [picture.file_name for picture in db.session.scalars(query)]

    assert found("") == ["one.png", "Sea.png"] and found("HILL dawn") == ["one.png"] == found("one")
    assert (
        found("%") == found("_") == ["Sea.png"] and found("none") == [] and found("\0") == ["one.png", "Sea.png"]
    )
    assert [p.file_name for p in library.latest(1)] == ["Sea.png"]
    assert db.session.scalar(select(Picture).where(Picture.file_name == "Sea.png")).small_url


def test_a_name_that_no_database_takes_is_no_picture(app):
    assert library.get("a\0b") is None
