"""HTML brought into a shape that Markdown can say, with every word as it was.

Whether `**` begins or ends emphasis is told by the characters on both sides of it (CommonMark 0.31.2, section
6.2): `**Note:**text` and `**a****b**` show their asterisks. A break (`\\`) has to have words behind it, and an
address no blanks.
"""

import re
import unicodedata
from collections.abc import Collection
from itertools import groupby, takewhile
from urllib.parse import quote

from bs4 import BeautifulSoup, NavigableString, Tag

from ..text.markup import escaped

EMPHASIS = {"b": "strong", "strong": "strong", "em": "em", "i": "em", "del": "del", "s": "del"}
CODE = {"code": "code", "kbd": "code", "samp": "code"}
SAID_ONCE = EMPHASIS | CODE  # each tag's kind
# Markdown has no sign for these: their words stay.
PLAIN = (
    "abbr", "bdi", "bdo", "big", "cite", "dfn", "font", "ins", "label", "mark", "small", "span", "sub", "sup",
    "time", "tt", "u", "var", "wbr",
)  # fmt: skip
# Blocks that the library takes for text within a line, and lists of terms, which Markdown here has no sign for.
DIVISIONS = (
    "address", "article", "aside", "center", "dd", "details", "dl", "dt", "fieldset", "figure", "footer", "header",
    "main", "nav", "section", "summary",
)  # fmt: skip
BLOCKS = {
    "blockquote", "div", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
INLINE = {*SAID_ONCE, "a", "img", "br"}
NEVER_SEEN = "\u200b\u200d\ufeff"


def settle(soup: BeautifulSoup) -> None:
    """Change the tree so that what is written of it in Markdown reads the same."""
    _leave_only_what_has_signs(soup)
    for tag in soup([*SAID_ONCE, "a"]):
        _put_into_blocks(soup, tag)
    _join_all(soup, SAID_ONCE)
    soup.smooth()
    _settle_breaks(soup)
    for tag in reversed(soup([*EMPHASIS, "a"])):  # inner ones first: what leaves them may leave the outer ones too
        _let_out(tag, ends=True)
        _let_out(tag, ends=False)
    for tag in soup(["a", "img"]):
        _settle_address(tag)


def with_emphasis(soup: BeautifulSoup) -> list[tuple[Tag, list[Tag]]]:
    """Each block in whose own lines there is more than one emphasis, and these."""
    found: dict[int, tuple[Tag, list[Tag]]] = {}
    for tag in soup(list(EMPHASIS)):
        block = next(parent for parent in tag.parents if parent.name not in INLINE)
        found.setdefault(id(block), (block, []))[1].append(tag)
    return [(block, tags) for block, tags in found.values() if len(tags) > 1]


def join_code(soup: BeautifulSoup) -> None:
    """Make one of what stands right beside each other once emphasis is gone: `a``b` would be one with a sign."""
    _join_all(soup, CODE)


def _put_into_blocks(soup: BeautifulSoup, tag: Tag) -> None:
    """Have each block within the tag hold one like it instead: no sign reaches over the end of a block."""
    if not _holds_blocks(tag):
        return
    for are_blocks, group in groupby(list(tag.contents), _holds_blocks):
        nodes = list(group)
        for line in [list(block.contents) for block in nodes] if are_blocks else [nodes]:
            if any(_is_seen(node.get_text()) or _has(node, ("img",)) for node in line):
                new = soup.new_tag(tag.name, attrs=dict(tag.attrs))
                line[0].insert_before(new)
                new.extend(line)
                _put_into_blocks(soup, new)
    tag.unwrap()


def _holds_blocks(node: Tag | NavigableString) -> bool:
    """Whether it holds any, or is one."""
    return _has(node, BLOCKS)


def _has(node: Tag | NavigableString, names: Collection[str]) -> bool:
    below = node.descendants if isinstance(node, Tag) else ()
    return node.name in names or any(each.name in names for each in below)


def _leave_only_what_has_signs(soup: BeautifulSoup) -> None:
    """Of tags within lines, so that those beside each other there are so in Markdown."""
    for quotation in soup("q"):
        quotation.insert(0, '"')
        quotation.append('"')
        quotation.unwrap()
    for tag in soup(PLAIN):
        tag.unwrap()
    for tag in soup(DIVISIONS):
        tag.name = "div"
    for picture in soup.select("pre img, code img"):
        list(picture.find_parents(["pre", *CODE]))[-1].insert_after(picture)
    for link in soup("a"):
        is_place = not _is_seen(link.get_text()) and not link.img  # that links within a page lead to
        if is_place or link.a:
            link.unwrap()


def _settle_breaks(soup: BeautifulSoup) -> None:
    for line_break in soup.select("pre br, code br"):
        line_break.replace_with("\n" if line_break.find_parent("pre") else " ")
    for line_break in reversed(soup("br")):
        _lift(line_break, ends=True)
    for line_break in soup("br"):
        _lift(line_break, ends=False)


def _join_all(soup: BeautifulSoup, names: Collection[str]) -> None:
    for tag in soup(list(names)):
        if tag.parent:  # it may have been joined
            _join(tag)


def _join(tag: Tag) -> None:
    """Make one of those that stand within each other, or right beside; none where nothing is seen."""
    kind = SAID_ONCE[tag.name]
    if not _is_seen(tag.get_text()) or any(SAID_ONCE.get(parent.name) == kind for parent in tag.parents):
        tag.unwrap()
        return
    while isinstance(following := tag.next_sibling, Tag) and SAID_ONCE.get(following.name) == kind:
        tag.extend(list(following.contents))
        following.extract()


def _lift(line_break: Tag, *, ends: bool) -> None:
    """Out of what it ends (or begins); away where it ends a block."""
    while not (beside := _beside(line_break, ends)) and line_break.parent.name in INLINE:
        (line_break.parent.insert_after if ends else line_break.parent.insert_before)(line_break)
    if beside is None or (isinstance(beside, Tag) and beside.name not in INLINE):
        line_break.extract()


def _beside(node: Tag, ends: bool) -> Tag | NavigableString | None:
    """What is seen next to it, of the same parent."""
    siblings = node.next_siblings if ends else node.previous_siblings
    return next((s for s in siblings if isinstance(s, Tag) or _is_seen(s)), None)


def _is_seen(text: str) -> bool:
    return bool(text.strip().strip(NEVER_SEEN))


def _let_out(tag: Tag, *, ends: bool) -> None:
    """Put blanks at the tag's edge outside, and signs where letters follow (or precede) it."""
    if not tag.contents:
        return
    edge, outside = tag.contents[-1 if ends else 0], _outside(tag, ends)
    touches = tag.name in EMPHASIS and bool(outside) and not _is_blank_or_sign(outside)
    if isinstance(edge, NavigableString):
        goes = _is_blank_or_sign if touches and not _at_edge(edge, ends, str.isspace) else str.isspace
        _move(tag, edge, _at_edge(edge, ends, goes), ends)
    elif touches and edge.name in INLINE and not _are_one_run(tag, edge):
        tag.unwrap()


def _are_one_run(*tags: Tag) -> bool:
    """Whether their signs beside each other are one run of asterisks, which counts as a whole."""
    return {EMPHASIS.get(tag.name) for tag in tags} <= {"strong", "em"}


def _at_edge(text: str, ends: bool, belongs) -> int:
    """How many characters at its end (or beginning) do."""
    return sum(1 for _ in takewhile(belongs, reversed(text) if ends else text))


def _move(tag: Tag, edge: NavigableString, count: int, ends: bool) -> None:
    if not count:
        return
    at = len(edge) - count if ends else count
    first, second = edge[:at], edge[at:]
    (tag.insert_after if ends else tag.insert_before)(NavigableString(second if ends else first))
    if stays := first if ends else second:
        edge.replace_with(NavigableString(stays))
    else:
        edge.extract()


def _outside(tag: Tag, ends: bool) -> str:
    """The character that follows (or precedes) the tag in its line; none where a sign of Markdown's does."""
    node = tag
    while (beside := node.next_sibling if ends else node.previous_sibling) is None:
        node = node.parent
        if node.name not in EMPHASIS:
            return ""
    is_text = isinstance(beside, NavigableString) or beside.name in EMPHASIS
    text = beside.get_text() if is_text else ""
    return text[:1] if ends else text[-1:]


def _is_blank_or_sign(character: str) -> bool:
    return character.isspace() or unicodedata.category(character)[0] in "PS"


def _settle_address(tag: Tag) -> None:
    name = "src" if tag.name == "img" else "href"
    if address := "".join(str(tag.get(name) or "").strip().splitlines()):
        tag[name] = re.sub(_unfit_in(address), lambda sign: quote(sign[0]), address)
    if alt := tag.get("alt"):
        tag["alt"] = escaped(str(alt))
    if title := tag.get("title"):
        tag["title"] = escaped(str(title))


def _unfit_in(address: str) -> str:
    """A pattern of what ends an address too early; brackets do where they are no pairs."""
    has_pairs_only = not re.search(r"[()]", re.sub(r"\([^()]*\)", "", address))
    return r"[\s<>\\]" if has_pairs_only else r"[\s<>\\()]"
