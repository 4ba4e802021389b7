"""Whether a practitioner was ever named is found without reading all appointments: two indexes.

Appointments that hold their time have one. Those that do not get another, and not all of them together: queries of
the calendar would take that for the better one.

Revision ID: 0032_appointments_given_up
Revises: 0031_offered_times_by_start
"""

import sqlalchemy as sa
from alembic import op

revision = "0032_appointments_given_up"
down_revision = "0031_offered_times_by_start"
branch_labels = None
depends_on = None

OTHERS = sa.text("status IN ('cancelled', 'noshow')")


def upgrade() -> None:
    op.create_index(
        "ix_appointments_given_up",
        "appointments",
        ["practitioner_id"],
        sqlite_where=OTHERS,
        postgresql_where=OTHERS,
    )
    op.create_index("ix_offered_times_practitioner_id", "offered_times", ["practitioner_id"])


def downgrade() -> None:
    op.drop_index("ix_offered_times_practitioner_id", "offered_times")
    op.drop_index("ix_appointments_given_up", "appointments")
