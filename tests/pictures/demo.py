"""A clinic at work, for pictures: the starter content, and appointments and enquiries of people who are not."""

from datetime import timedelta
from itertools import cycle

from flask import Flask

from clinic_app import clock, database
from clinic_app.accounts import sign_ins
from clinic_app.accounts.models import Member
from clinic_app.booking import appointments, availability, links, notifications, profiles, requests
from clinic_app.booking.appointments import Patient
from clinic_app.booking.models import Appointment
from clinic_app.enquiries import inbox, replies
from clinic_app.enquiries.inbox import Submission
from clinic_app.extensions import db

# Names that are plainly nobody's, and phone numbers that are kept free for stories.
PEOPLE = {
    "Alex Placeholder": "+61491570006",
    "Lee Invented": "+61491570156",
    "Jo Fictional": "+61491570157",
    "Sam Sample": "+61491570158",
    "Max Madeup": "+61491570159",
    "Pat Pretend": "+61491570110",
    "Kim Imaginary": "+61491570313",
    "Dana Example": "+61491570737",
}
# What they ask: (topic, message, whether staff have answered).
ENQUIRIES = (
    (
        "A question",
        "Do you have parking at the clinic, and is there a step at the door? I use a walking frame.",
        True,
    ),
    (
        "Fees and health funds",
        "Is there a difference in price between the first visit and the ones after it?",
        True,
    ),
    ("An appointment", "I work shifts. Could I see Kit on a Saturday before nine?", False),
    (
        "Something else",
        "Our running club is looking for someone to talk about warming up. Would that be you?",
        False,
    ),
    ("A question", "Can I bring my daughter along? She is nine and will draw quietly.", False),
)


def fill(app: Flask) -> None:
    """Two weeks of appointments, requests that wait, and enquiries of the last days."""
    with app.app_context():
        names = cycle(PEOPLE)
        for person, every in (("robin-sample", 5), ("kit-example", 6)):
            for slot in _some_slots(person, every):
                _book("follow-up", next(names), slot.starts_at, person, by="staff")
        for name in [*PEOPLE][:3]:
            soonest = next(availability.load(profiles.service("running-check")).slots())
            _book("running-check", name, soonest.starts_at)
        _enquire()


def _some_slots(person: str, every: int):
    """Times over two weeks, so that days are neither full nor empty."""
    openings = availability.load(profiles.service("follow-up"), practitioner=profiles.practitioner(person))
    last = clock.today() + timedelta(days=14)
    return list(openings.slots(last=last))[::every]


def _book(service: str, name: str, starts_at, person: str | None = None, *, by="patient") -> Appointment:
    with database.transaction():
        return appointments.book(
            service=profiles.service(service),
            practitioner=person and profiles.practitioner(person),
            starts_at=starts_at,
            patient=_patient(name),
            by=by,
        )


def _patient(name: str) -> Patient:
    email = name.lower().replace(" ", ".") + "@example.org"
    return Patient(name=name, email=email, phone=PEOPLE[name], is_new=name < "K", note="I come by bike.")


def _enquire() -> None:
    for name, (topic, message, answered) in zip(PEOPLE, ENQUIRIES, strict=False):
        with database.transaction():
            patient = _patient(name)
            sent = Submission(
                name=name, email=patient.email, phone=patient.phone, topic=topic, message=message,
                privacy_version="1a2b3c4d", nonce=name, filled_in_seconds=40.0,
            )  # fmt: skip
            enquiry = inbox.receive(sent)
            if answered:
                replies.send(enquiry, text=ANSWER, by=None)


ANSWER = """Thank you for asking. There are two spaces behind the building, and the door has no step.

See you soon
Robin"""


def change_some(app: Flask) -> None:
    """What causes the mails of appointments, to look at them: moves, offers, refusals, reminders."""
    with app.app_context():
        booked = [_book("running-check", name, slot.starts_at) for name, slot in _alternate("running-check")]
        with database.transaction():
            offered, to = (list(availability.load(booked[0].service).slots())[n:] for n in (9, 30))
            requests.decline(booked[0], reason="The treadmill is being repaired that week. We are sorry.")
            requests.offer(booked[1], times=[(slot.practitioners[0], slot.starts_at) for slot in offered[:6:3]])
            appointments.reschedule(booked[2], practitioner=to[0].practitioners[0], starts_at=to[0].starts_at)
            requests.accept(booked[3])
            appointments.cancel(booked[4], reason="I am away that day.")
            appointments.cancel(booked[5], by="staff", reason="Robin is unwell. We are sorry for the trouble.")
            notifications.send_due_reminders(booked[3].starts_at - timedelta(hours=20))


def _alternate(service: str):
    """Each person with a time of their own, each a day or so later."""
    slots = list(availability.load(profiles.service(service)).slots())
    return [(name, slots[30 + 25 * number]) for number, name in enumerate(PEOPLE)]


def manage_url(app: Flask, name: str) -> str:
    """The secret address, below the site's own, of a coming appointment of this person."""
    with app.app_context():
        query = db.select(Appointment).where(Appointment.name == name, Appointment.status == "booked")
        appointment = db.session.scalars(query.order_by(Appointment.starts_at.desc())).first()
        return links.manage_url(appointment).partition("//")[2].partition("/")[2]


def cookie_of(app: Flask, *roles: str) -> dict[str, str]:
    """A session of a new member with these roles, as a browser keeps it."""
    with app.app_context():
        with database.transaction():
            member = Member(name="Casey Invented", email="casey@clinic.example", role_names=list(roles))
            db.session.add(member)
            db.session.flush()
            token = sign_ins.start(member, browser="Firefox on Linux")
            session = {"_user_id": member.fs_uniquifier, "_fresh": True, "sign_in": token}
        signed = app.session_interface.get_signing_serializer(app).dumps(session)
        return {"name": app.config["SESSION_COOKIE_NAME"], "value": signed}
