"""The mails about appointments: what each says, and which of them one change queues.

Those of a change are gathered, so that they can be held and taken back together.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from .. import clock
from ..mail import outbox
from .heard import Place, state_of
from .models import Appointment


@dataclass
class Batch:
    """What a change queued, gave up and took back.

    It is made at the instant `at`, and its mails do not go before `not_before`; both are aware.
    """

    not_before: datetime | None = None
    at: datetime = field(default_factory=clock.now)
    mail_ids: list[int] = field(default_factory=list)
    given_up_ids: list[int] = field(default_factory=list)
    reminder_taken_back: bool = False


_current: ContextVar[Batch | None] = ContextVar("mails_of_a_change", default=None)


@contextmanager
def gathering(not_before: datetime | None, *, at: datetime) -> Iterator[Batch]:
    """Hold all mails of appointments that the block queues until then, and tell which they were."""
    token = _current.set(Batch(not_before, at))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def current() -> Batch:
    """The batch of the change being made; one that nobody looks at where there is no change."""
    return _current.get() or Batch()


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
    batch = current()
    mail_id = outbox.enqueue(**written, event=event_of(appointment, key), not_before=batch.not_before)
    batch.mail_ids.append(mail_id)
