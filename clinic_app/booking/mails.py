"""One mail about an appointment: what it says, and of which state of it."""

from .. import clock
from ..mail import outbox
from . import mail_batch
from .heard import Place, state_of
from .models import Appointment


def written(name, appointment, *, to, calendar=None, reply_to=None, place=None, was=None, **context) -> dict:
    """A mail for `outbox.compose`. It names the `place` (default: where the appointment is); `was` is where it was
    before."""
    place = place or Place.of(appointment)
    return {
        "name": name,
        "to": to,
        "context": {
            "appointment": appointment,
            "when": clock.format_in_full(place.starts_at),
            "place": place,
            "was": was,
            **context,
        },
        "about": ("appointment", appointment.id),
        "calendar": calendar,
        "reply_to": reply_to,
    }


def event_of(appointment: Appointment, key: str) -> str:
    """What tells it from all other mails to the same address; `key` is what happened."""
    return f"{state_of(appointment.uid, appointment.sequence)}: {key}"


def enqueue(appointment: Appointment, key: str, written: dict) -> None:
    """Queue the mail, for the change being made."""
    batch = mail_batch.current()
    mail_id = outbox.enqueue(**written, event=event_of(appointment, key), not_before=batch.not_before)
    batch.mail_ids.append(mail_id)
