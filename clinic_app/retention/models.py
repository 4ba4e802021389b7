"""Tables of retention: how far the purge is, and the register of what it removed."""

from datetime import datetime

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import db
from ..types import UTCDateTime


class Purge(db.Model):
    """The purge under way, or the last one: a single row. `counts` says how many of what it has removed so far,
    `places` (instant, number) how far it has looked through each kind."""

    __tablename__ = "purges"

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    places: Mapped[dict[str, list] | None] = mapped_column(JSON)


class Disposal(db.Model):
    """Whose appointments were removed at the end of their time, and of which period.

    Laws of New South Wales (Health Records and Information Privacy Act 2002, s 25(2)) and Victoria (Health Records
    Act 2001, HPP 4.3) ask for such a note: the name, the period and the day.
    """

    __tablename__ = "disposals"
    __table_args__ = (Index("ix_disposals_disposed_at", "disposed_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    first_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
    disposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
