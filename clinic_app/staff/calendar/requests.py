"""The requests that wait: for us to confirm them, or for their patients to choose one of the times we offered."""

from flask import render_template, request
from sqlalchemy import select

from ... import clock
from ...booking import requests as domain
from ...booking.models import STANDINGS, Appointment
from ...booking.urgency import OVERDUE
from ...extensions import db
from ...lists import keyset
from ...lists.counting import WORTH_TELLING, counted
from .. import waiting
from ..area import member
from .area import bp

LISTS = {"requested": domain.waiting, "offered": domain.offered}
SOONEST_FIRST = (Appointment.starts_at, Appointment.id)


@bp.get("/requests")
def requests():
    state = request.args.get("state", "")
    state = state if state in LISTS else "requested"
    now, only = clock.now(), waiting.bound_to(member())
    lists = {name: query(practitioner_id=only, now=now) for name, query in LISTS.items()}
    order = SOONEST_FIRST if state == "offered" else (Appointment.urgency, *SOONEST_FIRST)
    return render_template(
        "staff/calendar/requests.html",
        page=keyset.page(lists[state], order=order, at=request.args.get("at")),
        tabs={name: STANDINGS[name] for name in LISTS},
        tab=state,
        counts=_counts(lists),
        counted=WORTH_TELLING,
        now=now,
        OVERDUE=OVERDUE,
    )


def _counts(lists: dict) -> dict[str, int]:
    """How many there are in each list, up to WORTH_TELLING."""
    parts = [counted(query, Appointment.id, up_to=WORTH_TELLING) for query in lists.values()]
    return dict(zip(lists, db.session.execute(select(*parts)).one(), strict=True))
