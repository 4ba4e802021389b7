"""Joining by an invitation, and signing in with each kind of second factor, in a real browser."""

import itertools
import time
from urllib.parse import urlsplit

import pytest
from passlib.totp import TOTP

from tests.browser import PATIENCE, new_context

NUMBERS = itertools.count(1)
PASSWORD = "four words in a row"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def address(site) -> str:
    """The address of somebody who has just been invited; `path_of` has their link."""
    return f"kit{next(NUMBERS)}@clinic.example"


def join(page, site, address: str) -> None:
    """Take up an invitation; leaves the member signed in."""
    link = site.flask("staff", "invite", address, "--role", "reception").stdout.strip()
    page.goto(urlsplit(link).path)
    page.get_by_label("Your name").fill("Kit Example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    page.get_by_text("Welcome to the staff area").wait_for()


def sign_out(page) -> None:
    page.goto("/staff/account")
    menu = page.get_by_role("button", name="Menu")
    if menu.is_visible():
        menu.click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()


def give_password(page, address: str) -> None:
    page.goto("/staff/sign-in")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def is_in(page) -> None:
    page.get_by_role("heading", name="Queue").wait_for()


def code(key: str, *, later: int = 0) -> str:
    """What an app shows, now or so many half minutes later; none is taken twice."""
    return TOTP(key=key).generate(time=time.time() + 30 * later).token


def test_codes_from_an_app_and_recovery_codes(page, site, address):
    join(page, site, address)
    page.goto("/staff/account")
    page.get_by_role("link", name="Codes from an app").click()
    page.get_by_role("button", name="Show the QR code").click()
    assert page.get_by_role("img", name="QR code for your authenticator app").bounding_box()["width"] > 150
    key = page.locator(".secret-key code").inner_text()
    page.get_by_label("Code from your app").fill(code(key))
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("button", name="Make new codes").click()
    page.locator(".codes code").last.wait_for()
    recovery_codes = page.locator(".codes code").all_inner_texts()
    assert len(recovery_codes) == 10
    sign_out(page)

    give_password(page, address)
    page.get_by_label("Code from your app").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("There is a problem").wait_for()
    page.get_by_label("Code from your app").fill(code(key, later=1))
    page.get_by_role("button", name="Sign in").click()
    is_in(page)
    sign_out(page)

    give_password(page, address)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(recovery_codes[0])
    page.get_by_role("button", name="Sign in").click()
    is_in(page)
    page.goto("/staff/account")
    page.get_by_text("9 left").wait_for()


@pytest.fixture
def page_with_passkeys(browser, site):
    """A page of a browser that keeps passkeys. They belong to names, which 127.0.0.1 is none of."""
    context = new_context(browser, base_url=f"http://localhost:{site.port}")
    page = context.new_page()
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.set_default_timeout(PATIENCE)
    page.devtools = context.new_cdp_session(page)
    page.devtools.send("WebAuthn.enable")
    yield page
    context.close()
    assert messages == []


def plug_in(page, **changes) -> str:
    """Give the browser an authenticator; its number."""
    options = {"options": AUTHENTICATOR | changes}
    return page.devtools.send("WebAuthn.addVirtualAuthenticator", options)["authenticatorId"]


def add_passkey(page, name: str) -> None:
    page.goto("/staff/account/passkeys")
    page.get_by_label("A name for it").fill(name)
    page.get_by_role("button", name="Add a passkey").click()


def test_a_passkey_signs_in_alone_and_behind_a_password(page_with_passkeys, site, address):
    page = page_with_passkeys
    plug_in(page)
    join(page, site, address)
    add_passkey(page, "My phone")
    page.get_by_text("The passkey My phone is added").wait_for()
    page.get_by_role("button", name="Make new codes").click()
    page.goto("/staff/account/passkeys")
    page.get_by_text("My phone", exact=True).wait_for()
    sign_out(page)

    page.get_by_role("button", name="Sign in with a passkey").click()
    is_in(page)
    sign_out(page)

    give_password(page, address)
    page.get_by_role("heading", name="One more step").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    is_in(page)

    page.goto("/staff/account/passkeys")
    page.get_by_role("button", name="Remove My phone").click()
    page.get_by_text("The passkey My phone is removed").wait_for()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("That passkey is not known here").wait_for()


def test_a_passkey_confirms_who_is_there(page_with_passkeys, site, address):
    page = page_with_passkeys
    plug_in(page)
    join(page, site, address)
    add_passkey(page, "My phone")
    page.get_by_text("The passkey My phone is added").wait_for()
    page.goto("/staff/confirm?next=/staff/account/app")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="Codes from an app").wait_for()


def test_what_goes_wrong_with_a_passkey_is_said_in_words(page_with_passkeys, site, address):
    page = page_with_passkeys
    weak = plug_in(page, hasUserVerification=False, isUserVerified=False)
    join(page, site, address)
    add_passkey(page, "My old key")
    page.get_by_text("Please try").wait_for()
    page.devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": weak})
    plug_in(page)
    assert page.evaluate("document.activeElement.textContent") == "Try again"
    page.keyboard.press("Enter")
    page.get_by_text("The passkey My old key is added").wait_for()
    add_passkey(page, "Once more")
    page.get_by_text("This passkey has been added before").wait_for()


def test_a_browser_without_the_json_methods_is_served_too(page_with_passkeys, site, address):
    page = page_with_passkeys
    page.add_init_script(
        "delete PublicKeyCredential.parseCreationOptionsFromJSON;"
        "delete PublicKeyCredential.parseRequestOptionsFromJSON;"
        "delete PublicKeyCredential.prototype.toJSON;"
    )
    plug_in(page)
    join(page, site, address)
    add_passkey(page, "My phone")
    page.get_by_text("The passkey My phone is added").wait_for()
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    is_in(page)


def test_without_script_the_passkey_page_says_what_it_needs(page, request):
    page.goto("/staff/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    has_script = request.node.callspec.params["page"] == "with script"
    told = page.get_by_text("Passkeys don’t work at this address") if has_script else page.locator("noscript p")
    told.wait_for()
