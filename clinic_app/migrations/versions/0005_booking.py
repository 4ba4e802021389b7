"""Tables of booking.

Revision ID: 0005_booking
Revises: "0004_testimonials"
"""

revision = "0005_booking"
down_revision = "0004_testimonials"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
