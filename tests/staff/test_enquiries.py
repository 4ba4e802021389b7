"""Enquiries as staff see them: lists, one with its story, and all that is done with it."""

import re
from datetime import time, timedelta
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import time_machine
from bs4 import BeautifulSoup
from sqlalchemy import select, update

from clinic_app import clock
from clinic_app.accounts.models import AuditEntry, Member
from clinic_app.booking import profiles
from clinic_app.database import transaction
from clinic_app.enquiries import entries, inbox, listing, privacy, references, replies, reply_templates, states
from clinic_app.enquiries.models import Enquiry, EnquiryEntry
from clinic_app.extensions import db
from clinic_app.mail import privacy as mails
from clinic_app.mail.models import OutboxMail
from tests.booking import make
from tests.factories import enquire
from tests.queries import count
from tests.reading import actions, page_of, parsed, text_of

from .conftest import is_told_gone


@pytest.fixture
def receive(app):
    """Receives an enquiry; gives its reference as people write it."""
    counter = iter(range(10**6))

    def receive(**changes) -> str:
        with transaction():
            enquiry = enquire(**{"nonce": f"n-{next(counter)}"} | changes)
            return references.shown(enquiry.reference)

    return receive


@pytest.fixture
def desk(staff):
    """The browser of someone at reception."""
    return staff("reception")


def enquiry_of(reference: str) -> Enquiry:
    db.session.rollback()
    return inbox.find(reference)


def names(page) -> list[str]:
    return [" ".join(link.get_text().split()) for link in page.select(".row-main > a:first-child")]


def nonce(browser, reference: str) -> str:
    return page_of(browser, f"/staff/enquiries/{reference}").find("input", attrs={"name": "nonce"})["value"]


def test_the_link_in_a_mail_to_staff_leads_to_the_enquiry_once_somebody_has_signed_in(client, desk, receive):
    receive(message="Do you have parking?")
    mail = db.session.scalars(select(OutboxMail).filter_by(name="enquiry_for_staff")).one()
    path = re.search(r"https://clinic\.example(/staff/\S+)", mail.text_body)[1]
    stranger = client.get(path)
    assert stranger.status_code == 302
    assert "parking" not in stranger.text
    assert "Do you have parking?" in text_of(page_of(desk, path))


def test_new_ones_are_listed_longest_waiting_first_and_overdue_ones_say_so(desk, receive):
    with time_machine.travel(clock.now() - timedelta(days=3)):
        receive(name="Lee Invented")
    receive(name="Jo Fictional", message="Do you\n\nhave parking?")
    receive(name="Buyer", honeypot="x")
    page = page_of(desk, "/staff/enquiries")
    assert names(page) == ["Lee Invented", "Jo Fictional"]
    rows = [text_of(row) for row in page.select(".row")]
    assert "Overdue: waiting 3 days" in rows[0]
    assert "Do you have parking?" in rows[1]
    assert "Waiting under a minute" in rows[1]
    assert [text_of(tab) for tab in page.select(".tabs a")] == ["New 2", "Open 0", "Closed 0", "Spam 1", "All"]
    assert "One should have been answered by now" in text_of(page)


def test_lists_are_filtered_by_state_and_owner_and_the_address_keeps_it(desk, receive):
    mine, other = receive(name="Lee Invented"), receive(name="Jo Fictional")
    desk.post(f"/staff/enquiries/{mine}/assign", data={"owner": str(desk.member_id)})
    assert names(page_of(desk, "/staff/enquiries?owner=me")) == ["Lee Invented"]
    assert names(page_of(desk, f"/staff/enquiries?owner={desk.member_id}")) == ["Lee Invented"]
    assert names(page_of(desk, "/staff/enquiries?owner=nobody")) == ["Jo Fictional"]
    desk.post(f"/staff/enquiries/{other}/close")
    page = page_of(desk, "/staff/enquiries?state=closed&owner=nobody")
    assert names(page) == ["Jo Fictional"]
    assert "owner=nobody" in page.select_one(".tabs a")["href"]


@pytest.mark.parametrize("query", ["owner=99999999999999999999", "owner=x", "state=x", "at=o%00"])
def test_any_address_of_the_list_is_answered(desk, receive, query):
    receive()
    page_of(desk, f"/staff/enquiries?{query}")


