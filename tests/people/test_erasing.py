"""Erasing what is held of a person, or making it anonymous: what goes, what stays, and what is refused."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from clinic_app import database
from clinic_app.booking import appointments, figures, reminders
from clinic_app.booking.appointments import Patient
from clinic_app.booking.models import Appointment, AppointmentChange
from clinic_app.booking.refusals import NotUpcoming
from clinic_app.enquiries import figures as enquiry_figures
from clinic_app.enquiries import replies, search
from clinic_app.enquiries.models import Enquiry, EnquiryEntry
from clinic_app.enquiries.refusals import NoAddress
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.people import erasing, finding
from clinic_app.people.erasing import Decision
from clinic_app.people.identities import parse
from clinic_app.people.models import ANONYMOUS, ERASED, ErasedIdentifier, Erasure
from clinic_app.times.weeks import Weeks

from .. import databases
from ..booking.conftest import MONDAY
from ..factories import enquire
from ..locks import ON_POSTGRESQL, begin
from ..reading import how_many
from ..server import DEADLINE_SECONDS
from .conftest import JO, WORDS, left_of_jo, stored

BOTH = ("jo.f@example.org", "0491 570 156")
KINDS = pytest.mark.parametrize("kind", [ANONYMOUS, ERASED])
WEEKS = Weeks.holding(MONDAY, MONDAY)


def person(*texts):
    return finding.find(parse(text) for text in texts or BOTH)


def erase(kind, *texts, **changes):
    found = person(*texts)
    given = {"kind": kind, "reason": "asked", "seen": found.fingerprint, "checked": True, "member_name": "Casey"}
    with database.transaction():
        return erasing.erase(found.identities, Decision(**(given | changes)))


def files_of_mail(app):
    return list((Path(app.instance_path) / "outbox").glob("*.eml"))


def test_the_invented_persons_words_stand_in_the_database_before(jo):
    assert left_of_jo() == list(WORDS)


@KINDS
def test_nothing_that_was_held_is_left_in_any_table_index_or_file(app, jo, lee, kind):
    before = files_of_mail(app)
    erase(kind)
    assert left_of_jo() == []
    assert len(files_of_mail(app)) < len(before)
    assert not [file for file in files_of_mail(app) if any(w in file.read_text().lower() for w in WORDS)]


def test_an_anonymous_enquiry_gets_a_reference_that_no_other_has(jo, lee, monkeypatch):
    taken = db.session.scalar(select(Enquiry.reference).where(Enquiry.id == lee))
    drawn = iter([taken, taken, "111111118"])
    monkeypatch.setattr("clinic_app.enquiries.references.new", lambda: next(drawn))
    erase(ANONYMOUS)
    assert "111111118" in db.session.scalars(select(Enquiry.reference)).all()


@KINDS
@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
def test_sqlite_keeps_nothing_in_what_it_frees(app, jo, kind):
    """PostgreSQL's vacuum does this in its own time."""
    erase(kind)
    files = databases.files_of_sqlite(db.engine.url.database).lower()
    assert [word for word in WORDS if word.encode() in files] == []


@KINDS
def test_other_peoples_records_stay_as_they_are(jo, lee, kind):
    def of_lee():
        return [repr(row) for row in db.session.execute(select(*Enquiry.__table__.c).where(Enquiry.id == lee))]

    before, mails = of_lee(), how_many(OutboxMail, OutboxMail.about_id == lee, OutboxMail.about_kind == "enquiry")
    erase(kind)
    assert of_lee() == before
    assert how_many(OutboxMail, OutboxMail.about_id == lee, OutboxMail.about_kind == "enquiry") == mails == 2


def test_anonymous_rows_still_count_in_figures(jo):
    def told():
        return figures.by_week(WEEKS), figures.busy_hours(WEEKS), enquiry_figures.of(WEEKS)

    before = told()
    erase(ANONYMOUS)
    assert told() == before
    assert (how_many(Enquiry), how_many(Appointment), how_many(EnquiryEntry)) == (1, 2, 4)
    enquiry = db.session.get(Enquiry, jo.enquiry)
    assert (enquiry.name, enquiry.message, enquiry.state) == ("Anonymous", "", "closed")
    appointment = db.session.get(Appointment, jo.kept)
    assert (appointment.name, appointment.phone, appointment.status) == ("Anonymous", None, "fulfilled")


def test_erased_rows_are_gone_with_all_that_hangs_on_them(jo):
    erase(ERASED)
    tables = (Enquiry, EnquiryEntry, Appointment, AppointmentChange, OutboxMail)
    assert [how_many(table) for table in tables] == [0] * 5


@KINDS
def test_search_and_another_look_find_nobody_any_more(jo, kind):
    assert how_many(Enquiry, Enquiry.id.in_(search.words("trapeze").by_index)) == 1
    erase(kind)
    assert person().is_unknown
    assert person("enquiry-1@erased.invalid").also_known_by == ()
    assert how_many(Enquiry, Enquiry.id.in_(search.words("trapeze").by_index)) == 0
    assert how_many(Enquiry, Enquiry.id.in_(search.words("fictional").by_index)) == 0


