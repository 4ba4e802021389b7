"""Tables of testimonials.

A later migration that alters `testimonials` in SQLite's batch mode copies the table, and copies lose triggers:
it must make `testimonial_text_is_verbatim` again.

Revision ID: 0004_testimonials
Revises: "0003_blog"
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0004_testimonials"
down_revision = "0003_blog"
branch_labels = None
depends_on = None

SQLITE_TRIGGER = """
CREATE TRIGGER testimonial_text_is_verbatim BEFORE UPDATE OF text ON testimonials
WHEN NEW.text IS NOT OLD.text
BEGIN
  SELECT RAISE(ABORT, 'testimonial_text_is_verbatim');
END
"""

POSTGRESQL_FUNCTION = """
CREATE FUNCTION testimonial_text_is_verbatim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'testimonial_text_is_verbatim'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'testimonial_text_is_verbatim', TABLE = 'testimonials';
END
$$
"""

POSTGRESQL_TRIGGER = """
CREATE TRIGGER testimonial_text_is_verbatim BEFORE UPDATE ON testimonials
FOR EACH ROW WHEN (NEW.text IS DISTINCT FROM OLD.text) EXECUTE FUNCTION testimonial_text_is_verbatim()
"""


def upgrade() -> None:
    create_testimonials()
    create_decisions()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(SQLITE_TRIGGER)
    else:
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_TRIGGER)


def create_testimonials() -> None:
    op.create_table(
        "testimonials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("is_featured", sa.Boolean(), nullable=False),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("source", sa.String(50)),
        sa.Column("source_id", sa.String(200)),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("resembles_id", sa.Integer()),
        sa.Column("consent_at", UTCDateTime()),
        sa.Column("consent_how", sa.String(200)),
        sa.Column("withdrawn_at", UTCDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_testimonials"),
        sa.ForeignKeyConstraint(
            ["resembles_id"],
            ["testimonials.id"],
            name="fk_testimonials_resembles_id_testimonials",
            ondelete="SET NULL",
        ),
        sa.CheckConstraint("state IN ('waiting', 'published', 'hidden')", name="testimonial_state_is_known"),
        sa.CheckConstraint(
            "state = 'published' OR NOT is_featured", name="only_published_testimonials_are_featured"
        ),
        sa.CheckConstraint(
            "state != 'published' OR withdrawn_at IS NULL", name="withdrawn_testimonials_are_not_shown"
        ),
        sa.CheckConstraint("(consent_at IS NULL) = (consent_how IS NULL)", name="consent_says_when_and_how"),
        sa.CheckConstraint("(source IS NULL) = (source_id IS NULL)", name="source_says_which_item"),
        sa.UniqueConstraint("slug", name="one_testimonial_per_slug"),
        sa.UniqueConstraint("source", "source_id", name="one_testimonial_per_source_item"),
    )
    featured = sa.text("is_featured")
    op.create_index(
        "one_featured_testimonial",
        "testimonials",
        ["is_featured"],
        unique=True,
        sqlite_where=featured,
        postgresql_where=featured,
    )
    op.create_index("ix_testimonials_state_published_at", "testimonials", ["state", "published_at"])
    op.create_index("ix_testimonials_resembles_id", "testimonials", ["resembles_id"])


def create_decisions() -> None:
    op.create_table(
        "testimonial_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("testimonial_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.Column("from_state", sa.String(20)),
        sa.Column("to_state", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("waved_through", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_testimonial_decisions"),
        sa.ForeignKeyConstraint(
            ["testimonial_id"],
            ["testimonials.id"],
            name="fk_testimonial_decisions_testimonial_id_testimonials",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_testimonial_decisions_testimonial_id", "testimonial_decisions", ["testimonial_id"])


def downgrade() -> None:
    op.drop_table("testimonial_decisions")
    op.drop_table("testimonials")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION testimonial_text_is_verbatim()")
