"""Which mails a change of an appointment gave up, as they said what no longer held: undoing takes them up again.

Revision ID: 0025_given_up_mails
Revises: 0024_kept_weeks
"""

import sqlalchemy as sa
from alembic import op

revision = "0025_given_up_mails"
down_revision = "0024_kept_weeks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointment_changes", sa.Column("given_up_ids", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.execute("ALTER TABLE appointment_changes DROP COLUMN given_up_ids")
