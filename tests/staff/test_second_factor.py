"""A second factor: codes from an app, recovery codes, and the setting that requires one. journeys has passkeys."""

import re
import threading
import time

import pytest
import time_machine
from passlib.totp import TOTP
from sqlalchemy import select

from clinic_app import database
from clinic_app.accounts import codes, invitations, members
from clinic_app.accounts.invitations import Invited
from clinic_app.accounts.models import Member
from clinic_app.extensions import db
from tests.reading import actions

from .conftest import PASSWORD, browser, new_member
from .signing import action_of, add_passkey, code, is_signed_in, prove, set_up_app, sign_in


def now() -> Member:
    """The member as the database has them."""
    db.session.rollback()
    return db.session.scalars(select(Member)).one()


def secret_on(html: str) -> str:
    """The key that the page shows for typing, as an app takes it."""
    return re.search(r'secret-key"><code>([A-Z2-7-]+)</code>', html)[1].replace("-", "")


def app_code(key: str, *, steps: int = 0) -> str:
    """What an app shows for a key."""
    return TOTP(key=key).generate(time=time.time() + 30 * steps).token


def set_up(there) -> str:
    """Set codes up by the pages; the app's key."""
    page = there.post("/staff/account/app", data={"setup": "authenticator"}).text
    key = secret_on(page)
    answer = there.post(action_of(page, "/staff/account/app/"), data={"code": app_code(key)})
    assert answer.location == "/staff/account/changed"
    assert there.get(answer.location).location == "/staff/account/recovery-codes"
    return key


def test_an_app_is_set_up_and_asked_for_from_then_on(app, there, casey):
    sign_in(there, casey.email)
    key = set_up(there)
    assert now().has_second_factor
    with time_machine.travel(3 * 60 + time.time(), tick=True):
        other = browser(app)
        answer = sign_in(other, casey.email, path="/staff/sign-in?next=/staff/account")
        assert answer.location.startswith("/staff/sign-in/code?next=")
        assert not is_signed_in(other), "a password alone signs nobody in"
        page = other.get(answer.location).text
        assert "Use a recovery code" in page
        for told in (page, other.get("/staff/sign-in/recovery-code").text):
            assert "flask staff reset-second-factor EMAIL" in told, "the only owner has nobody to ask"
        wrong = other.post(answer.location, data={"code": "000000"})
        assert "<title>Error: Enter your code" in wrong.text
        assert "Enter the six digits" in other.post(answer.location, data={"code": ""}).text
        for nonsense in ("12345", "abcdef", "1234567890" * 20, "\0", "１２３４５６"):
            assert other.post(answer.location, data={"code": nonsense}).status_code == 200
        digits = app_code(key)
        answer = other.post(answer.location, data={"code": f" {digits[:3]} {digits[3:]}"})
        assert answer.location == "/staff/account"
        assert is_signed_in(other)
    assert {"set up an app for codes", "failed to sign in as", "signed in"} <= set(actions())


def test_behind_the_second_step_lies_the_staff_area_and_no_host_is_named(there, casey):
    secret = set_up_app(casey)
    asked = sign_in(there, casey.email).location
    assert asked == "/staff/sign-in/code?next=/staff"
    led_to = there.post(action_of(there.get(asked).text, "sign-in/code"), data={"code": code(secret)}).location
    assert led_to == "/staff"


def test_a_code_sent_again_by_who_is_signed_in_leaves_the_session_be(app, there, casey):
    secret = set_up_app(casey)
    answer = sign_in(there, casey.email)
    digits = code(secret)
    there.post(answer.location, data={"code": digits})
    assert is_signed_in(there)
    for again in (there.post("/staff/sign-in/code", data={"code": digits}), there.get("/staff/sign-in/code")):
        assert (again.status_code, again.location) == (303, "/staff")
    assert is_signed_in(there)