@KINDS
def test_mails_that_have_not_gone_out_never_do(jo, kind):
    waiting = OutboxMail.state != "sent"
    assert how_many(OutboxMail, waiting) == 2
    erasure = erase(kind)
    assert how_many(OutboxMail, waiting) == 0
    assert erasure.counts["mails withdrawn"] == 2


def test_mails_that_went_out_leave_only_when_and_what_kind(jo):
    went = how_many(OutboxMail, OutboxMail.state == "sent")
    erase(ANONYMOUS)
    mails = db.session.scalars(select(OutboxMail)).all()
    assert len(mails) == went
    assert {mail.text_body + mail.subject + mail.last_error for mail in mails} == {""}
    assert {mail.name for mail in mails} > {"enquiry_received", "appointment_booked"}


def test_what_was_done_is_kept_without_anything_of_the_person(jo):
    erasure = erase(ANONYMOUS, remark="By letter of 3 November")
    assert (erasure.kind, erasure.reason, erasure.member_name) == ("anonymous", "asked", "Casey")
    assert erasure.counts == {"mails": 13, "appointments": 2, "enquiries": 1, "mails withdrawn": 2}
    assert how_many(ErasedIdentifier) == 2 + 3  # the address and the number; an enquiry and two appointments
    assert [e.id for e in erasing.erased_before(person("jo.f@example.org"))] == [erasure.id]
    assert erasing.erased_before(person("lee@example.com")) == []


@KINDS
def test_appointments_to_come_must_be_cancelled_first(jo, clinic, at, kind):
    with database.transaction():
        appointments.book(
            service=clinic.visit,
            practitioner=clinic.robin,
            starts_at=at(MONDAY + timedelta(days=3), "09:00"),
            patient=JO,
        )
    with pytest.raises(erasing.AppointmentsToCome) as refusal:
        erase(kind)
    (upcoming,) = refusal.value.appointments
    assert upcoming.starts_at == at(MONDAY + timedelta(days=3), "09:00")
    assert left_of_jo() == list(WORDS)
    assert how_many(Erasure) == 0


def test_what_came_in_since_it_was_looked_at_is_not_erased_unseen(jo):
    seen = person().fingerprint
    with database.transaction():
        enquire(name=JO.name, email=JO.email, message="One more thing.", nonce="jo-2")
    with pytest.raises(erasing.ChangedMeanwhile):
        erase(ERASED, seen=seen)
    assert how_many(Enquiry) == 2


@KINDS
def test_young_records_need_somebodys_word_that_no_law_keeps_them(jo, noon, kind):
    with pytest.raises(erasing.StillToBeKept):
        erase(kind, checked=False)
    noon.shift(timedelta(days=7 * 366))
    erase(kind, checked=False)
    assert left_of_jo() == []


@pytest.mark.parametrize(
    ("remark", "words"),
    [
        ("Jo Fictional asked for it", "Jo Fictional"),
        ("asked by ms FICTIONAL", "FICTIONAL"),
        ("see jo.f@example.org", "jo.f@example.org"),
        ("called from 0491 570 156", "0491 570 156"),
    ],
)
def test_the_reason_must_not_name_the_person(jo, remark, words):
    with pytest.raises(erasing.NamesThePerson) as refusal:
        erase(ERASED, remark=remark)
    assert refusal.value.words == words


def test_a_first_name_in_the_reason_is_asked_about_once(jo):
    with database.transaction() as session:
        session.get(Enquiry, jo.enquiry).name = "Mary-Grace Fictional"
    for remark, word in (("grace wrote", "grace"), ("a period of grace, for Mary’s sake", "grace")):
        with pytest.raises(erasing.MayNameThePerson) as question:
            erase(ERASED, remark=remark, nameless="another remark")
        assert question.value.words == word
    with pytest.raises(erasing.NamesThePerson):
        erase(ERASED, remark="Ms Fictional", nameless="Ms Fictional")
    assert erase(ERASED, remark="grace period over", nameless="grace period over").remark == "grace period over"


def test_initials_and_names_of_two_letters_are_too_often_other_words(jo):
    with database.transaction() as session:
        session.get(Enquiry, jo.enquiry).name = "Al van Invented J."
    assert erase(ERASED, remark="al of type J, by letter").remark == "al of type J, by letter"


def test_the_last_of_several_surnames_must_not_stand_in_the_reason(jo):
    with database.transaction() as session:
        session.get(Enquiry, jo.enquiry).name = "Al van Invented"
    with pytest.raises(erasing.NamesThePerson) as refusal:
        erase(ERASED, remark="Invented’s letter", nameless="Invented’s letter")
    assert refusal.value.words == "Invented"


def test_where_nothing_is_held_there_is_nothing_to_erase(jo):
    with pytest.raises(erasing.NothingHeld):
        erase(ERASED, "nobody@example.org")


