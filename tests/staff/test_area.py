"""Who gets into the staff area, and what becomes of those who do not."""

from contextlib import contextmanager
from io import BytesIO

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.exc import OperationalError

from clinic_app import database
from clinic_app.accounts import sign_ins
from clinic_app.accounts.models import Member, SignIn
from clinic_app.extensions import db
from clinic_app.staff.area import lock
from clinic_app.staff.gone import Gone
from clinic_app.web.error_page import error_page
from tests.queries import noted, selects
from tests.reading import parsed

from .conftest import new_member


def test_a_stranger_is_led_to_the_sign_in_and_back(client):
    answer = client.get("/staff")
    assert answer.status_code == 302
    assert answer.location == "/staff/sign-in?next=/staff"
    assert "Sign in" in client.get(answer.location).text


def test_a_member_is_let_in(staff):
    answer = staff("reception").get("/staff")
    assert answer.status_code == 200
    assert "Casey Invented" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_asks_once_whether_the_sign_in_stands(staff):
    client = staff("reception")
    with noted() as statements:
        client.get("/staff/mail")
    assert len([sql for sql in selects(statements) if "FROM sign_ins" in sql]) == 1


def test_a_session_ends_with_its_sign_in(staff):
    client = staff("owner")
    with database.transaction():
        sign_ins.end_all(db.session.get(Member, client.member_id))
    assert client.get("/staff").status_code == 302


def test_a_member_who_left_is_let_in_no_more(staff):
    client = staff("owner")
    with database.transaction():
        db.session.get(Member, client.member_id).active = False
    assert client.get("/staff").status_code == 302


def test_what_a_stranger_sends_comes_back_to_be_sent_again(there):
    typed = 'Typed "long"\nago ' + "and at length " * 20_000
    answer = there.post("/staff/posts/new?from=here", data={"body": typed})
    assert answer.status_code == 401
    form = parsed(answer.text).form
    assert form["action"] == "/staff/posts/new?from=here"
    assert form.find("input", attrs={"name": "body"})["value"] == typed


@pytest.mark.parametrize("address", ["/staff/nowhere", "/staff/posts/new", "/staff/sign-in/nowhere"])
def test_no_stranger_gets_a_page_of_thousands_of_fields(there, address):
    answer = there.post(address, data="a=b+c&" * 10_000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (404, 413)
    assert len(answer.data) < 20_000


def test_a_row_that_is_removed_while_it_is_waited_for_is_gone(app):
    with database.transaction():
        member = new_member("owner")
        db.session.execute(delete(Member), execution_options={"synchronize_session": False})
        with pytest.raises(Gone):
            lock(member)


def test_a_fault_is_told_to_staff_in_words_for_them(app, staff, own_template):
    own_template("staff/health/index.html", "{{ 1 / 0 }}")
    owner = staff("owner")
    app.testing = False
    try:
        answer = owner.get("/staff/health")
    finally:
        app.testing = True
    assert answer.status_code == 500
    assert "call us" not in answer.text and 'href="/staff">Go to the queue' in answer.text
    assert f"<code>{answer.headers['X-Request-ID']}</code>" in answer.text


NOTE = "Typed at length, and at more length. " * 3_000


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/staff/testimonials/decide", {"state": "unknown", "reason": NOTE[:300]}, 400),
        ("/staff/health", {"note": NOTE[:300]}, 405),
        ("/staff/calendar/book", {"note": NOTE}, 413),
    ],
)
def test_what_cannot_be_taken_is_told_in_words_for_staff_beside_the_rail(staff, path, fields, status):
    answer = staff("owner").post(path, data=fields)
    assert answer.status_code == status
    page = parsed(answer.text)
    assert page.select_one(".rail") and page.h1.text in page.title.text
    assert "call us" not in page.text and 'href="/staff">Go to the queue' in answer.text
    assert page.textarea.text.strip() == [*fields.values()][-1].strip()


def test_too_many_tries_are_told_in_words_for_staff(app):
    with app.test_request_context("/staff/queue"):
        page, status = error_page(429)
    assert status == 429
    assert "call us" not in page and "Too many tries" in page


@contextmanager
def database_away(app):
    def refuse(*_):
        raise OperationalError("SELECT", {}, Exception("nobody is there"), connection_invalidated=True)

    app.testing = False
    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)
        app.testing = True


def test_while_the_database_is_away_staff_are_told_so_and_keep_what_they_typed(app, staff):
    owner = staff("owner")
    with database_away(app):
        looked = owner.get("/staff/health?x=1")
        sent = owner.post("/staff/posts/new?from=here", data={"body": "What they typed"})
        nothing = owner.post("/staff/account/password", data={"password": "not to be seen"})
    assert [answer.status_code for answer in (looked, sent, nothing)] == [503] * 3
    assert not any("call us" in answer.text for answer in (looked, sent, nothing))
    assert f"<code>{looked.headers['X-Request-ID']}</code>" in looked.text
    assert 'href="/staff/health?x=1">Try again' in looked.text
    form = parsed(sent.text).form
    assert form["action"] == "/staff/posts/new?from=here"
    assert form.find("input", attrs={"name": "body"})["value"] == "What they typed"
    assert "not to be seen" not in nothing.text and "nothing has been changed" in nothing.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "", "Origin": "https://a.example"},
    ],
)
def test_a_change_that_another_site_asks_for_is_refused(staff, headers):
    answer = staff("owner").post("/staff/sign-out", headers=headers)
    assert answer.status_code == 403
    assert 'href="/staff">Go to the queue' in answer.text


def test_signing_in_and_out_by_the_form(app, there):
    from flask_security.utils import hash_password

    with app.test_request_context("/staff"):
        secret = hash_password("a long enough password")
    new_member("owner", email="owner@clinic.example", password=secret)
    page = there.get("/staff/sign-in").text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    typed = {"email": "Owner@clinic.example", "password": "a long enough password", "csrf_token": token}
    assert "Error: " in there.post("/staff/sign-in", data=typed | {"password": "wrong password here"}).text
    answer = there.post("/staff/sign-in", data=typed)
    assert answer.status_code == 302
    assert there.get("/staff").status_code == 200
    assert db.session.scalars(select(SignIn)).one().browser
    db.session.rollback()
    there.post("/staff/sign-out", data={"csrf_token": token})
    assert there.get("/staff").status_code == 302
    assert not db.session.scalars(select(SignIn)).all()


@pytest.mark.parametrize("path", ["/", "/blog", "/contact", "/testimonials", "/book"])
def test_public_pages_neither_read_nor_set_a_cookie(staff, path):
    answer = staff("owner").get(path)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_page_that_a_role_does_not_reach_keeps_the_rail(staff):
    from clinic_app.staff.area import NotAllowed

    client = staff("owner")
    view = client.application.view_functions["staff.queue.index"]

    def refused():
        raise NotAllowed

    client.application.view_functions["staff.queue.index"] = refused
    try:
        answer = client.get("/staff")
    finally:
        client.application.view_functions["staff.queue.index"] = view
    assert answer.status_code == 403
    assert "Staff area" in answer.text


def test_files_or_json_in_place_of_a_form_bring_the_form_back(staff):
    desk = staff("reception")
    files = {name: (BytesIO(b"x"), "x.png") for name in ("nonce", "name", "day", "service")}
    assert desk.post("/staff/calendar/book", data=files).status_code == 200
    assert desk.post("/staff/calendar/book", data="[1]", content_type="application/json").status_code == 200
