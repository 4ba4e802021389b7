"""Requests: held until staff answer them."""

from datetime import timedelta

import pytest

from clinic_app.booking import appointments, changes, privacy, profiles, requests
from clinic_app.booking.models import OfferedTime
from clinic_app.booking.refusals import NotUpcoming, SlotNotOffered, SlotTaken
from clinic_app.database import transaction
from clinic_app.extensions import db
from tests.queries import noted, selects
from tests.reading import how_many

from .conftest import LEE, MONDAY, NOW, TUESDAY, days, do, last_mail, mails


def test_a_request_holds_its_time_and_asks_staff(asked, book):
    assert asked.status == "requested"
    assert [name for name, _ in mails()] == ["requested", "notice"]
    assert last_mail("requested").calendar_text is None
    with pytest.raises(SlotTaken):
        book(wall="10:00", patient=LEE)


def test_accepting_books_it_and_twice_is_once(asked):
    do(requests.accept, asked)
    queued = mails()
    assert do(requests.accept, asked).status == "booked"
    assert mails() == queued
    assert [name for name, _ in queued[2:]] == ["booked", "notice"]
    assert last_mail("booked").calendar_method == "REQUEST"


def test_accepting_what_calendars_hold_as_tentative_comes_with_a_higher_sequence(asked, at):
    do(appointments.reschedule, asked, starts_at=at(TUESDAY, "09:30"))
    assert {"STATUS:TENTATIVE", "SEQUENCE:1"} <= set(last_mail("moved").calendar_text.split())
    do(requests.accept, asked)
    assert {"STATUS:CONFIRMED", "SEQUENCE:2"} <= set(last_mail("booked").calendar_text.split())


def test_declining_frees_the_time_and_tells_why(asked, book):
    do(requests.decline, asked, reason="The treadmill is away.")
    assert asked.status == "cancelled"
    assert "> The treadmill is away." in last_mail("declined").text_body
    do(requests.decline, asked)
    assert [name for name, _ in mails()[2:]] == ["declined"]
    book(patient=LEE)


@pytest.mark.parametrize(
    ("ended", "otherwise"),
    [
        (appointments.cancel, requests.accept),
        (requests.decline, requests.accept),
        (requests.accept, requests.decline),
    ],
)
def test_what_was_answered_or_withdrawn_cannot_be_answered_otherwise(asked, clinic, at, ended, otherwise):
    offered = (clinic.robin, at(MONDAY, "14:00"))
    do(requests.offer, asked, times=[offered])
    do(ended, asked)
    before = (asked.status, asked.starts_at, mails())
    with pytest.raises(NotUpcoming):
        do(otherwise, asked)
    with pytest.raises(NotUpcoming):
        do(requests.offer, asked, times=[offered])
    with pytest.raises(NotUpcoming):
        do(requests.choose, asked, practitioner=clinic.robin, starts_at=offered[1])
    assert (asked.status, asked.starts_at, mails()) == before
    assert not waits(NOW)


def test_a_request_that_has_become_nobodys_cannot_be_accepted(asked):
    do(privacy.anonymise, [asked.id])
    with pytest.raises(NotUpcoming):
        do(requests.accept, asked)


def test_the_same_offer_again_is_no_change(asked, clinic, at):
    times = [(clinic.robin, at(MONDAY, "14:00")), (clinic.robin, at(MONDAY, "15:00"))]
    do(requests.offer, asked, times=times)
    do(requests.offer, asked, times=times[::-1])
    assert [change.what for change in changes.history(asked)] == ["requested", "offered"]


def test_a_time_that_overlaps_the_requested_one_can_be_offered_and_chosen(asked, clinic, at):
    a_bit_later = at(MONDAY, "10:00")
    do(requests.offer, asked, times=[(clinic.robin, a_bit_later)])
    assert [offer.starts_at for offer in requests.open_offers(asked)] == [a_bit_later]
    do(requests.choose, asked, practitioner=clinic.robin, starts_at=a_bit_later)
    assert (asked.status, asked.starts_at) == ("booked", a_bit_later)


