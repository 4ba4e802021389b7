"""What each server was started with, for a settings file that was forgotten on one of several.

Revision ID: 0035_servers
Revises: 0034_letters_without_accents
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0035_servers"
down_revision = "0034_letters_without_accents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "servers",
        sa.Column("name", sa.String(400), nullable=False),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_servers"),
    )
    op.create_index("ix_servers_seen_at", "servers", ["seen_at"])


def downgrade() -> None:
    op.drop_table("servers")
