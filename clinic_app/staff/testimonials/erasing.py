"""Erasing a testimonial for good, after seeing what goes, what stays, and what would be less."""

from flask import flash, redirect, render_template, url_for

from ... import database
from ...people import beside_backups, erasing, finding
from ...people.erasing import Decision
from ...people.models import ERASED
from ...testimonials import listing
from ...testimonials.models import Testimonial
from ..area import member, needs, record, row
from ..gone import Gone
from .area import bp
from .forms import ErasingForm
from .pages import ALIKE_SHOWN


@bp.route("/<int:testimonial_id>/erase", methods=["GET", "POST"])
@needs("erase")
def erase(testimonial_id):
    testimonial, form = row(Testimonial, testimonial_id), ErasingForm()
    state = testimonial.state
    if form.validate_on_submit() and _is_erased(testimonial_id, form):
        flash(f"Erased: testimonial {testimonial_id}, with its history.")
        return redirect(url_for(".index", state=state), 303)
    return _page(row(Testimonial, testimonial_id), form)


def _is_erased(number: int, form: ErasingForm) -> bool:
    """Erase it, write it down, and note it beside the backups; where that is refused, the form says why.

    Raises Gone.
    """
    decision = Decision(**form.why(), kind=ERASED, member_id=member().id, member_name=member().name)
    try:
        with database.transaction():
            erasure = erasing.erase_testimonial(number, decision)
            record("erased", "testimonial", number, erasure=erasure.id)
    except erasing.NothingHeld:
        raise Gone from None
    except erasing.NamesThePerson as refusal:
        form.refuse_remark(refusal)
    except erasing.ChangedMeanwhile:
        form.form_errors.append(
            "Somebody has decided on it, or corrected it, since you opened this page. See how it stands now"
        )
    else:
        beside_backups.keep()
        return True
    return False


def _page(testimonial: Testimonial, form: ErasingForm) -> str:
    form.seen.data = finding.of_records(testimonials=[testimonial.id]).fingerprint
    alike = listing.group(testimonial, limit=ALIKE_SHOWN)
    return render_template(
        "staff/testimonials/erase.html",
        testimonial=testimonial,
        form=form,
        others=[other for other in alike if other is not testimonial],
    )