def test_search_looks_through_all_states_and_is_in_the_trail_without_its_words(desk, receive):
    closed = receive(name="Lee Invented")
    receive(name="Lee Invented", message="Other", honeypot="x")
    receive(name="Jo Fictional")
    desk.post(f"/staff/enquiries/{closed}/close")
    both = look_for(desk, "inven lee")
    assert names(both) == ["Lee Invented"] * 2
    assert names(page_of(desk, both.select_one(".tabs [href*='state=closed']")["href"])) == ["Lee Invented"]
    assert names(look_for(desk, closed)) == ["Lee Invented"]
    assert "Nothing found" in text_of(look_for(desk, "nobody"))
    entry = db.session.scalars(
        select(AuditEntry).filter_by(action="searched enquiries").order_by(AuditEntry.id)
    ).first()
    assert entry.details == {"state": "all"}


def look_for(browser, words: str, **kept) -> BeautifulSoup:
    """The page that searching leads to, whose address does not tell the words."""
    answer = browser.post("/staff/enquiries", data={"q": words, **kept})
    assert answer.status_code == 303 and not any(word in answer.location for word in words.split())
    page = page_of(browser, answer.location)
    assert page.select_one("#q")["value"] == words
    return page


def test_what_is_found_is_read_page_by_page_and_filtered_by_owner(desk, receive):
    for number in range(52):
        receive(name="Lee Invented", message=f"Question {number}?")
    receive(name="Jo Fictional")
    page = look_for(desk, "Invented", owner="nobody")
    assert len(names(page_of(desk, page.find("a", attrs={"rel": "next"})["href"]))) == 2
    form = page.find("select", id="owner").find_parent("form")
    typed = {each["name"]: each["value"] for each in form.select("input")} | {"owner": "me"}
    assert "Nothing found" in text_of(page_of(desk, f"{form['action']}?{urlencode(typed)}"))
    again = page.select_one(".tabs [href*='state=new']")["href"]
    assert len(names(page_of(desk, again))) == 50


def test_a_search_that_has_ended_says_so(desk, receive):
    receive()
    for query in ("q=robin", "q=%00", "q=*"):
        answer = desk.get(f"/staff/enquiries?{query}&state=all")
        assert answer.location == "/staff/enquiries?state=all"
        assert "That search has ended" in text_of(page_of(desk, answer.location))


def test_what_holds_no_words_can_be_searched_for(desk, receive):
    receive()
    assert "Nothing found" in text_of(look_for(desk, "*"))
    assert desk.post("/staff/enquiries", data={"q": "\0"}).location == "/staff/enquiries"


def test_a_long_list_is_read_page_by_page(desk, receive):
    for number in range(52):
        receive(name=f"Guest {number}", message=f"Question {number}?")
    page = page_of(desk, "/staff/enquiries?state=all")
    assert len(names(page)) == 50
    rest = page_of(desk, page.find("a", attrs={"rel": "next"})["href"])
    assert names(rest) == ["Guest 1", "Guest 0"]


def test_the_page_of_one_tells_its_whole_story(desk, receive):
    reference = receive(name="Lee Invented", message="Hello <b>there</b>\nSecond line")
    receive(name="Lee again", email="robin@example.org", phone="")
    desk.post(f"/staff/enquiries/{reference}/note", data={"note": "Lee's <i>sister</i>?"})
    desk.post(f"/staff/enquiries/{reference}/reply", data={"reply": "Yes & no."})
    desk.post(f"/staff/enquiries/{reference}/close")
    page = page_of(desk, f"/staff/enquiries/{reference}")
    story = [text_of(item) for item in page.select(".thread > li")]
    assert [part in item for part, item in zip(PARTS, story, strict=True)] == [True] * 6, story
    known = page.find("a", string="1 other enquiry and no appointments")
    assert "Lee again" in text_of(page_of(desk, known["href"]))
    assert page.select_one("dd a[href='tel:+61491570006']").get_text() == "0491 570 006"
    assert page.find("a", href=f"/staff/calendar/book?enquiry={reference}")


PARTS = [
    "Hello <b>there</b> Second line",
    "Notified hello@clinic.example Queued",
    "Confirmation to robin@example.org Withdrawn",
    "noted, for staff",
    "Yes & no.",
    "closed it",
]


def test_an_arabic_name_leaves_the_reference_behind_it_in_order(desk, receive):
    reference = receive(name="محمد")
    page = page_of(desk, f"/staff/enquiries/{reference}")
    alone = f"\N{FIRST STRONG ISOLATE}محمد\N{POP DIRECTIONAL ISOLATE}, {reference}"
    assert page.h1.get_text() == alone
    assert page.title.get_text().startswith(alone)


