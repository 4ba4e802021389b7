"""What Flask-Security is told."""

import hashlib
import hmac
from datetime import timedelta

from flask_security import uia_email_mapper

from ... import clock
from ...config import Settings
from ..passwords import SHORTEST
from .messages import MESSAGES

RESET_WITHIN = timedelta(hours=1)
# Before someone changes what signs them in, they have proved who they are in so many minutes.
FRESH_FOR = timedelta(minutes=15)
ADDRESSES = {
    "LOGIN_URL": "/sign-in",
    "LOGOUT_URL": "/sign-out",
    "VERIFY_URL": "/confirm",
    "RESET_URL": "/reset",
    "CHANGE_URL": "/account/password",
    "TWO_FACTOR_SELECT_URL": "/sign-in/second-step",
    "TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
    "TWO_FACTOR_RESCUE_URL": "/sign-in/help",
    "TWO_FACTOR_SETUP_URL": "/account/app",
    "MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
    "MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
    "WAN_SIGNIN_URL": "/sign-in/passkey",
    "WAN_VERIFY_URL": "/confirm/passkey",
    "WAN_REGISTER_URL": "/account/passkeys",
    "WAN_DELETE_URL": "/account/passkeys/remove",
    "POST_LOGIN_VIEW": "/staff",
    "POST_LOGOUT_VIEW": "/staff/sign-in",
    "POST_CHANGE_VIEW": "staff.account.index",
    "POST_VERIFY_VIEW": "staff.account.index",
    "TWO_FACTOR_POST_SETUP_VIEW": "staff.account.changed",
    "WAN_POST_REGISTER_VIEW": "staff.account.changed",
}
FEATURES = {
    "RECOVERABLE": True,
    "CHANGEABLE": True,
    "TWO_FACTOR": True,
    "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "TWO_FACTOR_RESCUE_EMAIL": False,
    "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,  # seconds that clocks may differ by
    "MULTI_FACTOR_RECOVERY_CODES": True,
    "MULTI_FACTOR_RECOVERY_CODES_N": 10,
    "WEBAUTHN": True,
    "WAN_ALLOW_USER_HINTS": False,  # they would tell who has an account
    "WAN_SIGNIN_WITHIN": timedelta(minutes=5),
    "STATIC_FOLDER": None,  # its scripts are not ours
    "EMAIL_PLAINTEXT": False,  # accounts.mails writes them
    "EMAIL_HTML": False,
    "CLI_USERS_NAME": None,
    "CLI_ROLES_NAME": None,
}
RULES = {
    "API_ENABLED_METHODS": ["session"],
    "JOIN_USER_ROLES": False,  # they live in code
    "DATETIME_FACTORY": clock.now,
    "RETURN_GENERIC_RESPONSES": True,  # nobody learns who has an account
    "USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": uia_email_mapper, "case_insensitive": False}}],
    "RESET_PASSWORD_WITHIN": RESET_WITHIN,
    "FRESHNESS": FRESH_FOR,
    "FRESHNESS_GRACE_PERIOD": FRESH_FOR,
    "PASSWORD_LENGTH_MIN": SHORTEST,
    "PASSWORD_SCHEMES": ["argon2", "plaintext"],
    # As OWASP's Password Storage Cheat Sheet has it for machines with little memory to spare.
    "PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__time_cost": 2,
        "argon2__memory_cost": 19 * 1024,  # KiB
        "argon2__parallelism": 1,
    },
    # Hashed once, with argon2's own salt: no password hangs on the site's secret key.
    "PASSWORD_SINGLE_HASH": {"argon2", "plaintext"},
    "HASHING_SCHEMES": ["hex_sha256"],  # of the argon2 hash, in links for a new password
}


def settings(clinic: Settings, secret_key: str) -> dict:
    """Configuration of the application, for Flask-Security and for its forms."""
    own = {
        "URL_PREFIX": "/staff",
        "WAN_RP_NAME": clinic.name,
        "TOTP_ISSUER": clinic.name.replace(":", " "),  # the one character that it may not have
        "TOTP_SECRETS": {"1": hmac.digest(secret_key.encode(), b"totp", hashlib.sha256).hex()},
    }
    messages = {f"MSG_{key}": message for key, message in MESSAGES.items()}
    told = ADDRESSES | FEATURES | RULES | own | messages
    # Forms of other sites are refused before any form is read: see guards.same_origin_only.
    return {f"SECURITY_{key}": value for key, value in told.items()} | {"WTF_CSRF_ENABLED": False}
