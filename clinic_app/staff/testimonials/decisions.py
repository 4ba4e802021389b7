"""Deciding on a testimonial; each decision names who made it. Publishing and hiding can be undone."""

from collections.abc import Callable

from flask import flash, redirect, url_for

from ... import clock, database
from ...testimonials import listing, moderation
from ...testimonials.errors import Refused, UnknownTestimonials
from ...testimonials.models import HIDDEN, PUBLISHED, WAITING, Testimonial
from ..area import member, record
from ..gone import Gone
from .area import bp
from .forms import ConsentForm, CorrectionForm, DecisionForm, WithdrawalForm
from .pages import find, page_of

VERBS = {WAITING: moderation.hold, PUBLISHED: moderation.publish, HIDDEN: moderation.hide}
DONE = {WAITING: "Moved back to waiting", PUBLISHED: "Published", HIDDEN: "Hidden"}


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
        was.append(testimonial.state)
        VERBS[state](testimonial, by=member().name, note=form.note.data)
        record_state(testimonial, was[0])

    if refused := _change(number, decide, seen=form.seen.data):
        return refused
    undo = url_for(".undo", ids=number, now=state, was=was[0]) if was[0] != state else None
    return _lead_on(number, DONE[state], undo, waited=was[0] == WAITING != state)


def _wrong(number: int, **form):
    """The page with the form and what is wrong with it, as long as the form stands there."""
    testimonial = find(number)
    if not testimonial.withdrawn_at:
        return page_of(testimonial, **form)
    flash("Nothing was changed: meanwhile the consent for this testimonial was withdrawn.", "error")
    return redirect(url_for(".show", testimonial_id=number), 303)


def _lead_on(number: int, done: str, undo: str | None, *, waited: bool):
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


def flash_done(text: str, undo: str | None) -> None:
    """Say what was done; with a button to undo it, where `undo` is the address for that."""
    flash({"text": text, "undo": undo}, "undo") if undo else flash(text)


def record_state(testimonial: Testimonial, was: str) -> None:
    """Write down that its state was changed."""
    record(DONE[testimonial.state].lower(), "testimonial", testimonial.id, was=was)


def _change(number: int, change: Callable[[Testimonial], object], *, seen: int | None = None):
    """Make a change in a transaction. Gives None, or the answer for one that was refused. Raises Gone."""
    find(number)
    try:
        with database.transaction():
            [testimonial] = listing.by_ids([number])
            if seen is not None:
                moderation.refuse_outdated(testimonial, seen=seen)
            change(testimonial)
    except UnknownTestimonials:
        raise Gone from None
    except Refused as refusal:
        flash(str(refusal), "error")
        return redirect(url_for(".show", testimonial_id=number), 303)
    return None


@bp.post("/<int:testimonial_id>/feature")
def feature(testimonial_id):
    return _feature(testimonial_id, moderation.feature, "featured", "Featured: it is now at the top of the page.")


@bp.post("/<int:testimonial_id>/unfeature")
def unfeature(testimonial_id):
    return _feature(testimonial_id, moderation.unfeature, "ended featuring", "It is no longer featured.")


def _feature(number: int, verb: Callable, action: str, said: str):
    def change(testimonial):
        verb(testimonial, by=member().name)
        record(action, "testimonial", number)

    if refused := _change(number, change):
        return refused
    flash(said)
    return redirect(url_for(".show", testimonial_id=number), 303)


@bp.post("/<int:testimonial_id>/consent")
def consent(testimonial_id):
    form = ConsentForm(prefix="consent-")
    valid = form.validate()
    if valid and form.day.data > clock.today():
        form.day.errors = ["Enter a day that is not still to come"]
        valid = False
    if not valid:
        return page_of(find(testimonial_id), consent=form)

    def change(testimonial):
        at = clock.instant_of(form.day.data)
        moderation.record_consent(testimonial, how=form.how.data, at=at, by=member().name)
        record("recorded consent for", "testimonial", testimonial_id)

    return _changed(testimonial_id, change, "The consent is recorded.")


@bp.post("/<int:testimonial_id>/withdraw")
def withdraw(testimonial_id):
    form = WithdrawalForm(prefix="withdrawal-")
    if not form.validate():
        return _wrong(testimonial_id, withdrawal=form)

    def change(testimonial):
        moderation.withdraw_consent(testimonial, by=member().name, note=form.note.data)
        record("recorded withdrawal for", "testimonial", testimonial_id)

    return _changed(testimonial_id, change, "The withdrawal is recorded, and the words are hidden.")


@bp.post("/<int:testimonial_id>/correct")
def correct(testimonial_id):
    form = CorrectionForm(prefix="correction-")
    if not form.validate():
        return page_of(find(testimonial_id), correction=form)

    def change(testimonial):
        same = clock.local(testimonial.published_at).date() == form.day.data
        day = testimonial.published_at if same else clock.instant_of(form.day.data)
        moderation.correct(testimonial, name=form.name.data, published_at=day, by=member().name)
        record("corrected", "testimonial", testimonial_id)

    return _changed(testimonial_id, change, "Name and date are as you entered them.")


def _changed(number: int, change: Callable, said: str):
    if refused := _change(number, change):
        return refused
    flash(said)
    return redirect(url_for(".show", testimonial_id=number), 303)