def test_who_writes_to_an_address_writes_to_nobody_else(desk, receive):
    reference = receive(email="kit%40mail.example?bcc=eve%40evil.example&x=@mail.example")
    mail = db.session.scalars(select(OutboxMail).filter_by(name="enquiry_for_staff")).one()
    pages = (page_of(desk, f"/staff/enquiries/{reference}").main, parsed(mail.html_body))
    links = [[link["href"] for link in page.select("a[href^=mailto]")] for page in pages]
    encoded = "mailto:kit%2540mail.example%3Fbcc%3Deve%2540evil.example%26x%3D@mail.example"
    assert links == [[encoded, encoded], [encoded]]


def test_every_opening_and_every_change_is_in_the_trail(desk, receive):
    reference = receive()
    path = f"/staff/enquiries/{reference}"
    desk.get(path)
    for act, data in [
        ("reply", {"reply": "Yes."}),
        ("note", {"note": "Lee's sister"}),
        ("note", {"note": "Called back", "keep_as_call": "1"}),
        ("assign", {"owner": str(desk.member_id)}),
        ("close", {}),
        ("reopen", {}),
        ("spam", {}),
        ("not-spam", {}),
    ]:
        answer = desk.post(f"{path}/{act}", data=data)
        assert (answer.status_code, answer.location) == (303, path), act
    assert actions() == [
        "opened",
        "replied to",
        "noted something about",
        "noted a call about",
        "assigned",
        "closed",
        "reopened",
        "marked as spam",
        "marked as not spam",
    ]
    told = db.session.scalars(select(AuditEntry.details)).all()
    assert "Lee" not in str(told)


STALE = {
    "close": ("", "closed", "It was closed by Ron Reception already, so this changed nothing."),
    "reopen": ("close", "reopened", "It was opened again by Ron Reception already, so this changed nothing."),
    "spam": ("", "marked as spam", "It was marked as spam by Ron Reception already, so this changed nothing."),
    "not-spam": ("spam", "marked as not spam", "It was taken back from spam by Ron Reception already"),
}


@pytest.mark.parametrize("act", STALE)
def test_a_button_that_a_colleague_pressed_before_says_so_and_leaves_nothing_in_the_trail(staff, receive, act):
    before, action, said = STALE[act]
    rita, ron = staff("reception", name="Rita Reception"), staff("reception", name="Ron Reception")
    path = f"/staff/enquiries/{receive()}"
    if before:
        ron.post(f"{path}/{before}")
    ron.post(f"{path}/{act}")
    page = parsed(rita.post(f"{path}/{act}", follow_redirects=True).text)
    assert said in text_of(page.select_one(".flash"))
    assert page.select_one(".flash form") is None, "only Ron undoes what Ron did"
    assert actions().count(action) == 1


def test_who_presses_twice_can_still_undo_it(desk, receive):
    reference = receive()
    for _ in range(2):
        answer = desk.post(f"/staff/enquiries/{reference}/close", follow_redirects=True)
    assert "/reopen?" in parsed(answer.text).select_one(".flash form")["action"]
    assert actions().count("closed") == 1


def test_an_enquiry_that_a_colleague_has_taken_meanwhile_is_taken_at_the_second_press_only(staff, receive):
    rita, ron = staff("reception", name="Rita Reception"), staff("reception", name="Ron Reception")
    reference = receive()
    path = f"/staff/enquiries/{reference}/assign"
    stale = taking(page_of(rita, f"/staff/enquiries/{reference}"))
    ron.post(path, data=taking(page_of(ron, f"/staff/enquiries/{reference}")))
    page = parsed(rita.post(path, data=stale, follow_redirects=True).text)
    assert "Ron Reception looks after this enquiry by now" in text_of(page.select_one(".flash"))
    assert enquiry_of(reference).owner_id == ron.member_id
    assert actions().count("assigned") == 1
    again = ron.post(path, data={"owner": str(ron.member_id)}, follow_redirects=True)
    assert "Ron Reception looks after this enquiry already" in again.text
    rita.post(path, data=taking(page))
    assert enquiry_of(reference).owner_id == rita.member_id
    query = select(AuditEntry.details).filter_by(action="assigned").order_by(AuditEntry.id)
    details = db.session.scalars(query).all()
    assert details == [{"to": "Ron Reception"}, {"to": "Rita Reception"}]


