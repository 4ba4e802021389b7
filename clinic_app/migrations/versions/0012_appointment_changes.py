"""What was done to each appointment, by whom: its history, and what undoing a change needs.

Revision ID: 0012_appointment_changes
Revises: 0011_erasures
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0012_appointment_changes"
down_revision = "0011_erasures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment_changes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("appointment_id", sa.Integer, nullable=False),
        sa.Column("at", UTCDateTime, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("done_by", sa.String, nullable=False),
        sa.Column("member_id", sa.Integer),
        sa.Column("member_name", sa.String, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON, nullable=False),
        sa.Column("mail_ids", sa.JSON, nullable=False),
        sa.Column("reminder_taken_back", sa.Boolean, nullable=False),
        sa.Column("undo_until", UTCDateTime),
        sa.Column("undone_at", UTCDateTime),
        sa.Column("undone_by", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_appointment_changes"),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            "fk_appointment_changes_appointment_id_appointments",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("done_by IN ('patient', 'staff')", "changes_are_made_by_patients_or_staff"),
    )
    op.create_index("ix_appointment_changes_appointment_id", "appointment_changes", ["appointment_id"])


def downgrade() -> None:
    op.drop_table("appointment_changes")
