"""Booking by its pages: choose, give details, and whatever happens keep what was typed."""

from datetime import time, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from clinic_app import clock, database
from clinic_app.booking import appointments as domain
from clinic_app.booking import corrections, profiles, reminders
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.privacy_notice import privacy_notice
from clinic_app.public import choice
from tests.booking.make import keep_in_a_row
from tests.queries import noted
from tests.reading import all_appointments, how_many, only_appointment, parsed, text_of

from .conftest import MONDAY, NOW, TYPED, texts

TEN = "/book/visit/robin/2026-11-25T1000"


def links_in(page, selector) -> list[str]:
    return [link["href"] for link in page.select(selector)]


# Choosing


def test_services_tell_length_price_and_whom_they_are_for(visitor):
    page = visitor.get("/book")
    assert texts(page.select(".option h2")) == ["First visit For new patients", "Follow-up", "Running check"]
    assert "30 min $85" in texts(page.select(".option-figures"))
    assert links_in(page, ".option a") == ["/book/first", "/book/visit", "/book/check"]


def test_a_service_named_in_a_query_leads_to_its_own_address(visitor):
    assert visitor.client.get("/book?service=visit").location == "/book/visit"


def test_people_are_shown_with_their_next_time(visitor):
    page = visitor.get("/book/visit")
    assert texts(page.select(".option h2")) == ["Anyone", "Robin Sample", "Kit Example"]
    assert texts(page.select(".option-next")) == [
        "Next: Mon 23 Nov, 9:00 am",
        "Next: Mon 23 Nov, 9:00 am",
        "Next: Tue 24 Nov, 9:00 am",
    ]


def test_the_choice_of_people_is_skipped_where_only_one_offers_the_service(visitor):
    assert visitor.client.get("/book/check").location == "/book/check/robin"


def test_times_come_as_next_picks_and_as_a_week_grouped_by_part_of_day(visitor):
    page = visitor.get("/book/visit/robin")
    assert texts(page.select(".picks-list a")) == [
        "Mon 23 Nov 9:00 am",
        "Mon 23 Nov 1:00 pm",
        "Mon 23 Nov 5:00 pm",
    ]
    assert texts(page.select(".day h3")) == [
        f"{name} Nov" for name in ("Mon 23", "Tue 24", "Wed 25", "Thu 26", "Fri 27", "Sat 28", "Sun 29")
    ]
    monday = page.select_one("#day-2026-11-23")
    assert texts(monday.select("h4")) == ["Morning", "Afternoon", "Evening"]
    assert links_in(monday, ".slot")[0] == "/book/visit/robin/2026-11-23T0900"
    assert monday.details.has_attr("open")


def test_every_time_shown_is_an_address_that_opens_the_form(visitor):
    for path in links_in(visitor.get("/book/visit/anyone"), "#day-2026-11-24 .slot"):
        assert visitor.get(path).h1.text == "Your details"


def test_a_day_without_times_says_so_with_the_next_that_has_one(visitor):
    page = visitor.get("/book/visit/kit")
    assert texts([page.select_one("#day-2026-11-25 p")]) == ["No times. Next: Tue 1 Dec"]
    assert texts(page.select("#day-2026-11-25 p > span")) == ["No times.", "Next: Tue 1 Dec"]
    link = page.select_one("#day-2026-11-25 a")["href"]
    assert link == "/book/visit/kit?week=2026-12-01#day-2026-12-01"
    assert visitor.get(link.partition("#")[0]).select("#day-2026-12-01 .slot")


def test_a_public_holiday_is_named(visitor):
    page = visitor.get("/book/visit/robin?week=2026-12-24")
    assert "No times (Christmas Day)." in texts([page.select_one("#day-2026-12-25 p")])[0]


