"""Appointments as calendar objects (RFC 5545) and messages (RFC 5546), in UTC, which all calendars read alike.

One UID for an appointment's life, and a SEQUENCE that grows with each change. Nothing here tells a
patient's phone or note. The secret link is left out too: calendars are shared with others more readily than
mail.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from flask import current_app
from sqlalchemy import select

from .. import clock
from ..extensions import db
from ..mail.addresses import mailto, name_to_tell
from .heard import Place
from .models import HOLDS_ITS_TIME, Appointment, Practitioner

if TYPE_CHECKING:
    import icalendar  # imported where it is used: most processes make no calendar for long

PRODUCT = "-//Clinic site//Appointments//EN"
STATUS = {"requested": "TENTATIVE", "cancelled": "CANCELLED"}  # else CONFIRMED
FEED_REACHES_BACK = timedelta(days=31)
FEED_IS_FRESH_FOR = timedelta(minutes=30)
_LETTER = re.compile(r"[^\W_]")


def message(appointment: Appointment, *, place: Place | None = None) -> tuple[str, str]:
    """(method, text) to go with a mail to the patient: REQUEST puts it in or moves it, CANCEL takes it out.

    `place` is where the mail says that it is (default: where it is). Needs the patient's email: they are the
    attendee.
    """
    method = "CANCEL" if appointment.status == "cancelled" else "REQUEST"
    event = _event(appointment, clock.now(), place=place)
    attendee = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED"}
    if name := name_to_tell(appointment.name):
        attendee["CN"] = name
    event.add("attendee", _who(appointment.email, **attendee))
    return method, _text(_calendar(method, [event]))


def download(appointment: Appointment) -> str:
    """The calendar file for the patient to save (METHOD:PUBLISH; a cancelled one says so)."""
    return _text(_calendar("PUBLISH", [_event(appointment, clock.now())]))


def feed(practitioner: Practitioner) -> str:
    """The practitioner's appointments, requests too, from a month back on, with initials or names."""
    from icalendar import vDuration

    now = clock.now()
    query = (
        select(Appointment)
        .where(Appointment.practitioner_id == practitioner.id)
        .where(Appointment.status.in_(HOLDS_ITS_TIME))
        .where(Appointment.starts_at > now - FEED_REACHES_BACK)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    events = []
    for appointment in db.session.scalars(query):
        who = appointment.name if practitioner.feed_shows_names else initials(appointment.name)
        request = f" ({appointment.standing_in_words.lower()})" if appointment.status == "requested" else ""
        events.append(_event(appointment, now, summary=f"{appointment.service.name}: {who}{request}"))
    calendar = _calendar("PUBLISH", events)
    calendar.add("x-wr-calname", f"{practitioner.name}, {current_app.config['CLINIC'].name}")
    calendar.add("refresh-interval", FEED_IS_FRESH_FOR, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(FEED_IS_FRESH_FOR))  # the same to Outlook
    return _text(calendar)


def ended() -> str:
    """What stands at an address that is no practitioner's, any more or ever: a note on today and no appointment.

    Calendars that get an error instead go on showing what they had.
    """
    import icalendar

    clinic = current_app.config["CLINIC"]
    event = icalendar.Event()
    event.add("uid", "this-address-has-ended")
    event.add("dtstamp", clock.now())
    event.add("dtstart", clock.today())
    event.add("summary", f"{clinic.name}: this calendar address doesn’t work. Ask us for a new one")
    event.add("organizer", _who(clinic.email, CN=clinic.name))
    event.add("transp", "TRANSPARENT")
    return _text(_calendar("PUBLISH", [event]))


def initials(name: str) -> str:
    """`R. S.` for Robin Sample, `R. B. S.` for Robin (Bo) Sample: each word's first letter, with its accent."""
    firsts = (_LETTER.search(unicodedata.normalize("NFC", word)) for word in name.split())
    return " ".join(f"{first[0].upper()}." for first in firsts if first)


def _event(
    appointment: Appointment, now: datetime, *, place: Place | None = None, summary: str | None = None
) -> "icalendar.Event":
    import icalendar

    place = place or Place.of(appointment)
    clinic = current_app.config["CLINIC"]
    event = icalendar.Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", place.starts_at)
    event.add("dtend", place.starts_at + (appointment.ends_at - appointment.starts_at))
    event.add("summary", summary or f"{appointment.service.name} with {place.practitioner.name}, {clinic.name}")
    if clinic.address:
        event.add("location", f"{clinic.name}, {clinic.address}")
    event.add("status", STATUS.get(appointment.status, "CONFIRMED"))
    if summary is None:  # of a feed's, Google would then tell its own reader no more than "busy"
        event.add("class", "PRIVATE")
    event.add("organizer", _who(clinic.email, CN=clinic.name))
    return event


def _who(email: str, **parameters: str) -> "icalendar.vCalAddress":
    import icalendar

    who = icalendar.vCalAddress(mailto(email))
    who.params.update({name: icalendar.vText(value) for name, value in parameters.items()})
    return who


def _calendar(method: str, events: "Iterable[icalendar.Event]") -> "icalendar.Calendar":
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    return calendar


def _text(calendar: "icalendar.Calendar") -> str:
    return calendar.to_ical().decode()
