"""Search finds letters that Unicode has no accent apart of by the plain ones: `dang` finds Đặng.

The words that are kept were folded without that.

Revision ID: 0034_letters_without_accents
Revises: 0033_testimonials_by_number
"""

import sqlalchemy as sa
from alembic import op

revision = "0034_letters_without_accents"
down_revision = "0033_testimonials_by_number"
branch_labels = None
depends_on = None

LETTERS = {"æ": "ae", "ð": "d", "ø": "o", "þ": "th", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "œ": "oe", "ŧ": "t"}
KEPT = (
    ("enquiry_words", "words"),
    ("post_words", "title"),
    ("post_words", "words"),
    ("testimonials", "search_words"),
)


def upgrade() -> None:
    for table, name in KEPT:
        words = plain = sa.column(name, sa.Text)
        for letter, letters in LETTERS.items():
            plain = sa.func.replace(plain, letter, letters)
        has_one = sa.or_(*(words.contains(letter) for letter in LETTERS))
        op.execute(sa.table(table, words).update().where(has_one).values({name: plain}))


def downgrade() -> None:
    """What is kept can be searched by the plain letters only."""
