"""The mails that one change queues: gathered, so that they can be taken back together, and held if told so."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Batch:
    """What a change queued, gave up and took back; its mails do not go before `not_before`, an aware instant."""

    not_before: datetime | None = None
    mail_ids: list[int] = field(default_factory=list)
    given_up_ids: list[int] = field(default_factory=list)
    reminder_taken_back: bool = False


_current: ContextVar[Batch | None] = ContextVar("mail_batch", default=None)


@contextmanager
def gathering(not_before: datetime | None) -> Iterator[Batch]:
    """Hold all mails of appointments that the block queues until then, and tell which they were."""
    token = _current.set(Batch(not_before))
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def current() -> Batch:
    """The batch of the change being made; one that nobody looks at where there is no change."""
    return _current.get() or Batch()
