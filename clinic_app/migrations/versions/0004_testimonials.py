"""Tables of testimonials.

Revision ID: 0004_testimonials
Revises: "0003_blog"
"""

revision = "0004_testimonials"
down_revision = "0003_blog"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
