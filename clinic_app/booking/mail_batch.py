"""The mails that one change queues: gathered, so that they can be taken back together, and held if told so."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from .. import clock


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


_current: ContextVar[Batch | None] = ContextVar("mail_batch", default=None)


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
