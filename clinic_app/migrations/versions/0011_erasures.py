"""What was erased of people, and the order in which lists of appointments are read.

Revision ID: 0011_erasures
Revises: 0010_accounts
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0011_erasures"
down_revision = "0010_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("erased_at", UTCDateTime(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("member_name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(50), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sa.CheckConstraint("kind IN ('anonymous', 'erased')", name="erasures_are_of_a_known_kind"),
    )
    op.create_index("ix_erasures_erased_at", "erasures", ["erased_at", "id"])
    op.create_table(
        "erased_identifiers",
        sa.Column("erasure_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", "digest", name="pk_erased_identifiers"),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["erasures.id"], name="fk_erased_identifiers_erasure_id_erasures", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_erased_identifiers_digest", "erased_identifiers", ["digest"])
    op.create_index("ix_appointments_starts_at", "appointments", ["starts_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_appointments_starts_at", "appointments")
    op.drop_table("erased_identifiers")
    op.drop_table("erasures")