def taking(page) -> dict:
    """What "I'll look after it" sends."""
    form = page.find("button", attrs={"name": "owner"}).find_parent("form")
    return {control["name"]: control["value"] for control in form.select("input, button")}


def test_a_reply_is_sent_once_however_often_its_form_is(desk, receive):
    reference = receive()
    data = {"reply": "Yes.", "nonce": nonce(desk, reference)}
    for _ in range(2):
        desk.post(f"/staff/enquiries/{reference}/reply", data=data)
    note = {"note": "Called.", "keep_as_call": "1", "nonce": data["nonce"]}
    for _ in range(2):
        desk.post(f"/staff/enquiries/{reference}/note", data=note)
    assert len(db.session.scalars(select(OutboxMail).filter_by(name="enquiry_reply")).all()) == 1
    assert enquiry_of(reference).state == "open"
    assert actions()[1:] == ["replied to", "noted a call about"]
    authors = db.session.scalars(select(EnquiryEntry.author_id)).all()
    assert authors == [desk.member_id] * 2


def test_who_replies_after_somebody_else_sees_that_first_and_sends_at_the_second_press(desk, staff, receive):
    reference, other = receive(), staff("reception")
    path = f"/staff/enquiries/{reference}/reply"
    mine = {"reply": "Yes, we open!", **hidden(page_of(desk, path.removesuffix("/reply")))}
    theirs = {"reply": "No, closed.", "send_and_close": "1"}
    other.post(path, data=theirs | hidden(page_of(other, path.removesuffix("/reply"))))
    answer = desk.post(path, data=mine)
    page = parsed(answer.text)
    assert "Your reply is not sent yet" in page.select_one(".notice h2").text
    assert "No, closed." in text_of(page.select_one(".notice .thread"))
    assert page.find("textarea", id="reply").get_text().strip() == "Yes, we open!"
    assert sent_replies() == 1
    again = mine | hidden(page)
    for _ in range(2):
        assert desk.post(path, data=again).status_code == 303
    assert sent_replies() == 2


def test_what_came_meanwhile_is_told_after_a_mistake_too(desk, receive):
    reference = receive()
    path = f"/staff/enquiries/{reference}"
    mine = {"reply": "", **hidden(page_of(desk, path))}
    desk.post(f"{path}/note", data={"note": "They called.", "keep_as_call": "1"})
    page = parsed(desk.post(f"{path}/reply", data=mine).text)
    page = parsed(desk.post(f"{path}/reply", data=mine | hidden(page) | {"reply": "Yes"}).text)
    assert "They called." in text_of(page.select_one(".notice .thread"))


def sent_replies() -> int:
    db.session.rollback()
    return len(db.session.scalars(select(OutboxMail).filter_by(name="enquiry_reply")).all())


def hidden(page) -> dict:
    """What the form of a reply holds unseen."""
    return {each["name"]: each["value"] for each in page.select("#answer input[type=hidden]")}


def test_a_reply_can_close_the_enquiry_as_it_goes(desk, receive):
    reference = receive()
    answer = desk.post(
        f"/staff/enquiries/{reference}/reply", data={"reply": "Yes.", "send_and_close": "1"}, follow_redirects=True
    )
    assert "Your reply is on its way. The enquiry is closed." in answer.text
    assert enquiry_of(reference).state == "closed"


def test_a_form_that_is_wrong_comes_back_with_what_was_typed(desk, receive):
    reference = receive()
    long = "Too long. " * 1001
    answer = desk.post(f"/staff/enquiries/{reference}/reply", data={"reply": long, "nonce": "n"})
    page = parsed(answer.text)
    assert page.title.get_text().startswith("Error: ")
    assert "Shorten your reply: it is 9 over" in text_of(page.select_one("[data-error-summary]"))
    assert page.find("textarea", id="reply").get_text().strip() == long.strip()
    assert page.find("input", attrs={"name": "nonce"})["value"] == "n"
    answer = desk.post(f"/staff/enquiries/{reference}/note", data={"note": " "})
    assert "Enter your note" in answer.text


def test_without_an_address_the_page_offers_to_call(desk, receive):
    reference = receive(email="")
    page = page_of(desk, f"/staff/enquiries/{reference}")
    assert page.find("textarea", id="reply") is None
    assert "counts as the answer" in text_of(page)
    answer = desk.post(f"/staff/enquiries/{reference}/reply", data={"reply": "Yes."})
    assert "There is no email address to answer to" in answer.text
    desk.post(f"/staff/enquiries/{reference}/note", data={"note": "Called.", "keep_as_call": "1"})
    assert enquiry_of(reference).state == "open"


