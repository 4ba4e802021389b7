"""Noting that a patient is under age: their records are kept for longer (docs/privacy.md)."""

from flask import flash, redirect, url_for
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from ... import clock, database
from ..area import record
from ..calendar import access
from ..forms import StaffForm
from .area import bp

OLDEST = 1900


class MinorForm(StaffForm):
    """The year of birth of a patient under age; empty for everybody else."""

    birth_year = IntegerField("Year of birth", [Optional(), NumberRange(min=OLDEST)])

    def validate_birth_year(self, field):
        # A slip must not keep records for ever.
        if field.data and field.data > clock.today().year:
            raise ValidationError("This year is still to come")


@bp.post("/<int:appointment_id>/birth-year")
def birth_year(appointment_id):
    form = MinorForm()
    if not form.validate_on_submit():
        flash(f"Enter the year of birth as four digits, up to {clock.today().year}, or leave it empty.", "error")
    else:
        with database.transaction():
            appointment = access.appointment(appointment_id)
            appointment.birth_year = form.birth_year.data
            record("noted the year of birth", "appointment", appointment.id)
        flash("Saved. Their records are kept for longer." if form.birth_year.data else "Saved: not under 18.")
    return redirect(url_for(".show", appointment_id=appointment_id), 303)
