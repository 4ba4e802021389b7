"""Table of privacy notices.

Revision ID: 0008_privacy_notices
Revises: 0007_first_booked
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0008_privacy_notices"
down_revision = "0007_first_booked"
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
