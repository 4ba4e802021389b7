"""Tables of enquiries.

Revision ID: 0002_enquiries
Revises: "0001_mail"
"""

revision = "0002_enquiries"
down_revision = "0001_mail"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
