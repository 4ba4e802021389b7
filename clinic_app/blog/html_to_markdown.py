"""HTML from another system to this site's Markdown.

Headings, lists, links, emphasis, pictures and tables stay; a YouTube player becomes the site's video; scripts,
styles, event handlers and everything else vanish.
"""

import re
from collections.abc import Callable
from urllib.parse import parse_qs

from bs4 import BeautifulSoup, Comment, NavigableString, Tag
from markdownify import ATX, MarkdownConverter, strip_pre

from ..imports.values import parsed_html
from ..pictures.media import url
from ..text.markup import render, video_id
from . import inline_html

GONE = ("script", "style", "noscript", "template", "object", "embed", "svg", "math", "form", "head", "title")
CELLS = {"td", "th"}
GENERIC_TITLES = {"", "youtube video player", "youtube video", "video player", "youtube embed"}
# How Webflow's editor shows videos: by a stranger's player, whose address names the page of the video.
_EMBEDLY = re.compile(r"https?://cdn\.embedly\.com/widgets/media\.html\?(?P<query>[^#]*)")
_NO_ALT = "__wf_reserved_"  # begins what Webflow writes where nobody has said what a picture shows
# Webflow's editor leaves a zero-width joiner in empty paragraphs; inside words and emoji it means something.
_ZERO_WIDTH = re.compile("^[\u200b\u200d\ufeff]+[ \t]*$", re.MULTILINE)


class _Converter(MarkdownConverter):
    def process_text(self, el: NavigableString, parent_tags: set[str]) -> str:
        text = super().process_text(el, parent_tags)
        if "_noformat" in parent_tags:
            return text
        text = text.replace("\n", " ")  # no word is the first of a line, where it could begin a list
        if CELLS & parent_tags:
            text = text.replace(r"\|", "|")  # see convert_td
        makes_a_picture = text.endswith("!") and getattr(el.next_sibling, "name", "") == "a"
        return text[:-1] + r"\!" if makes_a_picture else text

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Strokes end a cell wherever they stand, in code and addresses too (GFM 0.29, section 4.10)."""
        return super().convert_td(el, text.replace("|", r"\|"), parent_tags)

    convert_th = convert_td

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return super().convert_img(el, text, parent_tags - {"_inline"})  # shown in headings and tables too

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """On one line, as browsers show it: on another, its first sign could begin a list or a table."""
        return super().convert_code(el, text if "pre" in parent_tags else " ".join(text.split("\n")), parent_tags)

    convert_kbd = convert_samp = convert_code

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Between longer runs of backticks than any in it."""
        longest = max(map(len, re.findall("`+", text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"\n\n{fence}\n{strip_pre(text)}\n{fence}\n\n" if text else ""


_converter = _Converter(heading_style=ATX, bullets="-", escape_misc=True, newline_style="backslash")


def convert(html: str, *, picture: Callable[[str], str | None] = lambda address: None) -> str:
    """The Markdown of some HTML. `picture` gives the stored name of a picture by its address, or None.

    Raises BadRow for HTML that is nested too deeply.
    """
    soup = parsed_html(html)
    for node in list(soup.descendants):
        if node.decomposed:  # with the frame that it stood in
            continue
        if isinstance(node, Comment) or node.name in GONE:
            node.extract()
        elif node.name in ("iframe", "video"):
            _replace_frame(soup, node)
        elif node.name == "img":
            _settle_picture(node, picture)
    inline_html.settle(soup)
    for block, emphasis in inline_html.with_emphasis(soup):
        _drop_what_shows(block, emphasis)
    inline_html.join_code(soup)
    markdown = _ZERO_WIDTH.sub("", _converter.convert_soup(soup))
    return re.sub(r"\n{3,}", "\n\n", markdown).strip()


def video_paragraph(address: str) -> str:
    """The paragraph of Markdown that the site shows as a video; a plain link for another host's."""
    found = video_id(address)
    return f"[Video](https://www.youtube.com/watch?v={found})" if found else f"[Video](<{address}>)"


def _drop_what_shows(block: Tag, emphasis: list[Tag]) -> None:
    """Unwrap emphasis while its signs are shown, first what stands within other emphasis.

    Signs beside each other count together (CommonMark's rules 9 and 10): only the parser tells what comes of it.
    """
    inner = [tag for tag in emphasis if any(parent.name in inline_html.EMPHASIS for parent in tag.parents)]
    for dropped in (inner, emphasis):
        if not _shows_signs(block):
            return
        for tag in filter(lambda tag: tag.parent, dropped):
            tag.unwrap()


def _shows_signs(block: Tag) -> bool:
    """Whether a reader would see signs of emphasis in the block's own lines that are no words."""
    parts = [part for part in block.children if part.name is None or part.name in inline_html.INLINE]
    markdown = "".join(_converter.process_element(part, {"p"}) for part in parts)
    words = "".join(part.get_text() for part in parts)
    return _signs_in(render(markdown).text) > _signs_in(words)


def _signs_in(text: str) -> int:
    return text.count("*") + text.count("~")


def _settle_picture(image: Tag, picture: Callable[[str], str | None]) -> None:
    if (source := image.get("src")) and (name := picture(str(source))):
        image["src"] = url(name)
    if str(image.get("alt")).startswith(_NO_ALT):
        image["alt"] = ""


def _replace_frame(soup: BeautifulSoup, frame: Tag) -> None:
    """A paragraph of its own with a link to what the frame showed."""
    source = str(frame.get("src") or (frame.source and frame.source.get("src")) or "")
    source = f"https:{source}" if source.startswith("//") else source
    if embedly := _EMBEDLY.fullmatch(source):
        [source] = parse_qs(embedly["query"]).get("url", [source])[:1]
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
