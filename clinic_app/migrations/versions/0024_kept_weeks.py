"""Figures of past weeks, and the triggers that take a week's away when something counted in it changes.

A later migration that alters `appointments` or `enquiries` in SQLite's batch mode copies it, and copies lose
triggers: it must make them again. `tests/times/test_kept_weeks.py` writes to both.

Revision ID: 0024_kept_weeks
Revises: 0023_purges_places
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0024_kept_weeks"
down_revision = "0023_purges_places"
branch_labels = None
depends_on = None

# What is counted: the table of its weeks, the instant that says in which one, and what else says how.
COUNTED = {
    "appointments": ("appointment_weeks", "starts_at", "status"),
    "enquiries": ("enquiry_weeks", "received_at", "state, first_answered_at"),
}

# A week is never longer than eight days: so no more than two rows are looked at, however many there are.
SQLITE_TRIGGER = """
CREATE TRIGGER {table}_forget_week_on_{event}_{row} AFTER {event}{columns} ON {table}
BEGIN
  DELETE FROM {weeks} WHERE starts_at <= {row}.{at} AND ends_at > {row}.{at}
    AND starts_at > datetime({row}.{at}, '-8 days');
END
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION {table}_forget_week() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM {weeks} WHERE starts_at <= OLD.{at} AND ends_at > OLD.{at}
      AND starts_at > OLD.{at} - interval '8 days';
  END IF;
  IF TG_OP <> 'DELETE' THEN
    DELETE FROM {weeks} WHERE starts_at <= NEW.{at} AND ends_at > NEW.{at}
      AND starts_at > NEW.{at} - interval '8 days';
  END IF;
  RETURN NULL;
END
$$
"""

POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_forget_week AFTER INSERT OR DELETE OR UPDATE{columns} ON {table}
FOR EACH ROW EXECUTE FUNCTION {table}_forget_week()
"""
EVENTS = (("insert", "new"), ("delete", "old"), ("update", "old"), ("update", "new"))


def upgrade() -> None:
    make_table(
        "appointment_weeks",
        sa.Column("statuses", sa.JSON, nullable=False),
        sa.Column("hours", sa.JSON, nullable=False),
    )
    make_table(
        "enquiry_weeks",
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("spam", sa.Integer, nullable=False),
        sa.Column("waits", sa.LargeBinary, nullable=False),
    )
    for table, (weeks, at, others) in COUNTED.items():
        make_triggers(table=table, weeks=weeks, at=at, columns=f" OF {at}, {others}")


def make_table(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column("starts_at", UTCDateTime, nullable=False),
        sa.Column("ends_at", UTCDateTime, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("starts_at", name=f"pk_{name}"),
    )


def make_triggers(*, columns: str, **names: str) -> None:
    if is_postgresql():
        op.execute(POSTGRESQL_FUNCTION.format(**names))
        op.execute(POSTGRESQL_TRIGGER.format(columns=columns, **names))
        return
    for event, row in EVENTS:
        only = columns if event == "update" else ""
        op.execute(SQLITE_TRIGGER.format(event=event, row=row, columns=only, **names))


def downgrade() -> None:
    for table, (weeks, _, _) in COUNTED.items():
        if is_postgresql():
            op.execute(f"DROP TRIGGER {table}_forget_week ON {table}")
            op.execute(f"DROP FUNCTION {table}_forget_week()")
        else:
            for event, row in EVENTS:
                op.execute(f"DROP TRIGGER {table}_forget_week_on_{event}_{row}")
        op.drop_table(weeks)


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
