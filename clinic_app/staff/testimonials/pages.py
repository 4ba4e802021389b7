"""The list of testimonials, by state, and the page of one."""

from flask import render_template, request

from ... import clock
from ...lists import keyset
from ...testimonials import listing, marking, search
from ...testimonials.models import STATES, WAITING, Testimonial
from ...web.searches import words_asked
from ..area import row
from .area import bp
from .forms import ConsentForm, CorrectionForm, DecisionForm, WithdrawalForm

ALIKE_SHOWN = 6  # of a group of near-duplicates, itself included
# What a testimonial can be held for, as staff call it.
HELD_FOR = {
    "symptom": "Symptom",
    "diagnosis": "Diagnosis",
    "treatment": "Treatment",
    "outcome": "Outcome",
    "skill": "Skill",
    "language": "Language",
    "duplicate": "Near-duplicate",
    "changed": "Changed words",
    "unpublished": "Was not public",
}


@bp.get("")
def index():
    state = request.args.get("state")
    state = state if state in STATES else WAITING
    text = words_asked()
    order, words = listing.order_in(state), search.words(text)
    page = keyset.page(listing.matching(state), order=order, at=request.args.get("at"), words=words)
    return render_template(
        "staff/testimonials/index.html",
        state=state,
        states=STATES,
        text=text,
        page=page,
        counts=listing.counts(),
        counted=listing.COUNTED,
        seen=listing.last_decisions([testimonial.id for testimonial in page.items]),
        held_for=HELD_FOR,
    )


@bp.get("/<int:testimonial_id>")
def show(testimonial_id):
    return page_of(row(Testimonial, testimonial_id))


def page_of(testimonial: Testimonial, **sent):
    """The page of one testimonial; `sent` are forms of it that came back."""
    pieces, notes = marking.mark(testimonial.text, testimonial.reasons)
    alike = listing.group(testimonial, limit=ALIKE_SHOWN)
    others = [
        (other, *marking.compare(testimonial.text, other.text)) for other in alike if other is not testimonial
    ]
    return render_template(
        "staff/testimonials/show.html",
        testimonial=testimonial,
        pieces=pieces,
        notes=notes,
        others=others,
        next=listing.next_waiting(testimonial.id),
        held_for=HELD_FOR,
        **(_forms(testimonial) | sent),
    )


def _forms(testimonial: Testimonial) -> dict:
    """The forms of a page as it is opened: nothing in them is what was sent."""
    seen = testimonial.decisions[-1].id
    return {
        "decision": DecisionForm(formdata=None, seen=seen),
        "consent": ConsentForm(formdata=None, prefix="consent-", seen=seen, day=clock.today()),
        "withdrawal": WithdrawalForm(formdata=None, prefix="withdrawal-"),
        "correction": CorrectionForm(
            formdata=None,
            prefix="correction-",
            seen=seen,
            name=testimonial.name,
            day=clock.local(testimonial.published_at).date(),
        ),
    }
