"""Markdown to the HTML that pages show: rendered and sanitised once, when something is saved.

What comes out asks no other origin for anything: a picture from elsewhere becomes a link to it, a video a link to
its page (`<figure class="video" data-video-id>`), which a script turns into a player when a visitor asks for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from ..pictures import uploads
from . import folding

if TYPE_CHECKING:  # few processes render anything: it is loaded by the first that does
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

YOUTUBE = re.compile(
    r"https?://(?:www\.|m\.)?(?:youtube(?:-nocookie)?\.com/(?:watch\?(?:[^#\s]*&)?v=|embed/|shorts/|live/)|youtu\.be/)"
    r"(?P<id>[A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])\S*"
)
WORDS_A_MINUTE = 220
STOPS = ".!?:;…؟。！？"
# Brackets within brackets of a line. Each that is never closed is looked into as deep as that: with the library's
# hundred, a long row of them keeps the processor for half a minute.
DEEPEST_BRACKETS = 10
PICTURE_SIZES = "(min-width: 46rem) 42rem, 100vw"  # how wide a body's pictures are shown

_OURS = re.compile(r"/(?:media|static)/[^\s\\]*")
_ELSEWHERE = re.compile(r"(?:https?:)?[/\\]{2}", re.IGNORECASE)
_HEADINGS = {f"h{level}" for level in range(2, 7)}
_TEXT = {"p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a", "img", "figure"}
_TABLE = {"div", "table", "thead", "tbody", "tr", "th", "td"}
_ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "img": {"src", "srcset", "sizes", "width", "height", "alt", "title", "loading", "decoding"},
    "figure": {"data-video-id"},
    "div": {"role", "aria-label", "tabindex"},
    "ol": {"start"},
} | {heading: {"id"} for heading in _HEADINGS}
_CLASSES = {
    "figure": {"video"},
    "div": {"table-wrap"},
    "th": {"align-right", "align-center"},
    "td": {"align-right", "align-center"},
}
# A wide table is moved sideways inside it, by keys too.
_TABLE_FRAME = '<div class="table-wrap" role="group" aria-label="Table" tabindex="0">'
_SCHEMES = {"http", "https", "mailto", "tel"}


@dataclass
class Rendered:
    """A body as pages need it: `sections` are its h2 and h3, `text` is what is read, for search and excerpts."""

    html: str = ""
    text: str = ""
    sections: list[dict] = field(default_factory=list)
    videos: list[dict] = field(default_factory=list)

    @property
    def reading_minutes(self) -> int:
        """Whole minutes at 220 words a minute, an easy pace for plain prose; at least one."""
        return max(1, round(len(self.text.split()) / WORDS_A_MINUTE))


def render(markdown: str) -> Rendered:
    """The Markdown (CommonMark with tables and strikethrough, no HTML) as sanitised HTML and what goes with it."""
    result = Rendered()
    tokens = _headings(_videos(parse(markdown), result), result)
    for token in tokens:
        if token.children:
            token.children = _inline(token.children)
        if style := token.attrs.pop("style", None):  # no inline style: the Content-Security-Policy forbids it
            token.attrs["class"] = "align-" + str(style).rpartition(":")[2]
    result.text = "\n".join(filter(None, (_plain(token, before) for before, token in pairwise([None, *tokens]))))
    parser = _parser()
    html = _clean(parser.renderer.render(tokens, parser.options, {}))
    result.html = html.replace("\f", " ")  # `&#12;` stands for it, and XML, so the feed, may not hold it
    return result


def parse(markdown: str) -> list[Token]:
    """The Markdown's parts, with the lines on which they stand."""
    text = markdown.encode("utf-8", "replace").decode()  # a lone surrogate can't be stored or sent
    return _parser().parse(text)


def escaped(text: str) -> str:
    """The text on one line, as Markdown that shows just that, such as what a picture shows."""
    return "".join(f"\\{c}" if c in "\\[]`*_<>" else c for c in " ".join(text.split()))


def leads_elsewhere(address: str) -> bool:
    """Whether a link's address is one of another site."""
    return _ELSEWHERE.match(address) is not None


def video_id(address: str) -> str | None:
    """The id of the YouTube video whose page, short link or player the address is; None for any other."""
    match = YOUTUBE.fullmatch(address.strip())
    return match["id"] if match else None


def _clean(html: str) -> str:
    import nh3

    return nh3.clean(
        html,
        tags=_HEADINGS | _TEXT | _TABLE,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        attribute_filter=_only_our_pictures,
        url_schemes=_SCHEMES,
        link_rel=None,
    )


def _only_our_pictures(tag: str, attribute: str, value: str) -> str | None:
    return None if tag == "img" and attribute == "src" and not _OURS.fullmatch(value) else value


def _videos(tokens: list[Token], result: Rendered) -> list[Token]:
    """The tokens, each paragraph that is nothing but a link to a video replaced by the video."""
    out: list[Token] = []
    for token in tokens:
        alone = token.type == "inline" and token.level == 1 and out[-1].type == "paragraph_open"
        if alone and (video := _video(token.children or [])):
            result.videos.append(video)
            out[-1] = _token("video", "figure", 0, content=video["title"], meta=video, level=0, block=True)
        elif not (token.type == "paragraph_close" and token.level == 0 and out[-1].type == "video"):
            out.append(token)
    return out


