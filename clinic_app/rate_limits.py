"""How often one visitor may do a thing, counted in the database, so that all servers count together.

Counting is part of the caller's transaction: what is rolled back was not done. Windows are fixed: the first
event opens one, and it lasts as long as the limit says. Keys are hashed with the secret key: the table holds no
addresses.

A visitor with IPv6 is a network of 64 bits. One customer may hold a network of 48 bits (RFC 6177), which is 65,536
of those. So each event counts for the 48-bit network around the visitor too, whose limit is WIDER times as high.
"""

import ipaddress
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Index, String, bindparam, case, delete, or_, update
from sqlalchemy.orm import Mapped, mapped_column

from . import clock, database
from .extensions import db
from .keys import secret_key
from .types import UTCDateTime

WIDER = 5


class TooOften(Exception):
    """The limit is reached, and holds until the instant `ends_at` (in UTC)."""

    def __init__(self, ends_at: datetime):
        super().__init__(ends_at)
        self.ends_at = ends_at


class RateLimitCount(db.Model):
    """How many events of one kind by one visitor lie in the window that ends at `ends_at`."""

    __tablename__ = "rate_limit_counts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (Index("ix_rate_limit_counts_ends_at", "ends_at"),)


def hit(action: str, visitor: str, limits: str) -> None:
    """Count one more; `limits` are such as `5 per 10 minutes; 20 per day`.

    Raises TooOften when one of the limits was reached already, and tells when the last of these ends, unless the
    setting `rate_limits` is "off".
    """
    if current_app.config["CLINIC"].rate_limits == "off":
        return
    reached = []
    for key, most, length in _windows(action, visitor, limits):
        count, ends_at = _count(key, length)
        if count > most:
            reached.append(ends_at)
    if reached:
        raise TooOften(max(reached))


def take_back(action: str, visitor: str, limits: str) -> None:
    """Count one less, for what turned out not to count, such as a password that was right."""
    for key, _, _ in _windows(action, visitor, limits):
        same = (RateLimitCount.key == key) & (RateLimitCount.ends_at > clock.now())
        less = update(RateLimitCount).where(same, RateLimitCount.count > 0)
        db.session.execute(less.values(count=RateLimitCount.count - 1))


def forget(action: str, visitor: str, limits: str) -> None:
    """Begin afresh for this visitor."""
    for key, _, _ in _windows(action, visitor, limits):  # one by one, so that they are locked in the order of hits
        db.session.execute(delete(RateLimitCount).where(RateLimitCount.key == key))


def is_over() -> ColumnElement[bool]:
    """SQL: the window has ended, and its row is of no use any more."""
    return RateLimitCount.ends_at <= clock.now()


def _windows(action: str, visitor: str, limits: str) -> Iterator[tuple[str, int, timedelta]]:
    """(key, how many events may lie in it, how long it is) of each that an event counts in, shared ones last."""
    from limits import parse_many  # slow to load, so with the first form that counts

    parsed = parse_many(limits)
    for who, times in ((visitor, 1), (_network_around(visitor), WIDER)):
        for limit in parsed if who else ():
            key = secret_key.digest(limit.key_for(action, who))
            yield key, limit.amount * times, timedelta(seconds=limit.get_expiry())


def _network_around(visitor: str) -> str | None:
    """The network of 48 bits around the visitor's, where that is one of 64."""
    try:
        network = ipaddress.IPv6Network(visitor)
    except ValueError:
        return None
    return str(network.supernet(new_prefix=48)) if network.prefixlen == 64 else None


def _count(key: str, length: timedelta) -> tuple[int, datetime]:
    """How many events lie in the window now, and when it ends."""
    now = clock.now()
    window = {"key": key, "count": 1, "ends_at": now + length, "now": now, "too_far": now + 2 * length}
    return db.session.execute(_counting(), window).one()


@database.made_once
def _counting():
    new = database.upsert(RateLimitCount.__table__)
    ends_at = RateLimitCount.ends_at
    # What ends later than any window can was begun by a clock that was wrong; servers' clocks may differ a little.
    ended = or_(ends_at <= bindparam("now"), ends_at > bindparam("too_far"))
    return new.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": case((ended, 1), else_=RateLimitCount.count + 1),
            "ends_at": case((ended, new.excluded.ends_at), else_=ends_at),
        },
    ).returning(RateLimitCount.count, RateLimitCount.ends_at)
