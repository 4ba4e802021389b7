"""Passkeys (W3C Web Authentication): ones that check who holds them, and so are good as either factor."""

from typing import Any

from flask import Flask, current_app, g, request, session
from flask_security import (
    WebAuthnRegisterForm,
    WebAuthnRegisterResponseForm,
    WebAuthnSigninForm,
    WebAuthnSigninResponseForm,
    WebauthnUtil,
)
from flask_security.utils import get_message
from sqlalchemy.exc import SQLAlchemyError
from wtforms import HiddenField

from ...accounts import library
from ...web.fields import clean_line

NAME_LENGTH = 64
VIEWS = "security.wan_"


def init_app(app: Flask) -> None:
    """Load the library for passkeys with the first request that needs it."""
    app.before_request(_load_library)


def _load_library() -> None:
    if (request.endpoint or "").startswith(VIEWS):
        library.load_webauthn()


class Passkeys(WebauthnUtil):
    """What browsers are asked for."""

    def authenticator_selection(self, user, usage: str):
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        return AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,  # so that nobody types an address first
            user_verification=UserVerificationRequirement.REQUIRED,
        )

    def user_verification(self, user, usage: list[str]):
        from webauthn.helpers.structs import UserVerificationRequirement

        return UserVerificationRequirement.REQUIRED

    def name_svn(self, value: str) -> tuple[str | None, str | None]:
        """(what is wrong, the name as kept)."""
        name = clean_line(value)
        if not name:
            return get_message("WEBAUTHN_NAME_REQUIRED")[0], None
        if len(name) > NAME_LENGTH:
            return f"Shorten the name to {NAME_LENGTH} characters", None
        return None, name


class AddPasskeyForm(WebAuthnRegisterForm):
    """The name by which its owner will know it."""

    usage = HiddenField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.name.label.text = "A name for it"
        self.name.description = "So that you know which one it is, such as “My phone”."

    def validate(self, **kwargs) -> bool:
        self.usage.data = "first"  # and second: see accounts.passkeys
        return super().validate(**kwargs)


class AddedPasskeyForm(WebAuthnRegisterResponseForm):
    """The passkey that a browser has made."""

    def validate(self, **kwargs) -> bool:
        valid = _read(super().validate, self.credential, **kwargs)
        self.extensions = None  # what browsers say there is not checked by anyone
        return valid


class StartPasskeyForm(WebAuthnSigninForm):
    """Nothing to fill in."""

    remember = HiddenField()

    def validate(self, **kwargs) -> bool:
        self.remember.data = ""
        return super().validate(**kwargs)


class PasskeyForm(WebAuthnSigninResponseForm):
    """What a passkey has signed."""

    def validate(self, **kwargs) -> bool:
        self.remember.data = ""
        if not _read(super().validate, self.credential, **kwargs) or self.credential.errors:
            return False
        if self.is_secondary and self.user.fs_uniquifier != session["tf_user_id"]:
            self.credential.errors = [get_message("WEBAUTHN_MISMATCH_USER_HANDLE")[0]]
            return False
        g.passkey_was_right = True  # see throttle
        return True


def _read(validate, field, **kwargs: Any) -> bool:
    """Validate what may be anything: the library's readers stumble over some of it in ways of their own.

    Raises SQLAlchemyError: a database that cannot be asked says nothing of what was sent.
    """
    try:
        return validate(**kwargs)
    except SQLAlchemyError:
        raise
    except Exception:
        current_app.logger.warning("A passkey could not be read", exc_info=True)
        field.errors = [get_message("API_ERROR")[0]]
        return False
