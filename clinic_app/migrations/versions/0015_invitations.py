"""Invitations of staff; when members were last seen, and the last code of theirs that was taken.

Revision ID: 0015_invitations
Revises: 0014_writing_posts
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0015_invitations"
down_revision = "0014_writing_posts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitations",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_invitations"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_invitations_member_id_members", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("token_hash", name="invitations_have_their_own_tokens"),
    )
    op.add_column("members", sa.Column("last_seen_at", UTCDateTime(), nullable=True))
    op.add_column("members", sa.Column("totp_counter", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("members", "totp_counter")
    op.drop_column("members", "last_seen_at")
    op.drop_table("invitations")