def test_weeks_lead_to_earlier_and_later_ones_and_end_where_booking_ends(visitor):
    page = visitor.get("/book/visit/robin")
    assert not page.select("a[rel~=prev]")
    path, seen = page.select_one("a[rel~=next]")["href"], []
    while path:
        page = visitor.get(path.partition("#")[0])
        seen.append(path)
        path = (page.select_one("a[rel~=next]") or {}).get("href")
    assert len(seen) == 8
    assert texts(page.select(".day h3"))[-1] == "Thu 21 Jan"
    for _ in seen:
        page = visitor.get(page.select_one("a[rel~=prev]")["href"].partition("#")[0])
    assert not page.select("a[rel~=prev]")


def test_a_week_names_its_own_zone_and_one_day_once(visitor, with_settings):
    with_settings(booking_horizon_days=163)
    page = visitor.get("/book/visit/robin?week=2027-04-12")
    assert page.select_one(".zone").text == "All times are clinic time (AEST)."
    assert texts(visitor.get("/book/visit/robin?week=2029-01-01").select("#week-title")) == ["Tue 4 May"]


def test_a_time_that_comes_twice_has_its_zone_beside_it(visitor, with_settings):
    with_settings(booking_horizon_days=150)
    with database.transaction():
        profiles.save_practitioner("robin", name="Robin Sample", hours={6: [(time(1), time(4))]})
    page = visitor.get("/book/check/robin?week=2027-04-04")
    twice = [link for link in page.select("#day-2027-04-04 .slot") if "2:30 am" in text_of(link)]
    assert texts(twice) == ["2:30 am AEDT, Sun 4 Apr", "2:30 am AEST, Sun 4 Apr"]
    assert [link["href"][-5:] for link in twice] == ["T0230", "0230b"]


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/book/nothing", "/book?note=service"),
        ("/book/nothing/robin", "/book?note=service"),
        ("/book/nothing/robin/2026-11-25T1000", "/book?note=service"),
        ("/book?service=nothing", "/book/nothing"),
        ("/book/visit/nobody", "/book/visit?note=person"),
        ("/book/check/kit/2026-11-25T1000", "/book/check?note=person"),
        ("/book/visit/robin/soon", "/book/visit/robin?note=time"),
        ("/book/visit/robin/2026-02-30T1000", "/book/visit/robin?note=time"),
        ("/book/visit/robin/2026-11-25T1207", "/book/visit/robin?week=2026-11-25&note=gone"),
        ("/book/visit/robin/2020-11-25T1000", "/book/visit/robin?week=2020-11-25&note=gone"),
        ("/book/visit/robin/2026-11-21T1000", "/book/visit/robin?week=2026-11-21&note=gone"),
        ("/book/visit/kit/2026-11-25T1000", "/book/visit/kit?week=2026-11-25&note=gone"),
    ],
)
def test_an_address_that_does_not_hold_leads_to_the_nearest_step_that_does(visitor, path, leads_to):
    answer = visitor.client.get(path)
    assert (answer.status_code, answer.location) == (302, leads_to)
    answer = visitor.client.get(leads_to, follow_redirects=True)
    assert answer.status_code == 200
    if "note=" in answer.request.full_path:
        assert 'class="note"' in answer.text


@pytest.mark.parametrize("path", ["/book", "/book/visit", "/book/visit/robin", TEN])
def test_an_address_with_a_slash_at_its_end_leads_to_the_one_without(visitor, path):
    assert visitor.client.get(f"{path}/").location == path
    assert (
        visitor.client.get(f"{path}/?week=2026-12-01&note=%C3%A9").location
        == f"{path}?week=2026-12-01&note=%C3%A9"
    )


def test_what_is_no_longer_offered_leads_on(visitor):
    with database.transaction():
        profiles.save_service("check", retired=True)
        profiles.save_practitioner("kit", left_on=MONDAY - timedelta(days=2))
    assert visitor.client.get("/book/check").location == "/book?note=service"
    assert visitor.client.get("/book/visit/kit").location == "/book/visit?note=person"
    assert visitor.client.get("/book/visit?note=person").location == "/book/visit/robin?note=person"


