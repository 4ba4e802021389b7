"""An index of testimonials' words, of which none may be longer than it takes; and one of posts' titles.

Of titles, SQLite has one since the first: its index of posts has two columns.

A later migration that alters `testimonials` in SQLite's batch mode copies it, and copies lose these triggers too.

Revision ID: 0022_word_indexes
Revises: 0021_content_version
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.text import word_index

revision = "0022_word_indexes"
down_revision = "0021_content_version"
branch_labels = None
depends_on = None

INTO = "INSERT INTO testimonial_search (rowid, search_words) VALUES (new.id, new.search_words); "
OUT = (
    "INSERT INTO testimonial_search (testimonial_search, rowid, search_words) "
    "VALUES ('delete', old.id, old.search_words); "
)
# `ascii` takes every character beyond ASCII as part of a word: the words come folded already.
SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE testimonial_search USING fts5("
    "search_words, content='testimonials', content_rowid='id', tokenize='ascii')",
    f"CREATE TRIGGER testimonials_are_indexed AFTER INSERT ON testimonials BEGIN {INTO}END",
    f"CREATE TRIGGER deleted_testimonials_leave_the_index AFTER DELETE ON testimonials BEGIN {OUT}END",
    "CREATE TRIGGER changed_testimonials_are_indexed AFTER UPDATE OF search_words ON testimonials "
    f"BEGIN {OUT}{INTO}END",
    "INSERT INTO testimonial_search (testimonial_search) VALUES ('rebuild')",
)
# array_to_tsvector takes words as they are: PostgreSQL's own parser would break and fold them its own way.
POSTGRESQL_INDEX = (
    "CREATE INDEX testimonial_words_search ON testimonials "
    "USING gin (array_to_tsvector(string_to_array(search_words, ' ')))",
    "CREATE INDEX post_titles_search ON post_words USING gin (array_to_tsvector(string_to_array(title, ' ')))",
)
BATCH = 1_000


def upgrade() -> None:
    _shorten_what_no_index_takes()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_INDEX if sqlite else POSTGRESQL_INDEX:
        op.execute(statement)


def _shorten_what_no_index_takes() -> None:
    connection, last = op.get_bind(), 0
    table = sa.table("testimonials", sa.column("id"), sa.column("search_words"))
    query = sa.select(table).order_by(table.c.id).limit(BATCH)
    while rows := connection.execute(query.where(table.c.id > last)).all():
        for number, text in rows:
            words = text.split(" ")
            if max(map(len, words)) > word_index.MAX_LETTERS or len(text.encode()) > word_index.MAX_BYTES:
                fitting = word_index.fitting(word_index.distinct(words))
                connection.execute(table.update().where(table.c.id == number).values(search_words=fitting))
        last = rows[-1].id


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("post_titles_search", "post_words")
        op.drop_index("testimonial_words_search", "testimonials")
        return
    for trigger in ("changed_testimonials_are_indexed", "deleted_testimonials_leave_the_index"):
        op.execute(f"DROP TRIGGER {trigger}")
    op.execute("DROP TRIGGER testimonials_are_indexed")
    op.execute("DROP TABLE testimonial_search")
