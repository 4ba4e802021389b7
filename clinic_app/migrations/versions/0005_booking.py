"""Tables of booking, and the rule that no practitioner is booked twice.

Revision ID: 0005_booking
Revises: "0004_testimonials"
"""

import sqlalchemy as sa
from alembic import op

from clinic_app.types import UTCDateTime

revision = "0005_booking"
down_revision = "0004_testimonials"
branch_labels = None
depends_on = None

HOLDS_ITS_TIME = "status IN ('requested', 'booked', 'fulfilled')"

# int4range and tstzrange need no extension, unlike `practitioner_id WITH =` in a GiST index.
POSTGRESQL_RULES = f"""
    ALTER TABLE appointments
    ADD CONSTRAINT appointments_end_within_a_day CHECK (busy_until <= starts_at + interval '24 hours'),
    ADD CONSTRAINT appointments_do_not_overlap EXCLUDE USING gist (
        int4range(practitioner_id, practitioner_id, '[]') WITH &&,
        tstzrange(starts_at, busy_until) WITH &&
    ) WHERE ({HOLDS_ITS_TIME})
"""  # noqa: S608

# SQLite keeps instants as text, which compares rightly only in the one form that the program writes.
# An appointment is at most a day long, so the search looks one day back and not through all of history.
SQLITE_RULE = f"""
    CREATE TRIGGER appointments_do_not_overlap_on_{{event}}
    BEFORE {{event}} ON appointments
    BEGIN
        SELECT RAISE(ABORT, 'appointments_are_written_in_one_form')
        WHERE EXISTS (
            SELECT 1 FROM (SELECT NEW.starts_at AS t UNION ALL SELECT NEW.ends_at UNION ALL SELECT NEW.busy_until)
            WHERE t IS NOT strftime('%Y-%m-%d %H:%M:%f', t) || '000'
        );
        SELECT RAISE(ABORT, 'appointments_end_within_a_day')
        WHERE NEW.busy_until > strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '+1 day') || '000';
        SELECT RAISE(ABORT, 'appointments_do_not_overlap')
        WHERE NEW.{HOLDS_ITS_TIME} AND EXISTS (
            SELECT 1 FROM appointments
            WHERE practitioner_id = NEW.practitioner_id
            AND {HOLDS_ITS_TIME}
            AND starts_at < NEW.busy_until
            AND starts_at > strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '-1 day')
            AND busy_until > NEW.starts_at
            AND id IS NOT {{itself}}
        );
    END
"""  # noqa: S608


def upgrade() -> None:
    _people_and_services()
    _hours()
    _appointments()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL_RULES)
    else:
        op.execute(SQLITE_RULE.format(event="INSERT", itself="NULL"))
        op.execute(SQLITE_RULE.format(event="UPDATE", itself="OLD.id"))


