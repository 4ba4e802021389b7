"""Tables of mail.

Revision ID: 0001_mail
Revises: None
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0001_mail"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_outbox",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("event", sa.String(200), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("about_kind", sa.String(50)),
        sa.Column("about_id", sa.Integer),
        sa.Column("to_name", sa.Text, nullable=False),
        sa.Column("to_address", sa.String(320), nullable=False),
        sa.Column("reply_to_name", sa.Text, nullable=False),
        sa.Column("reply_to_address", sa.String(320), nullable=False),
        sa.Column("message_id", sa.String(320), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text_body", sa.Text, nullable=False),
        sa.Column("html_body", sa.Text, nullable=False),
        sa.Column("calendar_method", sa.String(20)),
        sa.Column("calendar_text", sa.Text),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("due_at", UTCDateTime, nullable=False),
        sa.Column("next_attempt_at", UTCDateTime, nullable=False),
        sa.Column("first_attempted_at", UTCDateTime),
        sa.Column("last_attempted_at", UTCDateTime),
        sa.Column("sent_at", UTCDateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("claim", sa.String(32)),
        sa.Column("claimed_at", UTCDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_mail_outbox"),
        sa.UniqueConstraint("event", "to_address", name="one_mail_per_event_and_recipient"),
        sa.UniqueConstraint("message_id", name="message_id_is_unique"),
        sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="mail_state_is_known"),
        sa.CheckConstraint("(state = 'sending') = (claim IS NOT NULL)", name="claimed_while_sending"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_mail_says_when"),
    )
    op.create_index("ix_mail_outbox_state_next_attempt_at", "mail_outbox", ["state", "next_attempt_at", "id"])
    op.create_index("ix_mail_outbox_about", "mail_outbox", ["about_kind", "about_id"])


def downgrade() -> None:
    op.drop_table("mail_outbox")
