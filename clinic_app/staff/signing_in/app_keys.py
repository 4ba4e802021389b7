"""The key that an app is set up with: the same until a code of it was right, however many were wrong."""

from flask import has_request_context, render_template, request, session
from flask_security.forms import Form
from flask_security.proxies import _security

from ...accounts.codes import Codes

# Flask-Security's: it puts the key into the session, encrypted, and takes it away when it is set up.
KEY = "tf_totp_secret"


class WrongFirstCode(Exception):
    """The code that was to turn an app's codes on is not right; `form` tells why beside its field."""

    def __init__(self, form: Form):
        super().__init__()
        self.form = form


def show_again(error: WrongFirstCode) -> str:
    """The same QR code and key, to try again. Flask-Security would lead back to before they were shown."""
    shown = _security.totp_factory.fetch_setup_values(error.form.tf_totp_secret, error.form.user)
    return render_template(
        "security/two_factor_setup.html",
        two_factor_verify_code_form=error.form,
        chosen_method="authenticator",
        state_token=request.view_args["token"],
        authr_qrcode=shown["image"],
        authr_key=shown["key"],
        authr_username=shown["username"],
    )


class KeptCodes(Codes):
    """Codes whose key is not made anew by a wrong one: the app has it by then."""

    def generate_totp_secret(self) -> str:
        return (has_request_context() and session.get(KEY)) or super().generate_totp_secret()
