"""Deciding on a testimonial; each decision names who made it. Publishing and hiding can be undone."""

from collections.abc import Callable
from functools import partial

from flask import flash, redirect, url_for

from ... import clock, database
from ...testimonials import listing, moderation
from ...testimonials.models import HIDDEN, PUBLISHED, WAITING, Testimonial
from ...testimonials.refusals import Refused, UnknownTestimonials
from ..area import member, record, row
from ..gone import Gone
from ..undoing import flash_done
from .area import bp
from .forms import ConsentForm, CorrectionForm, DecisionForm, WithdrawalForm
from .pages import page_of

VERBS = {WAITING: moderation.hold, PUBLISHED: moderation.publish, HIDDEN: moderation.hide}
DONE = {WAITING: "Moved back to waiting", PUBLISHED: "Published", HIDDEN: "Hidden"}
ALREADY = {WAITING: "It waits already", PUBLISHED: "It is published already", HIDDEN: "It is hidden already"}


@bp.post("/<int:testimonial_id>/publish")
def publish(testimonial_id):
    return _decide(testimonial_id, PUBLISHED)


@bp.post("/<int:testimonial_id>/hide")
def hide(testimonial_id):
    return _decide(testimonial_id, HIDDEN)


@bp.post("/<int:testimonial_id>/hold")
def hold(testimonial_id):
    return _decide(testimonial_id, WAITING)


def _decide(number: int, state: str):
    form = DecisionForm()
    if not form.validate():
        return _wrong(number, decision=form)
    was = []

    def decide(testimonial):
        was.extend((testimonial.state, number if testimonial.is_featured else None))
        if did := VERBS[state](testimonial, by=member().name, note=form.note.data):
            record_state(testimonial, was[0])
        return did

    if not _is_done(number, decide, in_vain=ALREADY[state], seen=form.seen.data):
        return _back(number)
    undo = url_for(".undo", ids=number, now=state, was=was[0], featured=was[1])
    return _lead_on(number, DONE[state], undo, waited=was[0] == WAITING)


def _wrong(number: int, **form):
    """The page with the form and what is wrong with it, as long as the form stands there."""
    testimonial = row(Testimonial, number)
    if not testimonial.withdrawn_at:
        return page_of(testimonial, **form)
    flash("Nothing was changed: meanwhile the consent for this testimonial was withdrawn.", "error")
    return _back(number)


def _back(number: int):
    return redirect(url_for(".show", testimonial_id=number), 303)


def _lead_on(number: int, done: str, undo: str, *, waited: bool):
    """To the next one that waits, where this one waited."""
    following = listing.next_waiting(number) if waited else None
    if waited:
        left = listing.counts()[WAITING]
        done = f"{done}. {_waiting(left)}" if left else f"{done}. Nothing is waiting any more"
    flash_done(f"{done}.", undo)
    if waited and following is None:
        return redirect(url_for(".index"), 303)
    return redirect(url_for(".show", testimonial_id=following.id if following else number), 303)


def _waiting(count: int) -> str:
    return f"{count} more are waiting; here is the next" if count > 1 else "One more is waiting; here it is"


def record_state(testimonial: Testimonial, was: str) -> None:
    """Write down that its state was changed."""
    record(DONE[testimonial.state].lower(), "testimonial", testimonial.id, was=was)


def _is_done(number: int, change: Callable[[Testimonial], bool], *, in_vain: str, seen: int | None) -> bool:
    """Make a change in a transaction. Says why where it was refused or made `in_vain`. Raises Gone."""
    row(Testimonial, number)
    did = False
    try:
        with database.transaction():
            [testimonial] = listing.by_ids([number])
            if seen is not None:
                moderation.refuse_outdated(testimonial, seen=seen)
            did = change(testimonial)
    except UnknownTestimonials:
        raise Gone from None
    except Refused as refusal:
        flash(str(refusal), "error")
    else:
        if not did:
            flash(f"{in_vain}, so this changed nothing.")
    return did


def _do(
    number: int,
    action: str,
    verb: Callable[[Testimonial], bool],
    said: str,
    *,
    in_vain: str,
    seen: int | None = None,
):
    """Do it, write it down and say so, or say why not."""

    def change(testimonial):
        if did := verb(testimonial):
            record(action, "testimonial", number)
        return did

    if _is_done(number, change, in_vain=in_vain, seen=seen):
        flash(said)
    return _back(number)


@bp.post("/<int:testimonial_id>/feature")
def feature(testimonial_id):
    verb = partial(moderation.feature, by=member().name)
    said = "Featured: it is now at the top of the page."
    return _do(testimonial_id, "featured", verb, said, in_vain="It is at the top of the page already")


@bp.post("/<int:testimonial_id>/unfeature")
def unfeature(testimonial_id):
    verb = partial(moderation.unfeature, by=member().name)
    return _do(testimonial_id, "ended featuring", verb, "It is no longer featured.", in_vain="It is not featured")


@bp.post("/<int:testimonial_id>/consent")
def consent(testimonial_id):
    form = ConsentForm(prefix="consent-")
    valid = form.validate()
    if valid and form.day.data > clock.today():
        form.day.errors = ["Enter a day that is not still to come"]
        valid = False
    if not valid:
        return page_of(row(Testimonial, testimonial_id), consent=form)
    at = clock.instant_of(form.day.data)
    verb = partial(moderation.record_consent, how=form.how.data, at=at, by=member().name)
    said, in_vain = "The consent is recorded.", "This consent is recorded already"
    return _do(testimonial_id, "recorded consent for", verb, said, in_vain=in_vain, seen=form.seen.data)


@bp.post("/<int:testimonial_id>/withdraw")
def withdraw(testimonial_id):
    form = WithdrawalForm(prefix="withdrawal-")
    if not form.validate():
        return _wrong(testimonial_id, withdrawal=form)
    verb = partial(moderation.withdraw_consent, by=member().name, note=form.note.data)
    said, in_vain = "The withdrawal is recorded, and the words are hidden.", "The consent was withdrawn already"
    return _do(testimonial_id, "recorded withdrawal for", verb, said, in_vain=in_vain)


@bp.post("/<int:testimonial_id>/correct")
def correct(testimonial_id):
    form = CorrectionForm(prefix="correction-")
    if not form.validate():
        return page_of(row(Testimonial, testimonial_id), correction=form)

    def verb(testimonial):
        same = clock.local(testimonial.published_at).date() == form.day.data
        day = testimonial.published_at if same else clock.instant_of(form.day.data)
        return moderation.correct(testimonial, name=form.name.data, published_at=day, by=member().name)

    said, in_vain = "Name and date are as you entered them.", "Name and date were like that already"
    return _do(testimonial_id, "corrected", verb, said, in_vain=in_vain, seen=form.seen.data)
