"""When an appointment was first booked (from then on its practitioner knows of it), and at what price.

Revision ID: 0007_first_booked
Revises: 0006_rate_limits
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0007_first_booked"
down_revision = "0006_rate_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appointments", sa.Column("first_booked_at", UTCDateTime()))
    # Of a request that has moved nobody can tell any more: to hear of it once too often does less harm.
    op.execute(
        "UPDATE appointments SET first_booked_at = created_at"
        " WHERE status IN ('booked', 'fulfilled', 'noshow') OR (status = 'requested' AND sequence > 0)"
    )
    op.add_column("appointments", sa.Column("price_cents", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE appointments SET price_cents ="
        " (SELECT price_cents FROM services WHERE services.id = appointments.service_id)"
    )


def downgrade() -> None:
    op.drop_column("appointments", "price_cents")
    op.drop_column("appointments", "first_booked_at")
