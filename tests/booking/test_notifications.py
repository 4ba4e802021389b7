"""The mails of appointments as people read them, and reminders that come from state."""

import sqlite3
from datetime import timedelta

import pytest
import time_machine
from icalendar import Calendar
from sqlalchemy import select

from clinic_app import clock
from clinic_app.booking import appointments, corrections, links, profiles, reminders, requests
from clinic_app.booking.models import Appointment
from clinic_app.database import transaction
from clinic_app.extensions import db
from clinic_app.mail import chores
from clinic_app.mail.models import OutboxMail
from clinic_app.mail.worker import Worker
from tests.locks import ON_POSTGRESQL, begin

from ..golden import check_email
from ..mail.servers import MailServer
from .conftest import ALEX, LEE, MONDAY, NOW, TUESDAY, do, last_mail, mails


def check(name, appointment, *, golden=None):
    """The last mail of this name reads as its golden file."""
    mail = last_mail(name)
    words = {
        "TOKEN": links.token_of(appointment),
        "UID": appointment.uid,
        "STAFFS_PAGE": f"https://clinic.example/staff/appointments/{appointment.id}",
    }
    check_email(mail, golden or f"appointment_{name}", **words)
    if (token := links.token_of(appointment)) in mail.text_body:
        assert token in mail.html_body
    return mail


def all_sent():
    with transaction():
        db.session.query(OutboxMail).filter_by(state="queued").update({"state": "sent", "sent_at": NOW})


def told(made):
    """The appointment, of which all mails have gone out."""
    all_sent()
    return made


def test_mail_booked(book):
    check("booked", book())


def test_mail_requested(book, clinic):
    check("requested", book(service=clinic.check))
    assert "Open the request:" in last_mail("notice").text_body


def test_mail_moved(book, at):
    check("moved", do(appointments.reschedule, book(), starts_at=at(TUESDAY, "14:00")))


def test_mail_moved_and_to_be_confirmed_again(book, clinic, at):
    made = do(appointments.reschedule, book(service=clinic.check), starts_at=at(TUESDAY, "14:00"))
    check("moved", made, golden="appointment_moved_request")


def test_mail_cancelled_by_the_patient(book):
    mail = check("cancelled", do(appointments.cancel, told(book()), reason="Away"))
    assert "Away" not in mail.text_body


def test_mail_cancelled_by_staff(book):
    made = do(appointments.cancel, told(book()), by="staff", reason="Robin is unwell & sorry.")
    check("cancelled", made, golden="appointment_cancelled_by_staff")


def test_mail_declined(book, clinic):
    check("declined", do(requests.decline, book(service=clinic.check), reason="The treadmill is away."))


def test_mail_declined_once_its_time_has_come(book, clinic, at):
    made = do(requests.decline, book(service=clinic.check), now=at(TUESDAY, "09:00"))
    check("declined", made, golden="appointment_declined_late")


def test_mail_offered(book, clinic, at):
    made = book(service=clinic.check)
    times = [(clinic.robin, at(TUESDAY, "14:00")), (clinic.kit, at(TUESDAY, "09:00"))]
    check("offered", do(requests.offer, made, times=times))


def test_notice_to_staff(book):
    check("notice", book(), golden="appointment_notice_new")


def test_notice_to_staff_of_a_cancellation(book):
    check("notice", do(appointments.cancel, book(), reason="Away"), golden="appointment_notice_cancelled")


def test_notice_to_staff_of_a_move(book, at):
    made = do(appointments.reschedule, book(), starts_at=at(TUESDAY, "14:00"))
    check("notice", made, golden="appointment_notice_moved")


def test_a_summary_notice_tells_nothing_of_the_patient(book, with_settings):
    with_settings(staff_mail_detail="summary")
    made = book()
    mail = check("notice", made, golden="appointment_notice_summary")
    for secret in (ALEX.name, ALEX.email, ALEX.phone, ALEX.note):
        assert (
            secret
            not in mail.text_body + mail.html_body + mail.subject + mail.reply_to_name + mail.reply_to_address
        )


