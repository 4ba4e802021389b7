"""Threads of enquiries, reply templates, their search; mails that a person gave up.

Revision ID: 0013_enquiry_threads
Revises: 0012_appointment_changes
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.enquiries.words import index_words
from clinic_app.types import UTCDateTime

revision = "0013_enquiry_threads"
down_revision = "0012_appointment_changes"
branch_labels = None
depends_on = None

# `ascii` takes every character beyond ASCII as part of a word: the words come folded already (enquiries.words).
SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE enquiry_search USING fts5("
    "words, content='enquiry_words', content_rowid='enquiry_id', tokenize='ascii')",
    "CREATE TRIGGER enquiry_words_are_indexed AFTER INSERT ON enquiry_words BEGIN "
    "INSERT INTO enquiry_search (rowid, words) VALUES (new.enquiry_id, new.words); END",
    "CREATE TRIGGER deleted_enquiry_words_leave_the_index AFTER DELETE ON enquiry_words BEGIN "
    "INSERT INTO enquiry_search (enquiry_search, rowid, words) VALUES ('delete', old.enquiry_id, old.words); END",
    "CREATE TRIGGER changed_enquiry_words_are_indexed AFTER UPDATE ON enquiry_words BEGIN "
    "INSERT INTO enquiry_search (enquiry_search, rowid, words) VALUES ('delete', old.enquiry_id, old.words); "
    "INSERT INTO enquiry_search (rowid, words) VALUES (new.enquiry_id, new.words); END",
)
# array_to_tsvector takes words as they are: PostgreSQL's own parser would break and fold them its own way.
POSTGRESQL_INDEX = (
    "CREATE INDEX enquiry_words_search ON enquiry_words "
    "USING gin (array_to_tsvector(string_to_array(words, ' ')))",
)
SEARCHED = ("name", "email", "phone", "reference", "message")
BATCH = 1_000


def upgrade() -> None:
    _widen_enquiries()
    _create_tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_INDEX if sqlite else POSTGRESQL_INDEX:
        op.execute(statement)
    _index_what_is_there()
    op.add_column("mail_outbox", sa.Column("given_up_at", UTCDateTime(), nullable=True))
    op.create_index("ix_mail_outbox_state_id", "mail_outbox", ["state", "id"])
    op.create_index("ix_mail_outbox_to_address", "mail_outbox", ["to_address", "id"])


def _widen_enquiries() -> None:
    op.add_column("enquiries", sa.Column("email_key", sa.String(254), nullable=False, server_default=""))
    op.add_column("enquiries", sa.Column("first_answered_at", UTCDateTime(), nullable=True))
    op.add_column("enquiries", sa.Column("closed_at", UTCDateTime(), nullable=True))
    # With its constraint in one statement, which SQLite takes too, and keeps the table as it is.
    op.execute(
        "ALTER TABLE enquiries ADD COLUMN owner_id INTEGER "
        "CONSTRAINT fk_enquiries_owner_id_members REFERENCES members (id)"
    )
    op.execute("UPDATE enquiries SET email_key = lower(email)")
    op.drop_index("ix_enquiries_state_received_at", "enquiries")
    op.create_index("ix_enquiries_state_received_at", "enquiries", ["state", "received_at", "id"])
    op.create_index(
        "ix_enquiries_owner_id_state_received_at", "enquiries", ["owner_id", "state", "received_at", "id"]
    )
    op.create_index("ix_enquiries_received_at", "enquiries", ["received_at", "id"])
    op.create_index("ix_enquiries_email_key", "enquiries", ["email_key"])
    op.create_index("ix_enquiries_phone", "enquiries", ["phone"])


def _create_tables() -> None:
    op.create_table(
        "enquiry_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enquiry_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(200), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("form_key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_enquiry_entries"),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiries.id"], name="fk_enquiry_entries_enquiry_id_enquiries", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name="fk_enquiry_entries_author_id_members"),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mail_outbox.id"], name="fk_enquiry_entries_mail_id_mail_outbox", ondelete="SET NULL"
        ),
        sa.UniqueConstraint("enquiry_id", "form_key", name="one_entry_per_form"),
        sa.CheckConstraint(
            "kind IN ('note', 'call', 'reply', 'assigned', 'closed', 'reopened', 'spam', 'not spam')",
            name="entries_are_of_a_known_kind",
        ),
    )
    op.create_index("ix_enquiry_entries_mail_id", "enquiry_entries", ["mail_id"])
    op.create_table(
        "reply_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reply_templates"),
        sa.UniqueConstraint("name", name="templates_have_their_own_names"),
    )
    op.create_table(
        "enquiry_words",
        sa.Column("enquiry_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("enquiry_id", name="pk_enquiry_words"),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiries.id"], name="fk_enquiry_words_enquiry_id_enquiries", ondelete="CASCADE"
        ),
    )


def _index_what_is_there() -> None:
    """Give each enquiry its words, a batch at a time."""
    connection, last = op.get_bind(), 0
    enquiries = sa.table("enquiries", sa.column("id"), *(sa.column(name) for name in SEARCHED))
    words = sa.table("enquiry_words", sa.column("enquiry_id"), sa.column("words"))
    while rows := connection.execute(
        sa.select(enquiries).where(enquiries.c.id > last).order_by(enquiries.c.id).limit(BATCH)
    ).all():
        connection.execute(
            words.insert(),
            [
                {"enquiry_id": row.id, "words": index_words(**{name: getattr(row, name) for name in SEARCHED})}
                for row in rows
            ],
        )
        last = rows[-1].id


def downgrade() -> None:
    op.drop_index("ix_mail_outbox_to_address", "mail_outbox")
    op.drop_index("ix_mail_outbox_state_id", "mail_outbox")
    op.drop_column("mail_outbox", "given_up_at")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE enquiry_search")
    for table in ("enquiry_words", "reply_templates", "enquiry_entries"):
        op.drop_table(table)
    for index in ("phone", "email_key", "received_at", "owner_id_state_received_at", "state_received_at"):
        op.drop_index(f"ix_enquiries_{index}", "enquiries")
    op.create_index("ix_enquiries_state_received_at", "enquiries", ["state", "received_at"])
    for column in ("owner_id", "closed_at", "first_answered_at", "email_key"):
        op.drop_column("enquiries", column)
