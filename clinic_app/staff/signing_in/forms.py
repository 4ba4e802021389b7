"""Flask-Security's forms with our labels, without "remember me", and with what they lack."""

import re

from flask import request, url_for
from flask_security import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    MfRecoveryForm,
    ResetPasswordForm,
    TwoFactorRescueForm,
    TwoFactorSelectForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    hash_password,
)
from flask_security.forms import Form
from flask_security.proxies import _security
from flask_security.recoverable import generate_reset_password_token
from flask_security.utils import get_message
from wtforms import StringField
from wtforms.validators import StopValidation

from ...accounts import audit, mails
from ...accounts.members import normal_address
from ...accounts.models import Member
from ...mail.addresses import BadAddress
from ...web.page_form import InPageOrder
from .. import passwords
from ..passwords import HINT, LONGEST
from .app_keys import WrongFirstCode
from .passkeys import AddedPasskeyForm, AddPasskeyForm, PasskeyForm, StartPasskeyForm
from .writing import begin, pretend


def _label(form: Form, **labels: str) -> None:
    for name, text in labels.items():
        form[name].label.text = text


def _refuse_endless(_form, field) -> None:
    """What is longer than any password is not right; Flask-Security would fail at hashing it."""
    if len(field.data or "") > LONGEST:
        raise StopValidation(get_message("INVALID_PASSWORD")[0])


class TellsWhatIsMissing:
    """A form that says beside its fields what was not typed, or not whole.

    Such messages tell nobody who has an account. But Flask-Security takes every message off those fields, so these
    are put back when the page is made.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.missing: dict[str, str] = {}

    @property
    def errors(self) -> dict:
        return super().errors | {name: [message] for name, message in self.missing.items()}

    def put_back(self) -> None:
        for name, message in self.missing.items():
            self[name].errors = [message]


class SignInForm(TellsWhatIsMissing, InPageOrder, LoginForm):
    """Email address and password."""

    begins_with = "email"
    remember = None  # a session ends by itself: see the setting staff_session_hours

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, email="Email address", password="Password")  # noqa: S106 - a label
        self.password.description = ""
        # Flask-Security would lead from the second step to this page's whole address, with the host as it sees it.
        self.next.data = self.next.data or url_for("staff.queue.index")

    def validate(self, **kwargs) -> bool:
        for field, missing in ((self.email, "EMAIL_NOT_PROVIDED"), (self.password, "PASSWORD_NOT_PROVIDED")):
            if not field.data:
                self.missing[field.name] = get_message(missing)[0]
        if self.missing:
            return False
        return super(LoginForm, self).validate(**kwargs) and self._validate_member()

    def _validate_member(self) -> bool:
        """In place of Flask-Security's, which holds up all other writers while it computes the hash."""
        member = _security.datastore.find_user(email=self.email.data)
        right, better_hash = passwords.check(self.password.data, member and member.password)
        begin()
        if right:
            self.user = member
            member.password = better_hash or member.password
            return True
        if member:
            member.track_failed_authn("password")
        else:
            pretend(_failure_of_nobody)
        self.form_errors.append(get_message("GENERIC_AUTHN_FAILED")[0])
        return False