def test_choosing_the_requested_time_itself_books_it(asked, clinic, at):
    requested = (clinic.robin, at(MONDAY, "09:30"))
    do(requests.offer, asked, times=[requested, (clinic.robin, at(MONDAY, "14:00"))])
    do(requests.choose, asked, practitioner=clinic.robin, starts_at=requested[1])
    assert (asked.status, asked.starts_at) == ("booked", requested[1])


@pytest.mark.parametrize("by", ["patient", "staff"])
def test_a_request_that_is_moved_waits_for_staff_again_without_its_offers(asked, clinic, at, by):
    do(requests.offer, asked, times=[(clinic.robin, at(MONDAY, "14:00"))])
    assert not waits(NOW)
    do(appointments.reschedule, asked, starts_at=at(TUESDAY, "09:30"), by=by)
    assert waits(NOW)
    assert (asked.status, asked.offered) == ("requested", [])


@pytest.mark.parametrize("end", [appointments.cancel, requests.decline])
def test_of_a_request_that_has_ended_no_offer_is_left(asked, clinic, at, end):
    do(requests.offer, asked, times=[(clinic.robin, at(MONDAY, "14:00"))])
    do(end, asked)
    assert how_many(OfferedTime) == 0


def test_an_offer_of_somebody_who_left_is_not_open(asked, clinic, at):
    do(requests.offer, asked, times=[(clinic.kit, at(TUESDAY, "09:10")), (clinic.robin, at(TUESDAY, "10:00"))])
    do(profiles.save_practitioner, "kit", left_on=MONDAY)
    assert [offer.practitioner.slug for offer in requests.open_offers(asked)] == ["robin"]


def test_choosing_an_offered_time_books_it(asked, clinic, at):
    times = [(clinic.robin, at(MONDAY, "14:00")), (clinic.kit, at(TUESDAY, "09:10"))]
    do(requests.offer, asked, times=times)
    do(requests.offer, asked, times=times)
    assert [name for name, _ in mails()[2:]] == ["offered"]
    assert "Mon 23 Nov, 2:00 pm with Robin Sample" in last_mail("offered").text_body
    for _ in range(2):
        do(requests.choose, asked, practitioner=clinic.kit, starts_at=at(TUESDAY, "09:10"))
    assert (asked.status, asked.practitioner.slug, asked.starts_at) == ("booked", "kit", at(TUESDAY, "09:10"))
    assert asked.offered == []
    assert [name for name, _ in mails()[3:]] == ["booked", "notice"]


def test_offering_many_times_asks_the_database_no_more_than_offering_one(book, clinic, at):
    times = [(clinic.robin, at(TUESDAY, f"{hour:02}:00")) for hour in (9, 10, 11, 13, 14, 15)]
    read = []
    for wall, offered in (("09:30", times[:1]), ("11:00", times)):
        asked = book(service=clinic.check, practitioner=clinic.robin, wall=wall)
        with noted() as statements:
            do(requests.offer, asked, times=offered)
        read.append(len(selects(statements)))
    assert read[0] == read[1] <= 10


def test_an_offered_time_is_not_held(asked, book, clinic, at):
    do(requests.offer, asked, times=[(clinic.robin, at(MONDAY, "14:00"))])
    book(wall="14:00", patient=LEE)
    with pytest.raises(SlotTaken):
        do(requests.choose, asked, practitioner=clinic.robin, starts_at=at(MONDAY, "14:00"))
    assert (asked.status, asked.starts_at) == ("requested", at(MONDAY, "09:30"))


def test_only_what_was_offered_can_be_chosen_and_only_free_times_offered(asked, clinic, at):
    with pytest.raises(SlotNotOffered):
        do(requests.choose, asked, practitioner=clinic.robin, starts_at=at(MONDAY, "14:00"))
    with pytest.raises(SlotNotOffered):
        do(requests.offer, asked, times=[(clinic.robin, at(MONDAY, "12:00"))])


