"""What a new clinic has still to do, each step ticked once the data show that it is done."""

from functools import cache
from typing import NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, exists, false, func, literal, or_, select

from ..accounts.models import AuditEntry, Member
from ..booking.models import Practitioner, Service, WorkingHours
from ..extensions import db
from ..health import examples, settings
from ..mail.models import OutboxMail
from ..site_folder import STARTER


class Step(NamedTuple):
    """One thing to do, and where; what is optional holds nothing up."""

    endpoint: str
    label: str
    about: str
    is_done: bool = False
    is_optional: bool = False


def steps() -> list[Step]:
    """The steps in their order; none once all that is not optional is done. One query."""
    done = db.session.execute(select(*_signs().values())).one()._mapping
    found = [Step(**words, is_done=bool(done[name])) for name, words in STEPS.items()]
    return found if any(not step.is_done and not step.is_optional for step in found) else []


def _signs() -> dict[str, ColumnElement]:
    """By what each step is known to be done. Changing what `make run` brought counts as well as adding."""
    own = Practitioner.slug.not_in(_starter("practitioners"))
    has_server = current_app.config["CLINIC"].mail_server  # without one, a sent mail is a file
    signs = {
        "name": literal(not settings.still_examples()),
        "practitioners": or_(exists().where(own), _was_saved("practitioner")),
        "hours": or_(
            exists().where(WorkingHours.practitioner_id == Practitioner.id, own),
            exists().where(AuditEntry.action == "changed the hours of"),
        ),
        "services": or_(exists().where(Service.slug.not_in(_starter("services"))), _was_saved("service")),
        "examples": ~or_(*(query.exists() for query in examples.shown().values())),
        "mail": exists().where(OutboxMail.state == "sent") if has_server else false(),
        "colleagues": select(func.count() > 1).select_from(Member).scalar_subquery(),
    }
    return {name: sign.label(name) for name, sign in signs.items()}


def _was_saved(kind: str) -> ColumnElement:
    return exists().where(AuditEntry.kind == kind, AuditEntry.action.in_(("added", "changed")))


@cache
def _starter(kind: str) -> tuple[str, ...]:
    return tuple(path.stem for path in (STARTER / kind).glob("*.md"))


STEPS = {
    "name": {
        "endpoint": "staff.health.index",
        "label": "Name your clinic",
        "about": "Its phone number, email address and postal address, too. They stand in the file "
        "instance/clinic.toml on the server, which the site reads as it starts; Health tells which are still an "
        "example’s.",
    },
    "practitioners": {
        "endpoint": "staff.practitioners.index",
        "label": "Say who works here",
        "about": "Patients see their names, photos and words, and book with them.",
    },
    "hours": {
        "endpoint": "staff.calendar.hours_of_all",
        "label": "Set their hours",
        "about": "They are what can be booked online.",
    },
    "services": {
        "endpoint": "staff.services.index",
        "label": "Say what you offer",
        "about": "Each service with its length and price.",
    },
    "examples": {
        "endpoint": "staff.practitioners.index",
        "label": "Take the examples away",
        "about": "Patients see made-up practitioners, and can book them, until you remove them here. Services and "
        "posts that came along are there to be changed, retired or unpublished.",
    },
    "mail": {
        "endpoint": "staff.mail.test",
        "label": "Send a test email",
        "about": "So that confirmations, reminders and replies reach people.",
    },
    "colleagues": {
        "endpoint": "staff.team.invite",
        "label": "Invite your colleagues",
        "about": "Each with the rights that their work needs.",
        "is_optional": True,
    },
}