def test_an_identity_that_was_not_chosen_is_not_erased(jo):
    with database.transaction():
        enquire(name="Lee Invented", email="lee@example.com", phone=JO.phone, nonce="x")
    erase(ERASED, "jo.f@example.org")
    assert "lee invented" in stored()
    assert person("0491 570 156").enquiries


def test_hundreds_of_records_are_made_anonymous_too(jo):
    with database.transaction() as session:
        first = session.get(Enquiry, jo.enquiry)
        columns = {c.name: getattr(first, c.name) for c in Enquiry.__table__.c if c.name != "id"}
        session.add_all(
            Enquiry(**(columns | {"reference": f"{number:09}", "form_key": f"key {number}"}))
            for number in range(600)
        )
    erasure = erase(ANONYMOUS)
    assert erasure.counts["enquiries"] == 601
    assert left_of_jo() == []


def ask_for_a_check(clinic, starts_at):
    """A request of Jo's, which staff have to answer."""
    with database.transaction():
        wanted = {"service": clinic.check, "practitioner": clinic.robin, "starts_at": starts_at, "patient": JO}
        return appointments.book(**wanted).id


@KINDS
def test_a_request_that_still_waits_for_an_answer_must_be_declined_first(jo, clinic, at, noon, kind):
    asked = ask_for_a_check(clinic, at(MONDAY + timedelta(days=3), "09:00"))
    noon.shift(timedelta(days=5))
    with pytest.raises(erasing.AppointmentsToCome) as refusal:
        erase(kind)
    assert [each.id for each in refusal.value.appointments] == [asked]


def test_a_request_that_waits_no_more_ends_when_it_is_made_anonymous(jo, clinic, at, noon):
    asked = ask_for_a_check(clinic, at(MONDAY + timedelta(days=3), "09:00"))
    noon.shift(timedelta(days=40))
    erase(ANONYMOUS)
    appointment = db.session.get_one(Appointment, asked)
    assert (appointment.status, appointment.is_upcoming, appointment.offered) == ("cancelled", False, [])


def test_what_nobody_closed_stays_and_is_nobodys_to_move_or_cancel(jo, clinic, at, noon):
    with database.transaction():
        booked = _left_open(clinic, at(MONDAY + timedelta(days=3), "09:00"))
    noon.shift(timedelta(days=5))
    erase(ANONYMOUS)
    for verb, more in (
        (appointments.cancel, {}),
        (appointments.reschedule, {"starts_at": at(MONDAY + timedelta(days=8), "09:00")}),
    ):
        with database.transaction(), pytest.raises(NotUpcoming):
            verb(db.session.get_one(Appointment, booked), by=appointments.STAFF, **more)
    with database.transaction():
        assert appointments.fulfil(db.session.get_one(Appointment, booked)).status == "fulfilled"


def test_what_comes_back_as_booked_is_cancelled_and_stops_nobody_elses_reminder(jo, clinic, at, noon):
    """As when a backup that is older than its cancellation is restored."""
    start = at(MONDAY + timedelta(days=3), "09:00")
    with database.transaction():
        booked = _left_open(clinic, start)
        lee = Patient(name="Lee Invented", email="lee@example.com")
        wanted = {"service": clinic.visit, "practitioner": clinic.robin, "patient": lee}
        appointments.book(**wanted, starts_at=start + timedelta(hours=1))
        erasing.remove(person(), anonymous=True)
    assert db.session.get_one(Appointment, booked).status == "cancelled"
    noon.move_to(start - timedelta(hours=12))
    with database.transaction():
        assert reminders.send_due() == 1


def _left_open(clinic, starts_at) -> int:
    wanted = {"service": clinic.visit, "practitioner": clinic.robin, "starts_at": starts_at, "patient": JO}
    return appointments.book(**wanted).id


@ON_POSTGRESQL
def test_who_answers_while_a_person_is_erased_comes_before_or_after_it(app, jo):
    """Else a reply could go out to somebody who is gone."""
    seen, refused = person().fingerprint, []

    def reply() -> None:
        replies.send(db.session.get_one(Enquiry, jo.enquiry), text="One more thing.", by=None)

    def erase_too() -> None:
        try:
            erase(ANONYMOUS, seen=seen)
        except erasing.ChangedMeanwhile:
            refused.append("erasing")

    def reply_too() -> None:
        try:
            with database.transaction():
                reply()
        except NoAddress:
            refused.append("the reply")

    with database.transaction():
        reply()
        other = begin(app, erase_too)
    other.join(DEADLINE_SECONDS)
    found = person()
    with database.transaction():
        erasing.erase(
            found.identities, Decision(kind=ANONYMOUS, reason="asked", seen=found.fingerprint, checked=True)
        )
        other = begin(app, reply_too)
    other.join(DEADLINE_SECONDS)
    assert refused == ["erasing", "the reply"]
    assert left_of_jo() == []
