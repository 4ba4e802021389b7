"""People who write and book all the time, and press the button again until they are answered.

What they were told is kept, to be compared with what the database holds at the end.
"""

import http.client
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import time as wall_time

from flask import Flask
from sqlalchemy import select

from clinic_app import database
from clinic_app.booking import profiles
from clinic_app.booking.models import Appointment
from clinic_app.enquiries.models import Enquiry
from clinic_app.extensions import db
from clinic_app.mail.models import OutboxMail

from ..server import Server
from ..tally import times
from .asking import appointment_form, enquiry_form, send

PEOPLE = 4  # at once; an even number
THINKING_SECONDS = times(50, 0) / 1000  # before somebody new writes: servers that start get some of the machine
ALL_DAY = {weekday: [(wall_time.min, wall_time.min)] for weekday in range(7)}
SETTINGS = {"rate_limits": "off", "public_holidays": "open", "booking_horizon_days": 400, "reminder_hours": 0}
STAFF, ROBIN = "hello@clinic.example", "robin@clinic.example"


def open_all_hours() -> None:
    """Robin works day and night, and hears of each appointment."""
    with database.transaction():
        robin = profiles.save_practitioner("robin", name="Robin Sample", hours=ALL_DAY, email=ROBIN)
        profiles.save_service("visit", name="Visit", minutes=15, price_cents=0, offered_by=[robin])


@dataclass
class Stream:
    """`with Stream(app, server) as stream:` people write; `stream.wait_for(n)` until n more were answered."""

    app: Flask
    server: Server
    answered: dict[str, str] = field(default_factory=dict)  # where each was led, by address
    statuses: Counter = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)  # answers that are neither yes nor "for the moment not"

    def __post_init__(self):
        self.changed = threading.Condition()
        self.over = threading.Event()

    def __enter__(self):
        self.threads = [threading.Thread(target=self._live, args=(n,)) for n in range(PEOPLE)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join(120)

    def wait_for(self, more: int) -> None:
        with self.changed:
            goal = len(self.answered) + more
            assert self.changed.wait_for(lambda: len(self.answered) >= goal or self.strange, 120), self.statuses
        assert not self.strange, self.strange[0]

    def _live(self, person: int) -> None:
        while not self.over.is_set():
            with self.app.app_context():
                path, form = enquiry_form() if person % 2 else appointment_form()
            while not self.over.is_set():
                if led_to := self._post(path, form):
                    with self.changed:
                        self.answered[form["email"]] = led_to
                        self.changed.notify_all()
                    self.over.wait(THINKING_SECONDS)
                    break
                self.over.wait(0.05)

    def _post(self, path: str, form: dict) -> str | None:
        """Where the form led; None where the server did not answer, or not for now."""
        try:
            status, page, led_to = send(self, path, form)
        except (OSError, http.client.HTTPException):
            self.statuses["no answer"] += 1
            return None
        self.statuses[status] += 1
        if status not in (303, 503) or (status == 503 and form["email"] not in page):
            with self.changed:
                self.strange.append(f"{status} {page}")
                self.changed.notify_all()
        return led_to if status == 303 else None


def survivors(addresses: Iterable[str]) -> int:
    """How many of those who were told "received" or "booked" are there, once, with all their mails, once.

    Whatever else is there must be whole too: nobody has half an appointment, or one without its mails.
    """
    db.session.rollback()
    enquiries = {one.id: one for one in db.session.scalars(select(Enquiry))}
    untouched = select(Appointment).where(Appointment.sequence == 0)  # of changes there are more mails
    appointments = {one.id: one for one in db.session.scalars(untouched)}
    query = select(OutboxMail.about_kind, OutboxMail.about_id, OutboxMail.to_address)
    mails = Counter(tuple(row) for row in db.session.execute(query))
    wanted = {("enquiry", one.id, address): 1 for one in enquiries.values() for address in (one.email, STAFF)}
    wanted |= {
        ("appointment", one.id, address): 1
        for one in appointments.values()
        for address in (one.email, STAFF, ROBIN)
    }
    known = {(kind, number) for kind, number, _ in wanted}
    assert {key: count for key, count in mails.items() if key[:2] in known} == wanted
    there = Counter(one.email for one in (*enquiries.values(), *appointments.values()))
    assert set(there.values()) <= {1}, "somebody is there twice"
    return sum(there[email] for email in addresses)
