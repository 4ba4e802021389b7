"""Mails are found under an address however it is written: indexes of addresses in lower case.

By hand, as models' indexes are of columns: SQLAlchemy cannot read those of expressions back from SQLite.

Revision ID: 0029_mail_addresses
Revises: 0028_mail_reply_to
"""

import sqlalchemy as sa
from alembic import op

revision = "0029_mail_addresses"
down_revision = "0028_mail_reply_to"
branch_labels = None
depends_on = None


def upgrade() -> None:
    recipient = [sa.text("lower(to_address)"), "state", "id"]  # lists of one recipient's mails are by state
    op.create_index("ix_mail_outbox_to_search", "mail_outbox", recipient)
    op.create_index("ix_mail_outbox_reply_to_search", "mail_outbox", [sa.text("lower(reply_to_address)")])
    op.drop_index("ix_mail_outbox_to_address", "mail_outbox")
    op.drop_index("ix_mail_outbox_reply_to_address", "mail_outbox")


def downgrade() -> None:
    op.create_index("ix_mail_outbox_to_address", "mail_outbox", ["to_address", "id"])
    op.create_index("ix_mail_outbox_reply_to_address", "mail_outbox", ["reply_to_address"])
    op.drop_index("ix_mail_outbox_to_search", "mail_outbox")
    op.drop_index("ix_mail_outbox_reply_to_search", "mail_outbox")
