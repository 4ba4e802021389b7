"""Files that are not what they seem, wherever a file can be sent: told apart, never kept, never a fault."""

import io
import zlib

import pytest
from PIL import Image

from clinic_app.pictures import media, pixels, uploads
from clinic_app.pictures.media import NotAPicture

from . import answers
from .site import Site


def picture(kind="PNG", size=(40, 30), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(out, kind, **options)
    return out.getvalue()


SCRIPT = b"<script>hostile()</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="hostile()"/>'
FILES = {
    "an SVG with a script": SVG,
    "an SVG behind blanks": b"\xef\xbb\xbf \n<?xml version='1.0'?><!-- x --><!DOCTYPE svg>" + SVG,
    "an SVG in UTF-16": SVG.decode().encode("utf-16"),
    "a compressed SVG": zlib.compress(SVG),
    "comments, as before an SVG, and no end of them": b"<!---->" * 200,
    "a page": b"<!doctype html>" + SCRIPT,
    "a page that begins as a GIF": b"GIF89a/*" + SCRIPT,
    "a page that begins as a PNG": b"\x89PNG\r\n\x1a\n" + SCRIPT,
    "a page that begins as a JPEG": b"\xff\xd8\xff" + SCRIPT,
    "a program": b"\x7fELF" + bytes(200),
    "a ZIP": b"PK\x03\x04" + bytes(200),
    "a PDF": b"%PDF-1.7\n" + SCRIPT,
    "nothing": b"",
    "one byte": b"\0",
    "half a picture": picture(size=(400, 300))[:200],
    "a table of formulas": b'name,quote\n"=HYPERLINK(""https://hostile.example"")",@hostile\n',
    "a table without end": b'name,"' + b"x" * 200_000,
    "a table with NUL": b"name,quote\0\n\0,\0\n",
    "a table of one long line": b"," * 200_000,
    "a table in UTF-16": "name,quote\nKit,hostile\n".encode("utf-16"),
}
NAMES = (
    "../../wsgi.py",
    "x.svg",
    "x.png\0.html",
    '"><script>hostile()</script>.png',
    "con",
    "." * 300,
    "\u202egnp.exe",
)
DOORS = {
    "photo": ("/staff/practitioners/{practitioner_id}/photo", {"alt": "A photo"}),
    "picture": ("/staff/posts/pictures", {"picture_alt": "A hill"}),
    "file": ("/staff/testimonials/import/check", {}),
}


@pytest.fixture
def site(app):
    return Site(app)


def send(site, field: str, content: bytes, name: str):
    path, typed = DOORS[field]
    path = path.format(**site.things)
    answer = site.open("owner", "POST", path, data={**typed, field: (io.BytesIO(content), name)})
    assert not answers.faults(answer, method="POST", path=path)
    return answer


def kept(site) -> set[str]:
    return {path.name for path in media.folder().glob("*")}


@pytest.mark.parametrize("field", DOORS)
def test_what_is_no_picture_and_no_table_is_refused_in_words_and_not_kept(site, field):
    before = kept(site)
    for content in FILES.values():
        assert send(site, field, content, "x.png").status_code in (200, 400)
    assert kept(site) == before


@pytest.mark.parametrize("field", ["photo", "picture"])
@pytest.mark.parametrize("name", NAMES)
def test_a_pictures_name_leads_nowhere(site, field, name):
    before = kept(site)
    assert send(site, field, picture(), name).status_code in (200, 303)
    new = kept(site) - before
    assert all(uploads.known(file) for file in new), new
    for file in new:
        (media.folder() / file).unlink()


def test_what_hides_behind_a_picture_is_not_kept(site):
    content = picture("JPEG", comment=SCRIPT) + SCRIPT
    stored = uploads.take(content, "x.jpg")
    kept_bytes = (media.folder() / stored.name).read_bytes()
    assert b"hostile" not in kept_bytes
    answer = site.open("stranger", "GET", stored.url)
    assert answer.mimetype == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("kind", "allowed"), [("PNG", False), ("WEBP", False), ("GIF", False), ("JPEG", True)])
def test_a_picture_of_many_pixels_is_refused_by_its_head_unless_it_can_be_read_small(kind, allowed):
    content = picture(kind, (5200, 5000))
    assert len(content) < media.MAX_BYTES
    if allowed:
        assert pixels.opened(content).width <= uploads.WIDTHS[-1]
    else:
        with pytest.raises(NotAPicture, match="25 million pixels"):
            pixels.opened(content)
