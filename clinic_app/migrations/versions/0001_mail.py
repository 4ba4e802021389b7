"""Tables of mail.

Revision ID: 0001_mail
Revises: None
"""

revision = "0001_mail"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
