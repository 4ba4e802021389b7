"""Tables of enquiries.

Revision ID: 0002_enquiries
Revises: 0001_mail
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0002_enquiries"
down_revision = "0001_mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enquiries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("topic", sa.String(100), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("privacy_version", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("spam_score", sa.Integer(), nullable=False),
        sa.Column("spam_reasons", sa.JSON(), nullable=False),
        sa.Column("message_digest", sa.String(64), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_enquiries"),
        sa.UniqueConstraint("reference", name="references_are_unique"),
        sa.UniqueConstraint("form_key", name="one_enquiry_per_form"),
        sa.CheckConstraint("state IN ('new', 'open', 'closed', 'spam')", name="enquiry_state_is_known"),
        sa.CheckConstraint("email <> '' OR phone <> ''", name="an_enquiry_can_be_answered"),
    )
    op.create_index("ix_enquiries_state_received_at", "enquiries", ["state", "received_at"])
    op.create_index("ix_enquiries_message_digest_received_at", "enquiries", ["message_digest", "received_at"])


def downgrade() -> None:
    op.drop_table("enquiries")
