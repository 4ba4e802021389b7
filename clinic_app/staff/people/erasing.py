"""Erasing what is held of a person, or making it anonymous, after seeing what goes and what stays."""

import math
from collections.abc import Collection

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select

from ... import clock, database
from ...booking import privacy as appointments
from ...lists import keyset
from ...lists.counting import how_many
from ...people import beside_backups, erasing, finding
from ...people.erasing import Decision
from ...people.identities import Identity
from ...people.models import ANONYMOUS, ERASED, REASONS, Erasure
from ..area import member, needs, record
from .area import bp, record_about, whose
from .forms import ErasingForm

DONE = {ANONYMOUS: "made anonymous", ERASED: "erased"}
THINGS = {
    "enquiries": ("enquiry", "enquiries"),
    "appointments": ("appointment", "appointments"),
    "mails": ("email", "emails"),
    "testimonials": ("testimonial", "testimonials"),
}


@bp.route("/<token>/erase", methods=["GET", "POST"])
@needs("erase")
def erase(token):
    identities, form = whose(token), ErasingForm()
    if form.validate_on_submit() and (counts := _erased(identities, form)):
        done = "Made anonymous" if form.kind.data == ANONYMOUS else "Erased"
        flash(f"{done}: {in_words(counts)}.")
        return redirect(url_for(".index"), 303)
    return _page(token, identities, form)


@bp.get("/erasures")
@needs("erase")
def erasures():
    page = keyset.page(
        select(Erasure), order=(Erasure.erased_at.desc(), Erasure.id.desc()), at=request.args.get("at")
    )
    return render_template("staff/people/erasures.html", page=page, reasons=REASONS, in_words=in_words)


def in_words(counts: dict[str, int]) -> str:
    """`1 enquiry, 2 appointments and 15 emails`; `nothing`."""
    told = [how_many(count, *words) for name, words in THINGS.items() if (count := counts.get(name))]
    return " and ".join(filter(None, [", ".join(told[:-1]), *told[-1:]])) or "nothing"


def _erased(identities: Collection[Identity], form: ErasingForm) -> dict[str, int] | None:
    """How many of what was erased; None where it was refused, which the form says."""
    decision = Decision(
        **form.why(),
        kind=form.kind.data,
        checked=form.checked.data,
        member_id=member().id,
        member_name=member().name,
    )
    try:
        with database.transaction():
            erasure = erasing.erase(identities, decision)
            record(DONE[erasure.kind], "erasure", erasure.id, **erasure.counts)
            counts = erasure.counts
        beside_backups.keep()
        return counts
    except erasing.NamesThePerson as refusal:
        form.refuse_remark(refusal)
    except erasing.StillToBeKept:
        form.checked.errors = ["Confirm that no law asks us to keep this, or that our clinical records have it"]
    except erasing.StillToBeTold as refusal:
        form.form_errors.append(
            "What was just cancelled or answered is told by email, which is held for a moment in case you undo it."
            f" Press the button again in {math.ceil((refusal.until - clock.now()).total_seconds())} seconds"
        )
    except erasing.ChangedMeanwhile:
        form.form_errors.append("Something has come in or gone since you opened this page. See what is held now")
    except (erasing.AppointmentsToCome, erasing.NothingHeld):
        pass  # the page says so by itself
    return None


def _page(token: str, identities: Collection[Identity], form: ErasingForm) -> str:
    person = finding.find(identities)
    with database.transaction():
        record_about("opened", person, what="erasing what is held")
    form.seen.data = person.fingerprint
    now = clock.now()
    return render_template(
        "staff/people/erase.html",
        token=token,
        person=person,
        form=form,
        names=sorted(person.names()),
        to_come=appointments.to_come(person.appointments, now=now),
        is_young=erasing.may_have_to_be_kept(person, now=now),
        held=in_words({name: len(getattr(person, name)) for name in THINGS}),
    )
