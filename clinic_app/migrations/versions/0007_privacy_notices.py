"""Table of privacy notices.

Revision ID: 0007_privacy_notices
Revises: 0006_rate_limits
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0007_privacy_notices"
down_revision = "0006_rate_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "privacy_notices",
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("first_used_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_privacy_notices"),
    )


def downgrade() -> None:
    op.drop_table("privacy_notices")
