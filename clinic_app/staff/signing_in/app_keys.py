"""The key that an app is set up with: the same until a code of it was right, however many were wrong."""

from flask import has_request_context, session

from ...accounts.codes import Codes

# Flask-Security's: it puts the key into the session, encrypted, and takes it away when it is set up.
KEY = "tf_totp_secret"
SETTING_UP = (KEY, "tf_state")


class KeptCodes(Codes):
    """Codes whose key is not made anew by a wrong one: the app has it by then."""

    def generate_totp_secret(self) -> str:
        return (has_request_context() and session.get(KEY)) or super().generate_totp_secret()
