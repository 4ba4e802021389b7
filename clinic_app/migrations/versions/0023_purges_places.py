"""How far a purge has looked; and an index that alone tells which mails are due.

Revision ID: 0023_purges_places
Revises: 0022_word_indexes
"""

import sqlalchemy as sa
from alembic import op

revision = "0023_purges_places"
down_revision = "0022_word_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("purges", sa.Column("places", sa.JSON(), nullable=True))
    op.drop_index("ix_mail_outbox_created_at", "mail_outbox")
    op.create_index("ix_mail_outbox_created_at", "mail_outbox", ["created_at", "id", "state"])


def downgrade() -> None:
    op.drop_index("ix_mail_outbox_created_at", "mail_outbox")
    op.create_index("ix_mail_outbox_created_at", "mail_outbox", ["created_at", "id"])
    op.execute("ALTER TABLE purges DROP COLUMN places")