class ForgottenForm(TellsWhatIsMissing, ForgotPasswordForm):
    """Where to send a link for a new password. Who was invited and has not joined has another link for that."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, email="Email address")

    def validate(self, **kwargs) -> bool:
        try:
            normal_address(self.email.data or "")
        except BadAddress:
            wrong = "INVALID_EMAIL_ADDRESS" if self.email.data else "EMAIL_NOT_PROVIDED"
            self.missing["email"] = get_message(wrong)[0]
            return False
        if not super().validate(**kwargs) or not self.user.has_joined:
            self.email.errors = ["unknown"]  # which nobody is told: see form_errors_munge
            begin()
            pretend(_reset_link_for_nobody)
            return False
        hash_password("as Flask-Security does for an address that is not known, to take as long")
        begin()
        return True


def _failure_of_nobody() -> None:
    audit.record("failed to sign in as", by=audit.SOMEBODY)


def _reset_link_for_nobody() -> None:
    nobody = Member(id=0, name="Nobody", email="nobody@clinic.example", fs_uniquifier="", password="")  # noqa: S106
    mails.send_reset_link(nobody, generate_reset_password_token(nobody))
    audit.record("asked for a new password for", by=audit.SOMEBODY)


class NewPasswordForm(ResetPasswordForm):
    """A new password, by the link in a mail. Asked for once, since it can be shown."""

    password_confirm = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, password="New password")  # noqa: S106 - a label
        self.password.description = HINT


class OtherPasswordForm(ChangePasswordForm):
    """The password that is, and the one to be."""

    new_password_confirm = None
    validate_password = _refuse_endless

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, password="Current password", new_password="New password")  # noqa: S106 - labels
        self.new_password.description = HINT

    def validate(self, **kwargs) -> bool:
        empty = {"password": "Enter your current password", "new_password": "Enter a new password"}  # noqa: S105
        empty = {name: words for name, words in empty.items() if not self[name].data}
        if not empty:
            return super().validate(**kwargs)
        for name, words in empty.items():
            self[name].errors = [words]
        return False


class ConfirmForm(VerifyForm):
    """The password once more."""

    validate_password = _refuse_endless

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, password="Password")  # noqa: S106 - a label


class CodeForm(TwoFactorVerifyCodeForm):
    """The six digits that an app shows."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, code="Code from your app")
        self.code.data = re.sub(r"\s", "", self.code.data or "")

    def validate(self, **kwargs) -> bool:
        valid = bool(self.code.data) and super().validate(**kwargs)
        if not self.code.data:
            self.code.errors = ["Enter the six digits that your app shows"]
        elif not valid and not self.is_setup:  # Flask-Security's words are for setting up
            self.code.errors = ["That code is not right, or has been used. Enter the one that your app shows now"]
        if not valid and request.endpoint == "security.two_factor_setup_validate":
            raise WrongFirstCode(self)
        return valid


class RecoveryCodeForm(MfRecoveryForm):
    """One of the codes that were kept for the loss of the phone."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _label(self, code="Recovery code")

    def validate(self, **kwargs) -> bool:
        if not self.code.data:
            self.code.errors = ["Enter one of your recovery codes"]
            return False
        return super().validate(**kwargs)


# Flask-Security's next three forms write their choices as WTForms 3.4 takes them no more. Our pages have buttons
# for the choices, so a plain field is enough.
class SetUpAppForm(TwoFactorSetupForm):
    """Set codes up, or turn them off."""

    setup = StringField()

    def validate(self, **kwargs) -> bool:
        valid = super().validate(**kwargs)
        self.form_errors += self.setup.errors  # the page has no field that they could stand beside
        self.setup.errors = []
        return valid


class SecondStepForm(TwoFactorSelectForm):
    """Which of the second factors."""

    which = StringField()


class RescueForm(TwoFactorRescueForm):
    """Only looked at for whether there are recovery codes."""

    help_setup = StringField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.help_setup.choices = []


FORMS = {
    "login_form": SignInForm,
    "forgot_password_form": ForgottenForm,
    "reset_password_form": NewPasswordForm,
    "change_password_form": OtherPasswordForm,
    "verify_form": ConfirmForm,
    "two_factor_verify_code_form": CodeForm,
    "two_factor_setup_form": SetUpAppForm,
    "two_factor_select_form": SecondStepForm,
    "two_factor_rescue_form": RescueForm,
    "mf_recovery_form": RecoveryCodeForm,
    "wan_register_form": AddPasskeyForm,
    "wan_register_response_form": AddedPasskeyForm,
    "wan_signin_form": StartPasskeyForm,
    "wan_signin_response_form": PasskeyForm,
}
