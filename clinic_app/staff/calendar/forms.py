"""Forms of the calendar and of appointments; each turns what is typed into values of the domain."""

from datetime import datetime, time, timedelta

from wtforms import BooleanField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from ... import clock
from ...booking import hours
from ...booking.appointments import Patient
from ...booking.models import Practitioner, Service
from ...checks import DAYS
from ...times.periods import ONE_DAY, Period, on_the_wall
from ...web.fields import AtMost, EmailAddress, LineField, PhoneField, PhoneNumber, Required, TextField
from ..contact_form import ONE_OF_TWO
from ..forms import OnceForm, ReachableForm, StaffForm
from ..meanwhile import ChangeForm
from .fields import DayField, PeriodsField, TimeField

REASON_LENGTH = 500
NOTE_LENGTH = 500
MOST_DAYS = timedelta(days=92)  # of extra hours at once: a slip of the year must not fill the calendar
LATER_THAT_DAY = "Choose an end that is later than the start. Add hours after midnight on the next day"


class PeopleForm(StaffForm):
    """A form with a practitioner in it, out of those that the member may choose from."""

    practitioner = SelectField("With", validate_choice=False)

    def offer_people(self, people: list[Practitioner], *, anyone: bool) -> None:
        """The practitioners to choose from, by slug."""
        choices = [SelectChoice("", "Whoever is free first")] if anyone and len(people) > 1 else []
        self.practitioner.choices = choices + [SelectChoice(person.slug, person.name) for person in people]
        self.people = {person.slug: person for person in people}

    def validate_practitioner(self, field):
        if (field.data or "") not in [choice.value for choice in field.choices]:
            raise ValidationError("Choose a practitioner from the list")

    @property
    def who(self) -> Practitioner | None:
        return self.people.get(self.practitioner.data or "")


class TimeForm(PeopleForm):
    """A day and a time, with whom, and why it may be outside hours."""

    day = DayField("Day", noun="the day")
    at = TimeField("Time", noun="the time")
    second_pass = HiddenField()  # of a time that clocks show twice, when they go back
    override = LineField(
        "Why it is outside hours",
        [AtMost(REASON_LENGTH, "the reason")],
        description="Only needed for a time outside hours. It is kept with the appointment.",
    )
    tell = BooleanField("Email the patient")

    @property
    def starts_at(self) -> datetime | None:
        """The instant, once both day and time could be read."""
        if self.day.data is None or self.at.data is None:
            return None
        return clock.instant_of(self.day.data, self.at.data.replace(fold=bool(self.second_pass.data)))

    def set_start(self, instant: datetime) -> None:
        at = clock.local(instant)
        self.day.put(at.date())
        self.at.put(at.time())
        self.second_pass.data = "1" if at.fold else ""


class OutsideForm(StaffForm):
    """Accepting a request or leaving what is booked as it is, and why though it is outside hours by now."""

    override = TimeForm.override


class BookForm(OnceForm, TimeForm, ReachableForm):
    """An appointment for someone who called or stands at the desk."""

    begins_with = "service"
    service = SelectField("Service", validate_choice=False)
    name = LineField("Full name", [Required("their full name"), AtMost(200, "the name")])
    phone = PhoneField("Phone number", [AtMost(40, "the phone number"), PhoneNumber()], description=ONE_OF_TWO)
    email = LineField("Email address", [AtMost(254, "the email address"), EmailAddress()], description=ONE_OF_TWO)
    is_new = BooleanField("This is their first visit")
    note = TextField(
        "Note (optional)",
        [AtMost(NOTE_LENGTH, "the note")],
        description="Anyone who can see the appointment sees the note. Keep clinical details in the record.",
    )
    enquiry = HiddenField()

    def offer_services(self, services: list[Service]) -> None:
        """The services to choose from, by slug."""
        self.services = {service.slug: service for service in services}
        self.service.choices = [SelectChoice(one.slug, f"{one.name}, {one.minutes} min") for one in services]

    def leave_service_open_unless_known(self) -> None:
        """A service that is none of these is to be chosen: the first of the list is not meant by it."""
        if self.service.data not in self.services:
            self.service.choices.insert(0, SelectChoice("", "Choose a service"))

    def validate_service(self, field):
        if field.data not in self.services:
            raise ValidationError("Choose a service")

    def patient(self) -> Patient:
        return Patient(
            name=self.name.data,
            email=self.email.data or None,
            phone=self.phone.data or None,
            is_new=self.is_new.data,
            note=self.note.data,
        )