@pytest.mark.parametrize("step", ["code", "recovery-code"])
def test_who_gives_a_code_by_a_page_that_was_left_open_is_not_led_on_as_the_colleague_who_is_there(
    there, casey, step
):
    robin = new_member("editor", name="Robin Sample")
    secret = set_up_app(casey)
    sign_in(there, casey.email)
    page = there.get(f"/staff/sign-in/{step}").text
    whose = re.search(r'name="whose" value="(\w+)"', page)[1]
    sign_in(there, robin.email)
    assert is_signed_in(there)
    answer = there.post(f"/staff/sign-in/{step}", data={"whose": whose, "code": code(secret)})
    assert "/staff/sign-in" in answer.location
    assert not is_signed_in(there)


def test_a_code_is_taken_once(app, casey):
    secret = set_up_app(casey)
    for expected in (True, False):
        there = browser(app)
        answer = sign_in(there, casey.email)
        there.post(answer.location, data={"code": code(secret)})
        assert is_signed_in(there) is expected
    there.post(sign_in(there, casey.email).location, data={"code": code(secret, steps=1)})
    assert is_signed_in(there), "the next one is good"
    there = browser(app)
    there.post(sign_in(there, casey.email).location, data={"code": code(secret, steps=-1)})
    assert not is_signed_in(there), "one from before is not"


@pytest.mark.parametrize("steps", [-3, 3, 100])
def test_a_code_of_another_time_is_refused(app, casey, steps):
    secret = set_up_app(casey)
    there = browser(app)
    there.post(sign_in(there, casey.email).location, data={"code": code(secret, steps=steps)})
    assert not is_signed_in(there)


def test_the_qr_code_is_drawn_without_a_data_address(there, casey):
    sign_in(there, casey.email)
    page = there.post("/staff/account/app", data={"setup": "authenticator"}).text
    assert "data:" not in page
    assert int(re.search(r'<svg class="qr" viewBox="0 0 (\d+) ', page)[1]) > 29
    assert re.search(r'<path fill="#000" d="(M\d+ \d+h\d+v1h-\d+z)+"', page)


def test_a_qr_code_has_its_three_corners():
    drawing = codes.draw("otpauth://totp/Clinic:casey@clinic.example?secret=ABC")
    for corner in ("M4 4h7v1h-7z", f"M{drawing.size - 11} 4h7v1h-7z", f"M4 {drawing.size - 11}h7v1h-7z"):
        assert corner in drawing.path


def test_a_setup_is_finished_only_with_a_code_from_the_app(there, casey):
    sign_in(there, casey.email)
    page = there.post("/staff/account/app", data={"setup": "authenticator"}).text
    for typed, said in (("000000", "That code is not right"), (" ", "Enter the six digits")):
        again = there.post(action_of(page, "/staff/account/app/"), data={"code": typed})
        assert again.status_code == 200 and "<title>Error: Codes from an app" in again.text
        assert f'<a href="#code">{said}' in again.text
        assert secret_on(again.text) == secret_on(page), "the app need not scan anew"
    assert there.post("/staff/account/app/forged", data={"code": "000000"}).location == "/staff/account/app"
    for setup in ("sms", "email", "", "nonsense"):
        assert "Choose one of the ways shown" in there.post("/staff/account/app", data={"setup": setup}).text
    assert not now().has_second_factor
    there.post(action_of(again.text, "/staff/account/app/"), data={"code": app_code(secret_on(page))})
    assert now().has_second_factor


def test_after_a_wrong_code_the_app_keeps_its_key_until_one_is_right_or_somebody_else_is_there(app, there, casey):
    kit = new_member("editor")
    sign_in(there, casey.email)
    page = there.post("/staff/account/app", data={"setup": "authenticator"}).text
    key = secret_on(page)
    there.post(action_of(page, "/staff/account/app/"), data={"code": "000000"})
    again = there.post("/staff/account/app", data={"setup": "authenticator"}).text
    assert secret_on(again) == key
    there.post("/staff/sign-out")
    sign_in(there, kit.email)
    assert secret_on(there.post("/staff/account/app", data={"setup": "authenticator"}).text) != key
    there.post("/staff/sign-out")
    sign_in(there, casey.email)
    assert set_up(there) != set_up(there), "another phone has another key"


