"""Times that were offered are found by when they start: an index.

A request waits for as long as the last time that was offered in its place is not long over.

Revision ID: 0031_offered_times_by_start
Revises: 0030_weeks_without_undone
"""

from alembic import op

revision = "0031_offered_times_by_start"
down_revision = "0030_weeks_without_undone"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_offered_times_starts_at", "offered_times", ["starts_at"])


def downgrade() -> None:
    op.drop_index("ix_offered_times_starts_at", "offered_times")