bits = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["visit", "robin", "anyone", "2026-11-25T1000", "2026-11-25T1000b", "20٢6-11-25T1000", "\x00"]
    ),
    st.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H%M}"),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(bits, min_size=1, max_size=3), st.one_of(st.none(), bits))
@example(["visit", "anyone", "2026-11-25T1000"], None)
@example(["visit", "\ud800"], "0001-01-01")
@example(["\x00", "\x00", "\x00"], "9999-12-31")
@example(["visit", "robin"], "2099-12-31")
@example(["visit", ""], "2026-12-01")
@example(["\ud800", ""], None)
@example(["visit", "robin", "2099-12-31T2359"], None)
def test_no_address_at_all_is_an_error(visitor, parts, week):
    path = "/book/" + "/".join(quoted(part) for part in parts) + (f"?week={quoted(week)}" if week else "")
    seen = []
    answer = visitor.client.get(path)
    while answer.status_code in (302, 308):
        seen.append(answer.location)
        assert len(seen) < 6, seen
        answer = visitor.client.get(answer.location)
    assert answer.status_code in (200, 404), (path, seen)
    if answer.status_code == 404:
        assert "/" in "".join(parts) or "" in parts or set(parts) & {".", ".."}, (
            "only what is no such address at all"
        )


def quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("rows", [1, 500])
def test_the_page_of_times_takes_the_same_few_queries_however_many_appointments(visitor, clinic, rows):
    start = clock.instant_of(MONDAY)
    keep_in_a_row(clinic, start, rows)
    visitor.get("/privacy")  # which reads what is kept for all pages
    with noted() as anyone:
        visitor.get("/book/visit/anyone")
    with noted() as robin:
        visitor.get("/book/visit/robin?week=2026-12-01")
    assert (len(anyone), len(robin)) == (5, 0), anyone


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-25T1000", "2026-11-24T23:00:00+00:00"),
        ("2027-04-04T0230", "2027-04-03T15:30:00+00:00"),
        ("2027-04-04T0230b", "2027-04-03T16:30:00+00:00"),
    ],
)
def test_an_address_means_one_instant_also_when_clocks_show_a_time_twice(app, text, instant):
    assert choice.read_start(text).isoformat() == instant
    assert choice.start_text(choice.read_start(text)) == text


def test_an_address_of_a_time_that_clocks_skip_means_the_change_as_hours_do(app):
    for text in ("2026-10-04T0200", "2026-10-04T0230", "2026-10-04T0230b", "2026-10-04T0300"):
        assert choice.start_text(choice.read_start(text)) == "2026-10-04T0300"


# Details


def test_an_appointment_is_booked_and_its_page_shown(visitor):
    answer = visitor.send(TEN)
    assert answer.status_code == 303
    assert answer.location.startswith("/a/")
    page = visitor.get(answer.location)
    assert page.h1.text == "Your appointment is booked"
    assert "Wednesday 25 November 2026, 10:00 am AEDT" in text_of(page)
    made = only_appointment()
    assert (made.status, made.practitioner.slug, made.service.slug) == ("booked", "robin", "visit")
    assert (made.name, made.email, made.phone) == ("Alex Placeholder", "alex@example.org", "+61491570006")
    assert (made.is_new, made.note) == (False, "I come by bike.\nIs there a rack?")
    assert made.notice_version == privacy_notice().version
    assert made.starts_at == clock.instant_of(MONDAY + timedelta(days=2)) + timedelta(hours=10)


@pytest.mark.parametrize(
    ("path", "reminder_hours", "promised"),
    [
        (TEN, 24, "a confirmation, a reminder, and a link to move or cancel."),
        (TEN, 0, "a confirmation and a link to move or cancel."),
        ("/book/visit/robin/2026-11-23T1000", 24, "a confirmation."),
        ("/book/visit/robin/2026-11-23T1000", 12, "a confirmation and a reminder."),
        ("/book/check/robin/2026-11-23T1000", 24, "a confirmation and a link to move or cancel."),
    ],
)
def test_the_form_promises_the_mails_that_will_come(visitor, with_settings, path, reminder_hours, promised):
    with_settings(reminder_hours=reminder_hours)
    page = visitor.get(path)
    assert page.select_one("#email-hint").text.partition("We’ll email you ")[2] == promised
    assert ("It starts too soon to be moved" in page.text) == ("a link" not in promised)


