"""Retention: years of birth of patients under age, how far the purge is, the register of what it removed.

Revision ID: 0018_retention
Revises: 0017_numbers_are_used_once
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0018_retention"
down_revision = "0017_numbers_are_used_once"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointments", sa.Column("birth_year", sa.Integer(), nullable=True))
    op.create_index("ix_mail_outbox_created_at", "mail_outbox", ["created_at", "id"])
    op.create_table(
        "purges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_purges"),
    )
    op.create_table(
        "disposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("disposed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disposals"),
    )
    op.create_index("ix_disposals_disposed_at", "disposals", ["disposed_at", "id"])


def downgrade() -> None:
    op.drop_table("disposals")
    op.drop_table("purges")
    op.drop_index("ix_mail_outbox_created_at", "mail_outbox")
    op.execute("ALTER TABLE appointments DROP COLUMN birth_year")