def test_nobody_but_the_patient_gets_the_secret_link(book, at):
    made = do(appointments.reschedule, book(), starts_at=at(TUESDAY, "14:00"))
    for mail in db.session.scalars(db.select(OutboxMail)):
        told = links.token_of(made) in mail.text_body + mail.html_body
        assert told == (mail.to_address == ALEX.email)


def test_words_of_the_patient_stay_words(book):
    tricky = appointments.Patient(
        name="<b>Al</b>\r\nBcc: x@example.org", email="a@example.org", note="{{ 7*7 }} <i>"
    )
    book(patient=tricky)
    notice, booked = last_mail("notice"), last_mail("booked")
    assert "<b>" not in booked.html_body and "<i>" not in notice.html_body
    assert "{{ 7*7 }} <i>" in notice.text_body
    assert "\n" not in booked.to_name and "\r" not in booked.calendar_text.replace("\r\n", "")
    assert "\nBcc" not in booked.calendar_text


def remind(now) -> int:
    with time_machine.travel(now, tick=False), transaction():
        return reminders.send_due()


def any_due(now) -> bool:
    with time_machine.travel(now, tick=False):
        return reminders.any_due()


HOUR = timedelta(hours=1)


def test_mail_reminder(book, nine_thirty):
    made = book()
    assert remind(nine_thirty - 24 * HOUR) == 1
    check("reminder", made)


def test_a_reminder_after_the_cut_off_asks_to_call(book, nine_thirty):
    made = book()
    remind(nine_thirty - 20 * HOUR)
    check("reminder", made, golden="appointment_reminder_late")


def test_a_reminder_goes_out_once_a_day_before(book, nine_thirty):
    book()
    assert not any_due(nine_thirty - 25 * HOUR)
    assert remind(nine_thirty - 25 * HOUR) == 0
    assert any_due(nine_thirty - 24 * HOUR)
    assert remind(nine_thirty - 24 * HOUR) == 1
    assert remind(nine_thirty - 24 * HOUR) == remind(nine_thirty - 2 * HOUR) == 0
    assert not any_due(nine_thirty - 2 * HOUR)


def test_a_clock_that_is_set_on_and_back_reminds_once(book, nine_thirty):
    book()
    assert [remind(nine_thirty - lead * HOUR) for lead in (26, 24, 26, 25, 24, 22)] == [0, 1, 0, 0, 0, 0]


def test_the_lead_of_reminders_is_a_setting_and_nought_is_none(book, nine_thirty, with_settings):
    book()
    with_settings(reminder_hours=0)
    assert remind(nine_thirty - 2 * HOUR) == 0
    with_settings(reminder_hours=36)
    assert remind(nine_thirty - 36 * HOUR) == 1


def test_after_downtime_only_useful_reminders_go_out(book, nine_thirty):
    book()
    assert remind(nine_thirty - timedelta(minutes=59)) == 0
    assert remind(nine_thirty - timedelta(minutes=61)) == 1
    assert remind(nine_thirty + HOUR) == 0


def test_a_reminder_that_waited_too_long_is_taken_back(app, book, nine_thirty):
    book()
    remind(nine_thirty - timedelta(hours=20))
    for at, waiting in ((timedelta(hours=2), 1), (timedelta(minutes=30), 0)):
        with time_machine.travel(nine_thirty - at, tick=False):
            chores.do_all(app)
        db.session.rollback()
        assert db.session.query(OutboxMail).filter_by(name="appointment_reminder").count() == waiting


NEWS = {
    "booked": lambda book, clinic, at: book(),
    "requested": lambda book, clinic, at: book(service=clinic.check),
    "moved": lambda book, clinic, at: do(
        appointments.reschedule, book(day=TUESDAY), starts_at=at(MONDAY, "09:30")
    ),
    "cancelled": lambda book, clinic, at: do(appointments.cancel, book()),
    "declined": lambda book, clinic, at: do(requests.decline, book(service=clinic.check)),
}


