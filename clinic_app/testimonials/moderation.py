"""Deciding on testimonials: what comes is checked and held or published; people publish, hide, feature, withdraw.

Every change of state is kept in the testimonial's history with who made it and when. Words never change. Each
verb tells whether it changed anything; where it would not, it does nothing. What is kept of one testimonial tells
of another by its number only, so that a name that goes is left nowhere.
Callers commit, in one writing transaction with what they read before.
"""

import re
from ast import literal_eval
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from .. import clock, database
from ..extensions import db
from .models import HIDDEN, PUBLISHED, WAITING, Decision, Testimonial
from .refusals import ConsentNotGivenYet, ConsentWithdrawn, DecidedMeanwhile, FeaturedMeanwhile, NotPublished

FROM_IMPORT = "From the import."  # ends the note of a correction that no person made
NAME_WAS = re.compile(r"""Name was ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\.""")  # as `correct` writes it


def refuse_outdated(testimonial: Testimonial, *, seen: int) -> None:
    """Raise DecidedMeanwhile when decisions were made after the one numbered `seen`, the last that was read."""
    last = testimonial.decisions[-1]
    if last.id != seen:
        raise DecidedMeanwhile(
            f"{called(testimonial)} is {testimonial.state} by now: {last.decided_by} decided on "
            f"{clock.format_when(last.decided_at)}."
        )


def publish(testimonial: Testimonial, *, by: str, note: str = "") -> bool:
    """Show it to visitors. Reasons it was held for are waved through by this, and recorded so.

    Raises ConsentWithdrawn.
    """
    _refuse_without_consent(testimonial)
    return _put(testimonial, PUBLISHED, by=by, note=note, waved_through=testimonial.reasons)


def hide(testimonial: Testimonial, *, by: str, note: str = "") -> bool:
    """Show it to nobody, and end its being featured."""
    testimonial.is_featured = False
    return _put(testimonial, HIDDEN, by=by, note=note)


def hold(testimonial: Testimonial, *, by: str, note: str = "") -> bool:
    """Put it back among those that wait for a decision. Raises ConsentWithdrawn."""
    _refuse_without_consent(testimonial)
    testimonial.is_featured = False
    return _put(testimonial, WAITING, by=by, note=note)


def feature(testimonial: Testimonial, *, by: str, note: str = "") -> bool:
    """Make it the one at the head of the page, in the place of the one that is.

    Raises NotPublished; FeaturedMeanwhile when another is being featured at this moment (try again).
    """
    if testimonial.state != PUBLISHED:
        raise NotPublished(f"{called(testimonial)} is {testimonial.state}; only a published one can be featured.")
    if testimonial.is_featured:
        return False
    for other in db.session.scalars(select(Testimonial).where(Testimonial.is_featured).with_for_update()):
        other.is_featured = False
        _decide(other, PUBLISHED, by=by, note=f"No longer featured: testimonial {testimonial.id} is.")
    testimonial.is_featured = True
    try:
        _decide(testimonial, PUBLISHED, by=by, note=note or "Featured.")
    except IntegrityError as error:
        if database.broken_rule(error) == "one_featured_testimonial":
            raise FeaturedMeanwhile("Another testimonial was featured at the same moment. Try again.") from None
        raise
    return True


def unfeature(testimonial: Testimonial, *, by: str) -> bool:
    """Leave it published, but no longer at the head of the page."""
    if not testimonial.is_featured:
        return False
    testimonial.is_featured = False
    _decide(testimonial, testimonial.state, by=by, note="No longer featured.")
    return True


def record_consent(testimonial: Testimonial, *, how: str, at: datetime, by: str) -> bool:
    """Keep that the person agreed to be quoted: `how` (by email, on paper ...) and when, an instant.

    It ends a withdrawal, unless it was given on a day before that; what is hidden stays hidden until someone
    publishes it. Raises ConsentNotGivenYet.
    """
    if at > clock.now():
        raise ConsentNotGivenYet(f"{clock.format_day(at)} is still to come.")
    since = testimonial.withdrawn_at
    is_older = since is not None and clock.local(at).date() < clock.local(since).date()
    given = how, at, since if is_older else None
    if (testimonial.consent_how, testimonial.consent_at, since) == given:
        return False
    testimonial.consent_how, testimonial.consent_at, testimonial.withdrawn_at = given
    _decide(testimonial, testimonial.state, by=by, note=f"Consent given on {clock.format_day(at)}: {how}")
    return True


def withdraw_consent(testimonial: Testimonial, *, by: str, note: str = "") -> bool:
    """The person no longer wants to be quoted: hidden at once, and publishing is refused until a new consent."""
    if testimonial.withdrawn_at:
        return False
    testimonial.withdrawn_at = clock.now()
    testimonial.is_featured = False
    _decide(testimonial, HIDDEN, by=by, note=f"Consent withdrawn. {note}".strip())
    return True


def correct(testimonial: Testimonial, *, name: str, published_at: datetime, by: str, note: str = "") -> bool:
    """Change the name or the day that stand under the words, never the words."""
    changes = []
    if testimonial.name != name:
        changes.append(f"Name was {testimonial.name!r}.")
    if testimonial.published_at != published_at:
        changes.append(f"Date was {clock.format_day(testimonial.published_at)}.")
    if not changes:
        return False
    testimonial.name, testimonial.published_at = name, published_at
    _decide(testimonial, testimonial.state, by=by, note=" ".join([*changes, note]).strip())
    return True


def names_had(testimonial: Testimonial) -> set[str]:
    """Its name, and those that it had before it was corrected."""
    before = (NAME_WAS.match(entry.note) for entry in testimonial.decisions)
    return {testimonial.name, *(literal_eval(match[1]) for match in before if match)}


def is_corrected(testimonial: Testimonial) -> bool:
    """Whether a person has corrected its name or its date here."""
    stayed = (entry.note for entry in testimonial.decisions if entry.from_state == entry.to_state)
    return any(note.startswith(("Name was", "Date was")) and not note.endswith(FROM_IMPORT) for note in stayed)


def arrange(testimonials: Sequence[Testimonial]) -> None:
    """Show these first, in this order; all others follow by date."""
    db.session.execute(update(Testimonial).where(Testimonial.position.is_not(None)).values(position=None))
    for position, testimonial in enumerate(testimonials, start=1):
        testimonial.position = position
    db.session.flush()


def called(testimonial: Testimonial) -> str:
    """How messages name a testimonial."""
    return f"Testimonial {testimonial.id} by {testimonial.name}"


def _refuse_without_consent(testimonial: Testimonial) -> None:
    if testimonial.withdrawn_at:
        raise ConsentWithdrawn(
            f"{called(testimonial)}: consent was withdrawn on {clock.format_day(testimonial.withdrawn_at)}. "
            "Record a new consent first."
        )


def _put(testimonial: Testimonial, state: str, **decision) -> bool:
    if testimonial.state == state:
        return False
    _decide(testimonial, state, **decision)
    return True


def _decide(
    testimonial: Testimonial, state: str, *, by: str, note: str, waved_through: Sequence[dict] = ()
) -> None:
    with db.session.no_autoflush:  # to read the history must not write half of the change
        testimonial.decisions.append(
            Decision(
                decided_by=by,
                from_state=testimonial.state,
                to_state=state,
                note=note,
                waved_through=list(waved_through),
            )
        )
    testimonial.state = state
    db.session.flush()
