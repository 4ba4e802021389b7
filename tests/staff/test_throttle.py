"""How often one may guess a password, a code, or ask for a mail."""

import threading
from datetime import timedelta

import pytest
import time_machine
from argon2 import extract_parameters, low_level
from flask_security import hash_password
from sqlalchemy import select

from clinic_app import clock
from clinic_app.accounts.models import Member
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.rate_limits import RateLimitCount
from tests.queries import noted
from tests.reading import how_many

from .conftest import PASSWORD, browser, new_member
from .signing import code, is_signed_in, prove, set_up_app, sign_in

WRONG = "a wrong password"


@pytest.fixture
def casey(app) -> Member:
    return new_member("editor", email="casey@clinic.example")


@pytest.fixture(autouse=True)
def limits(with_settings):
    with_settings(rate_limits="on", sign_in_limit="3 per 10 minutes")


def from_address(app, address: str):
    there = browser(app)
    there.environ_base["REMOTE_ADDR"] = address
    return there


def test_an_account_is_guessed_at_three_times_whoever_asks_from_wherever(app, casey):
    for number in range(3):
        assert sign_in(from_address(app, f"192.0.2.{number}"), "CASEY@clinic.example ", WRONG).status_code == 200
    answer = sign_in(from_address(app, "192.0.2.9"), casey.email)
    assert answer.status_code == 429
    assert "Too many tries" in answer.text
    assert sign_in(from_address(app, "192.0.2.9"), "kit@clinic.example").status_code == 200


def test_other_spellings_of_an_address_are_no_other_account(app, casey):
    spellings = ["casey@clinic.example", "casey@\uff43linic.example", "\u00a0casey@clinic\u3002example"]
    for number, spelling in enumerate(spellings):
        assert sign_in(from_address(app, f"192.0.2.{number}"), spelling, WRONG).status_code == 200
    assert sign_in(from_address(app, "192.0.2.9"), "casey@cl\u24d8nic.example").status_code == 429


@pytest.mark.parametrize("path", ["/staff/sign-in/code", "/staff/sign-in/recovery-code"])
def test_an_address_sent_beside_a_code_does_not_hide_whose_code_it_is(app, casey, path):
    set_up_app(casey)
    answers = []
    for number in range(4):
        there = from_address(app, f"192.0.2.{number}")
        sign_in(there, casey.email)
        typed = {"code": "000000", "email": f"nobody{number}@clinic.example"}
        answers.append(there.post(path, data=typed).status_code)
    assert answers == [200, 200, 200, 429]


def test_one_address_guesses_three_times_at_all_accounts_together(app, casey):
    there = from_address(app, "192.0.2.1")
    for number in range(3):
        assert sign_in(there, f"nobody{number}@clinic.example", WRONG).status_code == 200
    assert sign_in(there, casey.email).status_code == 429
    assert sign_in(from_address(app, "192.0.2.2"), casey.email).status_code == 302


def test_an_unknown_account_is_refused_just_as_a_known_one(app, casey):
    answers = []
    for email in (casey.email, "nobody@clinic.example"):
        there = from_address(app, f"192.0.2.{len(email)}")
        answers.append([sign_in(there, email, WRONG).status_code for _ in range(5)])
    assert answers[0] == answers[1] == [200, 200, 200, 429, 429]


def test_who_knows_the_password_is_not_counted(app, casey):
    there = from_address(app, "192.0.2.1")
    for _ in range(5):
        assert sign_in(there, casey.email).status_code == 302
        there.post("/staff/sign-out")