def test_codes_can_be_turned_off_and_take_recovery_codes_with_them(there, casey):
    sign_in(there, casey.email)
    set_up(there)
    there.post("/staff/account/recovery-codes", data={"generate_new_codes": "yes"})
    assert now().mf_recovery_codes
    there.post("/staff/account/app", data={"setup": "disable"})
    member = now()
    assert (member.has_second_factor, list(member.mf_recovery_codes)) == (False, [])
    assert "turned off codes from an app" in actions()


def recovery_codes(there) -> list[str]:
    page = there.post("/staff/account/recovery-codes", data={"generate_new_codes": "yes"}).text
    return re.findall(r"<li><code>([0-9a-f-]+)</code>", page)


def test_recovery_codes_are_seen_once_and_are_good_once(app, there, casey):
    sign_in(there, casey.email)
    set_up(there)
    made = recovery_codes(there)
    assert len(set(made)) == 10
    page = there.get("/staff/account/recovery-codes?show_codes=yes").text
    assert "You have 10 codes left" in page
    assert not any(code in page for code in made)
    assert not any(code in str(now().mf_recovery_codes) for code in made), "the database keeps no code"
    other = browser(app)
    sign_in(other, casey.email)
    path = "/staff/sign-in/recovery-code"
    assert "Enter one of" in other.post(path, data={"code": ""}).text
    assert "is not right" in other.post(path, data={"code": "aaaa-bbbb-cccc"}).text
    assert other.post(path, data={"code": f" {made[3].replace('-', '').upper()} "}).location == "/staff"
    assert is_signed_in(other)
    again = browser(app)
    sign_in(again, casey.email)
    assert "has been used" in again.post(path, data={"code": made[3]}).text
    again.post(path, data={"code": made[4]})
    assert is_signed_in(again)
    assert len(now().mf_recovery_codes) == 8
    assert actions().count("used a recovery code") == 2
    first_of_new = recovery_codes(there)[0]
    assert first_of_new not in made
    sign_in(last := browser(app), casey.email)
    assert "is not right" in last.post(path, data={"code": made[5]}).text, "new codes replace the old ones"


@pytest.mark.parametrize("step", ["code", "recovery-code", "second-step"])
def test_the_second_step_needs_the_first(there, casey, step):
    set_up_app(casey)
    path = f"/staff/sign-in/{step}"
    for answer in (there.get(path), there.post(path, data={"code": "123456", "which": "authenticator"})):
        assert answer.location == "/staff/sign-in"
    assert "Start again" in there.get("/staff/sign-in").text


def test_who_is_deactivated_between_the_steps_stays_out(app, there, casey):
    secret = set_up_app(casey)
    sign_in(there, casey.email)
    with database.transaction():
        db.session.merge(casey).active = False
    there.post("/staff/sign-in/code", data={"code": code(secret)})
    with database.transaction():
        db.session.merge(casey).active = True
    assert not is_signed_in(there)


def test_half_of_a_sign_in_ends_with_the_password_that_began_it(app, there, casey):
    secret = set_up_app(casey)
    sign_in(there, casey.email)
    their_own = browser(app)
    sign_in(their_own, casey.email)
    their_own.post("/staff/sign-in/code", data={"code": code(secret, steps=-1)})
    new = {"password": PASSWORD, "new_password": PASSWORD[::-1]}
    assert their_own.post("/staff/account/password", data=new).location == "/staff/account"
    assert there.post("/staff/sign-in/code", data={"code": code(secret)}).location == "/staff/sign-in"
    assert not is_signed_in(there)