def test_booking_sets_and_needs_no_cookie(app, visitor):
    visitor.client = app.test_client(use_cookies=False)
    assert "Set-Cookie" not in visitor.client.get(TEN).headers
    assert "Set-Cookie" not in visitor.send(TEN).headers


def test_each_of_the_next_times_says_with_whom_where_nobody_is_chosen(visitor):
    with database.transaction():
        profiles.save_practitioner("kit", hours={0: [(time(9), time(12))]})
    assert texts(visitor.get("/book/visit/anyone").select(".picks-list a")) == [
        "Mon 23 Nov 9:00 am with anyone",
        "Mon 23 Nov 1:00 pm with Robin Sample",
        "Mon 23 Nov 5:00 pm with Robin Sample",
    ]


def test_anyone_means_the_next_who_is_free(visitor):
    at_nine = "/book/visit/anyone/2026-11-24T0900"
    visitor.book(at_nine)
    visitor.book(at_nine, email="jo@example.org", phone="")
    assert [made.practitioner.slug for made in all_appointments()] == ["robin", "kit"]
    assert visitor.client.get(at_nine).status_code == 302


def test_a_service_that_staff_confirm_is_requested(visitor):
    path = "/book/check/robin/2026-11-25T1000"
    assert "Request Wed 25 Nov, 10:00 am" in texts(visitor.get(path).select("button"))
    assert visitor.get(visitor.book(path)).h1.text == "We have your request"
    assert only_appointment().status == "requested"


def test_the_form_for_new_patients_takes_it_that_they_are_new(visitor):
    assert visitor.get("/book/first/robin/2026-11-25T1000").find(id="visits").has_attr("checked")
    assert not visitor.get(TEN).select("[type=radio][checked]")


def test_sending_again_gives_the_same_appointment_and_no_more_mail(visitor):
    token = visitor.token(TEN)
    answers = [visitor.client.post(TEN, data=TYPED | {"token": token}) for _ in range(3)]
    assert len({answer.location for answer in answers}) == 1
    assert only_appointment()
    assert how_many(OutboxMail) == 3, "to the patient, to staff, to the practitioner"


def mails() -> list[tuple[str, str]]:
    """(name, recipient) of all that is on its way, or out, in the order in which they were queued."""
    holds = select(OutboxMail).where(OutboxMail.withdrawn_at.is_(None)).order_by(OutboxMail.id)
    return [(mail.name, mail.to_address) for mail in db.session.scalars(holds)]


def test_a_mistyped_address_is_mended_by_the_same_form_and_its_link_opens_nothing(visitor):
    token = visitor.token(TEN)
    mistyped = visitor.client.post(TEN, data=TYPED | {"token": token, "email": "aelx@example.org"}).location
    answer = visitor.client.post(TEN, data=TYPED | {"token": token, "phone": "0491 570 156"})
    page = visitor.get(answer.location)
    assert page.h1.text == "Your appointment is changed"
    assert "We’re emailing these details to alex@example.org." in page.text
    visitor.get(mistyped, status=404)
    assert [address for name, address in mails() if name == "appointment_booked"] == ["alex@example.org"]
    notice = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id.desc())).first()
    assert notice.subject.startswith("Details corrected by the patient")
    assert "0491 570 156" in notice.text_body
    told = mails()
    visitor.client.post(TEN, data=TYPED | {"token": token, "phone": "0491 570 156"})
    assert mails() == told


