"""A clinic at work, for pictures: the starter content, and appointments and enquiries of people who are not."""

from datetime import UTC, datetime, timedelta
from itertools import cycle

import time_machine
from flask import Flask

from clinic_app import clock, database
from clinic_app.accounts import sign_ins
from clinic_app.accounts.models import Member
from clinic_app.blog.models import Post
from clinic_app.booking import appointments, availability, links, profiles
from clinic_app.booking.appointments import Patient
from clinic_app.booking.models import Appointment
from clinic_app.enquiries import inbox, references, replies
from clinic_app.enquiries.inbox import Submission
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.mail.worker import Worker

# Always the same morning, so that pictures change only when pages do: ten past eight in Sydney.
NOW = datetime(2026, 11, 24, 21, 10, tzinfo=UTC)
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
# How many hours ago somebody asked what about which topic.
ENQUIRIES = (
    (50, "Max Madeup", "Something else", "I left a blue water bottle in the waiting room on Tuesday."),
    (30, "Jo Fictional", "An appointment", "I work shifts. Could I see Kit on a Saturday before nine?"),
    (20, "Dana Example", "A question", "Do you have parking, and is there a step at the door?"),
    (
        11,
        "Kim Imaginary",
        "Fees and health funds",
        "Does the price differ between the first visit and later ones?",
    ),
    (2, "Pat Pretend", "A question", "Can I bring my daughter along? She is nine and will draw quietly."),
)
ANSWERED = "Dana Example"
ANSWER = """Hello Dana,

there are two spaces behind the building, and the door has no step. Ring the bell if you would like a hand.

See you soon
Robin"""


def fill(app: Flask) -> None:
    """Two weeks of appointments, requests that wait, and enquiries of the last days."""
    with app.app_context():
        names = cycle([*PEOPLE][:-2])  # the last two ask for a time of their own
        for person, every in (("robin-sample", 8), ("kit-example", 7)):
            for slot in _some_times(person, every):
                _book("follow-up", next(names), slot.starts_at, person, by="staff")
        for name, hours in (("Kim Imaginary", 30), ("Dana Example", 3)):
            soonest = next(availability.load(profiles.service("running-check")).slots())
            with time_machine.travel(NOW - timedelta(hours=hours)):
                _book("running-check", name, soonest.starts_at)
        for enquiry in ENQUIRIES:
            _enquire(*enquiry)
    worker = Worker(app, say=lambda _: None)
    worker.run_once()
    with app.app_context():
        _answer(_asked())
    worker.run_once()


def _some_times(person: str, every: int):
    """Times over two weeks, so that days are neither full nor empty."""
    service, practitioner = profiles.service("follow-up"), profiles.practitioner(person)
    openings = availability.load(service, practitioner=practitioner, last=clock.today() + timedelta(days=14))
    return list(openings.slots())[::every]


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
    return Patient(name=name, email=_email(name), phone=PEOPLE[name], is_new=name < "K", note="I come by bike.")


def _email(name: str) -> str:
    return name.lower().replace(" ", ".") + "@example.org"


def _enquire(hours_ago: int, name: str, topic: str, message: str) -> None:
    sent = Submission(
        name=name,
        email=_email(name),
        phone=PEOPLE[name],
        topic=topic,
        message=message,
        privacy_version="1a2b3c4d",
        nonce=name,
        filled_in_seconds=40.0,
    )
    with time_machine.travel(NOW - timedelta(hours=hours_ago)), database.transaction():
        inbox.store(inbox.prepare(sent))


def _asked() -> Enquiry:
    return db.session.scalars(db.select(Enquiry).filter_by(name=ANSWERED)).one()


def _answer(enquiry: Enquiry) -> None:
    with time_machine.travel(enquiry.received_at + timedelta(hours=2)), database.transaction():
        replies.send(enquiry, text=ANSWER, by=_member("owner"))


def addresses(app: Flask) -> dict[str, str]:
    """What the addresses of pictures are made of: the numbers of some of what is there."""
    with app.app_context():
        asked = _asked()
        post = db.session.scalars(db.select(Post).order_by(Post.published_at)).first()
        query = db.select(Appointment).filter_by(name="Sam Sample", status="booked")
        booked = db.session.scalars(query.order_by(Appointment.starts_at.desc())).first()
        return {
            "enquiry": references.shown(asked.reference),
            "post": post.id,
            "link": links.token_of(booked),
        }


def cookie_of(app: Flask, role: str) -> dict[str, str]:
    """A session of the member with this role, as a browser keeps it."""
    with app.app_context():
        with database.transaction():
            member = _member(role)
            token = sign_ins.start(member, browser="Firefox on Linux")
            session = {"_user_id": member.fs_uniquifier, "_fresh": True, "sign_in": token}
        signed = app.session_interface.get_signing_serializer(app).dumps(session)
        return {"name": app.config["SESSION_COOKIE_NAME"], "value": signed}


def _member(role: str) -> Member:
    """Casey, who has this role; made when first asked for."""
    email = f"{role}@clinic.example"
    if member := db.session.scalars(db.select(Member).filter_by(email=email)).first():
        return member
    member = Member(name="Casey Invented", email=email, role_names=[role])
    db.session.add(member)
    db.session.flush()
    return member
