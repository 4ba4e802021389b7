"""HTML from another system to this site's Markdown.

Headings, lists, links, emphasis, pictures and tables stay; a YouTube player becomes the site's video; scripts,
styles, event handlers and everything else vanish.
"""

import re
from collections.abc import Callable

from bs4 import BeautifulSoup, Comment, NavigableString, Tag
from markdownify import ATX, MarkdownConverter

from ..importing import parsed_html
from ..markup import video_id
from ..pictures.media import url
from . import inline_html

GONE = ("script", "style", "noscript", "template", "object", "embed", "svg", "math", "form", "head", "title")
GENERIC_TITLES = {"", "youtube video player", "youtube video", "video player", "youtube embed"}
# Webflow's editor leaves a zero-width joiner in empty paragraphs; inside words and emoji it means something.
_ZERO_WIDTH = re.compile("^[\u200b\u200d\ufeff]+[ \t]*$", re.MULTILINE)


class _Converter(MarkdownConverter):
    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        text = super().process_text(el, parent_tags)
        is_code = "_noformat" in (parent_tags or ())
        makes_a_picture = not is_code and text.endswith("!") and getattr(el.next_sibling, "name", "") == "a"
        return text[:-1] + r"\!" if makes_a_picture else text


_converter = _Converter(heading_style=ATX, bullets="-", escape_misc=True, newline_style="backslash")


def convert(html: str, *, picture: Callable[[str], str | None] = lambda address: None) -> str:
    """The Markdown of some HTML. `picture` gives the stored name of a picture by its address, or None.

    Raises BadRow for HTML that is nested too deeply.
    """
    soup = parsed_html(html)
    for node in list(soup.descendants):
        if isinstance(node, Comment) or node.name in GONE:
            node.extract()
        elif node.name == "iframe":
            _replace_frame(soup, node)
        elif node.name == "img" and (source := node.get("src")) and (name := picture(str(source))):
            node["src"] = url(name)
    inline_html.settle(soup)
    markdown = _ZERO_WIDTH.sub("", _converter.convert_soup(soup))
    return re.sub(r"\n{3,}", "\n\n", markdown).strip()


def video_paragraph(address: str) -> str:
    """The paragraph of Markdown that the site shows as a video; a plain link for another host's."""
    found = video_id(address)
    return f"[Video](https://www.youtube.com/watch?v={found})" if found else f"[Video](<{address}>)"


def _replace_frame(soup: BeautifulSoup, frame: Tag) -> None:
    """A paragraph of its own with a link to what the frame showed."""
    source = str(frame.get("src") or "")
    source = f"https:{source}" if source.startswith("//") else source
    if not source.startswith(("https://", "http://")):
        frame.decompose()
        return
    found = video_id(source)
    title = str(frame.get("title") or "")
    paragraph, link = soup.new_tag("p"), soup.new_tag("a")
    link["href"] = f"https://www.youtube.com/watch?v={found}" if found else source
    link.append(NavigableString("Video" if title.strip().casefold() in GENERIC_TITLES else title))
    paragraph.append(link)
    outer = frame
    while outer.parent.name in ("p", "span", "strong", "em", "a"):
        outer = outer.parent
    outer.insert_after(paragraph)
    frame.decompose()
