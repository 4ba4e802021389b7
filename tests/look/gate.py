"""The pages before the staff area, in their states: signing in and what goes with it."""

from flask_security.recoverable import generate_reset_password_token
from playwright.sync_api import Page

from clinic_app.accounts.models import Member
from clinic_app.extensions import db
from clinic_app.staff.welcome import FirstOwnerForm
from tests.staff.conftest import PASSWORD

from .sites import Site
from .state import State, press, shown

SIGN_IN, RESET, WELCOME = "/staff/sign-in", "/staff/reset", "/staff/welcome/{invitation}"
REFUSED_AT_ONCE = "no passkey works at an address without a name, which the page says above its button"


def sign_in(who: str, password: str = PASSWORD):
    """Give address and password."""
    return press("Sign in", email=f"{who}@clinic.example", password=password)


def open_reset_link(page: Page, site: Site) -> None:
    """As the mail has it."""
    with site.app.test_request_context("/staff", base_url=site.url):
        token = generate_reset_password_token(db.session.get_one(Member, site.members["app"]))
    page.goto(f"{RESET}/{token}")


def sign_out_elsewhere(page: Page, _site: Site) -> None:
    page.context.clear_cookies()


GATE = (
    State("signing in", SIGN_IN),
    State("signing in: sent empty", SIGN_IN, (press("Sign in"),)),
    State("signing in: wrong password", SIGN_IN, (sign_in("owner", "wrong"),)),
    State("signing in: too often", SIGN_IN, (shown("security/too_often.html", 429),), status=429),
    State("signing in: code", SIGN_IN, (sign_in("app"),)),
    State("signing in: wrong code", SIGN_IN, (sign_in("app"), press("Sign in", code="000"))),
    State("signing in: choose a second step", SIGN_IN, (sign_in("both"),)),
    State("signing in: passkey as second step", SIGN_IN, (sign_in("passkey"),)),
    State(
        "signing in: recovery code",
        SIGN_IN,
        (sign_in("app"), lambda page, _: page.goto(f"{SIGN_IN}/recovery-code")),
    ),
    State(
        "signing in: wrong recovery code",
        SIGN_IN,
        (sign_in("app"), lambda page, _: page.goto(f"{SIGN_IN}/recovery-code"), press("Sign in", code="no")),
    ),
    State("signing in: passkey", f"{SIGN_IN}/passkey"),
    State("signing in: passkey asked for", f"{SIGN_IN}/passkey", (press("Use a passkey"),), moves=REFUSED_AT_ONCE),
    State("reset", RESET),
    State("reset: sent empty", RESET, (press("Send the link"),)),
    State("reset: sent", RESET, (press("Send the link", email="nobody@clinic.example"),)),
    State("reset: choose", RESET, (open_reset_link,)),
    State("reset: too short", RESET, (open_reset_link, press("Set the password", password="short"))),
    State("reset: old link", f"{RESET}/nothing"),
    State("welcome", WELCOME),
    State("welcome: sent empty", WELCOME, (press("Join"),)),
    State("welcome: void", "/staff/welcome/nothing", status=410),
    State("welcome: first owner", "/", (shown("staff/welcome.html", form=FirstOwnerForm, email=None),)),
    State("welcome: first owner, void", "/staff/first/nothing", status=410),
    State("confirm", "/staff/confirm", role="app"),
    State("confirm: wrong", "/staff/confirm", (press("Continue", password="wrong"),), role="app"),
    State("confirm: either", "/staff/confirm", role="both"),
    State("confirm: passkey", "/staff/confirm/passkey", role="both"),
    State(
        "confirm: passkey asked for",
        "/staff/confirm/passkey",
        (press("Use a passkey"),),
        role="both",
        moves=REFUSED_AT_ONCE,
    ),
    State(
        "signed out meanwhile",
        "/staff/enquiries/{new}",
        (sign_out_elsewhere, press("Send", reply="Yes, there is room.")),
        role="reception",
        status=401,
    ),
)
