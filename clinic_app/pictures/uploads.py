"""Pictures that people upload: checked, turned upright, freed of their metadata and kept as WebP in a few widths.

`take` keeps one in `instance/media/`. Its name tells its size, `hill.3f2a9c01d4aa.1600x900.webp`, and so the names
of its smaller copies (`...480x270.webp`): pages write `srcset` and `width` without asking the database. What is
done to their pixels is in `pixels`.
"""

import hashlib
import re
from typing import NamedTuple

from . import media

TAKEN = f"JPEG, PNG, WebP, GIF or AVIF, up to {media.MAX_MB}\N{NO-BREAK SPACE}MB."
TOO_LARGE = f"The picture is larger than {media.MAX_MB} MB. Make it smaller."
WIDTHS = (480, 960, 1600)  # pixels; a card, a phone's whole width or a text's, a page's
RECIPE = b"1"  # part of each name's digest: change it when what is made of an upload changes

_NAME = re.compile(
    r"(?P<stem>[a-z0-9-]{1,40}\.[0-9a-f]{12})\.(?P<width>[1-9]\d{0,3})x(?P<height>[1-9]\d{0,3})\.webp"
)


class Size(NamedTuple):
    """One file of a picture, its name and its size in pixels."""

    name: str
    width: int
    height: int

    @property
    def url(self) -> str:
        return media.URL_PREFIX + self.name


class Stored(NamedTuple):
    """A picture that was taken up. `name` is its largest file's, the one to refer to it by; `sizes` has all."""

    name: str
    width: int
    height: int
    sizes: tuple[Size, ...]

    @property
    def url(self) -> str:
        return media.URL_PREFIX + self.name

    @property
    def srcset(self) -> str:
        """What `<img srcset>` takes; empty where there is one size only."""
        return ", ".join(f"{size.url} {size.width}w" for size in self.sizes) if len(self.sizes) > 1 else ""


def take(content: bytes, file_name: str) -> Stored:
    """Keep an uploaded file's picture. Raises media.NotAPicture, whose text is a sentence for whoever sent it.

    The same file taken twice is kept once. Files are written at once, each whole or not at all: a transaction that
    fails afterwards leaves files that nothing names.
    """
    from . import pixels  # with Pillow, which most processes have no use for

    stem = f"{media.stem(file_name)}.{hashlib.sha256(RECIPE + content).hexdigest()[:12]}"
    image = pixels.opened(content)
    stored = _stored(stem, *image.size)
    for size in stored.sizes:
        if not (media.folder() / size.name).exists():
            media.write(size.name, pixels.webp(image, size))
    return stored


def known(address: str | None) -> Stored | None:
    """The picture of a name or an address on this site, told by the name alone; None for others and for none."""
    match = _NAME.fullmatch((address or "").removeprefix(media.URL_PREFIX))
    return _stored(match["stem"], int(match["width"]), int(match["height"])) if match else None


def _stored(stem: str, width: int, height: int) -> Stored:
    widths = [*(w for w in WIDTHS if w * 10 < width * 9), width]
    sizes = [(w, max(1, round(height * w / width))) for w in widths]
    files = tuple(Size(f"{stem}.{w}x{h}.webp", w, h) for w, h in sizes)
    return Stored(files[-1].name, width, height, files)
