"""Bringing testimonials in from a Webflow collection or from Markdown files.

Words that are here never change. Where a row has other words than its item has here, it becomes a testimonial of
its own, which waits, with that as the reason: nobody's words are overwritten, none are dropped, and a person
decides which version stands. (Rejecting the row would stop the whole import over one mended typo.)

What was erased stays so: its item, and its words under another, are left out, and all else comes in.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from .. import clock
from ..imports.rows import BadRow, Column, Importer, Outcome, Result, Row
from ..imports.values import parsed_html, webflow_date, yes_or_no
from . import compliance, moderation, privacy
from .models import WAITING, Testimonial
from .receiving import Draft, Known, advertising_reasons, by_source, receive
from .refusals import Refused

if TYPE_CHECKING:
    from ..imports.front_matter import MarkdownRow

COLUMNS = {
    "name": Column(("Name", "Author", "Patient", "Client", "Reviewer", "Customer"), required=True),
    "text": Column(
        ("Testimonial", "Testimonial Text", "Text", "Quote", "Review", "Words", "Message", "Feedback", "Comment",
         "Body", "Content", "Description"),
        required=True,
    ),
    "item_id": Column(("Item ID",), required=True),
    "slug": Column(("Slug",)),
    "created": Column(("Created On",)),
    "updated": Column(("Updated On",)),
    "published": Column(("Published On", "Date"), required=True),
    "featured": Column(("Featured", "Featured?", "Is Featured")),
    "draft": Column(("Draft",)),
    "archived": Column(("Archived",)),
}  # fmt: skip
WEBFLOW, MARKDOWN = "webflow", "markdown"
LOOK = "Look at what waits: flask testimonials list --state waiting"
CORRECTED = "its name or date was corrected here, and stays as it is"
CHANGED, UNPUBLISHED = "changed", "unpublished"
# When something with one of these `privacy.marks_of` a testimonial was erased last; None where nothing was.
ErasedAt = Callable[[Collection[str]], datetime | None]

RICH_TEXT = re.compile(r"\s*<(?:p|h[1-6]|ul|ol|blockquote|div|figure)\b.*</(?:p|h[1-6]|ul|ol|blockquote|div|figure)>\s*", re.DOTALL)  # fmt: skip  # noqa: E501
EMPTY_LINE = re.compile("^[\u200b\u200d\ufeff]+$")  # Webflow's editor leaves a joiner in empty paragraphs
BLOCKS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "div", "figure", "ul", "ol")


class Arrival(NamedTuple):
    """A row that was read: the draft, what it is held for, and what to tell about the reading."""

    draft: Draft
    reasons: Sequence[dict]
    note: str = ""


@dataclass
class Arrivals:
    """Stores what was read, in one transaction; `by` is who brings it in."""

    by: str
    erased_at: ErasedAt
    _known: Known | None = field(default=None, init=False)

    def save(self, arrival: Arrival) -> Result:
        """Create it, or update its name and date; hold it when its words are others than those kept."""
        try:
            return self._save(arrival)
        except Refused as refusal:
            raise BadRow(str(refusal)) from None

    def _save(self, arrival: Arrival) -> Result:
        draft = arrival.draft
        here = by_source(draft.source, draft.source_id)
        if here is None:
            return self._receive(arrival)
        if here.text == draft.text:
            return self._correct(here, draft)
        version = replace(draft, source_id=f"{draft.source_id[:180]}~{_digest(draft.text)}", is_featured=False)
        if there := by_source(version.source, version.source_id):
            return self._correct(there, version)
        why = f"Has other words than testimonial {here.id}, which came from the same item; that one is unchanged."
        reasons = [*arrival.reasons, compliance.reason(CHANGED, why)]
        return self._receive(arrival._replace(draft=version, reasons=reasons))

    def _receive(self, arrival: Arrival) -> Result:
        if at := self.erased_at(privacy.marks_of(arrival.draft)):
            return Result(Outcome.LEFT_OUT, f"it was erased here on {clock.format_day(at)}, and stays so")
        self._known = self._known or Known()
        testimonial = receive(arrival.draft, by=self.by, known=self._known, reasons=arrival.reasons)
        held = testimonial.state == WAITING
        notes = [arrival.note, f"{testimonial.name}: {summary(testimonial.reasons)}" if held else ""]
        note = "; ".join(note for note in notes if note)
        return Result(Outcome.HELD, note, next_step=LOOK) if held else Result(Outcome.CREATED, note)

    def _correct(self, testimonial: Testimonial, draft: Draft) -> Result:
        """What a person has corrected stays: they may have been asked for another name than the old site shows."""
        if (testimonial.name, testimonial.published_at) == (draft.name, draft.published_at):
            return Result(Outcome.UNCHANGED)
        if moderation.is_corrected(testimonial):
            return Result(Outcome.UNCHANGED, f"{testimonial.name}: {CORRECTED}")
        told = {"name": draft.name, "published_at": draft.published_at}
        moderation.correct(testimonial, **told, by=self.by, note=moderation.FROM_IMPORT)
        return Result(Outcome.UPDATED)


def webflow(*, by: str, erased_at: ErasedAt) -> Importer:
    """Brings in rows of a Webflow collection, known by their Item ID. Use once: it remembers what came."""
    return Importer(prepare=read_webflow, save=Arrivals(by, erased_at).save)


def markdown(*, by: str, erased_at: ErasedAt) -> Importer:
    """Brings in Markdown files, known by their slug; the body is the words, not rendered. Use once."""
    return Importer(prepare=read_markdown, save=Arrivals(by, erased_at).save)


def read_webflow(row: Row) -> Arrival:
    """A row of a Webflow collection. Raises BadRow."""
    published = webflow_date(row["published"], called="Published On")
    known_dates = (published, webflow_date(row["created"], called="Created On"))
    text, was_rich = plain_words(row.required("text", "the testimonial"))
    draft = _draft(
        name=row.required("name", "Name").strip(),
        text=text,
        published_at=next((date for date in known_dates if date), None),
        slug=row["slug"].strip(),
        is_featured=yes_or_no(row, "featured"),
        source=WEBFLOW,
        source_id=row.required("item_id", "Item ID").strip(),
    )
    reasons = advertising_reasons(text)
    if any([not published, yes_or_no(row, "draft"), yes_or_no(row, "archived")]):
        reasons.append(compliance.reason(UNPUBLISHED, "Was not published in Webflow."))
    return Arrival(draft, reasons, "its rich text became plain text" if was_rich else "")


def read_markdown(row: "MarkdownRow") -> Arrival:
    """A Markdown file. Raises BadRow."""
    draft = _draft(
        name=row.text("name"),
        text=row["body"],
        published_at=row.instant("published"),
        slug=row["slug"],
        is_featured=row.flag("featured"),
        is_sample=row.flag("sample"),
        source=MARKDOWN,
        source_id=row["slug"],
    )
    return Arrival(draft, advertising_reasons(draft.text))


def plain_words(cell: str) -> tuple[str, bool]:
    """The words of a cell, and whether they had to be taken out of rich text (HTML); all else is kept as it is.

    Raises BadRow for HTML that is nested too deeply.
    """
    if not RICH_TEXT.fullmatch(cell):
        return cell, False
    soup = parsed_html(cell)
    for tag in soup(["script", "style"]):
        tag.decompose()
    for tag in soup("br"):
        tag.replace_with("\n")
    for tag in soup("li"):
        tag.append("\n")
    for tag in soup(BLOCKS):
        tag.append("\n\n")
    lines = (EMPTY_LINE.sub("", line.strip()) for line in soup.get_text().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(), True


def summary(reasons: Sequence[dict]) -> str:
    """Reasons on one line: the words found, by rule; for the others, why."""
    by_rule: dict[str, list[str]] = {}
    for reason in reasons:
        by_rule.setdefault(reason["rule"], []).append(f"“{reason['words']}”" if reason["words"] else reason["why"])
    return "; ".join(f"{rule}: {', '.join(dict.fromkeys(found))}" for rule, found in by_rule.items())


def _draft(*, published_at, **values) -> Draft:
    if published_at is None:
        raise BadRow("the date of publishing is empty")
    try:
        return Draft(published_at=published_at, **values)
    except Refused as refusal:
        raise BadRow(str(refusal)) from None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