def test_a_template_is_inserted_without_script_and_what_was_typed_stays(desk, receive):
    reference = receive(name="Lee Invented")
    with transaction():
        template = reply_templates.create(name="Parking", text="Hello {name},\n\npark behind {clinic}.").id
    filled = "Hello Lee Invented,\n\npark behind Westside Sports Chiro."
    page = page_of(desk, f"/staff/enquiries/{reference}?template={template}#answer")
    assert page.find("textarea", id="reply").get_text().strip() == filled
    answer = desk.post(
        f"/staff/enquiries/{reference}/reply",
        data={"reply": "P.S.", "template": str(template), "insert": "1", "nonce": "n"},
    )
    page = parsed(answer.text)
    assert page.find("textarea", id="reply").get_text().strip() == "P.S.\n\n" + filled
    assert page.find("option", attrs={"data-text": filled})
    assert db.session.scalars(select(EnquiryEntry)).all() == []
    for unknown in ("999", "x", ""):
        assert page_of(desk, f"/staff/enquiries/{reference}?template={unknown}").find("textarea", id="reply")


def test_closing_and_putting_aside_can_be_undone(desk, receive):
    reference = receive()
    for act in ("close", "spam"):
        page = parsed(desk.post(f"/staff/enquiries/{reference}/{act}", follow_redirects=True).text)
        undo = page.select_one(".flash form")["action"]
        desk.post(undo)
        assert enquiry_of(reference).state == "new"


@pytest.mark.parametrize(("act", "back", "state"), [("close", "reopen", "closed"), ("spam", "not-spam", "spam")])
def test_undo_is_of_what_one_did_and_not_of_what_a_colleague_did_after_it(staff, receive, act, back, state):
    rita, ron = staff("reception", name="Rita Reception"), staff("reception", name="Ron Reception")
    reference = receive()
    path = f"/staff/enquiries/{reference}"
    page = parsed(rita.post(f"{path}/{act}", follow_redirects=True).text)
    undo = page.select_one(".flash form")["action"]
    for pressed in (back, act):
        ron.post(f"{path}/{pressed}")
    said = parsed(rita.post(undo, follow_redirects=True).text).select_one(".flash")
    assert "This was done again since, as you see below. “Undo” changed nothing." in text_of(said)
    assert enquiry_of(reference).state == state
    rita.post(f"{path}/{back}")
    assert enquiry_of(reference).state == "new", "the page's own button does it all the same"


def test_spam_shows_its_reasons_and_can_be_taken_back_only(desk, receive):
    reference = receive(honeypot="x")
    page = page_of(desk, f"/staff/enquiries/{reference}")
    assert [text_of(reason) for reason in page.select(".notice li")] == ["the hidden field was filled in"]
    assert text_of(page.select_one("#note-hint")) == "Only staff see it, unless the person asks for what we hold."
    assert page.find("textarea", id="reply") is None
    refused = desk.post(f"/staff/enquiries/{reference}/close", follow_redirects=True)
    assert "This enquiry is held as spam. Say first that it is not." in refused.text
    desk.post(f"/staff/enquiries/{reference}/not-spam")
    assert (enquiry_of(reference).state, len(db.session.scalars(select(OutboxMail)).all())) == ("new", 2)


def test_of_what_staff_marked_the_page_tells_of_no_held_emails(desk, receive):
    told = "No emails have gone out about it"
    held, marked = (f"/staff/enquiries/{receive(**changes)}" for changes in ({"honeypot": "x"}, {}))
    desk.post(f"{marked}/spam")
    assert [told in desk.get(path).text for path in (held, marked)] == [True, False]
    said = [desk.post(f"{path}/not-spam", follow_redirects=True).text for path in (held, marked)]
    assert "Emails that had been held are on their way." in said[0]
    assert "Taken back as it was." in said[1]


def test_a_name_of_staff_that_runs_from_the_right_turns_no_line_of_the_story(staff, receive):
    layla, reference = staff("reception", name="\u0644\u064a\u0644\u0649"), receive()
    path = f"/staff/enquiries/{reference}"
    layla.post(f"{path}/note", data={"note": "Called."})
    layla.post(f"{path}/assign", data={"owner": str(layla.member_id)})
    story = page_of(layla, path).select(".thread > li")
    assert [[bdi.text for bdi in item.select("bdi")] for item in story[-2:]] == [
        ["\u0644\u064a\u0644\u0649"],
        ["\u0644\u064a\u0644\u0649"] * 2,
    ]