@pytest.mark.parametrize(
    ("minutes", "told"), [(2, ["appointment_booked", "appointment_reminder"]), (10, ["appointment_booked"])]
)
def test_who_mends_their_address_is_reminded_at_the_new_one_unless_told_on_the_last_day(
    visitor, travel, minutes, told
):
    path = "/book/visit/robin/2026-11-23T1300"
    travel.shift(timedelta(minutes=55))  # to five minutes before reminders of it are due
    token = visitor.token(path)
    visitor.client.post(path, data=TYPED | {"token": token, "email": "aelx@example.org"})
    travel.shift(timedelta(minutes=minutes))
    visitor.client.post(path, data=TYPED | {"token": token})
    travel.shift(timedelta(minutes=10))
    with database.transaction():
        reminders.send_due()
    assert [name for name, address in mails() if address == "alex@example.org"] == told


def test_the_same_form_with_another_name_says_that_it_made_no_second_appointment(visitor):
    path = "/book/visit/anyone/2026-11-24T0900"
    token = visitor.token(path)
    visitor.client.post(path, data=TYPED | {"token": token, "name": "Child One"})
    told = [mail for mail in mails() if mail[0] == "appointment_booked"]
    for _ in range(2):  # pressed twice
        answer = visitor.client.post(path, data=TYPED | {"token": token, "name": "Child Two"})
        page = visitor.get(answer.location)
        assert page.h1.text == "Your appointment is changed"
        note = page.select_one(".note")
        assert texts([note]) == [
            "We changed the details of the appointment you made a moment ago: it’s for Child Two, and there is "
            "no second one. To book for somebody else too, start again."
        ]
        assert note.a["href"] == "/book"
        assert "emailing" not in page.text
    assert only_appointment().name == "Child Two"
    assert [mail for mail in mails() if mail[0] == "appointment_booked"] == told


def test_a_request_whose_details_are_mended_says_so_too(visitor):
    path = "/book/check/robin/2026-11-25T1000"
    token = visitor.token(path)
    visitor.client.post(path, data=TYPED | {"token": token})
    page = visitor.get(
        visitor.client.post(path, data=TYPED | {"token": token, "email": "jo@example.org"}).location
    )
    assert page.h1.text == "Your request is changed"
    assert "We changed the details of the request you made" in page.select_one(".note").text


def test_details_are_mended_for_half_an_hour(visitor, travel):
    token = visitor.token(TEN)
    visitor.client.post(TEN, data=TYPED | {"token": token})
    travel.shift(timedelta(minutes=31))
    sent = len(mails())
    answer = visitor.client.post(TEN, data=TYPED | {"token": token, "email": "kit@example.org"})
    assert answer.location.endswith("?note=already")
    assert only_appointment().email == "alex@example.org"
    assert len(mails()) == sent


def test_what_staff_have_corrected_is_undone_by_no_form_that_is_sent_again(visitor):
    token = visitor.token(TEN)
    mistyped = TYPED | {"token": token, "email": "aelx@example.org"}
    visitor.client.post(TEN, data=mistyped)
    with database.transaction():
        patient = domain.Patient(name="Alex Placeholder", email="alex@example.org")
        corrections.correct(only_appointment(), patient=patient, by="staff")
    told = mails()
    for again in (mistyped, mistyped | {"name": "Alexa Placeholder"}):
        answer = visitor.client.post(TEN, data=again)
        assert answer.location.endswith("?note=already")
    stands = only_appointment()
    assert (stands.name, stands.email) == ("Alex Placeholder", "alex@example.org")
    assert mails() == told
    assert [address for name, address in told if name == "appointment_booked"] == ["alex@example.org"]


def test_a_name_is_no_place_for_an_address(visitor):
    answer = visitor.send(TEN, name="Win a phone at https://shop.example")
    assert "Enter your name without a web address" in answer.text
    assert all_appointments() == []


def test_what_reads_like_no_name_is_told_to_staff_and_to_no_address_that_anybody_can_type(visitor):
    name = "Refund due, claim at evil-refund.com/now 1800 555 000"
    visitor.book(name=name, email="stranger@mail.example")
    to_patient, to_staff, _ = db.session.scalars(select(OutboxMail).order_by(OutboxMail.id))
    assert to_patient.to_address == "stranger@mail.example"
    told = (to_patient.to_name, to_patient.subject, to_patient.text_body, to_patient.html_body)
    assert "refund" not in "".join((*told, to_patient.calendar_text.replace("\r\n ", ""))).lower()
    assert name in to_staff.text_body


