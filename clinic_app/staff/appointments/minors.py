"""Noting that a patient is under age: their records are kept for longer (docs/privacy.md)."""

from flask import current_app, flash, redirect, url_for
from wtforms import IntegerField
from wtforms.validators import Optional, ValidationError

from ... import clock, database
from ...booking.locks import lock_appointment
from ...booking.models import Appointment
from ..area import record
from ..calendar import access
from ..contact_form import ANONYMOUS
from ..meanwhile import ChangeForm, SavedMeanwhile
from .area import bp

OF_AGE = 18


class MinorForm(ChangeForm):
    """The year of birth of a patient under age, within reason; empty for everybody else."""

    birth_year = IntegerField("Year of birth", [Optional()])

    def __init__(self, appointment: Appointment, **options):
        super().__init__(data={"birth_year": appointment.birth_year}, **options)
        seen_in = clock.local(appointment.starts_at).year
        self.first, self.last = seen_in - OF_AGE, clock.today().year
        until = current_app.config["CLINIC"].keep_minors_until_age
        self.birth_year.description = (
            f"Only for patients under {OF_AGE}. We keep their details at least until they turn {until}."
        )

    def validate_birth_year(self, field):
        # A slip must not keep records for ever.
        if field.data is not None and not self.first <= field.data <= self.last:
            raise ValidationError("Nobody born in this year was under age")


@bp.post("/<int:appointment_id>/birth-year")
def birth_year(appointment_id):
    form = MinorForm(access.appointment(appointment_id))
    if not form.validate_on_submit():
        said = f"Enter the year of birth as four digits, from {form.first} to {form.last}, or leave it empty."
        flash(f"{said} Patients born earlier are not under {OF_AGE}.", "error")
    else:
        try:
            with database.transaction():
                lock_appointment(appointment := access.appointment(appointment_id))
                flash(*_save(appointment, form))
        except SavedMeanwhile:
            flash("Nothing was saved: someone else has changed the year of birth meanwhile.", "error")
    return redirect(url_for(".show", appointment_id=appointment_id), 303)


def _save(appointment: Appointment, form: MinorForm) -> tuple:
    """Do it; gives what to flash. Raises SavedMeanwhile."""
    if appointment.is_anonymous:
        return ANONYMOUS, "error"
    form.refuse_outdated(MinorForm(appointment, formdata=None))
    appointment.birth_year = form.birth_year.data
    record("noted the year of birth", "appointment", appointment.id)
    return ("Saved. Their records are kept for longer." if form.birth_year.data else "Saved: not under 18.",)
