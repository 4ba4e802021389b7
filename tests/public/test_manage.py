"""The page behind an appointment's secret link: it tells the true state, and only POST changes it."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select

from clinic_app import clock, database
from clinic_app.booking import appointments as domain
from clinic_app.booking import hours, links, profiles, requests
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.times.opening import opening
from clinic_app.times.periods import Period
from tests.queries import noted
from tests.reading import all_appointments, only_appointment, page_of, parsed, text_of

from .conftest import MONDAY, NOW, TUESDAY, TYPED, at, manage_path, offer, texts

WEDNESDAY = MONDAY + timedelta(days=2)
CHECK = "/book/check/robin/2026-11-25T1000"


def tables() -> dict:
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            t.name: connection.execute(select(t).order_by(*t.primary_key)).all() for t in db.metadata.sorted_tables
        }


def mails_to(address) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMail.name).filter_by(to_address=address).order_by(OutboxMail.id)))


def test_it_tells_when_where_with_whom_and_how_to_change_it(visitor):
    page = visitor.get(visitor.book())
    assert texts(page.select(".slip dd")) == [
        "Wednesday 25 November 2026, 10:00 am AEDT",
        "Follow-up, 30 min, $85",
        "Robin Sample",
        "Alex Placeholder",
        "Westside Sports Chiro12 Example Street, Westside NSW 2999 See the map 02 5550 0142",
    ]
    assert "until Tuesday 24 November 2026, 10:00 am AEDT" in texts(page.select(".managing-rules"))[0]
    assert "alex@example.org" not in page.text
    assert "rack" not in page.text


def test_the_mail_the_patient_gets_has_this_link(visitor):
    link = visitor.book()
    mail = db.session.scalar(select(OutboxMail).filter_by(to_address="alex@example.org"))
    assert f"https://clinic.example{link}\n" in mail.text_body


@pytest.mark.parametrize(
    "path", ["", "/move", "/move?week=2026-12-01", "/cancel", "/appointment.ics", "x", "x/move"]
)
def test_the_secret_stays_secret(visitor, path):
    answer = visitor.client.get(visitor.book() + path)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "canonical" not in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("path", "status"), [("/a/x/cancel/x/x", 404), ("/a/x", 405), ("/calendar/x.ics", 405)])
def test_the_secret_stays_secret_where_nothing_answers(client, path, status):
    answer = client.post(path)
    assert answer.status_code == status
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_an_unknown_link_says_what_to_do(visitor):
    page = visitor.get("/a/nothing", status=404)
    assert page.h1.text == "This link doesn’t open an appointment"
    assert "02 5550 0142" in page.main.text
    for path in ("/a/%00", "/a/%ED%A0%80", "/a/nothing/move", "/a/nothing/cancel", "/a/nothing/appointment.ics"):
        assert visitor.client.get(path).status_code == 404
    for path in ("move", "cancel", "choose"):
        answer = visitor.client.post(f"/a/nothing/{path}", data={"to": "2026-11-25T1100"})
        assert answer.status_code == 404


@pytest.mark.parametrize("state", ["booked", "requested", "offered", "cancelled", "too late", "past"])
def test_looking_changes_nothing_whatever_the_state(visitor, travel, state):
    link = visitor.book(CHECK if state in ("requested", "offered") else "/book/visit/robin/2026-11-25T1000")
    if state == "offered":
        offer(at(WEDNESDAY, "14:00"))
    if state == "cancelled":
        visitor.client.post(f"{link}/cancel")
    travel.move_to(NOW + {"too late": timedelta(days=2), "past": timedelta(days=9)}.get(state, timedelta()))
    before = tables()
    visitor.client.check_pages = False  # HEAD has no page to check
    for path in ("", "?note=moved", "/move", "/move?to=2026-11-25T1100", "/choose", "/cancel", "/appointment.ics"):
        for method in ("GET", "HEAD", "OPTIONS"):
            assert visitor.client.open(link + path, method=method).status_code in (200, 303, 405)
    assert tables() == before


def test_it_is_moved_in_one_step(visitor):
    link = visitor.book()
    page = visitor.get(f"{link}/move")
    button = page.select_one("#day-2026-11-26 button")
    assert button["value"] == "2026-11-26T0900"
    answer = visitor.client.post(page.form["action"], data={button["name"]: button["value"]})
    assert answer.status_code == 303
    page = visitor.get(answer.location)
    assert "Thursday 26 November 2026, 9:00 am AEDT" in text_of(page)
    assert "It’s now on Thu 26 Nov, 9:00 am" in text_of(page)
    assert only_appointment().sequence == 1
    assert mails_to("alex@example.org") == ["appointment_booked", "appointment_moved"]
    assert visitor.client.get("/book/visit/robin/2026-11-25T1000").status_code == 200, "the old time is free"


@pytest.mark.parametrize("by_now", [{"retired": True}, {"offered_by": []}])
def test_it_is_moved_though_nobody_can_book_the_like_any_more(visitor, by_now):
    link = visitor.book()
    with database.transaction():
        profiles.save_service("visit", **by_now)
    button = visitor.get(f"{link}/move").select_one("#day-2026-11-26 button")
    answer = visitor.client.post(f"{link}/move", data={"to": button["value"]})
    assert answer.status_code == 303
    assert "It’s now on Thu 26 Nov, 9:00 am" in text_of(visitor.get(answer.location))


def test_moving_twice_the_same_way_is_moving_once(visitor):
    link = visitor.book()
    for _ in range(2):
        assert visitor.client.post(f"{link}/move", data={"to": "2026-11-26T0900"}).status_code == 303
    assert mails_to("alex@example.org") == ["appointment_booked", "appointment_moved"]


def test_what_staff_have_moved_since_is_not_cancelled_from_an_old_page(visitor):
    link = visitor.book()
    form = visitor.get(f"{link}/cancel").select_one("form")
    sent = {field["name"]: field["value"] for field in form.select("input")}
    with database.transaction():
        domain.reschedule(only_appointment(), starts_at=at(TUESDAY, "14:00"), by="staff")
    assert visitor.client.post(f"{link}/cancel", data=sent).location == link
    assert only_appointment().status == "booked"
    form = visitor.get(f"{link}/cancel").select_one("form")
    visitor.client.post(f"{link}/cancel", data={field["name"]: field["value"] for field in form.select("input")})
    assert only_appointment().status == "cancelled"


def test_a_time_with_somebody_whose_it_is_no_more_is_not_taken_with_somebody_else(visitor):
    link = visitor.book("/book/visit/robin/2026-11-24T1000")
    form = visitor.get(f"{link}/move").select_one("form")
    with database.transaction():
        kit = profiles.practitioner("kit")
        domain.reschedule(only_appointment(), starts_at=at(TUESDAY, "09:00"), practitioner=kit, by="staff")
    sent = {field["name"]: field["value"] for field in form.select("input")} | {"to": "2026-11-24T1100"}
    assert visitor.client.post(form["action"], data=sent).location == link
    assert only_appointment().starts_at == at(TUESDAY, "09:00")
    assert "Kit Example" in visitor.get(link).main.text


def test_it_says_which_times_are_final_before_one_is_chosen(visitor, travel):
    final = "A time before Mon 23 Nov, 12:00 pm can’t be moved or cancelled here once you’ve chosen it."
    link, asked = visitor.book(), visitor.book(CHECK.replace("1000", "1400"))
    assert final in texts(visitor.get(f"{link}/move").select(".booking-head p"))
    assert "once you’ve chosen it" not in visitor.get(f"{asked}/move").text, "a request can always be changed"
    travel.move_to(at(MONDAY, "17:00"))
    assert "once you’ve chosen it" in visitor.get(f"{link}/move").text
    with database.transaction():
        profiles.save_service("visit", notice_minutes=24 * 60)
    assert "once you’ve chosen it" not in visitor.get(f"{link}/move").text


def test_the_times_to_move_to_include_those_it_takes_itself(visitor):
    page = visitor.get(visitor.book() + "/move?week=2026-11-25")
    times = [button["value"] for button in page.select("#day-2026-11-25 button")]
    assert {"2026-11-25T0945", "2026-11-25T1015"} <= set(times)
    assert "2026-11-25T1000" not in times


def test_a_move_to_where_it_is_says_nothing_of_a_move(visitor):
    link = visitor.book()
    answer = visitor.client.post(f"{link}/move", data={"to": "2026-11-25T1000"})
    page = visitor.get(answer.location)
    assert page.h1.text == "Your appointment is booked"
    assert "emailing" not in page.text
    assert mails_to("alex@example.org") == ["appointment_booked"]


def test_a_move_of_what_staff_confirm_says_before_that_the_time_is_given_up(visitor):
    link = visitor.book(CHECK)
    lead = "Choose a time to ask for it"
    assert visitor.get(f"{link}/move").select_one(".lead").text == f"{lead} instead."
    with database.transaction():
        requests.accept(domain.made_with(only_appointment().nonce))
    assert texts(visitor.get(f"{link}/move").select(".lead")) == [
        f"{lead}. You then no longer have Wed 25 Nov, 10:00 am. "
        "The new time is yours once one of us has confirmed it."
    ]


def test_where_there_is_no_other_time_a_colleague_may_have_one(visitor, clinic):
    link = visitor.book("/book/visit/kit/2026-11-24T0900")
    with database.transaction():
        kit = profiles.practitioner("kit")
        hours.take_time_off(kit, Period(NOW, NOW + timedelta(days=99)))
    page = visitor.get(f"{link}/move")
    assert texts(page.select(".empty h2")) == ["No other times online at present"]
    assert page.select_one(".empty a[href='/book/visit/anyone']").text == "see who else is free"
    with database.transaction():
        profiles.save_service("visit", offered_by=[kit])
    assert not visitor.get(f"{link}/move").select(".empty a[href^='/book']")


@pytest.mark.parametrize("to", ["2026-11-26T0900", "2026-11-28T0900"])
def test_a_time_that_cannot_be_had_leaves_the_appointment_where_it_was(visitor, to):
    link = visitor.book()
    visitor.book("/book/visit/robin/2026-11-26T0900", email="jo@example.org", phone="")
    answer = visitor.client.post(f"{link}/move", data={"to": to})
    assert answer.status_code == 409
    page = parsed(answer.text)
    assert "isn’t free any more" in page.find(attrs={"role": "alert"}).text
    assert page.select("form .pick")
    assert all_appointments()[0].starts_at == at(WEDNESDAY, "10:00")


@pytest.mark.parametrize("data", [{}, {"to": ""}, {"to": "\x00"}, {"to": "2026-02-30T1000"}])
def test_a_move_to_nowhere_leads_to_the_times(visitor, data):
    link = visitor.book()
    answer = visitor.client.post(f"{link}/move", data=data)
    assert (answer.status_code, answer.location) == (303, f"{link}/move")


def test_it_is_cancelled_with_a_reason_after_a_question(visitor):
    link = visitor.book()
    page = visitor.get(f"{link}/cancel")
    assert page.h1.text == "Cancel this appointment?"
    answer = visitor.client.post(page.form["action"], data={"reason": "I am away.\r\nSorry!"})
    page = visitor.get(answer.location)
    assert page.h1.text == "This appointment is cancelled"
    assert page.select_one(".managing-again a")["href"] == "/book/visit/robin"
    made = only_appointment()
    assert (made.status, made.cancelled_by, made.cancel_reason) == ("cancelled", "patient", "I am away.\nSorry!")
    assert visitor.client.post(f"{link}/cancel").status_code == 303
    assert mails_to("alex@example.org") == ["appointment_booked", "appointment_cancelled"]
    for path in ("/move", "/cancel"):
        assert visitor.client.get(link + path).location.startswith(link)


def test_a_reason_that_is_too_long_is_kept_to_be_shortened(visitor):
    link = visitor.book()
    answer = visitor.client.post(f"{link}/cancel", data={"reason": "x" * 501})
    assert answer.status_code == 200
    page = parsed(answer.text)
    assert page.textarea.text.lstrip() == "x" * 501
    summary = page.select_one("[data-error-summary] a[href='#reason']")
    assert summary.text == "Shorten your reason: it is 1 over the limit of 500 characters"
    assert only_appointment().status == "booked"


def test_after_the_cutoff_it_says_so_and_gives_the_phone_number(visitor, travel):
    link = visitor.book()
    travel.move_to(datetime(2026, 11, 23, 23, 1, tzinfo=UTC))
    page = visitor.get(link)
    assert "too soon to be changed here" in page.text
    assert "02 5550 0142" in page.select_one(".managing-rules").text
    assert not page.select("a[href$='/move'], a[href$='/cancel']")
    assert page.select("a[href$='/appointment.ics']")
    for path, data in (("/move", {"to": "2026-11-26T0900"}), ("/cancel", {})):
        assert visitor.client.get(link + path).status_code == 303
        assert visitor.client.post(link + path, data=data).status_code == 303
    assert (only_appointment().status, only_appointment().sequence) == ("booked", 0)


def test_what_was_booked_after_the_cutoff_says_only_that_it_is_too_soon(visitor, travel):
    link = visitor.book("/book/visit/robin/2026-11-23T1000")
    assert (
        "It starts too soon to be changed here. Please call us"
        in texts(visitor.get(link).select(".managing-rules"))[0]
    )
    travel.move_to(at(MONDAY, "10:05"))
    assert "It has begun, so it can’t be changed" in texts(visitor.get(link).select(".managing-rules"))[0]


def test_who_came_early_still_has_an_appointment_until_its_end(visitor, travel):
    link = visitor.book()
    travel.move_to(at(WEDNESDAY, "09:50"))
    with database.transaction():
        domain.fulfil(domain.made_with(only_appointment().nonce))
    page = visitor.get(link)
    assert page.h1.text == "Your appointment is booked"
    assert "Your arrival is noted" in page.text
    assert not page.select("a[href$='/move'], a[href$='/cancel'], .managing-again")
    travel.move_to(at(WEDNESDAY, "10:30"))
    assert visitor.get(link).h1.text == "This appointment is in the past"


def test_only_notes_that_are_known_say_that_a_mail_is_on_its_way(visitor):
    link = visitor.book()
    assert "We’re emailing these details" in visitor.get(f"{link}?note=booked").text
    for note in ("anything", "gone", "already", "cancelled", ""):
        page = visitor.get(f"{link}?note={note}").text
        assert "emailing" not in page and "isn’t free" not in page


def test_an_appointment_that_has_been_says_so(visitor, travel):
    link = visitor.book()
    travel.move_to(NOW + timedelta(days=9))
    page = visitor.get(link)
    assert page.h1.text == "This appointment is in the past"
    assert page.select_one(".managing-again a").text == "Book a new time"


def test_each_link_shows_its_own_appointment_only(visitor):
    first, second = visitor.book(), visitor.book("/book/visit/robin/2026-11-26T0900", name="Jo Fictional")
    assert "Jo Fictional" not in visitor.get(first).text
    assert "Alex Placeholder" not in visitor.get(second).text


def test_a_browser_that_hides_where_it_comes_from_can_still_move_and_cancel(visitor):
    link = visitor.book()
    answer = visitor.client.post(f"{link}/cancel", headers={"Origin": "null"})
    assert answer.status_code == 303
    assert only_appointment().status == "cancelled"


def test_the_calendar_file_tells_the_same_time(visitor):
    answer = visitor.client.get(visitor.book() + "/appointment.ics")
    assert answer.mimetype == "text/calendar"
    assert "attachment" in answer.headers["Content-Disposition"]
    (event,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert event.start == at(WEDNESDAY, "10:00")
    assert event["UID"] == only_appointment().uid
    assert TYPED["note"][:12] not in answer.text


def test_a_practitioners_feed_opens_by_its_secret_until_it_is_replaced(visitor):
    visitor.book()
    with database.transaction():
        old = links.new_feed_url(profiles.practitioner("robin")).removeprefix("https://clinic.example")
    answer = visitor.client.get(old)
    assert answer.mimetype == "text/calendar"
    assert "A. P." in answer.text
    assert "Placeholder" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    with database.transaction():
        links.new_feed_url(profiles.practitioner("robin"))
    for address in (old, "/calendar/%00.ics"):
        (note,) = icalendar.Calendar.from_ical(visitor.client.get(address).data).walk("VEVENT")
        assert "this calendar address doesn’t work" in note["summary"]
        assert (note.start, note["transp"]) == (clock.today(), "TRANSPARENT"), "a day on which they are free"


def test_robots_may_ask_for_secret_links_and_so_hear_that_they_are_not_to_be_shown(client):
    robots = client.get("/robots.txt").text
    assert "Disallow: /a" not in robots
    assert "Disallow: /calendar" not in robots


def test_open_now_and_the_times_to_book_know_of_the_same_closures(clinic, client):
    with database.transaction():
        hours.close_clinic(hours.between(MONDAY, MONDAY), reason="painting")
    assert opening(at(MONDAY, "09:30")).text == "Closed, opens Tue 24 Nov, 8:00 am"
    assert opening(at(MONDAY, "09:30")).week[0] == ("Monday", "Closed", True)
    assert opening(at(TUESDAY, "09:30")).is_open
    christmas = MONDAY + timedelta(days=32)
    assert opening(at(christmas, "09:30")).text == "Closed, opens Tue 29 Dec, 8:00 am"
    assert "Closed, opens Tue 24 Nov, 8:00 am" in text_of(page_of(client, "/book"))


def test_extra_hours_open_the_clinic_unless_it_is_closed_or_they_are_off(clinic, client):
    sunday, christmas = MONDAY + timedelta(days=6), MONDAY + timedelta(days=32)

    def period(day, start, end):
        return Period(at(day, start), at(day, end))

    with database.transaction():
        robin, kit = profiles.practitioner("robin"), profiles.practitioner("kit")
        for day in (sunday, christmas):
            hours.add_extra_hours(robin, period(day, "09:00", "12:00"))
            hours.add_extra_hours(kit, period(day, "11:00", "13:00"))
        hours.take_time_off(kit, period(sunday, "12:30", "13:00"))
        hours.close_clinic(period(sunday, "10:00", "10:30"))
    assert opening(at(sunday, "09:30")).text == "Open now, until 10:00 am"
    assert opening(at(sunday, "10:15")).text == "Closed, opens 10:30 am"
    assert opening(at(sunday, "11:30")).text == "Open now, until 12:30 pm"
    assert opening(at(sunday, "09:30")).week[6][1] == "9:00 am to 10:00 am, 10:30 am to 12:30 pm"
    assert opening(at(christmas, "09:30")).text == "Open now, until 1:00 pm", "dated on purpose"
    with database.transaction():
        profiles.practitioner("robin").left_on = profiles.practitioner("kit").left_on = sunday
    assert not opening(at(christmas, "09:30")).is_open


def test_closures_are_asked_for_once_until_one_comes(clinic, client):
    def asked() -> int:
        with noted() as statements:
            client.get("/contact")
        return sum("hours_exceptions" in statement.sql for statement in statements)

    assert [asked(), asked()] == [1, 0]
    with database.transaction():
        hours.close_clinic(Period(clock.now(), clock.now() + timedelta(hours=1)))
    assert [asked(), asked()] == [1, 0]


def test_a_closure_that_an_old_transaction_cannot_see_is_told_by_the_next(clinic, app):
    db.session.execute(select(Appointment)).all()  # from now on SQLite shows what there is now
    with app.app_context(), database.transaction():
        hours.close_clinic(hours.between(MONDAY, MONDAY))
    opening(at(MONDAY, "09:30"))
    db.session.rollback()
    assert not opening(at(MONDAY, "09:30")).is_open


def test_appointments_can_be_found_by_their_link_after_a_move(visitor):
    link = visitor.book()
    visitor.client.post(f"{link}/move", data={"to": "2026-11-26T0900"})
    assert manage_path(only_appointment()) == link


def test_what_was_told_of_an_appointment_stays_when_its_service_changes(visitor):
    path = visitor.book()
    with database.transaction():
        profiles.save_service("visit", minutes=60, price_cents=99900)
    page = visitor.get(path).text
    assert "30 min, $85" in page
    assert "$999" not in page
