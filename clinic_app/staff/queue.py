"""The page to open in the morning: what waits, and today's appointments."""

from flask import Blueprint, render_template

from .. import clock
from ..accounts import members
from ..accounts.roles import CALENDARS
from ..booking import agenda
from . import first_steps, waiting
from .area import member

bp = Blueprint("queue", __name__)


@bp.get("")
def index():
    return render_template(
        "staff/queue.html",
        tasks=waiting.tasks(member()),
        steps=first_steps.steps() if members.OWNER in member().role_names else [],
        more=waiting.more(member()),
        today=_today(),
        day=clock.today(),
    )


def _today() -> list[agenda.PractitionersDay] | None:
    """Today's calendars that the member sees, of who works or has appointments; None where they see none."""
    if not member().may(*CALENDARS):
        return None
    only, today = waiting.bound_to(member()), clock.today()
    people = [person for person in agenda.people(today, today) if only in (None, person.id)]
    days = agenda.load(people, today, today)[today]
    return [day for day in days if day.appointments or day.open]