class EndForm(StaffForm):
    """Cancelling an appointment or declining a request."""

    reason = TextField(
        "Reason (optional)",
        [AtMost(REASON_LENGTH, "the reason")],
        description="The patient can read it.",
    )
    tell = BooleanField("Email the patient")


class WeekForm(ChangeForm):
    """A practitioner's week, a line for each day."""

    @classmethod
    def of(cls, practitioner: Practitioner, **options) -> "WeekForm":
        """The form with the practitioner's hours, or with what was sent (not so with `formdata=None`)."""
        week = hours.weekly([practitioner])[practitioner.id]
        return cls(data={day: week[n] for n, day in enumerate(DAYS)}, **options)

    def week(self) -> dict[int, list[tuple[time, time]]]:
        return {n: self[day].data or [] for n, day in enumerate(DAYS)}


for _day in DAYS:
    _hours = PeriodsField(_day.capitalize(), noun=f"the hours of {_day.capitalize()}", optional=True)
    setattr(WeekForm, _day, _hours)


class PeriodForm(OnceForm):
    """From a day and perhaps a time to a day and perhaps a time; whole days where no time is given."""

    first = DayField("First day", noun="the first day")
    starts = TimeField(
        "From (optional)", noun="the time", optional=True, description="Left empty: from the start of the day."
    )
    last = DayField(
        "Last day (optional)", noun="the last day", optional=True, description="Left empty: the same day."
    )
    ends = TimeField(
        "Until (optional)",
        noun="the time",
        optional=True,
        description="Left empty, or midnight: to the end of the day.",
    )
    reason = LineField("Reason (optional)", [AtMost(200, "the reason")])

    def validate(self, extra_validators=None) -> bool:
        return super().validate(extra_validators) and self._is_in_order() and self._is_to_come()

    def _is_in_order(self) -> bool:
        if self.period().start < self.period().end:
            return True
        self.last.errors = ["Choose an end that is later than the start"]
        return False

    def _is_to_come(self) -> bool:
        if self.period().end > clock.now():
            return True
        self.first.errors = ["Choose a day that is not over yet"]
        return False

    def period(self) -> Period:
        """Its instants; the last day is part of it."""
        last = self.last.data or self.first.data
        start = clock.instant_of(self.first.data, self.starts.data or time.min)
        if self.ends.data is None or self.ends.data == time.min:  # midnight ends the day
            return Period(start, clock.instant_of(last + ONE_DAY))
        return Period(start, clock.instant_of(last, self.ends.data))


class ExceptionForm(PeriodForm):
    """Time off of a practitioner, without a break, or extra hours, on each of the days."""

    begins_with = "kind"
    kind = SelectField(
        "What",
        choices=[SelectChoice("time_off", "Time off"), SelectChoice("extra_hours", "Extra hours")],
        validate_choice=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field, label in ((self.starts, "From"), (self.ends, "Until")):
            field.label.text = label
            field.description += " Extra hours need a time."

    def validate_kind(self, field):
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError("Choose time off or extra hours")

    def validate_starts(self, field):
        if self.is_extra and field.data is None:
            raise ValidationError("Enter the time at which the extra hours of each day start")

    def validate_ends(self, field):
        if self.is_extra and field.data is None:
            raise ValidationError("Enter the time at which the extra hours of each day end")

    @property
    def is_extra(self) -> bool:
        return self.kind.data == "extra_hours"

    def daily(self) -> list[Period]:
        """The extra hours of each day, in order, but for a day on which clocks skip them."""
        first, starts, ends = self.first.data, self.starts.data, self.ends.data
        days = [first + n * ONE_DAY for n in range(((self.last.data or first) - first).days + 1)]
        periods = [on_the_wall(day, starts, ends, clock.zone()) for day in days]
        return [period for period in periods if period.start < period.end]

    def _is_in_order(self) -> bool:
        if not self.is_extra:
            return super()._is_in_order()
        days_after = (self.last.data or self.first.data) - self.first.data
        if not timedelta(0) <= days_after < MOST_DAYS:
            self.last.errors = [f"Choose a last day within {MOST_DAYS.days} days, the first among them"]
        elif self.ends.data <= self.starts.data and self.ends.data != time.min:
            self.ends.errors = [LATER_THAT_DAY]
        elif not self.daily():
            self.ends.errors = ["Choose other times: clocks go forward then and skip these"]
        else:
            return True
        return False