@pytest.mark.parametrize("what", NEWS)
def test_what_waited_until_its_time_came_is_withdrawn_but_for_an_answer(app, book, clinic, at, nine_thirty, what):
    NEWS[what](book, clinic, at)
    notices = sum(name == "notice" for name, _ in mails())
    for now in (nine_thirty - timedelta(minutes=1), nine_thirty):
        assert last_mail(what).state == "queued"
        with time_machine.travel(now, tick=False):
            chores.do_all(app)
        db.session.rollback()
    assert (last_mail(what).withdrawn_at == nine_thirty) == (what != "declined")
    assert db.session.query(OutboxMail).filter_by(name="appointment_notice", state="queued").count() == notices


def test_cancelled_and_requested_appointments_are_not_reminded_of(book, clinic, nine_thirty):
    do(appointments.cancel, book())
    book(service=clinic.check, patient=LEE)
    assert remind(nine_thirty - 2 * HOUR) == 0


def test_a_moved_appointment_is_reminded_of_at_its_new_time_only(book, at, nine_thirty):
    made = book()
    assert remind(nine_thirty - 24 * HOUR) == 1
    do(appointments.reschedule, made, starts_at=at(MONDAY + timedelta(days=7), "10:00"), by="staff")
    assert "reminder" not in [name for name, _ in mails()], "the one still queued names a time that has gone"
    assert remind(nine_thirty - 2 * HOUR) == 0
    assert remind(at(MONDAY + timedelta(days=6), "11:00")) == 1
    assert "30 Nov" in last_mail("reminder").subject


def test_cancelling_takes_back_a_reminder_that_has_not_gone_out(book, nine_thirty):
    made = book()
    remind(nine_thirty - 24 * HOUR)
    do(appointments.cancel, made, by="staff")
    assert "reminder" not in [name for name, _ in mails()]


def test_who_booked_within_the_lead_is_not_reminded(book, nine_thirty):
    book(now=nine_thirty - 20 * HOUR)
    assert remind(nine_thirty - 19 * HOUR) == 0
    assert not any_due(nine_thirty - 19 * HOUR)
    assert "reminder" not in [name for name, _ in mails()]


def test_many_due_reminders_go_out_in_batches(book, nine_thirty):
    for wall in ("09:30", "10:00", "10:30"):
        book(wall=wall, patient=LEE)
    assert do(reminders.send_due, limit=2, now=nine_thirty - 20 * HOUR) == 2
    assert remind(nine_thirty - 20 * HOUR) == 1


def test_a_mail_worker_queues_and_sends_reminders_by_itself(app, book, nine_thirty):
    book()
    with time_machine.travel(nine_thirty - 23 * HOUR):
        worker = Worker(app, say=lambda _text: None)
        assert worker.run_once() == {"sent": 4}
        assert worker.run_once() == {}
    assert last_mail("reminder").state == "sent"


def breaks_a_rule() -> None:
    db.session.execute(db.text("INSERT INTO posts (id) VALUES (NULL)"))


def meets_damage() -> None:
    database = sqlite3.connect(":memory:")
    database.deserialize(b"no database" * 1000)
    with db.create_engine("sqlite://", creator=lambda: database).connect() as damaged:
        damaged.execute(db.text("SELECT * FROM sqlite_master"))


@pytest.mark.parametrize("fault", [lambda: 1 / 0, breaks_a_rule, meets_damage])
def test_a_chore_that_fails_stops_no_mail_and_says_so_once(app, book, monkeypatch, caplog, fault):
    book()
    broken = chores.Chore("broken", is_due=lambda: True, do=fault)
    monkeypatch.setitem(app.extensions, "chores", [broken])
    monkeypatch.delitem(app.extensions, "chore_faults", raising=False)
    worker = Worker(app, say=lambda _text: None)
    assert worker.run_once() == {"sent": 3}
    assert worker.run_once() == {}
    assert [record.getMessage() for record in caplog.records].count("Chore failed: broken") == 1


def headlines(address="robin@example.org") -> list[str]:
    """What the practitioner was told, in order."""
    query = db.select(OutboxMail.subject).filter_by(to_address=address).order_by(OutboxMail.id)
    return [subject.partition(":")[0] for subject in db.session.scalars(query)]


