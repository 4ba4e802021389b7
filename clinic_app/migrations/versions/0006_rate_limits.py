"""Table of rate limits.

Revision ID: 0006_rate_limits
Revises: 0005_booking
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0006_rate_limits"
down_revision = "0005_booking"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_limit_counts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_rate_limit_counts"),
    )
    op.create_index("ix_rate_limit_counts_ends_at", "rate_limit_counts", ["ends_at"])


def downgrade() -> None:
    op.drop_table("rate_limit_counts")