def test_each_of_several_times_offered_must_be_free_with_its_own_practitioner(asked, book, clinic, at):
    book(TUESDAY, "09:00", practitioner=clinic.robin, patient=LEE)
    free = (clinic.kit, at(TUESDAY, "09:00"))
    with pytest.raises(SlotTaken):
        do(requests.offer, asked, times=[free, (clinic.robin, at(TUESDAY, "09:00"))])
    with pytest.raises(SlotNotOffered):
        do(requests.offer, asked, times=[free, (clinic.kit, at(MONDAY, "14:00"))])


def test_offering_again_tells_again(asked, clinic, at):
    for minutes, wall in enumerate(("14:00", "15:00")):
        do(
            requests.offer,
            asked,
            times=[(clinic.robin, at(MONDAY, wall))],
            now=asked.created_at.replace(minute=minutes),
        )
    assert [name for name, _ in mails()[2:]] == ["offered", "offered"]


def test_a_patients_move_of_what_staff_confirm_is_a_request_again(asked, at):
    do(requests.accept, asked)
    later = NOW + timedelta(hours=1)
    moved = do(appointments.reschedule, asked, starts_at=at(TUESDAY, "09:30"), now=later)
    assert (moved.status, moved.told_at) == ("requested", later)
    assert "STATUS:TENTATIVE" in last_mail("moved").calendar_text
    with transaction():
        last_mail("moved").attempts = 1
    do(requests.decline, moved)
    assert last_mail("declined").calendar_method == "CANCEL"


def test_accepting_again_leaves_when_it_was_first_booked(asked, at):
    do(requests.accept, asked)
    do(appointments.reschedule, asked, starts_at=at(TUESDAY, "09:30"))
    do(requests.accept, asked, now=NOW + days(1))
    assert (asked.first_booked_at, asked.told_at) == (NOW, NOW + days(1))


def test_a_move_by_staff_stays_booked(asked, at):
    do(requests.accept, asked)
    assert do(appointments.reschedule, asked, starts_at=at(TUESDAY, "09:30"), by="staff").status == "booked"


def test_a_request_can_be_withdrawn_until_it_starts(asked, at):
    assert do(appointments.cancel, asked, now=at(MONDAY, "09:00")).status == "cancelled"
    assert db.session.get(type(asked), asked.id).cancelled_by == "patient"


def waits(now) -> bool:
    return db.session.scalar(requests.waiting(now=now)) is not None


def test_a_request_that_nobody_answered_in_time_waits_for_another_month(asked, at):
    assert waits(at(MONDAY, "09:29"))
    assert waits(at(MONDAY, "09:31"))
    assert waits(at(MONDAY, "09:30") + timedelta(days=29))
    assert not waits(at(MONDAY, "09:30") + timedelta(days=31))


def test_each_practitioner_sees_the_requests_for_them(asked, clinic):
    """And no others."""
    waiting = {who: requests.waiting(practitioner_id=getattr(clinic, who).id, now=NOW) for who in ("robin", "kit")}
    assert {who: list(db.session.scalars(query)) for who, query in waiting.items()} == {
        "robin": [asked],
        "kit": [],
    }


def test_a_request_waits_for_the_patient_while_an_offered_time_is_to_come(asked, clinic, at):
    do(requests.offer, asked, times=[(clinic.robin, at(TUESDAY, "14:00")), (clinic.kit, at(TUESDAY, "09:10"))])
    assert [waits(at(TUESDAY, wall)) for wall in ("09:00", "13:59", "14:01")] == [False, False, True]


def test_a_request_whose_offered_times_nobody_took_waits_again_however_late_they_were(asked, clinic, at):
    lapsed = at(TUESDAY, "14:00") + timedelta(weeks=5)
    do(requests.offer, asked, times=[(clinic.robin, lapsed)])
    days = timedelta(days=1)
    assert [waits(lapsed + after) for after in (-days, days, 29 * days, 31 * days)] == [False, True, True, False]