def test_a_practitioner_hears_of_a_request_only_once_it_is_booked(book, clinic, at):
    made = book(service=clinic.check)
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "14:00"))
    assert headlines() == []
    do(requests.accept, made)
    assert headlines() == ["New appointment"]


@pytest.mark.parametrize(("end", "by"), [(requests.decline, {}), (appointments.cancel, {"by": "patient"})])
def test_a_practitioner_hears_nothing_of_a_request_that_ends_as_one(book, clinic, end, by):
    made = book(service=clinic.check)
    do(end, made, **by)
    assert headlines() == []
    mail = last_mail("declined" if end is requests.decline else "cancelled")
    assert mail.calendar_method is None, "no calendar knows of it"


@pytest.mark.parametrize(("end", "by"), [(requests.decline, {}), (appointments.cancel, {"by": "patient"})])
def test_a_practitioner_hears_of_the_end_of_what_was_booked_before_it_was_asked_for_again(
    book, clinic, at, end, by
):
    made = book(service=clinic.check, by="staff")
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "14:00"))
    do(end, told(made), **by)
    assert headlines() == ["New appointment", "Appointment moved", "Appointment cancelled"]
    assert last_mail("declined" if end is requests.decline else "cancelled").calendar_method == "CANCEL"


def test_a_practitioner_who_knows_of_it_hears_that_it_was_confirmed_again(book, clinic, at):
    made = book(service=clinic.check, by="staff")
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "14:00"))
    do(requests.accept, made)
    assert headlines() == ["New appointment", "Appointment moved", "Appointment confirmed"]


def test_a_practitioner_hears_of_a_choice_that_takes_what_was_theirs_elsewhere(book, clinic, at):
    with transaction():
        db.session.merge(clinic.kit).email = "kit@example.org"
    made = book(service=clinic.check, by="staff")
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "14:00"))
    do(requests.offer, made, times=[(clinic.kit, at(TUESDAY, "09:00"))])
    do(requests.choose, made, practitioner=clinic.kit, starts_at=at(TUESDAY, "09:00"))
    assert headlines() == ["New appointment", "Appointment moved", "Appointment moved"]
    assert headlines("kit@example.org") == ["Appointment moved"]


def test_a_practitioner_who_left_hears_nothing_of_what_is_moved_away_from_them(book, clinic, at):
    """On their last day they still do."""
    first, second = book(), book(wall="10:00", patient=LEE)
    with transaction():
        db.session.merge(clinic.robin).left_on = clock.local(NOW).date()
    told = headlines()
    do(appointments.reschedule, first, starts_at=at(TUESDAY, "09:30"), practitioner=clinic.kit, by="staff")
    assert headlines() == told + ["Appointment moved"]
    kit, a_day_on = db.session.merge(clinic.kit), NOW + timedelta(days=1)
    do(appointments.reschedule, second, starts_at=at(TUESDAY, "10:00"), practitioner=kit, by="staff", now=a_day_on)
    assert headlines() == told + ["Appointment moved"]


def test_a_notice_that_waits_goes_to_the_practitioners_corrected_address(book, clinic):
    with transaction():
        db.session.merge(clinic.kit).email = "robin@example.org"
    sent = book()
    with transaction():
        db.session.query(OutboxMail).update({"state": "sent", "sent_at": NOW})
    do(appointments.cancel, sent)
    book(day=TUESDAY, practitioner=clinic.kit)
    with transaction():
        profiles.save_practitioner("robin", email="robin.right@example.org")
    assert headlines("robin.right@example.org") == ["Appointment cancelled"]
    assert headlines() == ["New appointment", "New appointment"], "the one that was sent, and Kit's"
    with transaction():
        profiles.save_practitioner("robin", email=None)
    withdrawn = db.select(OutboxMail).where(OutboxMail.withdrawn_at.is_not(None))
    told = {mail.to_address: mail.last_error for mail in db.session.scalars(withdrawn)}
    assert told["robin.right@example.org"] == "Withdrawn: the practitioner has no email address any more"


