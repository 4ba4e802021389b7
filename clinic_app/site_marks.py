"""What the site remembers, in its database, of how it ran: settings and keys are elsewhere, and get lost."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from . import clock
from .extensions import db
from .types import UTCDateTime

MAIL_SERVER = "mail server"  # emails went by one, or the site was restored: none is written as a file any more


class SiteMark(db.Model):
    """One thing to remember, and since when (UTC)."""

    __tablename__ = "site_marks"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    kept_at: Mapped[datetime] = mapped_column(UTCDateTime)


def find(name: str) -> SiteMark | None:
    """What is remembered under this name."""
    return db.session.get(SiteMark, name)


def keep(name: str, value: str = "") -> None:
    """Remember this value from now on. Where it is remembered already, its instant stays as it is. Flushes."""
    mark = find(name)
    if mark is None or mark.value != value:
        db.session.merge(SiteMark(name=name, value=value, kept_at=clock.now()))
        db.session.flush()


def forget(name: str) -> None:
    """Remember it no more. Flushes."""
    if mark := find(name):
        db.session.delete(mark)
        db.session.flush()
