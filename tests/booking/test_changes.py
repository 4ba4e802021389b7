"""What was done to an appointment, and undoing it for a moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from clinic_app.booking import appointments, changes, corrections, notifications, reminders, requests
from clinic_app.booking.changes import Hand
from clinic_app.booking.models import Appointment, AppointmentChange
from clinic_app.booking.refusals import ChangedMeanwhile, ChangedSince, MailHasGone, SlotTaken, TooLateToUndo
from clinic_app.database import transaction
from clinic_app.extensions import db
from clinic_app.mail import changing, claims
from clinic_app.mail.models import OutboxMail
from tests.server import DEADLINE_SECONDS

from .conftest import LEE, MONDAY, NOW, TUESDAY, days, do, last_mail, mails

SOON = NOW + timedelta(seconds=10)
MOMENT = timedelta(seconds=30)
KIT = Hand(member_id=7, name="Kit Example", hold_mail_until=NOW + MOMENT)


def last_change(appointment) -> AppointmentChange:
    return changes.history(appointment)[-1]


def undo(appointment, *, now=SOON):
    return do(changes.undo, last_change(appointment), hand=KIT, now=now)


def state(appointment) -> dict:
    """How it stands, but for its sequence, which only ever grows."""
    db.session.refresh(appointment)
    return changes._snapshot(appointment) | {"sequence": None}


def move(made, at, wall="11:00", **changes):
    to = at(MONDAY, wall)
    return do(appointments.reschedule, made, **{"starts_at": to, "by": "staff", "hand": KIT, **changes})


STAFFS_CHANGES = {
    "moved": lambda made, at: move(made, at),
    "cancelled": lambda made, at: do(appointments.cancel, made, by="staff", hand=KIT, reason="Robin is unwell."),
    "arrived": lambda made, at: do(appointments.fulfil, made, hand=KIT, now=at(MONDAY, "09:20")),
    "noshow": lambda made, at: do(appointments.mark_no_show, made, hand=KIT, now=at(MONDAY, "09:50")),
}
ANSWERS = {
    "accepted": lambda asked, clinic, at: do(requests.accept, asked, hand=KIT),
    "declined": lambda asked, clinic, at: do(requests.decline, asked, hand=KIT, reason="No room."),
    "offered": lambda asked, clinic, at: do(
        requests.offer, asked, times=[(clinic.robin, at(TUESDAY, "14:00"))], hand=KIT
    ),
    "moved": lambda asked, clinic, at: move(asked, at),
}


@pytest.mark.parametrize("what", STAFFS_CHANGES)
def test_undoing_what_staff_did_restores_it_and_no_mail_goes(book, at, what):
    made = book()
    before, queued = state(made), mails()
    STAFFS_CHANGES[what](made, at)
    assert last_change(made).what == what
    assert state(made) != before
    undo(made)
    assert state(made) == before
    assert mails() == queued


@pytest.mark.parametrize("what", ANSWERS)
def test_undoing_an_answer_restores_the_request_and_no_mail_goes(asked, clinic, at, what):
    before, queued = state(asked), mails()
    ANSWERS[what](asked, clinic, at)
    assert last_change(asked).what == what
    assert len(mails()) > len(queued)
    undo(asked)
    assert state(asked) == before
    assert mails() == queued


def test_undoing_an_answer_brings_the_times_back_that_had_been_offered(asked, clinic, at):
    do(requests.offer, asked, times=[(clinic.robin, at(TUESDAY, "14:00")), (clinic.kit, at(TUESDAY, "09:00"))])
    before = state(asked)
    do(requests.accept, asked, hand=KIT)
    assert asked.offered == []
    undo(asked)
    assert state(asked) == before
    do(requests.choose, asked, practitioner=clinic.kit, starts_at=at(TUESDAY, "09:00"))


def test_undoing_a_new_appointment_cancels_it_without_a_word(book, clinic):
    made = book(by="staff", hand=KIT, nonce="form 1")
    assert len(mails()) == 2
    undo(made)
    assert (made.status, made.cancelled_by, made.cancel_reason) == ("cancelled", "staff", "")
    assert mails() == []
    again = book(by="staff", hand=KIT, nonce="form 1")
    assert again.id != made.id


def test_a_hand_that_has_not_seen_the_last_change_changes_nothing(book, at):
    made, other = book(), book(MONDAY, "14:00", patient=LEE)
    [seen] = changes.latest([made.id]).values()
    move(made, at, hand=replace(KIT, seen=seen))
    assert changes.latest([made.id, other.id]) == {made.id: last_change(made).id, other.id: last_change(other).id}
    with pytest.raises(ChangedMeanwhile):
        do(appointments.cancel, made, by="staff", hand=replace(KIT, seen=seen))
    undo(made)
    assert changes.latest([made.id]) == {made.id: seen}, "it stands as it did"
    do(appointments.cancel, made, by="staff", hand=replace(KIT, seen=seen))


def test_mails_of_what_staff_did_wait_and_others_go_at_once(book, at):
    made = book()
    assert all(mail.next_attempt_at < NOW + days(99) for mail in db.session.scalars(db.select(OutboxMail)))
    waits = Hand(member_id=7, name="Kit Example", hold_mail_until=NOW + days(365))
    move(made, at, hand=waits)
    assert last_mail("moved").next_attempt_at == last_mail("notice").next_attempt_at == NOW + days(365)
    move(made, at, "15:00", hand=None)
    assert last_mail("moved").next_attempt_at < NOW + days(365)


LATER = NOW + days(365)
WAITS = Hand(member_id=7, name="Kit Example", hold_mail_until=LATER)


def on_their_way() -> list[str]:
    """The names of the mails that are to go out, in the order in which a worker sends them."""
    mails = db.session.scalars(db.select(OutboxMail).filter_by(state="queued"))
    order = sorted(mails, key=lambda mail: (mail.next_attempt_at, mail.id))
    return [mail.name.removeprefix("appointment_") for mail in order]


def sent_so_far():
    with transaction():
        for mail in db.session.scalars(db.select(OutboxMail)):
            mail.state, mail.sent_at = "sent", NOW


def test_what_the_patient_changes_is_the_last_they_hear_and_the_practitioner_hears_of_both_in_order(book, at):
    made = book()
    sent_so_far()
    move(made, at, hand=WAITS)
    do(appointments.cancel, made)
    assert on_their_way() == ["notice", "cancelled", "notice", "notice"]
    assert all(mail.next_attempt_at < LATER for mail in db.session.scalars(db.select(OutboxMail)))
    given_up = last_mail("moved")
    assert (given_up.state, given_up.last_error) == (
        "failed",
        "Withdrawn: the appointment was answered, moved or cancelled since",
    )
    assert given_up.given_up_at


def told_of_the_move() -> str:
    return next(line for line in last_mail("moved").text_body.splitlines() if line.startswith("It was on"))


def test_who_is_moved_again_before_they_heard_of_it_reads_where_it_was_when_they_last_heard(book, at):
    made = book()
    sent_so_far()
    move(made, at)
    move(made, at, "14:00")
    assert "9:30 am" in told_of_the_move()
    mended = appointments.Patient(name="Alex Mended", email=made.email, phone=made.phone)
    do(corrections.correct, made, patient=mended, by="staff", hand=KIT)
    assert "Alex Mended" in last_mail("moved").text_body
    assert "9:30 am" in told_of_the_move()
    sent_so_far()
    move(made, at, "15:00")
    assert "2:00 pm" in told_of_the_move()


def test_who_is_moved_back_before_they_heard_of_it_reads_of_no_move(book, at):
    made = book()
    sent_so_far()
    move(made, at)
    move(made, at, "09:30")
    assert on_their_way() == ["notice", "booked", "notice"]
    assert last_mail("booked").calendar_method == "REQUEST"


def test_where_staff_told_a_patient_themselves_or_the_patient_moved_it_is_where_they_know_it(book, at):
    made = book()
    sent_so_far()
    move(made, at, tell_patient=False)
    move(made, at, "14:00")
    assert "11:00 am" in told_of_the_move()
    move(made, at, "15:00", by="patient", hand=None)
    move(made, at, "16:00")
    assert "3:00 pm" in told_of_the_move()


def test_a_move_that_the_old_address_never_heard_of_was_for_nobody(book, at):
    made = book()
    sent_so_far()
    move(made, at)
    right = appointments.Patient(name=made.name, email="alex.right@example.org", phone=made.phone)
    do(corrections.correct, made, patient=right, by="staff")
    move(made, at, "14:00")
    assert "9:30 am" in told_of_the_move()
    move(made, at, "09:30")
    assert on_their_way().count("booked") == 1


def test_what_is_corrected_after_an_undoing_is_still_the_mail_of_its_move(book, at):
    made = book()
    sent_so_far()
    move(made, at)
    number = last_mail("moved").id
    move(made, at, "11:15")
    undo(made)
    mended = appointments.Patient(name="Alex Mended", email=made.email, phone=made.phone)
    do(corrections.correct, made, patient=mended, by="staff")
    mail = last_mail("moved")
    assert (mail.id, "Alex Mended" in mail.text_body, "9:30 am" in told_of_the_move()) == (number, True, True)
    move(made, at, "14:00")
    assert "9:30 am" in told_of_the_move()


def test_who_cancels_what_has_just_been_accepted_hears_of_no_appointment(asked):
    sent_so_far()
    do(requests.accept, asked, hand=WAITS)
    do(appointments.cancel, asked)
    assert on_their_way() == ["notice", "cancelled", "notice", "notice"]


def test_staffs_next_change_gives_up_what_waits_for_the_patient_and_undoing_takes_it_up_again(book, at):
    made = book()
    sent_so_far()
    move(made, at, hand=WAITS)
    do(appointments.cancel, made, by="staff", hand=WAITS)
    assert on_their_way() == ["notice", "cancelled", "notice"]
    undo(made)
    assert on_their_way() == ["moved", "notice"]
    assert (last_mail("moved").next_attempt_at, last_mail("moved").last_error) == (LATER, "")


def test_a_mail_that_failed_is_given_up_once_it_says_what_no_longer_holds(book):
    made = book()
    sent_so_far()
    with transaction():
        booked = last_mail("booked")
        booked.state, booked.sent_at, booked.last_error = "failed", None, "550 No such user"
    do(appointments.cancel, made, by="staff", hand=KIT)
    assert last_mail("booked").given_up_at
    assert last_mail("booked").last_error.endswith("moved or cancelled since\n550 No such user")
    undo(made)
    assert (last_mail("booked").given_up_at, last_mail("booked").last_error) == (None, "550 No such user")


def test_what_a_worker_has_in_hand_is_withdrawn_with_the_change_and_holds_again_with_undo(book, at):
    made = book().id
    claimed = {mail.name: mail for mail in claims.claim(LATER, limit=100)}["appointment_booked"]
    released = claims.Outcome(mail_id=claimed.id, claim=claimed.claim, kind="released", at=LATER)
    move(db.session.get(Appointment, made), at, hand=KIT)
    booked = last_mail("booked")
    assert (booked.state, booked.last_error) == ("sending", "Withdrawn: " + notifications.OUTDATED)
    assert claims.record(released) == "withdrawn"
    undo(db.session.get(Appointment, made))
    booked = last_mail("booked")
    assert (booked.state, booked.withdrawn_at, booked.last_error) == ("queued", None, "")


def test_undo_pressed_twice_is_once(book, at):
    made = move(book(), at)
    for _ in range(2):
        undo(made)
    assert (made.starts_at, made.sequence) == (at(MONDAY, "09:30"), 2)
    change = last_change(made)
    assert (change.undone_by, change.undone_at) == ("Kit Example", SOON)
    do(changes.undo, change, hand=KIT, now=NOW + days(1))


def test_calendars_follow_an_undone_move_and_the_next_one(book, at):
    made = move(book(), at)
    undo(made)
    move(made, at, "14:00")
    assert {"SEQUENCE:3"} <= set(last_mail("moved").calendar_text.split())


def test_it_is_too_late_when_the_moment_has_passed(book, at, travel):
    made = move(book(), at)
    with pytest.raises(TooLateToUndo):
        undo(made, now=NOW + MOMENT + timedelta(seconds=1))
    travel.shift(MOMENT)
    assert changes.undoable(made).what == "moved"
    travel.shift(MOMENT)
    assert changes.undoable(made) is None
    assert made.starts_at == at(MONDAY, "11:00")


def test_what_patients_and_commands_did_cannot_be_undone(book):
    made = book()
    with pytest.raises(TooLateToUndo):
        undo(made)
    do(appointments.cancel, made, by="staff")
    with pytest.raises(TooLateToUndo):
        undo(made)


def test_a_mail_that_a_worker_has_claimed_is_gone(book, at):
    made = move(book(), at)
    number = made.id
    assert claims.claim(NOW + days(365), limit=100)
    made = db.session.get(Appointment, number)
    with pytest.raises(MailHasGone):
        undo(made)
    db.session.refresh(made)
    assert (made.starts_at, last_change(made).undone_at) == (at(MONDAY, "11:00"), None)


def test_one_mail_that_has_gone_keeps_all_the_others(book, at):
    made = move(book(), at)
    with transaction():
        mail = last_mail("notice")
        mail.state, mail.sent_at = "sent", NOW
    queued = mails()
    with pytest.raises(MailHasGone):
        undo(made)
    assert mails() == queued


def test_a_mail_that_was_tried_and_waits_again_may_have_gone(book, at):
    made = move(book(), at)
    with transaction():
        last_mail("moved").attempts = 1
    with pytest.raises(MailHasGone):
        undo(made)


def test_a_held_mail_that_somebody_gave_up_has_not_gone(book, at):
    made = book()
    queued = mails()
    move(made, at)
    with transaction():
        changing.give_up(last_mail("moved").id, reason="They know", by="Kit Example")
    undo(made)
    assert mails() == queued


def test_it_cannot_be_undone_when_the_old_time_has_been_taken(book, at):
    made = move(book(), at)
    book(patient=LEE)
    queued = mails()
    with pytest.raises(SlotTaken):
        undo(made)
    db.session.refresh(made)
    assert (made.starts_at, mails()) == (at(MONDAY, "11:00"), queued)


def test_a_no_show_whose_time_was_given_away_stays_one(book, at):
    made = do(appointments.mark_no_show, book(), hand=KIT, now=at(MONDAY, "09:40"))
    book(patient=LEE)
    with pytest.raises(SlotTaken):
        undo(made)


def test_only_the_last_change_can_be_undone_and_then_the_one_before(book, at):
    made = move(book(), at)
    first = last_change(made)
    do(appointments.cancel, made, by="staff", hand=KIT)
    with pytest.raises(ChangedSince):
        do(changes.undo, first, hand=KIT, now=SOON)
    undo(made)
    do(changes.undo, first, hand=KIT, now=SOON)
    assert (made.status, made.starts_at) == ("booked", at(MONDAY, "09:30"))


def test_an_offer_cannot_be_undone_once_another_has_followed_it(asked, clinic, at):
    for wall in ("14:00", "15:00"):
        do(requests.offer, asked, times=[(clinic.robin, at(TUESDAY, wall))], hand=KIT)
    with pytest.raises(ChangedSince):
        do(changes.undo, changes.history(asked)[1], hand=KIT, now=SOON)
    assert [offered.starts_at for offered in asked.offered] == [at(TUESDAY, "15:00")]


def test_what_the_patient_changed_meanwhile_stands(book, at):
    made = move(book(), at)
    do(appointments.cancel, made)
    with pytest.raises(ChangedSince):
        do(changes.undo, changes.history(made)[1], hand=KIT, now=SOON)
    assert made.status == "cancelled"


def test_a_reminder_that_was_taken_back_is_queued_again(book, at, nine_thirty):
    made = book()
    due = nine_thirty - timedelta(hours=23)
    assert do(reminders.send_due, now=due) == 1
    move(made, at, "15:00", now=due)
    assert "reminder" not in dict(mails())
    do(changes.undo, last_change(made), hand=KIT, now=SOON)
    assert do(reminders.send_due, now=due) == 1
    assert "9:30 am" in last_mail("reminder").text_body


def test_a_reminder_that_has_gone_does_not_go_again(book, at, nine_thirty):
    made = book()
    due = nine_thirty - timedelta(hours=23)
    do(reminders.send_due, now=due)
    with transaction():
        mail = last_mail("reminder")
        mail.state, mail.sent_at = "sent", due
    move(made, at, "15:00", now=due)
    do(changes.undo, last_change(made), hand=KIT, now=SOON)
    assert do(reminders.send_due, now=due) == 0


def test_an_arrival_can_be_undone_though_the_reminder_has_gone(book, at, nine_thirty):
    made = book()
    do(reminders.send_due, now=nine_thirty - timedelta(hours=23))
    with transaction():
        mail = last_mail("reminder")
        mail.state, mail.sent_at = "sent", nine_thirty - timedelta(hours=23)
    STAFFS_CHANGES["arrived"](made, at)
    undo(made)
    assert made.status == "booked"


def test_a_reminder_of_the_new_time_goes_with_the_move_or_keeps_it(book, at):
    made = move(book(), at)
    assert do(reminders.send_due, now=at(MONDAY, "11:00") - timedelta(hours=23)) == 1
    undo(made)
    assert "reminder" not in dict(mails())
    move(made, at)
    do(reminders.send_due, now=at(MONDAY, "11:00") - timedelta(hours=23))
    with transaction():
        mail = last_mail("reminder")
        mail.state, mail.sent_at = "sent", NOW
    with pytest.raises(MailHasGone):
        undo(made)


def test_declining_again_after_undoing_tells_no_calendar_of_what_it_never_had(asked):
    do(requests.decline, asked, hand=KIT)
    undo(asked)
    do(requests.decline, asked)
    assert last_mail("declined").calendar_method is None


def test_the_history_tells_who_did_what_and_how_it_stood(book, clinic, at):
    made = book()
    move(made, at, "12:15", practitioner=clinic.kit, override="He has come a long way")
    do(appointments.cancel, made, reason="Ill")
    told = [(change.what, change.done_by, change.member_name) for change in changes.history(made)]
    assert told == [("booked", "patient", ""), ("moved", "staff", "Kit Example"), ("cancelled", "patient", "")]
    moved = changes.history(made)[1]
    assert (moved.before["practitioner_id"], moved.after["practitioner_id"]) == (clinic.robin.id, clinic.kit.id)
    assert moved.after["override"] == "He has come a long way"


@pytest.mark.parametrize("what", STAFFS_CHANGES)
def test_doing_again_what_has_been_done_is_no_change(book, at, what):
    made = book()
    for _ in range(2):
        STAFFS_CHANGES[what](made, at)
    assert [change.what for change in changes.history(made)] == ["booked", what]


def test_the_setting_says_how_long_a_moment_is(travel, with_settings):
    kit = SimpleNamespace(id=7, name="Kit Example")
    with_settings(undo_seconds=30)
    assert changes.hand_of(kit) == KIT
    with_settings(undo_seconds=0)
    assert changes.hand_of(kit).hold_mail_until is None


def test_undo_and_a_worker_that_claims_at_once_never_both_win(app, book, at):
    """Either the move stands and its mails go, or it is undone and none does; in ten races of two threads."""
    for round_ in range(10):
        made = move(
            book(MONDAY + days(round_ // 5 * 7 + round_ % 5)), at, starts_at=at(TUESDAY + days(70), "09:00")
        )
        number, ready = last_change(made).id, threading.Barrier(2)
        with ThreadPoolExecutor(2) as threads:
            undone = threads.submit(undo_in_a_thread, app, ready, number)
            claimed = threads.submit(claim_in_a_thread, app, ready)
        moved = {mail for mail in claimed.result() if mail == "appointment_moved"}
        assert bool(moved) == (undone.result() == "MailHasGone"), round_
        db.session.expire_all()
        with transaction():
            appointments.cancel(made, by="staff", tell_patient=False)
            db.session.execute(db.delete(OutboxMail))


def undo_in_a_thread(app, ready, number) -> str:
    with app.app_context():
        ready.wait(DEADLINE_SECONDS)
        try:
            with transaction():
                changes.undo(db.session.get(AppointmentChange, number), hand=KIT)
        except MailHasGone as refusal:
            return type(refusal).__name__
        return "undone"


def claim_in_a_thread(app, ready) -> list[str]:
    with app.app_context():
        ready.wait(DEADLINE_SECONDS)
        return [mail.name for mail in claims.claim(NOW + days(365), limit=100)]
