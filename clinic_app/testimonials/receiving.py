"""Taking testimonials in: each is checked by the advertising rules and for near-duplicates, then held or not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from .. import database
from ..checks import is_utf8
from ..extensions import db
from ..text import folding
from ..text.plain import words
from . import compliance, moderation
from .duplicates import Index
from .models import PUBLISHED, WAITING, Decision, Testimonial
from .refusals import AlreadyReceived, UnusableTestimonial

LONGEST_NAME = LONGEST_SLUG = LONGEST_SOURCE_ID = 200
RESEMBLES = "duplicate"
READ_AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A testimonial that is about to come in. `text` is kept as it is; `published_at` is an instant.

    Raises UnusableTestimonial for a name or words that are missing or cannot be stored.
    """

    name: str
    text: str
    published_at: datetime
    slug: str = ""
    is_featured: bool = False
    is_sample: bool = False
    source: str | None = None
    source_id: str | None = None

    def __post_init__(self) -> None:
        if not words(self.text):
            raise UnusableTestimonial("The testimonial has no words.")
        if not words(self.name):
            raise UnusableTestimonial("The testimonial has no name.")
        if len(self.name) > LONGEST_NAME:
            raise UnusableTestimonial(f"The name is longer than {LONGEST_NAME} characters.")
        if len(self.source_id or "") > LONGEST_SOURCE_ID:
            raise UnusableTestimonial(f"Its identifier is longer than {LONGEST_SOURCE_ID} characters.")
        for what, value in (("testimonial", self.text), ("name", self.name)):
            if "\0" in value or not is_utf8(value):
                raise UnusableTestimonial(f"The {what} holds a character that is none (NUL or half of a pair).")


class Known:
    """What is here already, read once: make one for many testimonials that come in the same transaction."""

    def __init__(self) -> None:
        self.index = Index()
        self.slugs: set[str] = set()
        self.firsts: dict[int, int] = {}  # of each testimonial, the first of its group
        columns = (Testimonial.id, Testimonial.slug, Testimonial.name, Testimonial.text, Testimonial.resembles_id)
        rows = select(*columns).order_by(Testimonial.id).execution_options(yield_per=READ_AT_ONCE)
        for row in db.session.execute(rows):
            self.add(*row)

    def add(self, number: int, slug: str, name: str, text: str, resembles_id: int | None) -> None:
        """Make a stored testimonial known."""
        self.index.add(number, name=name, text=text, is_first=resembles_id is None)
        self.slugs.add(slug)
        self.firsts[number] = resembles_id or number

    def free_slug(self, draft: Draft) -> str:
        """The wanted slug, or one made of the name, with a number behind it when it is taken."""
        wanted = re.sub(r"[^\w.-]+", "-", draft.slug or "-".join(words(draft.name)))
        return folding.free_name(wanted[: LONGEST_SLUG - 10].strip("-") or "testimonial", self.slugs)


def advertising_reasons(text: str) -> list[dict]:
    """What the clinic's setting `testimonial_rules` finds in the text; needs no database."""
    return compliance.check(text, rules=current_app.config["CLINIC"].testimonial_rules)


def receive(
    draft: Draft, *, by: str, known: Known | None = None, reasons: Sequence[dict] | None = None
) -> Testimonial:
    """Store a testimonial: published when nothing speaks against it, else waiting with the reasons.

    `reasons` are its advertising reasons where the caller has them already, or others to hold it for.
    A near-duplicate of one that came before waits whatever the rules say; the one before goes on as it was.
    Raises AlreadyReceived when its source's item is here.
    """
    known = known or Known()
    reasons = list(advertising_reasons(draft.text) if reasons is None else reasons)
    alike = known.index.most_alike(name=draft.name, text=draft.text)
    if alike:
        reasons.append(_resembles(alike.key, alike.share))
    testimonial = Testimonial(
        slug=known.free_slug(draft),
        name=draft.name,
        text=draft.text,
        published_at=draft.published_at,
        state=WAITING if reasons else PUBLISHED,
        is_featured=draft.is_featured and not reasons and _head_is_free(draft, by=by),
        is_sample=draft.is_sample,
        source=draft.source,
        source_id=draft.source_id,
        reasons=reasons,
        resembles_id=known.firsts[alike.key] if alike else None,
    )
    note = "Held for review." if reasons else "Published: no concerns found."
    testimonial.decisions = [Decision(decided_by=by, to_state=testimonial.state, note=note)]
    db.session.add(testimonial)
    _flush(draft)
    known.add(testimonial.id, testimonial.slug, draft.name, draft.text, testimonial.resembles_id)
    return testimonial


def _flush(draft: Draft) -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if database.broken_rule(error) == "one_testimonial_per_source_item":
            raise AlreadyReceived(f"Item {draft.source_id} of {draft.source} is here already.") from None
        raise


def by_source(source: str, source_id: str) -> Testimonial | None:
    """The testimonial that came from this item of this source."""
    return db.session.scalar(select(Testimonial).filter_by(source=source, source_id=source_id))


def _head_is_free(draft: Draft, *, by: str) -> bool:
    """Whether it may stand at the head of the page. A sample makes room for a real one."""
    there = db.session.scalar(select(Testimonial).where(Testimonial.is_featured))
    if there and there.is_sample and not draft.is_sample:
        return moderation.unfeature(there, by=by)
    return there is None


def _resembles(number: int, share: float) -> dict:
    alike = "the same words as" if share == 1 else f"{min(share, 0.99):.0%} of its word pairs in common with"
    return compliance.reason(RESEMBLES, f"Has {alike} testimonial {number}.")
