"""Mails as pictures, in both schemes, beside the committed ones: tests/emails/pictures/<name>.png.

Letters look different on every machine, so each word is drawn as a bar, as wide as it has letters: what is
compared is where things stand, their sizes and their colours. `WRITE_EMAILS=1 pytest tests/pictures` draws the
pictures anew.
"""

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.browser import new_context
from tests.golden import FOLDER

TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "email"
MAILS = sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir())
WIDTH = 600
UNLIKE = 12  # of 255: more than two browsers differ in how they draw a round corner
BARS = """() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (texts.nextNode()) if (texts.currentNode.data.trim()) nodes.push(texts.currentNode);
    for (const node of nodes) {
        const words = node.data.trim().split(/\\s+/).map((word) => {
            const bar = document.createElement("span");
            bar.style = `display:inline-block;width:${word.length / 2}em;height:.6em;margin:0 .3em 0 0;`
                + "background:currentColor;vertical-align:top";
            return bar;
        });
        node.replaceWith(...words.flatMap((bar) => [bar, document.createElement("wbr")]));
    }
}"""


def drawn(browser, html: str, scheme: str) -> Image.Image:
    context = new_context(browser, viewport={"width": WIDTH, "height": 300}, color_scheme=scheme)
    page = context.new_page()
    page.set_content(html)
    page.evaluate(BARS)
    picture = Image.open(BytesIO(page.screenshot(full_page=True))).convert("RGB")
    context.close()
    return picture


def in_both_schemes(browser, html: str) -> Image.Image:
    light, dark = drawn(browser, html, "light"), drawn(browser, html, "dark")
    both = Image.new("RGB", (2 * WIDTH, max(light.height, dark.height)))
    both.paste(light, (0, 0))
    both.paste(dark, (WIDTH, 0))
    return both


def unlike(one: Image.Image, other: Image.Image) -> float:
    """The share of points whose colours differ, from 0 to 1."""
    if one.size != other.size:
        return 1
    strongest = [
        band.point(lambda value: 255 * (value > UNLIKE)) for band in ImageChops.difference(one, other).split()
    ]
    return ImageStat.Stat(ImageChops.lighter(ImageChops.lighter(*strongest[:2]), strongest[2])).mean[0] / 255


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_looks_as_its_picture_does(mails, browser, name):
    picture, path = in_both_schemes(browser, mails[name]), FOLDER / "pictures" / f"{name}.png"
    if os.environ.get("WRITE_EMAILS"):
        picture.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)
    golden = Image.open(path).convert("RGB")
    assert picture.size == golden.size
    assert unlike(picture, golden) < 0.002


def test_a_mail_in_another_colour_is_noticed(mails, browser):
    html = mails["enquiry_reply"]
    assert unlike(in_both_schemes(browser, html), in_both_schemes(browser, html)) == 0
    other = html.replace("background:#ffffff", "background:#eeeeee")
    assert unlike(in_both_schemes(browser, html), in_both_schemes(browser, other)) > 0.002
    other = html.replace("margin:0 0 16px", "margin:0 0 20px")
    assert unlike(in_both_schemes(browser, html), in_both_schemes(browser, other)) > 0.002
