"""What Pillow does to pictures that people upload: they are read without harm, and written as WebP."""

import re
from contextlib import suppress
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

from . import media
from .media import MAX_BYTES, NotAPicture
from .uploads import TOO_LARGE, WIDTHS, Size

TALLEST = 2400
# Of an upload, asked before it is decoded. A JPEG is read at a half or less; others whole, at four bytes each.
MAX_PIXELS, MAX_PIXELS_READ_WHOLE = 50_000_000, 25_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
QUALITY = 82

_SRGB = ImageCms.createProfile("sRGB")
_HEIC = re.compile(rb"....ftyp(?:hei[cmsx]|hev[cmx]|mif1)", re.DOTALL)


def opened(content: bytes) -> Image.Image:
    """An upload's picture: upright, in sRGB, no larger than pages use, without anything but its pixels.

    Of an animation that is the first frame. Raises media.NotAPicture.
    """
    _refuse_unread(content)
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            _refuse_huge(image)
            image.draft(None, (TALLEST, TALLEST))  # a large JPEG is read at a half, a quarter or an eighth
            profile = image.info.get("icc_profile")
            upright = _upright(image)
            return _in_srgb(_fitted(upright), profile)
    except NotAPicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels(MAX_PIXELS) from None
    except Image.UnidentifiedImageError:
        raise NotAPicture(
            "The file is not a picture that we can read. Use JPEG, PNG, WebP, GIF or AVIF."
        ) from None
    except Exception:  # each format's reader has errors of its own for files that are not whole
        raise NotAPicture("The picture is damaged or cut off. Save it again, and upload that.") from None


def _refuse_unread(content: bytes) -> None:
    if not content:
        raise NotAPicture("The file is empty.")
    if len(content) > MAX_BYTES:
        raise NotAPicture(TOO_LARGE)
    if re.match(media.SIGNATURES[".svg"], content, re.DOTALL):
        raise NotAPicture("An SVG drawing can hold scripts, so it cannot be uploaded. Save it as PNG or WebP.")
    if _HEIC.match(content):
        raise NotAPicture("Photos in the format HEIC cannot be read. Save it as JPEG.")


def _refuse_huge(image: Image.Image) -> None:
    limit = MAX_PIXELS if image.format == "JPEG" else MAX_PIXELS_READ_WHOLE
    if image.width * image.height > limit:
        raise _too_many_pixels(limit)


def _too_many_pixels(limit: int) -> NotAPicture:
    return NotAPicture(f"The picture has more than {limit // 1_000_000} million pixels. Make it smaller.")


def _upright(image: Image.Image) -> Image.Image:
    """As its EXIF data says that it was held; as it is where they cannot be read."""
    image.load()
    with suppress(Exception):  # odd EXIF data fail in many ways, and the picture is whole without them
        return ImageOps.exif_transpose(image)
    return image


def _fitted(image: Image.Image) -> Image.Image:
    """No wider and no taller than is used. Palettes become colours first: they cannot be mixed."""
    if image.mode.startswith(("I", "F")):  # 16 bits a grey
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("P", "PA", "1"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((WIDTHS[-1], TALLEST), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Mode RGB, or RGBA where something is transparent; its colours as its profile means them."""
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    if image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):  # one that cannot be read says nothing
            image = ImageCms.profileToProfile(image, BytesIO(profile), _SRGB, outputMode="RGB")
    plain = Image.new("RGB", image.size)  # a new one, so that nothing comes along but pixels
    plain.paste(image.convert("RGB"))
    if alpha and alpha.getextrema()[0] < 255:
        plain.putalpha(alpha)
    return plain


def webp(image: Image.Image, size: Size) -> bytes:
    """The picture at this size."""
    out = BytesIO()
    wanted = (size.width, size.height)
    smaller = image if image.size == wanted else image.resize(wanted, Image.Resampling.LANCZOS)
    smaller.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
