"""Uploaded pictures: what is taken, what is made of it, and what is refused."""

from io import BytesIO

import pytest
from PIL import Image, ImageCms

from clinic_app.pictures import media, uploads
from clinic_app.pictures.media import NotAPicture
from clinic_app.text import markup
from tests.databases import ON_EITHER
from tests.reading import parsed

pytestmark = ON_EITHER


def upload(size=(2000, 1000), kind="JPEG", mode="RGB", colour=(200, 40, 40), **options) -> bytes:
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind, **options)
    return out.getvalue()


def halves(size=(800, 400), **options) -> bytes:
    """Red on the left, blue on the right."""
    image, out = Image.new("RGB", size, "red"), BytesIO()
    image.paste("blue", (size[0] // 2, 0, *size))
    image.save(out, "JPEG", quality=95, **options)
    return out.getvalue()


def kept(name: str) -> Image.Image:
    with Image.open(media.folder() / name) as image:
        image.load()
        return image


def test_a_picture_is_kept_as_webp_in_the_widths_that_pages_use(own_folder):
    stored = uploads.take(upload((3000, 1500)), "My Hill.JPG")
    assert [(size.width, size.height) for size in stored.sizes] == [(480, 240), (960, 480), (1600, 800)]
    assert stored.name.startswith("my-hill.") and stored.name.endswith(".1600x800.webp")
    for size in stored.sizes:
        image = kept(size.name)
        assert (image.format, image.size) == ("WEBP", (size.width, size.height))


@pytest.mark.parametrize(
    ("size", "widths"),
    [((300, 200), [300]), ((480, 10), [480]), ((500, 500), [500]), ((1000, 10), [480, 1000]), ((1, 1), [1])],
)
def test_nothing_is_made_larger_than_it_is(own_folder, size, widths):
    assert [each.width for each in uploads.take(upload(size), "a.jpg").sizes] == widths


def test_a_very_tall_picture_is_kept_within_a_page(own_folder):
    stored = uploads.take(upload((400, 9000)), "a.jpg")
    assert stored.height == 2400 and stored.width == 107


def test_the_sizes_of_a_picture_are_known_from_its_name_alone(own_folder):
    stored = uploads.take(upload((1999, 1333)), "a.jpg")
    assert uploads.known(stored.name) == uploads.known(stored.url) == stored
    for other in (None, "", "a.svg", "/media/a.3f2a9c01d4aa.png", "/media/a.3f2a9c01d4aa.0x10.webp", "/media/"):
        assert uploads.known(other) is None


def test_the_same_file_is_kept_once_and_another_beside_it(own_folder):
    one, two = upload(), upload(colour=(0, 0, 0))
    assert uploads.take(one, "a.jpg") == uploads.take(one, "a.jpg")
    assert uploads.take(two, "a.jpg").name != uploads.take(one, "a.jpg").name
    assert len(list(media.folder().iterdir())) == 6


def test_a_photo_held_sideways_is_turned_upright(own_folder):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by 90 degrees
    image = kept(uploads.take(halves(exif=exif), "a.jpg").name).convert("RGB")
    assert image.size == (400, 800)
    top, bottom = image.getpixel((200, 100)), image.getpixel((200, 700))
    assert top[0] > 200 > 60 > top[2] and bottom[2] > 200 > 60 > bottom[0]


def test_where_and_by_whom_a_photo_was_taken_is_not_kept(own_folder):
    exif = Image.Exif()
    exif[0x010E], exif[0x0110] = "Robin at home", "Camera of Robin"
    exif.get_ifd(0x8825)[2] = (33.0, 52.0, 10.0)
    content = halves(exif=exif, comment=b"Robin wrote this", xmp=b"<x>Robin</x>")
    assert b"Robin" in content
    stored = uploads.take(content, "a.jpg")
    for size in stored.sizes:
        image = kept(size.name)
        assert not image.getexif() and "xmp" not in image.info and "icc_profile" not in image.info
        assert b"Robin" not in (media.folder() / size.name).read_bytes()


def test_colours_are_brought_into_the_profile_that_browsers_take_for_granted(own_folder):
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, lab, b"no profile at all"):  # one that fits, and two that tell nothing of these pixels
        image = kept(uploads.take(upload((50, 50), icc_profile=profile), "a.jpg").name).convert("RGB")
        assert all(abs(a - b) < 12 for a, b in zip(image.getpixel((25, 25)), (200, 40, 40), strict=True))


@pytest.mark.parametrize(
    ("kind", "mode", "colour"),
    [
        *(
            ("PNG", "RGB", "red"),
            ("PNG", "L", 128),
            ("PNG", "1", 1),
            ("PNG", "I;16", 30000),
            ("PNG", "LA", (9, 9)),
        ),
        *(("WEBP", "RGB", "red"), ("GIF", "P", 3), ("AVIF", "RGB", "red"), ("JPEG", "CMYK", (9, 9, 9, 9))),
        *(("JPEG", "L", 9), ("PNG", "P", 3), ("PNG", "RGBA", (9, 9, 9, 99))),
    ],
)
def test_every_kind_that_browsers_show_is_taken(own_folder, kind, mode, colour):
    # What it is called does not matter: what it is does.
    assert kept(uploads.take(upload((64, 48), kind, mode, colour), "a.txt").name).size == (64, 48)


def test_a_grey_picture_of_sixteen_bits_keeps_its_greys(own_folder):
    image = kept(uploads.take(upload((64, 48), "PNG", "I;16", 30000), "a.png").name)
    assert abs(image.convert("L").getpixel((9, 9)) - 30000 // 256) < 3


def test_what_is_see_through_stays_so(own_folder):
    image = kept(uploads.take(upload((64, 48), "PNG", "RGBA", (9, 9, 9, 0)), "a.png").name)
    assert image.convert("RGBA").getpixel((9, 9))[3] == 0


def test_of_an_animation_the_first_picture_is_kept(own_folder):
    first, second, out = Image.new("RGB", (60, 40), "red"), Image.new("RGB", (60, 40), "blue"), BytesIO()
    first.save(out, "GIF", save_all=True, append_images=[second])
    image = kept(uploads.take(out.getvalue(), "a.gif").name)
    assert image.convert("RGB").getpixel((9, 9))[0] > 200 and not getattr(image, "is_animated", False)


def _with_size(content: bytes, width: int, height: int) -> bytes:
    """A PNG whose head claims this size."""
    import zlib

    head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + content[24:29]
    return content[:12] + head + zlib.crc32(head).to_bytes(4, "big") + content[33:]


@pytest.mark.parametrize(
    "size", [(5100, 5000), (8000, 8000), (12_000, 10_000), (20_000, 20_000), (60_000, 60_000)]
)
def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_opened(own_folder, size):
    with pytest.raises(NotAPicture, match="million pixels"):
        uploads.take(_with_size(upload((10, 10), "PNG"), *size), "bomb.png")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"x" * (8 * 1024 * 1024 + 1), "larger than 8 MB"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "scripts"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"%PDF-1.7", "not a picture"),
        (b"<html><svg></svg></html>", "not a picture"),
        (upload(kind="BMP"), "not a picture"),
        (upload(kind="TIFF"), "not a picture"),
        (b"\xff\xd8\xff\xe0 and no more", "not a picture|damaged"),
        (halves()[:-800], "damaged or cut off"),
        (upload(kind="PNG")[:-40], "damaged or cut off"),
        (upload(kind="WEBP")[:60], "not a picture|damaged"),
    ],
)
def test_what_is_no_whole_picture_is_refused_with_the_reason(own_folder, content, reason):
    with pytest.raises(NotAPicture, match=reason):
        uploads.take(content, "picture.jpg")
    assert not media.folder().exists()


def test_a_body_shows_a_picture_in_its_sizes(app):
    name = "/media/hill.3f2a9c01d4aa.1600x900.webp"
    image = parsed(markup.render(f"![A hill]({name})").html).img
    assert (image["src"], image["width"], image["height"], image["alt"]) == (name, "1600", "900", "A hill")
    assert image["srcset"].startswith("/media/hill.3f2a9c01d4aa.480x270.webp 480w, ") and image["sizes"]
    small = parsed(markup.render("![](/media/a.3f2a9c01d4aa.300x200.webp)").html).img
    assert small["width"] == "300" and "srcset" not in small.attrs
