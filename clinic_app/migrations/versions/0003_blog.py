"""Tables of blog.

Revision ID: 0003_blog
Revises: "0002_enquiries"
"""

revision = "0003_blog"
down_revision = "0002_enquiries"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