@pytest.mark.parametrize(
    "other",
    ["/book/visit/robin/2026-11-25T1100", "/book/first/robin/2026-11-25T1000", "/book/visit/kit/2026-11-24T0900"],
)
def test_the_same_form_with_another_choice_shows_the_appointment_that_it_made(visitor, other):
    token = visitor.token(TEN)
    made = visitor.client.post(TEN, data=TYPED | {"token": token}).location
    page = visitor.get(made)
    assert "already booked" not in page.text
    page = visitor.get(visitor.client.post(other, data=TYPED | {"token": token}).location)
    assert "You have already booked with this form: this is your appointment." in page.select_one(".note").text
    assert page.select_one(".note a")["href"] == "/book"
    assert "Wednesday 25 November 2026, 10:00 am" in text_of(page)
    assert only_appointment()


def test_the_same_form_for_anyone_sent_again_is_no_other_choice(visitor):
    path = "/book/visit/anyone/2026-11-24T0900"
    token = visitor.token(path)
    for _ in range(2):
        assert visitor.client.post(path, data=TYPED | {"token": token}).location.endswith("?note=booked")


def test_sending_again_counts_towards_no_limit(visitor, with_settings):
    with_settings(booking_limit="1 per hour", rate_limits="on")
    token = visitor.token(TEN)
    assert {visitor.client.post(TEN, data=TYPED | {"token": token}).status_code for _ in range(3)} == {303}


def test_too_many_from_one_address_wait_with_what_they_typed(visitor, with_settings):
    with_settings(booking_limit="1 per hour", rate_limits="on")
    visitor.book()
    answer = visitor.send("/book/visit/robin/2026-11-25T1100", name="Jo Fictional")
    assert answer.status_code == 429
    alert = parsed(answer.text).find(attrs={"role": "alert"})
    assert alert.h2.text == "Please try again in an hour or so"
    assert "Jo Fictional" in answer.text
    assert only_appointment().name == "Alex Placeholder"


def test_an_empty_form_comes_back_with_each_mistake_named(visitor):
    answer = visitor.client.post(TEN, data={})
    assert answer.status_code == 200
    page = parsed(answer.text)
    assert page.title.text.startswith("Error: ")
    assert [(link["href"], link.text) for link in page.find(attrs={"role": "alert"}).find_all("a")] == [
        ("#name", "Enter your full name"),
        ("#email", "Enter an email address or a phone number, so we can reach you"),
        ("#visits", "Choose whether you’ve been to see us before"),
    ]
    assert all_appointments() == []


def test_a_form_with_a_mistake_keeps_all_that_was_typed(visitor):
    page = parsed(visitor.send(TEN, email="alex@", note="x" * 501).text)
    assert kept(page) == ["Alex Placeholder", "alex@", "x" * 501, "returning"]
    assert page.find("input", attrs={"name": "token"})["value"]


def kept(page) -> list[str]:
    return [
        page.find(id="name")["value"],
        page.find(id="email")["value"],
        page.find(id="note").text.strip(),
        page.select_one("[type=radio][checked]")["value"],
    ]


@pytest.mark.parametrize("changes", [{"email": ""}, {"phone": ""}, {"note": ""}])
def test_one_way_to_reach_someone_and_no_note_are_enough(visitor, changes):
    visitor.book(**changes)
    assert only_appointment()