def test_a_request_waits_for_its_patient_for_as_long_as_an_offered_time_is_to_come(asked, clinic, at):
    lapses = at(TUESDAY, "14:00") + timedelta(weeks=5)
    do(requests.offer, asked, times=[(clinic.robin, lapses)])
    found = [db.session.scalar(requests.offered(now=lapses + after)) for after in (-timedelta(1), timedelta(1))]
    assert found == [asked, None]


def test_accepting_a_request_whose_time_has_come_mails_no_patient(asked, at):
    do(requests.accept, asked, now=at(MONDAY, "09:40"))
    assert asked.status == "booked"
    assert [name for name, _ in mails()[2:]] == ["notice"]


def test_accepting_what_staff_had_put_outside_hours_keeps_their_reason(asked, at):
    do(appointments.reschedule, asked, starts_at=at(MONDAY, "12:15"), by="staff", override="They fly at seven")
    do(requests.accept, asked)
    assert (asked.status, asked.override) == ("booked", "They fly at seven")


@pytest.mark.parametrize("answer", [requests.accept, requests.decline])
def test_whom_staff_tell_themselves_gets_no_mail_of_the_answer(asked, answer):
    heard = [name for name, to in mails() if to == asked.email]
    do(answer, asked, tell_patient=False)
    assert [name for name, to in mails() if to == asked.email] == heard == ["requested"]


def test_other_times_can_be_offered_and_chosen_once_the_requested_time_has_passed(asked, clinic, at):
    now, later = at(TUESDAY, "09:00"), at(TUESDAY, "14:00")
    do(requests.offer, asked, times=[(clinic.robin, later)], now=now)
    assert not waits(now)
    do(requests.choose, asked, practitioner=clinic.robin, starts_at=later, now=now)
    assert (asked.status, asked.starts_at) == ("booked", later)
    assert [name for name, _ in mails()[2:]] == ["offered", "booked", "notice", "notice"]


def test_a_time_that_has_passed_cannot_be_offered(asked, clinic, at):
    past, later = at(MONDAY, "14:00"), at(TUESDAY, "14:00")
    for now in (past, at(MONDAY, "14:30")):
        with pytest.raises(SlotNotOffered) as refused:
            do(requests.offer, asked, times=[(clinic.robin, later), (clinic.robin, past)], now=now)
        assert refused.value.args == (past,)
    assert asked.offered == []


def test_offers_are_open_while_they_are_to_come_and_free(asked, book, clinic, at, travel):
    times = [(clinic.robin, at(MONDAY, "14:00")), (clinic.kit, at(TUESDAY, "09:10"))]
    times += [(clinic.robin, at(TUESDAY, wall)) for wall in ("10:00", "14:00")]
    do(requests.offer, asked, times=times)
    book(TUESDAY, "09:30", patient=LEE, practitioner=clinic.kit)
    book(TUESDAY, "14:30", patient=LEE, practitioner=clinic.robin)
    travel.move_to(at(MONDAY, "15:00"))
    found = requests.open_offers(asked)
    assert [(offer.practitioner.slug, offer.starts_at) for offer in found] == [("robin", at(TUESDAY, "10:00"))]


@pytest.mark.parametrize("taken", [0, 3])
def test_times_offered_weeks_apart_are_each_looked_up_on_their_own_day(asked, book, clinic, at, taken):
    times = [(clinic.robin, at(TUESDAY + days(7 * week), "10:00")) for week in range(4)]
    do(requests.offer, asked, times=times)
    book(TUESDAY + days(7 * taken), "10:00", patient=LEE, practitioner=clinic.robin)
    free = [offer.starts_at for offer in requests.open_offers(asked)]
    assert free == [starts_at for week, (_, starts_at) in enumerate(times) if week != taken]


def test_requests_that_nobody_ever_answered_are_not_read_to_find_those_that_wait(app):
    """PostgreSQL decides by its statistics; SQLite has none."""
    with noted() as sent:
        db.session.scalars(requests.waiting(now=NOW)).all()
    assert "ix_appointments_status_starts_at (status=?)" not in sent[0].plan()
