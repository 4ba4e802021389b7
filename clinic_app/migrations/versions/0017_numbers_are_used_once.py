"""SQLite gives no number twice to what the audit trail and mails name by number.

Left to itself, SQLite gives the number of the newest row, once that is erased, to the next one; an entry of the
audit trail would then point to another record. AUTOINCREMENT keeps it from that. PostgreSQL never did it.

A table can be given AUTOINCREMENT by writing it anew, which for a large outbox takes long and loses triggers, or
by changing the words of its definition, as SQLite describes under "Making Other Kinds Of Table Schema Changes".
Nothing that is stored changes its form, so rows, indexes, triggers and foreign keys stay as they are.

Revision ID: 0017_numbers_are_used_once
Revises: 0016_backup_runs
"""

from alembic import op

revision = "0017_numbers_are_used_once"
down_revision = "0016_backup_runs"
branch_labels = None
depends_on = None

# What the audit trail calls the rows of each table.
KINDS = {
    "appointments": "appointment",
    "audit_entries": "",
    "enquiries": "enquiry",
    "erasures": "",
    "hours_exceptions": "closure",
    "mail_outbox": "mail",
    "members": "member",
    "pictures": "picture",
    "posts": "post",
    "practitioners": "practitioner",
    "reply_templates": "reply template",
    "services": "service",
    "testimonials": "testimonial",
}
PLAIN, COUNTING = "PRIMARY KEY (id)", "PRIMARY KEY (id AUTOINCREMENT)"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # The table in which SQLite keeps the last numbers comes with the first table that needs it, and stays.
        op.execute("CREATE TABLE brings_sqlite_sequence (id INTEGER PRIMARY KEY AUTOINCREMENT)")
        op.execute("DROP TABLE brings_sqlite_sequence")
        for table, kind in KINDS.items():
            # Numbers that entries name are used, also where the row is erased already.
            op.execute(
                f"INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', max("  # noqa: S608
                f"coalesce((SELECT max(id) FROM {table}), 0), "
                f"coalesce((SELECT max(about_id) FROM audit_entries WHERE kind = '{kind}'), 0))"
            )
        _say_instead(PLAIN, COUNTING)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _say_instead(COUNTING, PLAIN)
        op.execute("DELETE FROM sqlite_sequence")


def _say_instead(old: str, new: str) -> None:
    """Change the words in the definition of each table. The version tells other connections to read them again."""
    connection = op.get_bind()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    for table in KINDS:
        done = connection.exec_driver_sql(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) "
            "WHERE type = 'table' AND name = ? AND instr(sql, ?)",
            (old, new, table, old),
        )
        if done.rowcount != 1:
            raise RuntimeError(f"{table} is not defined as it should be; nothing was changed")
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar()
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
