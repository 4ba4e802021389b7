"""The site's icons in pixels, for phones and old browsers: the mark of `static/img/favicon.svg`.

They are drawn when the static files are put together, so the repository holds no picture that cannot be made anew.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from . import drawing

if TYPE_CHECKING:  # they are drawn once; their names are asked for at each start
    from PIL import Image

RECIPE = b"1"  # part of each name: change it when icons are drawn otherwise
CORNER = 14 / 64
MARK = 50 / 64  # how much of its square's height the mark takes
MARK_IN_MASK = 0.52  # where a phone may cut off all but a circle
ICO_SIZES = [(16, 16), (32, 32), (48, 48)]


def png(size: int) -> bytes:
    """The icon as the SVG shows it: a square with round corners."""
    return _saved(_square(size, corner=CORNER, mark=MARK), "PNG")


def png_to_mask(size: int, mark: float = MARK_IN_MASK) -> bytes:
    """The icon for systems that cut out its shape themselves: colour to the edges."""
    return _saved(_square(size, corner=0, mark=mark).convert("RGB"), "PNG")


def ico() -> bytes:
    """The icon that browsers ask for at /favicon.ico."""
    return _saved(_square(48, corner=CORNER, mark=MARK), "ICO", sizes=ICO_SIZES)


MADE: dict[str, Callable[[], bytes]] = {
    "img/favicon.ico": ico,
    "img/apple-touch-icon.png": lambda: png_to_mask(180, mark=0.62),
    "img/icon-192.png": lambda: png(192),
    "img/icon-512.png": lambda: png(512),
    "img/icon-mask-512.png": lambda: png_to_mask(512),
}


def recipe() -> bytes:
    """What icons are made of; the same on all servers of a site, whatever their Pillow makes of it."""
    return RECIPE + repr((drawing.spine(), drawing.SPRUCE)).encode()


def _square(size: int, *, corner: float, mark: float) -> Image.Image:
    from PIL import Image, ImageDraw

    large = size * drawing.FINE
    image = Image.new("RGBA", (large, large))
    ImageDraw.Draw(image).rounded_rectangle((0, 0, large - 1, large - 1), large * corner, fill=drawing.SPRUCE)
    image = image.resize((size, size), Image.Resampling.LANCZOS)
    figure = drawing.drawn(drawing.spine(), round(size * mark))
    image.alpha_composite(figure, ((size - figure.width) // 2, (size - figure.height) // 2))
    return image


def _saved(image: Image.Image, kind: str, **options) -> bytes:
    out = BytesIO()
    image.save(out, kind, optimize=True, **options)
    return out.getvalue()
