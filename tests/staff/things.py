"""One of everything that staff's addresses name; invented."""

from datetime import time, timedelta

from sqlalchemy import select

from clinic_app import clock
from clinic_app.accounts.models import Member
from clinic_app.blog import revisions
from clinic_app.booking import appointments, hours, profiles
from clinic_app.enquiries import references, reply_templates
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail
from clinic_app.people import identities, links
from clinic_app.pictures.library import Picture
from clinic_app.times.periods import Period
from tests.blog.make import post
from tests.factories import enquire
from tests.testimonials.invented import CLINICAL, received

WHOLE_DAYS = {day: [(time(0), time(0))] for day in range(7)}


def make_things() -> dict:
    """The arguments of staff's addresses, by their names; flushes."""
    robin = profiles.save_practitioner("robin", name="Robin Sample", hours=WHOLE_DAYS)
    visit = profiles.save_service("visit", name="Follow-up", minutes=30, price_cents=8500)
    enquiry = enquire()
    appointment = appointments.book(
        service=visit,
        practitioner=robin,
        starts_at=clock.instant_of(clock.today() + timedelta(days=3), time(10)),
        patient=appointments.Patient(name="Alex Placeholder", email="alex@example.org"),
    )
    written = post(body="Words about running.")
    casey = Member(name="Casey Invented", email="casey@clinic.example", role_names=["editor"])
    size = {"width": 960, "height": 540, "sizes": [[480, 270], [960, 540]]}
    hill = Picture(name="hill.3f2a9c01d4aa.960x540.webp", alt="A hill", by=casey.name, **size)
    db.session.add_all((casey, hill))
    db.session.flush()
    away = hours.take_time_off(robin, Period(clock.now(), clock.now() + timedelta(hours=1)))
    return {
        "reference": references.shown(enquiry.reference),
        "appointment_id": appointment.id,
        "practitioner_id": robin.id,
        "service_id": visit.id,
        "exception_id": away.id,
        "mail_id": db.session.scalars(select(OutboxMail.id)).first(),
        "template_id": reply_templates.create(name="Parking", text="There is room.").id,
        "testimonial_id": received(CLINICAL).id,
        "post_id": written.id,
        "picture_id": hill.id,
        "sign_in_id": 2**31 - 1,  # nobody's
        "member_id": casey.id,
        "revision_id": revisions.keep(written, by=revisions.Writer("Casey Invented")).id,
        "token": links.token_of([identities.parse("alex@example.org")]),
        "name": "no-shows",
    }
