"""Tables of blog, and the full-text index of its posts.

Revision ID: 0003_blog
Revises: "0002_enquiries"
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0003_blog"
down_revision = "0002_enquiries"
branch_labels = None
depends_on = None

# `ascii` takes every character beyond ASCII as part of a word: the words come folded already (blog.search).
SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE post_search USING fts5("
    "title, words, content='post_words', content_rowid='post_id', tokenize='ascii')",
    "CREATE TRIGGER post_words_are_indexed AFTER INSERT ON post_words BEGIN "
    "INSERT INTO post_search (rowid, title, words) VALUES (new.post_id, new.title, new.words); END",
    "CREATE TRIGGER deleted_post_words_leave_the_index AFTER DELETE ON post_words BEGIN "
    "INSERT INTO post_search (post_search, rowid, title, words) "
    "VALUES ('delete', old.post_id, old.title, old.words); END",
    "CREATE TRIGGER changed_post_words_are_indexed AFTER UPDATE ON post_words BEGIN "
    "INSERT INTO post_search (post_search, rowid, title, words) "
    "VALUES ('delete', old.post_id, old.title, old.words); "
    "INSERT INTO post_search (rowid, title, words) VALUES (new.post_id, new.title, new.words); END",
)
# array_to_tsvector takes words as they are: PostgreSQL's own parser would break and fold them its own way.
POSTGRESQL_INDEX = (
    "CREATE INDEX post_words_search ON post_words USING gin (array_to_tsvector(string_to_array(words, ' ')))",
)


def upgrade() -> None:
    op.create_table(
        "authors",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(200), nullable=False),
        sa.Column("photo", sa.String(200), nullable=False),
        sa.Column("photo_alt", sa.Text, nullable=False),
        sa.Column("bio", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_authors"),
        sa.UniqueConstraint("name", name="authors_have_their_own_names"),
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.UniqueConstraint("slug", name="tags_have_their_own_slugs"),
    )
    _create_posts()
    op.create_table(
        "post_tags",
        sa.Column("post_id", sa.Integer, nullable=False),
        sa.Column("tag_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("post_id", "tag_id", name="pk_post_tags"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_tags_post_id_posts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_post_tags_tag_id_tags", ondelete="CASCADE"),
    )
    op.create_index("ix_post_tags_tag_id", "post_tags", ["tag_id"])
    op.create_table(
        "post_words",
        sa.Column("post_id", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("plain", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("post_id", name="pk_post_words"),
        sa.ForeignKeyConstraint(["post_id"], ["posts.id"], name="fk_post_words_post_id_posts", ondelete="CASCADE"),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_INDEX if sqlite else POSTGRESQL_INDEX:
        op.execute(statement)


def _create_posts() -> None:
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("uid", sa.String(36), nullable=False),
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("opening", sa.Text, nullable=False),
        sa.Column("body_markdown", sa.Text, nullable=False),
        sa.Column("rendered", sa.Text, nullable=False),
        sa.Column("sections", sa.JSON, nullable=False),
        sa.Column("videos", sa.JSON, nullable=False),
        sa.Column("reading_minutes", sa.Integer, nullable=False),
        sa.Column("author_id", sa.Integer, nullable=False),
        sa.Column("hero", sa.String(200), nullable=False),
        sa.Column("hero_alt", sa.Text, nullable=False),
        sa.Column("draft", sa.Boolean, nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("source", sa.String(20), nullable=True),
        sa.Column("source_id", sa.String(200), nullable=True),
        sa.Column("source_digest", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name="fk_posts_author_id_authors"),
        sa.UniqueConstraint("slug", name="posts_have_their_own_slugs"),
        sa.UniqueConstraint("uid", name="posts_have_their_own_uids"),
        sa.UniqueConstraint("source", "source_id", name="one_post_for_each_item_imported"),
        sa.CheckConstraint("draft OR published_at IS NOT NULL", name="published_posts_have_a_date"),
    )
    op.create_index("ix_posts_published_at", "posts", ["published_at", "id"])
    op.create_index("ix_posts_author_id", "posts", ["author_id"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE post_search")
    for table in ("post_words", "post_tags", "posts", "tags", "authors"):
        op.drop_table(table)