def readdress(slug, email):
    with transaction():
        profiles.save_practitioner(slug, email=email)


@pytest.fixture
def moved_to_kit(book, clinic, at):
    """From Robin, on Tuesday: only the notices of that have not gone out."""
    readdress("kit", "kit@example.org")
    made = told(book(day=TUESDAY, practitioner=clinic.robin))
    kit = db.session.merge(clinic.kit)
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "10:00"), practitioner=kit, by="staff")
    return made


def waiting_notices() -> list[str]:
    query = db.select(OutboxMail.to_address).filter_by(name="appointment_notice", state="queued")
    return list(db.session.scalars(query.order_by(OutboxMail.id)))


def test_a_notice_of_what_was_moved_away_goes_to_the_corrected_address(moved_to_kit):
    readdress("robin", "robin.right@example.org")
    assert waiting_notices() == ["robin.right@example.org", "kit@example.org"]


def test_notices_of_one_move_to_two_practitioners_do_not_stand_in_each_others_way(moved_to_kit):
    readdress("kit", "robin@example.org")
    readdress("kit", "kit.right@example.org")
    assert waiting_notices() == ["robin@example.org", "kit.right@example.org"]


def test_practitioners_who_share_an_address_hear_of_a_move_between_them_once(book, clinic, at):
    readdress("kit", "Robin@example.org")
    made = told(book(day=TUESDAY, practitioner=clinic.robin))
    kit = db.session.merge(clinic.kit)
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "10:00"), practitioner=kit, by="staff")
    assert waiting_notices() == ["Robin@example.org"]


def test_a_notice_that_bounced_goes_out_to_the_corrected_address(book):
    book()
    with transaction():
        bounced = {"state": "failed", "attempts": 1, "last_error": "550 No such user robin@example.org"}
        db.session.query(OutboxMail).filter_by(to_address="robin@example.org").update(bounced)
    readdress("robin", "robin.right@example.org")
    mail = last_mail("notice")
    assert (mail.to_address, mail.state, mail.last_error) == ("robin.right@example.org", "queued", "")


def test_a_notice_waits_under_an_address_that_the_outbox_writes_in_its_own_way(book):
    readdress("robin", "Robin@xn--bcher-kva.example.org")
    book()
    assert last_mail("notice").to_address == "Robin@bücher.example.org"
    readdress("robin", "robin@bücher.example.org")
    assert (last_mail("notice").to_address, last_mail("notice").state) == ("robin@bücher.example.org", "queued")
    readdress("robin", "robin.right@example.org")
    assert last_mail("notice").to_address == "robin.right@example.org"


def test_mail_declined_after_a_move_says_that_the_earlier_time_has_gone_too(book, clinic, at):
    made = book(service=clinic.check, by="staff")
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "14:00"))
    check("declined", do(requests.decline, told(made)), golden="appointment_declined_after_a_move")


def move(made, at, day, wall):
    do(appointments.reschedule, made, starts_at=at(day, wall), by="staff")


def event_of(mail):
    (event,) = Calendar.from_ical(mail.calendar_text).walk("VEVENT")
    return event


def test_mail_cancelled_names_the_time_that_its_patient_knows(book, at, nine_thirty):
    made = told(book())
    move(made, at, TUESDAY, "14:00")
    mail = check(
        "cancelled",
        do(appointments.cancel, made, by="staff"),
        golden="appointment_cancelled_after_an_unheard_move",
    )
    assert event_of(mail).start == nine_thirty


def test_mail_declined_names_the_time_that_its_patient_knows(book, clinic, at):
    made = told(book(service=clinic.check))
    move(made, at, TUESDAY, "14:00")
    check("declined", do(requests.decline, made), golden="appointment_declined_after_an_unheard_move")


