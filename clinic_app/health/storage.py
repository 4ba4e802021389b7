"""Does the database answer, can it be written to, has it this program's schema, and is its time ours?"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from .. import clock, database, schema
from ..accounts.models import AuditEntry
from ..extensions import db
from ..mail.models import OutboxMail
from ..recovery import left_behind
from .finding import Findings
from .machine import database_bytes, free_bytes

LEAST_FREE = 16 * 1024 * 1024  # bytes: a write-ahead log of the usual size
OFF_BY = timedelta(seconds=5)
FAR_OFF = timedelta(minutes=2)


def trouble() -> str | None:
    """Why the site could not take an enquiry just now; None where it could. Reads, and writes nothing."""
    try:
        if not database.is_sqlite():
            reads_only = db.session.scalar(
                text("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool")
            )
            return "the database takes no changes" if reads_only else None
        db.session.execute(text("SELECT 1 FROM alembic_version"))
    except SQLAlchemyError:
        current_app.logger.exception("The database does not answer")
        return "the database does not answer"
    path = Path(db.engine.url.database)
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return "the database takes no changes"
    return "the disk is full" if free_bytes(path.parent) < LEAST_FREE else None


def find_database() -> Findings:
    """Whether it answers and takes changes; how large it is; whether an earlier one lies beside it."""
    found = Findings("Database")
    if why := trouble():
        return found.fail(
            f"No enquiry can be taken: {why}.", "Look at the disk, its permissions, and the server's log."
        )
    if database.is_sqlite():
        return found.ok(f"SQLite {db.session.scalar(text('SELECT sqlite_version()'))}, {_size()}.")
    if file := left_behind.file():
        _tell_of_file(found, file)
    return found.ok(f"PostgreSQL {db.session.scalar(text('SHOW server_version'))}, {_size()}.")


def _size() -> str:
    return f"{database_bytes() / 1e6:,.1f} MB"


def _tell_of_file(found: Findings, file: Path) -> None:
    if left_behind.is_needed():
        found.fail(*left_behind.words(file))
    else:
        found.warn(
            f"{file} holds records, and the site on PostgreSQL does not use it.",
            "Remove it once you have all that was in it: it holds patients' words.",
        )


def find_schema() -> Findings:
    """Whether the schema is this program's."""
    found = Findings("Schema")
    try:
        waiting = schema.pending_migrations()
    except schema.SchemaMismatch as mismatch:
        return found.fail(str(mismatch), "Do not run this version on this database.")
    if waiting:
        return found.fail(
            f"Migrations are waiting ({len(waiting)}), the last of them {waiting[-1]}.",
            "Run `flask setup`.",
        )
    return found.ok("Up to date.")


def find_clock() -> Findings:
    """Whether this machine's clock agrees with PostgreSQL's, and lies behind nothing that was written."""
    found = Findings("Clock")
    if not database.is_sqlite():
        before = clock.now()
        there = db.session.scalar(text("SELECT clock_timestamp()"))
        _compare(found, there - before, "is {} behind the database server's")
        _compare(found, before - there, "is {} ahead of the database server's")
    if last := _last_written():
        _compare(
            found, last - clock.now(), "is {} behind what was written last: it was set back, or was ahead before"
        )
    return found or found.ok(f"{clock.format_in_full(clock.now())}.")


def _compare(found: Findings, by: timedelta, words: str) -> None:
    if by > OFF_BY:
        told = f"This machine's clock {words.format(f'{by.total_seconds():,.0f} s')}."
        (found.fail if by > FAR_OFF else found.warn)(told, "Have the machine set its clock by the network (NTP).")


def _last_written() -> datetime | None:
    instants = [db.session.scalar(select(func.max(column))) for column in (AuditEntry.at, OutboxMail.created_at)]
    return max((instant for instant in instants if instant), default=None)
