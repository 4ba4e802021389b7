"""Noting that a patient is under age: their records are kept for longer (docs/privacy.md)."""

from flask import flash, redirect, url_for
from wtforms import IntegerField
from wtforms.validators import Optional, ValidationError

from ... import clock, database
from ..area import record
from ..calendar import access
from ..forms import StaffForm
from .area import bp

OF_AGE = 18


class MinorForm(StaffForm):
    """The year of birth of a patient under age, one of the `years`; empty for everybody else."""

    birth_year = IntegerField("Year of birth", [Optional()])

    def __init__(self, years: range):
        super().__init__()
        self.years = years

    def validate_birth_year(self, field):
        # A slip must not keep records for ever.
        if field.data is not None and field.data not in self.years:
            raise ValidationError("Nobody born in this year was under age")


@bp.post("/<int:appointment_id>/birth-year")
def birth_year(appointment_id):
    seen_in = clock.local(access.appointment(appointment_id).starts_at).year
    first, last = seen_in - OF_AGE, clock.today().year
    form = MinorForm(range(first, last + 1))
    if not form.validate_on_submit():
        said = f"Enter the year of birth as four digits, from {first} to {last}, or leave it empty."
        flash(f"{said} Patients born earlier are not under {OF_AGE}.", "error")
    else:
        with database.transaction():
            appointment = access.appointment(appointment_id)
            appointment.birth_year = form.birth_year.data
            record("noted the year of birth", "appointment", appointment.id)
        flash("Saved. Their records are kept for longer." if form.birth_year.data else "Saved: not under 18.")
    return redirect(url_for(".show", appointment_id=appointment_id), 303)