def test_it_can_be_given_to_those_who_read_enquiries_only(desk, staff, receive):
    editor, owner = staff("editor"), staff("owner")
    reference = receive()
    page = page_of(desk, f"/staff/enquiries/{reference}")
    offered = {option["value"] for option in page.select("select#owner option")}
    assert offered == {"nobody", str(desk.member_id), str(owner.member_id)}
    path = f"/staff/enquiries/{reference}/assign"
    refused = desk.post(path, data={"owner": str(editor.member_id)}, follow_redirects=True)
    assert "The person you chose can’t look after enquiries any more" in refused.text
    assert enquiry_of(reference).owner_id is None
    assert actions().count("assigned") == 0
    assert desk.post(path, data={}).status_code == 400
    said = desk.post(path, data={"owner": str(owner.member_id)}, follow_redirects=True)
    assert "looks after this enquiry now." in said.text
    with transaction() as session:
        session.get(Member, owner.member_id).active = False
    page = page_of(desk, f"/staff/enquiries/{reference}")
    assert page.select_one("select#owner option[selected]")["value"] == str(owner.member_id)


def test_an_appointment_booked_from_it_stands_in_the_thread_unless_that_was_undone_at_once(desk, receive):
    reference = receive(email="alex@example.org")
    with transaction() as session:
        robin = profiles.save_practitioner("robin", name="Robin Sample", hours={})
        visit = profiles.save_service("visit", name="Follow-up", minutes=30, price_cents=8500)
        booked = make.row(
            SimpleNamespace(robin=robin, visit=visit),
            clock.instant_of(clock.today() + timedelta(days=5), time(10)),
        )
        booked.enquiry_id, booked.status, booked.created_at = inbox.find(reference).id, "cancelled", clock.now()
        session.add(booked)
    page = page_of(desk, f"/staff/enquiries/{reference}")
    assert text_of(page.select(".thread .event")[-1]).startswith(
        f"Appointment booked: {clock.format_when(booked.starts_at)} with Robin Sample Cancelled"
    )
    assert page.find("a", string="no other enquiries and 1 appointment")
    make.keep(make.undone_making(booked.id))
    page = page_of(desk, f"/staff/enquiries/{reference}")
    assert "Appointment booked" not in text_of(page)
    assert "no other enquiries and no appointments" in text_of(page)


def test_an_unknown_reference_is_not_there(desk, receive):
    receive()
    for reference in ("482-173-096", "x", "9" * 40, "%2e%2e"):
        page_of(desk, f"/staff/enquiries/{reference}", 404)
        for act in ("reply", "note", "assign", "close", "reopen", "spam", "not-spam"):
            data = {"reply": "x", "note": "x", "owner": "nobody"}
            assert is_told_gone(desk, f"/staff/enquiries/{reference}/{act}", data), act


def test_a_reply_to_what_was_made_anonymous_meanwhile_is_shown_to_be_copied(desk, receive):
    reference = receive()
    with transaction():
        privacy.anonymise([inbox.find(reference).id])
    answer = desk.post(f"/staff/enquiries/{reference}/reply", data={"reply": "Yes,\nbehind us."})
    page = parsed(answer.text)
    assert (answer.status_code, page.h1.text) == (404, "That was removed meanwhile")
    assert [each.text.strip() for each in page.select("textarea")] == ["Yes,\nbehind us."]
    assert page.select_one("main .actions a[href]")["href"] == "/staff/enquiries"


def test_pages_take_as_many_queries_however_much_they_show(desk, receive):
    reference = receive()
    paths = ["/staff/enquiries", f"/staff/enquiries/{reference}"]
    few = [count(lambda path=path: page_of(desk, path)) for path in paths]
    for number in range(30):
        receive(message=f"Question {number}")
    with transaction():
        enquiry = inbox.find(reference)
        for number in range(10):
            replies.send(enquiry, text=f"Answer {number}", by=None)
            entries.note(enquiry, text=f"Note {number}", by=None)
            reply_templates.create(name=f"Template {number}", text="Hello {name}")
    assert [count(lambda path=path: page_of(desk, path)) for path in paths] == few


