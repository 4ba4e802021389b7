"""The demo's site, set up once."""

from datetime import timedelta

import pytest
import time_machine

from clinic_app import clock
from clinic_app.accounts import invitations
from clinic_app.accounts.invitations import Invited
from clinic_app.accounts.mails import send_reset_link, tell_of_new_password
from clinic_app.accounts.models import Member
from clinic_app.booking import appointments, availability, profiles, reminders, requests
from clinic_app.booking.models import Appointment
from clinic_app.extensions import db
from clinic_app.mail import outbox
from clinic_app.mail.models import OutboxMail
from tests.client import Client

from . import demo
from .__main__ import site


@pytest.fixture(scope="package")
def demo_site(tmp_path_factory):
    with time_machine.travel(demo.NOW):
        app = site(tmp_path_factory.mktemp("demo"))
        app.test_client_class = Client
        yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="package")
def mails(demo_site):
    """The HTML of the first mail of each name. What the demo does not do is done for it, and undone."""
    with demo_site.app_context():
        _change_appointments()
        _write_to_a_member()
        query = db.select(OutboxMail.name, OutboxMail.html_body).order_by(OutboxMail.id.desc())
        found = dict(db.session.execute(query).all())
        db.session.rollback()
        trial = outbox.compose("test", to="kit@example.org", context={"sent_at": clock.now()})
    return found | {"test": trial["html_body"]}


def _change_appointments() -> None:
    asked = db.session.scalars(_appointments("requested").limit(2)).all()
    moved, cancelled = db.session.scalars(_appointments("booked").limit(2)).all()
    robin = profiles.practitioner("robin-sample")
    free = list(availability.load(asked[1].service, practitioner=robin).slots())[-3:]
    requests.decline(asked[0], reason="The treadmill is away.")
    requests.offer(asked[1], times=[(robin, slot.starts_at) for slot in free])
    appointments.reschedule(moved, starts_at=_later(moved))
    appointments.cancel(cancelled, by=appointments.STAFF, reason="Robin is unwell.")
    with time_machine.travel(clock.now() + timedelta(days=5)):
        reminders.send_due()


def _appointments(status: str):
    soonest = clock.now() + timedelta(days=4)  # none that a change is too late for
    return (
        db.select(Appointment)
        .filter_by(status=status)
        .order_by(Appointment.starts_at)
        .where(Appointment.starts_at > (soonest if status == "booked" else clock.now()))
    )


def _later(appointment: Appointment):
    openings = availability.load(appointment.service, practitioner=appointment.practitioner)
    return list(openings.slots())[-1].starts_at


def _write_to_a_member() -> None:
    member = Member(name="Casey Invented", email="casey@clinic.example", role_names=["reception"])
    db.session.add(member)
    db.session.flush()
    send_reset_link(member, "a-token-that-is-as-long-as-they-are")
    tell_of_new_password(member)
    invitations.invite(Invited(email="newcomer@clinic.example", roles=("practitioner",)), by=None)