def test_guessing_at_once_gets_no_more_tries(app, casey):
    answers = []

    def guess(there) -> None:
        answers.append(sign_in(there, "casey@clinic.example", WRONG).status_code)

    threads = [threading.Thread(target=guess, args=(from_address(app, "192.0.2.1"),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 3 + [429] * 5


def test_codes_and_recovery_codes_are_guessed_at_three_times_each(app, casey):
    secret = set_up_app(casey)
    there = from_address(app, "192.0.2.1")
    for path in ("/staff/sign-in/code", "/staff/sign-in/recovery-code"):
        sign_in(there, casey.email)
        answers = [there.post(path, data={"code": "000000"}).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
    other = from_address(app, "192.0.2.2")
    sign_in(other, casey.email)
    assert other.post("/staff/sign-in/code", data={"code": code(secret)}).status_code == 429
    assert not is_signed_in(other)


def test_who_is_signed_in_is_throttled_too(app, casey):
    there = from_address(app, "192.0.2.1")
    sign_in(there, casey.email)
    typed = {"password": WRONG, "new_password": "another long password"}
    assert [there.post("/staff/account/password", data=typed).status_code for _ in range(2)] == [200, 200]
    assert [there.post("/staff/confirm", data={"password": WRONG}).status_code for _ in range(2)] == [200, 429]


def test_three_links_for_a_new_password_are_mailed(app, casey):
    for number in range(5):
        with time_machine.travel(clock.now() + timedelta(seconds=2 * number)):  # a second has one link
            answer = from_address(app, f"192.0.2.{number}").post("/staff/reset", data={"email": casey.email})
        assert answer.status_code == (200 if number < 3 else 429)
    db.session.rollback()
    assert how_many(OutboxMail) == 3


def test_a_new_password_by_mail_lets_a_throttled_member_in_again(app, casey):
    for number in range(4):
        sign_in(from_address(app, f"192.0.2.{number}"), casey.email, WRONG)
    there = from_address(app, "192.0.2.77")
    assert sign_in(there, casey.email).status_code == 429
    there.post("/staff/reset", data={"email": casey.email})
    db.session.rollback()
    link = next(w for w in db.session.scalars(select(OutboxMail.text_body)).one().split() if "/staff/reset/" in w)
    there.post(link.removeprefix("https://clinic.example"), data={"password": "another long password"})
    assert sign_in(there, casey.email, "another long password").status_code == 302


def test_passkeys_that_are_none_are_throttled(app, casey):
    there = from_address(app, "192.0.2.1")
    assert [there.post("/staff/sign-in/passkey/x").status_code for _ in range(4)] == [302, 302, 302, 429]
    prove(there)


def test_the_table_of_counts_names_nobody(app, casey):
    sign_in(from_address(app, "192.0.2.1"), casey.email, WRONG)
    db.session.rollback()
    rows = db.session.scalars(select(RateLimitCount.key)).all()
    assert rows
    assert not any(casey.email in key or "192.0.2.1" in key for key in rows)


@pytest.fixture
def hashings(monkeypatch):
    """The costs of all hashings of passwords, new ones and comparisons, as they are done."""
    done = []
    hash_secret, verify_secret = low_level.hash_secret, low_level.verify_secret

    def hashed(secret, salt, time_cost, memory_cost, parallelism, *rest, **more):
        done.append((time_cost, memory_cost, parallelism))
        return hash_secret(secret, salt, time_cost, memory_cost, parallelism, *rest, **more)

    def verified(hashed, *rest):
        costs = extract_parameters(hashed.decode())
        done.append((costs.time_cost, costs.memory_cost, costs.parallelism))
        return verify_secret(hashed, *rest)

    monkeypatch.setattr(low_level, "hash_secret", hashed)
    monkeypatch.setattr(low_level, "verify_secret", verified)
    return done


@pytest.mark.parametrize("path", ["/staff/sign-in", "/staff/reset"])
def test_an_unknown_address_takes_as_long_as_a_known_one(app, path, hashings, costly_hashes):
    """One hashing of the same cost, by far the longest part, and the same writing; no clock tells reliably."""
    with app.test_request_context("/staff"):
        new_member("editor", email="known@clinic.example", password=hash_password(PASSWORD))
    work = {}
    for who in ("known", "nobody"):
        hashings.clear()
        with noted() as statements:
            browser(app).post(path, data={"email": f"{who}@clinic.example", "password": WRONG})
        written = sorted(sent.sql.split()[2] for sent in statements if sent.sql.startswith("INSERT"))
        work[who] = (list(hashings), written)
    assert work["known"] == work["nobody"]
    assert len(work["known"][0]) == 1
