"""The pages of the documentation's pictures are there, whatever has changed since they were drawn."""

from datetime import timedelta
from io import BytesIO
from math import ceil

import pytest
import time_machine
from PIL import Image

from tests.browser import new_context
from tests.server import served_here

from . import demo
from .__main__ import PICTURES, mail_html


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_shows_something(demo_site, picture):
    kind, _, rest = picture.path.partition(":")
    if kind == "mail":
        assert "<h1" in mail_html(demo_site, rest)
        return
    client = demo_site.test_client()
    if picture.role:
        client.set_cookie(*demo.cookie_of(demo_site, picture.role).values())
    assert client.get(picture.path.format(**demo.addresses(demo_site))).status_code == 200


# From a time to the end of the words beside it, and the line that goes behind them: its middle and its colour.
WORDS_AND_LINE = """() => {
  const line = document.querySelector(".block-now"), y = line.getBoundingClientRect().top;
  const words = [...document.querySelectorAll(".block-link, .block-first a")].map((link) => {
    const [time, more] = [...link.children].map((part) => part.getBoundingClientRect());
    return {left: time.left, right: more.right, top: time.top, bottom: time.bottom};
  });
  const struck = words.filter((box) => box.top < y && y < box.bottom);
  return {y, struck, colour: getComputedStyle(line).color.match(/\\d+/g).map(Number)};
}"""


@pytest.mark.parametrize("after", [timedelta(minutes=60), timedelta(hours=2, minutes=16)], ids=["free", "booked"])
def test_the_line_of_now_in_the_calendar_goes_behind_words(demo_site, browser, after):
    with time_machine.travel(demo.NOW + after, tick=False), served_here(demo_site) as url:
        context = new_context(browser, base_url=url, viewport={"width": 1280, "height": 1600})
        context.add_cookies([demo.cookie_of(demo_site, "owner") | {"url": url}])
        page = context.new_page()
        page.goto("/staff/calendar")
        found, image = page.evaluate(WORDS_AND_LINE), Image.open(BytesIO(page.screenshot())).convert("RGB")
        context.close()
    line = [image.getpixel((x, round(found["y"]))) == tuple(found["colour"]) for x in range(image.width)]
    assert any(line) and found["struck"]
    for words in found["struck"]:
        assert not any(line[ceil(words["left"]) : int(words["right"])])
