"""Tables of accounts. Column names that look foreign here are those that Flask-Security asks for."""

import uuid
from datetime import datetime

from flask import current_app
from flask_security import AsaList, UserMixin, WebAuthnMixin
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .. import clock
from ..extensions import db
from ..types import UTCDateTime
from .passkeys import EitherFactor, Usage
from .roles import ROLES, Role

TOKEN_HASH_LENGTH = 64  # SHA-256 in hexadecimal


class Member(db.Model, UserMixin):
    """Someone of staff. Never deleted, since the audit trail names them: `active` says whether they can sign in.

    `fs_uniquifier` names the member in sessions. Nobody can sign in with a password that is None: an invited
    member sets one by the link in the invitation.
    """

    __tablename__ = "members"
    __table_args__ = (
        UniqueConstraint("email", name="members_have_their_own_addresses"),
        UniqueConstraint("fs_uniquifier", name="members_have_their_own_uniquifiers"),
        UniqueConstraint("fs_webauthn_user_handle", name="members_have_their_own_handles"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))  # in lower case
    name: Mapped[str] = mapped_column(String(200))
    role_names: Mapped[list[str]] = mapped_column(JSON)
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioners.id", ondelete="SET NULL"))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    password: Mapped[str | None] = mapped_column(String(255))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), default=lambda: uuid.uuid4().hex)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(Text)
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    # The step of the last code that was taken: none is taken twice (RFC 6238, 5.2).
    totp_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64))
    last_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    webauthn: Mapped[list["Passkey"]] = relationship(back_populates="user", cascade="all, delete-orphan")

    @property
    def roles(self) -> list[Role]:
        """Their roles; names that this version does not know give nothing."""
        return [ROLES[name] for name in self.role_names if name in ROLES]

    def may(self, *permissions: str) -> bool:
        """Whether they have one of these permissions (roles.PERMISSIONS)."""
        return any(permission in role.permissions for role in self.roles for permission in permissions)

    def check_tf_required_setup(self) -> bool:
        """Whether codes from an app cannot be turned off (Flask-Security asks)."""
        return current_app.config["CLINIC"].staff_second_factor == "required" and not self.webauthn

    @property
    def has_joined(self) -> bool:
        """Whether they have taken up their invitation."""
        return self.password is not None

    @property
    def has_second_factor(self) -> bool:
        """Whether a password alone does not sign them in."""
        return bool(self.tf_totp_secret or self.webauthn)


class Passkey(db.Model, WebAuthnMixin):
    """A WebAuthn credential of a member (W3C Web Authentication)."""

    __tablename__ = "passkeys"
    __table_args__ = (UniqueConstraint("credential_id", name="passkeys_have_their_own_ids"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024))
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(String(255))
    create_datetime: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    lastuse_datetime: Mapped[datetime] = mapped_column(UTCDateTime)
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[EitherFactor] = mapped_column(Usage(64))

    user: Mapped[Member] = relationship(back_populates="webauthn")


class SignIn(db.Model):
    """One browser in which a member is signed in, for as long as the row is there. The cookie holds the token."""

    __tablename__ = "sign_ins"
    __table_args__ = (UniqueConstraint("token_hash", name="sign_ins_have_their_own_tokens"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(TOKEN_HASH_LENGTH))
    browser: Mapped[str] = mapped_column(String(100))  # "Firefox on Windows"
    signed_in_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, index=True)


class Invitation(db.Model):
    """A link that was sent to a member who has not joined yet; gone as soon as it was used."""

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("token_hash", name="invitations_have_their_own_tokens"),)

    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(TOKEN_HASH_LENGTH))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AuditEntry(db.Model):
    """Who did what, and when. Rows are only ever added: triggers refuse every change and every deletion.

    `member_id` and `by` say who (`by` alone for the command line). Details name things by number and never hold a
    patient's name, address or words, so that erasing a person leaves the trail whole.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        CheckConstraint("(kind = '') = (about_id IS NULL)", name="an_entry_names_its_thing_whole"),
        Index("ix_audit_entries_member_id", "member_id", "id"),
        Index("ix_audit_entries_about", "kind", "about_id", "id"),
        Index("ix_audit_entries_action", "action", "id"),
        Index("ix_audit_entries_kind", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    by: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(40), default="")
    about_id: Mapped[int | None]
    details: Mapped[dict] = mapped_column(JSON, default=dict)
