"""What a site knows of how it ran before: that it had a mail server, and which secret key.

Revision ID: 0026_site_marks
Revises: 0025_given_up_mails
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0026_site_marks"
down_revision = "0025_given_up_mails"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "site_marks",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("kept_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_site_marks"),
    )


def downgrade() -> None:
    op.drop_table("site_marks")