def test_a_list_that_holds_more_than_is_worth_counting_says_so(desk, receive, monkeypatch):
    monkeypatch.setattr(listing, "COUNTED", 2)
    for number in range(3):
        receive(message=f"Question {number}")
    assert "1,000+" in page_of(desk, "/staff/enquiries").select_one(".tabs a").get_text()


def test_what_the_command_line_did_is_told_as_that(desk, receive):
    reference = receive()
    with transaction():
        states.close(inbox.find(reference))
    assert "The command line closed it" in text_of(page_of(desk, f"/staff/enquiries/{reference}"))


def test_who_wrote_is_corrected_and_the_next_reply_goes_to_the_new_address(desk, receive):
    reference = receive(email="aelx@example.org")
    queued = len(db.session.scalars(select(OutboxMail)).all())
    path = f"/staff/enquiries/{reference}/correct"
    assert page_of(desk, f"/staff/enquiries/{reference}").find("a", href=path)
    typed = {"name": "Alex Placeholder", "email": "alex@example.org", "phone": "0491 570 156"}
    for said in ("Details corrected.", "Nothing was changed"):
        page = parsed(desk.post(path, data=typed, follow_redirects=True).text)
        assert said in text_of(page.select_one(".flash"))
    enquiry = enquiry_of(reference)
    assert (enquiry.email, enquiry.email_key, enquiry.phone) == ("alex@example.org",) * 2 + ("+61491570156",)
    assert len(db.session.scalars(select(OutboxMail)).all()) == queued
    thread = text_of(page.select_one(".thread"))
    assert thread.count("Corrected the name, email address or phone number of who wrote.") == 1
    assert actions().count("corrected the details of") == 1
    assert names(look_for(desk, "alex@example.org"))
    desk.post(f"/staff/enquiries/{reference}/reply", data={"reply": "Hello again"})
    db.session.rollback()
    reply = db.session.scalars(select(OutboxMail).filter_by(name="enquiry_reply")).one()
    assert reply.to_address == "alex@example.org"
    assert desk.post(path, data=typed | {"email": "", "phone": ""}).status_code == 200
    assert desk.get("/staff/enquiries/482-173-096/correct").status_code == 404


def test_what_had_not_gone_to_a_wrong_address_never_goes_and_is_to_be_written_again(desk, receive):
    reference = receive(email="robin@example.org")
    path = f"/staff/enquiries/{reference}"
    sent = {"reply": "Yes, we do.", "nonce": nonce(desk, reference)}
    seen = page_of(desk, path).find("input", attrs={"name": "seen"})["value"]
    desk.post(f"{path}/reply", data=sent | {"seen": seen})
    with transaction() as session:
        bounced = session.scalars(select(OutboxMail).filter_by(name="enquiry_received")).one()
        bounced.state, bounced.attempts, bounced.last_error = "failed", 1, "550 No such user"
    right = {"name": "Robin Sample", "email": "right@example.org", "phone": ""}
    page = parsed(desk.post(f"{path}/correct", data=right, follow_redirects=True).text)
    assert text_of(page.select(".flash")[-1]) == (
        "Details corrected. No email goes out by this. 1 reply had not gone out to the old address and is"
        " withdrawn: answer again if that is still needed. There was no other answer, so the enquiry is new again."
    )
    assert states_of_mails() == {
        ("enquiry_for_staff", "hello@clinic.example"): "queued",
        ("enquiry_received", "robin@example.org"): "withdrawn",
        ("enquiry_reply", "robin@example.org"): "withdrawn",
    }
    reply = text_of(page.select(".thread .from-us")[-1])
    assert "Yes, we do. Withdrawn" in reply
    assert reply.endswith("Withdrawn: it had not gone out when the email address was corrected")
    for changes in (right | {"email": "Right@Example.org"}, right | {"phone": "0491 570 156"}):
        said = desk.post(f"{path}/correct", data=changes, follow_redirects=True).text
        assert "Details corrected. No email goes out by this.</" in said, "nothing was waiting for that address"
    again = parsed(desk.post(f"{path}/reply", data=sent | {"seen": seen}).text)
    assert "Your reply is not sent yet" in text_of(again.find(role="alert"))
    seen = again.find("input", attrs={"name": "seen"})["value"]
    assert (
        "Your reply is on its way."
        in desk.post(f"{path}/reply", data=sent | {"seen": seen}, follow_redirects=True).text
    )
    assert states_of_mails()["enquiry_reply", "right@example.org"] == "queued"


