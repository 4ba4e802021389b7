"""Tables of staff's accounts, and the audit trail that nobody can change.

Revision ID: 0010_accounts
Revises: 0009_testimonial_words
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0010_accounts"
down_revision = "0009_testimonial_words"
branch_labels = None
depends_on = None

REFUSAL = "audit_entries_are_only_added"


def upgrade() -> None:
    create_members()
    create_passkeys()
    create_sign_ins()
    create_audit_entries()
    (refuse_changes_in_postgresql if op.get_bind().dialect.name == "postgresql" else refuse_changes_in_sqlite)()


def create_members() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role_names", sa.JSON(), nullable=False),
        sa.Column("practitioner_id", sa.Integer()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("password", sa.String(255)),
        sa.Column("fs_uniquifier", sa.String(64), nullable=False),
        sa.Column("tf_primary_method", sa.String(64)),
        sa.Column("tf_totp_secret", sa.Text()),
        sa.Column("tf_phone_number", sa.String(128)),
        sa.Column("mf_recovery_codes", sa.UnicodeText()),
        sa.Column("fs_webauthn_user_handle", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sa.ForeignKeyConstraint(
            ["practitioner_id"],
            ["practitioners.id"],
            name="fk_members_practitioner_id_practitioners",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("email", name="members_have_their_own_addresses"),
        sa.UniqueConstraint("fs_uniquifier", name="members_have_their_own_uniquifiers"),
        sa.UniqueConstraint("fs_webauthn_user_handle", name="members_have_their_own_handles"),
    )


def create_passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.UnicodeText()),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(64), nullable=False),
        sa.Column("extensions", sa.String(255)),
        sa.Column("create_datetime", UTCDateTime(), nullable=False),
        sa.Column("lastuse_datetime", UTCDateTime(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("usage", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["members.id"], name="fk_passkeys_user_id_members", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("credential_id", name="passkeys_have_their_own_ids"),
    )
    op.create_index("ix_passkeys_user_id", "passkeys", ["user_id"])


def create_sign_ins() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(100), nullable=False),
        sa.Column("signed_in_at", UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name="fk_sign_ins_member_id_members", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("token_hash", name="sign_ins_have_their_own_tokens"),
    )
    op.create_index("ix_sign_ins_member_id", "sign_ins", ["member_id"])
    op.create_index("ix_sign_ins_last_seen_at", "sign_ins", ["last_seen_at"])


def create_audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("member_id", sa.Integer()),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("about_id", sa.Integer()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_audit_entries_member_id_members"),
        sa.CheckConstraint("(kind = '') = (about_id IS NULL)", name="an_entry_names_its_thing_whole"),
    )
    op.create_index("ix_audit_entries_at", "audit_entries", ["at"])
    op.create_index("ix_audit_entries_member_id", "audit_entries", ["member_id", "id"])
    op.create_index("ix_audit_entries_about", "audit_entries", ["kind", "about_id", "id"])
    op.create_index("ix_audit_entries_action", "audit_entries", ["action", "id"])


def refuse_changes_in_sqlite() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {REFUSAL}_{change.lower()} BEFORE {change} ON audit_entries "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def refuse_changes_in_postgresql() -> None:
    op.execute(
        f"CREATE FUNCTION {REFUSAL}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{REFUSAL}'; "
        "END $$"
    )
    op.execute(
        f"CREATE TRIGGER {REFUSAL} BEFORE UPDATE OR DELETE ON audit_entries "
        f"FOR EACH ROW EXECUTE FUNCTION {REFUSAL}()"
    )


def downgrade() -> None:
    for table in ("audit_entries", "sign_ins", "passkeys", "members"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {REFUSAL}()")
