"""`flask appointments` and `flask practitioners`: what staff need without a screen."""

from datetime import date, datetime, time

import click
from flask.cli import AppGroup

from .. import clock, database
from ..accounts import audit
from ..booking import appointments as domain
from ..booking import hours, links, listing, profiles, refusals, requests, stranding
from ..booking.models import Appointment, Practitioner
from ..extensions import db
from ..times.periods import ONE_DAY, Period
from .words import NAME, ROW_NUMBER, WORDS, none_found

appointments = AppGroup("appointments", help="See, answer and cancel appointments.")
practitioners = AppGroup("practitioners", help="Practitioners, their time off and their calendar feeds.")


class WallTime(click.DateTime):
    """A time on the clinic's clocks. What is none is answered by an example, not in `strptime`'s language."""

    should_be = "a time, such as 2026-12-24T13:00"

    def __init__(self, *of_days: str) -> None:
        super().__init__([*of_days, "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])

    def convert(self, value: str, parameter: click.Parameter, context: click.Context) -> datetime:
        try:
            return super().convert(value, parameter, context)
        except click.BadParameter as refusal:
            refusal.message = f"{value!r} should be {self.should_be}."
            raise


class Day(WallTime):
    """A day, perhaps with a time, on the clinic's clocks: gives the day, and the time or None."""

    should_be = "a day or a time, such as 2026-12-24 or 2026-12-24T13:00"

    def __init__(self) -> None:
        super().__init__("%Y-%m-%d")

    def convert(self, value: str, parameter: click.Parameter, context: click.Context) -> tuple[date, time | None]:
        at = super().convert(value, parameter, context)
        return at.date(), at.time() if ":" in value else None


number = click.argument("number", type=ROW_NUMBER)
REFUSALS = {
    refusals.NotUpcoming: "It was answered, cancelled or moved meanwhile.",
    refusals.SlotTaken: "Someone else has {}.",
    refusals.SlotNotOffered: "{} lies outside hours, or is over.",
}


@appointments.command("list")
def list_appointments() -> None:
    """The appointments to come; requests wait for `accept` or `decline`."""
    lines = [_line(appointment) for appointment in listing.upcoming()]
    click.echo("\n".join(lines) or none_found("appointments to come"))


@appointments.command()
@number
def accept(number: int) -> None:
    """Book the request NUMBER; the patient hears of it."""
    _change(number, "accepted", requests.accept)


@appointments.command()
@number
@click.option("--reason", default="", type=WORDS, help="Words to the patient.")
def decline(number: int, reason: str) -> None:
    """Turn the request NUMBER down; the patient hears of it."""
    _change(number, "declined", requests.decline, reason=reason)


@appointments.command()
@number
@click.option("--reason", default="", type=WORDS, help="Words to the patient.")
def cancel(number: int, reason: str) -> None:
    """Cancel the appointment NUMBER; the patient hears of it."""
    _change(number, "cancelled", domain.cancel, by=domain.STAFF, reason=reason)


@appointments.command()
@number
@click.argument("slug", type=NAME)
@click.argument("starts", metavar="TIME...", nargs=-1, required=True, type=WallTime())
def offer(number: int, slug: str, starts: tuple[datetime, ...]) -> None:
    """Offer the patient of the request NUMBER other times with practitioner SLUG, such as 2026-11-24T09:30."""
    person = _practitioner(slug)
    times = [(person, _instant(at)) for at in starts]
    _change(number, "offered other times for", requests.offer, times=times)


def _change(number: int, action: str, verb, **words) -> None:
    with database.transaction():
        appointment = db.session.get(Appointment, number)
        if appointment is None:
            raise click.ClickException(f"There is no appointment {number}.")
        try:
            verb(appointment, **words)
        except refusals.Refused as refusal:
            at = clock.format_when(refusal.args[0] if refusal.args else appointment.starts_at)
            raise click.ClickException(REFUSALS.get(type(refusal), "That cannot be done.").format(at)) from None
        audit.record(action, by=None, kind="appointment", id=number)
    click.echo(_line(appointment))


def _line(appointment: Appointment) -> str:
    parts = (appointment.service.name, appointment.practitioner.name, appointment.name)
    when, standing = clock.format_when(appointment.starts_at), appointment.standing_in_words.lower()
    return f"{appointment.id}  {when}  {standing}  {', '.join(parts)}"


@practitioners.command("list")
def list_practitioners() -> None:
    """Those who work at the clinic, by slug."""
    lines = [f"{person.slug}  {person.name}" for person in profiles.practitioners()]
    click.echo("\n".join(lines) or none_found("practitioners"))


@practitioners.command()
@click.argument("slug", type=NAME)
@click.option("--names/--initials", default=None, help="What the feed shows of patients (initials at first).")
def feed(slug: str, names: bool | None) -> None:
    """Print a new secret calendar address for SLUG; the old one stops working."""
    with database.transaction():
        person = _practitioner(slug)
        if names is not None:
            person.feed_shows_names = names
        url = links.new_feed_url(person)
        audit.record("renewed the calendar address of", by=None, kind="practitioner", id=person.id)
    click.echo(url)


@practitioners.command("off")
@click.argument("slug", type=NAME)
@click.argument("start", metavar="START", type=Day())
@click.argument("end", metavar="END", type=Day())
@click.option("--reason", default="", type=WORDS, help="Why; in staff's calendar.")
def time_off(slug: str, start: tuple[date, time | None], end: tuple[date, time | None], reason: str) -> None:
    """SLUG is away from START to END, clinic's time; SLUG "all" closes the clinic.

    Both are days (2026-12-24), or days with a time (2026-12-24T13:00). A day as END is the last day off.
    Appointments in that time stay, and are listed.
    """
    period = _period(start, end)
    with database.transaction():
        person = None if slug == "all" else _practitioner(slug)
        stranded = stranding.by_absence(period, practitioner=person)
        told = f"{person.name if person else 'The clinic'} is {'away' if person else 'closed'}"
        if _is_off(person, period):
            raise click.ClickException(f"{told} then already: {clock.format_period(*period)}.")
        if person is None:
            closure = hours.close_clinic(period, reason=reason)
            audit.record("closed the clinic", by=None, kind="closure", id=closure.id)
        else:
            hours.take_time_off(person, period, reason=reason)
            audit.record("added time off to", by=None, kind="practitioner", id=person.id)
        still_there = [f"Still there: {_line(appointment)}" for appointment in stranded]
    for line in (f"{told}: {clock.format_period(*period)}.", *still_there):
        click.echo(line)


def _period(start: tuple[date, time | None], end: tuple[date, time | None]) -> Period:
    """What lies between them; an end without a time is the end of its day."""
    (first, starts), (last, ends) = start, end
    _check_year(first, last)
    until = clock.instant_of(last + ONE_DAY) if ends is None else clock.instant_of(last, ends)
    period = Period(clock.instant_of(first, starts or time.min), until)
    if period.start >= period.end:
        raise click.ClickException("END should be later than START.")
    if period.end <= clock.now():
        raise click.ClickException(f"That is over already: {clock.format_period(*period)}.")
    return period


def _is_off(person: Practitioner | None, period: Period) -> bool:
    there = hours.exceptions_of(person)
    return any(one.kind != "extra_hours" and one.period == period for one in there)


def _instant(at: datetime) -> datetime:
    """The instant of a time on the clinic's clocks."""
    _check_year(at)
    return clock.instant_of(at.date(), at.time())


def _check_year(*days: date) -> None:
    """End the command for years at the edges of the calendar, whose days have no instants in UTC."""
    if not all(2000 <= day.year <= 2199 for day in days):
        raise click.ClickException("The year should be from 2000 to 2199.")


def _practitioner(slug: str):
    try:
        return profiles.practitioner(slug)
    except profiles.NotFound:
        raise click.ClickException(f"There is no practitioner {slug!r}.") from None
