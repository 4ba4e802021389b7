"""The outbox as staff see it: lists, a mail as it went, try again, give up, a test."""

import pytest
from sqlalchemy import select, update

from clinic_app import clock, database
from clinic_app.accounts.models import AuditEntry
from clinic_app.enquiries import references
from clinic_app.extensions import db
from clinic_app.mail import changing, claims, outbox, privacy
from clinic_app.mail.models import OutboxMail
from tests.factories import enquire
from tests.mail.servers import MailServer, SilentServer, free_port
from tests.queries import count
from tests.reading import page_of, parsed, text_of

from .conftest import is_told_gone

KIT, ROBIN = "kit@example.org", "robin@example.org"
REFUSED = "550 No such <person>"


@pytest.fixture
def desk(staff):
    """The browser of someone at reception."""
    return staff("reception")


@pytest.fixture
def queue(app):
    """Queues a mail and gives its number; further arguments become its columns."""

    def queue(address=KIT, *, event="test:1", about=None, calendar=None, **columns) -> int:
        with database.transaction():
            given = {"about": about, "calendar": calendar, "context": {"sent_at": clock.now()}}
            mail_id = outbox.enqueue("test", to=address, event=event, **given)
            if columns:
                db.session.execute(update(OutboxMail).where(OutboxMail.id == mail_id).values(**columns))
            return mail_id

    return queue


@pytest.fixture
def failed(queue):
    """A mail that failed."""
    return queue(state="failed", attempts=1, last_error=REFUSED, last_attempted_at=clock.now())


def read(number: int) -> OutboxMail:
    db.session.rollback()
    return db.session.get(OutboxMail, number, populate_existing=True)


