"""Signing in as people do: by the pages."""

import re
import time

from flask_security.proxies import _security

from clinic_app import clock, database
from clinic_app.accounts.models import Member, Passkey
from clinic_app.extensions import db

from .conftest import PASSWORD


def sign_in(client, email: str, password: str = PASSWORD, path: str = "/staff/sign-in"):
    """Send the form; the answer."""
    return client.post(path, data={"email": email, "password": password})


def is_signed_in(client) -> bool:
    return client.get("/staff").status_code == 200


def prove(client) -> None:
    """As if the password had been given just now."""
    with client.session_transaction("/staff") as session:
        session["fs_paa"] = time.time()


def new_secret() -> str:
    """A secret of an app, as it is kept."""
    return _security.totp_factory.generate_totp_secret()


def code(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return _security.totp_factory._totp.from_source(secret).generate(time=time.time() + 30 * steps).token


def set_up_app(member: Member) -> str:
    """Give the member an app for codes; its secret."""
    secret = new_secret()
    with database.transaction():
        member = db.session.merge(member)
        member.tf_totp_secret, member.tf_primary_method = secret, "authenticator"
    return secret


def flash_in(html: str) -> str:
    """What the page says has happened."""
    found = re.search(r'<div class="flash[^>]*>.*?<p>(.*?)</p>', html, re.DOTALL)
    return found[1] if found else ""


def action_of(html: str, marks: str) -> str:
    """Where the page's form whose action holds `marks` goes to."""
    return re.search(rf'action="([^"]*{marks}[^"]*)"', html)[1].replace("&amp;", "&")


def passkey_of(name: str = "My phone") -> Passkey:
    """A passkey that nobody holds."""
    return Passkey(
        credential_id=name.encode(),
        public_key=b"x",
        backup_state=False,
        device_type="single_device",
        lastuse_datetime=clock.now(),
        name=name,
        usage="first",
    )


def add_passkey(member: Member, name: str = "My phone") -> None:
    """Give it to a member."""
    with database.transaction():
        db.session.get_one(Member, member.id).webauthn.append(passkey_of(name))
