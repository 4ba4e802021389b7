"""What a body of Markdown is made of, and on which of its lines each part stands. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from markdown_it.token import Token

from ..text import markup


class Heading(NamedTuple):
    line: int
    level: int
    text: str


class Picture(NamedTuple):
    line: int
    address: str
    alt: str


class Link(NamedTuple):
    line: int
    address: str
    text: str


class Block(NamedTuple):
    """A paragraph, heading or cell: `text` is what is read, with a line feed for each one of the source.

    `sourced` says whether a link in it leads to another site, `bold` whether it begins in bold, as headings would.
    """

    line: int
    text: str
    sourced: bool = False
    bold: bool = False

    def line_at(self, offset: int) -> int:
        """The line of the body on which this place of the text stands."""
        return self.line + self.text.count("\n", 0, offset)


class List(NamedTuple):
    """A list that stands in no other; `line` is its last item's."""

    line: int
    items: int


@dataclass
class Outline:
    """Each kind of part, in order. Lines count from 1."""

    headings: list[Heading] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    lists: list[List] = field(default_factory=list)


def outline(body: str) -> Outline:
    """The parts of a body."""
    found, line, lists = Outline(), 1, []
    before = None
    for token in markup.parse(body):
        line = token.map[0] + 1 if token.map else line
        if token.type.endswith("_list_open"):
            lists.append([line, 0])
        elif token.type == "list_item_open":
            lists[-1] = [line, lists[-1][1] + 1]
        elif token.type.endswith("_list_close"):
            last, items = lists.pop()
            if not lists:
                found.lists.append(List(last, items))
        elif token.type == "inline":
            _add_inline(token, line, before, found)
        before = token
    return found


def _add_inline(token: Token, line: int, before: Token | None, found: Outline) -> None:
    children = token.children or []
    links = list(_links(children, line))
    text = "".join(_text(child) for child in children)
    if before is not None and before.type == "heading_open":
        found.headings.append(Heading(line, int(before.tag[1]), " ".join(text.split())))
    found.links += links
    found.pictures += _pictures(children, line)
    bold = next(
        (child.type == "strong_open" for child in children if child.type != "text" or child.content), False
    )
    found.blocks.append(Block(line, text, any(markup.leads_elsewhere(link.address) for link in links), bold))


def _links(children: list[Token], line: int) -> Iterator[Link]:
    opened: list[tuple[int, str, list[str]]] = []
    for child in children:
        if child.type == "link_open":
            opened.append((line, str(child.attrs.get("href", "")), []))
        elif child.type == "link_close" and opened:
            at, address, words = opened.pop()
            yield Link(at, address, " ".join("".join(words).split()))
        for _at, _address, words in opened:
            words.append(_text(child))
        line += _text(child).count("\n")


def _pictures(children: list[Token], line: int) -> Iterator[Picture]:
    for child in children:
        if child.type == "image":
            yield Picture(line, str(child.attrs.get("src", "")), " ".join(_text(child).split()))
        line += _text(child).count("\n")


def _text(token: Token) -> str:
    if token.type == "image":
        return "".join(_text(child) for child in token.children or [])
    return "\n" if token.type in ("softbreak", "hardbreak") else token.content