def test_other_times_are_offered_instead_of_the_one_that_the_patient_knows(book, clinic, at):
    """Offering tells nobody of a move: the end names the same time."""
    made = told(book(service=clinic.check))
    move(made, at, TUESDAY, "14:00")
    do(requests.offer, made, times=[(clinic.robin, at(TUESDAY, "09:00"))])
    assert "Instead of Monday 23 November 2026, 9:30 am" in last_mail("offered").text_body
    all_sent()
    do(requests.decline, made)
    assert "When: Monday 23 November 2026, 9:30 am" in last_mail("declined").text_body


def test_who_cancels_by_the_link_reads_of_the_time_that_they_saw_there(book, at):
    made = told(book())
    move(made, at, TUESDAY, "14:00")
    do(appointments.cancel, made)
    assert "Tue 24 Nov, 2:00 pm" in last_mail("cancelled").subject
    assert "9:30" not in last_mail("cancelled").text_body


GONE = {  # how the mail stands that would put it into a calendar, and whether one may have it
    "sent": ({"state": "sent", "sent_at": NOW}, "CANCEL"),
    "in hand": ({"state": "sending", "claim": "a worker's", "claimed_at": NOW}, "CANCEL"),
    "tried": ({"attempts": 1}, "CANCEL"),
    "waiting": ({"state": "queued"}, None),
    "given up": ({"state": "failed", "given_up_at": NOW}, None),
}


@pytest.mark.parametrize("how", GONE)
@pytest.mark.parametrize("end", ["cancelled", "declined"])
def test_no_calendar_is_told_of_the_end_of_what_no_mail_has_put_there(book, clinic, at, end, how):
    columns, method = GONE[how]
    made = book(service=clinic.check if end == "declined" else clinic.visit)
    if end == "declined":
        move(made, at, TUESDAY, "14:00")
    with transaction():
        db.session.query(OutboxMail).filter_by(calendar_method="REQUEST").update(columns)
    do(requests.decline if end == "declined" else appointments.cancel, made)
    assert last_mail(end).calendar_method == method


def test_a_calendar_may_hold_what_was_booked_so_long_ago_that_the_mail_was_removed(book, with_settings):
    with_settings(keep_mails_days=30)
    made = book(now=NOW - timedelta(days=31))
    with transaction():
        db.session.query(OutboxMail).delete()
    do(appointments.cancel, made)
    assert last_mail("cancelled").calendar_method == "CANCEL"


def test_corrections_keep_the_time_that_the_patient_knows(book, at):
    made = told(book())
    move(made, at, TUESDAY, "14:00")
    do(appointments.cancel, made, by="staff")
    mended = {"name": "Alex Mended", "phone": made.phone}
    for email in (made.email, "alex.right@example.org"):
        do(corrections.correct, made, patient=appointments.Patient(email=email, **mended), by="staff")
        mail = last_mail("cancelled")
        assert (mail.to_name, mail.to_address) == ("Alex Mended", email)
        assert "Mon 23 Nov, 9:30 am" in mail.subject


def test_a_move_of_which_the_old_address_has_not_heard_is_told_to_the_new_one(book, at):
    made = told(book())
    move(made, at, TUESDAY, "14:00")
    right = appointments.Patient(name=made.name, email="alex.right@example.org", phone=made.phone)
    do(corrections.correct, made, patient=right, by="staff")
    mail = last_mail("moved")
    assert (mail.to_address, mail.calendar_method) == ("alex.right@example.org", "REQUEST")
    assert "It was on Mon 23 Nov, 9:30 am" in mail.text_body


def test_who_knows_of_a_later_time_hears_of_the_end_though_the_time_has_come(book, at):
    made = told(book(day=TUESDAY, wall="14:00"))
    move(made, at, MONDAY, "09:30")
    do(appointments.cancel, made, by="staff", now=at(MONDAY, "09:40"))
    assert last_mail("cancelled").state == "queued"
    assert "Tue 24 Nov, 2:00 pm" in last_mail("cancelled").subject