def _people_and_services() -> None:
    op.create_table(
        "practitioners",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("slug", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("bio", sa.String, nullable=False),
        sa.Column("bio_as_html", sa.String, nullable=False),
        sa.Column("photo", sa.String, nullable=False),
        sa.Column("photo_alt", sa.String, nullable=False),
        sa.Column("email", sa.String),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("left_on", sa.Date),
        sa.Column("feed_token_hash", sa.String),
        sa.Column("feed_shows_names", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_practitioners"),
        sa.UniqueConstraint("slug", name="uq_practitioners_slug"),
        sa.UniqueConstraint("feed_token_hash", name="uq_practitioners_feed_token_hash"),
    )
    op.create_table(
        "services",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("slug", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("price_cents", sa.Integer, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("description_as_html", sa.String, nullable=False),
        sa.Column("first_visit", sa.Boolean, nullable=False),
        sa.Column("confirm", sa.String, nullable=False),
        sa.Column("gap_minutes", sa.Integer),
        sa.Column("notice_minutes", sa.Integer),
        sa.Column("horizon_days", sa.Integer),
        sa.Column("cutoff_hours", sa.Integer),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_services"),
        sa.UniqueConstraint("slug", name="uq_services_slug"),
        sa.CheckConstraint("minutes BETWEEN 5 AND 720", "services_have_a_sensible_length"),
        sa.CheckConstraint("gap_minutes BETWEEN 0 AND 240", "gaps_have_a_sensible_length"),
        sa.CheckConstraint("price_cents >= 0", "prices_are_not_negative"),
        sa.CheckConstraint("confirm IN ('instant', 'staff')", "services_are_confirmed_in_a_known_way"),
    )
    op.create_table(
        "offerings",
        sa.Column("practitioner_id", sa.Integer, nullable=False),
        sa.Column("service_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("practitioner_id", "service_id", name="pk_offerings"),
        _practitioner_key("offerings", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], "fk_offerings_service_id_services", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_offerings_service_id", "offerings", ["service_id"])


def _hours() -> None:
    op.create_table(
        "working_hours",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("practitioner_id", sa.Integer, nullable=False),
        sa.Column("weekday", sa.Integer, nullable=False),
        sa.Column("starts", sa.Time, nullable=False),
        sa.Column("ends", sa.Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_working_hours"),
        _practitioner_key("working_hours", ondelete="CASCADE"),
        sa.UniqueConstraint("practitioner_id", "weekday", "starts", name="hours_are_said_once"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", "weekdays_are_monday_0_to_sunday_6"),
    )
    op.create_table(
        "hours_exceptions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("practitioner_id", sa.Integer),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("starts_at", UTCDateTime, nullable=False),
        sa.Column("ends_at", UTCDateTime, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hours_exceptions"),
        _practitioner_key("hours_exceptions", ondelete="CASCADE"),
        sa.CheckConstraint("kind IN ('time_off', 'extra_hours', 'closure')", "exceptions_are_of_a_known_kind"),
        sa.CheckConstraint("(kind = 'closure') = (practitioner_id IS NULL)", "closures_are_the_whole_clinics"),
        sa.CheckConstraint("starts_at < ends_at", "exceptions_start_before_they_end"),
    )
    op.create_index("ix_hours_exceptions_practitioner_id", "hours_exceptions", ["practitioner_id"])
    op.create_index("ix_hours_exceptions_ends_at", "hours_exceptions", ["ends_at"])


def _appointments() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("uid", sa.String, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("practitioner_id", sa.Integer, nullable=False),
        sa.Column("service_id", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("starts_at", UTCDateTime, nullable=False),
        sa.Column("ends_at", UTCDateTime, nullable=False),
        sa.Column("busy_until", UTCDateTime, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("email", sa.String),
        sa.Column("email_key", sa.String),
        sa.Column("phone", sa.String),
        sa.Column("is_new", sa.Boolean, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("notice_version", sa.String, nullable=False),
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("nonce", sa.String),
        sa.Column("enquiry_id", sa.Integer),
        sa.Column("made_by", sa.String, nullable=False),
        sa.Column("override", sa.String),
        sa.Column("created_at", UTCDateTime, nullable=False),
        sa.Column("told_at", UTCDateTime, nullable=False),
        sa.Column("reminded_of", UTCDateTime),
        sa.Column("cancelled_at", UTCDateTime),
        sa.Column("cancelled_by", sa.String),
        sa.Column("cancel_reason", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_appointments"),
        _practitioner_key("appointments"),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], "fk_appointments_service_id_services"),
        sa.ForeignKeyConstraint(
            ["enquiry_id"], ["enquiries.id"], "fk_appointments_enquiry_id_enquiries", ondelete="SET NULL"
        ),
        sa.UniqueConstraint("uid", name="uq_appointments_uid"),
        sa.UniqueConstraint("token_hash", name="uq_appointments_token_hash"),
        sa.UniqueConstraint("nonce", name="one_appointment_for_each_form"),
        sa.CheckConstraint(
            "status IN ('requested', 'booked', 'fulfilled', 'cancelled', 'noshow')",
            "appointments_have_a_known_status",
        ),
        sa.CheckConstraint("starts_at < ends_at AND ends_at <= busy_until", "starts_before_it_ends"),
        sa.CheckConstraint("email IS NOT NULL OR phone IS NOT NULL", "patients_can_be_reached"),
    )
    for column in ("service_id", "email_key", "phone", "enquiry_id"):
        op.create_index(f"ix_appointments_{column}", "appointments", [column])
    op.create_index("ix_appointments_status_starts_at", "appointments", ["status", "starts_at"])
    where = sa.text(HOLDS_ITS_TIME)
    op.create_index(
        "ix_appointments_busy",
        "appointments",
        ["practitioner_id", "starts_at"],
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_table(
        "offered_times",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("appointment_id", sa.Integer, nullable=False),
        sa.Column("practitioner_id", sa.Integer, nullable=False),
        sa.Column("starts_at", UTCDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_offered_times"),
        _practitioner_key("offered_times"),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            "fk_offered_times_appointment_id_appointments",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_offered_times_appointment_id", "offered_times", ["appointment_id"])


def _practitioner_key(table: str, **options) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_practitioner_id_practitioners"
    return sa.ForeignKeyConstraint(["practitioner_id"], ["practitioners.id"], name, **options)


def downgrade() -> None:
    for table in (
        "offered_times",
        "appointments",
        "hours_exceptions",
        "working_hours",
        "offerings",
        "services",
        "practitioners",
    ):
        op.drop_table(table)
