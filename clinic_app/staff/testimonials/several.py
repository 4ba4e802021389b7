"""Deciding on several testimonials at once, and undoing what was decided."""

from flask import abort, flash, redirect, request, url_for

from ... import database
from ...extensions import db
from ...lists import keyset
from ...testimonials import listing, moderation
from ...testimonials.models import HIDDEN, PUBLISHED, STATES, WAITING, Testimonial
from ...testimonials.refusals import DecidedMeanwhile, Refused
from ..area import member, record
from ..undoing import flash_done
from .area import bp
from .decisions import DONE, VERBS, record_state

MOST_AT_ONCE = 100
REFUSALS_TOLD = 3  # flashes travel in a cookie


@bp.post("/decide")
def decide():
    """Publish or hide those that are ticked, each as it was when the list was read."""
    state = request.form.get("state")
    if state not in (PUBLISHED, HIDDEN):
        abort(400)
    back = redirect(url_for(".index", **{key: request.args.get(key) for key in ("state", "q", "at")}), 303)
    ticked = _ticked(request.form.getlist("ticked"))
    if not ticked:
        flash("Tick one or more first.", "error")
        return back
    head = listing.featured()
    featured = head and head.id
    try:
        with database.transaction():
            was, changed, refused = _decide(ticked, state)
    except Refused as refusal:
        flash(f"{refusal} Nothing was changed.", "error")
        return back
    if changed:
        ids = ",".join(map(str, changed))
        undo_at = url_for(".undo", ids=ids, now=state, was=was, featured=featured)
        flash_done(f"{DONE[state]}: {len(changed)}.", undo_at)
    _tell(refused)
    return back


def _tell(refused: list[str]) -> None:
    for refusal in refused[:REFUSALS_TOLD]:
        flash(refusal, "error")
    if (more := len(refused) - REFUSALS_TOLD) > 0:
        flash(f"Others were decided on meanwhile too: {more}.", "error")


def _ticked(texts: list[str]) -> dict[int, int]:
    """What is ticked, number to the last decision that was seen, from texts such as `12.345`."""
    pairs = [tuple(map(keyset.row_number, text.split(".", 1))) for text in texts[:MOST_AT_ONCE] if "." in text]
    return dict(pair for pair in pairs if None not in pair)


def _decide(ticked: dict[int, int], state: str) -> tuple[str, list[int], list[str]]:
    """(the state they were in, those that were changed, why others were not)."""
    was, changed, refused = WAITING, [], []
    for testimonial in listing.by_ids(list(ticked)):
        before = testimonial.state
        try:
            moderation.refuse_outdated(testimonial, seen=ticked[testimonial.id])
            did = VERBS[state](testimonial, by=member().name)
        except Refused as refusal:
            refused.append(str(refusal))
            continue
        if did:
            was = before
            changed.append(testimonial.id)
            record_state(testimonial, before)
    return was, changed, refused


@bp.post("/undo")
def undo():
    """Put those that are in the state `now` back into the one that they were in, and the one that was `featured`
    at the head of the page, where no other is by now."""
    now, was = request.args.get("now"), request.args.get("was")
    named = map(keyset.row_number, request.args.get("ids", "").split(",")[:MOST_AT_ONCE])
    numbers = [number for number in named if number is not None]
    if now not in STATES or was not in STATES or now == was or not numbers:
        abort(400)
    featured = request.args.get("featured") if was == PUBLISHED else None
    try:
        with database.transaction():
            for testimonial in listing.by_ids(numbers):
                if testimonial.state != now:
                    raise DecidedMeanwhile(f"{moderation.called(testimonial)} is {testimonial.state} by now.")
                VERBS[was](testimonial, by=member().name, note="Undone.")
                if str(testimonial.id) == featured and not listing.featured():
                    moderation.feature(testimonial, by=member().name)
                record("undid", "testimonial", testimonial.id, back_to=was)
    except Refused as refusal:
        flash(f"{refusal} Nothing was undone.", "error")
    else:
        flash("Undone.")
    there = len(numbers) == 1 and db.session.get(Testimonial, numbers[0])  # it may have been erased
    return redirect(url_for(".show", testimonial_id=there.id) if there else url_for(".index", state=was), 303)
