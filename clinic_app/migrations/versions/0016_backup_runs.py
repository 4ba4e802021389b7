"""The table of backups.

Revision ID: 0016_backup_runs
Revises: 0015_invitations
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0016_backup_runs"
down_revision = "0015_invitations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.String(40)),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime()),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger()),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.Column("verified", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_backup_runs"),
        sa.UniqueConstraint("slot", name="one_backup_for_each_slot"),
    )
    op.create_index("ix_backup_runs_started_at", "backup_runs", ["started_at"])


def downgrade() -> None:
    op.drop_table("backup_runs")
