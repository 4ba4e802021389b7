"""What an editor would say of a post before it goes out: advice, not a lock. Pure.

Each piece of advice names the line. Checked are pictures without a description, the order of headings, links
within this site that lead nowhere, a number in the title that sections or text contradict, and advertising claims.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from ..text import markup
from . import claims, numbers, section_counts
from .content import Content
from .outline import Block, Heading, Outline, Picture, outline

LONGEST = 100_000  # characters of a body that are read, some fifteen thousand words
MOST = 100  # pieces of advice of each rule
TITLE, SUMMARY, HERO, BODY = "title", "summary", "hero_alt", "body"  # the fields that advice is about
_NO_DESCRIPTION = re.compile(
    r"(?:an? |the )?(?:image|picture|photo|img|pic|dsc|screenshot|untitled|hero|banner)?[\W\d_]*", re.IGNORECASE
)
_FILE_NAME = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|avif|svg|heic)", re.IGNORECASE)


class Advice(NamedTuple):
    """One thing to look at. `line` counts from 1 and is None for fields that have one line only; `words` are the
    words meant, `also` another place that they disagree with."""

    rule: str
    field: str
    line: int | None
    words: str
    why: str
    advice: str
    also: str = ""

    @property
    def key(self) -> str:
        """Which advice it is, wherever in the body its words have moved."""
        return hashlib.sha256("\n".join((self.rule, self.field, self.words, self.also)).encode()).hexdigest()[:12]

    @property
    def place(self) -> str:
        """`Title`, `Line 9`."""
        return (
            f"Line {self.line}"
            if self.line
            else {TITLE: "Title", SUMMARY: "Summary", HERO: "Main picture"}[self.field]
        )


def check(content: Content, *, rules: str, site: str, why_dead: Callable[[str], str]) -> list[Advice]:
    """All advice on a post, by place.

    `rules` is the setting `testimonial_rules`, `site` this site's public address; `why_dead` tells of a path on it
    why a visitor who follows it gets nowhere ("" where they get somewhere).
    """
    content = content._replace(body=content.body[:LONGEST])
    parts = outline(content.body)
    rounds = [_pictures(content, parts), _headings(parts), _links(content, parts, site, why_dead)]
    rounds += [_numbers(content, parts), *([_claims(content, parts)] if rules == "au" else [])]
    found = [each for some in rounds for each in islice(some, MOST)]
    order = (TITLE, SUMMARY, HERO, BODY)
    return sorted(found, key=lambda each: (order.index(each.field), each.line or 0))


def _pictures(content: Content, parts: Outline) -> Iterator[Advice]:
    pictures = [(BODY, picture) for picture in parts.pictures]
    if content.hero:
        pictures.append((HERO, Picture(0, content.hero, content.hero_alt.strip())))
    for field, picture in pictures:
        name = picture.address.rpartition("/")[2]
        if not picture.alt:
            why = "The picture has no description (alt text): people who cannot see it learn nothing of it."
        elif _NO_DESCRIPTION.fullmatch(picture.alt) or _FILE_NAME.fullmatch(picture.alt):
            why = f"“{picture.alt}” does not say what the picture shows."
        else:
            continue
        advice = "Say in a few words what it shows" + (", between the square brackets." if field == BODY else ".")
        yield Advice("alt text", field, picture.line or None, name, why, advice)


def _headings(parts: Outline) -> Iterator[Advice]:
    above = 1
    for heading in parts.headings:
        if heading.level == 1:
            yield _about(
                heading, "A heading of the first level: the title is the page’s only one.", "Begin it with ##."
            )
        elif heading.level > above + 1:
            why = f"The headings skip from level {above} to level {heading.level}."
            yield _about(heading, why, f"Begin it with {'#' * (above + 1)}.")
        if not heading.text:
            yield _about(heading, "The heading is empty.", "Give it words, or take it out.")
        above = heading.level
    for gap in section_counts.gaps(parts):
        why = f"The numbers of the headings go from {gap.before} to {gap.number}."
        yield _about(gap.heading, why, "Number them one after the other.")


def _about(heading: Heading, why: str, advice: str) -> Advice:
    return Advice("headings", BODY, heading.line, heading.text or "#" * heading.level, why, advice)


def _links(content: Content, parts: Outline, site: str, why_dead: Callable[[str], str]) -> Iterator[Advice]:
    targets = [(link.line, link.address, link.text or link.address) for link in parts.links]
    targets += [(each.line, each.address, each.address) for each in parts.pictures]
    here = f"{site}/blog/{content.slug}"
    ids = set(re.findall(r'id="([^"]*)"', markup.render(content.body).html)) if targets else set()
    for line, address, words in targets:
        if reason := _why_dead(address, here, site, ids, why_dead):
            yield Advice("dead link", BODY, line, words, reason, "Correct the address, or take the link out.")


def _why_dead(address: str, here: str, site: str, ids: set[str], why_dead: Callable[[str], str]) -> str:
    """Why an address leads nowhere; empty where it leads somewhere, or to another site."""
    if not address:
        return "The link has no address."
    if address.startswith("#"):
        return (
            "" if len(address) == 1 or unquote(address[1:]) in ids else f"No heading of this post is at {address}."
        )
    try:
        target = urlsplit(urljoin(here, address))
        own = (target.scheme in ("http", "https")) and target.netloc == urlsplit(site).netloc
    except ValueError:
        return "The address is not a valid one."
    return why_dead(unquote(target.path) or "/") if own else ""


def _numbers(content: Content, parts: Outline) -> Iterator[Advice]:
    if not (promised := numbers.promised(content.title)):
        return
    says = f"The title says “{promised.words}”"
    if wrong := section_counts.mismatch(promised, parts):
        why = f"{says}, and there are {wrong.found} such sections; this is the last."
        yield _number(BODY, wrong.line, wrong.words, why)
    first = min((heading.line for heading in parts.headings), default=10**9)
    headings = {heading.line for heading in parts.headings}
    texts = [(SUMMARY, Block(0, content.summary), True)]
    texts += [(BODY, block, block.line < first or block.line in headings) for block in parts.blocks]
    for field, block, in_opening in texts:
        for said in numbers.counts(block.text):
            if numbers.contradicts(promised, said, in_opening=in_opening):
                line = block.line_at(said.start) if field == BODY else None
                yield _number(field, line, said.words, f"{says}, and here it is “{said.words}”.")


def _number(field: str, line: int | None, words: str, why: str) -> Advice:
    return Advice("numbers", field, line, words, why, "Count again, and let all of them say the same.", also=TITLE)


def _claims(content: Content, parts: Outline) -> Iterator[Advice]:
    texts = [(TITLE, Block(0, content.title)), (SUMMARY, Block(0, content.summary))]
    for field, block in texts + [(BODY, block) for block in parts.blocks]:
        for found in claims.find(block.text, sourced=block.sourced):
            line = block.line_at(found.start) if field == BODY else None
            words = " ".join(found.words.split())
            yield Advice("advertising", field, line, words, found.rule.why, claims.advice(found))