def test_what_was_closed_with_an_answer_that_never_went_waits_again_and_not_for_who_left(desk, staff, receive):
    gone, reference = staff("reception"), receive(email="robin@example.org")
    path = f"/staff/enquiries/{reference}"
    desk.post(f"{path}/assign", data={"owner": str(gone.member_id)})
    desk.post(f"{path}/reply", data={"reply": "Yes, we do.", "send_and_close": "1"})
    with transaction() as session:
        session.get(Member, gone.member_id).active = False
    right = {"name": "Robin Sample", "email": "right@example.org", "phone": ""}
    page = parsed(desk.post(f"{path}/correct", data=right, follow_redirects=True).text)
    assert "so the enquiry is new again" in text_of(page.select(".flash")[-1])
    enquiry = enquiry_of(reference)
    assert (enquiry.state, enquiry.first_answered_at, enquiry.owner_id) == ("new", None, None)
    assert [text_of(line).split(" it ")[0].split()[-1] for line in page.select(".thread .event")[-2:]] == [
        "opened",
        "assigned",
    ]


def states_of_mails() -> dict[tuple[str, str], str]:
    """By name and address; what was withdrawn has a state of its own here."""
    db.session.rollback()
    mails = db.session.scalars(select(OutboxMail)).all()
    return {(mail.name, mail.to_address): "withdrawn" if mail.withdrawn_at else mail.state for mail in mails}


def test_an_enquiry_that_was_made_anonymous_says_what_is_erased(desk, receive):
    number = enquiry_of(receive()).id
    desk.post(f"/staff/enquiries/{shown_of(number)}/note", data={"note": "Lee's sister"})
    with transaction():
        db.session.execute(update(OutboxMail).values(state="sent", sent_at=clock.now()))
        privacy.anonymise([number])
        mails.anonymise(mails.find(about={"enquiry": [number]}, to=()))
    at = f"/staff/enquiries/{shown_of(number)}"
    assert "This enquiry was made anonymous" in page_of(desk, at).select_one(".notice").text
    desk.post(f"{at}/note", data={"note": "Rang: it was Lee"})
    words = [" ".join(line.text.split()) for line in page_of(desk, at).select(".thread > li > p:last-child")]
    assert words.count("Erased.") == 2 and words[-1] == "Rang: it was Lee"
    assert any(line.startswith("Notified Anonymous Sent") for line in words)


def shown_of(number: int) -> str:
    db.session.rollback()
    return references.shown(db.session.get(Enquiry, number).reference)


def test_nobodys_details_are_put_to_an_enquiry_that_was_made_anonymous(desk, receive):
    number = enquiry_of(receive()).id
    with transaction():
        privacy.anonymise([number])
    page = f"/staff/enquiries/{shown_of(number)}"
    assert not page_of(desk, page).find("a", href=f"{page}/correct")
    assert "erased.invalid" not in desk.get(page).text and not page_of(desk, page).find(id="answer")
    answer = desk.post(f"{page}/reply", data={"reply": "Yes."}, follow_redirects=True)
    assert "There is no email address to answer to" in answer.text
    typed = {"name": "Alex Placeholder", "email": "alex@example.org", "phone": ""}
    for send in (desk.get, partial(desk.post, data=typed)):
        answer = send(f"{page}/correct", follow_redirects=True)
        assert answer.request.path == page
        assert "there are no details to correct" in answer.text
    enquiry = enquiry_of(page.rpartition("/")[2])
    assert (enquiry.name, enquiry.email) == ("Anonymous", f"enquiry-{number}@erased.invalid")


@pytest.mark.parametrize("honeypot", ["", "x"])
def test_of_what_was_made_anonymous_nothing_more_is_made(desk, receive, honeypot):
    number = enquiry_of(receive(honeypot=honeypot)).id
    with transaction():
        privacy.anonymise([number])
    path = f"/staff/enquiries/{references.shown(db.session.get(Enquiry, number).reference)}"
    page = page_of(desk, path)
    for act in ("spam", "not-spam", "reopen"):
        assert not page.select(f"form[action='{path}/{act}']")
        answer = desk.post(f"{path}/{act}", follow_redirects=True)
        assert (answer.status_code, answer.request.path) == (200, path)
        assert "It is nobody’s any more, so this changed nothing." in answer.text
    book = f"/staff/calendar/book?enquiry={path.rpartition('/')[2]}"
    assert not page.select(f"a[href='{book}']") and "“Not spam”" not in page.text
    assert not page.select("[name=keep_as_call], #owner")
    assert "erased.invalid" not in desk.get(book).text
