"""Indexes by which lists stay as quick as they are while their tables grow.

Revision ID: 0020_growth
Revises: 0019_sent_forms
"""

import sqlalchemy as sa
from alembic import op

revision = "0020_growth"
down_revision = "0019_sent_forms"
branch_labels = None
depends_on = None

FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    op.drop_index("ix_posts_published_at", "posts")
    op.create_index("ix_posts_draft_published_at", "posts", ["draft", "published_at", "id"])
    op.drop_index("ix_testimonials_state_published_at", "testimonials")
    op.create_index("ix_testimonials_state_published_at", "testimonials", ["state", "published_at", "id"])
    op.create_index(
        "ix_testimonials_shown", "testimonials", ["state", "is_sample", "position", "published_at", "id"]
    )
    op.create_index("ix_audit_entries_kind", "audit_entries", ["kind", "id"])
    op.create_index(
        "ix_mail_outbox_failed",
        "mail_outbox",
        ["state", "given_up_at", "id"],
        sqlite_where=FAILED,
        postgresql_where=FAILED,
    )


def downgrade() -> None:
    op.drop_index("ix_mail_outbox_failed", "mail_outbox")
    op.drop_index("ix_audit_entries_kind", "audit_entries")
    op.drop_index("ix_testimonials_shown", "testimonials")
    op.drop_index("ix_testimonials_state_published_at", "testimonials")
    op.create_index("ix_testimonials_state_published_at", "testimonials", ["state", "published_at"])
    op.drop_index("ix_posts_draft_published_at", "posts")
    op.create_index("ix_posts_published_at", "posts", ["published_at", "id"])