def trail() -> list[tuple[str, int | None]]:
    db.session.rollback()
    return [(e.action, e.about_id) for e in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_lists_are_by_state_with_the_servers_own_words(desk, queue, failed):
    queue(ROBIN)
    page = page_of(desk, "/staff/mail")
    assert [text_of(tab) for tab in page.select(".tabs a")] == ["Queued 1", "Sent 0", "Failed 1", "Given up 0"]
    assert ROBIN in text_of(page.select_one(".rows"))
    rows = page_of(desk, "/staff/mail?state=failed").select(".row")
    assert REFUSED in text_of(rows[0])
    assert "tried once" in text_of(rows[0])
    assert "Nothing given up" in text_of(page_of(desk, "/staff/mail?state=given-up"))


def test_mail_that_did_not_go_is_told_to_who_may_see_it_and_not_on_its_own_pages(desk, staff, failed):
    banner = page_of(desk, "/staff").select_one(".banner")
    assert banner.a["href"] == f"/staff/mail/{failed}"
    assert REFUSED not in banner.text
    assert not page_of(desk, "/staff/mail").select(".banner")
    assert not page_of(staff("editor"), "/staff").select(".banner")


def test_mails_to_an_address_are_found_and_the_trail_does_not_name_it(desk, queue):
    queue(KIT, state="sent", sent_at=clock.now())
    for address, found in ((KIT.upper(), 1), (ROBIN, 0)):
        answer = desk.post("/staff/mail", data={"state": "sent", "to": address})
        assert answer.location.startswith("/staff/mail?state=sent&to=") and "example" not in answer.location
        page = page_of(desk, answer.location)
        assert len(page.select(".row")) == found
        assert page.select_one("#to")["value"] == address
        tokens = [tab["href"].partition("to=")[2] for tab in page.select(".tabs a")]
        assert tokens == [answer.location.partition("to=")[2]] * 4
    entries = db.session.scalars(select(AuditEntry).filter_by(action="searched mail")).all()
    assert [entry.details for entry in entries] == [{"state": "sent"}] * 2


def test_a_search_for_an_address_that_has_ended_says_so(desk):
    assert desk.get("/staff/mail?state=sent&to=%00").location == "/staff/mail?state=sent"
    assert "That search has ended" in text_of(page_of(desk, "/staff/mail?state=sent"))


@pytest.mark.parametrize("query", ["state=x", "at=x", "to=", "state=failed&at=o%FF"])
def test_any_address_of_the_list_is_answered(desk, failed, query):
    page_of(desk, f"/staff/mail?{query}")


def test_a_mail_is_shown_as_it_goes_out(desk, queue):
    number = queue(("Kit <b>Example", KIT), calendar=("REQUEST", "BEGIN:VCALENDAR"))
    answer = desk.get(f"/staff/mail/{number}")
    page = parsed(answer.text)
    assert page.h1.get_text() == "Test mail from Westside Sports Chiro"
    for part in (
        "Kit <b>Example",
        f"<{KIT}>",
        "<hello@clinic.example>",
        read(number).message_id,
        "BEGIN:VCALENDAR",
    ):
        assert part in page.get_text()
    assert read(number).text_body.strip() in page.select_one(".mail-text").get_text()
    frame = page.find("iframe")
    assert frame["src"] == f"/staff/mail/{number}/body"
    assert frame.has_attr("sandbox") and "allow" not in str(frame)
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert trail() == [("opened", number)]


def test_who_a_mail_was_from_that_has_gone_is_not_told_by_the_settings_of_today(desk, queue):
    number = queue(state="sent", sent_at=clock.now())
    assert "From" not in [term.text for term in page_of(desk, f"/staff/mail/{number}").select("dt")]


def test_an_erased_mail_says_so_in_place_of_its_words(desk, queue):
    number = queue(("Kit Example", KIT), about=("appointment", 1), state="sent", sent_at=clock.now())
    with database.transaction():
        privacy.anonymise([number])
    row = page_of(desk, "/staff/mail?state=sent").select_one(".row")
    assert row.a.text == "An email, erased" and "To Anonymous ·" in text_of(row)
    page = page_of(desk, f"/staff/mail/{number}")
    assert page.h1.text == "An email, erased" and "Its words are erased" in text_of(page)
    assert "erased.invalid" not in text_of(page)
    assert not page.select("iframe, .mail-text")
    page_of(desk, f"/staff/mail/{number}/body", status=404)


def test_the_html_part_comes_alone_under_a_policy_that_lets_it_do_nothing(desk, queue):
    number = queue()
    desk.check_pages = False  # it is a mail, with the inline styles that mail programs need
    answer = desk.get(f"/staff/mail/{number}/body")
    assert answer.text == read(number).html_body
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'", "sandbox"} <= set(policy)
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert trail() == [("opened", number)]


def test_mails_about_accounts_never_show_their_words(desk, staff, queue):
    number = queue(about=("member", 1), html_body="<p>secret-link</p>", text_body="secret-link")
    for browser in (desk, staff("owner")):
        page = page_of(browser, f"/staff/mail/{number}")
        assert "secret-link" not in str(page)
        assert "The text is not shown" in text_of(page)
        assert browser.get(f"/staff/mail/{number}/body").status_code == 404


def test_a_mail_leads_to_what_it_is_about(desk, app):
    with database.transaction():
        reference = references.shown(enquire().reference)
    number = db.session.scalars(select(OutboxMail.id)).first()
    page = page_of(desk, f"/staff/mail/{number}")
    assert page.find("a", href=f"/staff/enquiries/{reference}")


def test_a_failed_mail_is_tried_again_from_its_page_or_from_the_list(desk, failed):
    assert desk.post(f"/staff/mail/{failed}/retry").location == f"/staff/mail/{failed}"
    assert read(failed).state == "queued"
    answer = desk.post(f"/staff/mail/{failed}/retry", data={"list": "failed"})
    assert answer.location == "/staff/mail?state=failed"
    assert trail() == [("tried again", failed)] * 2


def test_a_mail_is_given_up_with_the_reason_and_can_be_tried_again_after_all(desk, failed):
    page = desk.post(f"/staff/mail/{failed}/give-up", data={"reason": "Mistyped"}, follow_redirects=True)
    assert "Given up. We won’t try to send it again." in page.text
    assert "Mistyped\n" + REFUSED in read(failed).last_error
    assert [text_of(row) for row in page_of(desk, "/staff/mail?state=failed").select(".row")] == []
    assert page_of(desk, "/staff/mail?state=given-up").select(".row")
    desk.post(f"/staff/mail/{failed}/retry")
    assert (read(failed).state, read(failed).given_up_at) == ("queued", None)
    assert ("gave up", failed) in trail()


def test_giving_up_asks_why(desk, failed):
    answer = desk.post(f"/staff/mail/{failed}/give-up", data={"reason": " "})
    page = parsed(answer.text)
    assert (answer.status_code, page.title.get_text()[:7]) == (200, "Error: ")
    assert page.select_one("details.confirm").has_attr("open")
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    assert read(failed).given_up_at is None


def test_what_a_worker_is_sending_is_left_to_it(desk, queue):
    number = queue()
    claims.claim(clock.now(), limit=1)
    for act, data in (("retry", {}), ("give-up", {"reason": "Mistyped"})):
        answer = desk.post(f"/staff/mail/{number}/{act}", data=data, follow_redirects=True)
        assert "is being sent just now" in answer.text
    assert read(number).state == "sending"
    assert not {"tried again", "gave up"} & {action for action, _ in trail()}


def test_giving_up_what_was_withdrawn_meanwhile_is_said_and_not_written_down(desk, failed):
    with database.transaction():
        changing.withdraw_untrue(failed, reason="it was cancelled since")
    page = desk.post(f"/staff/mail/{failed}/give-up", data={"reason": "Mistyped"}, follow_redirects=True)
    assert "This email was withdrawn: a later change made it untrue" in page.text
    assert "Mistyped" not in read(failed).last_error
    assert "gave up" not in [action for action, _ in trail()]


def test_a_mail_that_was_withdrawn_in_a_workers_hand_says_what_becomes_of_it(desk, queue):
    number = queue()
    [claimed] = claims.claim(clock.now(), limit=1)
    with database.transaction():
        changing.withdraw_untrue(number, reason="it was cancelled since")
    page = page_of(desk, f"/staff/mail/{number}")
    assert "It goes out only if it was already on its way." in text_of(page)
    assert page.select_one(".chip").text == "Withdrawn"
    assert page.find("a", href="/staff/mail?state=queued")
    assert not page.select(".panel form")
    assert "Withdrawn" in text_of(page_of(desk, "/staff/mail").select_one(".row"))
    claims.record(claims.Outcome(mail_id=number, claim=claimed.claim, kind="sent", at=clock.now()))
    page = page_of(desk, f"/staff/mail/{number}")
    assert "A later change made it untrue, when it was already on its way." in text_of(page)
    assert "Sent" in page.select_one(".chip").text
    assert page.find("a", href="/staff/mail?state=sent")


@pytest.mark.parametrize("number", [999, 2**31, 10**30])
def test_an_unknown_mail_is_not_there(desk, number):
    assert desk.get(f"/staff/mail/{number}").status_code == 404
    assert desk.get(f"/staff/mail/{number}/body").status_code == 404
    assert is_told_gone(desk, f"/staff/mail/{number}/retry")
    assert is_told_gone(desk, f"/staff/mail/{number}/give-up", {"reason": "x"})


def test_a_test_mail_goes_out_at_once_and_says_what_the_server_said(desk, with_settings):
    with MailServer() as server:
        with_settings(mail_server="localhost", mail_port=server.port, mail_security="none")
        answer = desk.post("/staff/mail/test", data={"address": KIT}, follow_redirects=True)
        assert f"localhost has taken the email to {KIT}, from hello@clinic.example." in answer.text
        assert server.addresses == [KIT]
        server.replies["RCPT", KIT] = [REFUSED]
        answer = desk.post("/staff/mail/test", data={"address": KIT})
        assert "The mail server did not accept it: 550 No such &lt;person&gt;" in answer.text
        assert KIT in answer.text
    with_settings(mail_port=free_port())
    answer = desk.post("/staff/mail/test", data={"address": KIT})
    assert "Connection refused. Look at the mail settings." in answer.text
    assert (
        "Enter an email address in the correct format" in desk.post("/staff/mail/test", data={"address": "k"}).text
    )
    db.session.rollback()
    entries = db.session.scalars(select(AuditEntry).filter_by(action="sent a test").order_by(AuditEntry.id)).all()
    assert [entry.details for entry in entries] == [{"taken": True}, {"taken": False}, {"taken": False}]


def test_a_server_that_hangs_holds_the_page_for_a_moment_only(desk, with_settings, monkeypatch):
    monkeypatch.setattr("clinic_app.staff.mail.TEST_TIMEOUT", 0.3)
    with SilentServer() as server:
        with_settings(mail_server="localhost", mail_port=server.port, mail_security="none")
        answer = desk.post("/staff/mail/test", data={"address": KIT})
    assert "No connection to the mail server localhost" in answer.text
    assert "timed out" in answer.text


def test_without_a_mail_server_a_test_is_a_file(desk, app):
    page = desk.get("/staff/mail/test").text
    assert "nobody gets an email" in page and "above <code>[hours]</code>, and start the site again" in page
    answer = desk.post("/staff/mail/test", data={"address": KIT}, follow_redirects=True)
    assert "is written as a file" in answer.text


def test_the_list_takes_as_many_queries_however_long_it_is(desk, queue):
    queue()
    few = count(lambda: page_of(desk, "/staff/mail"))
    for number in range(30):
        queue(event=f"test:{number}")
    assert count(lambda: page_of(desk, "/staff/mail")) == few


def test_giving_up_what_somebody_else_has_given_up_is_said_and_not_written_down(desk, failed):
    with database.transaction():
        changing.give_up(failed, reason="They know", by="Jo Fictional")
    page = desk.post(f"/staff/mail/{failed}/give-up", data={"reason": "Mistyped"}, follow_redirects=True)
    assert "It was given up in the meantime" in page.text and "Given up. We" not in page.text
    assert "Mistyped" not in read(failed).last_error
    assert "gave up" not in [action for action, _ in trail()]


def test_giving_up_without_a_reason_what_somebody_else_has_given_up_is_said(desk, queue):
    failed = queue(state="failed", given_up_at=clock.now())
    page = desk.post(f"/staff/mail/{failed}/give-up", data={"reason": " "}, follow_redirects=True)
    assert "Nothing was changed: this email has been sent or given up in the meantime." in page.text


def form_of(page, act: str) -> dict[str, str]:
    """What the form of this act sends beside what is typed."""
    (form,) = (form for form in page.select("form") if form["action"].endswith(f"/{act}"))
    return {each["name"]: each["value"] for each in form.select("[type=hidden]")}


def news(answer) -> list[str]:
    assert answer.status_code == 200, (answer.status_code, answer.location)
    return [text_of(each) for each in parsed(answer.text).select("[aria-labelledby=news] li")]


def acts() -> list[str]:
    return [action for action, _ in trail() if action != "opened"]


def test_stopping_shows_first_that_a_colleague_has_tried_again(desk, staff, failed):
    path = f"/staff/mail/{failed}"
    seen = form_of(page_of(desk, path), "give-up")
    staff("reception", name="Jo Fictional").post(f"{path}/retry")
    answer = desk.post(f"{path}/give-up", data=seen | {"reason": "Mistyped"})
    (told,) = news(answer)
    assert told.startswith(f"Tried again by Jo Fictional , {clock.format_day(clock.now(), year=False)}")
    assert (read(failed).state, acts()) == ("queued", ["tried again"])
    page = parsed(answer.text)
    assert page.select_one("details.confirm").has_attr("open")
    assert page.select_one("#reason")["value"] == "Mistyped"
    answer = desk.post(f"{path}/give-up", data=form_of(page, "give-up") | {"reason": "Mistyped"})
    assert (answer.status_code, read(failed).state, acts()) == (303, "failed", ["tried again", "gave up"])


def test_stopping_shows_it_too_where_the_new_try_has_failed_or_no_reason_is_given(desk, staff, failed):
    path = f"/staff/mail/{failed}"
    seen = form_of(page_of(desk, path), "give-up")
    staff("reception").post(f"{path}/retry")
    with database.transaction():
        db.session.execute(update(OutboxMail).values(state="failed", attempts=2, last_error="550 Still nobody"))
    for reason in ("", "Mistyped"):
        assert len(news(desk.post(f"{path}/give-up", data=seen | {"reason": reason}))) == 1
    assert read(failed).given_up_at is None


def test_stopping_shows_first_that_the_email_goes_to_another_address_now(desk, failed):
    path = f"/staff/mail/{failed}"
    seen = form_of(page_of(desk, path), "give-up")
    with database.transaction():
        changing.readdress(OutboxMail.id == failed, to=ROBIN)
    assert news(desk.post(f"{path}/give-up", data=seen | {"reason": "Mistyped"})) == [f"It goes to {ROBIN} now"]
    assert read(failed).state == "queued"


@pytest.mark.parametrize("place", ["page", "list"])
def test_trying_again_shows_first_that_a_colleague_has_given_it_up(desk, staff, failed, place):
    path = f"/staff/mail/{failed}"
    seen = form_of(page_of(desk, path if place == "page" else "/staff/mail?state=failed"), "retry")
    staff("reception", name="Jo Fictional").post(f"{path}/give-up", data={"reason": "They know"})
    answer = desk.post(f"{path}/retry", data=seen)
    assert news(answer)[0].startswith("Given up by Jo Fictional")
    assert "They know" in answer.text
    assert (read(failed).given_up_at is None, acts()) == (False, ["gave up"])
    desk.post(f"{path}/retry", data=form_of(parsed(answer.text), "retry"))
    assert (read(failed).state, acts()) == ("queued", ["gave up", "tried again"])


def test_the_command_line_is_a_colleague_too(app, desk, failed):
    path = f"/staff/mail/{failed}"
    seen = form_of(page_of(desk, path), "give-up")
    app.test_cli_runner().invoke(args=["mail", "retry", str(failed)])
    assert news(desk.post(f"{path}/give-up", data=seen | {"reason": "x"}))[0].startswith("Tried again by command")


def test_what_overrides_nobody_is_done_at_once(desk, staff, failed):
    path = f"/staff/mail/{failed}"
    seen = {act: form_of(page_of(desk, path), act) for act in ("retry", "give-up")}
    staff("reception").post(f"{path}/retry")
    assert desk.post(f"{path}/retry", data=seen["retry"]).status_code == 303  # what both want
    desk.post(f"{path}/give-up", data=form_of(page_of(desk, path), "give-up") | {"reason": "x"})
    assert desk.post(f"{path}/retry", data=form_of(page_of(desk, path), "retry")).status_code == 303
    assert acts() == ["tried again", "tried again", "gave up", "tried again"]


def test_ones_own_acts_of_before_are_no_news(desk, failed):
    path = f"/staff/mail/{failed}"
    seen = form_of(page_of(desk, path), "give-up")
    desk.post(f"{path}/retry")
    assert desk.post(f"{path}/give-up", data=seen | {"reason": "Mistyped"}).status_code == 303
    assert acts() == ["tried again", "gave up"]


@pytest.mark.parametrize("seen", ["", "x", "9" * 5_000, f"{2**40}"])
def test_a_form_that_does_not_say_what_it_was_made_from_is_taken_as_it_comes(desk, staff, failed, seen):
    staff("reception").post(f"/staff/mail/{failed}/retry")
    answer = desk.post(f"/staff/mail/{failed}/give-up", data={"reason": "Mistyped", "seen": seen})
    assert (answer.status_code, read(failed).state) == (303, "failed")
