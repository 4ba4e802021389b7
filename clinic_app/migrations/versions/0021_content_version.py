"""The version of what public pages show, and the triggers by which any write to it changes it.

A later migration that alters one of these tables in SQLite's batch mode copies it, and copies lose triggers: it
must make them again. `tests/test_content_version.py` writes to each of them.

Revision ID: 0021_content_version
Revises: 0020_growth
"""

import sqlalchemy as sa
from alembic import op

revision = "0021_content_version"
down_revision = "0020_growth"
branch_labels = None
depends_on = None

# Each table that pages show something of, and the columns of which, where it is not all. What of an appointment
# decides which times are free does; whose it is does not.
SHOWN = {
    "appointments": "practitioner_id, status, starts_at, busy_until",
    "authors": "",
    "hours_exceptions": "",
    "offerings": "",
    "post_tags": "",
    "posts": "",
    "practitioners": "",
    "services": "",
    "tags": "",
    "testimonials": "",
    "working_hours": "",
}

SQLITE_TRIGGER = """
CREATE TRIGGER {table}_change_content_on_{event} AFTER {event}{columns} ON {table}
BEGIN
  UPDATE content_version SET version = random();
END
"""

# The version is the number of the transaction that changed it last, which no other transaction ever has. It is
# written once a transaction, however many rows that changes.
POSTGRESQL_FUNCTION = """
CREATE FUNCTION content_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE content_version SET version = pg_current_xact_id()::text::bigint
  WHERE version <> pg_current_xact_id()::text::bigint;
  RETURN NULL;
END
$$
"""

# Deferred, so that the row is locked at the commit only: writers wait for each other no longer than that takes.
POSTGRESQL_TRIGGER = """
CREATE CONSTRAINT TRIGGER {table}_change_content AFTER INSERT OR DELETE OR UPDATE{columns} ON {table}
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION content_changed()
"""


def upgrade() -> None:
    op.create_table(
        "content_version",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_content_version"),
        sa.CheckConstraint("id = 1", "content_has_one_version"),
    )
    op.execute("INSERT INTO content_version (id, version) VALUES (1, 0)")
    if is_postgresql():
        op.execute(POSTGRESQL_FUNCTION)
    for table, columns in SHOWN.items():
        make_triggers(table, f" OF {columns}" if columns else "")


def make_triggers(table: str, columns: str) -> None:
    """Let every write to the table change the version; an update, only one of these columns."""
    if is_postgresql():
        op.execute(POSTGRESQL_TRIGGER.format(table=table, columns=columns))
        return
    for event in ("insert", "update", "delete"):
        only = columns if event == "update" else ""
        op.execute(SQLITE_TRIGGER.format(table=table, event=event, columns=only))


def downgrade() -> None:
    for table in SHOWN:
        if is_postgresql():
            op.execute(f"DROP TRIGGER {table}_change_content ON {table}")
            continue
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_change_content_on_{event}")
    if is_postgresql():
        op.execute("DROP FUNCTION content_changed()")
    op.drop_table("content_version")


def is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
