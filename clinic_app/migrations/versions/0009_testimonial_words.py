"""What a testimonial can be searched by, and an index to read those in a state as they came.

Revision ID: 0009_testimonial_words
Revises: 0008_privacy_notices
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.text import folding

revision = "0009_testimonial_words"
down_revision = "0008_privacy_notices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No batch mode: it would copy the table, and the copy would lose the trigger that keeps the words as they are.
    op.add_column("testimonials", sa.Column("search_words", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_testimonials_state_id", "testimonials", ["state", "id"])
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, name, text FROM testimonials")).all()
    for number, name, text in rows:
        connection.execute(
            sa.text("UPDATE testimonials SET search_words = :words WHERE id = :id"),
            {"id": number, "words": " ".join(folding.words(f"{name} {text}"))},
        )


def downgrade() -> None:
    op.drop_index("ix_testimonials_state_id", "testimonials")
    op.drop_column("testimonials", "search_words")