def _video(children: list[Token]) -> dict | None:
    link = len(children) > 1 and children[0].type == "link_open" and children[-1].type == "link_close"
    if link and sum(child.type == "link_open" for child in children) == 1:
        found = video_id(str(children[0].attrs.get("href", "")))
        title = "" if children[0].markup == "autolink" else _words(children)
    elif len(children) == 1 and children[0].type == "text":
        found, title = video_id(children[0].content), ""
    else:
        return None
    return {"id": found, "title": title or "Video"} if found else None


def _headings(tokens: list[Token], result: Rendered) -> list[Token]:
    """The tokens; headings get ids, sink by one if the body has an h1 (the page has its own), are not empty."""
    shift = any(token.tag == "h1" for token in tokens)
    out: list[Token] = []
    taken: dict[str, int] = {}
    for position, token in enumerate(tokens):
        if token.type == "heading_open" and (title := _words(tokens[position + 1].children or [])):
            token.attrs["id"] = _free_id(title, taken)
            level = min(int(token.tag[1]) + shift, 6)
            if level <= 3 and token.level == 0:
                result.sections.append({"id": token.attrs["id"], "title": title, "level": level})
            token.tag = tokens[position + 2].tag = f"h{level}"
        elif token.type == "heading_open":
            tokens[position + 1].hidden = tokens[position + 2].hidden = token.hidden = True
        if not (token.hidden and (token.type.startswith("heading") or token.type == "inline")):
            out.append(token)
    return out


def _free_id(title: str, taken: dict[str, int]) -> str:
    """`section-...`, so that no heading takes an id that the page itself uses."""
    base = "-".join(["section", *folding.words(title)])[:80].rstrip("-")
    name = base
    while name in taken:
        taken[base] += 1
        name = f"{base}-{taken[base]}"
    taken[name] = 1
    return name


def _inline(children: list[Token]) -> list[Token]:
    """The tokens of a line, pictures made lazy or made links, links elsewhere marked."""
    out: list[Token] = []
    inside_link = 0
    for token in children:
        inside_link += token.nesting if token.type.startswith("link_") else 0
        if token.type == "link_open" and _ELSEWHERE.match(str(token.attrs.get("href", ""))):
            token.attrs["rel"] = "noopener"
        if token.type == "image" and not _OURS.fullmatch(str(token.attrs.get("src", ""))):
            out.extend(_picture_elsewhere(token, inside_link))
            continue
        if token.type == "image":
            token.attrs |= _dimensions(str(token.attrs["src"])) | {"loading": "lazy", "decoding": "async"}
        out.append(token)
    return out


def _dimensions(address: str) -> dict[str, str | int]:
    """What a picture's name tells of its sizes: browsers leave room for it, and fetch no more than they show."""
    if not (picture := uploads.known(address)):
        return {}
    several = {"srcset": picture.srcset, "sizes": PICTURE_SIZES} if picture.srcset else {}
    return several | {"width": picture.width, "height": picture.height}


def _picture_elsewhere(image: Token, inside_link: int) -> list[Token]:
    """A link to the picture, named by its alt text; the alt text alone where there can be no link."""
    source = str(image.attrs.get("src", ""))
    text = _token("text", "", 0, content=_words([image]) or "Picture")
    if inside_link or not _ELSEWHERE.match(source):
        return [text]
    opening = _token("link_open", "a", 1, attrs={"href": source, "rel": "noopener"})
    return [opening, text, _token("link_close", "a", -1)]


def _words(tokens: list[Token]) -> str:
    """What a reader reads of a line, on one line."""
    return " ".join("".join(_text_of(token) for token in tokens).split())


def _text_of(token: Token) -> str:
    if token.type == "image":
        return "".join(_text_of(child) for child in token.children or [])
    return " " if token.type in ("softbreak", "hardbreak") else token.content


def _plain(token: Token, before: Token | None) -> str:
    """A part's text; a heading's ends with a stop, so that it does not run into what follows."""
    if token.type == "inline":
        words = _words(token.children or [])
        is_open = before and before.type == "heading_open" and words and words[-1] not in STOPS
        return words + "." if is_open else words
    return token.content.strip() if token.type in ("fence", "code_block", "video") else ""


def _render_video(_renderer, tokens, index, _options, _env) -> str:
    video = tokens[index].meta
    address = f"https://www.youtube.com/watch?v={video['id']}"
    return (
        f'<figure class="video" data-video-id="{video["id"]}">'
        f'<a href="{address}" rel="noopener">{escape(video["title"])}</a></figure>\n'
    )


@cache
def _parser() -> MarkdownIt:
    parser, lines = _new_parser(), _new_parser(maxNesting=DEEPEST_BRACKETS)

    def parse_lines(state: StateCore) -> None:
        for token in state.tokens:
            if token.type == "inline":
                token.children = lines.inline.parse(token.content, lines, state.env, [])

    parser.core.ruler.at("inline", parse_lines)
    parser.add_render_rule("video", _render_video)
    parser.add_render_rule("table_open", lambda *_: f"{_TABLE_FRAME}<table>\n")
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return parser


def _new_parser(**options) -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("js-default", {"html": False, **options}).enable(["table", "strikethrough"])


def _token(*args, **attributes) -> Token:
    from markdown_it.token import Token

    return Token(*args, **attributes)