def test_when_the_time_has_just_gone_the_nearest_are_offered_in_the_same_form(visitor):
    token = visitor.token(TEN)
    visitor.book(email="jo@example.org", phone="")
    answer = visitor.client.post(TEN, data=TYPED | {"token": token})
    assert answer.status_code == 409
    page = parsed(answer.text)
    assert "Someone has just taken Wed 25 Nov, 10:00 am" in text_of(page.find(attrs={"role": "alert"}))
    assert kept(page)[:2] == ["Alex Placeholder", "alex@example.org"]
    buttons = page.select("form .pick")
    assert texts(buttons) == [f"Wed 25 Nov {at} am" for at in ("9:15", "9:30", "10:30", "10:45")]
    form = page.select_one("form.form")
    assert form.find_all("p")[-1].a["href"] == "#other-times"
    typed = TYPED | {"token": form.find("input", attrs={"name": "token"})["value"]}
    assert visitor.client.post(buttons[2]["formaction"], data=typed).status_code == 303
    assert [f"{clock.local(made.starts_at):%H:%M}" for made in all_appointments()] == ["10:00", "10:30"]


def test_the_same_time_with_somebody_else_is_offered_first(visitor):
    path = "/book/visit/robin/2026-11-24T0900"
    token = visitor.token(path)
    visitor.book(path, email="jo@example.org", phone="")
    page = parsed(visitor.client.post(path, data=TYPED | {"token": token}).text)
    assert texts(page.select(".pick"))[0] == "Tue 24 Nov 9:00 am with Kit Example"
    assert page.select_one(".pick")["formaction"] == "/book/visit/kit/2026-11-24T0900"


@pytest.mark.parametrize("who", ["nobody", "%00", "%ED%A0%80"])
def test_whoever_nobody_is_is_not_taken_for_anyone(visitor, who):
    answer = visitor.client.post(f"/book/visit/{who}/2026-11-24T0900", data=TYPED | {"token": visitor.token(TEN)})
    assert answer.status_code == 409
    page = parsed(answer.text)
    assert "The person you chose can’t be booked any more" in page.find(attrs={"role": "alert"}).text
    assert kept(page)[:2] == ["Alex Placeholder", "alex@example.org"]
    assert texts(page.select(".pick"))[0] == "Tue 24 Nov 9:00 am with Robin Sample"
    assert all_appointments() == []


def test_when_the_service_is_withdrawn_meanwhile_what_was_typed_stays(visitor):
    token = visitor.token(TEN)
    with database.transaction():
        profiles.save_service("visit", retired=True)
    answer = visitor.client.post(TEN, data=TYPED | {"token": token})
    assert answer.status_code == 409
    assert kept(parsed(answer.text))[0] == "Alex Placeholder"
    assert "Call us" in answer.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"price_cents": 9000}, "Follow-up now takes 30 minutes and costs $90. Nothing is booked yet."),
        ({"minutes": 60}, "Follow-up now takes 60 minutes and costs $85. Nothing is booked yet."),
        ({"confirm": "staff"}, "costs $85, and one of us confirms it. Nothing is booked yet."),
    ],
)
def test_terms_that_changed_since_the_page_was_opened_are_told_before_anything_is_booked(visitor, changes, words):
    sent = TYPED | hidden(visitor.get(TEN))
    with database.transaction():
        profiles.save_service("visit", **changes)
    answer = visitor.client.post(TEN, data=sent | {"name": ""})
    assert words not in text_of(parsed(answer.text)), "what was mistyped is told first"
    answer = visitor.client.post(TEN, data=TYPED | hidden(parsed(answer.text)))
    page = parsed(answer.text)
    assert answer.status_code == 409
    assert words in text_of(page)
    assert kept(page)[0] == "Alex Placeholder"
    assert all_appointments() == []
    assert visitor.client.post(TEN, data=TYPED | hidden(page)).status_code == 303
    with database.transaction():
        profiles.save_service("visit", price_cents=9900)
    assert visitor.client.post(TEN, data=TYPED | hidden(page)).status_code == 303
    assert only_appointment()


def hidden(page) -> dict[str, str]:
    """What a form sends that nobody types."""
    return {field["name"]: field.get("value", "") for field in page.select("form.form input[type=hidden]")}


