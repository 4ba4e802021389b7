"""Kept weeks that hold appointments whose making was undone at once are counted again, without them.

Revision ID: 0030_weeks_without_undone
Revises: 0029_mail_addresses
"""

from alembic import op

revision = "0030_weeks_without_undone"
down_revision = "0029_mail_addresses"
branch_labels = None
depends_on = None

FORGET = """
DELETE FROM appointment_weeks WHERE EXISTS (
  SELECT 1 FROM appointments JOIN appointment_changes ON appointment_changes.appointment_id = appointments.id
  WHERE appointments.starts_at >= appointment_weeks.starts_at
    AND appointments.starts_at < appointment_weeks.ends_at
    AND appointment_changes.before IS NULL AND appointment_changes.undone_at IS NOT NULL
)
"""


def upgrade() -> None:
    op.execute(FORGET)


def downgrade() -> None:
    op.execute(FORGET)
