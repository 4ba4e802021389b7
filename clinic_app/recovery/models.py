"""The table of backups."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Base
from ..types import UTCDateTime


class BackupRun(Base):
    """One backup that was begun. It failed where `error` says why; without an end it is at work or was killed.

    `slot` is the stretch of time that a scheduled backup is for, which one server only can take. Instants are UTC.
    """

    __tablename__ = "backup_runs"
    __table_args__ = (
        UniqueConstraint("slot", name="one_backup_for_each_slot"),
        Index("ix_backup_runs_started_at", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[str | None] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    file_name: Mapped[str] = mapped_column(Text)
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    encrypted: Mapped[bool]
    verified: Mapped[str] = mapped_column(Text)  # how
    error: Mapped[str] = mapped_column(Text)
