"""Tables of booking: practitioners, services, hours and their exceptions, appointments."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

from markupsafe import Markup
from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, func, or_, select
from sqlalchemy.ext.hybrid import hybrid_method
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from .. import clock
from ..extensions import Base
from ..keys.encryption import SealedString, SealedWords
from ..lists.records import is_nowhere
from ..pictures import media
from ..times.kept_weeks import KeptWeek
from ..times.periods import Period
from ..types import UTCDateTime, partial_index
from .urgency import Urgency

UPCOMING = ("requested", "booked")  # the statuses of what is still to come
# An appointment with one of these statuses keeps its time: nobody else can have it.
HOLDS_ITS_TIME = ("requested", "booked", "fulfilled")
HOLDS_ITS_TIME_SQL = "status IN ('requested', 'booked', 'fulfilled')"
GIVEN_UP_SQL = "status IN ('cancelled', 'noshow')"
# How an appointment stands, in words for staff, by `Appointment.standing`.
STANDINGS = {
    "requested": "To confirm",
    "offered": "Times offered",
    "booked": "Booked",
    "fulfilled": "Arrived",
    "noshow": "No-show",
    "cancelled": "Cancelled",
}
WORDS_OF_CHANGES = ("override",)  # what somebody wrote, in how an appointment stood


class Practitioner(Base):
    """Someone who sees patients. Whom appointments name is never deleted: `left_on` is the last day they work."""

    __tablename__ = "practitioners"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str] = mapped_column(default="")
    bio: Mapped[str] = mapped_column(default="")  # as written
    bio_as_html: Mapped[str] = mapped_column(default="")  # safe HTML, made when saved
    photo: Mapped[str] = mapped_column(default="")  # a file's name in instance/media
    photo_alt: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None]  # where notices of their appointments go
    position: Mapped[int] = mapped_column(default=0)
    left_on: Mapped[date | None]
    feed_token_hash: Mapped[str | None] = mapped_column(unique=True)
    feed_shows_names: Mapped[bool] = mapped_column(default=False)

    hours: Mapped[list["WorkingHours"]] = relationship(
        order_by="WorkingHours.weekday, WorkingHours.starts", cascade="all, delete-orphan"
    )
    services: Mapped[list["Service"]] = relationship(
        secondary="offerings", back_populates="practitioners", order_by="Service.position, Service.id"
    )

    @hybrid_method
    def works_on(self, day: date) -> bool:
        """Whether they work at the clinic until that day or longer; in queries too."""
        return self.left_on is None or self.left_on >= day

    @works_on.inplace.expression
    @classmethod
    def _works_on(cls, day) -> ColumnElement[bool]:
        return or_(cls.left_on.is_(None), cls.left_on >= day)

    @property
    def bio_html(self) -> Markup:
        return Markup(self.bio_as_html)  # noqa: S704  made safe before it was stored

    @property
    def photo_url(self) -> str | None:
        return media.url(self.photo)


class Service(Base):
    """What can be booked. Columns that are null follow the clinic's settings.

    What appointments name is never deleted, but retired.
    """

    __tablename__ = "services"
    __table_args__ = (
        # Availability reads one day further back than asked for, and no more: see `appointments_end_within_a_day`.
        CheckConstraint("minutes BETWEEN 5 AND 720", "services_have_a_sensible_length"),
        CheckConstraint("gap_minutes BETWEEN 0 AND 240", "gaps_have_a_sensible_length"),
        CheckConstraint("price_cents >= 0", "prices_are_not_negative"),
        CheckConstraint("confirm IN ('instant', 'staff')", "services_are_confirmed_in_a_known_way"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    minutes: Mapped[int]
    price_cents: Mapped[int]
    description: Mapped[str] = mapped_column(default="")  # as written
    description_as_html: Mapped[str] = mapped_column(default="")  # safe HTML, made when saved
    first_visit: Mapped[bool] = mapped_column(default=False)
    confirm: Mapped[str] = mapped_column(default="instant")
    gap_minutes: Mapped[int | None]
    notice_minutes: Mapped[int | None]
    horizon_days: Mapped[int | None]
    cutoff_hours: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
    retired: Mapped[bool] = mapped_column(default=False)

    practitioners: Mapped[list[Practitioner]] = relationship(
        secondary="offerings", back_populates="services", order_by="Practitioner.position, Practitioner.id"
    )

    @property
    def description_html(self) -> Markup:
        return Markup(self.description_as_html)  # noqa: S704  made safe before it was stored


class Offering(Base):
    """A practitioner offers a service."""

    __tablename__ = "offerings"

    practitioner_id: Mapped[int] = mapped_column(
        ForeignKey("practitioners.id", ondelete="CASCADE"), primary_key=True
    )
    service_id: Mapped[int] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class WorkingHours(Base):
    """A period of a practitioner's week, in wall-clock time of the clinic's zone.

    Hours that end at or before their start end on the next day (18:00 to 02:00; 00:00 to 00:00 is the whole day).
    """

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", "weekdays_are_monday_0_to_sunday_6"),
        UniqueConstraint("practitioner_id", "weekday", "starts", name="hours_are_said_once"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]


class HoursException(Base):
    """A dated exception: a practitioner's time off or extra hours, or a closure of the whole clinic."""

    __tablename__ = "hours_exceptions"
    __table_args__ = (
        CheckConstraint("kind IN ('time_off', 'extra_hours', 'closure')", "exceptions_are_of_a_known_kind"),
        CheckConstraint("(kind = 'closure') = (practitioner_id IS NULL)", "closures_are_the_whole_clinics"),
        CheckConstraint("starts_at < ends_at", "exceptions_start_before_they_end"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int | None] = mapped_column(
        ForeignKey("practitioners.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    reason: Mapped[str] = mapped_column(default="")

    @property
    def period(self) -> Period:
        return Period(self.starts_at, self.ends_at)


def new_uid() -> str:
    """A new appointment's UID: a UUID, as RFC 7986 (5.3) recommends."""
    return str(uuid4())


class Appointment(Urgency, Base):
    """One appointment for its whole life, through every move.

    `starts_at` to `busy_until` (its end and the gap after it) is the practitioner's busy period, half-open.
    The migration adds `appointments_do_not_overlap`: an exclusion constraint in PostgreSQL, triggers in SQLite.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint(
            "status IN ('requested', 'booked', 'fulfilled', 'cancelled', 'noshow')",
            "appointments_have_a_known_status",
        ),
        CheckConstraint("starts_at < ends_at AND ends_at <= busy_until", "starts_before_it_ends"),
        CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", "patients_can_be_reached"),
        UniqueConstraint("nonce", name="one_appointment_for_each_form"),
        partial_index("ix_appointments_busy", "practitioner_id", "starts_at", where=HOLDS_ITS_TIME_SQL),
        partial_index("ix_appointments_given_up", "practitioner_id", where=GIVEN_UP_SQL),
        Index("ix_appointments_status_starts_at", "status", "starts_at"),
        Index("ix_appointments_starts_at", "starts_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True, default=new_uid)
    sequence: Mapped[int] = mapped_column(default=0)  # RFC 5546: grows with each change that calendars must follow
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), index=True)
    status: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    busy_until: Mapped[datetime] = mapped_column(UTCDateTime)

    name: Mapped[str]
    email: Mapped[str | None]
    email_key: Mapped[str | None] = mapped_column(index=True)  # in lower case, to find a person by
    phone: Mapped[str | None] = mapped_column(index=True)  # E.164
    is_new: Mapped[bool] = mapped_column(default=False)
    birth_year: Mapped[int | None]  # of a patient under age, where staff noted it: their records are kept longer
    note: Mapped[str] = mapped_column(SealedString, default="")
    notice_version: Mapped[str] = mapped_column(default="")  # of the privacy notice that was shown

    token_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256 of the secret in the link to manage it
    nonce: Mapped[str | None]
    enquiry_id: Mapped[int | None] = mapped_column(ForeignKey("enquiries.id", ondelete="SET NULL"), index=True)
    made_by: Mapped[str]  # "patient" or "staff"
    price_cents: Mapped[int] = mapped_column(server_default="0")  # as told when it was made
    override: Mapped[str | None] = mapped_column(SealedString)  # why staff put it outside hours, where they did
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    first_booked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # since then its practitioner knows
    told_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)  # when its time was set or told last
    reminded_of: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the start that the last reminder named
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancelled_by: Mapped[str | None]
    cancel_reason: Mapped[str] = mapped_column(SealedString, default="")

    practitioner: Mapped[Practitioner] = relationship(lazy="joined", innerjoin=True)
    service: Mapped[Service] = relationship(lazy="joined", innerjoin=True)
    offered: Mapped[list["OfferedTime"]] = relationship(
        order_by="OfferedTime.starts_at", cascade="all, delete-orphan", back_populates="appointment"
    )

    @property
    def period(self) -> Period:
        """From its start to its end, without the gap after it."""
        return Period(self.starts_at, self.ends_at)

    @property
    def minutes(self) -> int:
        """How long it takes, whatever its service takes by now."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)

    @property
    def is_upcoming(self) -> bool:
        """Whether it is still to come, requested or booked, and somebody's."""
        return self.status in UPCOMING and not self.is_anonymous

    @property
    def reachable_email(self) -> str | None:
        """Where its patient reads mail; None where they gave no address, or are nobody any more."""
        return None if self.is_anonymous else self.email

    @property
    def standing(self) -> str:
        """Its status; "offered" for a request that waits for its patient: see `requests.waiting`."""
        is_offered = self.status == "requested" and self.last_offered and self.last_offered > clock.now()
        return "offered" if is_offered else self.status

    @property
    def standing_in_words(self) -> str:
        """For staff."""
        return STANDINGS[self.standing]

    @property
    def is_anonymous(self) -> bool:
        """Whether it is nobody's any more: `privacy.anonymise`."""
        return is_nowhere(self.email)


class OfferedTime(Base):
    """Another time that staff offered in answer to a request. It is not held: first come, first served."""

    __tablename__ = "offered_times"

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"), index=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    appointment: Mapped[Appointment] = relationship(back_populates="offered")
    practitioner: Mapped[Practitioner] = relationship(lazy="joined", innerjoin=True)


# The last of an appointment's offered times as it was read, so that lists need no query for each.
Appointment.last_offered = column_property(
    select(func.max(OfferedTime.starts_at)).where(OfferedTime.appointment_id == Appointment.id).scalar_subquery()
)


class AppointmentChange(Base):
    """What was done to an appointment, by whom, how it stood before and after: history, and what undoing needs.

    `before` is null for its making. `undo_until` is null where undoing is not offered: to patients, to commands.
    """

    __tablename__ = "appointment_changes"
    __table_args__ = (CheckConstraint("done_by IN ('patient', 'staff')", "changes_are_made_by_patients_or_staff"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    what: Mapped[str]  # "moved"
    done_by: Mapped[str]
    member_id: Mapped[int | None]  # the number of a member of staff, as accounts know them
    member_name: Mapped[str] = mapped_column(default="")  # as it was then
    before: Mapped[dict | None] = mapped_column(SealedWords(*WORDS_OF_CHANGES, none_as_null=True))
    after: Mapped[dict] = mapped_column(SealedWords(*WORDS_OF_CHANGES))
    mail_ids: Mapped[list] = mapped_column(JSON)
    given_up_ids: Mapped[list] = mapped_column(JSON, server_default="[]")  # earlier mails, of what held no longer
    reminder_taken_back: Mapped[bool] = mapped_column(default=False)
    undo_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undone_by: Mapped[str] = mapped_column(default="")

    appointment: Mapped[Appointment] = relationship()


class AppointmentWeek(KeptWeek, Base):
    """A past week's appointments: how many had which status, and [hour of the week, how many started in it]."""

    __tablename__ = "appointment_weeks"

    statuses: Mapped[dict[str, int]] = mapped_column(JSON)
    hours: Mapped[list[list[int]]] = mapped_column(JSON)
