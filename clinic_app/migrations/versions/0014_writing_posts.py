"""Revisions of posts, addresses that they had, and pictures that were uploaded.

Revision ID: 0014_writing_posts
Revises: 0013_enquiry_threads
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0014_writing_posts"
down_revision = "0013_enquiry_threads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column that may not be empty needs a value for the rows that are there; then they get their own.
    op.add_column(
        "posts", sa.Column("saved_at", UTCDateTime(), nullable=False, server_default="2000-01-01 00:00:00")
    )
    op.execute("UPDATE posts SET saved_at = created_at")
    op.create_index("ix_posts_saved_at", "posts", ["saved_at", "id"])
    _create_revisions()
    op.create_table(
        "post_redirects",
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("slug", name="pk_post_redirects"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name="fk_post_redirects_post_id_posts", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_post_redirects_post_id", "post_redirects", ["post_id"])
    op.create_table(
        "pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("uploaded_at", UTCDateTime(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pictures"),
        sa.UniqueConstraint("name", name="pictures_have_their_own_names"),
    )


def _create_revisions() -> None:
    op.create_table(
        "post_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("hero", sa.String(200), nullable=False),
        sa.Column("hero_alt", sa.Text(), nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("waved_through", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post_revisions"),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name="fk_post_revisions_post_id_posts", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("post_id", "number", name="revisions_of_a_post_have_their_own_numbers"),
    )


def downgrade() -> None:
    for table in ("pictures", "post_redirects", "post_revisions"):
        op.drop_table(table)
    op.drop_index("ix_posts_saved_at", "posts")
    op.drop_column("posts", "saved_at")
