"""What is kept of one testimonial tells of another by its number, no more by its name: who is erased leaves none.

A near-duplicate was held because it "Has the same words as testimonial 12 (Robin Sample)." It says so without the
name now, also where somebody waved that through; so does the history of one that gave up the head of the page.

Revision ID: 0033_testimonials_by_number
Revises: 0032_appointments_given_up
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0033_testimonials_by_number"
down_revision = "0032_appointments_given_up"
branch_labels = None
depends_on = None

NAMED = re.compile(r"(Has .+ testimonial \d+) \(.*\)\.", re.DOTALL)
HEAD = re.compile(r"No longer featured: Testimonial (\d+) by .* is\.", re.DOTALL)

TESTIMONIALS = sa.table("testimonials", sa.column("id"), sa.column("reasons", sa.JSON))
DECISIONS = sa.table(
    "testimonial_decisions", sa.column("id"), sa.column("waved_through", sa.JSON), sa.column("note")
)


def upgrade() -> None:
    for column in (TESTIMONIALS.c.reasons, DECISIONS.c.waved_through):
        _write(column, sa.cast(column, sa.Text).contains('"duplicate"'), _without_names)
    _write(DECISIONS.c.note, DECISIONS.c.note.startswith("No longer featured: "), _without_name)


def _write(column: sa.ColumnClause, where: sa.ColumnElement, anew) -> None:
    table, connection = column.table, op.get_bind()
    for number, value in connection.execute(sa.select(table.c.id, column).where(where)).all():
        connection.execute(table.update().where(table.c.id == number).values({column.name: anew(value)}))


def _without_names(reasons: list[dict]) -> list[dict]:
    return [reason | {"why": NAMED.sub(r"\1.", reason["why"])} for reason in reasons]


def _without_name(note: str) -> str:
    return HEAD.sub(r"No longer featured: testimonial \1 is.", note)


def downgrade() -> None:
    """The names are gone."""