@pytest.mark.parametrize("what", ["moved", "cancelled"])
def test_what_calls_off_a_time_that_is_to_come_waits_on_for_it(app, book, at, nine_thirty, what):
    made = told(book(day=TUESDAY, wall="14:00"))
    move(made, at, MONDAY, "09:30")
    if what == "cancelled":
        do(appointments.cancel, made, by="staff")
    for now, withdrawn_at in (nine_thirty, None), (at(TUESDAY, "14:00"), at(TUESDAY, "14:00")):
        with time_machine.travel(now, tick=False):
            assert reminders.any_late() == (withdrawn_at is not None)
            chores.do_all(app)
        db.session.rollback()
        assert last_mail(what).withdrawn_at == withdrawn_at


def test_an_offer_of_other_times_that_waited_until_the_last_of_them_came_is_withdrawn(
    app, book, clinic, at, nine_thirty
):
    made = told(book(day=TUESDAY, service=clinic.check))
    last = nine_thirty + HOUR
    do(requests.offer, made, times=[(clinic.robin, nine_thirty), (clinic.robin, last)])
    for now, withdrawn_at in (nine_thirty, None), (last, last):
        with time_machine.travel(now, tick=False):
            assert reminders.any_late() == (withdrawn_at is not None)
            chores.do_all(app)
        db.session.rollback()
        assert last_mail("offered").withdrawn_at == withdrawn_at
    assert db.session.scalars(requests.waiting(now=last)).all() == [made]


@ON_POSTGRESQL
def test_what_comes_too_late_is_withdrawn_beside_a_mail_that_somebody_changes(app, book):
    """The worker waits for nobody, as others may wait for what it has withdrawn so far."""
    for wall, patient in ("09:30", ALEX), ("10:00", LEE):
        book(wall=wall, patient=patient)

    def withdraw() -> None:
        with time_machine.travel(NOW + timedelta(days=7)), transaction():
            reminders.withdraw_late()

    with transaction():
        changed = db.session.scalars(
            select(OutboxMail).filter_by(name="appointment_booked").limit(1).with_for_update()
        ).one()
        assert not begin(app, withdraw).is_alive()
    states = dict(db.session.execute(select(OutboxMail.id, OutboxMail.state)).all())
    assert states.pop(changed.id) == "queued"
    booked = db.session.scalars(select(OutboxMail.id).filter_by(name="appointment_booked")).all()
    assert {states[each] for each in booked if each != changed.id} == {"failed"}


def test_a_reminder_that_failed_does_not_unsay_what_staff_told_of_a_move(book, at):
    made = told(book())
    do(appointments.reschedule, made, starts_at=at(TUESDAY, "14:00"), by="staff", tell_patient=False)
    remind(at(MONDAY, "15:00"))
    with transaction():
        last_mail("reminder").state = "failed"
    do(appointments.cancel, made, by="staff")
    assert "Tue 24 Nov, 2:00 pm" in last_mail("cancelled").subject


def test_a_slow_mail_server_tells_no_patient_what_no_longer_holds(app, book, with_settings):
    """While the first of a batch is being sent, the second patient's address is mended and the third cancelled."""
    walls = {"09:30": "first@example.org", "10:00": "second@example.org", "10:30": "third@example.org"}
    made = [book(wall=wall, patient=appointments.Patient(name="Jo", email=walls[wall])).id for wall in walls]
    _, second, third = made

    def change(address):
        server.on_data = lambda address: None
        with app.app_context():
            mended = appointments.Patient(name="Jo", email="mended@example.org")
            do(corrections.correct, db.session.get(Appointment, second), patient=mended, by="staff")
            do(appointments.cancel, db.session.get(Appointment, third), by="staff")

    with MailServer() as server:
        with_settings(mail_server="localhost", mail_port=server.port, mail_security="none")
        server.on_data, server.replies["DATA", "first@example.org"] = change, ["451 Not now"]
        worker = Worker(app)
        worker.run_once()
        with time_machine.travel(clock.now() + timedelta(hours=1)):
            worker.run_once()
    heard = [(address, mail["Subject"].partition(":")[0]) for address, mail in server.taken]
    assert sorted(each for each in heard if each[0] in {*walls.values(), "mended@example.org"}) == [
        ("first@example.org", "Your appointment"),
        ("mended@example.org", "Your appointment"),
        ("third@example.org", "Cancelled"),
    ]