def test_one_person_books_up_to_the_cap(visitor, with_settings):
    with_settings(appointments_per_person=1)
    visitor.book()
    answer = visitor.send("/book/visit/robin/2026-11-25T1100")
    assert answer.status_code == 409
    assert "You’ve booked as many appointments as you can online" in answer.text
    page = parsed(answer.text)
    assert kept(page)[0] == "Alex Placeholder"
    token = page.find("input", attrs={"name": "token"})["value"]
    family = TYPED | {"token": token, "email": "jo@example.org", "phone": ""}
    assert page.select(".form .button-main")
    assert visitor.client.post("/book/visit/robin/2026-11-25T1100", data=family).status_code == 303


@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("", {}, Exception("disk full")), 503), (OSError(), 500)]
)
def test_when_storing_fails_the_form_comes_back_with_all_that_was_typed(visitor, monkeypatch, error, status):
    def fail(**_):
        raise error

    token = visitor.token(TEN)
    with monkeypatch.context() as broken:
        broken.setattr(domain, "book", fail)
        answer = visitor.client.post(TEN, data=TYPED | {"token": token})
    assert answer.status_code == status
    page = parsed(answer.text)
    assert kept(page)[0] == "Alex Placeholder"
    assert "02 5550 0142" in page.find(attrs={"role": "alert"}).text
    assert "disk full" not in answer.text
    assert visitor.client.post(TEN, data=TYPED | {"token": token}).status_code == 303


def test_when_the_database_does_not_answer_at_all_what_was_typed_stays(visitor, monkeypatch):
    token = visitor.token(TEN)

    def refuse(*_):
        raise OperationalError("", {}, Exception("gone away"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        answer = visitor.client.post(TEN, data=TYPED | {"token": token})
    finally:
        event.remove(db.engine, "before_cursor_execute", refuse)
    assert answer.status_code == 503
    page = parsed(answer.text)
    assert kept(page)[0] == "Alex Placeholder"
    assert page.select_one("form.form")["action"] == TEN


def test_a_program_that_fills_in_everything_has_to_press_twice(visitor):
    answer = visitor.send(TEN, leave_empty="https://spam.example")
    assert answer.status_code == 200
    assert parsed(answer.text).find(id="leave_empty")["value"] == ""
    assert all_appointments() == []


def test_a_form_that_another_site_sends_is_refused(visitor):
    token = visitor.token(TEN)
    answer = visitor.client.post(TEN, data=TYPED | {"token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("bad", ["\x00", "🏃" * 40, "{{7*7}}", "a\r\nBcc: x@example.org", "<b>"])
def test_no_text_at_all_makes_the_form_fall_over(visitor, bad):
    for field in ("name", "email", "phone", "note", "visits", "token"):
        assert visitor.client.post(TEN, data=TYPED | {field: bad}).status_code in (200, 303, 409)


def test_the_home_page_gets_the_next_times_of_the_service_for_new_patients(clinic, client):
    from clinic_app.public.next_slots import booking_next_slots

    with client.application.test_request_context():
        slots = booking_next_slots(profiles.services())
        with noted() as queries:
            booking_next_slots(profiles.services())
    assert [(clock.format_when(s.starts_at), s.practitioner.slug, s.url) for s in slots] == [
        ("Mon 23 Nov, 9:00 am", "robin", "/book/first/robin/2026-11-23T0900"),
        ("Mon 23 Nov, 1:00 pm", "robin", "/book/first/robin/2026-11-23T1300"),
        ("Mon 23 Nov, 5:00 pm", "robin", "/book/first/robin/2026-11-23T1700"),
    ]
    assert len(queries) == 1, "what was read for the first serves the second"
    assert client.get(slots[0].url).status_code == 200


def test_a_clinic_without_services_has_no_next_times(app):
    from clinic_app.public.next_slots import booking_next_slots

    assert booking_next_slots([]) == []
    assert "Nothing can be booked online just now" in app.test_client().get("/book").text


def test_now_is_what_the_tests_say(clinic):
    assert clock.now() == NOW
