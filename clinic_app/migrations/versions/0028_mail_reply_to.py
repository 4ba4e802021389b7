"""An index by which mails are found under the address that answers to them go to.

Revision ID: 0028_mail_reply_to
Revises: 0027_withdrawn_mails
"""

from alembic import op

revision = "0028_mail_reply_to"
down_revision = "0027_withdrawn_mails"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_mail_outbox_reply_to_address", "mail_outbox", ["reply_to_address"])


def downgrade() -> None:
    op.drop_index("ix_mail_outbox_reply_to_address", "mail_outbox")
