"""When the program withdrew a mail, as a later change made it untrue: nobody can send it any more.

Revision ID: 0027_withdrawn_mails
Revises: 0026_site_marks
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0027_withdrawn_mails"
down_revision = "0026_site_marks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_outbox", sa.Column("withdrawn_at", UTCDateTime()))
    op.execute(
        "UPDATE mail_outbox SET withdrawn_at = given_up_at "
        "WHERE state = 'failed' AND given_up_at IS NOT NULL AND last_error LIKE 'Given up by the program: %'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE mail_outbox DROP COLUMN withdrawn_at")
