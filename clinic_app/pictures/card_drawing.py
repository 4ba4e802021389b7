"""How social cards are drawn."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageOps

from . import drawing, lettering, media, pixels
from .social_cards import Card

SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN = 76
WORDS_WIDTH = 690
TITLE_TOP, TITLE_HEIGHT = 150, 305
ART_LEFT = MARGIN + WORDS_WIDTH + 30
TITLE_SIZES = (100, 88, 76, 68, 60, 52, 46)


def drawn(card: Card) -> bytes:
    """The card as a PNG; as a JPEG where it holds a picture."""
    image = Image.new("RGB", SIZE, drawing.SPRUCE)
    _draw_lanes(image)
    out = BytesIO()
    title = lettering.fitted(card.title, box=(WORDS_WIDTH, TITLE_HEIGHT), sizes=TITLE_SIZES)
    photo = _photo(card.picture)
    if photo:
        image.paste(photo, (ART_LEFT, 0))
    else:
        _draw_art(image, card.art, alone=title is None)
    _draw_words(image, card, title)
    if card.picture:
        image.save(out, "JPEG", quality=86, optimize=True, progressive=True)
    else:
        image.quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _draw_lanes(image: Image.Image) -> None:
    """Stronger to the right, so that words stand on plain ground."""
    lanes = drawing.lanes(SIZE, (WIDTH * 0.08, HEIGHT * 1.5), 60)
    fade = Image.linear_gradient("L").rotate(90).resize(SIZE)
    alpha = lanes.getchannel("A")
    alpha.paste(0, mask=ImageOps.invert(fade))
    lanes.putalpha(alpha)
    image.paste(lanes, mask=lanes)


def _draw_art(image: Image.Image, art: str, *, alone: bool) -> None:
    """The runner or the spine, to the right of the words; in the middle where there are none."""
    shape = drawing.RUNNER if art == "runner" else drawing.spine(drawing.PALE_QUIET)
    figure = drawing.drawn(shape, 500 if art == "runner" else 330)
    right = WIDTH - 60 if not alone else (WIDTH + figure.width) // 2
    left = right - figure.width
    image.paste(figure, (left, (HEIGHT - figure.height) // 2), figure)


def _photo(name: str) -> Image.Image | None:
    """The page's picture, cut to stand beside the words; None where there is none or it cannot be read."""
    try:
        photo = pixels.opened((media.folder() / name).read_bytes()) if name else None
    except (OSError, media.NotAPicture):
        return None
    if photo and photo.mode == "RGBA":
        ground = Image.new("RGB", photo.size, drawing.LIMB)
        ground.paste(photo, mask=photo)
        photo = ground
    return photo and ImageOps.fit(photo, (WIDTH - ART_LEFT, HEIGHT), Image.Resampling.LANCZOS)


def _draw_words(image: Image.Image, card: Card, title: lettering.Lettering | None) -> None:
    _draw_wordmark(image, card.clinic)
    if title:
        top = TITLE_TOP + (TITLE_HEIGHT - title.height) // 2
        title.draw(image, (MARGIN, top), WORDS_WIDTH, drawing.PALE)
    note = lettering.fitted(card.note, box=(WORDS_WIDTH, 40), sizes=(30, 26), face=lettering.TEXT)
    if note:
        note.draw(image, (MARGIN, HEIGHT - MARGIN - 30), WORDS_WIDTH, drawing.PALE_QUIET)
    ImageDraw.Draw(image).rounded_rectangle(
        (MARGIN, HEIGHT - MARGIN - 60, MARGIN + 72, HEIGHT - MARGIN - 53), 4, fill=drawing.CORAL
    )


def _draw_wordmark(image: Image.Image, clinic: str) -> None:
    mark = drawing.drawn(drawing.spine(), 54)
    image.paste(mark, (MARGIN - 8, 62), mark)
    name = lettering.fitted(clinic, box=(WORDS_WIDTH - 70, 44), sizes=(36, 30, 26))
    if name:
        name.draw(image, (MARGIN + 58, 89 - name.line_height // 2 - 2), WORDS_WIDTH - 70, drawing.PALE)