@pytest.mark.parametrize("path", ["/staff/sign-in/code", "/staff/sign-in/recovery-code"])
def test_of_those_who_send_one_code_at_once_one_gets_in(app, there, casey, path):
    secret = set_up_app(casey)
    sign_in(there, casey.email)
    there.post("/staff/sign-in/code", data={"code": code(secret, steps=-1)})
    typed = {"code": recovery_codes(there)[0] if "recovery" in path else code(secret, steps=1)}
    browsers = [browser(app) for _ in range(4)]
    for one in browsers:
        sign_in(one, casey.email)
    threads = [threading.Thread(target=one.post, args=(path,), kwargs={"data": typed}) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [is_signed_in(one) for one in browsers].count(True) == 1


def test_with_an_app_and_a_passkey_a_member_chooses(app, there, casey):
    set_up_app(casey)
    add_passkey(casey)
    answer = sign_in(there, casey.email)
    assert answer.location.startswith("/staff/sign-in/second-step")
    page = there.get(answer.location).text
    assert "Use a passkey" in page
    assert there.post(answer.location, data={"which": "webauthn"}).location.startswith("/staff/sign-in/passkey")
    assert there.post(answer.location, data={"which": "authenticator"}).location.startswith("/staff/sign-in/code")
    assert there.post(answer.location, data={"which": "nonsense"}).location == "/staff/sign-in"


def test_where_a_second_factor_is_required_nothing_else_can_be_done(there, casey, with_settings):
    with_settings(staff_second_factor="required")
    sign_in(there, casey.email)
    for path in ("/staff", "/staff/account", "/staff/account/password", "/staff/figures", "/staff/nowhere"):
        assert there.get(path).location == "/staff/account/second-step"
    assert there.post("/staff/account/sessions/end-others").location == "/staff/account/second-step"
    page = there.get("/staff/account/second-step").text
    assert "Set up a passkey" in page
    assert there.get("/staff/account/passkeys").status_code == 200
    set_up(there)
    assert is_signed_in(there)
    assert there.get("/staff/account/second-step").location == "/staff/account"
    page = there.get("/staff/account/app").text
    assert "Turn it off" not in page
    there.post("/staff/account/app", data={"setup": "disable"})
    assert now().has_second_factor


def test_reset_by_an_owner_the_second_factor_is_gone(app, there, casey):
    set_up_app(casey)
    with database.transaction():
        members.reset_second_factor(db.session.merge(casey), by=None)
    assert sign_in(there, casey.email, PASSWORD).location == "/staff"
    prove(there)
    assert is_signed_in(there)


@pytest.mark.parametrize("page", ["code", "recovery-code", "second-step"])
def test_who_is_at_the_second_step_while_it_is_reset_starts_again(app, there, casey, page):
    set_up_app(casey)
    if page == "second-step":
        add_passkey(casey)
    sign_in(there, casey.email)
    asked = f"/staff/sign-in/{page}"
    assert there.get(asked).status_code == 200
    with database.transaction():
        members.reset_second_factor(now(), by=None)
    assert there.get(asked).location == "/staff/sign-in"
    assert "Start again with your email address and password" in there.get("/staff/sign-in").text
    sign_in(there, casey.email)
    assert is_signed_in(there)


def test_who_has_learnt_a_password_cannot_set_an_app_of_theirs_up_for_it(there, casey):
    """By a browser in which they begin to sign in as the member, and then join by an invitation of their own."""
    set_up_app(casey)
    with database.transaction():
        link = invitations.invite(Invited(email="robin@clinic.example", roles=("editor",)), by=None)
    sign_in(there, casey.email)
    there.post(link.removeprefix("https://clinic.example"), data={"name": "Robin", "password": PASSWORD})
    key = secret_on(there.post("/staff/account/app", data={"setup": "authenticator"}).text)
    with database.transaction():
        members.sign_out(members.with_address("robin@clinic.example"), by=None)
    there.post("/staff/sign-in/code", data={"code": app_code(key)})
    assert not is_signed_in(there)
